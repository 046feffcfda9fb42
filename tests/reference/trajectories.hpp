// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <unistd.h>

#include <fovea/data/csv.hpp>
#include <fovea/data/dataset.hpp>
#include <fovea/data/split.hpp>
#include <fovea/io/npy.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/binary_cross_entropy.hpp>
#include <fovea/losses/focal_loss.hpp>
#include <fovea/metrics/confusion_matrix.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/training/trainer.hpp>
#include "../tensors.hpp"

/// Compares the published experiment on the real rows with PyTorch.
namespace trajectories {

namespace files = std::filesystem;
using fovea::linear;
using fovea::relu;

inline files::path const shared = FOVEA_SHARED_DIR;
inline constexpr fovea::sequential published{linear<29, 16>{}, relu{},         linear<16, 8>{},
                                             relu{},           linear<8, 1>{}, fovea::sigmoid{}};

/// Returns the real rows, or an empty table if the file or `xz` is missing.
inline fovea::table real_rows() {
  struct temporary {
    files::path path = files::temp_directory_path() / ("fovea_rows_" + std::to_string(::getpid()) + ".csv");
    ~temporary() {
      std::error_code ignored;
      files::remove(path, ignored);
    }
  } const plain;
  auto const packed = shared / "data/creditcard_subset.csv.xz";
  if (!files::exists(packed)) return {};
  if (std::system(("xz -dkc '" + packed.string() + "' > '" + plain.path.string() + "' 2> /dev/null").c_str()) != 0)
    return {};
  return fovea::read_csv(plain.path);
}

/// The rows as the published experiment prepares them, rounded to float32 for every backend.
struct prepared {
  fovea::table test;
  std::vector<std::string> names;

  explicit prepared(fovea::table rows) {
    std::vector<double> log_amount;
    for (auto const amount : rows.column("Amount")) log_amount.push_back(std::log(amount + 0.001));
    rows.set("LogAmount", std::move(log_amount));
    for (int i = 1; i <= 28; ++i) names.emplace_back("V").append(std::to_string(i));
    names.push_back("LogAmount");
    test = fovea::train_test_split(rows, {.test_size = 0.2, .seed = 0}).test;
    for (auto& column : test.columns)
      for (auto& number : column) number = static_cast<float>(number);
  }
};

inline std::vector<double> reference(std::string const& seed, std::string const& name) {
  return fovea::read_npy<double>(shared / "reference" / seed / (name + ".npy")).values;
}

/// Trains two epochs of 96 batches on the test split, without shuffling, and compares the results with PyTorch's.
template <class B, class Loss>
void follows_torch(B const& b, fovea::dataset<B> const& rows, std::string const& seed, std::string const& name,
                   Loss const& loss, fovea::confusion_counts const& expected) {
  INFO(seed << ", " << name);
  auto const losses = reference(seed, "losses_" + name);
  REQUIRE(losses.size() == 192);
  fovea::trainer trainer{b, published, loss, fovea::adam{.learning_rate = 1e-3}, {.batch_size = 128, .shuffle = false}};
  fovea::copy(tensor_from(b, std::array<std::size_t, 1>{625}, reference(seed, "initial_weights")),
              trainer.parameters());
  std::vector<double> relative;
  for (int epoch = 0; epoch != 2; ++epoch)
    trainer.epoch(rows, [&](std::size_t, double value) { relative.push_back(value / losses.at(relative.size())); });
  auto const probabilities = to_vector(trainer.predict(rows.features));
  CHECK(max_difference(relative, std::vector<double>(192, 1.)) < by_precision(b, 1e-5, 1e-9));
  CHECK(max_difference(to_vector(trainer.parameters()), reference(seed, "final_weights_" + name)) <
        by_precision(b, 2e-6, 1e-9));
  CHECK(max_difference(probabilities, reference(seed, "probabilities_" + name)) < by_precision(b, 1e-5, 1e-9));
  CHECK(fovea::confusion_matrix(probabilities, to_vector(rows.targets), 0.5) == expected);
}

/// Runs the comparison on every backend b for which each_backend(follow) calls follow(b). Without the data files, prints
/// a line that says what is missing.
template <class Each> void follow_torch_on(Each const& each_backend) {
  if (!files::exists(shared / "reference/seed0")) {
    std::cout << "skipped: reference trajectories\n";
    return;
  }
  auto rows = real_rows();
  if (rows.rows() == 0) {
    std::cout << "skipped: the real rows, data/creditcard_subset.csv.xz, and xz to unpack them\n";
    return;
  }
  REQUIRE(rows.rows() == 61434);
  prepared const test(std::move(rows));
  each_backend([&](auto const& b) {
    fovea::dataset const data{b, test.test, test.names, "Class"};
    REQUIRE(data.rows() == 12287);
    fovea::focal_loss const focal{.gamma = 4};
    follows_torch(b, data, "seed0", "bce", fovea::binary_cross_entropy{}, {12193, 3, 33, 58});
    follows_torch(b, data, "seed0", "focal", focal, {12193, 3, 26, 65});
    follows_torch(b, data, "seed2", "bce", fovea::binary_cross_entropy{}, {12196, 0, 91, 0});
    follows_torch(b, data, "seed2", "focal", focal, {12193, 3, 46, 45});
  });
}

}  // namespace trajectories
