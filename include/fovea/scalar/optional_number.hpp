// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include <fovea/config.hpp>

namespace fovea {

/// An optional double for options that device code reads, where std::optional is unavailable; converts from one.
class optional_number {
 public:
  constexpr optional_number(std::nullopt_t) {}
  constexpr optional_number(double number) : there_(true), number_(number) {}
  constexpr optional_number(std::optional<double> const& number)
      : there_(number.has_value()), number_(number.value_or(0)) {}

  FOVEA_HD constexpr explicit operator bool() const { return there_; }
  FOVEA_HD constexpr double operator*() const { return number_; }
  constexpr double value_or(double other) const { return there_ ? number_ : other; }
  friend constexpr bool operator==(optional_number const&, optional_number const&) = default;

 private:
  bool there_ = false;
  double number_ = 0;
};

}  // namespace fovea
