// SPDX-License-Identifier: MIT
// Runs the C++ programs of docs/from-pytorch.md in a folder with their data and initial weights, and prints what they return:
//
//   docs_from_pytorch FOLDER
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

#include <fovea/io/npy.hpp>

#include FOVEA_PAGE

template <class T, std::size_t Rank> xt::xtensor<T, Rank> read(std::string const& name) {
  auto const from = fovea::read_npy<T>(name + ".npy");
  std::array<std::size_t, Rank> shape{};
  std::copy(from.shape.begin(), from.shape.end(), shape.begin());
  xt::xtensor<T, Rank> to = xt::empty<T>(shape);
  std::copy(from.values.begin(), from.values.end(), to.begin());
  return to;
}

void print(char const* name, double number) { std::printf("%s %.9g\n", name, number); }
void print_all(char const* name, auto const& numbers) {
  for (double const number : numbers) print(name, number);
}

int main(int, char** argv) try {
  std::filesystem::current_path(argv[1]);
  auto const x = read<float, 2>("x");
  auto trainer = classifier_trainer();
  fovea::load(trainer.model(), "classifier.safetensors");
  print("classifier", train_classifier(trainer, x, read<int, 1>("classes")));
  save_classifier(trainer, "of_fovea.safetensors");
  print_all("of_fovea", probabilities("of_fovea.safetensors", x));
  print_all("of_torch", probabilities("of_torch.safetensors", x));

  auto of_images = image_trainer();
  fovea::load(of_images.model(), "image_net.safetensors");
  print("image_net", train_image_net(of_images, read<float, 4>("images"), read<int, 1>("classes")));

  auto of_sequences = sequence_trainer();
  fovea::load(of_sequences.model(), "sequence_net.safetensors");
  print("sequence_net", train_sequence_net(of_sequences, read<float, 3>("sequences"), read<float, 2>("targets")));
} catch (std::exception const& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
