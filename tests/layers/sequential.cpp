// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <string>
#include <tuple>
#include <vector>

#include <fovea/io/npy.hpp>

#include "pass.hpp"

namespace {

std::vector<double> fixture(std::string const& name) {
  return fovea::read_npy<double>(FOVEA_FIXTURES_DIR "/torch/layers/" + name + ".npy").values;
}

}  // namespace

TEST_CASE("layers applied one by one give PyTorch's outputs and gradients") {
  auto const parameters = fixture("parameters"), inputs = fixture("inputs"), targets = fixture("targets"),
             output_gradients = fixture("output_gradients");
  std::size_t const rows = 11;
  for_each_backend([&](auto const& b) {
    using B = std::remove_cvref_t<decltype(b)>;
    using T = value_type_of<B>;
    linear<7, 5> const first;
    linear<5, 3> const second;
    auto const weights = tensor_from(b, std::array{parameters.size()}, parameters);
    auto gradients = tensor_from(b, std::array{parameters.size()}, parameters);
    std::vector<double> const zeros(rows * 7);
    auto const blank = [&](std::size_t columns) {
      return matrix<B>(b, rows, columns, std::vector<double>(rows * columns));
    };
    matrix<B> x(b, rows, 7, inputs), dz(b, rows, 3, output_gradients);
    auto a = blank(5), hidden = blank(5), z = blank(3), outputs = blank(3), dx = blank(7), da = blank(5),
         dhidden = blank(5), dsum = blank(3);
    auto const* p = fovea::data(weights);
    auto* dp = fovea::data(gradients);
    T* const none = nullptr;
    first.forward(b, p, x.span(), a.span());
    fovea::tanh{}.forward(b, p, a.span(), hidden.span());
    second.forward(b, p + 40, hidden.span(), z.span());
    fovea::sigmoid{}.forward(b, p, z.span(), outputs.span());
    fovea::sigmoid{}.backward(b, p, z.span(), outputs.span(), dz.span(), dsum.span(), none);
    second.backward(b, p + 40, hidden.span(), z.span(), dsum.span(), dhidden.span(), dp + 40);
    fovea::tanh{}.backward(b, p, a.span(), hidden.span(), dhidden.span(), da.span(), none);
    first.backward(b, p, x.span(), a.span(), da.span(), dx.span(), dp);
    auto const tolerance = by_precision(b, 2e-6, 1e-14);
    CHECK(max_difference(to_vector(hidden.elements), fixture("hidden")) < tolerance);
    CHECK(max_difference(to_vector(outputs.elements), fixture("outputs")) < tolerance);
    CHECK(max_difference(to_vector(dhidden.elements), fixture("hidden_gradients")) < tolerance);
    CHECK(max_difference(to_vector(dx.elements), fixture("input_gradients")) < tolerance);
    CHECK(max_difference(to_vector(gradients), fixture("parameter_gradients")) < tolerance);
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

TEST_CASE("sequential reports its widths and parameters") {
  constexpr sequential net{linear<29, 16>{}, fovea::relu{}, linear<16, 8>{}, fovea::relu{}, linear<8, 1>{}};
  STATIC_REQUIRE(net.inputs() == 29);
  STATIC_REQUIRE(net.outputs() == 1);
  STATIC_REQUIRE(net.width(2) == 16);
  STATIC_REQUIRE(net.parameter_count() == 625);
  STATIC_REQUIRE(decltype(net)::fused<1>());
  STATIC_REQUIRE(!decltype(sequential{linear{2, 3}, plain_relu})::fused<1>());
  std::vector<std::tuple<std::string, std::string, std::size_t>> found;
  net.for_each_parameter(
      [&](std::string name, fovea::shape const& s, std::size_t at) { found.emplace_back(name, to_string(s), at); });
  CHECK(found == decltype(found){{"0.weight", "(16, 29)", 0},
                                 {"0.bias", "(16,)", 464},
                                 {"2.weight", "(8, 16)", 480},
                                 {"2.bias", "(8,)", 608},
                                 {"4.weight", "(1, 8)", 616},
                                 {"4.bias", "(1,)", 624}});
}

TEST_CASE("sequential rejects run-time widths that do not match") {
  CHECK_THROWS_WITH((sequential{linear{29, 16}, fovea::relu{}, linear{17, 8}}),
                    "sequential: layer 2 takes 17 features, the layer before it gives 16");
  CHECK_THROWS_AS((sequential{linear{29, 16}, linear<17, 8>{}}), fovea::shape_error);
  CHECK_THROWS_AS((sequential{linear<29, 16>{}, linear{15, 8}}), fovea::shape_error);
  CHECK_NOTHROW(sequential{linear<29, 16>{}, linear{16, 8}});
  CHECK_NOTHROW(sequential{fovea::relu{}, linear{29, 16}});
}
