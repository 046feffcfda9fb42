// SPDX-License-Identifier: MIT
// Each element of a product is one chain over k, whatever its tile, rows and threads: bit for bit a scalar loop's.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <fovea/backends/xtensor.hpp>

#include "../catch.hpp"

namespace {

template <class T> T chained(T a, T b, T sum) {
#if defined(__FMA__)
  return std::fma(a, b, sum);
#else
  return a * b + sum;
#endif
}
template <class T> T drawn(std::uint64_t i) {
  i = (i + 0x9E3779B97F4A7C15u) * 0xBF58476D1CE4E5B9u;
  i = (i ^ (i >> 27)) * 0x94D049BB133111EBu;
  return static_cast<T>(static_cast<double>(i >> 11) * 0x1p-52 - 1);
}

/// The chains of all sizes up to a largest one: the first k terms of an element's chain are the chain of k terms.
template <class T> class chains {
 public:
  explicit chains(std::size_t rows, std::size_t inner, std::size_t columns, bool accumulate)
      : rows_(rows), inner_(inner), columns_(columns), accumulate_(accumulate), all_((inner + 1) * rows * columns) {
    for (std::size_t i = 0; i != rows * columns; ++i) all_[i] = accumulate ? c(i / columns, i % columns) : T(0);
    for (std::size_t k = 0; k != inner; ++k)
      for (std::size_t i = 0; i != rows; ++i)
        for (std::size_t j = 0; j != columns; ++j) at(k + 1, i, j) = chained(a(i, k), b(k, j), at(k, i, j));
  }

  /// Returns the first wrong product of these sizes as a sentence, or nothing.
  std::string wrong(fovea::xtensor_backend<T> const& backend, std::size_t rows, std::size_t inner,
                    std::size_t columns) {
    for (int order = 0; order != 4; ++order) {
      bool const a_transposed = order % 2 == 1, b_transposed = order / 2 == 1;
      left_.resize(rows * inner), right_.resize(inner * columns), result_.resize(rows * columns);
      biases_.resize(columns);
      for (std::size_t i = 0; i != rows; ++i)
        for (std::size_t k = 0; k != inner; ++k) left_[a_transposed ? k * rows + i : i * inner + k] = a(i, k);
      for (std::size_t k = 0; k != inner; ++k)
        for (std::size_t j = 0; j != columns; ++j) right_[b_transposed ? j * inner + k : k * columns + j] = b(k, j);
      for (std::size_t j = 0; j != columns; ++j) biases_[j] = drawn<T>(j + 7000000);
      for (bool epilogue : {false, true}) {
        for (std::size_t i = 0; i != rows; ++i)
          for (std::size_t j = 0; j != columns; ++j) result_[i * columns + j] = c(i, j);
        multiply(backend, rows, inner, columns, a_transposed, b_transposed, epilogue);
        for (std::size_t i = 0; i != rows; ++i)
          for (std::size_t j = 0; j != columns; ++j) {
            T want = at(inner, i, j);
            if (epilogue) want += biases_[j];
            if (std::memcmp(&want, &result_[i * columns + j], sizeof want) != 0)
              return std::to_string(rows) + " x " + std::to_string(inner) + " x " + std::to_string(columns) +
                     ", order " + std::to_string(order) + ", element " + std::to_string(i) + ", " + std::to_string(j);
          }
      }
    }
    return {};
  }

 private:
  T a(std::size_t i, std::size_t k) const { return drawn<T>(i * 4096 + k); }
  T b(std::size_t k, std::size_t j) const { return drawn<T>(30000000 + k * 4096 + j); }
  T c(std::size_t i, std::size_t j) const { return drawn<T>(60000000 + i * 4096 + j); }
  T& at(std::size_t k, std::size_t i, std::size_t j) { return all_[(k * rows_ + i) * columns_ + j]; }

  template <class U> static auto span(std::vector<U>& v, std::size_t rows, std::size_t columns) {
    return fovea::matrix_span<fovea::xtensor_backend<T>, U>{
        v.data(), fovea::extents<fovea::dynamic, fovea::dynamic>({rows, columns})};
  }
  void multiply(fovea::xtensor_backend<T> const& backend, std::size_t rows, std::size_t inner, std::size_t columns,
                bool a_transposed, bool b_transposed, bool epilogue) {
    auto const to = span(result_, rows, columns);
    auto const call = [&](auto const& left, auto const& right) {
      fovea::product_options const options{.accumulate = accumulate_};
      if (epilogue)
        backend.multiply(to, left, right, options, fovea::formulas::add_bias<fovea::identity_formula>{},
                         fovea::per_column{biases_.data()});
      else backend.multiply(to, left, right, options);
    };
    auto const with_left = [&](auto const& left) {
      if (b_transposed) call(left, fovea::transposed(span(right_, columns, inner)));
      else call(left, span(right_, inner, columns));
    };
    if (a_transposed) with_left(fovea::transposed(span(left_, inner, rows)));
    else with_left(span(left_, rows, inner));
  }

  std::size_t rows_, inner_, columns_;
  bool accumulate_;
  std::vector<T> all_, left_, right_, result_, biases_;
};

using sizes = std::vector<std::size_t>;

template <class T> void check(sizes const& rows, sizes const& inners, sizes const& columns, std::size_t threads) {
  fovea::xtensor_backend<T> const backend{{.threads = threads}};
  for (bool accumulate : {false, true}) {
    chains<T> all(rows.back(), inners.back(), columns.back(), accumulate);
    for (auto m : rows)
      for (auto k : inners)
        for (auto n : columns)
          if (auto const wrong = all.wrong(backend, m, k, n); !wrong.empty())
            FAIL(wrong << (accumulate ? ", added to c" : "") << ", " << threads << " threads, " << sizeof(T)
                       << " bytes");
  }
  SUCCEED();
}
template <class T> void check_some() {
  check<T>({0, 1, 2, 3, 5, 12, 13, 14, 15, 27, 29, 43, 130}, {0, 1, 2, 7, 16, 33, 65, 130},
           {1, 2, 7, 8, 15, 16, 17, 31, 33, 48, 63, 64, 65, 66, 79, 81, 96, 100, 127, 130}, 1);
  check<T>({45, 340}, {385}, {65, 70, 130}, 1);
  check<T>({30}, {801}, {70}, 1);
  check<T>({20}, {70}, {519, 1040}, 1);
  for (std::size_t threads : sizes{2, 3}) check<T>({67, 130}, {100, 390}, {33, 70, 129}, threads);
}

}  // namespace

TEST_CASE("each element of a product is one chain over k, in float") { check_some<float>(); }
TEST_CASE("each element of a product is one chain over k, in double") { check_some<double>(); }
TEST_CASE("each element of a product of every size up to 130 is one chain over k", "[.every_size]") {
  sizes every;
  for (std::size_t n = 0; n != 131; ++n) every.push_back(n);
  check<float>(every, every, every, 1);
  check<double>(every, every, every, 1);
}
