// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fovea/data/fingerprint.hpp>
#include <fovea/distributed/agreement.hpp>
#include <fovea/distributed/communicator.hpp>
#include <fovea/distributed/parallel_formulas.hpp>
#include <fovea/distributed/shared_state.hpp>
#include <fovea/losses/loss_options.hpp>
#include <fovea/text/type_words.hpp>
#include <fovea/training/accumulated_gradient.hpp>
#include <fovea/training/epoch_loss.hpp>

namespace fovea::detail {

/// Rows of a step: which, and how many.
struct share_of_rows {
  std::size_t first, rows;
};

/// A trainer's step on the ranks of a communicator. The rows of the step are cut into parts: one for each rank, or the groups of the
/// reproducible sum. Each rank computes the gradients of its parts; `sum` adds those of all, with what travels beside them.
///
/// Gradients are parts of the mean over the rows of all ranks, whose number is known; where the divisor is counted, they are
/// multiplied by the rank's and divided by that of all. The reproducible sum is one binary tree over the groups: a rank's groups are
/// one subtree, and pairs of ranks exchange theirs.
template <class B, class C> class data_parallel {
 public:
  using value_type = typename B::value_type;
  static_assert(communicator<C, B>,
                "trainer: a communicator has rank, size, all_reduce, reduce_scatter, all_gather, broadcast, exchange, "
                "barrier and fail, for the memory of this backend");

  template <class Options, class Model>
  data_parallel(B const& b, Options const& o, Model const& model)
      : backend_(b), ranks_(o.communicator), groups_(o.sum == decltype(o.sum)::fast ? 0 : o.groups),
        accumulate_(o.accumulate), sharded_(o.shard_optimizer && ranks_.size() != 1),
        parameters_(fovea::size(model.parameters())), state_(b, model),
        packs_(groups_ != 0 || parameters_ <= packed_at_most) {
    if (!shares()) return;
    levels_.push_back(buffer(b));
    for (std::size_t n = 1; n <= parts() && groups_ != 0; n *= 2) levels_.push_back(buffer(b));
  }

  std::size_t rank() const { return ranks_.rank(); }
  std::size_t ranks() const { return ranks_.size(); }
  /// True if a step is cut into parts; the only rank of a fast sum trains as it would alone.
  bool shares() const { return ranks() != 1 || groups_ != 0; }

  /// Calls f, which throws on all ranks if it does on one.
  template <class F> void agree(F const& f) const { detail::agree(backend_, ranks_, f); }
  /// Calls f; what it throws on this rank alone ends all ranks.
  template <class F> decltype(auto) guard(F const& f) const {
    try {
      return f();
    } catch (distributed_error const&) {
      throw;
    } catch (loss_not_finite const&) {  // the loss is that of all ranks
      throw;
    } catch (std::exception const& e) {
      ranks_.fail("rank " + std::to_string(rank()) + " failed: " + e.what());
      throw;
    } catch (...) {
      ranks_.fail("rank " + std::to_string(rank()) + " failed: an exception");
      throw;
    }
  }
  /// True if one rank says so.
  bool any(bool here) {
    auto* const said = fovea::data(said_);
    backend_.for_each_index(1, formulas::fill<value_type>{said, value_type(here)});
    ranks_.all_reduce(backend_, std::span<value_type>(said, 1));
    value_type all = 0;
    backend_.copy(static_cast<value_type const*>(said), &all, 1);
    backend_.synchronize();
    return all != 0;
  }
  /// Throws `distributed_error`, which has the noun, on all ranks unless they have the same numbers.
  void require_same(char const* noun, std::array<std::size_t, 2> numbers) const {
    detail::require_alike(backend_, ranks_, {{noun, numbers[0]}, {noun, numbers[1]}});
  }
  /// Gives all ranks the numbers that the first one has measured.
  template <class Report> void agree_on(Report& r) const {
    std::vector<double> numbers{r.loss, r.validation_loss.value_or(0), r.seconds};
    for (auto const& m : r.metrics) numbers.push_back(m.second);
    broadcast_state<B, C>{backend_, ranks_}(std::span<double>(numbers));
    r.loss = numbers[0], r.seconds = numbers[2];
    if (r.validation_loss) r.validation_loss = numbers[1];
    for (std::size_t i = 0; i != r.metrics.size(); ++i) r.metrics[i].second = numbers[3 + i];
  }
  /// Compares what the ranks train and on what, and gives all of them the first one's state.
  template <class Trainer, class... Data> void begin(Trainer& trainer, Data const&... data) {
    begun_ = true;
    std::vector<alike> all;
    for (auto const& [noun, words] : trainer.identity()) all.emplace_back(noun, detail::hash_of(words));
    for (auto const& p : trainer.model().named_parameters())
      all[0].second += detail::hash_of(p.name + to_string(p.extents));
    (all.emplace_back("data set", fingerprint(data)), ...);
    all.emplace_back("sum", groups_), all.emplace_back("sharding", sharded_);
    detail::require_alike(backend_, ranks_, all);
    beginning_ = true;  // parts of the optimizer's state stay where they are
    trainer.for_each_state(broadcast_state<B, C>{backend_, ranks_});
    beginning_ = false;
    if constexpr (requires { trainer.learning_rate(); })
      detail::require_alike(backend_, ranks_,
                            {{"learning rate", std::bit_cast<std::uint64_t>(trainer.learning_rate())}});
  }
  /// True if each rank keeps the optimizer's state of its part of the parameters.
  bool sharded() const { return sharded_; }
  template <class Updater> void shard(Updater& update) const {
    if (!sharded_) return;
    if (!Updater::shardable)
      throw argument_error("trainer: shard_optimizer: this optimizer measures, draws for or averages what it updates");
    auto const first = (std::min)(parameters_, rank() * slice());
    update.shard(backend_, first, (std::min)(slice(), parameters_ - first));
  }
  template <class Updater> void gather_state(Updater& update) {
    if (sharded_ && !beginning_)
      update.gather_state(backend_, [&](value_type const* own, value_type* all) { gather(own, all); });
  }
  void gather_parameters(value_type* parameters) {
    if (sharded_) gather(parameters + (std::min)(parameters_, rank() * slice()), parameters);
  }
  template <class Trainer> void begin_once(Trainer& trainer) {
    if (!std::exchange(begun_, true)) begin(trainer);
  }

  /// Takes this rank's part in a step on so many rows of all ranks: `run(first, n)` adds the gradient of n rows of the step. Returns
  /// the losses of all rows.
  template <class F>
  batch_loss step(accumulated_gradient<B>& gradient, std::byte* state, std::size_t rows, std::size_t batch_rows,
                  F const& run) {
    auto* const slopes = fovea::data(gradient.tensor());
    begin_step(state, rows);
    for (std::size_t i = 0; i != parts(); ++i) {
      if (i != 0) state_.restore(backend_, state);
      auto const part = part_of(rows, i);
      auto const max_rows = rows_at_once(part.rows, batch_rows);
      first_row_ = part.first;
      gradient.restart();
      for (std::size_t first = 0; first < part.rows; first += max_rows)
        run(part.first + first, (std::min)(max_rows, part.rows - first));
      if (part.rows == 0) gradient.fill_with_zeros();
      add_part(i, slopes, gradient.total(), state, part.rows);
    }
    return sum(slopes, state);
  }
  /// The same of a batch that each rank brings, of so many rows here.
  template <class F>
  batch_loss step_on(value_type* slopes, std::byte* state, std::size_t rows, bool sums, F const& run) {
    if (groups_ != 0)
      throw argument_error("trainer: the reproducible sum cuts the rows of an epoch's step: call epoch or fit");
    auto const all = detail::gathered(backend_, ranks_, {static_cast<std::int64_t>(rows)});
    std::size_t before = 0, together = 0;
    for (std::size_t r = 0; r != ranks(); together += static_cast<std::size_t>(all[r++]))
      if (r == rank()) before = together;
    begin_step(state, together);
    first_row_ = before, sums_ = sums;
    auto const total = run();
    adds(total);
    add_part(0, slopes, total, state, rows);
    return sum(slopes, state);
  }
  /// The number of rows of the step, and the first row of this rank's part.
  std::size_t rows() const { return rows_; }
  std::size_t first_row() const { return first_row_; }
  /// The share of a batch's rows in all rows, by which its gradient is multiplied unless the divisor is counted.
  double fraction(std::size_t rows) const {
    return shares() ? static_cast<double>(rows) / static_cast<double>(rows_) : 1;
  }
  /// True if the gradients of batches are added as they are, because their divisor is known.
  bool adds(batch_loss const& total) {
    counted_ |= total.divisor == 0;
    return shares() && total.divisor != 0;
  }
  template <class F> void for_each_size(epoch_steps const& steps, std::size_t batch_rows, F const& f) const {
    if (!shares()) return data_parallel<B, alone>::for_each_size(steps, batch_rows, f);
    for (auto const rows : {steps.rows_of_step, steps.rows % steps.rows_of_step})
      for (std::size_t i = 0; i != parts(); ++i) {
        auto const part = part_of(rows, i).rows, max_rows = rows_at_once(part, batch_rows);
        f((std::min)(part, max_rows)), f(part % max_rows);
      }
  }

 private:
  using flat = typename B::template tensor<value_type, 1>;
  using slot = typename B::template scalar<double>;
  /// A larger gradient travels by itself, without a copy.
  static constexpr std::size_t packed_at_most = std::size_t{1} << 14;
  static constexpr std::size_t totals = sizeof(formulas::step_totals<value_type>) / sizeof(value_type);

  std::size_t parts() const { return groups_ == 0 ? 1 : groups_ / ranks(); }
  /// Returns this rank's i-th part of so many rows.
  share_of_rows part_of(std::size_t rows, std::size_t i) const {
    auto const all = ranks() * parts(), part = rank() * parts() + i, first = rows * part / all;
    return {first, rows * (part + 1) / all - first};
  }
  /// The rows of a part that run at once; those of a group do not depend on the number of ranks.
  std::size_t rows_at_once(std::size_t part, std::size_t batch_rows) const {
    return groups_ == 0 ? batch_rows : (std::max<std::size_t>)(1, (part + accumulate_ - 1) / accumulate_);
  }
  void begin_step(std::byte const* state, std::size_t rows) {
    rows_ = rows, counted_ = false, sums_ = false, has_rows_ = false;
    state_.save(backend_, state);
  }
  /// Adds a part: its gradient, loss and divisor, and how it has changed the state.
  void add_part(std::size_t number, value_type* gradient, batch_loss const& total, std::byte const* state,
                std::size_t rows) {
    auto& to = levels_[0];
    if (rows == 0) {
      backend_.for_each_index(fovea::size(to), formulas::fill<value_type>{fovea::data(to), value_type(0)});
    } else {
      has_rows_ = true;
      auto const* const divisor = total.divisor == 0 ? total.counted : nullptr;
      if (counted_) over_gradient(formulas::times_divisor{}, gradient, divisor);
      if (packs_) backend_.copy(static_cast<value_type const*>(gradient), fovea::data(to), parameters_);
      backend_.for_each_index(
          1, formulas::pack_totals<value_type>{total.sum, divisor, total.divisor, counted_, totals_in(to)});
      state_.write_change(backend_, state, changes_in(to));
    }
    if (groups_ == 0) return;
    std::size_t level = 1;
    for (; number % 2 == 1; number /= 2) add(levels_[0], levels_[level++]);
    std::swap(levels_[0], levels_[level]);
  }
  /// Sums the parts of all ranks: the gradient of the mean over all rows, the state, the losses and their divisor.
  batch_loss sum(value_type* gradient, std::byte* state) {
    auto& all = groups_ == 0 ? levels_[0] : levels_.back();
    if (groups_ == 0) {
      ranks_.all_reduce(backend_, span_of(all));
      if (!packs_) ranks_.all_reduce(backend_, std::span<value_type>(gradient, parameters_));
    } else {
      for (std::size_t distance = 1; distance < ranks(); distance *= 2) {
        ranks_.exchange(backend_, rank() ^ distance, std::span<value_type const>(span_of(all)), span_of(levels_[0]));
        add(all, levels_[0]);
      }
    }
    if (packs_) backend_.copy(static_cast<value_type const*>(fovea::data(all)), gradient, parameters_);
    backend_.for_each_index(
        1, formulas::unpack_totals<value_type>{totals_in(all), sums_, loss_.data(), divisor_.data(), any_.data()});
    // A rank without rows does not know how the others divide.
    if (counted_ || (!has_rows_ && backend_.read(any_) != 0))
      over_gradient(formulas::over_divisor{}, gradient, divisor_.data());
    state_.apply(backend_, totals_in(all), changes_in(all), state);
    return {loss_.data(), divisor_.data(), 0};
  }
  /// The parameters of a rank's part; the last parts may be shorter.
  std::size_t slice() const { return (parameters_ + ranks() - 1) / ranks(); }
  /// Gives all ranks the parts of all.
  void gather(value_type const* own, value_type* all) {
    auto const n = slice(), first = (std::min)(parameters_, rank() * n);
    if (!slices_) slices_.emplace(backend_.template empty<value_type>(std::array{n * (ranks() + 1)}));
    std::span<value_type> const room(fovea::data(*slices_), fovea::size(*slices_));
    backend_.copy(own, room.data(), (std::min)(n, parameters_ - first));
    ranks_.all_gather(backend_, std::span<value_type const>(room.first(n)), room.subspan(n));
    backend_.copy(static_cast<value_type const*>(room.data() + n), all, parameters_);
  }
  flat buffer(B const& b) const {
    return b.template empty<value_type>(std::array{(packs_ ? parameters_ : 0) + totals + state_.numbers()});
  }
  static std::span<value_type> span_of(flat& x) { return {fovea::data(x), fovea::size(x)}; }
  auto* totals_in(flat& x) const {
    return reinterpret_cast<formulas::step_totals<value_type>*>(fovea::data(x) + (packs_ ? parameters_ : 0));
  }
  value_type* changes_in(flat& x) const { return fovea::data(x) + (packs_ ? parameters_ : 0) + totals; }
  void add(flat& to, flat const& before) const {
    backend_.for_each(domain<1, dynamic>({1, fovea::size(to)}), formulas::add_before{}, each{fovea::data(to)},
                      each{fovea::data(before)});
  }
  template <class F> void over_gradient(F const& f, value_type* gradient, double const* number) const {
    backend_.for_each(domain<1, dynamic>({1, parameters_}), f, each{gradient}, broadcast{number});
  }
  template <class Data> std::uint64_t fingerprint(Data const& data) {
    if (identity_ != data.identity())
      fingerprint_ = detail::hash_of(detail::fingerprint_of(backend_, data)), identity_ = data.identity();
    return fingerprint_;
  }

  B backend_;
  C ranks_;
  std::size_t groups_, accumulate_;  // no groups: the fast sum
  bool sharded_;
  std::size_t parameters_;
  shared_state<B> state_;
  bool packs_;
  std::optional<flat> slices_;  // of the ranks
  flat said_ = backend_.template empty<value_type>(std::array<std::size_t, 1>{1});
  std::vector<flat> levels_;  // of the reproducible sum's tree; the first is this rank's last part
  slot loss_ = make_scalar<double>(backend_), divisor_ = make_scalar<double>(backend_),
       any_ = make_scalar<double>(backend_);
  // of the step
  std::size_t rows_ = 0, first_row_ = 0;
  bool counted_ = false, sums_ = false, has_rows_ = false, begun_ = false, beginning_ = false;
  // of the data set that was compared last
  std::size_t identity_ = 0;
  std::uint64_t fingerprint_ = 0;
};

}  // namespace fovea::detail
