// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <string>

#include <fovea/error.hpp>

namespace fovea {

/// The extents of a tensor at run time, for checks and messages. Holds at most eight and allocates nothing.
class shape {
 public:
  static constexpr std::size_t max_rank = 8;

  constexpr shape() = default;
  template <class Range>
    requires requires(Range const& r) { r.begin() != r.end(); }
  constexpr explicit shape(Range const& all) {
    for (auto e : all) {
      if (rank_ == max_rank) throw shape_error("fovea: a tensor of more than eight dimensions");
      extents_[rank_++] = static_cast<std::size_t>(e);
    }
  }

  constexpr std::size_t rank() const { return rank_; }
  constexpr std::size_t operator[](std::size_t i) const { return extents_[i]; }
  /// The number of elements, or the largest number if it is too large for a std::size_t: no memory holds so many.
  constexpr std::size_t size() const {
    constexpr auto largest = (std::numeric_limits<std::size_t>::max)();
    constexpr int half = std::numeric_limits<std::size_t>::digits / 2;
    std::size_t n = 1;
    bool empty = false, too_large = false;
    for (std::size_t i = 0; i != rank_; ++i) {
      auto const e = extents_[i];
      empty = empty || e == 0;
      too_large = too_large || (((n | e) >> half) != 0 && e != 0 && n > largest / e);
      n *= e;
    }
    return too_large && !empty ? largest : n;
  }
  friend constexpr bool operator==(shape const& a, shape const& b) {
    return std::equal(a.extents_.begin(), a.extents_.begin() + a.rank_, b.extents_.begin(),
                      b.extents_.begin() + b.rank_);
  }
  /// Returns the shape as Python writes it: (128, 29), (128,), ().
  friend std::string to_string(shape const& s) {
    std::string text = "(";
    for (std::size_t i = 0; i != s.rank_; ++i) text += (i ? ", " : "") + std::to_string(s.extents_[i]);
    return text + (s.rank_ == 1 ? ",)" : ")");
  }

 private:
  std::array<std::size_t, max_rank> extents_{};
  std::size_t rank_ = 0;
};

/// Throws `shape_error`, which names both shapes, if they differ: "loss: predictions have shape (3,), targets (4,)". `a` is
/// the subject with its verb, such as "predictions have".
inline void require_same_shape(char const* who, char const* a_has, shape const& a, char const* b_name, shape const& b) {
  if (!(a == b))
    throw shape_error(std::string(who) + ": " + a_has + " shape " + to_string(a) + ", " + b_name + " " + to_string(b));
}

}  // namespace fovea
