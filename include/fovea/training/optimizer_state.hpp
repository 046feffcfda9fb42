// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include <fovea/layers/initialization.hpp>
#include <fovea/tensor/backend.hpp>
#include <fovea/tensor/shape.hpp>

namespace fovea::detail {

/// The numbers that an optimizer keeps of each parameter, which begin at 0: of all parameters, or of the slice that a rank owns.
template <backend B> class optimizer_state {
 public:
  using value_type = typename B::value_type;

  optimizer_state(B const& b, std::size_t numbers_each, std::size_t parameters)
      : states_(numbers_each), parameters_(parameters), owned_(parameters),
        numbers_(zeros(b, numbers_each * parameters)) {}

  /// Keeps the numbers of these parameters alone, from 0.
  void shard(B const& b, std::size_t first, std::size_t owned) {
    first_ = first, owned_ = owned;
    numbers_ = zeros(b, states_ * owned_);
  }
  std::size_t first() const { return first_; }
  std::size_t owned() const { return owned_; }
  /// The numbers that are kept.
  std::size_t size() const { return fovea::size(numbers_); }
  /// Returns where number `state` of a parameter lies; that of the next parameters follows.
  value_type* numbers(std::size_t state, std::size_t parameter) {
    return fovea::data(numbers_) + state * owned_ + (parameter - first_);
  }
  value_type const* numbers(std::size_t state, std::size_t parameter) const {
    return fovea::data(numbers_) + state * owned_ + (parameter - first_);
  }

  /// Makes the numbers of all parameters, to be visited until `keep_owned`: `gather(own, all)` brings the other slices.
  template <class Gather> void gather(B const& b, Gather const& gather) {
    if (owned_ == parameters_ || all_) return;
    all_.emplace(b.template empty<value_type>(std::array{states_ * parameters_}));
    for (std::size_t s = 0; s != states_; ++s)
      gather(fovea::data(std::as_const(numbers_)) + s * owned_, fovea::data(*all_) + s * parameters_);
  }
  /// Takes the owned slice of the numbers of all, if they were made: they may have been restored.
  void keep_owned(B const& b) {
    if (!all_) return;
    for (std::size_t s = 0; s != states_; ++s)
      b.copy(fovea::data(std::as_const(*all_)) + s * parameters_ + first_, fovea::data(numbers_) + s * owned_, owned_);
    b.synchronize();
    all_.reset();
  }
  template <class Visit> void for_each_state(Visit& visit) {
    if (states_ != 0 && (owned_ == parameters_ || all_))
      visit("optimizer.state", shape{std::array{states_, parameters_}}, fovea::data(all_ ? *all_ : numbers_));
  }

 private:
  using flat = typename B::template tensor<value_type, 1>;
  static flat zeros(B const& b, std::size_t n) {
    auto made = b.template empty<value_type>(std::array{n});
    b.for_each_index(n, formulas::fill<value_type>{fovea::data(made), 0});
    return made;
  }

  std::size_t states_, parameters_, first_ = 0, owned_;
  flat numbers_;
  std::optional<flat> all_;
};

}  // namespace fovea::detail
