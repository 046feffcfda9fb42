// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <tuple>
#include <utility>

#include <fovea/layers/fusion.hpp>
#include <fovea/layers/pass.hpp>
#include <fovea/losses/loss_options.hpp>
#include <fovea/losses/loss_prologue.hpp>
#include <fovea/tensor/backend.hpp>
#include <fovea/training/frozen_state.hpp>
#include <fovea/training/workspace.hpp>

namespace fovea::detail {

/// Makes the sum of a batch's losses the mean.
template <backend B> void divide_loss(B const& b, batch_loss const& total, deferred<B>& loss) {
  loss.scale = total.divisor == 0 ? 1 : 1 / total.divisor;
  if (total.divisor == 0) b.for_each_index(1, formulas::divide{total.sum, total.counted, loss.data()});
}

/// Computes the gradient of the loss of a batch: a forward pass, the loss and a backward pass, in memory that the next batch
/// reuses.
template <backend B> class batch_gradient {
 public:
  using value_type = typename B::value_type;

  template <class Model, class O>
  batch_gradient(B const& b, Model const& model, O const& rule) : backend_(b), frozen_(model, rule) {}

  /// Writes the gradient of a batch to `state.gradient`, or adds it to those since the last update. Returns where the batch's
  /// loss lies, not yet divided. `several`: the update may be on other batches, too.
  template <class State, class X, class Target, class... Options>
  batch_loss operator()(State& state, X const& x, Target const* y, deferred<B>& loss, bool several,
                        Options const&... options) {
    using P = pass<B, true, true, ties_parameters<typename State::network_type>>;
    auto& model = state.model;
    auto& gradient = state.gradient;
    auto& parallel = state.parallel;
    auto const& layers = model.network();
    auto const rows = fovea::rows_of(x);
    auto const sample = model.output();
    auto const need = fovea::needs_of<P>(layers, model.sample(), rows);
    auto const outputs = fovea::batch_bytes<P>(sample, rows);
    auto* const memory = arena_.reserve(backend_, 2 * outputs + need.kept + need.scratch);
    auto const z = fovea::batch_at<P>(memory, sample, rows),
               slopes = fovea::batch_at<P>(memory + outputs, sample, rows);
    auto* const kept = memory + 2 * outputs;
    auto* const destination = gradient.next();
    P const p{backend_,
              model.place(),
              fovea::data(std::as_const(model.parameters())),
              destination,
              model.state(),
              kept,
              kept + need.kept,
              random_draw{state.options.seed, state.optimizer.step(), 0, parallel.first_row() + gradient.rows()},
              nullptr,
              parallel.shared()};
    if constexpr (P::accumulates)
      fill(destination, fovea::size(model.parameters()));  // a tied parameter has several gradients
    frozen_.save(backend_, model.state());
    layers.forward(p, x, z);
    frozen_.restore(backend_, model.state());
    bool const sums = detail::reduction_of(options...) == reduction::sum;
    batch_loss total{loss.data(), counted_.data(), 0, parallel.fraction(rows)};
    auto const prologue = fovea::prologue_of(backend_, state.loss, rows, state.outputs_of_row(), y, total, options...);
    parallel.keep_divisor(total);
    fill_further(slopes);
    detail::backward_after(layers, p, x, fovea::read_only(z), slopes, nothing{}, prologue);
    if (several && parallel.counts()) gradient.add(total, rows, sums || parallel.adds(total));
    return total;
  }
  /// Where the passes' memory lies, which a recorded step depends on.
  void const* memory() const { return arena_.data(); }

 private:
  void fill(value_type* first, std::size_t n) const {
    backend_.for_each_index(n, formulas::fill<value_type>{first, value_type(0)});
  }
  /// The loss is one of the first output: the slopes of further ones are 0.
  void fill_further(auto const&) const {}
  template <class First, class... D> void fill_further(std::tuple<First, D...> const& slopes) const {
    std::apply([&](First const&, D const&... one) { (fill(one.elements, one.size()), ...); }, slopes);
  }

  B backend_;
  frozen_state<B> frozen_;
  workspace<B> arena_;
  typename B::template scalar<double> counted_ =
      fovea::make_scalar<double>(backend_);  // the counted divisor of a batch
};

}  // namespace fovea::detail
