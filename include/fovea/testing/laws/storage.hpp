// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

#include <fovea/testing/laws/support.hpp>

namespace fovea::testing::laws {

/// `empty` returns a tensor with the given extents and the number of elements that they imply.
template <class B> void empty_has_the_extents(B const& b) {
  using T = typename B::value_type;
  auto const one = b.template empty<T>(std::array<std::size_t, 1>{7});
  auto const two = b.template empty<T>(std::array<std::size_t, 2>{3, 5});
  auto const three = b.template empty<T>(std::array<std::size_t, 3>{2, 3, 4});
  auto const none = b.template empty<T>(std::array<std::size_t, 2>{0, 5});
  auto const whole_numbers = b.template empty<int>(std::array<std::size_t, 1>{3});
  hold(to_string(fovea::shape_of(one)) == "(7,)", "empty of 7 gave ", to_string(fovea::shape_of(one)));
  hold(to_string(fovea::shape_of(two)) == "(3, 5)", "empty of 3 x 5 gave ", to_string(fovea::shape_of(two)));
  hold(to_string(fovea::shape_of(three)) == "(2, 3, 4)", "empty of 2 x 3 x 4 gave ", to_string(fovea::shape_of(three)));
  hold(to_string(fovea::shape_of(none)) == "(0, 5)", "empty of 0 x 5 gave ", to_string(fovea::shape_of(none)));
  hold(fovea::size(three) == 24 && fovea::size(none) == 0 && fovea::size(whole_numbers) == 3, "sizes");
  static_assert(std::same_as<fovea::value_of<decltype(whole_numbers)>, int>);
  static_assert(std::same_as<fovea::memory_of<decltype(two)>, typename B::memory>);
}

/// Elements survive `fovea::copy` to the backend and back, and the backend's `copy` within its memory.
template <class B> void copies_round_trip(B const& b) {
  using T = typename B::value_type;
  for (std::size_t n : sizes{0, 1, 2, 17, 1000}) {
    auto const values = reals<T>(n, n);
    auto there = b.template empty<T>(std::array<std::size_t, 1>{n}),
         further = b.template empty<T>(std::array<std::size_t, 1>{n});
    std::vector<T> back(n);
    fovea::copy(values, there);
    b.copy(fovea::data(std::as_const(there)), fovea::data(further), n);
    b.synchronize();
    fovea::copy(further, back);
    hold(back == values, "a copy of ", n, " elements came back different");
  }
}

/// A copy between different shapes throws `shape_error`, which names both, and copies nothing.
template <class B> void copy_refuses_other_shapes(B const& b) {
  using T = typename B::value_type;
  std::vector<T> three(3, T(1)), four(4, T(2));
  auto there = b.template empty<T>(std::array<std::size_t, 1>{4});
  fovea::copy(four, there);
  std::string said;
  try {
    fovea::copy(three, there);
  } catch (fovea::shape_error const& e) {
    said = e.what();
  }
  hold(said == "copy: the source has shape (3,), the destination (4,)", "the error was '", said, "'");
  fovea::copy(there, four);
  hold(four == std::vector<T>(4, T(2)), "a refused copy has copied");
}

}  // namespace fovea::testing::laws
