// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fovea/data/dataset.hpp>
#include <fovea/error.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/tensor/backend.hpp>
#include <fovea/tensor/storage.hpp>
#include <fovea/text/to_shortest.hpp>
#include <fovea/training/check_data.hpp>
#include <fovea/training/strong_wolfe.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// How `lbfgs` chooses its step along a direction: the learning rate, or a search for the strong Wolfe conditions.
enum class line_search { none, strong_wolfe };

/// Options of `lbfgs`, with PyTorch's names and defaults. Its constructor throws `argument_error` for a number outside its domain.
struct lbfgs_options {
  double learning_rate = 1;               // the step; of a line search, the first one to try
  std::size_t max_iter = 20;              // of each `minimize`
  std::optional<std::size_t> max_eval{};  // 5/4 of max_iter unless given
  double tolerance_grad = 1e-7;           // of the largest number of the gradient
  double tolerance_change = 1e-9;         // of the loss, and of the largest change of a parameter
  std::size_t history_size = 100;         // pairs of tensors as large as the parameters
  fovea::line_search line_search = fovea::line_search::none;

  /// 5/4 of max_iter, or the largest number.
  std::size_t max_evaluations() const {
    auto const more = max_iter / 4;
    return max_iter > ~more ? ~std::size_t{0} : max_iter + more;
  }
  void validate() const {
    require(learning_rate >= 0 && learning_rate <= 1e30, "lbfgs: learning_rate must be finite and not negative",
            learning_rate);
    require(max_iter != 0, "lbfgs: max_iter must be at least 1", 0);
    require(max_eval != std::size_t{0}, "lbfgs: max_eval must be at least 1", 0);
    require(tolerance_grad >= 0 && tolerance_grad <= 1e30, "lbfgs: tolerance_grad must be finite and not negative",
            tolerance_grad);
    require(tolerance_change >= 0 && tolerance_change <= 1e30,
            "lbfgs: tolerance_change must be finite and not negative", tolerance_change);
    require(history_size != 0 && history_size <= 1'000'000, "lbfgs: history_size must be in [1, 1000000]",
            static_cast<double>(history_size));
  }
};

/// What `lbfgs::minimize` did. `converged`: a tolerance ended it, not a maximum. `loss` is the last one evaluated; without a line
/// search, that is the loss before the last step if `max_iter` ended it.
struct lbfgs_report {
  double initial_loss = 0, loss = 0;
  std::size_t iterations = 0, evaluations = 0;
  bool converged = false;
};

namespace formulas {

struct dot_term {
  template <class T> FOVEA_HD constexpr T operator()(T const& a, T const& b) const { return a * b; }
};
struct absolute_value {
  template <class T> FOVEA_HD constexpr T operator()(T const& x) const { return math::abs(x); }
};
struct negate {
  template <class T> FOVEA_HD constexpr void operator()(T& to, T const& x) const { to = -x; }
};
struct scale_direction {
  double factor;
  template <class T> FOVEA_HD constexpr void operator()(T& x) const { x = math::constant<T>(factor) * x; }
};
struct move_along {
  double step;
  template <class T> FOVEA_HD constexpr void operator()(T& to, T const& from, T const& direction) const {
    to = from + math::constant<T>(step) * direction;
  }
};
/// Writes the last changes of the gradient and of the parameters, and returns their product and the square of the first.
struct last_changes {
  double step;
  template <class T>
  FOVEA_HD constexpr terms<T, 2> operator()(T const& g, T const& before, T const& direction, T& of_gradient,
                                            T& of_parameter) const {
    of_gradient = g - before;
    of_parameter = math::constant<T>(step) * direction;
    return {of_gradient * of_parameter, of_gradient * of_gradient};
  }
};
/// The two loops of the inverse Hessian's product with a vector. Nocedal and Wright, "Numerical optimization" (2006), algorithm 7.4.
struct first_loop {
  double rho;
  template <class T> FOVEA_HD constexpr void operator()(T& q, T const& of_gradient, T const& along) const {
    q = q - math::constant<T>(rho) * along * of_gradient;
  }
};
struct second_loop {
  double rho;
  template <class T>
  FOVEA_HD constexpr void operator()(T& r, T const& of_parameter, T const& along, T const& back) const {
    r = r + math::constant<T>(rho) * (along - back) * of_parameter;
  }
};

}  // namespace formulas

