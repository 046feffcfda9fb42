// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/layers/layer.hpp>

/// What is done with all layers of a network, depth first: their places, names, checks and first numbers.
namespace fovea {

namespace detail {

/// A tensor of more elements cannot exist, and products of its size could wrap around.
inline constexpr std::size_t max_elements = std::size_t{1} << 48;

/// The leaves of a network, depth first, and their parameters and state: names, shapes and offsets in the network's memory.
struct network_layout {
  struct parameter {
    std::string name;
    shape extents;
    std::size_t offset;  // in numbers
  };
  struct state {
    std::string name;
    shape extents;
    state_kind kind;
    std::size_t offset;  // in bytes
  };
  layer_place place = {};
  std::vector<std::string> leaves = {};  // what stands before the names of each leaf's parameters: "", "0.", "3.1."
  std::vector<parameter> parameters = {};
  std::vector<state> states = {};
  std::size_t parameter_count = 0, state_bytes = 0;

  void begin_leaf(layer_place& leaf, std::string const& path) {
    leaf.number = leaves.size();
    leaves.push_back(path);
  }
  /// Throws `shape_error` for a parameter that is too large for any memory, and `argument_error` for one that is tied to no parameter
  /// before it.
  void add(layer_place& leaf, std::string const& path, parameter_spec const& p, bool may_tie) {
    auto name = path + std::string(p.name);
    bool const tied = !p.same_as.empty();
    if (tied && !may_tie)
      throw argument_error("model: parameter " + name + " is tied to " + std::string(p.same_as) +
                           ", and its layer does not declare ties_parameters");
    if (p.extents.size() > max_elements)
      throw shape_error("model: parameter " + name + " has shape " + to_string(p.extents) + ", which no memory holds");
    auto const offset = tied ? offset_of(name, p) : parameter_count;
    leaf.tied.push_back(tied);
    leaf.parameters.push_back(offset);
    parameters.push_back({std::move(name), p.extents, offset});
    parameter_count += tied ? 0 : p.extents.size();
  }
  void add(layer_place& leaf, std::string const& path, state_spec const& s, std::size_t number_size) {
    leaf.state.push_back(state_bytes);
    states.push_back({path + std::string(s.name), s.extents, s.kind, state_bytes});
    state_bytes += (s.extents.size() * (s.kind == state_kind::count ? 8 : number_size) + 7) / 8 * 8;
  }

 private:
  /// Returns the offset of the parameter that another one of this name and shape is tied to. Throws `argument_error` if no layer
  /// before it has such a parameter.
  std::size_t offset_of(std::string const& name, parameter_spec const& tied) const {
    for (auto const& p : parameters)
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

/// Appends a child's name and a point to the path of its parent; returns the length before.
inline std::size_t enter(std::string& path, child_name const& child) {
  auto const length = path.size();
  path += to_string(child) + ".";
  return length;
}

/// Adds a layer and the layers in it to a layout, for numbers of type T.
template <class T, class L, class S>
void add_to_layout(network_layout& all, layer_place& place, std::string& path, L const& l, S const& sample) {
  if constexpr (composite<L, S>) {
    place.number = all.leaves.size();
    auto const parameters = all.parameters.size(), states = all.states.size(), leaves = all.leaves.size();
    l.for_each_child(sample, [&](child_name name, auto const& child, auto const& s) {
      detail::require_declared<L, std::remove_cvref_t<decltype(child)>>();
      auto const length = detail::enter(path, name);
      detail::add_to_layout<T>(all, place.children.emplace_back(), path, child, s);
      path.resize(length);
    });
    if constexpr (renaming<L>) {
      auto const rename = [&](std::string& name) { name = path + l.renamed_parameter(name.substr(path.size())); };
      for (auto i = parameters; i != all.parameters.size(); ++i) rename(all.parameters[i].name);
      for (auto i = states; i != all.states.size(); ++i) rename(all.states[i].name);
      for (auto i = leaves; i != all.leaves.size(); ++i) rename(all.leaves[i]);
    }
  } else {
    all.begin_leaf(place, path);
    for (parameter_spec const& p : fovea::parameters_of(l, sample)) all.add(place, path, p, ties_parameters<L>);
    for (state_spec const& s : fovea::state_of(l, sample)) all.add(place, path, s, sizeof(T));
  }
}

/// Returns the layout of a network, for numbers of type T. Throws what `network_layout::add` throws.
template <class T, class L, class S> network_layout layout_of(L const& l, S const& sample) {
  network_layout all;
  std::string path;
  layer_place place;
  detail::add_to_layout<T>(all, place, path, l, sample);
  all.place = std::move(place);
  return all;
}

/// Calls f(layer, sample, place) for each leaf, depth first.
template <class L, class S, class F>
void for_each_leaf(L const& l, S const& sample, layer_place const& place, F const& f) {
  if constexpr (composite<L, S>) {
    std::size_t k = 0;
    l.for_each_child(sample, [&](child_name, auto const& child, auto const& s) {
      detail::for_each_leaf(child, s, place.children[k++], f);
    });
  } else {
    f(l, sample, place);
  }
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
