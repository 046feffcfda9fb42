// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <fovea/layers/activation.hpp>
#include <fovea/layers/dropout.hpp>
#include <fovea/layers/linear.hpp>
#include <fovea/layers/residual.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/training/initialize.hpp>
#include <fovea/training/summary.hpp>

#include "../backends.hpp"

namespace {

using fovea::shape;
namespace init = fovea::init;

template <class I> std::vector<double> drawn_by(I const& rule, std::vector<std::size_t> const& extents) {
  shape const s(extents);
  std::vector<double> numbers(s.size());
  rule(init::target{s, numbers, 3, 17});
  return numbers;
}

struct moments {
  double mean = 0, deviation = 0, lowest = 0, highest = 0;
  explicit moments(std::vector<double> const& all) {
    for (double const x : all) mean += x / static_cast<double>(all.size());
    for (double const x : all) deviation += (x - mean) * (x - mean) / static_cast<double>(all.size());
    deviation = std::sqrt(deviation);
    lowest = *std::min_element(all.begin(), all.end()), highest = *std::max_element(all.begin(), all.end());
  }
};

/// The largest difference of v v^T from gain^2 times the identity, of n vectors.
double skewness(std::vector<double> const& w, std::size_t n, std::size_t length, std::size_t vector_stride,
                std::size_t stride, double gain) {
  double worst = 0;
  for (std::size_t a = 0; a != n; ++a)
    for (std::size_t b = 0; b != n; ++b) {
      double sum = a == b ? -gain * gain : 0;
      for (std::size_t i = 0; i != length; ++i)
        sum += w[a * vector_stride + i * stride] * w[b * vector_stride + i * stride];
      worst = std::max(worst, std::abs(sum));
    }
  return worst;
}

}  // namespace

TEST_CASE("initializers have PyTorch's distributions") {
  // (out, in, height, width): fan_in 40 * 6, fan_out 100 * 6
  std::vector<std::size_t> const extents{100, 40, 2, 3};
  auto const is_normal = [&](auto const& rule, double mean, double deviation) {
    moments const found(drawn_by(rule, extents));
    CHECK(found.mean == Approx(mean).margin(0.03 * deviation));
    CHECK(found.deviation == Approx(deviation).epsilon(0.03));
    CHECK(found.highest > mean + 2.5 * deviation);
  };
  auto const is_uniform = [&](auto const& rule, double low, double high) {
    moments const found(drawn_by(rule, extents));
    CHECK(found.lowest >= low);
    CHECK(found.highest <= high);
    CHECK(found.mean == Approx((low + high) / 2).margin(0.02 * (high - low)));
    CHECK(found.deviation == Approx((high - low) / std::sqrt(12.)).epsilon(0.02));
  };
  is_normal(init::normal{.mean = 2, .std = 0.5}, 2, 0.5);
  is_normal(init::xavier_normal{.gain = 3}, 0, 3 * std::sqrt(2. / 840));
  is_normal(init::kaiming_normal{}, 0, std::sqrt(2. / 240));
  is_normal(init::kaiming_normal{.a = 2, .mode = init::fan::out}, 0, std::sqrt(2. / 5 / 600));
  is_normal(init::lecun_normal{}, 0, std::sqrt(1. / 240));
  is_uniform(init::uniform{.a = -1, .b = 3}, -1, 3);
  is_uniform(init::xavier_uniform{}, -std::sqrt(6. / 840), std::sqrt(6. / 840));
  is_uniform(init::kaiming_uniform{.a = std::sqrt(5.)}, -std::sqrt(1. / 240), std::sqrt(1. / 240));
  is_uniform(init::lecun_uniform{}, -std::sqrt(3. / 240), std::sqrt(3. / 240));
  moments const truncated(drawn_by(init::truncated_normal{.mean = 1, .std = 2, .a = 0, .b = 5}, extents));
  CHECK(truncated.lowest >= 0);
  CHECK(truncated.highest <= 5);
  CHECK(truncated.mean == Approx(1.8915).epsilon(0.02));  // 1 + 2 (phi(-1/2) - phi(2)) / (Phi(2) - Phi(-1/2))
  CHECK(drawn_by(init::constant{.val = 3}, {2}) == std::vector<double>{3, 3});
  CHECK(drawn_by(init::ones{}, {2}) == std::vector<double>{1, 1});
  CHECK(drawn_by(init::eye{}, {2, 3}) == std::vector<double>{1, 0, 0, 0, 1, 0});
}

