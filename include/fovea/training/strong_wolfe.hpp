// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace fovea::detail {

/// A point on the line of a search: the step from its start, the loss there, its slope along the line, and which of three buffers
/// holds the gradient.
struct line_point {
  double step, loss, slope;
  std::size_t gradient;
};

/// Returns the minimum between two bounds of the cubic through two points with their slopes, or the middle if it has none.
inline double cubic_minimum(line_point const& a, line_point const& b, double lower, double upper) {
  double const d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.step - b.step);
  double const square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0)) return (lower + upper) / 2;
  double const d2 = std::sqrt(square);
  auto const& [left, right] = a.step <= b.step ? std::pair(a, b) : std::pair(b, a);
  double const x =
      right.step - (right.step - left.step) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
  return (std::min)((std::max)(x, lower), upper);
}

/// A line search for the strong Wolfe conditions, as PyTorch's: `evaluate(step, buffer)` returns the `line_point` there, with its
/// gradient in that buffer. It evaluates at most 26 points. Nocedal and Wright, "Numerical optimization" (2006), section 3.5.
template <class Evaluate> class strong_wolfe_search {
 public:
  strong_wolfe_search(Evaluate const& evaluate, line_point const& start, double direction_max)
      : evaluate_(evaluate), start_(start), direction_max_(direction_max) {}

  /// Returns the point found; `step` is the first one to try.
  line_point operator()(double step) {
    bracket(step);
    low_ = bracket_[0].loss <= bracket_[1].loss ? 0 : 1;
    while (!done_ && trials_ < max_trials) {
      if (std::abs(bracket_[1].step - bracket_[0].step) * direction_max_ < 1e-9) break;
      narrow(trial_step());
    }
    return bracket_[low_];
  }
  std::size_t evaluations() const { return trials_ + 1; }

 private:
  static constexpr std::size_t max_trials = 25;

  bool decreases(line_point const& p) const { return !(p.loss > start_.loss + 1e-4 * p.step * start_.slope); }
  bool is_flat(line_point const& p) const { return std::abs(p.slope) <= -0.9 * start_.slope; }
  line_point evaluate(double step, line_point const& kept, line_point const& other) const {
    std::size_t free = 0;
    while (free == kept.gradient || free == other.gradient) ++free;
    return evaluate_(step, free);
  }

  /// Takes longer and longer steps, up to two points with a minimum between them, or to one that meets the conditions.
  void bracket(double step) {
    auto before = start_, now = evaluate(step, start_, start_);
    for (; trials_ < max_trials; ++trials_) {
      bool const rises = !decreases(now) || (trials_ > 1 && now.loss >= before.loss);
      done_ = !rises && is_flat(now);
      if (done_) before = now;
      if (done_ || rises || now.slope >= 0) {
        bracket_ = {before, now};
        return;
      }
      double const next = detail::cubic_minimum(before, now, now.step + 0.01 * (now.step - before.step), now.step * 10);
      before = now;
      now = evaluate(next, start_, before);
    }
    bracket_ = {start_, now};
  }
  /// Returns the next step to try, well inside the bracket if the last one made little progress.
  double trial_step() {
    auto const [lower, upper] = std::minmax(bracket_[0].step, bracket_[1].step);
    double const step = detail::cubic_minimum(bracket_[0], bracket_[1], lower, upper), margin = 0.1 * (upper - lower);
    bool const close = (std::min)(upper - step, step - lower) < margin;
    bool const moves = close && (stalled_ || step >= upper || step <= lower);
    stalled_ = close && !moves;
    return !moves ? step : std::abs(step - upper) < std::abs(step - lower) ? upper - margin : lower + margin;
  }
  /// Evaluates a step inside the bracket and makes it one of the bracket's ends.
  void narrow(double step) {
    auto const now = evaluate(step, bracket_[0], bracket_[1]);
    ++trials_;
    auto &best = bracket_[low_], &other = bracket_[1 - low_];
    if (!decreases(now) || now.loss >= best.loss) {
      other = now;
      low_ = bracket_[0].loss <= bracket_[1].loss ? 0 : 1;
    } else {
      done_ = is_flat(now);
      if (!done_ && now.slope * (other.step - best.step) >= 0) other = best;
      best = now;
    }
  }

  Evaluate const& evaluate_;
  line_point start_;
  double direction_max_;
  std::array<line_point, 2> bracket_{};
  std::size_t low_ = 0, trials_ = 0;
  bool done_ = false, stalled_ = false;
};

}  // namespace fovea::detail
