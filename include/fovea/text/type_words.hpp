// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace fovea::detail {

/// Returns the text with one part in place of another, wherever it stands, until it stands nowhere.
inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from)) {
    std::string next(text, 0, at);
    next += to;
    next.append(text, at + from.size());
    text = std::move(next);
  }
  return text;
}

/// Returns the type in a signature "... [with T = TYPE]" in words.
inline std::string words_of_signature(std::string_view signature) {
  auto const begin = signature.find("T = ") + 4;
  std::string words;
  for (char const c : signature.substr(begin, signature.rfind(']') - begin)) {
    bool const suffix = (c == 'U' || c == 'L') && !words.empty() && words.back() >= '0' && words.back() <= '9';
    if (!suffix) words += c;
  }
  for (char const* room : {"fovea::", "formulas::", "detail::", "{anonymous}::", "(anonymous namespace)::"})
    words = detail::replaced(words, room, "");
  words = detail::replaced(words, std::to_string(static_cast<std::size_t>(-1)), "dynamic");
  words = detail::replaced(words, " >", ">");
  words = detail::replaced(words, ", dynamic>", ">");
  words = detail::replaced(words, "<dynamic>", "");
  return detail::replaced(words, "<>", "");
}

template <class T> constexpr auto signature_with() { return static_cast<char const*>(__PRETTY_FUNCTION__); }

/// Returns a type in words, such as "sequential<linear<29, 16>, activation<relu_formula>>": as compilers write it, without fovea's
/// and unnamed namespaces, the suffixes of numbers and arguments that only say `dynamic`.
template <class T> std::string type_words() { return detail::words_of_signature(signature_with<T>()); }

}  // namespace fovea::detail
