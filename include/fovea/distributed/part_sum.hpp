// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fovea/distributed/parallel_formulas.hpp>
#include <fovea/distributed/parameter_slices.hpp>
#include <fovea/distributed/part_buffer.hpp>
#include <fovea/distributed/row_shares.hpp>
#include <fovea/distributed/shared_state.hpp>
#include <fovea/losses/loss_options.hpp>
#include <fovea/tensor/backend.hpp>

namespace fovea::detail {

/// Sums the parts of a step over the ranks: gradients, losses with their divisors, and changes of the network's state.
///
/// Gradients are parts of the mean over the rows of all ranks, whose number is known; where the divisor is counted, they are
/// multiplied by the rank's and divided by that of all. The reproducible sum is one binary tree over the groups: a rank's groups are
/// one subtree, and pairs of ranks exchange theirs. Where each rank updates its slice of the parameters, it gets the sum of that slice.
template <backend B, class C> class part_sum {
 public:
  using value_type = typename B::value_type;

  /// `slice`: the length of slices; `scatters`: the sum of a step's gradients is needed in the owned one alone.
  template <class Model>
  part_sum(B const& b, C const& ranks, row_shares const& shares, Model const& model, std::size_t slice, bool scatters)
      : backend_(b), ranks_(ranks), shares_(shares), parameters_(fovea::size(model.parameters())), slice_(slice),
        scatters_(scatters), packs_(shares.groups == 0 && !scatters && parameters_ <= packed_at_most),
        state_(b, model) {
    if (!shares_.cut()) return;
    levels_.push_back(buffer(head()));
    for (std::size_t n = 1; n <= shares_.parts() && shares_.groups != 0; n *= 2) levels_.push_back(buffer(head()));
    if (shares_.groups != 0 && scatters_)
      received_.emplace(buffer(buffer_type::doubles_for(shares_.ranks / 2 * slice_)));
  }

  /// Begins a step from this state of the network.
  void begin(std::byte const* state, bool sums) {
    counted_ = false, sums_ = sums, has_rows_ = false;
    state_.save(backend_, state);
  }
  /// Makes the state what it was when the step began: each part begins with it.
  void restore(std::byte* state) const { state_.restore(backend_, state); }
  /// Notes whether the divisor of a batch is counted.
  void note(batch_loss const& total) { counted_ |= total.divisor == 0; }

  /// Adds a part: its gradient, loss and divisor, and how it has changed the state.
  void add(std::size_t number, value_type* gradient, batch_loss const& total, std::byte const* state,
           std::size_t rows) {
    auto& to = levels_[0];
    if (rows == 0) {
      to.fill_with_zeros(backend_);
    } else {
      has_rows_ = true;
      auto const* const divisor = total.divisor == 0 ? total.counted : nullptr;
      if (counted_ && !shares_.synchronized) over_gradient(formulas::times_divisor{}, gradient, parameters_, divisor);
      if (shares_.groups != 0) backend_.copy(static_cast<value_type const*>(gradient), to.gradient(), parameters_);
      if (packs_)
        backend_.for_each_index(parameters_, formulas::convert<value_type, double>{gradient, to.head().data()});
      backend_.for_each_index(1, formulas::pack_totals{total.sum, divisor, total.divisor, counted_, to.totals()});
      state_.write_change(backend_, state, to.changes());
    }
    if (shares_.groups == 0) return;
    std::size_t level = 1;
    for (; number % 2 == 1; number /= 2) add_buffer(levels_[0], levels_[level++]);
    std::swap(levels_[0], levels_[level]);
  }
  /// Sums the parts of all ranks: the gradient of the mean over all rows, or the owned slice of it; the state; the losses and their
  /// divisor, which it returns.
  batch_loss sum(value_type* gradient, std::byte* state, parameter_slices<B, C>& slices, bool scatters) {
    auto& all = shares_.groups == 0 ? levels_[0] : levels_.back();
    auto const first = scatters ? slices.first() : 0, n = scatters ? slices.owned() : parameters_;
    auto* const own = gradient + first;
    if (shares_.groups == 0) {
      ranks_.all_reduce(backend_, all.all());
      if (scatters) slices.sum(gradient);
      else if (packs_) backend_.for_each_index(n, formulas::convert<double, value_type>{all.head().data(), gradient});
      else ranks_.all_reduce(backend_, std::span<value_type>(gradient, n));
    } else {
      for (std::size_t distance = 1; distance < shares_.ranks; distance *= 2)
        scatters ? exchange_half(all, distance) : exchange_whole(all, distance);
      backend_.copy(static_cast<value_type const*>(all.gradient()) + first, own, n);
    }
    backend_.for_each_index(1,
                            formulas::unpack_totals{all.totals(), sums_, loss_.data(), divisor_.data(), any_.data()});
    // A rank without rows does not know how the others divide.
    if (counted_ || (!has_rows_ && backend_.read(any_) != 0))
      over_gradient(formulas::over_divisor{}, own, n, divisor_.data());
    state_.apply(backend_, all.totals(), all.changes(), state);
    return {loss_.data(), divisor_.data(), 0};
  }

 private:
  using buffer_type = part_buffer<B>;
  using slot = typename B::template scalar<double>;
  /// A larger gradient travels by itself, without a copy.
  static constexpr std::size_t packed_at_most = std::size_t{1} << 14;

  /// The doubles of the gradient in a buffer: packed, as doubles; of the reproducible sum, as what it is, padded for equal slices.
  std::size_t head() const {
    if (shares_.groups == 0) return packs_ ? parameters_ : 0;
    return buffer_type::doubles_for(scatters_ ? shares_.ranks * slice_ : parameters_);
  }
  buffer_type buffer(std::size_t head) const { return {backend_, head, state_.numbers()}; }

  void exchange_whole(buffer_type& all, std::size_t distance) {
    ranks_.exchange(backend_, shares_.rank ^ distance, std::span<double const>(all.all()), levels_[0].all());
    add_buffer(all, levels_[0]);
  }
  /// A round of the same tree for the owned slices alone: this rank keeps the slices of the ranks whose numbers agree with its own in
  /// the bits up to the distance, and the partner the others that are left.
  void exchange_half(buffer_type& all, std::size_t distance) {
    auto &out = levels_[0], &in = *received_;
    auto const partner = shares_.rank ^ distance;
    auto const each_slice = [&](std::size_t of_rank, auto const& f) {
      std::size_t i = 0;
      for (auto s = of_rank % (2 * distance); s < shares_.ranks; s += 2 * distance)
        f(all.gradient() + s * slice_, i++ * slice_);
      return buffer_type::doubles_for(i * slice_);
    };
    auto const head = each_slice(partner, [&](value_type const* from, std::size_t place) {
      backend_.copy(from, out.gradient() + place, slice_);
    });
    auto const tail = all.tail();
    backend_.copy(static_cast<double const*>(tail.data()), out.all().data() + head, tail.size());
    auto const sent = head + tail.size();
    ranks_.exchange(backend_, partner, std::span<double const>(out.all().first(sent)), in.all().first(sent));
    each_slice(shares_.rank,
               [&](value_type* to, std::size_t place) { add_numbers(to, in.gradient() + place, slice_); });
    add_numbers(tail.data(), in.all().data() + head, tail.size());
  }

  template <class T> void add_numbers(T* to, T const* before, std::size_t n) const {
    backend_.for_each(domain<1, dynamic>({1, n}), formulas::add_before{}, each{to}, each{before});
  }
  void add_buffer(buffer_type& to, buffer_type& before) const {
    if (head() != 0) add_numbers<value_type>(to.gradient(), before.gradient(), parameters_);
    add_numbers<double>(to.tail().data(), before.tail().data(), to.tail().size());
  }
  template <class F> void over_gradient(F const& f, value_type* gradient, std::size_t n, double const* number) const {
    if (n != 0) backend_.for_each(domain<1, dynamic>({1, n}), f, each{gradient}, broadcast{number});
  }

  B backend_;
  C ranks_;
  row_shares shares_;
  std::size_t parameters_, slice_;  // all of them, and those of one rank's slice
  bool scatters_, packs_;           // the sum of the owned slice alone; the gradient in the buffer of the totals
  shared_state<B> state_;
  std::vector<buffer_type> levels_;      // of the reproducible sum's tree; the first is this rank's last part
  std::optional<buffer_type> received_;  // of a partner
  slot loss_ = fovea::make_scalar<double>(backend_), divisor_ = fovea::make_scalar<double>(backend_),
       any_ = fovea::make_scalar<double>(backend_);
  bool counted_ = false, sums_ = false, has_rows_ = false;  // of the step
};

}  // namespace fovea::detail
