// SPDX-License-Identifier: MIT
// Adds two numbers that are marked in a sequence: a recurrent network that knows the sequences' lengths, beside one of attention.
// Hochreiter and Schmidhuber, "Long short-term memory" (1997), section 5.4.
#include <cstdint>
#include <cstdio>
#include <exception>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <fovea/backends/xtensor.hpp>
#include <fovea/fovea.hpp>

#include "fraud/plots/gnuplot.hpp"

constexpr std::size_t steps = 24, shortest = 8;

struct sequences {
  xt::xtensor<float, 3> x;      // (rows, steps, 2): a number in [0, 1), and 1 if it is to be added
  xt::xtensor<int, 2> lengths;  // (rows, 1): the steps that count; the rest is 0
  xt::xtensor<float, 2> y;      // (rows, 1): the sum
};

/// Returns the sequences from number `first` on.
sequences make(std::size_t first, std::size_t rows) {
  sequences all{xt::zeros<float>({rows, steps, std::size_t{2}}), xt::empty<int>({rows, std::size_t{1}}),
                xt::zeros<float>({rows, std::size_t{1}})};
  for (std::size_t i = 0; i != rows; ++i) {
    auto const below = [&](std::size_t n, std::uint32_t what, std::size_t k = 0) {  // a number in [0, n)
      return static_cast<float>(n) *
             fovea::uniform<float>(/*seed*/ 0, fovea::random_stream::user, what, (first + i) * steps + k);
    };
    auto const length = shortest + static_cast<std::size_t>(below(steps - shortest + 1, 0));
    auto const one = static_cast<std::size_t>(below(length, 1));
    auto const other = (one + 1 + static_cast<std::size_t>(below(length - 1, 2))) % length;
    all.lengths(i, 0) = static_cast<int>(length);
    for (std::size_t t = 0; t != length; ++t) all.x(i, t, 0) = below(1, 3, t);
    for (auto const t : {one, other}) {
      all.x(i, t, 1) = 1;
      all.y(i, 0) += all.x(i, t, 0);
    }
  }
  return all;
}

/// Draws the curves of the validation loss, by gnuplot.
void plot(std::vector<double> const& recurrent, std::vector<double> const& attentive, double guessed,
          std::string const& png) {
  std::ostringstream to;
  to << "set terminal pngcairo size 800,500 font 'Sans,11'\n"
        "set title 'Adding two marked numbers of a sequence'\nset xlabel 'epoch'\n"
        "set ylabel 'mean squared error on the validation set'\nset logscale y\nset grid\n$curves << EOD\n";
  for (std::size_t i = 0; i != recurrent.size(); ++i) to << i + 1 << ' ' << recurrent[i] << ' ' << attentive[i] << '\n';
  to << "EOD\nplot " << guessed
     << " dashtype 2 linecolor rgb '#555555' title 'always the mean', $curves using 1:2 with "
        "linespoints linecolor rgb '#0072B2' title 'gru', $curves using 1:3 with linespoints linecolor rgb '#D55E00' "
        "title 'attention'\n";
  fraud::plots::draw(png, to.str());
  std::printf("curves: %s\n", png.c_str());
}

int main(int argc, char** argv) try {
  std::string png;
  if (argc == 3 && std::string_view(argv[1]) == "--plot") {
    png = argv[2];
  } else if (argc != 1) {
    std::printf("usage: 09_sequences [--plot curves.png]\n");
    return std::string_view(argv[1]) == "--help" || std::string_view(argv[1]) == "-h" ? 0 : 2;
  }
  fovea::xtensor_backend const backend;
  auto const train = make(0, 4000), validation = make(4000, 1000);
  double guessed = 0;
  for (float const y : validation.y) guessed += (y - 1) * (y - 1) / 1000.0;
  std::printf("always the mean: mean squared error %.4f\n", guessed);

  auto const losses_of = [&](char const* name, auto const& net, auto const& data, auto const& held_out) {
    fovea::trainer trainer{
        backend, net, fovea::mean_squared_error{}, fovea::adam{.learning_rate = 5e-3}, {.batch_size = 64, .seed = 1}};
    std::printf("\n%s, %zu parameters\n", name, fovea::parameter_count(net));
    auto const history = trainer.fit(data, {.epochs = 20, .validation = &held_out}, fovea::progress{});
    std::vector<double> losses;
    for (auto const& epoch : history) losses.push_back(*epoch.validation_loss);
    std::printf("mean squared error %.5f\n", losses.back());
    return losses;
  };

  // The second input is the lengths: the last state is that of the last step that counts.
  constexpr fovea::sequential recurrent{fovea::parallel{fovea::input<steps, 2>{}, fovea::input<1>{}},
                                        fovea::gru<2, 24, fovea::hidden_states::last>{}, fovea::linear<24, 1>{}};
  auto const with_lengths = [&](sequences const& s) { return fovea::dataset{backend, std::tie(s.x, s.lengths), s.y}; };
  auto const by_gru = losses_of("gru", recurrent, with_lengths(train), with_lengths(validation));

  // Steps after the last are 0 without a mark, so this network needs no lengths.
  constexpr fovea::sequential block{fovea::layer_norm{}, fovea::multi_head_attention<16>{.heads = 2}};
  constexpr fovea::sequential attentive{fovea::input<steps, 2>{}, fovea::linear<2, 16>{},        fovea::relu{},
                                        fovea::residual{block},   fovea::linear<16, 16>{},       fovea::relu{},
                                        fovea::flatten{},         fovea::linear<steps * 16, 1>{}};
  auto const alone = [&](sequences const& s) { return fovea::dataset{backend, s.x, s.y}; };
  auto const by_attention = losses_of("attention", attentive, alone(train), alone(validation));

  if (!png.empty()) plot(by_gru, by_attention, guessed, png);
  bool const good = by_gru.back() < 0.1 * guessed && by_attention.back() < 0.1 * guessed;
  std::printf("both networks add: their error is %s a tenth of the guess's\n", good ? "below" : "NOT BELOW");
  return good ? 0 : 1;
} catch (std::exception const& e) {
  std::fprintf(stderr, "09_sequences: %s\n", e.what());
  return 2;
}
