// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <type_traits>

#include <fovea/layers/softmax.hpp>
#include <fovea/losses/class_weights.hpp>
#include <fovea/losses/evaluate.hpp>
#include <fovea/losses/true_class.hpp>

namespace fovea {

namespace formulas {

/// How much a class counts in a row's loss, which is the sum of q (log(sum(exp(z))) - z): from the row's class, and from the
/// probability of each class. Both take the class's weight as last argument, if there are weights.
template <class C> struct share_by_class {
  C target, own, level;  // own: of the target's class, besides the level that every class has
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& column) const {
    return math::select(column == Z(target), Z(own), Z(0)) + Z(level);
  }
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& column, Z const& weight) const {
    return math::select(column == Z(target), Z(own), Z(0)) + Z(level) * weight;
  }
};
template <class C> struct share_by_probability {
  C factor, level;
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& probability) const {
    return probability * Z(factor) + Z(level);
  }
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& probability, Z const& weight) const {
    return (*this)(probability)*weight;
  }
};
template <class Share, class C> struct share_of_distance {
  Share share;
  C maximum;
  template <class Z, class... X> FOVEA_HD constexpr Z operator()(Z const& z, X const&... x) const {
    Z const q = share(x...), largest(maximum);
    return math::select(q == Z(0), Z(0), q * true_class<Z>::distance(largest, z));
  }
};
template <class Share> struct share_alone {
  Share share;
  template <class Z, class... X> FOVEA_HD constexpr Z operator()(Z const&, X const&... x) const { return share(x...); }
};
/// Returns the exponential of z where it is below 1, else 0; `count_largest` counts these. `Exponential` is the identity where
/// the exponentials are stored.
template <class Exponential> struct smaller_exponentials {
  Exponential exponential;
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& z) const {
    Z const e = exponential(z);
    return math::select(e >= Z(1), Z(0), e);
  }
};
template <class Exponential> struct count_largest {
  Exponential exponential;
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& z) const {
    return math::select(exponential(z) >= Z(1), Z(1), Z(0));
  }
};
/// From the exponentials e: p = e / sum, and 1 - p, which for a largest e is `others` / sum. `total` is the sum of the shares q.
template <class Share, class C> struct finish_shares {
  Share share;
  C sum, others, total, factor;
  template <class Z, class... X> FOVEA_HD constexpr void operator()(Z& e, X const&... x) const {
    e = gradient(e, share(x...));
  }
  template <class Z> FOVEA_HD constexpr Z gradient(Z const& e, Z const& q) const {
    Z const below = Z(total) * (e / Z(sum)) - q, above = (Z(total) - q) - Z(total) * (Z(others) / Z(sum));
    return Z(factor) * math::select(e >= Z(1), above, below);
  }
  template <class Z> FOVEA_HD constexpr Z hessian(Z const& e) const {
    Z const rest = math::select(e >= Z(1), Z(others), Z(sum) - e);
    return Z(factor) * Z(total) * (e / Z(sum)) * (rest / Z(sum));
  }
};
template <class Share, class C> struct finish_shares_twice {
  finish_shares<Share, C> once;
  template <class Z, class... X> FOVEA_HD constexpr void operator()(Z& e, Z& hessian, X const&... x) const {
    Z const q = once.share(x...);
    hessian = once.hessian(e);
    e = once.gradient(e, q);
  }
};

}  // namespace formulas

