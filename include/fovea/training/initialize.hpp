// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fovea/layers/initializers.hpp>
#include <fovea/optimizers/groups.hpp>
#include <fovea/training/model.hpp>

namespace fovea {

/// Writes the first numbers of the parameters whose names match a pattern, where * stands for any characters and ? for one: of one
/// layer ("0.*"), of one kind ("*.weight") or of the whole network. The numbers are the same on every backend. Throws `argument_error`
/// if no name matches, and `shape_error` for a parameter of a shape that the initializer does not take.
///
///     fovea::initialize(trainer.model(), "*.weight", fovea::init::kaiming_normal{}, /*seed*/ 7);
///     fovea::initialize(trainer.model(), "*.bias", fovea::init::zeros{});
template <backend B, class Net, class Link, init::initializer Rule>
void initialize(model<B, Net, Link>& to, std::string_view pattern, Rule const& rule, std::uint64_t seed = 0) {
  using T = typename B::value_type;
  bool found = false;
  for (auto const& p : to.named_parameters()) {
    if (!detail::matches(pattern, p.name)) continue;
    found = true;
    std::vector<double> numbers(p.extents.size());
    auto const first = static_cast<std::uint64_t>(p.elements.elements - fovea::data(to.parameters()));
    rule(init::target{p.extents, numbers, seed, first});
    std::vector<T> const typed(numbers.begin(), numbers.end());
    to.backend().copy(typed.data(), p.elements.elements, typed.size());
    to.backend().synchronize();
  }
  if (!found) throw argument_error("initialize: no parameter matches the pattern \"" + std::string(pattern) + "\"");
}

}  // namespace fovea
