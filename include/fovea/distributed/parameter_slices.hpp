// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include <fovea/tensor/backend.hpp>

namespace fovea::detail {

/// The slices of the flat parameters whose optimizer's state the ranks keep: of one length, but for the last ones. If the state is
/// not cut, each rank owns all parameters.
template <backend B, class C> class parameter_slices {
 public:
  using value_type = typename B::value_type;

  parameter_slices(B const& b, C const& ranks, std::size_t parameters, bool sharded)
      : backend_(b), ranks_(ranks), parameters_(parameters), sharded_(sharded),
        first_(sharded ? (std::min)(parameters, ranks.rank() * length()) : 0),
        owned_(sharded ? (std::min)(length(), parameters - first_) : parameters) {}

  bool sharded() const { return sharded_; }
  /// The owned parameters: the first, and how many.
  std::size_t first() const { return first_; }
  std::size_t owned() const { return owned_; }
  /// The parameters of a slice that is not one of the last.
  std::size_t length() const { return (parameters_ + ranks_.size() - 1) / ranks_.size(); }

  /// Makes the owned slice of the gradient the sum of all ranks'.
  void sum(value_type* gradient) {
    auto const room = slices();
    auto const own = room.first(length()), all = room.subspan(length());
    backend_.copy(static_cast<value_type const*>(gradient), all.data(), parameters_);
    ranks_.reduce_scatter(backend_, std::span<value_type const>(all), own);
    backend_.copy(static_cast<value_type const*>(own.data()), gradient + first_, owned_);
  }
  /// Gives all ranks the slices of all.
  void gather(value_type const* own, value_type* all) {
    auto const room = slices();
    backend_.copy(own, room.data(), owned_);
    ranks_.all_gather(backend_, std::span<value_type const>(room.first(length())), room.subspan(length()));
    backend_.copy(static_cast<value_type const*>(room.data()) + length(), all, parameters_);
  }

 private:
  /// Room for the own slice, and for those of all.
  std::span<value_type> slices() {
    if (!slices_) slices_.emplace(backend_.template empty<value_type>(std::array{length() * (ranks_.size() + 1)}));
    return {fovea::data(*slices_), fovea::size(*slices_)};
  }

  B backend_;
  C ranks_;
  std::size_t parameters_;
  bool sharded_;
  std::size_t first_, owned_;
  std::optional<typename B::template tensor<value_type, 1>> slices_;
};

}  // namespace fovea::detail
