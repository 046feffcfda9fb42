// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/losses/loss_formulas.hpp>
#include <fovea/losses/loss_options.hpp>
#include <fovea/scalar/math.hpp>
#include <fovea/tensor/backend.hpp>
#include <fovea/tensor/shape.hpp>
#include <fovea/training/accumulated_gradient.hpp>
#include <fovea/training/epoch_steps.hpp>

namespace fovea {

namespace formulas {

/// The losses of an epoch's batches so far; stored in the backend's memory.
struct epoch_total {
  double sum = 0, divisor = 0, batches = 0;
};
struct begin_epoch {
  epoch_total* total;
  double *not_finite, *found;
  FOVEA_HD constexpr void operator()(std::size_t) const { *total = {0, 0, 0}, *not_finite = 0, *found = 0; }
};
/// Adds a batch's loss to the epoch's. Writes the number of the first batch, from 1, whose loss or divisor is not finite, and
/// that loss.
struct add_to_epoch {
  add_batch add;
  double *batches, *not_finite, *found;
  FOVEA_HD constexpr void operator()(std::size_t) const {
    add(0);
    *batches = *batches + 1;
    double const sum = *add.batch_sum, divisor = add.counted ? *add.counted : add.known;
    double const mean = formulas::mean_of(sum, divisor);
    if (*not_finite != 0 || (is_finite(mean) && is_finite(divisor))) return;
    *not_finite = *batches;
    *found = is_finite(mean) ? divisor : mean;
  }
  FOVEA_HD static constexpr bool is_finite(double x) {
    return x >= -largest_finite<double> && x <= largest_finite<double>;
  }
};

}  // namespace formulas

namespace detail {

/// The mean loss of an epoch so far, and where a loss stopped being finite, in the backend's memory: no step waits for them.
template <backend B> class epoch_loss {
 public:
  /// After so many steps, `check` is due: a device computes on while the host reads nothing.
  static constexpr std::size_t steps_between_checks = 64;

  explicit epoch_loss(B const& b) : backend_(b) {}

  void restart() {
    backend_.for_each_index(1, formulas::begin_epoch{total_.data(), not_finite_.data(), found_.data()});
  }
  template <class Visit> void for_each_state(Visit& visit) {
    auto* const all = total_.data();
    visit("epoch.loss", shape{}, &all->sum);
    visit("epoch.divisor", shape{}, &all->divisor);
    visit("epoch.batches", shape{}, &all->batches);
    visit("epoch.not_finite", shape{}, not_finite_.data());
    visit("epoch.found", shape{}, found_.data());
  }
  void add(batch_loss const& batch) {
    auto* const all = total_.data();
    backend_.for_each_index(1, formulas::add_to_epoch{detail::adding(batch, &all->sum, &all->divisor), &all->batches,
                                                      not_finite_.data(), found_.data()});
  }
  deferred<B> mean() const {
    deferred<B> result(backend_);
    auto const* const all = total_.data();
    backend_.for_each_index(1, formulas::divide{&all->sum, &all->divisor, result.data()});
    return result;
  }
  /// Throws `loss_not_finite` if the loss of a batch was not. Waits for the backend.
  void check(std::size_t epoch, epoch_steps const& steps, std::size_t batch_rows) const {
    auto const batch = static_cast<std::size_t>(backend_.read(not_finite_));
    if (batch == 0) return;
    auto const batches_of_step = (steps.rows_of_step + batch_rows - 1) / batch_rows;
    throw loss_not_finite("trainer", backend_.read(found_), epoch, (batch - 1) / batches_of_step + 1, steps);
  }

 private:
  using slot = typename B::template scalar<double>;
  B backend_;
  typename B::template scalar<formulas::epoch_total> total_ = fovea::make_scalar<formulas::epoch_total>(backend_);
  slot not_finite_ = fovea::make_scalar<double>(backend_), found_ = fovea::make_scalar<double>(backend_);
};

}  // namespace detail

}  // namespace fovea
