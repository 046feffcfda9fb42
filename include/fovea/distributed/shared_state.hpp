// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include <fovea/distributed/parallel_formulas.hpp>
#include <fovea/tensor/backend.hpp>

namespace fovea::detail {

/// The state of a network's layers, such as running statistics, over a step on several parts: each part begins with the state
/// before the step, which then changes by the mean of what they change.
template <backend B> class shared_state {
 public:
  using value_type = typename B::value_type;

  template <class Model> shared_state(B const& b, Model const& model) : before_(empty(b, 0)) {
    std::size_t bytes = 0;
    for (auto const& s : model.named_states()) {
      auto const* const first =
          s.counts ? reinterpret_cast<std::byte const*>(s.counts) : reinterpret_cast<std::byte const*>(s.numbers);
      parts_.push_back(
          {static_cast<std::size_t>(first - model.state()), bytes, numbers_, s.extents.size(), s.counts != nullptr});
      bytes += (s.extents.size() * (s.counts ? sizeof(std::int64_t) : sizeof(value_type)) + 7) / 8 * 8;
      numbers_ += s.extents.size();
    }
    before_ = empty(b, bytes);
  }
  /// The numbers of the state.
  std::size_t numbers() const { return numbers_; }

  void save(B const& b, std::byte const* state) {
    for_each([&]<class N>(part const& p, N*) { b.copy(part_of<N const>(state, p), kept<N>(p), p.size); });
  }
  void restore(B const& b, std::byte* state) const {
    for_each([&]<class N>(part const& p, N*) { b.copy(kept<N const>(p), part_of<N>(state, p), p.size); });
  }
  void write_change(B const& b, std::byte const* state, double* change) const {
    for_each([&]<class N>(part const& p, N*) {
      b.for_each_index(p.size,
                       formulas::change_of_state<N>{part_of<N const>(state, p), kept<N const>(p), change + p.number});
    });
  }
  void apply(B const& b, formulas::step_totals const* totals, double const* change, std::byte* state) const {
    for_each([&]<class N>(part const& p, N*) {
      b.for_each_index(p.size,
                       formulas::apply_change<N>{totals, kept<N const>(p), change + p.number, part_of<N>(state, p)});
    });
  }

 private:
  struct part {
    std::size_t begin, place, number, size;  // bytes in the state and in the copy; numbers
    bool counts;
  };
  using words = typename B::template tensor<std::int64_t, 1>;

  static words empty(B const& b, std::size_t bytes) {
    return b.template empty<std::int64_t>(std::array{bytes / sizeof(std::int64_t)});
  }
  template <class F> void for_each(F const& f) const {
    for (auto const& p : parts_) {
      if (p.counts) f(p, static_cast<std::int64_t*>(nullptr));
      else f(p, static_cast<value_type*>(nullptr));
    }
  }
  template <class N, class Byte> static N* part_of(Byte* state, part const& p) {
    return reinterpret_cast<N*>(state + p.begin);
  }
  template <class N> N* kept(part const& p) const {
    auto* const first = const_cast<std::int64_t*>(fovea::data(before_));
    return reinterpret_cast<N*>(reinterpret_cast<std::byte*>(first) + p.place);
  }

  std::vector<part> parts_;
  std::size_t numbers_ = 0;
  words before_;
};

}  // namespace fovea::detail
