// SPDX-License-Identifier: MIT
#include <fovea/adapt/std_vector.hpp>

#include "adapted.hpp"

namespace {
auto const at = [](auto&& v, std::size_t i, std::size_t) -> auto& { return v[i]; };
}

TEMPLATE_TEST_CASE("losses take spans and arrays", "", float, double) {
  std::vector<TestType> x(17), y(17), g(17);
  adapted::takes_losses(std::span(x), std::span(y), std::span(g), 17, 1, at);
  adapted::takes_losses(std::span<TestType, 5>(x.data() + 1, 5), std::span(y).subspan(3, 5), std::span(g).first(5), 5,
                        1, at);
  std::array<TestType, 7> a{}, b{}, c{};
  adapted::takes_losses(a, b, c, 7, 1, at);
  std::span<TestType const> const constants(x);
  CHECK(fovea::value(adapted::focal_loss, constants, y) == fovea::value(adapted::focal_loss, x, y));
}

TEST_CASE("results computed from a span are vectors, from an array arrays") {
  std::vector<float> const x(3);
  std::array<double, 3> const a{};
  static_assert(std::same_as<decltype(fovea::gradient(adapted::focal_loss, std::span(x), x)), std::vector<float>>);
  static_assert(std::same_as<decltype(fovea::gradient(adapted::focal_loss, a, a)), std::array<double, 3>>);
  CHECK(fovea::gradient(adapted::focal_loss, std::span(x), x) == fovea::gradient(adapted::focal_loss, x, x));
}

TEST_CASE("spans and arrays of different lengths are rejected") {
  std::vector<float> x(5);
  std::array<float, 7> const y{};
  CHECK_THROWS_WITH(fovea::value(adapted::focal_loss, std::span(x), y),
                    "loss: predictions have shape (5,), targets (7,)");
  CHECK_THROWS_AS((fovea::tensor_traits<std::array<float, 7>>::empty({5})), fovea::shape_error);
}

TEST_CASE("spans and arrays satisfy the laws of tensors") {
  static std::vector<std::vector<double>> kept;
  adapted::conforms<std::span<double>>(
      {.name = "std::span<double>", .empty = [](auto const& e) { return std::span<double>(kept.emplace_back(e[0])); }});
  adapted::conforms<std::array<float, 17>>({.name = "std::array<float, 17>", .shapes = {{17}}});
}
