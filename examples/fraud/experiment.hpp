// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fovea/fovea.hpp>
#include <fovea/io/checkpoint.hpp>
#include <fovea/io/npy.hpp>
#include <fovea/io/safetensors.hpp>

#include "data.hpp"
#include "options.hpp"
#include "results.hpp"

namespace fraud {

/// The post's network, which ends in a sigmoid because its losses take probabilities.
inline constexpr fovea::sequential published_network{fovea::linear<29, 16>{}, fovea::relu{},
                                                     fovea::linear<16, 8>{},  fovea::relu{},
                                                     fovea::linear<8, 1>{},   fovea::sigmoid{}};
/// The same network without the final sigmoid; its outputs are logits.
inline constexpr fovea::sequential corrected_network{fovea::linear<29, 16>{}, fovea::relu{}, fovea::linear<16, 8>{},
                                                     fovea::relu{}, fovea::linear<8, 1>{}};

/// The schedule of this name, over all steps of a run.
struct rate_schedule {
  enum class kind { constant, cosine, linear, warmup_cosine, one_cycle };
  kind which = kind::constant;
  double steps = 1;

  rate_schedule() = default;
  rate_schedule(std::string const& name, std::size_t of_run)
      : which(name == "cosine"          ? kind::cosine
              : name == "linear"        ? kind::linear
              : name == "warmup-cosine" ? kind::warmup_cosine
              : name == "one-cycle"     ? kind::one_cycle
                                        : kind::constant),
        steps(static_cast<double>(of_run)) {}
  FOVEA_HD double operator()(double step) const {
    switch (which) {
      case kind::cosine:
        return fovea::cosine_decay{.steps = steps}(step);
      case kind::linear:
        return fovea::polynomial_decay{.steps = steps}(step);
      case kind::warmup_cosine:
        return fovea::warmup_cosine{.warmup_steps = steps / 10, .steps = steps}(step);
      case kind::one_cycle:
        return fovea::one_cycle{.steps = steps}(step);
      default:
        return 1;
    }
  }
};
/// A bound that no gradient's norm exceeds, so that none is measured.
inline constexpr double no_clip = std::numeric_limits<double>::infinity();

/// The initial weights of every run, or an empty vector if the options name no file. Throws `shape_error` unless their number
/// is the network's parameter count.
inline std::vector<float> initial_weights(options const& o) {
  if (o.initial_weights.empty()) return {};
  auto weights = fovea::read_npy<float>(o.initial_weights).values;
  if (weights.size() != fovea::parameter_count(published_network))
    throw fovea::shape_error(o.initial_weights + ": expected " +
                             std::to_string(fovea::parameter_count(published_network)) + " weights, found " +
                             std::to_string(weights.size()));
  return weights;
}

/// The metadata of a saved model.
inline fovea::safetensors_metadata description(std::string const& mode, std::string const& loss, options const& o) {
  std::string features;
  for (auto const& name : feature_names()) features += (features.empty() ? "" : ",") + name;
  return {{"features", features}, {"mode", mode}, {"loss", loss}, {"seed", std::to_string(o.seed)}};
}

/// The options of a trainer whose steps, of `batch` rows, are shared by these ranks. Throws `argument_error` if their number does
/// not divide `batch`.
template <class Ranks> auto options_on(Ranks const& ranks, fovea::trainer_options const& o) {
  if constexpr (std::same_as<Ranks, fovea::alone>) {
    return o;
  } else {
    if (o.batch_size % ranks.size() != 0)
      throw fovea::argument_error("--batch " + std::to_string(o.batch_size) + " cannot be shared by " +
                                  std::to_string(ranks.size()) + " ranks; it must be a multiple");
    return fovea::parallel_options<Ranks>{
        .batch_size = o.batch_size / ranks.size(), .seed = o.seed, .shuffle = o.shuffle, .communicator = ranks};
  }
}

/// Trains and evaluates networks on the training and test split of one table.
template <class B> class experiment {
 public:
  experiment(B const& b, options const& o, fovea::table_split const& parts)
      : backend_(b), options_(o), weights_(initial_weights(o)), train_(b, parts.train, feature_names(), "Class"),
        test_(b, parts.test, feature_names(), "Class") {}

  /// The rows that this mode trains on. In the published mode, a mistake in the post's loader makes this the test split.
  fovea::dataset<B> const& training_rows(std::string const& mode) const { return mode == "published" ? test_ : train_; }

  /// Trains and evaluates one run on these ranks; `callbacks` are those of `trainer.fit`. The run of the first seed also keeps the data
  /// for its plots and saves its model if requested.
  template <class Ranks, class... C>
  run operator()(Ranks const& ranks, std::string const& mode, std::string const& loss, std::uint64_t seed,
                 C&&... callbacks) const {
    auto const with = [&](auto const& net, auto const& formula) {
      run result;
      result.mode = mode, result.loss = loss, result.seed = seed;
      train(ranks, net, formula, result, callbacks...);
      return result;
    };
    bool const bce = loss == "bce";
    if (mode == "published")
      return bce ? with(published_network, fovea::binary_cross_entropy{})
                 : with(published_network, fovea::focal_loss{.gamma = options_.gamma});
    return bce ? with(corrected_network, fovea::sigmoid_binary_cross_entropy{})
               : with(corrected_network, fovea::sigmoid_focal_loss{.gamma = options_.gamma});
  }

  /// Computes the run's metrics from the predicted probabilities of the test split.
  template <class Probabilities> void evaluate(Probabilities const& predicted, run& result) const {
    std::vector<float> probabilities(test_.rows()), targets(test_.rows());
    backend_.copy(fovea::data(predicted), probabilities.data(), probabilities.size());
    backend_.copy(fovea::data(test_.targets), targets.data(), targets.size());
    result.confusion = fovea::confusion_matrix(probabilities, targets, 0.5);
    result.average_precision = fovea::average_precision(probabilities, targets);
    result.roc_auc = fovea::roc_auc(probabilities, targets);
    if (drawn(result)) result.kept.probabilities = std::move(probabilities), result.kept.targets = std::move(targets);
  }
  auto const& test_features() const { return test_.features; }

 private:
  using clock = std::chrono::steady_clock;
  static double seconds_since(clock::time_point begin) {
    return std::chrono::duration<double>(clock::now() - begin).count();
  }

  static std::string name_of(run const& r) { return r.mode + '-' + r.loss + "-seed" + std::to_string(r.seed); }
  bool drawn(run const& r) const { return r.seed == options_.seed && !options_.plots.empty(); }

  /// Records the loss of every step and, if the run is plotted, regularly the test split's loss; excludes the time that this
  /// evaluation takes.
  template <class Trainer> struct recorder {
    experiment const& of;
    Trainer& trainer;
    run& result;
    std::size_t between;
    double aside = 0;

    void on_step(fovea::step_report const& r) {
      result.losses.push_back(r.loss);
      look();
    }
    /// What a checkpoint keeps: the JSON file and the plots have every step, also of a resumed run.
    template <class Visit> void for_each_state(Visit&& visit) {
      visit("losses", result.losses);
      visit("steps of the test losses", result.kept.steps);
      visit("test losses", result.kept.losses);
    }
    void look() {
      if (!of.drawn(result) || result.losses.size() % between != 0) return;
      auto const paused = clock::now();
      result.kept.steps.push_back(static_cast<double>(result.losses.size()));
      result.kept.losses.push_back(trainer.evaluate(of.test_));
      aside += seconds_since(paused);
    }
  };

  template <class Ranks, class Net, class Loss, class... C>
  void train(Ranks const& ranks, Net const& net, Loss const& loss, run& result, C&... callbacks) const {
    auto const begin = clock::now();
    auto const& o = options_;
    auto const& rows = training_rows(result.mode);
    auto const steps = o.epochs * ((rows.rows() + o.batch - 1) / o.batch);
    fovea::trainer trainer{
        backend_, net, loss,
        fovea::chain{fovea::clip_by_global_norm{o.clip == 0 ? no_clip : o.clip},
                     fovea::scheduled{rate_schedule{o.schedule, steps}, fovea::adam{.learning_rate = o.learning_rate}}},
        options_on(ranks, {.batch_size = o.batch, .seed = result.seed, .shuffle = !o.no_shuffle})};
    if (!weights_.empty()) backend_.copy(weights_.data(), fovea::data(trainer.parameters()), weights_.size());

    recorder<decltype(trainer)> record{*this, trainer, result, std::max<std::size_t>(1, steps / 40)};
    record.look();
    if (o.checkpoint.empty()) {
      trainer.fit(rows, {.epochs = o.epochs}, record, callbacks...);
    } else {
      trainer.fit(rows, {.epochs = o.epochs}, record, callbacks...,
                  fovea::checkpoints{.folder = std::filesystem::path(o.checkpoint) / name_of(result),
                                     .every_seconds = 2,
                                     .resume = o.resume,
                                     .log = o.quiet ? nullptr : &std::cerr});
    }
    auto const predicted = trainer.predict(test_.features);
    result.seconds = seconds_since(begin) - record.aside;
    evaluate(predicted, result);
    if (!o.save.empty() && result.seed == o.seed && trainer.rank() == 0)
      fovea::save(trainer.model(), o.save, description(result.mode, result.loss, o));
  }

  B backend_;
  options const& options_;
  std::vector<float> weights_;
  fovea::dataset<B> train_, test_;
};

}  // namespace fraud