TEST_CASE("sparse columns have as many zeros as PyTorch's, at drawn places") {
  auto const found = drawn_by(init::sparse{.sparsity = 0.3, .std = 2}, {11, 40});
  std::size_t at_top = 0;
  std::vector<double> others;
  for (std::size_t c = 0; c != 40; ++c) {
    std::size_t zeros = 0;
    for (std::size_t r = 0; r != 11; ++r) {
      zeros += found[r * 40 + c] == 0 ? 1 : 0;
      if (found[r * 40 + c] != 0) others.push_back(found[r * 40 + c]);
    }
    CHECK(zeros == 4);  // 3.3, rounded up
    at_top += found[c] == 0 ? 1 : 0;
  }
  CHECK((at_top > 5 && at_top < 26));  // of 40, about 40 * 4 / 11
  CHECK(moments(others).deviation == Approx(2).epsilon(0.15));
  CHECK(drawn_by(init::sparse{.sparsity = 1}, {2, 2}) == std::vector<double>(4, 0));
  CHECK_THROWS_WITH(drawn_by(init::sparse{}, {2, 3, 4}),
                    "init::sparse: takes a matrix, got a parameter of shape (2, 3, 4)");
  CHECK_THROWS_AS(drawn_by(init::sparse{.sparsity = -0.1}, {2, 2}), fovea::argument_error);
}

TEST_CASE("orthogonal rows, or columns, are at right angles") {
  CHECK(skewness(drawn_by(init::orthogonal{}, {7, 30}), 7, 30, 30, 1, 1) < 1e-14);
  CHECK(skewness(drawn_by(init::orthogonal{.gain = 2}, {30, 7}), 7, 30, 1, 7, 2) < 1e-14);
  CHECK(skewness(drawn_by(init::orthogonal{}, {6, 2, 3}), 6, 6, 6, 1, 1) < 1e-14);
}

TEST_CASE("initializers refuse what they cannot do") {
  CHECK_THROWS_WITH(drawn_by(init::xavier_normal{}, {4}), "init: a parameter of shape (4,) has no inputs and outputs");
  CHECK_THROWS_AS(drawn_by(init::orthogonal{}, {4}), fovea::shape_error);
  CHECK_THROWS_AS(drawn_by(init::truncated_normal{.a = 8, .b = 9}, {4}), fovea::argument_error);
}

TEST_CASE("parameters are initialized by the pattern of their names, the same on every backend") {
  fovea::sequential const net{fovea::linear<5, 4>{}, fovea::tanh{}, fovea::linear<4, 4>{}};
  std::vector<double> first;
  for_each_backend([&](auto const& b) {
    fovea::model m{b, net, 1};
    auto const before = to_vector(m.parameters());
    fovea::initialize(m, "*.weight", init::normal{}, 5);
    fovea::initialize(m, "2.bias", init::constant{.val = 7});
    auto const all = to_vector(m.parameters());
    CHECK(std::equal(all.begin() + 20, all.begin() + 24, before.begin() + 20));  // 0.bias
    CHECK(std::count(all.begin() + 40, all.end(), value_type_of<decltype(b)>(7)) == 4);
    CHECK(!std::equal(all.begin(), all.begin() + 16, all.begin() + 24));  // other numbers for another parameter
    std::vector<float> const rounded(all.begin(), all.begin() + 20);
    if (first.empty()) first.assign(rounded.begin(), rounded.end());
    CHECK(std::equal(rounded.begin(), rounded.end(), first.begin()));
    CHECK_THROWS_WITH(fovea::initialize(m, "*.gain", init::ones{}),
                      "initialize: no parameter matches the pattern \"*.gain\"");
  });
}

TEST_CASE("a summary lists layers, shapes, parameters and memory") {
  constexpr fovea::sequential net{fovea::linear<29, 16>{}, fovea::tanh{}, fovea::residual{fovea::linear<16, 16>{}},
                                  fovea::linear<16, 1>{}};
  auto const text = fovea::summary(net);
  INFO(text);
  auto const has = [&](char const* part) { return text.find(part) != std::string::npos; };
  CHECK(has("name"));
  CHECK(has("linear<29"));
  CHECK(has("480"));     // 29 * 16 + 16
  CHECK(has("2.body"));  // of the residual
  CHECK(has("272"));
  CHECK(has("769"));  // all
  CHECK(std::count(text.begin(), text.end(), '\n') == 6);
}
