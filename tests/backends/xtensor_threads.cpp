// SPDX-License-Identifier: MIT
// The number of threads changes no bit.
#include <fovea/backends/xtensor.hpp>

#include "../conformance/determinism.hpp"

namespace {
template <class T> void same_for_any_number_of_threads() {
  fovea::xtensor_backend<T> const one{};
  for (std::size_t threads : conformance::sizes{1, 2, 3, 5}) {
    auto const what = std::to_string(threads) + " threads against one";
    conformance::same_bits(one, fovea::xtensor_backend<T>{{.threads = threads}}, what.c_str());
  }
}
}  // namespace

TEST_CASE("the number of threads changes no bit of a float") {
  same_for_any_number_of_threads<float>();
  conformance::looked_at();
}
TEST_CASE("the number of threads changes no bit of a double") {
  same_for_any_number_of_threads<double>();
  conformance::looked_at();
}

TEST_CASE("a backend without threads is refused") {
  CHECK_THROWS_WITH(fovea::xtensor_backend<float>({.threads = 0}),
                    "xtensor_backend: threads must be at least 1, got 0");
}
