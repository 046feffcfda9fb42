// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fovea/optimizers/grouping.hpp>
#include <fovea/tensor/backend.hpp>
#include <fovea/training/parameter_runs.hpp>
#include <fovea/training/workspace.hpp>

namespace fovea::detail {

/// The state of layers whose parameters are all frozen, such as the running statistics of a `batch_norm`: kept over a forward pass
/// of training, which would change it.
template <backend B> class frozen_state {
 public:
  template <class Model, class O> frozen_state(Model const& model, O const& rule) {
    constexpr auto frozen = []<std::size_t... G>(std::index_sequence<G...>) {
      return std::array{grouping<O>::template frozen<G>...};
    }(std::make_index_sequence<grouping<O>::count>{});
    if (std::ranges::find(frozen, true) == frozen.end()) return;
    auto const parameters = detail::ranges_of(model.layout());
    auto const groups = grouping<O>::assign(rule, parameters);
    for (auto const& s : model.named_states()) {
      bool owned = false, learns = false;
      for (std::size_t i = 0; i != parameters.size(); ++i)
        if (layer_of(parameters[i].name) == layer_of(s.name)) owned = true, learns |= !frozen[groups[i]];
      if (!owned || learns) continue;
      auto const* const first =
          s.counts ? reinterpret_cast<std::byte const*>(s.counts) : reinterpret_cast<std::byte const*>(s.numbers);
      auto const size = s.counts ? sizeof(*s.counts) : sizeof(*s.numbers);
      parts_.push_back({static_cast<std::size_t>(first - model.state()), size * s.extents.size()});
      bytes_ += parts_.back().size;
    }
  }
  void save(B const& b, std::byte const* state) {
    if (parts_.empty()) return;
    auto* to = kept_.reserve(b, bytes_);
    for (auto const& p : parts_) b.copy(state + p.begin, std::exchange(to, to + p.size), p.size);
  }
  void restore(B const& b, std::byte* state) {
    if (parts_.empty()) return;
    std::byte const* from = kept_.reserve(b, bytes_);
    for (auto const& p : parts_) b.copy(std::exchange(from, from + p.size), state + p.begin, p.size);
  }

 private:
  struct part {
    std::size_t begin, size;  // in bytes
  };
  static std::string layer_of(std::string const& name) { return name.substr(0, name.rfind('.') + 1); }

  std::vector<part> parts_;
  std::size_t bytes_ = 0;
  workspace<B> kept_;
};

}  // namespace fovea::detail
