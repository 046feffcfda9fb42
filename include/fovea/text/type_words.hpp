// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fovea::detail {

template <class T> constexpr auto signature_with() { return static_cast<char const*>(__PRETTY_FUNCTION__); }

/// Returns a type in words, such as "sequential<linear<29, 16>, activation<relu_formula>>": as compilers write it, without fovea's
/// namespaces, the suffixes of numbers and arguments that only say `dynamic`.
template <class T> std::string type_words() {
  std::string words = signature_with<T>();
  words = words.substr(words.find("T = ") + 4);
  words.resize(words.rfind(']'));
  auto const replace = [&](std::string_view from, std::string_view to) {
    for (auto at = words.find(from); at != words.npos; at = words.find(from, at)) words.replace(at, from.size(), to);
  };
  for (char const* room : {"fovea::", "formulas::", "detail::"}) replace(room, "");
  for (std::size_t i = 1; i < words.size(); ++i)
    while (i < words.size() && (words[i] == 'U' || words[i] == 'L') && words[i - 1] >= '0' && words[i - 1] <= '9')
      words.erase(i, 1);
  replace(std::to_string(static_cast<std::size_t>(-1)), "dynamic");
  replace(" >", ">");
  replace(", dynamic>", ">");
  replace("<dynamic>", "");
  replace("<>", "");
  return words;
}

}  // namespace fovea::detail
