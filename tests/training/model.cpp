// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <vector>

#include <fovea/layers/dropout.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/training/model.hpp>

#include "../backends.hpp"
#include "../layers/drawn.hpp"

using fovea::linear;
using fovea::sequential;

namespace {

constexpr sequential published{linear<29, 16>{}, fovea::relu{}, linear<16, 8>{}, fovea::relu{}, linear<8, 1>{}};

template <class B> auto rows_of(B const& b, std::size_t rows, std::size_t width, std::uint64_t seed = 5) {
  return tensor_from(b, std::array{rows, width}, drawn(rows * width, seed));
}

/// Compares single rows with the whole batch at every position, bitwise unless a tolerance is given.
template <class B, class Net>
void rows_stand_alone(B const& b, Net const& net, std::size_t rows, double tolerance = 0) {
  INFO(rows << " rows of " << net.sample().size() << " to " << net.output(net.sample()).size());
  fovea::model const model{b, net, 3, fovea::sigmoid{}};
  auto const x = rows_of(b, rows, net.sample().size());
  auto const together = to_vector(model.predict(x));
  fovea::workspace<B> workspace;
  double farthest = 0;
  for (std::size_t r = 0; r != rows; ++r) {
    auto one = b.template empty<typename B::value_type>(std::array{std::size_t{1}, net.sample().size()});
    b.copy(fovea::data(x) + r * net.sample().size(), fovea::data(one), net.sample().size());
    auto alone = b.template empty<typename B::value_type>(std::array{std::size_t{1}, net.output(net.sample()).size()});
    model.predict(one, workspace, alone);
    auto const found = to_vector(alone);
    for (std::size_t i = 0; i != found.size(); ++i)
      farthest =
          std::max(farthest, std::abs(double{found[i]} - double{together[r * net.output(net.sample()).size() + i]}));
  }
  CHECK(farthest <= tolerance);
}

// On the host backend the compiler may or may not contract a * b + c into an FMA.
template <class B>
constexpr bool is_host = std::is_same_v<std::remove_cvref_t<B>, fovea::host_backend<value_type_of<B>>>;

}  // namespace

TEST_CASE("a model has PyTorch's parameter names in PyTorch's order") {
  for_each_backend([](auto const& b) {
    fovea::model model{b, published};
    std::vector<std::tuple<std::string, std::string, std::ptrdiff_t>> found;
    for (auto const& p : model.named_parameters())
      found.emplace_back(p.name, to_string(p.extents), p.elements.elements - fovea::data(model.parameters()));
    CHECK(found == decltype(found){{"0.weight", "(16, 29)", 0},
                                   {"0.bias", "(16,)", 464},
                                   {"2.weight", "(8, 16)", 480},
                                   {"2.bias", "(8,)", 608},
                                   {"4.weight", "(1, 8)", 616},
                                   {"4.bias", "(1,)", 624}});
    model.named_parameters()[5].elements.elements[0] = 2;
    CHECK(to_vector(model.parameters()).back() == 2);
    auto const& fixed = model;
    static_assert(std::is_const_v<std::remove_reference_t<decltype(fixed.named_parameters()[0].elements.elements[0])>>);
  });
}

TEST_CASE("predictions are the inverse link of the outputs") {
  for_each_backend([](auto const& b) {
    auto const x = rows_of(b, 700, 29);
    fovea::model const logits{b, published, 1, fovea::sigmoid{}};
    fovea::model const plain{b, published, 1};
    auto const outputs = to_vector(logits.outputs(x)), predictions = to_vector(logits.predict(x));
    REQUIRE(predictions.size() == 700);
    double farthest = 0;
    for (std::size_t i = 0; i != 700; ++i)
      farthest = std::max(farthest, std::abs(double{predictions[i]} - 1 / (1 + std::exp(-double{outputs[i]}))));
    CHECK(farthest < by_precision(b, 1e-7, 1e-15));
    CHECK(to_vector(plain.predict(x)) == outputs);
    CHECK(to_vector(plain.outputs(x)) == outputs);
  });
}

