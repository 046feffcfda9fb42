// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>

#include <fovea/tensor/backend.hpp>
#include <fovea/tensor/tensor.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// The options of `sam`: how far the worst point lies; `adaptive` measures that in units of each parameter.
struct sam_options {
  double rho = 0.05;
  bool adaptive = false;

  void validate() const { require(rho > 0 && rho <= 1e30, "sam: rho must be finite and above 0", rho); }
};

namespace formulas {

/// The square of a gradient's number, and the way from a parameter to the worst point nearby.
struct worst_square {
  bool adaptive;
  template <class T> FOVEA_HD constexpr T operator()(T const& parameter, T const& slope) const {
    T const scaled = adaptive ? parameter * slope : slope;
    return scaled * scaled;
  }
};
struct move_to_worst {
  double rho;
  bool adaptive;
  template <class T, class S>
  FOVEA_HD constexpr void operator()(T& parameter, T const& slope, S const& squares, T& start) const {
    T const scale = math::constant<T>(rho) / (math::sqrt(T(squares)) + math::constant<T>(1e-12));
    start = parameter;
    parameter = parameter + (adaptive ? parameter * parameter * slope : slope) * scale;
  }
};

}  // namespace formulas

/// Sharpness-aware minimization: takes a trainer's step with the gradient at the worst point nearby. Two gradients a step, so it is a
/// driver; the trainer's optimizer, its schedule and its clips take the step. Running statistics see each batch twice; all
/// parameters move to the worst point and back, also those in a group `frozen{}`. Foret et al., "Sharpness-aware minimization" (2021);
/// `adaptive`: Kwon et al., "ASAM" (2021).
///
///     fovea::sam sharpness{backend, {.rho = 0.05}};
///     double const loss = sharpness.step(trainer, x, y);
template <backend B> class sam {
 public:
  using value_type = typename B::value_type;

  explicit sam(B const& b, sam_options const& options = {})
      : options_((fovea::validate(options), options)), backend_(b), squares_(fovea::make_scalar<double>(b)) {}

  /// Takes a step on one batch, whose arguments are those of `trainer::gradients`. Returns the loss before the step,
  /// which is read when it is converted. Throws what
  /// `trainer::gradients` throws; a gradient that waits for its update is lost.
  template <class Trainer, class X, class Y, class... Options>
    requires std::same_as<typename Trainer::value_type, value_type>
  deferred<B> step(Trainer& trainer, X const& x, Y const& y, Options const&... options) {
    trainer.zero_gradients();
    deferred<B> const loss = trainer.gradients(x, y, options...);
    auto const n = fovea::size(trainer.parameters());
    if (!start_ || fovea::size(*start_) != n) start_.emplace(backend_.template empty<value_type>(std::array{n}));
    auto const places = domain<1, dynamic>({1, n});
    auto* const parameters = fovea::data(trainer.parameters());
    auto const slopes = each{fovea::data(std::as_const(trainer).gradient())};
    backend_.reduce(places, formulas::worst_square{options_.adaptive}, std::tuple{overall{squares_.data()}},
                    each{std::as_const(parameters)}, slopes);
    backend_.for_each(places, formulas::move_to_worst{options_.rho, options_.adaptive}, each{parameters}, slopes,
                      broadcast{std::as_const(squares_).data()}, out{fovea::data(*start_)});
    trainer.zero_gradients();
    try {
      trainer.gradients(x, y, options...);
    } catch (...) {
      backend_.copy(fovea::data(std::as_const(*start_)), parameters, n);
      throw;
    }
    backend_.copy(fovea::data(std::as_const(*start_)), parameters, n);
    trainer.update();
    return loss;
  }

 private:
  sam_options options_;
  B backend_;
  typename B::template scalar<double> squares_;
  std::optional<typename B::template tensor<value_type, 1>> start_;
};

}  // namespace fovea