/// L-BFGS, as PyTorch's `torch.optim.LBFGS`, for a loss that is a function of the parameters alone, such as that of a full data set.
/// Its vectors lie in the backend's memory. Like PyTorch's `step`, each `minimize` goes on with the curvature of those before.
/// Liu and Nocedal, "On the limited memory BFGS method for large scale optimization" (1989).
///
///     fovea::lbfgs solver{backend, {.max_iter = 100, .line_search = fovea::line_search::strong_wolfe}};
///     auto const report = solver.minimize(trainer, train);
///     std::cout << report.loss << " after " << report.iterations << " iterations\n";
template <backend B> class lbfgs {
 public:
  using value_type = typename B::value_type;
  using tensor_type = typename B::template tensor<value_type, 1>;

  explicit lbfgs(B const& b, lbfgs_options const& options = {})
      : options_((fovea::validate(options), options)), backend_(b) {}

  /// Minimizes a trainer's mean loss of a data set, which is one batch: the activations of all rows must fit in memory. All
  /// parameters are trained; the trainer's own optimizer takes no part. A layer's random numbers are the same at each evaluation.
  /// Throws what `trainer::gradients` and `trainer::check` throw, and `numeric_error` as below.
  template <class Trainer, class X, class Y, class... D>
    requires std::same_as<typename Trainer::value_type, value_type>
  lbfgs_report minimize(Trainer& trainer, dataset<B, X, Y, D...> const& data) {
    trainer.check(data);
    return minimize(trainer.parameters(), [&](auto const&, tensor_type& gradient) {
      double const loss = lbfgs::loss_of(trainer, data);
      backend_.copy(fovea::data(std::as_const(trainer).gradient()), fovea::data(gradient), fovea::size(gradient));
      trainer.zero_gradients();  // it is no part of a later step
      return loss;
    });
  }

  /// Minimizes a function: `evaluate_at(parameters, gradient)` returns its value, and writes its gradient to a tensor of as many
  /// numbers, which are not initialized. Throws `shape_error` for another number of parameters than in the call before, and
  /// `numeric_error` if the value or the slope is not finite; the parameters are then those of the last finite value.
  ///
  ///     std::vector<double> x{-1.2, 1};
  ///     solver.minimize(x, [](auto const& x, auto& gradient) {
  ///       fovea::data(gradient)[0] = 2 * x[0], fovea::data(gradient)[1] = 4 * x[1];
  ///       return x[0] * x[0] + 2 * x[1] * x[1];
  ///     });
  template <writable_tensor X, std::invocable<X const&, tensor_type&> F>
    requires std::same_as<value_of<X>, value_type>
  lbfgs_report minimize(X& parameters, F&& evaluate_at) {
    fovea::require_reachable(backend_, "lbfgs", "the parameters", parameters);
    prepare(fovea::size(parameters));
    lbfgs_report report;
    auto const evaluate = [&](std::size_t buffer) {
      ++report.evaluations;
      return static_cast<double>(evaluate_at(std::as_const(parameters), work_->gradients[buffer]));
    };
    current_ = 0;
    report.initial_loss = report.loss = evaluate(current_);
    require_finite(report.loss, "loss", report);
    report.converged = largest(gradient()) <= options_.tolerance_grad;
    auto const max_eval = options_.max_eval.value_or(options_.max_evaluations());
    while (!report.converged && report.iterations != options_.max_iter) {
      if (report.iterations != 0 && report.evaluations >= max_eval) break;
      ++report.iterations;
      report.converged = !iterate(fovea::data(parameters), evaluate, report);
    }
    return report;
  }

 private:
  /// Returns the mean loss of a data set, and writes its gradient to the trainer's.
  template <class Trainer, class Data> static double loss_of(Trainer& trainer, Data const& data) {
    trainer.zero_gradients();  // of a caller, without its update
    auto const compute = [&](auto const&... o) {
      return trainer.gradients(data.features, data.targets, detail::as_option(o)...);
    };
    return std::apply(compute, data.options);
  }
  struct vectors {
    std::array<tensor_type, 3> gradients;  // the current one, and those that a line search keeps
    tensor_type before, direction, start;  // the last iteration's gradient; the parameters at its start
  };
  /// The changes of the gradient and of the parameters in one iteration, and 1 / their product.
  struct correction {
    tensor_type of_gradient, of_parameters;
    double rho;
  };

  tensor_type make() const { return backend_.template empty<value_type>(std::array{size_}); }
  void prepare(std::size_t n) {
    if (work_ && n != size_)
      throw shape_error("lbfgs: " + std::to_string(n) + " parameters, after others of " + std::to_string(size_) +
                        "; begin with a new lbfgs");
    if (work_) return;
    size_ = n;
    work_.emplace(vectors{{make(), make(), make()}, make(), make(), make()});
    spare_.emplace(correction{make(), make(), 0});
    products_.emplace(backend_.template empty<double>(std::array{2 * options_.history_size}));
  }
  tensor_type const& gradient() const { return work_->gradients[current_]; }

  template <class F, class... O> void for_each(F const& f, O const&... operands) const {
    backend_.for_each(domain<1, dynamic>({1, size_}), f, operands...);
  }
  template <class F, class... R, class... O>
  void reduce(F const& f, std::tuple<R...> const& results, O const&... operands) const {
    backend_.reduce(domain<1, dynamic>({1, size_}), f, results, operands...);
  }
  static auto read(tensor_type const& t) { return each{fovea::data(t)}; }
  static auto write(tensor_type& t) { return out{fovea::data(t)}; }
  template <class F, class Fold, class... T> double fold(F const& f, Fold, T const&... tensors) {
    reduce(f, std::tuple{overall<Fold>{number_.data()}}, read(tensors)...);
    return backend_.read(number_);
  }
  double largest(tensor_type const& t) { return fold(formulas::absolute_value{}, maximum{}, t); }
  double dot(tensor_type const& a, tensor_type const& b) { return fold(formulas::dot_term{}, plus{}, a, b); }
  /// Makes the parameters those at a step along the direction.
  void move(value_type* parameters, double step) const {
    for_each(formulas::move_along{step}, out{parameters}, read(work_->start), read(work_->direction));
  }
  static void require_finite(double found, char const* what, lbfgs_report const& report) {
    if (!detail::is_finite(found))
      throw numeric_error("lbfgs: the " + std::string(what) + " is " + detail::to_shortest(found) + " at iteration " +
                          std::to_string(report.iterations) + ", evaluation " + std::to_string(report.evaluations));
  }

  /// Makes one step; returns false if a tolerance ends the search.
  template <class Evaluate> bool iterate(value_type* parameters, Evaluate const& evaluate, lbfgs_report& report) {
    bool const first = !std::exchange(started_, true), searches = options_.line_search == line_search::strong_wolfe,
               last = report.iterations == options_.max_iter;
    choose_direction(first);
    backend_.copy(fovea::data(gradient()), fovea::data(work_->before), size_);
    step_ = options_.learning_rate;
    if (first) step_ *= (std::min)(1., 1 / fold(formulas::absolute_value{}, plus{}, gradient()));
    auto const slope = dot(gradient(), work_->direction), loss = report.loss;
    require_finite(slope, "slope of the loss", report);
    if (slope > -options_.tolerance_change) return false;

    auto const furthest = largest(work_->direction);
    backend_.copy(parameters, fovea::data(work_->start), size_);
    if (searches) search(parameters, evaluate, slope, furthest, report);
    move(parameters, step_);
    if (!searches && last) return true;
    if (!searches) report.loss = evaluate(current_);
    if (!detail::is_finite(report.loss)) backend_.copy(fovea::data(work_->start), parameters, size_);
    require_finite(report.loss, "loss", report);
    return largest(gradient()) > options_.tolerance_grad && std::abs(step_) * furthest > options_.tolerance_change &&
           std::abs(report.loss - loss) >= options_.tolerance_change;
  }
  /// Finds a step that meets the strong Wolfe conditions, and evaluates the loss and the gradient there.
  template <class Evaluate>
  void search(value_type* parameters, Evaluate const& evaluate, double slope, double furthest, lbfgs_report& report) {
    auto const at = [&](double step, std::size_t buffer) {
      move(parameters, step);
      double const loss = evaluate(buffer);
      return detail::line_point{step, loss, dot(work_->gradients[buffer], work_->direction), buffer};
    };
    auto const found =
        detail::strong_wolfe_search(at, detail::line_point{0, report.loss, slope, current_}, furthest)(step_);
    step_ = found.step, report.loss = found.loss, current_ = found.gradient;
  }

  /// Makes the direction the negative gradient, times the approximate inverse Hessian. Its numbers stay in the backend's memory.
  void choose_direction(bool first) {
    if (!first) correct();
    for_each(formulas::negate{}, write(work_->direction), read(gradient()));
    double* const along = fovea::data(*products_);
    auto const n = history_.size();
    for (auto i = n; i-- != 0;) {
      auto const& c = history_[i];
      reduce(formulas::dot_term{}, std::tuple{overall{along + i}}, read(c.of_parameters), read(work_->direction));
      for_each(formulas::first_loop{c.rho}, each{fovea::data(work_->direction)}, read(c.of_gradient),
               broadcast{along + i});
    }
    if (n != 0) for_each(formulas::scale_direction{scale_}, each{fovea::data(work_->direction)});
    for (std::size_t i = 0; i != n; ++i) {
      auto const& c = history_[i];
      reduce(formulas::dot_term{}, std::tuple{overall{along + n + i}}, read(c.of_gradient), read(work_->direction));
      for_each(formulas::second_loop{c.rho}, each{fovea::data(work_->direction)}, read(c.of_parameters),
               broadcast{along + i}, broadcast{along + n + i});
    }
  }
  /// Adds the changes of the last iteration to the history, where the oldest ones give way, if the loss curves upwards there.
  void correct() {
    reduce(formulas::last_changes{step_}, std::tuple{overall{number_.data()}, overall{square_.data()}},
           read(gradient()), read(work_->before), read(work_->direction), write(spare_->of_gradient),
           write(spare_->of_parameters));
    auto const product = backend_.read(number_);
    if (!(product > 1e-10)) return;
    scale_ = product / backend_.read(square_);
    spare_->rho = 1 / product;
    if (history_.size() != options_.history_size) {
      history_.push_back(std::move(*spare_));
      spare_.emplace(correction{make(), make(), 0});
    } else {
      std::rotate(history_.begin(), history_.begin() + 1, history_.end());
      std::swap(history_.back(), *spare_);
    }
  }

  using slot = typename B::template scalar<double>;
  lbfgs_options options_;
  B backend_;
  std::size_t size_ = 0, current_ = 0;  // of the parameters; the gradient that is the current one
  std::optional<vectors> work_;
  std::optional<correction> spare_;
  std::vector<correction> history_;                                 // oldest first
  std::optional<typename B::template tensor<double, 1>> products_;  // of the two loops
  slot number_ = fovea::make_scalar<double>(backend_), square_ = fovea::make_scalar<double>(backend_);
  double step_ = 0, scale_ = 1;  // of the last iteration; of the inverse Hessian that the loops begin with
  bool started_ = false;
};

}  // namespace fovea
