// SPDX-License-Identifier: MIT
// A backend of your own provides storage and overrides only the verb that your library does better; it inherits the rest. The
// conformance kit then checks every law that fovea relies on.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <tuple>
#include <vector>

#include <fovea/fovea.hpp>
#include <fovea/testing/conformance.hpp>

/// Your library's tensor; here, copies share their storage.
template <class T, std::size_t Rank> struct shared_block {
  std::array<std::size_t, Rank> extents;
  std::shared_ptr<T[]> elements;
};

/// Your backend. `host_algorithms` implements every verb as a plain loop over this backend's memory.
struct row_backend : fovea::host_algorithms {
  using value_type = float;
  template <class U, std::size_t Rank> using tensor = shared_block<U, Rank>;
  template <class U, std::size_t Rank> static tensor<U, Rank> empty(std::array<std::size_t, Rank> const& extents) {
    return {extents, std::make_shared<U[]>(fovea::shape(extents).size())};
  }

  /// Matrix product over packed strips of columns, summed in registers. The last strip is padded, so that every entry is the
  /// same sum over k computed by the same instructions: by law, a row's result must not depend on the number of rows.
  template <class C, class A, class B, class Epilogue = fovea::no_epilogue, class... O>
  void multiply(C const& c, A const& a, B const& b, fovea::product_options options = {}, Epilogue const& epilogue = {},
                O const&... operands) const {
    using strip = std::array<value_type, 64>;
    auto const rows = c.extents.extent(0), columns = c.extents.extent(1), inner = inner_extent(a);
    std::vector<strip> packed(inner);
    for (std::size_t first = 0; first < columns; first += std::tuple_size_v<strip>) {
      auto const width = std::min(columns - first, std::tuple_size_v<strip>);
      for (std::size_t k = 0; k != inner; ++k)
        for (std::size_t j = 0; j != width; ++j) packed[k][j] = entry(b, k, first + j);
      for (std::size_t i = 0; i != rows; ++i) {
        strip sums{};
        for (std::size_t k = 0; k != inner; ++k) {
          auto const x = entry(a, i, k);
          for (std::size_t j = 0; j != sums.size(); ++j) sums[j] += x * packed[k][j];
        }
        for (std::size_t j = 0; j != width; ++j) {
          auto& to = c.elements[i * columns + first + j];
          to = static_cast<value_type>(options.scale) * sums[j] + (options.accumulate ? to : value_type{});
        }
      }
    }
    for_each(c.extents, epilogue, fovea::each{c.elements}, operands...);
  }
};

/// The traits that make the type a tensor; see 03_your_own_tensor.
template <class T, std::size_t Rank> struct fovea::tensor_traits<shared_block<T, Rank>> {
  using value_type = T;
  using backend = row_backend;
  static constexpr std::size_t rank = Rank;
  static auto const& extents(shared_block<T, Rank> const& t) { return t.extents; }
  static T* data(shared_block<T, Rank>& t) { return t.elements.get(); }
  static T const* data(shared_block<T, Rank> const& t) { return t.elements.get(); }
  static shared_block<T, Rank> empty(std::array<std::size_t, Rank> const& e) { return row_backend::empty<T>(e); }
};
static_assert(fovea::backend<row_backend> && fovea::real_tensor<shared_block<float, 2>>);

/// Returns the microseconds that a training step of a small network takes on 128 rows.
template <class Backend> double step_on(Backend const& backend) {
  fovea::trainer trainer{backend, fovea::sequential{fovea::linear<64, 64>{}, fovea::relu{}, fovea::linear<64, 1>{}},
                         fovea::sigmoid_focal_loss{}, fovea::adam{}};
  auto const x = backend.template empty<float>(std::array<std::size_t, 2>{128, 64});
  auto const y = backend.template empty<float>(std::array<std::size_t, 2>{128, 1});
  auto const begin = std::chrono::steady_clock::now();
  int const steps = 200;
  for (int i = 0; i != steps; ++i) trainer.step(x, y);
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count() / steps;
}

int main() {
  auto const backend = fovea::testing::check_backend(row_backend{}, {.name = "row_backend"});
  auto const tensor = fovea::testing::check_tensor<shared_block<float, 2>>({.name = "shared_block<float, 2>"});
  std::cout << backend << tensor;
  std::printf("a step with the inherited product %.0f us, with our own %.0f us\n",
              step_on(fovea::host_backend<float>{}), step_on(row_backend{}));
  return backend.passed() && tensor.passed() ? 0 : 1;
}
