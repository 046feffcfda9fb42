// SPDX-License-Identifier: MIT
// Chains, groups, schedules, callbacks and checkpoints on Thrust's host systems, compared with the host backend.
#include <array>
#include <cstddef>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/backends/thrust.hpp>
#include <fovea/fovea.hpp>
#include <fovea/io/checkpoint.hpp>

#include "../catch.hpp"
#include "../layers/drawn.hpp"
#include "../tensors.hpp"

namespace {

constexpr std::size_t rows = 54, epochs = 3;

struct network_trained {
  std::vector<double> parameters, averages, losses;
};

/// Trains, and in the middle of the second epoch saves the run; `resumed` goes on from there.
template <class B> network_trained trained(B const& b, std::filesystem::path const& file, bool resumed) {
  using fovea::group, fovea::groups;
  constexpr fovea::sequential net{fovea::linear<3, 6>{}, fovea::batch_norm{}, fovea::relu{}, fovea::dropout{0.2},
                                  fovea::linear<6, 1>{}};
  fovea::chain const rule{
      fovea::clip_by_global_norm{0.5},
      fovea::scheduled{fovea::warmup_cosine{.warmup_steps = 5, .steps = 40},
                       groups{group{"*.bias", fovea::sgd{.learning_rate = 0.1, .momentum = 0.9}},
                              group{"*", fovea::adamw{.learning_rate = 3e-2, .weight_decay = 0.1}}}},
      fovea::ema{0.9}};
  fovea::trainer t{b, net, fovea::sigmoid_binary_cross_entropy{}, rule, {.batch_size = 4, .accumulate = 2, .seed = 3}};
  std::vector<double> classes;
  for (double const x : drawn(rows, 2)) classes.push_back(x > 0 ? 1 : 0);
  fovea::dataset const data{b, tensor_from(b, std::array<std::size_t, 2>{rows, 3}, drawn(rows * 3, 1)),
                            tensor_from(b, std::array<std::size_t, 2>{rows, 1}, classes)};
  network_trained result;
  if (resumed) load_checkpoint(t, file);
  for (std::size_t epoch = resumed ? 1 : 0; epoch != epochs; ++epoch)
    result.losses.push_back(t.epoch(data, [&](std::size_t, double) {
      if (!resumed && t.steps() == 10) save_checkpoint(t, file);
    }));
  result.parameters = to_doubles(to_vector(t.parameters()));
  auto const averaged = t.averaged();
  result.averages = to_doubles(to_vector(averaged.parameters()));
  return result;
}

template <class B> void trains_as_the_host(B const& b) {
  auto const folder =
      std::filesystem::temp_directory_path() / ("fovea_test_chain_" + std::to_string(std::random_device{}()));
  std::filesystem::create_directories(folder);
  using T = typename B::value_type;
  auto const expected = trained(fovea::host_backend<T>{}, folder / "host", false);
  auto const found = trained(b, folder / "thrust", false), again = trained(b, folder / "thrust", true),
             moved = trained(b, folder / "host", true);
  CHECK(max_difference(found.parameters, expected.parameters) < 1e-9);
  CHECK(max_difference(found.averages, expected.averages) < 1e-9);
  CHECK(max_difference(found.losses, expected.losses) < 1e-9);
  CHECK(again.parameters == found.parameters);
  CHECK(again.averages == found.averages);
  CHECK(again.losses == std::vector<double>(found.losses.begin() + 1, found.losses.end()));
  CHECK(max_difference(moved.parameters, expected.parameters) < 1e-9);
  std::filesystem::remove_all(folder);
}

}  // namespace

TEST_CASE("a chain trains, and its run is resumed, on Thrust's cpp system", "[thrust_cpp_chain]") {
  trains_as_the_host(fovea::thrust_backend<double, fovea::thrust_systems::cpp>{});
}

#if defined(_OPENMP)
TEST_CASE("a chain trains, and its run is resumed, on Thrust's omp system", "[thrust_omp_chain]") {
  trains_as_the_host(fovea::thrust_backend<double, fovea::thrust_systems::omp>{{.threads = 2}});
}
#endif
