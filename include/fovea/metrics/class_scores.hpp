// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <ranges>
#include <span>
#include <string>
#include <type_traits>

#include <fovea/error.hpp>
#include <fovea/tensor/numbers.hpp>

namespace fovea {

/// A view of the scores of N rows for each of k classes, (N, k) in row-major order: probabilities, or logits. Reads a flat range,
/// such as the predictions that `fit` hands to a metric, as such rows; the range must outlive it. Throws `shape_error` if the range
/// is not whole rows, and for fewer than two classes.
///
///     auto const loss = [](auto predictions, auto targets) {
///       return fovea::log_loss(fovea::class_scores(predictions, 3), targets);
///     };
template <class T> class class_scores {
 public:
  template <number_range R>
    requires std::same_as<std::ranges::range_value_t<R>, T>
  class_scores(R const& all, std::size_t classes)
      : elements_(std::ranges::data(all), std::ranges::size(all)), classes_(classes) {
    if (classes < 2) throw shape_error("class_scores: classes is " + std::to_string(classes) + ", must be at least 2");
    if (elements_.size() % classes != 0)
      throw shape_error("class_scores: " + std::to_string(elements_.size()) + " scores are not rows of " +
                        std::to_string(classes));
  }

  std::size_t rows() const { return elements_.size() / classes_; }
  std::size_t classes() const { return classes_; }
  std::span<T const> elements() const { return elements_; }
  std::span<T const> row(std::size_t i) const { return elements_.subspan(i * classes_, classes_); }

 private:
  std::span<T const> elements_;
  std::size_t classes_;
};
template <number_range R> class_scores(R const&, std::size_t) -> class_scores<std::ranges::range_value_t<R>>;

namespace detail {
template <class R> inline constexpr bool is_class_scores = false;
template <class T> inline constexpr bool is_class_scores<class_scores<T>> = true;
}  // namespace detail

/// The scores of the classes for each row: a tensor (rows, classes) in host memory, or `class_scores`.
template <class R>
concept scores_of_classes =
    detail::is_class_scores<R> ||
    (tensor<R> && std::same_as<memory_of<R>, host_memory> && std::is_arithmetic_v<value_of<R>> &&
     (traits_of<R>::rank == 2 || traits_of<R>::rank == dynamic_rank));

namespace detail {

/// Throws `shape_error` unless the tensor is (rows, classes) with at least two classes.
template <scores_of_classes R> auto scores_of(std::string const& metric, R const& scores) {
  if constexpr (is_class_scores<R>) {
    return scores;
  } else {
    detail::require_rows<R>();
    auto const shape = fovea::shape_of(scores);
    if (shape.rank() != 2 || shape[1] < 2)
      throw shape_error(metric + ": scores have shape " + to_string(shape) +
                        ", expected (rows, classes) with two or more classes");
    return class_scores(fovea::elements(scores), shape[1]);
  }
}

}  // namespace detail

}  // namespace fovea
