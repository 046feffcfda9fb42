// SPDX-License-Identifier: MIT
#include <fovea/tensor/shape.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "../catch.hpp"

namespace {
fovea::shape shape(std::vector<int> const& extents) { return fovea::shape(extents); }
}  // namespace

TEST_CASE("a shape is formatted like a Python tuple") {
  CHECK(to_string(fovea::shape()) == "()");
  CHECK(to_string(shape({128})) == "(128,)");
  CHECK(to_string(shape({128, 29})) == "(128, 29)");
  CHECK(to_string(shape({2, 0, 3})) == "(2, 0, 3)");
}

TEST_CASE("a shape has a rank, extents and a size") {
  CHECK(fovea::shape().rank() == 0);
  CHECK(fovea::shape().size() == 1);
  CHECK(shape({3, 4, 5}).rank() == 3);
  CHECK(shape({3, 4, 5})[1] == 4);
  CHECK(shape({3, 4, 5}).size() == 60);
  CHECK(shape({3, 0, 5}).size() == 0);
  auto const large = [](std::vector<std::size_t> const& extents) { return fovea::shape(extents).size(); };
  std::size_t const root = std::size_t{1} << 32;
  CHECK(large({root, root}) == SIZE_MAX);  // a product would be 0
  CHECK(large({root - 1, root + 1}) == SIZE_MAX);
  CHECK(large({root, root, 0}) == 0);
  CHECK(large({root, root / 2}) == std::size_t{1} << 63);
  CHECK(shape({1, 2, 3, 4, 5, 6, 7, 8}).rank() == fovea::shape::max_rank);
  CHECK_THROWS_AS(shape({1, 2, 3, 4, 5, 6, 7, 8, 9}), fovea::shape_error);
}

TEST_CASE("shapes are equal if their ranks and extents are") {
  CHECK(shape({2, 3}) == shape({2, 3}));
  CHECK_FALSE(shape({2, 3}) == shape({3, 2}));
  CHECK_FALSE(shape({6}) == shape({2, 3}));
  CHECK_FALSE(shape({6}) == shape({6, 1}));
  CHECK(fovea::shape() == shape({}));
}

TEST_CASE("the error for different shapes names both") {
  CHECK_NOTHROW(fovea::require_same_shape("who", "a has", shape({2, 3}), "b", shape({2, 3})));
  CHECK_THROWS_WITH(fovea::require_same_shape("who", "a has", shape({2}), "b", shape({2, 1})),
                    "who: a has shape (2,), b (2, 1)");
}

static_assert(fovea::shape(std::array{2, 3}).size() == 6, "a shape is made by the compiler, too");
