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
#include <fovea/distributed/option_numbers.hpp>
#include <fovea/distributed/parallel_formulas.hpp>
#include <fovea/distributed/shared_state.hpp>
#include <fovea/layers/pass.hpp>
#include <fovea/losses/loss_options.hpp>
#include <fovea/text/type_words.hpp>
#include <fovea/training/accumulated_gradient.hpp>
#include <fovea/training/epoch_steps.hpp>
#include <fovea/training/updater.hpp>

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
/// one subtree, and pairs of ranks exchange theirs. Where each rank updates its part of the parameters, it gets the sum of that part.
///
/// With synchronized statistics, batches are cut among the ranks, and layers add their sums over rows as they run. Then the
/// gradients of all ranks must have one scale before these are known to be divided: that of the sum.
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
        synchronized_(o.synchronize_statistics && ranks_.size() != 1), parameters_(fovea::size(model.parameters())),
        owned_(parameters_), state_(b, model), rows_of_ranks_(ranks_.size()) {}
  /// Called once, when the optimizer is made.
  template <class Updater, class Loss, class Model>
  void prepare(Updater& update, Loss const& loss, Model const& model) {
    if (!shares()) return;
    optimizer_numbers_ = detail::numbers_of_optimizer(update.rule(), detail::ranges_of(model));
    loss_numbers_ = detail::numbers_of_loss(loss);
    if (sharded_) {
      if (!Updater::shardable)
        throw argument_error(
            "trainer: shard_optimizer: this optimizer measures, draws for or averages what it updates");
      first_ = (std::min)(parameters_, rank() * slice());
      owned_ = (std::min)(slice(), parameters_ - first_);
      update.shard(backend_, first_, owned_);
      scatters_ = !Updater::measures;
    }
    packs_ = groups_ == 0 && !scatters_ && parameters_ <= packed_at_most;
    levels_.push_back(buffer(head() + totals + state_.numbers()));
    for (std::size_t n = 1; n <= parts() && groups_ != 0; n *= 2)
      levels_.push_back(buffer(head() + totals + state_.numbers()));
    if (groups_ != 0 && scatters_)
      received_.emplace(buffer(words_of(ranks() / 2 * slice()) + totals + state_.numbers()));
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
    for (auto const& [noun, said] : state.identity()) all.emplace_back(noun, detail::hash_of(said));
    for (auto const& p : state.model.named_parameters())
      all[0].second += detail::hash_of(p.name + to_string(p.extents));
    (all.emplace_back("data set", fingerprint(data)), ...);
    all.emplace_back("sum", groups_), all.emplace_back("sharding", sharded_);
    all.emplace_back("synchronization of statistics", synchronized_);
    detail::require_alike(backend_, ranks_, all);
    detail::require_alike(backend_, ranks_,
                          {{"optimizer, in its numbers,", differs(optimizer_numbers_)},
                           {"loss, in its numbers,", differs(loss_numbers_)}});
    optimizer_numbers_ = {}, loss_numbers_ = {};  // they do not change
    beginning_ = true;                            // parts of the optimizer's state stay where they are
    state.for_each_state(broadcast_state<B, C>{backend_, ranks_});
    beginning_ = false;
    if constexpr (requires { state.learning_rate(); })
      detail::require_alike(backend_, ranks_, {{"learning rate", std::bit_cast<std::uint64_t>(state.learning_rate())}});
  }
  /// True if each rank keeps the optimizer's state of its part of the parameters.
  bool sharded() const { return sharded_; }
  template <class Updater> void gather_state(Updater& update) {
    if (sharded_ && !beginning_)
      update.gather_state(backend_, [&](value_type const* own, value_type* all) { gather(own, all); });
  }
  void gather_parameters(value_type* parameters) {
    if (sharded_) gather(parameters + first_, parameters);
  }
  template <class State> void begin_once(State& state) {
    if (shares() && !std::exchange(begun_, true)) begin(state);
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
      gradient.restart();
      auto const own = synchronized_ ? run_shares(gradient, rows, batch_rows, run)
                                     : run_part(part_of(rows, i), rows_at_once(part_of(rows, i).rows, batch_rows), run);
      if (own == 0) gradient.fill_with_zeros();
      add_part(i, slopes, gradient.total(), state, own);
    }
    return sum(slopes, state, scatters_);
  }
  /// Agrees on a batch that each rank brings: `check()` returns its rows here, or throws; then all ranks throw. Waits for what the
  /// ranks say.
  template <class F> std::size_t agree_on_rows(F const& check) {
    if (!shares()) return check();
    if (groups_ != 0)
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
  /// The gradient of that batch, of so many rows here, which `run(more_follow)` computes; see `batch_gradient`. Returns the losses of
  /// all rows.
  template <class F>
  batch_loss batch(accumulated_gradient<B>& gradient, std::byte* state, std::size_t own, bool sums, bool more_follow,
                   F const& run) {
    if (!shares()) return run(more_follow);
    begin_step(state, rows_);
    sums_ = sums, shared_.rows = rows_;
    auto* const slopes = gradient.next();
    auto const here = run(false);
    adds(here);
    add_part(0, slopes, here, state, own);
    auto const total = sum(slopes, state, false);
    if (more_follow) gradient.add(total, rows_, sums);
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
    counted_ |= total.divisor == 0;
    return shares() && (synchronized_ || total.divisor != 0);
  }
  /// False while a rank without rows runs on another one's, so that all make the same calls.
  bool counts() const { return counts_rows_; }
  /// True if layers that mix rows mix those of all ranks.
  bool mixes_ranks() const { return synchronized_; }
  /// What these layers are given for that, or nothing.
  shared_rows<B> const* shared() {
    if (!synchronized_) return nullptr;
    shared_.ranks = this;
    shared_.add = [](void* self, value_type* sums, std::size_t n) {
      static_cast<data_parallel const*>(self)->add_over_ranks(sums, n);
    };
    return &shared_;
  }
  /// Makes a batch's gradient that of the sum of its losses, where its divisor has been counted and statistics are synchronized.
  void keep_divisor(batch_loss& total) {
    if (!synchronized_ || total.divisor != 0) return;
    backend_.for_each_index(1, formulas::keep_divisor{total.counted, kept_.data()});
    total.counted = kept_.data();
  }
  template <class F> void for_each_size(epoch_steps const& steps, std::size_t batch_rows, F const& f) const {
    if (!shares()) return data_parallel<B, alone>::for_each_size(steps, batch_rows, f);
    auto const size_of = [&](std::size_t rows, std::size_t max_rows) {
      f((std::min)(rows, max_rows)), f(rows % max_rows);
    };
    for (auto const rows : {steps.rows_of_step, steps.rows % steps.rows_of_step}) {
      if (synchronized_) size_of(rows, batch_rows * ranks());
      for (std::size_t i = 0; i != parts() && !synchronized_; ++i)
        size_of(part_of(rows, i).rows, rows_at_once(part_of(rows, i).rows, batch_rows));
    }
  }

 private:
  using flat = typename B::template tensor<value_type, 1>;
  using words = typename B::template tensor<double, 1>;
  using slot = typename B::template scalar<double>;
  /// A larger gradient travels by itself, without a copy.
  static constexpr std::size_t packed_at_most = std::size_t{1} << 14;
  static constexpr std::size_t totals = sizeof(formulas::step_totals) / sizeof(double);

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
  template <class F> std::size_t run_part(share_of_rows const& part, std::size_t max_rows, F const& run) {
    first_row_ = part.first;
    for (std::size_t first = 0; first < part.rows; first += max_rows)
      run(part.first + first, (std::min)(max_rows, part.rows - first));
    return part.rows;
  }
  /// Runs this rank's share of each batch of all ranks; one without rows runs on a row of another's.
  template <class F>
  std::size_t run_shares(accumulated_gradient<B> const& gradient, std::size_t rows, std::size_t batch_rows,
                         F const& run) {
    std::size_t own = 0;
    for (std::size_t first = 0; first < rows; first += batch_rows * ranks()) {
      shared_.rows = (std::min)(batch_rows * ranks(), rows - first);
      auto const begin = first + shared_.rows * rank() / ranks(), end = first + shared_.rows * (rank() + 1) / ranks();
      counts_rows_ = begin != end;
      first_row_ = begin - gradient.rows();  // the rows before in this rank's gradient are added to it
      run(begin, counts_rows_ ? end - begin : 1);
      own += end - begin;
    }
    counts_rows_ = true;
    return own;
  }
  void add_over_ranks(value_type* sums, std::size_t n) const {
    if (!counts_rows_) backend_.for_each_index(n, formulas::fill<value_type>{sums, value_type(0)});
    ranks_.all_reduce(backend_, std::span<value_type>(sums, n));
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
      fill_with_zeros(to);
    } else {
      has_rows_ = true;
      auto const* const divisor = total.divisor == 0 ? total.counted : nullptr;
      if (counted_ && !synchronized_) over_gradient(formulas::times_divisor{}, gradient, parameters_, divisor);
      if (groups_ != 0) backend_.copy(static_cast<value_type const*>(gradient), gradient_in(to), parameters_);
      if (packs_)
        backend_.for_each_index(parameters_, formulas::convert<value_type, double>{gradient, fovea::data(to)});
      backend_.for_each_index(1, formulas::pack_totals{total.sum, divisor, total.divisor, counted_, totals_in(to)});
      state_.write_change(backend_, state, changes_in(to));
    }
    if (groups_ == 0) return;
    std::size_t level = 1;
    for (; number % 2 == 1; number /= 2) add(levels_[0], levels_[level++]);
    std::swap(levels_[0], levels_[level]);
  }
  /// Sums the parts of all ranks: the gradient of the mean over all rows, or the owned part of it, the state, the losses and their
  /// divisor.
  batch_loss sum(value_type* gradient, std::byte* state, bool scatters) {
    auto& all = groups_ == 0 ? levels_[0] : levels_.back();
    auto* const own = gradient + (scatters ? first_ : 0);
    auto const n = scatters ? owned_ : parameters_;
    if (groups_ == 0) {
      ranks_.all_reduce(backend_, span_of(all));
      if (scatters) scatter(gradient);
      else if (packs_) backend_.for_each_index(n, formulas::convert<double, value_type>{fovea::data(all), gradient});
      else ranks_.all_reduce(backend_, std::span<value_type>(gradient, n));
    } else {
      for (std::size_t distance = 1; distance < ranks(); distance *= 2)
        scatters ? exchange_half(all, distance) : exchange_whole(all, distance);
      backend_.copy(static_cast<value_type const*>(gradient_in(all)) + (own - gradient), own, n);
    }
    backend_.for_each_index(1,
                            formulas::unpack_totals{totals_in(all), sums_, loss_.data(), divisor_.data(), any_.data()});
    // A rank without rows does not know how the others divide.
    if (counted_ || (!has_rows_ && backend_.read(any_) != 0))
      over_gradient(formulas::over_divisor{}, own, n, divisor_.data());
    state_.apply(backend_, totals_in(all), changes_in(all), state);
    return {loss_.data(), divisor_.data(), 0};
  }
  /// Makes the owned part of the gradient the sum of all ranks'.
  void scatter(value_type* gradient) {
    auto const room = slices();
    auto const own = room.first(slice()), all = room.subspan(slice());
    backend_.copy(static_cast<value_type const*>(gradient), all.data(), parameters_);
    ranks_.reduce_scatter(backend_, std::span<value_type const>(all), own);
    backend_.copy(static_cast<value_type const*>(own.data()), gradient + first_, owned_);
  }
  void exchange_whole(words& all, std::size_t distance) {
    ranks_.exchange(backend_, rank() ^ distance, std::span<double const>(span_of(all)), span_of(levels_[0]));
    add(all, levels_[0]);
  }
  /// A round of the same tree for the owned parts alone: this rank keeps the slices of the ranks whose numbers agree with its own in
  /// the bits up to the distance, and the partner the others that are left.
  void exchange_half(words& all, std::size_t distance) {
    auto const n = slice();
    auto const each_slice = [&](std::size_t of_rank, auto const& f) {
      std::size_t i = 0;
      for (auto s = of_rank % (2 * distance); s < ranks(); s += 2 * distance) f(gradient_in(all) + s * n, i++ * n);
      return words_of(i * n);
    };
    auto &out = levels_[0], &in = *received_;
    auto const head = each_slice(rank() ^ distance, [&](value_type const* from, std::size_t at) {
      backend_.copy(from, gradient_in(out) + at, n);
    });
    auto const tail = totals + state_.numbers();
    backend_.copy(static_cast<double const*>(fovea::data(all)) + this->head(), fovea::data(out) + head, tail);
    ranks_.exchange(backend_, rank() ^ distance, std::span<double const>(fovea::data(out), head + tail),
                    std::span<double>(fovea::data(in), head + tail));
    each_slice(rank(), [&](value_type* to, std::size_t at) { add(to, gradient_in(in) + at, n); });
    add(fovea::data(all) + this->head(), fovea::data(in) + head, tail);
  }
  /// The parameters of a rank's part; the last parts may be shorter.
  std::size_t slice() const { return (parameters_ + ranks() - 1) / ranks(); }
  /// Room for the own part, and for those of all.
  std::span<value_type> slices() {
    if (!slices_) slices_.emplace(backend_.template empty<value_type>(std::array{slice() * (ranks() + 1)}));
    return {fovea::data(*slices_), fovea::size(*slices_)};
  }
  /// Gives all ranks the parts of all.
  void gather(value_type const* own, value_type* all) {
    auto const room = slices();
    backend_.copy(own, room.data(), owned_);
    ranks_.all_gather(backend_, std::span<value_type const>(room.first(slice())), room.subspan(slice()));
    backend_.copy(static_cast<value_type const*>(room.data()) + slice(), all, parameters_);
  }
  /// A buffer begins with the gradient: packed, as doubles; of the reproducible sum, as what it is, padded for equal slices. The totals
  /// and the changes of state follow, which are doubles.
  std::size_t head() const {
    if (groups_ == 0) return packs_ ? parameters_ : 0;
    return words_of(scatters_ ? ranks() * slice() : parameters_);
  }
  static std::size_t words_of(std::size_t n) { return (n * sizeof(value_type) + sizeof(double) - 1) / sizeof(double); }
  words buffer(std::size_t n) const {
    auto made = backend_.template empty<double>(std::array{n});
    fill_with_zeros(made);
    return made;
  }
  void fill_with_zeros(words& x) const {
    backend_.for_each_index(fovea::size(x), formulas::fill<double>{fovea::data(x), 0});
  }
  static std::span<double> span_of(words& x) { return {fovea::data(x), fovea::size(x)}; }
  static value_type* gradient_in(words& x) { return reinterpret_cast<value_type*>(fovea::data(x)); }
  auto* totals_in(words& x) const { return reinterpret_cast<formulas::step_totals*>(fovea::data(x) + head()); }
  double* changes_in(words& x) const { return fovea::data(x) + head() + totals; }
  template <class T> void add(T* to, T const* before, std::size_t n) const {
    backend_.for_each(domain<1, dynamic>({1, n}), formulas::add_before{}, each{to}, each{before});
  }
  void add(words& to, words& before) const {
    if (head() != 0) add(gradient_in(to), static_cast<value_type const*>(gradient_in(before)), parameters_);
    add(fovea::data(to) + head(), static_cast<double const*>(fovea::data(before)) + head(), totals + state_.numbers());
  }
  template <class F> void over_gradient(F const& f, value_type* gradient, std::size_t n, double const* number) const {
    if (n != 0) backend_.for_each(domain<1, dynamic>({1, n}), f, each{gradient}, broadcast{number});
  }
  /// 1 if the numbers are not those of the first rank, else 0.
  std::uint64_t differs(std::vector<double> const& own) const {
    auto first = own;
    broadcast_state<B, C>{backend_, ranks_}(std::span<double>(first));
    return detail::agree_closely(own, first) ? 0 : 1;
  }
  template <class Data> std::uint64_t fingerprint(Data const& data) {
    if (identity_ != data.identity())
      fingerprint_ = detail::hash_of(detail::fingerprint_of(backend_, data)), identity_ = data.identity();
    return fingerprint_;
  }

  B backend_;
  C ranks_;
  std::size_t groups_, accumulate_;  // no groups: the fast sum
  bool sharded_, synchronized_;
  bool scatters_ = false, packs_ = false;  // the sum of the owned part alone; the gradient in the buffer of the totals
  std::size_t parameters_, first_ = 0, owned_;
  shared_state<B> state_;
  std::vector<double> optimizer_numbers_, loss_numbers_;
  std::optional<flat> slices_;     // of the ranks
  std::vector<words> levels_;      // of the reproducible sum's tree; the first is this rank's last part
  std::optional<words> received_;  // of a partner
  slot loss_ = fovea::make_scalar<double>(backend_), divisor_ = fovea::make_scalar<double>(backend_),
       any_ = fovea::make_scalar<double>(backend_), kept_ = fovea::make_scalar<double>(backend_);
  // what each rank says of its batch: here, and of all
  typename B::template tensor<std::int64_t, 1> counts_ =
      backend_.template empty<std::int64_t>(std::array{1 + ranks_.size()});
  std::vector<std::int64_t> rows_of_ranks_;
  // of the step
  shared_rows<B> shared_ = {};
  std::size_t rows_ = 0, first_row_ = 0;
  bool counted_ = false, sums_ = false, has_rows_ = false, begun_ = false, beginning_ = false, counts_rows_ = true;
  // of the data set that was compared last
  std::size_t identity_ = 0;
  std::uint64_t fingerprint_ = 0;
};

}  // namespace fovea::detail
