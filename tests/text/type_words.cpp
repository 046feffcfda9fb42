// SPDX-License-Identifier: MIT
#include <cstddef>
#include <string>

#include <fovea/fovea.hpp>
#include <fovea/text/type_words.hpp>

#include "../catch.hpp"

namespace other {
template <std::size_t N, class T = int> struct wrapper {};
struct plain {};
}  // namespace other

TEST_CASE("a type has the same words with every compiler", "[type_words]") {
  using fovea::detail::type_words;
  constexpr fovea::sequential net{fovea::linear<29, 16>{}, fovea::relu{}, fovea::dropout{0.1}, fovea::linear<16, 1>{}};
  CHECK(type_words<std::remove_const_t<decltype(net)>>() ==
        "sequential<linear<29, 16>, activation<relu_formula>, dropout, linear<16, 1>>");
  CHECK(type_words<decltype(fovea::sequential{fovea::linear{3, 2}, fovea::tanh{}})>() ==
        "sequential<linear, activation<tanh_formula>>");
  CHECK(type_words<fovea::linear<29>>() == "linear<29>");
  CHECK(type_words<decltype(fovea::chain{fovea::clip_by_global_norm{1}, fovea::adamw{}})>() ==
        "chain<clip_norm<false>, adamw>");
  CHECK(type_words<fovea::identity>() == type_words<fovea::identity>());
  CHECK(type_words<other::plain>() == "other::plain");
  CHECK(type_words<other::wrapper<7, other::plain>>() == "other::wrapper<7, other::plain>");
}
