// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/layers/layer.hpp>

/// What is done with all layers of a network, depth first: their places, names, checks and first numbers.
namespace fovea {

namespace detail {

/// What has been counted before a layer, and the parameters' names, shapes and offsets.
struct layer_counts {
  struct parameter {
    std::string name;
    shape extents;
    std::size_t offset;
  };
  std::uint64_t leaves = 0;
  std::size_t parameters = 0, state = 0;
  std::vector<parameter> named = {};

  /// Returns the offset of the parameter that another one of this name and shape is tied to. Throws `argument_error` if no layer
  /// before it has such a parameter.
  std::size_t offset_of(std::string const& name, parameter_spec const& tied) const {
    for (auto const& p : named)
      if (p.name == tied.same_as) {
        if (p.extents == tied.extents) return p.offset;
        throw argument_error("tied: parameter " + name + " has shape " + to_string(tied.extents) + ", and " + p.name +
                             " " + to_string(p.extents));
      }
    throw argument_error("tied: no layer before parameter " + name + " has a parameter \"" + std::string(tied.same_as) +
                         "\"");
  }
};

/// A layer made of layers that chooses the names of their parameters: `std::string renamed_parameter(std::string const& name) const`.
template <class L>
concept renaming = requires(L const l, std::string const name) {
  { l.renamed_parameter(name) } -> std::same_as<std::string>;
};

/// A tensor of more elements cannot exist, and products of its size could wrap around.
inline constexpr std::size_t max_elements = std::size_t{1} << 48;

/// Rejects a layer made of layers that hides what is true of one of them.
template <class L, class Child> constexpr void require_declared() {
  static_assert(
      ties_parameters<L> || !ties_parameters<Child>,
      "fovea: a layer made of layers has one with a tied parameter that is not among its template arguments: it needs "
      "static constexpr bool ties_parameters = true");
  static_assert(
      mixes_rows<L> || declares_mixes_rows<L> || !mixes_rows<Child>,
      "fovea: a layer made of layers has one that mixes rows and is not among its template arguments: it needs "
      "static constexpr bool mixes_rows = true");
}

/// Returns the place of a layer, and counts it. Throws `shape_error` for a parameter that is too large for any memory.
template <class T, class L, class S>
layer_place make_place(L const& l, S const& sample, layer_counts& counts, std::string const& prefix = "") {
  layer_place place;
  place.number = counts.leaves;
  if constexpr (composite<L, S>) {
    auto const before = counts.named.size();
    l.for_each_child(sample, [&](child_name name, auto const& child, auto const& s) {
      detail::require_declared<L, std::remove_cvref_t<decltype(child)>>();
      place.children.push_back(
          detail::make_place<T>(child, s, counts, (renaming<L> ? "" : prefix) + to_string(name) + "."));
    });
    if constexpr (renaming<L>)
      for (auto i = before; i != counts.named.size(); ++i)
        counts.named[i].name = prefix + l.renamed_parameter(counts.named[i].name);
  } else {
    ++counts.leaves;
    for (parameter_spec const& p : fovea::parameters_of(l, sample)) {
      auto name = prefix + std::string(p.name);
      bool const tied = !p.same_as.empty();
      if (tied && !ties_parameters<L>)
        throw argument_error("model: parameter " + name + " is tied to " + std::string(p.same_as) +
                             ", and its layer does not declare ties_parameters");
      place.tied.push_back(tied);
      place.parameters.push_back(tied ? counts.offset_of(name, p) : counts.parameters);
      if (p.extents.size() > max_elements)
        throw shape_error("model: parameter " + name + " has shape " + to_string(p.extents) +
                          ", which no memory holds");
      counts.named.push_back({std::move(name), p.extents, place.parameters.back()});
      counts.parameters += tied ? 0 : p.extents.size();
    }
    for (state_spec const& s : fovea::state_of(l, sample)) {
      place.state.push_back(counts.state);
      counts.state += (s.extents.size() * (s.kind == state_kind::count ? 8 : sizeof(T)) + 7) / 8 * 8;
    }
  }
  return place;
}

/// What stands before the names of a leaf's parameters, and how layers around it change them: prefix + name is a parameter's name.
struct leaf_prefix {
  std::function<std::string(std::string const&)> name_of;
  friend std::string operator+(leaf_prefix const& prefix, std::string const& name) { return prefix.name_of(name); }
};

/// Calls f(prefix, layer, sample, place) for each leaf, depth first.
template <class L, class S, class F>
void for_each_leaf(L const& l, S const& sample, layer_place const& place, leaf_prefix const& prefix, F const& f) {
  if constexpr (composite<L, S>) {
    std::size_t k = 0;
    l.for_each_child(sample, [&](child_name own, auto const& child, auto const& s) {
      auto const inner = [&, before = to_string(own) + "."](std::string const& name) {
        if constexpr (renaming<L>) return prefix + l.renamed_parameter(before + name);
        else return prefix + (before + name);
      };
      detail::for_each_leaf(child, s, place.children[k++], leaf_prefix{inner}, f);
    });
  } else {
    f(prefix, l, sample, place);
  }
}
/// The same of a network, whose parameters have no prefix.
template <class L, class S, class F>
void for_each_leaf(L const& l, S const& sample, layer_place const& place, F const& f) {
  detail::for_each_leaf(l, sample, place, leaf_prefix{[](std::string const& name) { return name; }}, f);
}

/// Validates the options of a layer and of all layers in it, for numbers of type T.
template <class T, class L, class S> void validate_layers(L const& l, S const& sample) {
  fovea::validate(l), fovea::validate_in<T>(l);
  if constexpr (composite<L, S>)
    l.for_each_child(sample,
                     [](child_name, auto const& child, auto const& s) { detail::validate_layers<T>(child, s); });
}

/// Throws `argument_error` for an input of the network that the layer cannot take.
template <class L, class B, class X> void check_input(L const& l, B const& b, char const* who, X const& x) {
  if constexpr (requires { l.check_input(b, who, x); }) l.check_input(b, who, x);
}

/// Throws `shape_error` if a layer cannot be trained on a batch of so few rows.
template <class L, class S> void check_batch(L const& l, S const& sample, std::size_t rows) {
  if constexpr (requires { l.check_batch(sample, rows); }) l.check_batch(sample, rows);
  if constexpr (composite<L, S>)
    l.for_each_child(sample,
                     [&](child_name, auto const& child, auto const& s) { detail::check_batch(child, s, rows); });
}

template <class L, class S, class B> void initialize(L const& l, S const& sample, initialization<B> const& to) {
  if constexpr (composite<L, S>) {
    std::size_t k = 0;
    l.for_each_child(
        sample, [&](child_name, auto const& child, auto const& s) { detail::initialize(child, s, to.child(k++)); });
  } else if constexpr (requires { l.initialize(to, sample); }) {
    l.initialize(to, sample);
  }
}

}  // namespace detail

}  // namespace fovea
