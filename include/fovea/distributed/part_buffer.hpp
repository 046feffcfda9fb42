// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include <fovea/distributed/parallel_formulas.hpp>
#include <fovea/layers/initialization.hpp>
#include <fovea/tensor/backend.hpp>

namespace fovea::detail {

/// What travels between ranks for a part of a step, as doubles: the gradient, then the totals and how the part has changed the
/// network's state. A gradient of other numbers than doubles is converted, or lies there as what it is.
template <backend B> class part_buffer {
 public:
  using value_type = typename B::value_type;
  /// The doubles that so many numbers of a gradient take.
  static std::size_t doubles_for(std::size_t n) {
    return (n * sizeof(value_type) + sizeof(double) - 1) / sizeof(double);
  }

  /// `head`: the doubles of the gradient; `changes`: the numbers of the state.
  part_buffer(B const& b, std::size_t head, std::size_t changes)
      : head_(head), words_(b.template empty<double>(std::array{head + totals_size + changes})) {
    fill_with_zeros(b);
  }
  void fill_with_zeros(B const& b) {
    b.for_each_index(fovea::size(words_), formulas::fill<double>{fovea::data(words_), 0});
  }
  std::span<double> all() { return {fovea::data(words_), fovea::size(words_)}; }
  std::span<double> head() { return all().first(head_); }
  /// The totals and the changes.
  std::span<double> tail() { return all().subspan(head_); }
  value_type* gradient() { return reinterpret_cast<value_type*>(fovea::data(words_)); }
  formulas::step_totals* totals() { return reinterpret_cast<formulas::step_totals*>(tail().data()); }
  double* changes() { return tail().data() + totals_size; }

 private:
  static constexpr std::size_t totals_size = sizeof(formulas::step_totals) / sizeof(double);
  std::size_t head_;
  typename B::template tensor<double, 1> words_;
};

}  // namespace fovea::detail
