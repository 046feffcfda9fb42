// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <string>

#include <fovea/losses/rowwise.hpp>
#include <fovea/scalar/optional_number.hpp>
#include <fovea/tensor/storage.hpp>

namespace fovea {

/// A weight for each class, in the memory of the backend that evaluates the loss; the tensor must outlive it.
struct class_weights {
  double const* elements = nullptr;
  std::size_t count = 0;

  constexpr class_weights() = default;
  template <tensor W>
    requires std::same_as<value_of<W>, double>
  explicit class_weights(W const& w) : elements(fovea::data(w)), count(fovea::size(w)) {}
  template <tensor W> explicit class_weights(W const&& w) = delete;  // a temporary

  /// Throws `shape_error` if there are weights, but for another number of classes.
  void check(char const* loss, std::size_t classes) const {
    if (elements && count != classes)
      throw shape_error(std::string(loss) + ": there are " + std::to_string(count) + " class weights and " +
                        std::to_string(classes) + " classes");
  }
  /// Returns true if there are weights, and they share memory with these bytes.
  bool within(void const* first, void const* last) const {
    return detail::share_memory(elements, elements + count, first, last);
  }
  /// Returns the weight of the row's class, or 1.
  template <class T, class Row, class C> FOVEA_HD C of_class(Row const& row, C const& target) const {
    if (elements == nullptr) return C(scalar_of<C>(1));
    return row.sum(formulas::pick_second<C>{target}, column_index<T>{}, per_column<double>{elements});
  }
  /// Returns a row's weighted loss. Where the row's own weight is 0, the loss and its derivatives are 0, whatever they were.
  template <class T, class Row, class C, class... G>
  FOVEA_HD C counted(Row const& row, C const& own, C const& loss, G const&... derivatives) const {
    if (elements == nullptr) return loss;
    return detail::keep_rows<T>(row, own, loss, derivatives...);
  }
  /// Returns the row's part of the divisor of a mean: the same, but 0 for the class that is ignored.
  template <class Row, class C>
  FOVEA_HD C part(Row const& row, C const& target, optional_number const& ignore_index) const {
    C own = of_class<scalar_of<C>>(row, target);
    if (ignore_index) own = math::select(target == math::constant<C>(*ignore_index), C(scalar_of<C>(0)), own);
    return own;
  }
};

}  // namespace fovea
