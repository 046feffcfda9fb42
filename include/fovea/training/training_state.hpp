// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fovea/distributed/communicator.hpp>
#include <fovea/error.hpp>
#include <fovea/optimizers/optimizer.hpp>
#include <fovea/text/type_words.hpp>
#include <fovea/training/accumulated_gradient.hpp>
#include <fovea/training/epoch_loss.hpp>
#include <fovea/training/epoch_place.hpp>
#include <fovea/training/model.hpp>
#include <fovea/training/parameter_runs.hpp>
#include <fovea/training/trainer_options.hpp>
#include <fovea/training/updater.hpp>
#include <fovea/validate.hpp>

namespace fovea::detail {

/// All that training changes, and what a step reads besides: a checkpoint is one visit of `for_each_state`.
template <backend B, class Net, class Loss, class O, class C> struct training_state {
  using value_type = typename B::value_type;
  using network_type = Net;
  using loss_type = Loss;
  using communicator_type = C;
  using model_type = fovea::model<B, Net, decltype(fovea::inverse_link_of(std::declval<Loss const&>()))>;

  trainer_options options;
  B backend;
  Loss loss;
  model_type model;
  accumulated_gradient<B> gradient;
  updater<B, O> optimizer;
  [[no_unique_address]] data_parallel<B, C> parallel;
  epoch_loss<B> losses{backend};
  epoch_place place = {};
  std::size_t steps = 0;

  /// Throws what the trainer's constructor does.
  template <class Options>
  training_state(B const& b, Net const& layers, Loss const& l, O const& rule, Options const& o)
      : options((fovea::validate(o), fovea::validate(l), fovea::validate(rule), o)), backend(b), loss(l),
        model(b, layers, options.seed, fovea::inverse_link_of(l)), gradient(b, fovea::size(model.parameters())),
        optimizer(b, rule, detail::ranges_of(model.layout())), parallel(b, o, model, optimizer) {
    if (options.capture && !capturing<B>)
      throw argument_error("trainer: this backend cannot capture a step: it has no capture(f)");
    fovea::validate_in<value_type>(rule), fovea::validate_in<value_type>(loss);
    if constexpr (requires { loss.check_outputs(outputs_of_row()); }) loss.check_outputs(outputs_of_row());
  }

  std::size_t outputs_of_row() const { return detail::first_of(model.output()).size(); }
  /// The rows of a step of all ranks.
  std::size_t rows_of_step() const { return detail::bounded_product(options.rows_of_step(), parallel.ranks()); }
  /// The rows of a full batch of an epoch on so many rows.
  std::size_t batch_rows(std::size_t data_rows) const { return (std::min)(options.batch_size, data_rows); }
  epoch_steps steps_of(std::size_t data_rows) const { return {data_rows, rows_of_step(), options.drop_last}; }

  void update_parameters() {
    optimizer(backend, fovea::data(model.parameters()), fovea::data(std::as_const(gradient).tensor()));
    parallel.gather_parameters(fovea::data(model.parameters()));
    gradient.restart();
  }
  double learning_rate() const
    requires rated<O>
  {
    return optimizer.learning_rate_at(static_cast<double>((std::max<std::size_t>)(1, steps)));
  }
  /// Throws if the loss of a step of this epoch is not finite.
  void check_loss() const {
    auto const all = steps_of(place.rows);
    losses.check(place.epoch, all, parallel.shares() ? all.rows_of_step : batch_rows(place.rows));
  }

  template <class Visit> void for_each_state(Visit&& visit) {
    if (gradient.rows() != 0)
      throw argument_error("trainer: a gradient waits for its update, so its state is not whole");
    if (place.rows_done != 0) check_loss();
    for (auto const& p : model.named_parameters()) visit("model." + p.name, p.extents, p.elements.elements);
    for (auto const& s : model.named_states()) {
      if (s.counts) visit("model." + s.name, s.extents, s.counts);
      else visit("model." + s.name, s.extents, s.numbers);
    }
    parallel.gather_state(optimizer);
    optimizer.for_each_state(visit);
    losses.for_each_state(visit);
    place.for_each_state(visit);
    visit("steps", steps);
  }
  /// What must be equal to go on from another one: pairs of a noun and words. The batch is that of all ranks.
  std::vector<std::pair<std::string, std::string>> identity() const {
    auto const& o = options;
    return {{"network", detail::type_words<Net>()},
            {"loss", detail::type_words<Loss>()},
            {"optimizer", detail::type_words<O>()},
            {"options", "batch_size " + std::to_string(detail::bounded_product(o.batch_size, parallel.ranks())) +
                            ", accumulate " + std::to_string(o.accumulate) + ", seed " + std::to_string(o.seed) +
                            ", shuffle " + std::to_string(o.shuffle) + ", drop_last " + std::to_string(o.drop_last)}};
  }
};

}  // namespace fovea::detail
