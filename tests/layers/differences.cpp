// SPDX-License-Identifier: MIT
// Compares every layer's gradients with central differences: alone and at every place of a network.
#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fovea/fovea.hpp>

#include "formulas.hpp"
#include "slopes.hpp"

namespace {

using fovea::extents;
using fovea::linear;
using fovea::sequential;

template <std::size_t... E> fovea::reshape<E...> reshape_to(extents<E...> const&) { return {}; }

/// A layer alone; first, nested, in the middle and last in a network; in a residual.
template <class L, class Sample> void has_gradients_everywhere(char const* name, L const& layer, Sample const& sample) {
  INFO(name);
  auto const made = layer.output(sample);
  auto const in = sample.extent(Sample::rank - 1), out = made.extent(std::remove_cvref_t<decltype(made)>::rank - 1);
  has_gradients(layer, sample);
  rows_stand_alone_unless_mixed(layer, sample);
  has_gradients(sequential{layer, fovea::tanh{}, linear{out, in}, sequential{fovea::tanh{}, sequential<L>{layer}},
                           linear{out, in}, layer, linear{out, in}, layer},
                sample);
  if constexpr (std::same_as<fovea::output_of<L, Sample>, Sample>)
    has_gradients(sequential{linear{in, in}, fovea::residual{layer}, fovea::residual{sequential{layer, fovea::tanh{}}}},
                  sample);
}

/// The same at a lower price, for layers of the catalogue: first, nested, in a residual or in the middle, and last in one network.
template <class L, class Sample>
void has_gradients_in_a_network(char const* name, L const& layer, Sample const& sample) {
  INFO(name);
  rows_stand_alone_unless_mixed(layer, sample);
  if constexpr (std::same_as<fovea::output_of<L, Sample>, Sample>) {
    has_gradients(sequential{layer, fovea::tanh{}, fovea::residual{layer}, sequential{layer}}, sample);
  } else {
    auto const made = layer.output(sample);
    fovea::flatten const flat;
    linear const back{made.size(), Sample().size()};
    has_gradients(sequential{layer, flat, back, reshape_to(sample), fovea::tanh{}, sequential{layer}}, sample);
  }
}

}  // namespace

TEST_CASE("gradients of layers of one sample are slopes at every place", "[gradients_of_layers]") {
  has_gradients_everywhere("tanh", fovea::tanh{}, extents<4>{});
  has_gradients_everywhere("swish", fovea::activation<swish>{}, extents<fovea::dynamic>({3}));
  has_gradients_everywhere("linear", linear<4, 3>{}, extents<4>{});
  has_gradients_everywhere("linear of run-time widths", linear{3, 3}, extents<fovea::dynamic>({3}));
  has_gradients_everywhere("linear on a sequence", linear<3, 3>{}, extents<2, 3>{});
  has_gradients_everywhere("dropout", fovea::dropout{0.4}, extents<4>{});
  has_gradients_everywhere("softmax", fovea::softmax{}, extents<4>{});
  has_gradients_everywhere("layer_norm", fovea::layer_norm{}, extents<4>{});
  has_gradients_everywhere("rms_norm", fovea::rms_norm{.epsilon = 1e-3}, extents<fovea::dynamic>({5}));
  has_gradients_everywhere("batch_norm", fovea::batch_norm{}, extents<3>{});
  has_gradients_everywhere("batch_norm of images", fovea::batch_norm{.epsilon = 1e-3}, extents<2, 2, 3>{});
  has_gradients_everywhere("identity", fovea::identity{}, extents<3>{});
}

TEST_CASE("gradients of layers of the catalogue are slopes at every place", "[gradients_of_catalogue]") {
  extents<4> const features;
  has_gradients_in_a_network("drop_path", fovea::drop_path{0.4}, features);
  has_gradients_in_a_network("alpha_dropout", fovea::alpha_dropout{0.3}, features);
  has_gradients_in_a_network("log_softmax", fovea::log_softmax{}, features);
  has_gradients_in_a_network("prelu", fovea::prelu{}, features);
  has_gradients_in_a_network("glu", fovea::glu{}, features);
  has_gradients_in_a_network("swiglu", fovea::swiglu{}, features);
  has_gradients_in_a_network("positional_encoding", fovea::positional_encoding{}, extents<3, 4>{});
  extents<4, 2, 3> const image;
  has_gradients_in_a_network("group_norm", fovea::group_norm{.num_groups = 2, .epsilon = 1e-2}, image);
  has_gradients_in_a_network("instance_norm", fovea::instance_norm{.epsilon = 0.1, .affine = true}, image);
  extents<2, 2, 3> const plane;
  has_gradients_in_a_network("adaptive_avg_pool2d", fovea::adaptive_avg_pool2d{{3, 2}}, plane);
  has_gradients_in_a_network("adaptive_max_pool2d", fovea::adaptive_max_pool2d{{1, 2}}, plane);
  has_gradients_in_a_network("upsample2d",
                             fovea::upsample2d{.scale_factor = {{1, 2}}, .mode = fovea::interpolation::linear}, plane);
  has_gradients_in_a_network("constant_pad2d", fovea::constant_pad2d{.padding = {1, 0, 2, 1}, .value = 0.5}, plane);
  has_gradients_in_a_network("reflection_pad2d", fovea::reflection_pad2d{{2, 1, 0, 1}}, plane);
}

