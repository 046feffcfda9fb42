// SPDX-License-Identifier: MIT
// What the examples in the headers' comments take as given.
#pragma once

#include <cmath>
#include <cstdio>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include <fovea/metrics.hpp>

#if !defined(FOVEA_EXAMPLES_OF_METRICS)
#include <fovea/adapt/std_vector.hpp>
#include <fovea/backends/xtensor.hpp>
#include <fovea/data.hpp>
#include <fovea/distributed/sharded_data.hpp>
#include <fovea/distributed/threads.hpp>
#include <fovea/fovea.hpp>
#include <fovea/io/checkpoint.hpp>
#include <fovea/io/model_description.hpp>
#include <fovea/io/npy.hpp>
#include <fovea/io/safetensors.hpp>
#include <fovea/testing/communicator.hpp>
#include <fovea/testing/conformance.hpp>
#endif

namespace world {

inline int checks = 0, failures = 0;
/// Holds a number to the digits that a comment states.
inline void check(double found, char const* stated) {
  std::string const digits(stated);
  auto const point = digits.find('.');
  double const half = point == std::string::npos ? 1e-9 : 0.5000001 * std::pow(10., -double(digits.size() - point - 1));
  ++checks;
  if (std::abs(found - std::stod(digits)) <= half) return;
  std::printf("a comment states %s, found %.8g\n", stated, found);
  ++failures;
}
inline int report() {
  std::printf("%d numbers checked, %d wrong\n", checks, failures);
  return failures != 0 || checks < 20;
}

using namespace fovea;

namespace of_metrics {
extern std::vector<double> const scores, other_scores, logits, other_logits, predictions, probabilities;
extern std::vector<int> const targets;
}  // namespace of_metrics

#if !defined(FOVEA_EXAMPLES_OF_METRICS)

using cpu = fovea::xtensor_backend<float>;
using data_type = fovea::dataset<cpu>;
using tensor_type = xt::xtensor<float, 2>;

inline constexpr fovea::sequential net{fovea::linear<29, 16>{}, fovea::relu{}, fovea::linear<16, 1>{}};
inline constexpr fovea::sigmoid_binary_cross_entropy loss{};
inline constexpr fovea::adam rule{};
using trainer_type = decltype(fovea::trainer{std::declval<cpu const&>(), net, loss, rule});
using model_type = decltype(fovea::model{std::declval<cpu const&>(), net});
extern cpu const backend;
extern std::vector<std::string> const names;
extern tensor_type x, y;
extern std::vector<float> w;

namespace of_training {
extern trainer_type trainer;
extern model_type model;
extern data_type const train, test, validation, valid;
extern fovea::lbfgs<fovea::host_backend<double>> solver;
extern fovea::fit_options<data_type> const options;
extern tensor_type points, buffer, probabilities;
extern float const* row;
extern float& probability;
extern std::vector<double> const weights;
extern fovea::standardizer const scaler;
extern std::vector<fovea::epoch_report> const history;
extern fovea::threads const ranks;
extern std::size_t inputs, outputs, heads, steps, keys, width;
extern std::uint32_t seed, epoch;
extern std::uint64_t rows, i;
extern fovea::matrix_span<cpu, float> scores, queries, keys_of_head;
extern double momentum;
using my_backend = fovea::host_backend<float>;
using my_matrix = fovea::host_tensor<float, 2>;
void visit(std::uint64_t);
}  // namespace of_training

namespace of_files {
using of_training::trainer;
}  // namespace of_files

namespace of_averages {
extern decltype(fovea::trainer{std::declval<cpu const&>(), net, loss, fovea::chain{rule, fovea::ema{}}}) trainer;
}  // namespace of_averages

namespace of_losses {
extern tensor_type logits, targets, w, predictions, probabilities, log_probabilities, slopes, log_rates, counts,
    rows_of_logits;
extern xt::xtensor<bool, 2> m;
extern xt::xtensor<int, 1> classes;
}  // namespace of_losses

namespace of_adapt {
extern float const* pointer;
extern std::vector<float> targets;
}  // namespace of_adapt

namespace of_data {
extern fovea::table rows, train, test;
extern data_type const all;
extern xt::xtensor<int, 2> category, classes;
extern tensor_type amounts;
}  // namespace of_data

namespace of_distributed {
using B = fovea::host_backend<float>;
extern B const backend;
extern fovea::threads const ranks;
extern fovea::dataset<B> const train;
extern fovea::table const part;
}  // namespace of_distributed
#endif

}  // namespace world
