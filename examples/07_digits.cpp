// SPDX-License-Identifier: MIT
// Reads digits of 8 x 8 pixels: a convolutional network beside one of linear layers. Without a file of real digits (made by
// make_digits.py), it draws as many itself.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fovea/backends/host.hpp>  // adapts std::vector, too
#include <fovea/backends/xtensor.hpp>
#include <fovea/fovea.hpp>

#include "fraud/plots/gnuplot.hpp"

constexpr std::size_t side = 8, pixels = side * side, classes = 10, drawn_rows = 1797;

/// The digits' strokes, in the order of the classes.
constexpr std::array<std::string_view, classes> strokes{
    "..###... .#...#.. .#...#.. .#...#.. .#...#.. .#...#.. ..###...",
    "...#.... ..##.... ...#.... ...#.... ...#.... ...#.... ..###...",
    "..###... .#...#.. .....#.. ....#... ...#.... ..#..... .#####..",
    "..###... .#...#.. .....#.. ...##... .....#.. .#...#.. ..###...",
    "....#... ...##... ..#.#... .#..#... .#####.. ....#... ....#...",
    ".#####.. .#...... .####... .....#.. .....#.. .#...#.. ..###...",
    "...##... ..#..... .#...... .####... .#...#.. .#...#.. ..###...",
    ".#####.. .....#.. ....#... ...#.... ...#.... ..#..... ..#.....",
    "..###... .#...#.. .#...#.. ..###... .#...#.. .#...#.. ..###...",
    "..###... .#...#.. .#...#.. ..####.. .....#.. ....#... ..##...."};

struct digits {
  xt::xtensor<float, 2> x;  // (rows, 64), from 0 to 1
  std::vector<int> y;
};

/// Returns digits whose strokes are shifted by less than a pixel, slanted, blurred and noisy.
digits draw() {
  digits all{xt::empty<float>({drawn_rows, pixels}), std::vector<int>(drawn_rows)};
  for (std::size_t i = 0; i != drawn_rows; ++i) {
    auto const random = [i](std::uint32_t what, std::size_t k = 0) {  // in [-1, 1)
      return 2 * fovea::uniform<float>(/*seed*/ 0, fovea::random_stream::user, what, i * pixels + k) - 1;
    };
    auto const digit = static_cast<std::size_t>((random(5) + 1) / 2 * classes);
    float const right = random(0), down = 0.8f * random(1), slant = 0.25f * random(2), ink = 0.8f + 0.2f * random(3);
    for (std::size_t k = 0; k != pixels; ++k) {
      // where the pixel lies in the drawing, between four of its pixels
      auto const line = k / side;
      float const row = static_cast<float>(line) - 0.5f - down;
      float const column = static_cast<float>(k % side) - right - slant * (row - 3);
      auto const at = [&](float r, float c) {
        bool const inside = r >= 0 && r < 7 && c >= 0 && c < 8;
        return inside && strokes[digit][static_cast<std::size_t>(r) * 9 + static_cast<std::size_t>(c)] == '#' ? ink
                                                                                                              : 0.0f;
      };
      float const r = std::floor(row), c = std::floor(column), v = row - r, u = column - c;
      float const light =
          (1 - v) * ((1 - u) * at(r, c) + u * at(r, c + 1)) + v * ((1 - u) * at(r + 1, c) + u * at(r + 1, c + 1));
      all.x(i, k) = std::clamp(light + 0.15f * random(4, k), 0.0f, 1.0f);
    }
    all.y[i] = static_cast<int>(digit);
  }
  return all;
}

/// Returns the digits in a file of 64 columns of pixels, from 0 to 16, and the column "class".
digits read(std::filesystem::path const& file) {
  auto const table = fovea::read_csv(file);
  if (table.columns.size() != pixels + 1)
    throw fovea::argument_error(file.string() + ": expected 64 columns of pixels and \"class\"");
  digits all{xt::empty<float>({table.rows(), pixels}), std::vector<int>(table.rows())};
  auto const of = table.column("class");
  for (std::size_t i = 0; i != table.rows(); ++i) {
    if (!(of[i] >= 0 && of[i] < classes && of[i] == std::floor(of[i])))
      throw fovea::argument_error(file.string() + ": row " + std::to_string(i) + " has no class from 0 to 9");
    all.y[i] = static_cast<int>(of[i]);
  }
  std::size_t k = 0;
  for (auto const& name : table.names) {
    if (name == "class") continue;
    auto const values = table.column(name);
    for (std::size_t i = 0; i != table.rows(); ++i) all.x(i, k) = static_cast<float>(values[i] / 16);
    ++k;
  }
  return all;
}