TEST_CASE("gradients of combinators are slopes at every place", "[gradients_of_combinators]") {
  using fovea::add, fovea::concatenate, fovea::multiply, fovea::residual;
  sequential const narrow{linear<4, 3>{}, fovea::tanh{}};
  has_gradients_everywhere("sequential", narrow, extents<4>{});
  has_gradients_everywhere("residual", residual{sequential{linear<4, 4>{}, fovea::tanh{}}}, extents<4>{});
  has_gradients(residual{residual{sequential{linear<4, 4>{}, fovea::tanh{}}}}, extents<4>{});
  has_gradients_everywhere("add", add{linear<4, 3>{}, narrow, linear<4, 3>{}}, extents<4>{});
  has_gradients_everywhere("multiply", multiply{linear<4, 3>{}, narrow, sequential{linear<4, 3>{}, fovea::sigmoid{}}},
                           extents<4>{});
  has_gradients_everywhere("concatenate", concatenate{linear<4, 2>{}, fovea::identity{}, narrow}, extents<4>{});
  has_gradients_everywhere("branches with state",
                           add{fovea::batch_norm{}, sequential{linear<4, 4>{}, fovea::batch_norm{}}}, extents<4>{});
  has_gradients_everywhere("flatten and reshape", sequential{fovea::reshape<2, 2>{}, linear<2, 3>{}, fovea::flatten{}},
                           extents<4>{});
  has_gradients(fovea::repeat<3>(residual{linear<4, 4>{}}), extents<4>{});
}

TEST_CASE("an embedding's gradient is the slope, and that of integers is none", "[gradients_of_embedding]") {
  std::vector<double> const words{0, 3, 2, 2, 4, 1, 0, 0, 3, 2};
  sequential const net{fovea::embedding<5, 3>{}, fovea::flatten{}, fovea::tanh{}, linear<6, 2>{}};
  CHECK(gradient_error<true, decltype(net), extents<2>, std::int32_t>(net, {}, 5, words) < 2e-8);
  sequential const sized{fovea::embedding{5, 3}, linear{3, 2}, fovea::layer_norm{}};
  CHECK(gradient_error<true, decltype(sized), extents<fovea::dynamic>, std::int32_t>(
            sized, extents<fovea::dynamic>({2}), 5, words) < 2e-8);
}

TEST_CASE("draws of nested and repeated dropouts never collide", "[draws_of_dropouts]") {
  host const b;
  double const step = 1;
  auto const branch = sequential{fovea::dropout{0.5}, fovea::residual{fovea::dropout{0.5}}};
  fovea::concatenate const net{branch, fovea::dropout{0.5},
                               sequential{sequential<std::remove_const_t<decltype(branch)>>{branch}}};
  // the places of all leaves differ, so their counters do
  alone one(b, net, extents<3>{});
  std::vector<std::uint64_t> numbers;
  fovea::detail::for_each_leaf(one.layer, one.sample, one.layout.place,
                               [&](auto const&, auto const&, auto const& here) { numbers.push_back(here.number); });
  CHECK(numbers == std::vector<std::uint64_t>{0, 1, 2, 3, 4});
  // the branches drop other elements
  one.draw = {1, &step};
  auto const made = net.output(extents<3>{});
  std::size_t const rows = 64;
  owned_batch<host, double, extents<3>> x(b, {}, rows, std::vector<double>(rows * 3, 1));
  owned_batch<host, double, std::remove_const_t<decltype(made)>> y(b, made, rows, {});
  one.run<true, false>(x.read(), y.span(), fovea::nothing{}, fovea::nothing{});
  auto const all = y.get();
  bool first_differs = false, last_differs = false;
  for (std::size_t r = 0; r != rows; ++r)
    for (std::size_t c = 0; c != 3; ++c) {
      first_differs |= (all[r * 9 + c] == 0) != (all[r * 9 + 3 + c] == 0);
      last_differs |= all[r * 9 + c] != all[r * 9 + 6 + c];
    }
  CHECK(first_differs);
  CHECK(last_differs);
}
