// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/data/dataset.hpp>
#include <fovea/distributed/communicator.hpp>
#include <fovea/losses/loss_prologue.hpp>
#include <fovea/training/batch_formulas.hpp>
#include <fovea/training/batch_gradient.hpp>
#include <fovea/training/batches.hpp>
#include <fovea/training/callback.hpp>
#include <fovea/training/check_data.hpp>
#include <fovea/training/epoch_steps.hpp>
#include <fovea/training/recorded_step.hpp>
#include <fovea/training/workspace.hpp>

namespace fovea::detail {

/// True while one of its guards lives. A copy is false: what runs is the original.
class running_flag {
 public:
  running_flag() = default;
  running_flag(running_flag const&) {}
  running_flag& operator=(running_flag const&) { return *this; }
  explicit operator bool() const { return running_; }

  struct guard {
    bool& running;
    explicit guard(running_flag& flag) : running(flag.running_) { running = true; }
    guard(guard const&) = delete;
    ~guard() { running = false; }
  };

 private:
  bool running_ = false;
};

/// What epochs leave to the next ones: memory for a gathered batch, the recorded step, and the loss of the last step.
template <backend B> struct epoch_memory {
  using buffers = std::array<void const*, 13>;

  B backend;
  workspace<B> batch = {};
  // with `capture`: the place in the epoch and its order, where a recorded step reads them
  typename B::template scalar<formulas::batch_position> position =
      fovea::make_scalar<formulas::batch_position>(backend);
  deferred<B> loss{backend};
  recorded_step<B, buffers> recorded = {};
  running_flag running = {};
};

/// One epoch on a data set: draws the order of the rows, and takes the steps.
template <class State, backend B, class X, class Y, class... D> class training_epoch {
 public:
  using value_type = typename B::value_type;

  training_epoch(State& state, batch_gradient<B>& gradient, epoch_memory<B>& memory, dataset<B, X, Y, D...> const& data)
      : backend_(state.backend), state_(state), gradient_(gradient), memory_(memory), data_(data),
        steps_(state.steps_of(data.rows())), batch_rows_(state.batch_rows(data.rows())) {}

  /// Takes the steps that are left of the epoch. Returns the mean loss.
  template <class OnStep> deferred<B> operator()(OnStep& on_step) {
    auto& place = state_.place;
    if (place.begin(data_.rows())) state_.losses.restart();
    order_ = permutation(data_.rows(), state_.options.seed, place.epoch - 1);
    if (state_.options.capture)
      backend_.for_each_index(1, formulas::set_position{{order_, place.rows_done}, memory_.position.data()});
    for (reset_at_end const after{place.rows_done}; place.rows_done < steps_.rows;) {
      auto const first = place.rows_done, rows = (std::min)(steps_.rows_of_step, steps_.rows - first);
      take_step(first, rows);
      ++state_.steps;
      place.rows_done += rows;
      auto const number = first / steps_.rows_of_step;
      if (number % state_.losses.steps_between_checks == state_.losses.steps_between_checks - 1) state_.check_loss();
      if (ends_after(on_step, number)) break;
    }
    state_.check_loss();
    return state_.losses.mean();
  }

 private:
  /// Makes a number 0 when it goes.
  struct reset_at_end {
    std::size_t& number;
    ~reset_at_end() { number = 0; }
  };
  using output_sample = std::remove_cvref_t<decltype(detail::first_of(std::declval<State const&>().model.output()))>;

  /// True if on_step ends the epoch: on all ranks, if it does on one.
  template <class OnStep> bool ends_after(OnStep& on_step, std::size_t step) {
    using result = std::invoke_result_t<OnStep, std::size_t, deferred<B> const&>;
    if constexpr (std::same_as<result, bool>) return state_.parallel.any(on_step(step, memory_.loss));
    else if constexpr (std::same_as<result, agreed_stop>) return on_step(step, memory_.loss).stops;
    else return on_step(step, memory_.loss), false;
  }
  void take_step(std::size_t first, std::size_t rows) {
    if (state_.options.capture && rows == state_.rows_of_step()) captured_step();
    else if (state_.parallel.shares()) shared_step(first, rows);
    else
      step_on_batches(rows, [&](std::size_t begin, std::size_t n) { add_batch(first + begin, n, rows > batch_rows_); });
  }
  /// Takes a step on several rows: `add(first, n)` adds the gradient of n of them, a batch.
  template <class F> void step_on_batches(std::size_t rows, F const& add) {
    state_.gradient.restart();
    for (std::size_t first = 0; first < rows; first += batch_rows_) add(first, (std::min)(batch_rows_, rows - first));
    state_.update_parameters();
    if (rows > batch_rows_) state_.gradient.mean(memory_.loss);
  }
  /// Takes a step on rows that the ranks share.
  void shared_step([[maybe_unused]] std::size_t first, [[maybe_unused]] std::size_t rows) {
    if constexpr (!std::same_as<typename State::communicator_type, alone>) {
      auto const total =
          state_.parallel.step(state_.gradient, state_.model.state(), rows, batch_rows_,
                               [&](std::size_t begin, std::size_t n) { add_batch(first + begin, n, true); });
      state_.losses.add(total);
      state_.update_parameters();
      detail::divide_loss(backend_, total, memory_.loss);
    }
  }
  /// Adds the gradient of a batch: gathered if the rows are shuffled, else read in place. `several`: the step has other ones.
  void add_batch(std::size_t first, std::size_t rows, bool several) {
    auto all = blocks();
    if (state_.options.shuffle) {
      detail::gather(backend_, detail::with_memory(backend_, memory_.batch, batch_rows_, all), order_, first, rows);
      add_gradient(all, rows, several, [](auto const& block) { return block.destination; });
    } else {
      add_gradient(all, rows, several, [&](auto const& block) { return block.source + first * block.columns(); });
    }
    if (state_.options.capture) backend_.for_each_index(1, formulas::advance{memory_.position.data(), rows});
  }
  /// Takes a step on full batches, recorded if possible.
  void captured_step() {
    if constexpr (capturing<B>) {
      auto all = blocks();
      auto const batch = detail::with_memory(backend_, memory_.batch, batch_rows_, all);
      auto const step = [this, all, batch, several = state_.options.accumulate != 1] {
        step_on_batches(state_.options.rows_of_step(), [&](std::size_t, std::size_t rows) {
          using gather = formulas::gather<std::remove_const_t<decltype(batch)>>;
          backend_.for_each_index(rows, formulas::gather_from_position<gather>{
                                            {{1, 0, 0}, batch, 0}, memory_.position.data(), state_.options.shuffle});
          add_gradient(all, rows, several, [](auto const& block) { return block.destination; });
          backend_.for_each_index(1, formulas::advance{memory_.position.data(), rows});
        });
      };
      static_assert(std::tuple_size_v<decltype(all)> <= 8, "trainer: a recorded step takes at most 7 inputs");
      auto const buffers = [&] {
        typename epoch_memory<B>::buffers used{
            memory_.batch.data(), gradient_.memory(), fovea::data(std::as_const(state_.model.parameters())),
            fovea::data(std::as_const(state_.gradient).tensor()), std::as_const(memory_.position).data()};
        std::size_t n = 5;
        std::apply([&](auto const&... block) { ((used[n++] = block.source), ...); }, all);
        return used;
      };
      memory_.recorded(backend_, buffers, memory_.loss.scale, step);
    }
  }
  /// Adds the gradient of the batch whose elements `start(block)` gives, and its loss to the epoch's.
  template <class Blocks, class Start>
  void add_gradient(Blocks const& blocks, std::size_t rows, bool several, Start const& start) {
    constexpr std::size_t first_option = std::tuple_size_v<Blocks> - sizeof...(D);
    auto const x = detail::batch_of_blocks<0, B>(blocks, state_.model.sample(), rows, start);
    auto const* const y = start(std::get<first_option - 1>(blocks));
    auto const spans = detail::spans_from<first_option, B>(blocks, rows, start);
    auto const total = [&]<std::size_t... K>(std::index_sequence<K...>) {
      return gradient_(state_, x, y, memory_.loss, several,
                       typename D::template of_tensor<matrix_span<B, value_type const>>(spans[K])...);
    }(std::index_sequence_for<D...>{});
    if (!state_.parallel.shares()) state_.losses.add(total);
    if (!several) detail::divide_loss(backend_, total, memory_.loss);
  }
  auto blocks() const {
    using loss = typename State::loss_type;
    using target = value_of<typename dataset<B, X, Y, D...>::targets_type>;
    constexpr auto columns = target_columns<loss, target, value_type>(static_size_of<output_sample>);
    return detail::blocks_of<columns>(data_, state_.model.sample(),
                                      target_columns<loss, target, value_type>(state_.outputs_of_row()));
  }

  B const& backend_;
  State& state_;
  batch_gradient<B>& gradient_;
  epoch_memory<B>& memory_;
  dataset<B, X, Y, D...> const& data_;
  epoch_steps steps_;
  std::size_t batch_rows_;
  permutation order_{1, 0, 0};
};

}  // namespace fovea::detail
