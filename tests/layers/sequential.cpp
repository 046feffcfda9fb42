// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <string>
#include <tuple>
#include <vector>

#include <fovea/fovea.hpp>
#include <fovea/io/npy.hpp>

#include "alone.hpp"
#include "pass.hpp"

// Every layer is one, of the samples that it takes.
static_assert(fovea::layer<linear<29, 16>, fovea::extents<29>> && fovea::layer<linear<>>);
static_assert(fovea::layer<fovea::relu> && fovea::layer<fovea::sigmoid> && fovea::layer<fovea::tanh>);
static_assert(fovea::layer<fovea::softmax> && fovea::layer<fovea::dropout> && fovea::layer<fovea::batch_norm>);
static_assert(fovea::layer<fovea::layer_norm> && fovea::layer<fovea::rms_norm>);
static_assert(fovea::layer<fovea::embedding<5, 3>, fovea::extents<2>>);
static_assert(fovea::layer<fovea::identity> && fovea::layer<fovea::flatten>);
static_assert(fovea::layer<fovea::input<3>, fovea::extents<3>> &&
              fovea::layer<fovea::reshape<3, 1>, fovea::extents<3>>);
static_assert(fovea::layer<fovea::residual<fovea::relu>> && fovea::layer<fovea::add<fovea::relu, fovea::relu>>);
static_assert(fovea::backend<fovea::layer_probe>);

namespace {

std::vector<double> fixture(std::string const& name) {
  return fovea::read_npy<double>(FOVEA_FIXTURES_DIR "/torch/layers/" + name + ".npy").values;
}

}  // namespace

TEST_CASE("a network alone gives PyTorch's outputs and gradients of its input") {
  std::size_t const rows = 11;
  for_each_backend([&](auto const& b) {
    using B = std::remove_cvref_t<decltype(b)>;
    sequential const net{linear<7, 5>{}, fovea::tanh{}, linear<5, 3>{}, fovea::sigmoid{}};
    alone one(b, net, net.sample());
    one.parameters = tensor_from(b, std::array{std::size_t{58}}, fixture("parameters"));
    matrix<B> x(b, rows, 7, fixture("inputs")), dz(b, rows, 3, fixture("output_gradients")),
        z(b, rows, 3, std::vector<double>(rows * 3)), dx(b, rows, 7, std::vector<double>(rows * 7));
    one.template run<true>(fovea::read_only(x.template span<7>()), z.template span<3>(), dz.template span<3>(),
                           dx.template span<7>());
    auto const tolerance = by_precision(b, 2e-6, 1e-14);
    CHECK(max_difference(to_vector(z.elements), fixture("outputs")) < tolerance);
    CHECK(max_difference(to_vector(dx.elements), fixture("input_gradients")) < tolerance);
    CHECK(max_difference(to_vector(one.gradient), fixture("parameter_gradients")) < tolerance);
  });
}

TEST_CASE("sequential gives PyTorch's outputs, loss and gradients") {
  auto const check = [](auto const& net) {
    for_each_backend([&](auto const& b) {
      auto const found = run(b, net, 11, fixture("parameters"), fixture("inputs"), fixture("targets"));
      auto const tolerance = by_precision(b, 2e-6, 1e-14);
      CHECK(max_difference(found.outputs, fixture("outputs")) < tolerance);
      CHECK(found.loss * 33 == Approx(fixture("loss")[0]).epsilon(tolerance));  // the fixture holds the sum
      auto gradient = to_doubles(found.gradient);
      for (auto& g : gradient) g *= 33;
      CHECK(max_difference(gradient, fixture("parameter_gradients")) < tolerance);
    });
  };
  check(sequential{linear<7, 5>{}, fovea::tanh{}, linear<5, 3>{}, fovea::sigmoid{}});
  check(sequential{linear{7, 5}, plain_tanh, linear{5, 3}, plain_sigmoid});
}

TEST_CASE("sequential reports its sample, output and parameters") {
  constexpr sequential net{linear<29, 16>{}, fovea::relu{}, linear<16, 8>{}, fovea::relu{}, linear<8, 1>{}};
  STATIC_REQUIRE(std::same_as<decltype(net.sample()), fovea::extents<29>>);
  STATIC_REQUIRE(std::same_as<decltype(net.output(net.sample())), fovea::extents<1>>);
  STATIC_REQUIRE(fovea::parameter_count(net, net.sample()) == 625);
}

TEST_CASE("sequential rejects run-time widths that do not match") {
  CHECK_THROWS_WITH((sequential{linear{29, 16}, fovea::relu{}, linear{17, 8}}),
                    "sequential: layer 2: linear takes 17 features, the layer before it gives 16");
  CHECK_THROWS_AS((sequential{linear{29, 16}, linear<17, 8>{}}), fovea::shape_error);
  CHECK_THROWS_AS((sequential{linear<29, 16>{}, linear{15, 8}}), fovea::shape_error);
  CHECK_NOTHROW(sequential{linear<29, 16>{}, linear{16, 8}});
  CHECK_NOTHROW(sequential{fovea::relu{}, linear{29, 16}});
}
