// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <system_error>
#include <tuple>

#include <nlohmann/json.hpp>

#include <fovea/data/imputer.hpp>
#include <fovea/data/min_max_scaler.hpp>
#include <fovea/data/one_hot_encoder.hpp>
#include <fovea/data/ordinal_encoder.hpp>
#include <fovea/data/robust_scaler.hpp>
#include <fovea/data/standardizer.hpp>
#include <fovea/error.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/text/parse_errors.hpp>
#include <fovea/text/parse_number.hpp>
#include <fovea/text/to_shortest.hpp>

/// What prepares a model's features, as JSON: the members that are its whole state, by their names.
namespace fovea::detail {

template <class M> struct named_member {
  char const* name;
  M member;
};
template <class M> named_member(char const*, M) -> named_member<M>;

template <class T> struct described;
template <> struct described<standardizer> {
  static constexpr auto members =
      std::tuple{named_member{"names", &standardizer::names}, named_member{"mean", &standardizer::mean},
                 named_member{"scale", &standardizer::scale}};
};
template <> struct described<feature_range> {
  static constexpr auto members =
      std::tuple{named_member{"lower", &feature_range::lower}, named_member{"upper", &feature_range::upper}};
};
template <> struct described<min_max_scaler> {
  static constexpr auto members =
      std::tuple{named_member{"names", &min_max_scaler::names}, named_member{"minimum", &min_max_scaler::minimum},
                 named_member{"maximum", &min_max_scaler::maximum}, named_member{"range", &min_max_scaler::range}};
};
template <> struct described<quantile_range> {
  static constexpr auto members =
      std::tuple{named_member{"lower", &quantile_range::lower}, named_member{"upper", &quantile_range::upper}};
};
template <> struct described<robust_scaler> {
  static constexpr auto members =
      std::tuple{named_member{"names", &robust_scaler::names}, named_member{"median", &robust_scaler::median},
                 named_member{"scale", &robust_scaler::scale}, named_member{"range", &robust_scaler::range}};
};
template <> struct described<imputer> {
  static constexpr auto members =
      std::tuple{named_member{"names", &imputer::names}, named_member{"values", &imputer::values}};
};
template <> struct described<one_hot_encoder> {
  static constexpr auto members = std::tuple{named_member{"names", &one_hot_encoder::names},
                                             named_member{"categories", &one_hot_encoder::categories},
                                             named_member{"unknown", &one_hot_encoder::unknown}};
};
template <> struct described<ordinal_encoder> {
  static constexpr auto members = std::tuple{named_member{"names", &ordinal_encoder::names},
                                             named_member{"categories", &ordinal_encoder::categories}};
};

template <class T>
concept with_members = requires { described<T>::members; };

template <class T> nlohmann::json to_json(T const& value) {
  if constexpr (with_members<T>) {
    nlohmann::json all;
    std::apply([&](auto const&... m) { ((all[m.name] = detail::to_json(value.*m.member)), ...); },
               described<T>::members);
    return all;
  } else if constexpr (std::floating_point<T>) {
    return detail::is_finite(value) ? nlohmann::json(value) : nlohmann::json(detail::to_shortest(value));  // "inf"
  } else {
    return value;
  }
}
/// Throws `nlohmann::json::exception` if a member is missing or of another type, and `io_error` for a text that is no number.
template <class T> void from_json(nlohmann::json const& all, T& value) {
  if constexpr (with_members<T>) {
    std::apply([&](auto const&... m) { (detail::from_json(all.at(m.name), value.*m.member), ...); },
               described<T>::members);
  } else {
    if constexpr (std::floating_point<T>)
      if (all.is_string()) {
        auto const words = all.template get<std::string>();
        if (parse_number(words.data(), words.data() + words.size(), value).ec == std::errc{}) return;
        throw io_error("model description: " + quoted(words) + " is no number");
      }
    all.get_to(value);
  }
}
/// Throws `io_error` unless all lists of the members have one length; a list of names may be empty.
template <class T> void require_one_length(T const& value, std::string const& what) {
  std::size_t length = 0, lists = 0;
  bool same = true;
  auto const look = [&](auto const& m) {
    if constexpr (requires { (value.*m.member).size(); }) {
      auto const n = (value.*m.member).size();
      if (n == 0 && std::string(m.name) == "names") return;
      same = same && (lists++ == 0 || n == length), length = n;
    }
  };
  std::apply([&](auto const&... m) { (look(m), ...); }, described<T>::members);
  if (!same) throw io_error("model description: the lists of the " + what + " differ in length");
}

}  // namespace fovea::detail
