// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>

#include <fovea/error.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

/// The size of a part of a table, as scikit-learn's `test_size` gives it: a floating-point number is the share of the rows, in
/// (0, 1), and an integer the number of rows, at least 1. By default, the size is left open.
///
///     part_size const a_fifth = 0.2, one_row = 1;
class part_size {
 public:
  constexpr part_size() = default;
  template <std::floating_point N> constexpr part_size(N share) : number_(static_cast<double>(share)), unit_(share_) {}
  template <std::integral N>
    requires(!std::same_as<N, bool>)
  constexpr part_size(N rows) : number_(static_cast<double>(rows)), unit_(rows_) {}

  constexpr bool given() const { return unit_ != none_; }
  constexpr bool is_share() const { return unit_ == share_; }
  constexpr double number() const { return number_; }

  /// Throws `argument_error`, which begins with `name`, if the size is outside its domain.
  void validate(std::string const& name) const {
    if (unit_ == share_ && !(number_ > 0 && number_ < 1))
      throw argument_error(name + " is " + detail::to_shortest(number_) + ", must be in (0, 1)");
    if (unit_ == rows_ && number_ < 1)
      throw argument_error(name + " is " + detail::to_shortest(number_) + " rows, must be at least 1");
  }
  /// Returns the number of rows, of `n`; `round` rounds a share of them.
  template <class Round> double rows_of(std::size_t n, Round const& round) const {
    return unit_ == share_ ? round(number_ * static_cast<double>(n)) : number_;
  }
  std::string words() const { return detail::to_shortest(number_) + (unit_ == rows_ ? " rows" : ""); }

 private:
  double number_ = 0;
  enum { none_, share_, rows_ } unit_ = none_;
};

}  // namespace fovea