TEST_CASE("a row's prediction depends on neither its position nor the other rows") {
  for_each_backend([](auto const& b) {
    if constexpr (!is_host<decltype(b)>) {
      for (std::size_t const rows : {1u, 2u, 7u, 16u, 33u, 129u, 512u, 513u, 1030u})
        rows_stand_alone(b, published, rows);
      rows_stand_alone(b, sequential{linear<29, 16>{}, fovea::relu{}, linear<16, 8>{}, fovea::tanh{}, linear<8, 3>{}},
                       67);
      for (auto const width : odd_widths)
        rows_stand_alone(b, sequential{linear{29, width}, fovea::relu{}, linear{width, 3}}, 37);
    }
  });
}

TEST_CASE("in a network that needs BLAS, the other rows affect only the last bits of a row's prediction") {
  for_each_backend([](auto const& b) {
    rows_stand_alone(b, sequential{linear{64, 300}, fovea::relu{}, linear{300, 10}}, 600, by_precision(b, 1e-6, 1e-15));
  });
}

TEST_CASE("a const model can predict from many threads") {
  for_each_backend([](auto const& b) {
    using B = std::remove_cvref_t<decltype(b)>;
    fovea::model const model{b, sequential{linear{29, 40}, fovea::relu{}, linear{40, 2}}, 1, fovea::sigmoid{}};
    auto const x = rows_of(b, 1500, 29);
    auto const expected = to_vector(model.predict(x));
    std::array<std::vector<value_type_of<B>>, 4> found;
    std::array<int, 4> wrong{};
    {
      std::vector<std::jthread> threads;
      for (std::size_t t = 0; t != found.size(); ++t)
        threads.emplace_back([&, t] {
          fovea::workspace<B> workspace;
          auto into = b.template empty<value_type_of<B>>(std::array<std::size_t, 2>{1500, 2});
          for (int i = 0; i != 20; ++i) {
            model.predict(x, workspace, into);
            wrong[t] += to_vector(into) != expected;
          }
        });
    }
    CHECK(wrong == std::array<int, 4>{});
  });
}

TEST_CASE("a model writes to the caller's tensor and rejects a wrong shape") {
  for_each_backend([](auto const& b) {
    using B = std::remove_cvref_t<decltype(b)>;
    using T = value_type_of<B>;
    fovea::model const model{b, published};
    auto const x = rows_of(b, 10, 29);
    fovea::workspace<B> workspace;
    auto const empty = [&](std::size_t rows, std::size_t columns) {
      return tensor_from(b, std::array{rows, columns}, std::vector<T>(rows * columns, 7));
    };
    auto into = empty(10, 1);
    model.predict(x, workspace, into);
    CHECK(to_vector(into) == to_vector(model.predict(x)));

    auto short_one = empty(9, 1), wide = empty(10, 2);
    CHECK_THROWS_WITH(model.predict(x, workspace, short_one), "predict: the result has shape (9, 1), expected (10, 1)");
    CHECK_THROWS_AS(model.predict(x, workspace, wide), fovea::shape_error);
    CHECK_THROWS_AS(model.outputs(x, workspace, wide), fovea::shape_error);
    CHECK(to_vector(short_one) == std::vector<T>(9, 7));
    CHECK_THROWS_WITH(model.predict(empty(10, 30)), "predict: x has shape (10, 30), expected (rows, 29)");
    CHECK(to_vector(model.predict(empty(0, 29))).empty());
  });
}

#if !defined(__CUDACC__)
TEST_CASE("a model accepts only xarrays of rank 2") {
  fovea::xtensor_backend const b;
  fovea::model const model{b, published};
  auto const x = rows_of(b, 3, 29);
  CHECK(to_vector(model.predict(xt::xarray<float>(x))) == to_vector(model.predict(x)));
  CHECK_THROWS_WITH(model.predict(xt::xarray<float>::from_shape({29})),
                    "predict: x has shape (29,), expected (rows, 29)");
  xt::xarray<float> const none = 1;
  CHECK_THROWS_AS(model.predict(none), fovea::shape_error);
}
#endif

TEST_CASE("copies of a model are independent") {
  for_each_backend([](auto const& b) {
    fovea::model const one{b, published, 1};
    auto other = one;
    fovea::data(other.parameters())[624] += 1;
    auto const x = rows_of(b, 2, 29);
    CHECK(to_vector(one.predict(x)) != to_vector(other.predict(x)));
    CHECK(to_vector(one.predict(x)) == to_vector(fovea::model{b, published, 1}.predict(x)));
  });
}