/// Splits the digits by rows: every fifth is held out.
auto split(fovea::xtensor_backend<> const& backend, digits const& all, bool held_out) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i != all.y.size(); ++i)
    if ((i % 5 == 0) == held_out) rows.push_back(i);
  xt::xtensor<float, 2> x = xt::empty<float>({rows.size(), pixels});
  std::vector<int> y(rows.size());
  for (std::size_t r = 0; r != rows.size(); ++r) {
    std::copy_n(&all.x(rows[r], 0), pixels, &x(r, 0));
    y[r] = all.y[rows[r]];
  }
  return fovea::dataset{backend, x, y};
}

void print(fovea::class_confusion const& matrix) {
  std::printf("       predicted\n       ");
  for (std::size_t c = 0; c != classes; ++c) std::printf("%5zu", c);
  for (std::size_t t = 0; t != classes; ++t) {
    std::printf("\n%6zu ", t);
    for (std::size_t c = 0; c != classes; ++c) std::printf("%5zu", matrix(t, c));
  }
  std::printf("\n");
}

/// Draws the matrix as a heat map, by gnuplot.
void plot(fovea::class_confusion const& matrix, std::string const& png) {
  std::ostringstream to;
  to << "set terminal pngcairo size 720,640 font 'Sans,11'\n"
        "set title 'Digits of the held-out rows: convolutional network'\nset xlabel 'predicted'\nset ylabel 'actual'\n"
        "set xtics 1; set ytics 1; set xrange [-0.5:9.5]; set yrange [9.5:-0.5]; set size square\n"
        "set palette defined (0 '#FFFFFF', 1 '#0072B2'); set logscale cb; set cblabel 'rows'\n$counts << EOD\n";
  for (std::size_t t = 0; t != classes; ++t, to << '\n')
    for (std::size_t c = 0; c != classes; ++c) to << c << ' ' << t << ' ' << matrix(t, c) << '\n';
  to << "EOD\nset cbrange [0.5:*]\nplot $counts using 1:2:($3 > 0 ? $3 : 0.5) with image notitle, "
        "$counts using 1:2:($3 > 0 ? sprintf('%d', $3) : '') with labels notitle\n";
  fraud::plots::draw(png, to.str());
  std::printf("heat map: %s\n", png.c_str());
}

int main(int argc, char** argv) try {
  std::string file, png;
  for (int i = 1; i < argc; ++i) {
    std::string_view const argument = argv[i];
    if (argument == "--plot" && i + 1 < argc) png = argv[++i];
    else if (file.empty() && argument.substr(0, 1) != "-") file = argument;
    else {
      std::printf("usage: 07_digits [digits.csv, by make_digits.py] [--plot confusion.png]\n");
      return argument == "--help" || argument == "-h" ? 0 : 2;
    }
  }
  auto const all = file.empty() ? draw() : read(file);
  std::printf("%zu digits, %s\n", all.y.size(), file.empty() ? "drawn" : file.c_str());
  fovea::xtensor_backend const backend;
  auto const train = split(backend, all, false), held_out = split(backend, all, true);

  auto const confusion_of = [&](char const* name, auto const& net) {
    fovea::trainer trainer{backend,
                           net,
                           fovea::softmax_cross_entropy{},
                           fovea::adam{.learning_rate = 3e-3},
                           {.batch_size = 32, .seed = 1}};
    std::printf("\n%s, %zu parameters\n", name, fovea::parameter_count(net));
    trainer.fit(train, {.epochs = 15, .validation = &held_out}, fovea::progress{});
    auto matrix = fovea::class_confusion_matrix(trainer.predict(held_out.features), held_out.targets);
    std::printf("held out: accuracy %.4f, macro F1 %.4f\n", fovea::accuracy(matrix),
                fovea::f1(matrix, fovea::average::macro));
    return matrix;
  };

  constexpr fovea::sequential linear_layers{fovea::linear<pixels, 64>{}, fovea::relu{}, fovea::linear<64, 64>{},
                                            fovea::relu{}, fovea::linear<64, classes>{}};
  // A row of 64 pixels is an image of one channel.
  constexpr fovea::sequential convolutions{fovea::input<pixels>{},
                                           fovea::reshape<1, side, side>{},
                                           fovea::conv2d<1, 16>{.kernel_size = 3, .padding = 1},
                                           fovea::relu{},
                                           fovea::max_pool2d{2},
                                           fovea::conv2d<16, 32>{.kernel_size = 3, .padding = 1},
                                           fovea::relu{},
                                           fovea::max_pool2d{2},
                                           fovea::flatten{},
                                           fovea::linear<32 * 2 * 2, classes>{}};
  auto const plain = confusion_of("linear layers", linear_layers);
  auto const matrix = confusion_of("convolutions", convolutions);
  print(matrix);
  if (!png.empty()) plot(matrix, png);
  bool const good = fovea::accuracy(plain) > 0.9 && fovea::accuracy(matrix) > 0.97;
  std::printf("the convolutional network is right on %s 97 %% of the held-out digits\n",
              good ? "more than" : "NO MORE THAN");
  return good ? 0 : 1;
} catch (std::exception const& e) {
  std::fprintf(stderr, "07_digits: %s\n", e.what());
  return 2;
}
