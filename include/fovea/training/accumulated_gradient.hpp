// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include <fovea/layers/initialization.hpp>
#include <fovea/losses/loss_formulas.hpp>
#include <fovea/losses/loss_options.hpp>
#include <fovea/tensor/backend.hpp>

namespace fovea {

namespace formulas {

/// Adds a batch's loss to others: the sum, and its divisor.
struct add_batch {
  double *sum, *divisor;
  double const *batch_sum, *counted;
  double known;  // the divisor, if `counted` is null
  FOVEA_HD constexpr void operator()(std::size_t) const {
    *sum = *sum + *batch_sum;
    *divisor = *divisor + (counted ? *counted : known);
  }
};
/// The factors of an accumulated gradient and of the batch that is added to it.
struct shares {
  double before, batch;
};
/// Adds a batch's loss to those since the last update, and computes the shares that make the gradient that of their mean, or of
/// their sum.
struct gather_loss {
  add_batch add;
  bool first, sums;
  shares* destination;
  FOVEA_HD constexpr void operator()(std::size_t) const {
    if (first) *add.sum = 0, *add.divisor = 0;
    double const before = *add.divisor;
    add(0);
    double const all = *add.divisor;
    *destination = sums ? shares{1, 1} : all == 0 ? shares{1, 0} : shares{before / all, (all - before) / all};
  }
};
struct accumulate_gradient {
  template <class T> FOVEA_HD constexpr void operator()(T& all, T const& batch, shares const& share) const {
    all = math::constant<T>(share.before) * all + math::constant<T>(share.batch) * batch;
  }
};

}  // namespace formulas

namespace detail {

inline formulas::add_batch adding(batch_loss const& total, double* sum, double* divisor) {
  return {sum, divisor, total.sum, total.divisor == 0 ? total.counted : nullptr, total.divisor};
}

/// The gradient of the mean loss over all rows since the last update, of one batch or of several.
template <backend B> class accumulated_gradient {
 public:
  using value_type = typename B::value_type;
  using flat = typename B::template tensor<value_type, 1>;

  accumulated_gradient(B const& b, std::size_t n) : backend_(b), sum_(b.template empty<value_type>(std::array{n})) {
    fill_with_zeros();
  }
  flat& tensor() { return sum_; }
  flat const& tensor() const { return sum_; }
  /// The number of rows so far.
  std::size_t rows() const { return rows_; }
  /// The next batch overwrites the gradient.
  void restart() { rows_ = 0; }
  void fill_with_zeros() {
    backend_.for_each_index(fovea::size(sum_), formulas::fill<value_type>{fovea::data(sum_), value_type(0)});
    restart();
  }
  /// Returns where the gradient of the next batch belongs.
  value_type* next() {
    if (rows_ == 0) return fovea::data(sum_);
    if (!batch_) batch_.emplace(fovea::empty_like(backend_, sum_));
    return fovea::data(*batch_);
  }
  /// Adds a batch, whose gradient is in `next()`, for others to follow. `sums`: the sum of the losses counts, not the mean.
  void add(batch_loss const& total, std::size_t rows, bool sums) {
    bool const first = rows_ == 0;
    backend_.for_each_index(
        1, formulas::gather_loss{detail::adding(total, losses_.data(), divisor_.data()), first, sums, shares_.data()});
    if (!first)
      backend_.for_each(domain<1, dynamic>({1, fovea::size(sum_)}), formulas::accumulate_gradient{},
                        each{fovea::data(sum_)}, each{fovea::data(std::as_const(*batch_))},
                        broadcast{std::as_const(shares_).data()});
    rows_ += rows;
  }
  /// The sum of the losses of the batches so far, and its divisor.
  batch_loss total() { return {losses_.data(), divisor_.data(), 0}; }
  /// Writes the mean loss of the batches so far.
  void mean(deferred<B>& loss) {
    backend_.for_each_index(1, formulas::divide{losses_.data(), divisor_.data(), loss.data()});
    loss.scale = 1;
  }

 private:
  using slot = typename B::template scalar<double>;
  B backend_;
  flat sum_;
  std::optional<flat> batch_;
  slot losses_ = fovea::make_scalar<double>(backend_), divisor_ = fovea::make_scalar<double>(backend_);
  typename B::template scalar<formulas::shares> shares_ = fovea::make_scalar<formulas::shares>(backend_);
  std::size_t rows_ = 0;
};

}  // namespace detail

}  // namespace fovea