/// Cross-entropy between the softmax of a row's logits and the row's class, or the probability of each class: PyTorch's
/// CrossEntropyLoss.
///
/// Predictions are logits of shape (rows, classes), targets integers in [0, classes) of shape (rows) or (rows, 1), or probabilities
/// of the logits' shape. `label_smoothing` mixes that share of the uniform distribution into the targets. The weight of a row's
/// class multiplies its loss, and the mean divides by the sum of these weights; rows of the class `ignore_index` have no loss and do
/// not count. `validate()` throws `argument_error` for a smoothing outside [0, 1].
///
/// Value and gradient stay accurate where the softmax is close to 1, because both come from the sum over the other classes: their
/// relative errors are within 2 |z| + 16 roundings, where z is the largest logit, and one more for every 16 classes. With
/// smoothing, weights or probabilities, the terms of the gradient have this accuracy, not their difference.
///
///     xt::xtensor<float, 2> const logits = {{2, -1, 0}, {0, 1, 3}};
///     xt::xtensor<int, 1> const classes = {0, 2};
///     auto const [value, gradient] = fovea::value_and_gradient(fovea::softmax_cross_entropy{}, logits, classes);
struct softmax_cross_entropy {
  double label_smoothing = 0;
  optional_number ignore_index = std::nullopt;
  class_weights weight = {};

  static constexpr target_range targets{0, 1};  // those of reals; integers are classes
  constexpr softmax inverse_link() const { return {}; }
  void validate() const {
    require(label_smoothing >= 0 && label_smoothing <= 1, "softmax_cross_entropy: label_smoothing must be in [0, 1]",
            label_smoothing);
  }
  void check_outputs(std::size_t classes) const { weight.check("softmax_cross_entropy", classes); }

  template <class Row, class T, class C> FOVEA_HD C value(Row const& row, each<T const> logits, C const& target) const {
    if (label_smoothing != 0) return by_class(row, logits, target, C(scalar_of<C>(1)));
    C const own = weight.of_class<T>(row, target);
    return weight.counted<T>(row, own, C(formulas::true_class_of(row, logits, target).loss * own));
  }
  template <class Row, class T, class C>
  FOVEA_HD C value_and_gradient(Row const& row, each<T const> logits, C const& target, out<T> slopes,
                                C const& factor) const {
    if (label_smoothing != 0) return by_class(row, logits, target, factor, slopes);
    auto const found = formulas::true_class_of(row, logits, target, slopes);
    C const own = weight.of_class<T>(row, target), each_class = factor * own / found.sum;
    row.for_each(formulas::finish<C>{target, each_class, -each_class * found.others}, fovea::each<T>{slopes.elements},
                 column_index<T>{});
    return weight.counted<T>(row, own, C(found.loss * own), slopes);
  }
  template <class Row, class T, class C>
  FOVEA_HD C value_gradient_and_hessian(Row const& row, each<T const> logits, C const& target, out<T> slopes,
                                        out<T> hessian, C const& factor) const {
    return by_class(row, logits, target, factor, slopes, hessian);
  }
  template <class Row, class T> FOVEA_HD auto value(Row const& row, each<T const> logits, each<T const> target) const {
    return by_probability(row, logits, target, T(1));
  }
  template <class Row, class T, class C>
  FOVEA_HD C value_and_gradient(Row const& row, each<T const> logits, each<T const> target, out<T> slopes,
                                C const& factor) const {
    return by_probability(row, logits, target, factor, slopes);
  }
  template <class Row, class T, class C>
  FOVEA_HD C value_gradient_and_hessian(Row const& row, each<T const> logits, each<T const> target, out<T> slopes,
                                        out<T> hessian, C const& factor) const {
    return by_probability(row, logits, target, factor, slopes, hessian);
  }

  bool reads_within(void const* first, void const* last) const { return weight.within(first, last); }
  bool counts() const { return weight.elements != nullptr || static_cast<bool>(ignore_index); }
  template <class Row, class C> FOVEA_HD C part(Row const& row, C const& target) const {
    return weight.part(row, target, ignore_index);
  }

