// SPDX-License-Identifier: MIT
// Compares softmax cross-entropy with PyTorch, with every option.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <fovea/losses/softmax_cross_entropy.hpp>
#include <fovea/losses/value_and_gradient.hpp>

#include "../backends.hpp"
#include "../contract_fixture.hpp"

namespace {

std::vector<double> fixture(std::string const& name) { return contract_fixture("cross_entropy", name); }

std::size_t const rows = 9, columns = 5;

template <class B, class T> void close(B const& b, std::vector<T> const& found, std::string const& name) {
  auto const expected = fixture(name);
  REQUIRE(found.size() == expected.size());
  double most = 0;
  for (std::size_t i = 0; i != found.size(); ++i) {
    auto const error = std::abs(static_cast<double>(found[i]) - expected[i]) / (1 + std::abs(expected[i]));
    most = std::isnan(error) ? 1e9 : std::max(most, error);
  }
  INFO(name);
  CHECK(most < by_precision(b, 2e-6, 1e-12));
}

template <class B, class Y>
void compare(B const& b, std::string const& name, fovea::softmax_cross_entropy const& loss, Y const& targets) {
  using T = value_type_of<B>;
  auto const z = tensor_from(b, std::array{rows, columns}, fixture("logits"));
  close(b, to_vector(fovea::values(b, loss, z, targets)), name + "/none/value");
  for (auto const how : {fovea::reduction::mean, fovea::reduction::sum}) {
    auto const prefix = name + (how == fovea::reduction::mean ? "/mean" : "/sum");
    close(b, std::vector<T>{fovea::value(b, loss, z, targets, how)}, prefix + "/value");
    close(b, to_vector(fovea::gradient(b, loss, z, targets, how)), prefix + "/gradient");
    auto const [value, gradient, hessian] = fovea::value_gradient_and_hessian(b, loss, z, targets, how);
    close(b, std::vector<T>{value}, prefix + "/value");
    close(b, to_vector(gradient), prefix + "/gradient");
    close(b, to_vector(hessian), prefix + "/hessian");
    // in place, over the logits
    auto over = tensor_from(b, std::array{rows, columns}, fixture("logits"));
    auto curvature = over;
    fovea::value_and_gradient(b, loss, over, targets, over, how);
    close(b, to_vector(over), prefix + "/gradient");
    auto again = tensor_from(b, std::array{rows, columns}, fixture("logits"));
    fovea::value_gradient_and_hessian(b, loss, again, targets, again, curvature, how);
    close(b, to_vector(again), prefix + "/gradient");
    close(b, to_vector(curvature), prefix + "/hessian");
  }
}

}  // namespace

TEST_CASE("softmax_cross_entropy is PyTorch's with every option") {
  for_each_backend([](auto const& b) {
    auto const stored = [&]<class T>(T, std::vector<double> const& from) {
      std::vector<T> const typed(from.begin(), from.end());
      auto to = b.template empty<T>(std::array{typed.size()});
      b.copy(typed.data(), fovea::data(to), typed.size());
      b.synchronize();
      return to;
    };
    auto const classes = stored(std::int64_t{}, fixture("classes"));
    auto const probabilities = tensor_from(b, std::array{rows, columns}, fixture("probabilities"));
    auto const weight = stored(double{}, fixture("weight"));
    for (bool const smooth : {false, true})
      for (bool const weighted : {false, true}) {
        fovea::softmax_cross_entropy loss{.label_smoothing = smooth ? 0.1 : 0};
        if (weighted) loss.weight = fovea::class_weights(weight);
        std::string const options =
            std::string(smooth ? "/smoothing0.1" : "/smoothing0") + (weighted ? "/weighted" : "/unweighted");
        compare(b, "probabilities" + options + "/all", loss, probabilities);
        compare(b, "classes" + options + "/all", loss, classes);
        loss.ignore_index = 3;
        compare(b, "classes" + options + "/ignore", loss, classes);
      }
  });
}

TEST_CASE("softmax_cross_entropy refuses what does not fit") {
  fovea::host_backend<double> const b;
  auto const z = tensor_from(b, std::array<std::size_t, 2>{2, 3}, std::vector<double>{1, 2, 3, 4, 5, 6});
  std::vector<int> const classes{0, 7};
  CHECK_THROWS_WITH(fovea::value(fovea::softmax_cross_entropy{.label_smoothing = 1.5}, z, classes),
                    "softmax_cross_entropy: label_smoothing must be in [0, 1], got 1.5");
  CHECK_THROWS_WITH(fovea::value(fovea::softmax_cross_entropy{}, z, classes),
                    "loss: the class of row 1 is 7, and there are 3");
  CHECK_NOTHROW(fovea::value(fovea::softmax_cross_entropy{.ignore_index = 7}, z, classes));
  std::vector<double> const two{1, 2};
  fovea::softmax_cross_entropy weighted;
  weighted.weight = fovea::class_weights(two);
  CHECK_THROWS_WITH(fovea::value(weighted, z, std::vector<int>{0, 1}),
                    "softmax_cross_entropy: there are 2 class weights and 3 classes");
  auto probabilities = tensor_from(b, std::array<std::size_t, 2>{2, 3}, std::vector<double>{1, 0, 0, 0, 1, 0});
  CHECK_THROWS_AS(fovea::value_and_gradient(fovea::softmax_cross_entropy{}, z, probabilities, probabilities),
                  fovea::argument_error);
  CHECK(fovea::value(fovea::softmax_cross_entropy{.ignore_index = 1}, z, std::vector<int>{1, 1}) == 0);
}
