// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdio>
#include <vector>

#include <fovea/fovea.hpp>
#include <fovea/io/safetensors.hpp>

#include "data.hpp"
#include "experiment.hpp"

namespace fraud {

/// Loads the model that `--load` names, trained in either mode: both networks have the same parameters, and the final
/// sigmoid of one is the inverse link of the other. Throws `fovea::error` for a model of another network or of other
/// features.
template <class B> auto loaded_model(B const& backend, options const& o) {
  fovea::model model{backend, corrected_network, 0, fovea::sigmoid{}};
  auto const about = fovea::load(model, o.load, {.any_network = true}).metadata;
  auto const expected = description({}, {}, o).at("features");
  if (auto const found = about.find("features"); found != about.end() && found->second != expected)
    throw fovea::argument_error(o.load + ": expected a model of the features " + expected + ", found one of " +
                                found->second);
  return model;
}

/// Writes the probability of fraud of each row of `--score`'s file to standard output, as CSV.
template <class B> void score(B const& backend, options const& o) {
  auto const model = loaded_model(backend, o);
  auto const rows = rows_to_score(o.score);
  std::vector<float> row_major(rows.rows() * rows.columns.size()), probabilities(rows.rows());
  for (std::size_t c = 0; c != rows.columns.size(); ++c)
    for (std::size_t r = 0; r != rows.rows(); ++r)
      row_major[r * rows.columns.size() + c] = static_cast<float>(rows.columns[c][r]);
  auto x = backend.template empty<float>(std::array{rows.rows(), rows.columns.size()});
  backend.copy(row_major.data(), fovea::data(x), row_major.size());
  auto const predicted = model.predict(x);
  backend.copy(fovea::data(predicted), probabilities.data(), probabilities.size());
  std::puts("probability");
  for (auto const p : probabilities) std::printf("%.9g\n", static_cast<double>(p));
  flush_output();
}

}  // namespace fraud