 private:
  template <class Row, class T, class C, class... G>
  FOVEA_HD C by_class(Row const& row, each<T const> logits, C const& target, C const& factor, G const&... out) const {
    C const own = weight.of_class<T>(row, target) * math::constant<C>(1 - label_smoothing),
            level = math::constant<C>(label_smoothing / static_cast<double>(row.columns));
    formulas::share_by_class<C> const share{target, own, level};
    if (weight.elements == nullptr) return by_shares(row, logits, factor, share, pack(out...), column_index<T>{});
    return by_shares(row, logits, factor, share, pack(out...), column_index<T>{}, per_column<double>{weight.elements});
  }
  template <class Row, class T, class Factor, class... G>
  FOVEA_HD auto by_probability(Row const& row, each<T const> logits, each<T const> target, Factor const& factor,
                               G const&... out) const {
    using C = std::remove_cvref_t<decltype(row.maximum(identity_formula{}, logits))>;
    formulas::share_by_probability<C> const share{
        math::constant<C>(1 - label_smoothing), math::constant<C>(label_smoothing / static_cast<double>(row.columns))};
    if (weight.elements == nullptr) return by_shares(row, logits, C(factor), share, pack(out...), target);
    return by_shares(row, logits, C(factor), share, pack(out...), target, per_column<double>{weight.elements});
  }

  // The derivatives that are asked for.
  struct none {};
  template <class T> struct two {
    out<T> slopes, hessian;
  };
  FOVEA_HD static none pack() { return {}; }
  template <class T> FOVEA_HD static out<T> pack(out<T> slopes) { return slopes; }
  template <class T> FOVEA_HD static two<T> pack(out<T> slopes, out<T> hessian) { return {slopes, hessian}; }

  /// The loss of a row as the sum of shares: every logit is read before an exponential is written.
  template <class Row, class T, class C, class Share, class G, class... O>
  FOVEA_HD C by_shares(Row const& row, each<T const> logits, C const& factor, Share const& share, G const& results,
                       O const&... of_share) const {
    C const maximum = row.maximum(identity_formula{}, logits);
    auto const exponential = formulas::exponential_of_row(maximum);
    C const total = row.sum(formulas::share_alone<Share>{share}, logits, of_share...);
    C const distances = row.sum(formulas::share_of_distance<Share, C>{share, maximum}, logits, of_share...);
    if constexpr (std::same_as<G, none>) {
      C const others = formulas::sum_or_count(row, maximum, C(others_of(row, exponential, logits)), row.columns - 1);
      return weight.counted<T>(row, total, C(distances + total * math::log1p(others)));
    } else {
      auto const slopes = slopes_of(results);
      fovea::each<T> const stored{slopes.elements};
      row.for_each(exponential, logits, slopes);
      C const others =
          formulas::sum_or_count(row, maximum, C(others_of(row, identity_formula{}, stored)), row.columns - 1, slopes);
      formulas::finish_shares<Share, C> const finish{share, others + C(scalar_of<C>(1)), others, total, factor};
      C const loss = distances + total * math::log1p(others);
      if constexpr (std::same_as<G, out<T>>) {
        row.for_each(finish, stored, of_share...);
        return weight.counted<T>(row, total, loss, slopes);
      } else {
        row.for_each(formulas::finish_shares_twice<Share, C>{finish}, stored, results.hessian, of_share...);
        return weight.counted<T>(row, total, loss, slopes, results.hessian);
      }
    }
  }
  /// Returns the sum of a row's exponentials less 1, accurate where one class has almost all of it.
  template <class Row, class Exponential, class O>
  FOVEA_HD static auto others_of(Row const& row, Exponential const& exponential, O const& numbers) {
    auto const smaller = row.sum(formulas::smaller_exponentials<Exponential>{exponential}, numbers);
    using C = std::remove_const_t<decltype(smaller)>;
    return C(smaller + (row.sum(formulas::count_largest<Exponential>{exponential}, numbers) - C(scalar_of<C>(1))));
  }
  template <class T> FOVEA_HD static out<T> slopes_of(out<T> slopes) { return slopes; }
  template <class T> FOVEA_HD static out<T> slopes_of(two<T> const& both) { return both.slopes; }
};
static_assert(rowwise_loss<softmax_cross_entropy> && rowwise_loss<softmax_cross_entropy, double>);
static_assert(loss_of_probabilities<softmax_cross_entropy> && loss_of_probabilities<softmax_cross_entropy, double>);

}  // namespace fovea
