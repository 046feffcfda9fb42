// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

#include <fovea/layers/places.hpp>
#include <fovea/optimizers/grouping.hpp>

/// The parameters of a model as an optimizer passes over them.
namespace fovea::detail {

/// Returns the named parameters of a model in its flat tensor.
inline std::vector<parameter_range> ranges_of(network_layout const& model) {
  std::vector<parameter_range> all;
  for (auto const& p : model.parameters)
    all.push_back({p.name, p.offset, p.extents.size(), p.extents.rank() < 2 ? 1 : p.extents[0]});
  return all;
}

/// Neighboring parameters that one optimizer updates: a tensor, or several ones.
struct parameter_run {
  std::size_t group, begin, size;
  std::size_t rows;       // of the first tensor
  std::size_t number;     // of the first tensor
  std::size_t in_groups;  // its place if the tensors are listed by group
};

/// The runs of a model's parameters.
struct parameter_runs {
  struct tensors_of_group {
    std::size_t first, count;  // the number of its first tensor, and of its tensors
    std::size_t in_groups;     // the place of its first tensor if the tensors are listed by group
  };
  std::vector<parameter_run> tensors;
  std::vector<parameter_run> merged;  // neighbors of one group together
  std::vector<tensors_of_group> groups;
};

/// Returns the runs of the parameters, of which a tied one counts once.
template <class O> parameter_runs runs_of(O const& rule, std::vector<parameter_range> const& all) {
  parameter_runs runs;
  auto& [tensors, merged, groups] = runs;
  groups.resize(grouping<O>::count);
  for (std::size_t i = 0; auto const group : grouping<O>::assign(rule, all)) {
    auto const& p = all[i++];
    bool const tied = !merged.empty() && p.begin < merged.back().begin + merged.back().size;
    if (tied || p.size == 0) continue;
    tensors.push_back({group, p.begin, p.size, p.rows, tensors.size(), groups[group].count});
    if (groups[group].count++ == 0) groups[group].first = tensors.back().number;
    if (!merged.empty() && merged.back().group == group) merged.back().size += p.size;
    else merged.push_back(tensors.back());
  }
  if (tensors.empty()) {  // a step is counted also where nothing is learned
    tensors.push_back({0, 0, 0, 1, 0, 0}), merged = tensors;
    groups[0].count = 1;
  }
  for (std::size_t before = 0; auto& g : groups) g.in_groups = before, before += g.count;
  for (auto& t : tensors) t.in_groups += groups[t.group].in_groups;
  return runs;
}

}  // namespace fovea::detail
