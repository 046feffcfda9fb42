// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/optimizers/chain.hpp>
#include <fovea/optimizers/groups.hpp>
#include <fovea/optimizers/schedules.hpp>
#include <fovea/text/parse_errors.hpp>
#include <fovea/text/to_shortest.hpp>
#include <fovea/text/type_words.hpp>

/// Values in words, with their numbers, such as "chain<...>{clip_norm<false>{1}, adam{0.001, 0.9, 0.999, 1e-08, 0}}".
namespace fovea::detail {

/// Stands for any member of an aggregate, but not for a base of it.
template <class T> struct any_member {
  template <class M>
    requires(!std::is_base_of_v<M, T>)
  operator M() const;
};
template <class T, class Indices> inline constexpr bool takes_members = false;
template <class T, std::size_t... J>
  requires requires { T{((void)J, any_member<T>{})...}; }
inline constexpr bool takes_members<T, std::index_sequence<J...>> = true;
/// The number of members of an aggregate, at most `N`.
template <class T, std::size_t N> consteval std::size_t member_count() {
  if constexpr (N == 0 || takes_members<T, std::make_index_sequence<N>>) return N;
  else return detail::member_count<T, N - 1>();
}

/// True for fovea's own aggregates, whose members are listed: a member that is an array needs a `member_words`.
template <class T>
inline constexpr bool has_words = std::is_aggregate_v<T> && !std::is_empty_v<T> &&
                                  std::string_view(signature_with<T>()).find("T = fovea::") != std::string_view::npos;

template <class T> std::string value_words(T const& value);

/// Returns the type's name before its arguments, and the values in braces.
template <class T, class... M> std::string braced(M const&... members) {
  auto const type = detail::type_words<T>();
  std::string words(type, 0, type.find('<')), between = "{";
  ((words += std::exchange(between, std::string(", ")) + detail::value_words(members)), ...);
  return sizeof...(M) == 0 ? type : words + "}";
}

template <class... O> std::string member_words(chain<O...> const& all) {
  return [&]<std::size_t... J>(std::index_sequence<J...>) {
    return detail::braced<chain<O...>>(links<chain<O...>>::template at<J>(all)...);
  }(std::index_sequence_for<O...>{});
}
template <class... O> std::string member_words(groups<O...> const& all) {
  return std::apply([](auto const&... each) { return detail::braced<groups<O...>>(each...); }, all.all);
}

template <std::size_t N> std::string member_words(multi_step_decay<N> const& all) {
  return detail::braced<multi_step_decay<N>>(std::span<double const>(all.milestones), all.gamma);
}

/// Returns a value in words: of numbers, texts, lists, and fovea's aggregates of at most eight of these. Of other types, the name
/// alone.
template <class T> std::string value_words(T const& value) {
  if constexpr (std::same_as<T, bool>) return value ? "true" : "false";
  else if constexpr (std::floating_point<T>) return detail::to_shortest(value);
  else if constexpr (std::is_enum_v<T>) return std::to_string(static_cast<long long>(value));
  else if constexpr (std::integral<T>) return std::to_string(value);
  else if constexpr (std::convertible_to<T const&, std::string>) return quoted(std::string(value));
  else if constexpr (requires { value.value_or(0.); }) return value ? detail::value_words(*value) : "none";
  else if constexpr (requires { detail::member_words(value); }) return detail::member_words(value);
  else if constexpr (requires { value.begin() != value.end(); }) {
    std::string words = "[";
    for (auto const& one : value) words += (words.size() == 1 ? "" : ", ") + detail::value_words(one);
    return words + "]";
  } else if constexpr (!has_words<T>) {
    return detail::braced<T>();
  } else {
    constexpr auto n = detail::member_count<T, 9>();
    if constexpr (n == 1) {
      auto const& [a] = value;
      return detail::braced<T>(a);
    } else if constexpr (n == 2) {
      auto const& [a, b] = value;
      return detail::braced<T>(a, b);
    } else if constexpr (n == 3) {
      auto const& [a, b, c] = value;
      return detail::braced<T>(a, b, c);
    } else if constexpr (n == 4) {
      auto const& [a, b, c, d] = value;
      return detail::braced<T>(a, b, c, d);
    } else if constexpr (n == 5) {
      auto const& [a, b, c, d, e] = value;
      return detail::braced<T>(a, b, c, d, e);
    } else if constexpr (n == 6) {
      auto const& [a, b, c, d, e, f] = value;
      return detail::braced<T>(a, b, c, d, e, f);
    } else if constexpr (n == 7) {
      auto const& [a, b, c, d, e, f, g] = value;
      return detail::braced<T>(a, b, c, d, e, f, g);
    } else if constexpr (n == 8) {
      auto const& [a, b, c, d, e, f, g, h] = value;
      return detail::braced<T>(a, b, c, d, e, f, g, h);
    } else {
      return detail::braced<T>();
    }
  }
}

}  // namespace fovea::detail
