// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include <fovea/layers/places.hpp>
#include <fovea/text/type_words.hpp>
#include <fovea/training/inputs.hpp>
#include <fovea/training/model.hpp>

namespace fovea {

/// Returns a table of a network's layers: name, type, shape of an output, number of parameters, and the bytes that a row of a batch
/// keeps from forward to backward, outputs included, for numbers of type T. The last line has the sums.
///
///     std::cout << fovea::summary(net);
template <class T = float, class Net> std::string summary(Net const& net) {
  std::vector<std::array<std::string, 5>> rows{{"name", "layer", "output", "parameters", "bytes a row"}};
  auto const sample = detail::sample_of_network(net);
  auto const layout = detail::layout_of<T>(net, sample);
  std::size_t kept = 0;
  detail::for_each_leaf(net, sample, layout.place, [&](auto const& leaf, auto const& s, auto const& place) {
    auto const made = leaf.output(s);
    auto const bytes =
        fovea::needs_of<pass<layer_probe, true>>(leaf, s, 1).kept / sizeof(float) * sizeof(T) + made.size() * sizeof(T);
    kept += bytes;
    auto name = layout.leaves[place.number];
    if (name.ends_with('.')) name.pop_back();
    auto words = detail::type_words<std::remove_cvref_t<decltype(leaf)>>();
    for (std::size_t at; (at = words.find("fovea::")) != std::string::npos;) words.erase(at, 7);
    rows.push_back({name, words, detail::shape_text(made), std::to_string(fovea::parameter_count(leaf, s)),
                    std::to_string(bytes)});
  });
  rows.push_back({"all", "", "", std::to_string(layout.parameter_count), std::to_string(kept)});
  std::array<std::size_t, 5> widths{};
  for (auto const& row : rows)
    for (std::size_t c = 0; c != row.size(); ++c) widths[c] = (std::max)(widths[c], row[c].size());
  std::string text;
  for (auto const& row : rows) {
    std::string line;
    for (std::size_t c = 0; c != row.size(); ++c) {
      std::string const space(widths[c] - row[c].size(), ' ');
      line += (c == 0 ? "" : "  ") + (c < 3 ? row[c] + space : space + row[c]);
    }
    text += line + '\n';
  }
  return text;
}

}  // namespace fovea
