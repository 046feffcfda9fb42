// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <tuple>
#include <type_traits>
#include <vector>

#include <fovea/data/dataset.hpp>

#include "../backends.hpp"

namespace {

template <class T, std::size_t Rank>
fovea::host_tensor<T, Rank> tensor(std::array<std::size_t, Rank> const& extents, std::vector<T> const& numbers) {
  return {extents, numbers};
}

}  // namespace

TEST_CASE("a dataset converts reals, integers and bools, and keeps the kinds apart") {
  fovea::host_backend<float> const b;
  auto const x = tensor<double, 2>({3, 2}, {0.1, -2, 3, 1e30, 5, 6});
  fovea::dataset const classes{b, x, std::vector<std::int64_t>{4, -1, 2}};
  static_assert(
      std::is_same_v<decltype(classes), fovea::dataset<fovea::host_backend<float>, float, std::int32_t> const>);
  CHECK(to_vector(classes.features) == std::vector<float>{0.1f, -2, 3, 1e30f, 5, 6});
  CHECK(to_vector(classes.targets) == std::vector<std::int32_t>{4, -1, 2});
  CHECK(to_string(fovea::shape_of(classes.targets)) == "(3, 1)");
  fovea::dataset const small{b, x, std::vector<std::uint8_t>{255, 0, 1}};
  CHECK(to_vector(small.targets) == std::vector<std::int32_t>{255, 0, 1});
  auto const infinite = tensor<double, 1>({3}, {1, std::numeric_limits<double>::infinity(), 0});
  CHECK(fovea::dataset(b, x, infinite).targets.elements[1] ==
        std::numeric_limits<float>::infinity());  // the trainer refuses it
#if !defined(__CUDACC__)
  xt::xtensor<bool, 1> const flags{true, false, true};
  CHECK(to_vector(fovea::dataset(b, x, flags).targets) == std::vector<std::int32_t>{1, 0, 1});
#endif
}

TEST_CASE("a dataset refuses numbers that do not fit its types, and names the row") {
  fovea::host_backend<float> const b;
  auto const x = tensor<double, 2>({3, 2}, {0, 0, 0, 0, 0, -1e300});
  std::vector<double> const y(3);
  CHECK_THROWS_WITH((fovea::dataset{b, x, y}),
                    "dataset: features of row 2 are -1e+300, which is not in the range of the backend's value type");
  auto const fine = tensor<double, 2>({3, 2}, std::vector<double>(6));
  std::vector<std::int64_t> const large{1, std::int64_t{1} << 40, 0};
  CHECK_THROWS_WITH((fovea::dataset{b, fine, large}),
                    "dataset: targets of row 1 are 1099511627776, which is not in the range of 32-bit integers");
  CHECK_THROWS_AS((fovea::dataset{b, fine, std::vector<std::uint32_t>{1, 4'000'000'000u, 2}}), fovea::numeric_error);
  CHECK_THROWS_WITH((fovea::dataset{b, fine, std::vector<double>(4)}),
                    "dataset: features have shape (3, 2), targets (4, 1)");
}

TEST_CASE("a dataset has several inputs, each of its own type, and samples of any shape") {
  for_each_backend([](auto const& b) {
    using B = std::remove_cvref_t<decltype(b)>;
    using T = value_type_of<B>;
    auto words = b.template empty<std::int32_t>(std::array<std::size_t, 2>{2, 3});
    std::vector<std::int32_t> const from{1, 2, 3, 4, 5, 6};
    b.copy(from.data(), fovea::data(words), from.size());
    auto const images =
        tensor_from(b, std::array<std::size_t, 3>{2, 2, 2}, std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8});
    auto const y = tensor_from(b, std::array<std::size_t, 1>{2}, std::vector<double>{0, 1});
    fovea::dataset const both{b, std::tie(words, images), y};
    static_assert(std::is_same_v<decltype(both), fovea::dataset<B, std::tuple<std::int32_t, T>> const>);
    CHECK(both.rows() == 2);
    CHECK(to_string(fovea::shape_of(std::get<1>(both.features))) == "(2, 4)");
    CHECK(to_vector(std::get<0>(both.features)) == from);
    auto const three = tensor_from(b, std::array<std::size_t, 2>{3, 1}, std::vector<double>{0, 1, 2});
    CHECK_THROWS_WITH((fovea::dataset{b, std::tie(words, three), y}),
                      "dataset: features have shape (3, 1), targets (2, 1) (input 1)");
  });
}

TEST_CASE("a dataset's weights and mask fit its rows") {
  fovea::host_backend<float> const b;
  auto const x = tensor<float, 2>({3, 2}, std::vector<float>(6));
  std::vector<float> const y(3);
  fovea::dataset const data{b, x, y, fovea::sample_weights(std::vector<double>{1, 2, 3}),
                            fovea::mask(std::vector<int>{0, 7, -1})};
  CHECK(to_vector(std::get<0>(data.options).numbers) == std::vector<float>{1, 2, 3});
  CHECK(to_vector(std::get<1>(data.options).numbers) == std::vector<float>{0, 1, 1});
  CHECK_THROWS_WITH((fovea::dataset{b, x, y, fovea::sample_weights(std::vector<double>{1, 2})}),
                    "dataset: targets have shape (3, 1), sample weights (2,); one row for each is needed");
  CHECK_THROWS_AS((fovea::dataset{b, x, y, fovea::weights(std::vector<double>{1, 1e300, 1})}), fovea::numeric_error);
}
