// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/data/table.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/tensor/copy.hpp>
#include <fovea/tensor/storage.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

/// Examples in a backend's memory and value type: features of shape (N, F) and targets of shape (N, outputs).
///
///     dataset const train{xtensor_backend{}, x, y};  // from two tensors
///     std::vector<std::string> const names{"Time", "Amount"};
///     dataset const test{xtensor_backend{}, read_csv("test.csv"), names, "Class"};  // from columns of a table
template <backend B> class dataset {
 public:
  using value_type = typename B::value_type;
  using tensor_type = typename B::template tensor<value_type, 2>;

  /// Copies the tensors; a tensor of shape (N) becomes (N, 1). Throws `shape_error` if a tensor is not of rank 1 or 2, or
  /// if the numbers of rows differ.
  template <real_tensor X, same_memory_as<X> Y>
  dataset(B const& b, X const& x, Y const& y)
      : features(b.template empty<value_type>(two("features", fovea::shape_of(x)))),
        targets(b.template empty<value_type>(two("targets", fovea::shape_of(y)))) {
    static_assert(std::is_same_v<value_of<X>, value_type> && std::is_same_v<value_of<Y>, value_type>,
                  "dataset: features and targets are of the backend's value type");
    detail::require_rows<X>(), detail::require_rows<Y>();
    auto const xs = fovea::shape_of(x), ys = fovea::shape_of(y);
    check_rows(xs, ys);
    value_type const *from_x = fovea::data(x), *from_y = fovea::data(y);
    b.copy(from_x, fovea::data(features), xs.size());
    b.copy(from_y, fovea::data(targets), ys.size());
  }

  /// Moves in tensors of the backend's own type, without a copy. Throws `shape_error` if the numbers of rows differ.
  template <std::same_as<tensor_type> X, std::same_as<tensor_type> Y>
  dataset(B const&, X&& x, Y&& y) : features(std::forward<X>(x)), targets(std::forward<Y>(y)) {
    check_rows(fovea::shape_of(features), fovea::shape_of(targets));
  }

  /// Copies columns of a table: the features, in the given order, and one target. Throws `argument_error` if a column does
  /// not exist, and `numeric_error`, with column and row, if a value is not finite in the backend's value type.
  dataset(B const& b, table const& from, std::span<std::string const> feature_names, std::string const& target_name)
      : features(b.template empty<value_type>(std::array{from.rows(), feature_names.size()})),
        targets(b.template empty<value_type>(std::array{from.rows(), std::size_t{1}})) {
    std::vector<value_type> row_major(from.rows() * feature_names.size());
    for (std::size_t c = 0; c != feature_names.size(); ++c)
      fill(from, feature_names[c], row_major, c, feature_names.size());
    b.copy(row_major.data(), fovea::data(features), row_major.size());
    row_major.resize(from.rows());
    fill(from, target_name, row_major, 0, 1);
    b.copy(row_major.data(), fovea::data(targets), row_major.size());
  }

  /// The same, for names in braces: `dataset{backend, table, {"Time", "Amount"}, "Class"}`.
  dataset(B const& b, table const& from, std::initializer_list<std::string> feature_names,
          std::string const& target_name)
      : dataset(b, from, std::span(feature_names.begin(), feature_names.size()), target_name) {}

  /// For arguments that are not tensors: the error says why.
  template <class X, class Y>
    requires(!tensor<X> || !tensor<Y>)
  dataset(B const& b, X const&, Y const&)
      : features(b.template empty<value_type>(std::array<std::size_t, 2>{})),
        targets(b.template empty<value_type>(std::array<std::size_t, 2>{})) {
    if constexpr (!tensor<X>) detail::require_tensor<X>();
    else detail::require_tensor<Y>();
  }

  std::size_t rows() const { return fovea::shape_of(features)[0]; }
  /// A number, not 0, that this data set shares with its copies alone: `trainer` knows by it what it has checked.
  std::size_t identity() const { return identity_; }

  tensor_type features, targets;

 private:
  static std::size_t next_identity() {
    static std::atomic<std::size_t> last{0};
    return ++last;
  }
  static void check_rows(shape const& x, shape const& y) {
    if (x[0] != y[0]) throw shape_error("dataset: features have shape " + to_string(x) + ", targets " + to_string(y));
  }
  static std::array<std::size_t, 2> two(char const* what, shape const& s) {
    if (s.rank() == 1) return {s[0], 1};
    if (s.rank() != 2)
      throw shape_error(std::string("dataset: ") + what + " have shape " + to_string(s) + ", expected (N, F)");
    return {s[0], s[1]};
  }
  static void fill(table const& from, std::string const& name, std::vector<value_type>& to, std::size_t at,
                   std::size_t stride) {
    auto const column = from.column(name);
    for (std::size_t r = 0; r != column.size(); ++r) {
      auto const x = static_cast<value_type>(column[r]);
      if (!detail::is_finite(x))
        throw numeric_error("dataset: column \"" + name + "\", row " + std::to_string(r) + ": " +
                            detail::to_shortest(column[r]) + " is not a finite number");
      to[r * stride + at] = x;
    }
  }

  std::size_t identity_ = next_identity();
};
template <backend B, class... Rest> dataset(B, Rest...) -> dataset<B>;
template <backend B> dataset(B, table, std::initializer_list<std::string>, std::string) -> dataset<B>;

}  // namespace fovea
