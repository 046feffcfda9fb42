// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fovea/data/fingerprint.hpp>
#include <fovea/distributed/agreement.hpp>
#include <fovea/distributed/communicator.hpp>
#include <fovea/distributed/parallel_formulas.hpp>
#include <fovea/distributed/parameter_slices.hpp>
#include <fovea/distributed/part_sum.hpp>
#include <fovea/distributed/row_shares.hpp>
#include <fovea/layers/pass.hpp>
#include <fovea/losses/loss_options.hpp>
#include <fovea/text/checksum.hpp>
#include <fovea/training/accumulated_gradient.hpp>
#include <fovea/training/epoch_steps.hpp>
#include <fovea/training/value_words.hpp>

namespace fovea::detail {

/// What a trainer does besides on the ranks of a communicator. The rows of a step are cut into parts (`row_shares`); each rank computes
/// the gradients of its parts, and `part_sum` adds those of all. What the ranks train must be alike: `begin` compares it.
///
/// With synchronized statistics, batches are cut among the ranks, and layers add their sums over rows as they run. Then the
/// gradients of all ranks must have one scale before these are known to be divided: that of the sum.
template <class B, class C> class data_parallel {
 public:
  using value_type = typename B::value_type;
  static_assert(communicator<C, B>,
                "trainer: a communicator has rank, size, all_reduce, reduce_scatter, all_gather, broadcast, exchange, "
                "barrier and fail, for the memory of this backend");

  template <class Options, class Model, class Updater>
  data_parallel(B const& b, Options const& o, Model const& model, Updater& optimizer)
      : backend_(b), ranks_(o.communicator),
        shares_{ranks_.rank(), ranks_.size(), o.sum == decltype(o.sum)::fast ? 0 : o.groups, o.accumulate,
                o.synchronize_statistics && ranks_.size() != 1},
        slices_(b, ranks_, fovea::size(model.parameters()), o.shard_optimizer && ranks_.size() != 1),
        scatters_(slices_.sharded() && !Updater::measures),
        sum_(b, ranks_, shares_, model, slices_.length(), scatters_), rows_of_ranks_(ranks_.size()) {
    if (!slices_.sharded()) return;
    if (!Updater::shardable)
      throw argument_error("trainer: shard_optimizer: this optimizer measures, draws for or averages what it updates");
    optimizer.shard(backend_, slices_.first(), slices_.owned());
  }

  std::size_t rank() const { return shares_.rank; }
  std::size_t ranks() const { return shares_.ranks; }
  /// True if a step is cut into parts.
  bool shares() const { return shares_.cut(); }

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
    backend_.for_each_index(1, formulas::fill<double>{any_.data(), here ? 1. : 0.});
    ranks_.all_reduce(backend_, std::span<double>(any_.data(), 1));
    return backend_.read(any_) != 0;
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
  template <class State, class... Data> void begin(State& state, Data const&... data) {
    begun_ = true;
    std::vector<alike> all;
    for (auto const& [noun, words] : state.identity()) all.emplace_back(noun, detail::hash_of(words));
    for (auto const& p : state.model.named_parameters())
      all[0].second += detail::hash_of(p.name + to_string(p.extents));
    (all.emplace_back("data set", fingerprint(data)), ...);
    all.emplace_back("sum", shares_.groups), all.emplace_back("sharding", slices_.sharded());
    all.emplace_back("synchronization of statistics", shares_.synchronized);
    if (numbers_.empty() && shares())  // they do not change
      numbers_ = {{"optimizer, in its numbers,", detail::hash_of(detail::value_words(state.optimizer.rule()))},
                  {"loss, in its numbers,", detail::hash_of(detail::value_words(state.loss))}};
    all.insert(all.end(), numbers_.begin(), numbers_.end());
    detail::require_alike(backend_, ranks_, all);
    beginning_ = true;  // parts of the optimizer's state stay where they are
    state.for_each_state(broadcast_state<B, C>{backend_, ranks_});
    beginning_ = false;
    if constexpr (requires { state.learning_rate(); })
      detail::require_alike(backend_, ranks_, {{"learning rate", std::bit_cast<std::uint64_t>(state.learning_rate())}});
  }
  template <class State> void begin_once(State& state) {
    if (shares() && !std::exchange(begun_, true)) begin(state);
  }
  /// True if each rank keeps the optimizer's state of its slice of the parameters.
  bool sharded() const { return slices_.sharded(); }
  template <class Updater> void gather_state(Updater& optimizer) {
    if (sharded() && !beginning_)
      optimizer.gather_state(backend_, [&](value_type const* own, value_type* all) { slices_.gather(own, all); });
  }
  void gather_parameters(value_type* parameters) {
    if (sharded()) slices_.gather(parameters + slices_.first(), parameters);
  }

  /// Takes this rank's part in a step on so many rows of all ranks: `run(first, n)` adds the gradient of n rows of the step. Returns
  /// the losses of all rows.
  template <class F>
  batch_loss step(accumulated_gradient<B>& gradient, std::byte* state, std::size_t rows, std::size_t batch_rows,
                  F const& run) {
    auto* const slopes = fovea::data(gradient.tensor());
    rows_ = rows;
    sum_.begin(state, false);
    for (std::size_t i = 0; i != shares_.parts(); ++i) {
      if (i != 0) sum_.restore(state);
      gradient.restart();
      auto const own = shares_.synchronized ? run_shares(gradient, batch_rows, run)
                                            : run_part(shares_.part(rows, i), batch_rows, run);
      if (own == 0) gradient.fill_with_zeros();
      sum_.add(i, slopes, gradient.total(), state, own);
    }
    return sum_.sum(slopes, state, slices_, scatters_);
  }
  /// Agrees on a batch that each rank brings: `check()` returns its rows here, or throws; then all ranks throw. Waits for what the
  /// ranks say.
  template <class F> std::size_t agree_on_rows(F const& check) {
    if (!shares()) return check();
    if (shares_.groups != 0)
      throw argument_error("trainer: the reproducible sum cuts the rows of an epoch's step: call epoch or fit");
    std::size_t own = 0;
    attempt const here([&] { own = check(); });
    auto const said = here.error ? attempt::failed : static_cast<std::int64_t>(own);
    auto* const there = fovea::data(counts_);
    backend_.copy(&said, there, 1);
    ranks_.all_gather(backend_, std::span<std::int64_t const>(there, 1), std::span<std::int64_t>(there + 1, ranks()));
    backend_.copy(static_cast<std::int64_t const*>(there) + 1, rows_of_ranks_.data(), ranks());
    backend_.synchronize();
    here.settle(backend_, ranks_, rows_of_ranks_);
    rows_ = 0;
    for (std::size_t r = 0; r != ranks(); rows_ += static_cast<std::size_t>(rows_of_ranks_[r++]))
      if (r == rank()) first_row_ = rows_;
    return own;
  }
  /// The gradient of that batch, of so many rows here, which `run(several)` computes; see `batch_gradient`. Returns the losses of
  /// all rows.
  template <class F>
  batch_loss batch(accumulated_gradient<B>& gradient, std::byte* state, std::size_t own, bool sums, bool several,
                   F const& run) {
    if (!shares()) return run(several);
    sum_.begin(state, sums);
    synchronized_.rows = rows_;
    auto* const slopes = gradient.next();
    auto const here = run(false);
    sum_.note(here);
    sum_.add(0, slopes, here, state, own);
    auto const total = sum_.sum(slopes, state, slices_, false);
    if (several) gradient.add(total, rows_, sums);
    return total;
  }
  /// The number of rows of the step, and the first row of this rank's part.
  std::size_t rows() const { return rows_; }
  std::size_t first_row() const { return first_row_; }
  /// The share of a batch's rows in all rows, by which its gradient is multiplied unless the divisor is counted.
  double fraction(std::size_t rows) const {
    return shares() ? static_cast<double>(rows) / static_cast<double>(rows_) : 1;
  }
  /// True if the gradients of batches are added as they are, because their divisor is known, or they are those of sums.
  bool adds(batch_loss const& total) {
    sum_.note(total);
    return shares() && (shares_.synchronized || total.divisor != 0);
  }
  /// False while a rank without rows runs on another one's, so that all make the same calls.
  bool counts() const { return counts_rows_; }
  /// True if layers that mix rows mix those of all ranks.
  bool mixes_ranks() const { return shares_.synchronized; }
  /// What these layers are given for that, or nothing.
  shared_rows<B> const* shared() {
    if (!mixes_ranks()) return nullptr;
    synchronized_.ranks = this;
    synchronized_.add = [](void* self, value_type* sums, std::size_t n) {
      static_cast<data_parallel const*>(self)->add_over_ranks(sums, n);
    };
    return &synchronized_;
  }
  /// Makes a batch's gradient that of the sum of its losses, where its divisor has been counted and statistics are synchronized.
  void keep_divisor(batch_loss& total) {
    if (!mixes_ranks() || total.divisor != 0) return;
    backend_.for_each_index(1, formulas::keep_divisor{total.counted, kept_.data()});
    total.counted = kept_.data();
  }
  /// Calls f with the numbers of rows that run at once in an epoch of these steps.
  template <class F> void for_each_size(epoch_steps const& steps, std::size_t batch_rows, F const& f) const {
    if (shares()) shares_.for_each_size(steps, batch_rows, f);
    else data_parallel<B, alone>::for_each_size(steps, batch_rows, f);
  }

 private:
  template <class F> std::size_t run_part(row_range const& part, std::size_t batch_rows, F const& run) {
    auto const max_rows = shares_.rows_at_once(part.rows, batch_rows);
    first_row_ = part.first;
    for (std::size_t first = 0; first < part.rows; first += max_rows)
      run(part.first + first, (std::min)(max_rows, part.rows - first));
    return part.rows;
  }
  /// Runs this rank's share of each batch of all ranks; one without rows runs on a row of another's.
  template <class F>
  std::size_t run_shares(accumulated_gradient<B> const& gradient, std::size_t batch_rows, F const& run) {
    std::size_t own = 0;
    for (std::size_t first = 0; first < rows_; first += batch_rows * ranks()) {
      synchronized_.rows = (std::min)(batch_rows * ranks(), rows_ - first);
      auto const share = shares_.share_of_batch(synchronized_.rows);
      auto const begin = first + share.first;
      counts_rows_ = share.rows != 0;
      first_row_ = begin - gradient.rows();  // the rows before in this rank's gradient are added to it
      run(begin, counts_rows_ ? share.rows : 1);
      own += share.rows;
    }
    counts_rows_ = true;
    return own;
  }
  void add_over_ranks(value_type* sums, std::size_t n) const {
    if (!counts_rows_) backend_.for_each_index(n, formulas::fill<value_type>{sums, value_type(0)});
    ranks_.all_reduce(backend_, std::span<value_type>(sums, n));
  }
  template <class Data> std::uint64_t fingerprint(Data const& data) {
    if (identity_ != data.identity())
      fingerprint_ = detail::hash_of(detail::fingerprint_of(backend_, data)), identity_ = data.identity();
    return fingerprint_;
  }

  using slot = typename B::template scalar<double>;
  B backend_;
  C ranks_;
  row_shares shares_;
  parameter_slices<B, C> slices_;
  bool scatters_;  // the sum of a step's gradients is needed in the owned slice alone
  part_sum<B, C> sum_;
  std::vector<alike> numbers_;  // of the optimizer and the loss
  slot any_ = fovea::make_scalar<double>(backend_), kept_ = fovea::make_scalar<double>(backend_);
  // what each rank says of its batch: here, and of all
  typename B::template tensor<std::int64_t, 1> counts_ =
      backend_.template empty<std::int64_t>(std::array{1 + ranks_.size()});
  std::vector<std::int64_t> rows_of_ranks_;
  // of the step
  shared_rows<B> synchronized_ = {};
  std::size_t rows_ = 0, first_row_ = 0;
  bool begun_ = false, beginning_ = false, counts_rows_ = true;
  // of the data set that was compared last
  std::size_t identity_ = 0;
  std::uint64_t fingerprint_ = 0;
};

}  // namespace fovea::detail
