// SPDX-License-Identifier: MIT
// Every loss of rows besides softmax cross-entropy against PyTorch.
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fovea/losses/cosine_loss.hpp>
#include <fovea/losses/evaluate.hpp>
#include <fovea/losses/multi_margin_loss.hpp>
#include <fovea/losses/nll_loss.hpp>
#include <fovea/losses/overlap_losses.hpp>
#include <fovea/losses/softmax_focal_loss.hpp>

#include "../backends.hpp"
#include "../contract_fixture.hpp"

namespace {

using fovea::each;
using fovea::out;

/// Calls f(i, fixture, loss) for each loss, and its options.
template <class F> FOVEA_HD constexpr void for_each_row_loss(fovea::class_weights const& w, F const& f) {
  std::size_t i = 0;
  f(i++, "nll_loss", fovea::nll_loss{});
  f(i++, "nll_loss_weighted", fovea::nll_loss{.ignore_index = 3, .weight = w});
  f(i++, "softmax_focal_loss", fovea::softmax_focal_loss{});
  f(i++, "softmax_focal_loss_weighted", fovea::softmax_focal_loss{.gamma = 0.5, .weight = w});
  f(i++, "softmax_focal_loss_gammas", fovea::softmax_focal_loss{.class_gamma = w});
  f(i++, "softmax_poly_loss", fovea::softmax_poly_loss{});
  f(i++, "multi_margin_loss", fovea::multi_margin_loss{});
  f(i++, "multi_margin_loss_weighted", fovea::multi_margin_loss{.margin = 0.5, .p = 2, .weight = w});
  f(i++, "tversky_loss_classes", fovea::sigmoid_tversky_loss{.alpha = 0.3, .beta = 0.7, .smooth = 1});
  f(i++, "cosine_loss_classes", fovea::cosine_loss{});
  f(i++, "tversky_loss", fovea::sigmoid_tversky_loss{.alpha = 0.3, .beta = 0.7, .smooth = 1});
  f(i++, "tversky_loss_focal", fovea::sigmoid_tversky_loss{.beta = 0.25, .gamma = 1.5});
  f(i++, "dice_loss", fovea::sigmoid_dice_loss{});
  f(i++, "iou_loss", fovea::sigmoid_iou_loss{});
  f(i++, "cosine_loss", fovea::cosine_loss{});
}
constexpr std::size_t class_cases = 10;  // the others take a row of targets

/// One of them, chosen when it runs: the evaluation over tensors is compiled once for all.
struct chosen_row_loss {
  std::size_t index = 0;
  fovea::class_weights weight = {};
  fovea::optional_number ignore_index = std::nullopt;

  template <class Row, class T, class C> C value(Row const& row, each<T const> z, C const& target) const {
    return evaluate<C>([&](auto const& loss) { return loss.value(row, z, target); });
  }
  template <class Row, class T> auto value(Row const& row, each<T const> z, each<T const> target) const {
    using C = decltype(fovea::cosine_loss{}.value(row, z, target));
    return evaluate<C>([&](auto const& loss) -> C {
      if constexpr (takes_rows<decltype(loss)>) return loss.value(row, z, target);
      else return C(T(0));
    });
  }
  template <class Row, class T, class C>
  C value_and_gradient(Row const& row, each<T const> z, C const& target, out<T> slopes, C const& factor) const {
    return evaluate<C>([&](auto const& loss) { return loss.value_and_gradient(row, z, target, slopes, factor); });
  }
  template <class Row, class T, class C>
  C value_and_gradient(Row const& row, each<T const> z, each<T const> target, out<T> slopes, C const& factor) const {
    return evaluate<C>([&](auto const& loss) -> C {
      if constexpr (takes_rows<decltype(loss)>) return loss.value_and_gradient(row, z, target, slopes, factor);
      else return C(T(0));
    });
  }
  void check_outputs(std::size_t classes) const {
    for_each_row_loss(weight, [&](std::size_t i, char const*, auto const& loss) {
      if constexpr (requires { loss.check_outputs(classes); })
        if (i == index) loss.check_outputs(classes);
    });
  }
  bool counts() const {
    bool result = false;
    for_each_row_loss(weight, [&](std::size_t i, char const*, auto const& loss) {
      if constexpr (requires { loss.counts(); })
        if (i == index) result = loss.counts();
    });
    return result;
  }
  template <class Row, class C> C part(Row const& row, C const& target) const {
    C result(fovea::scalar_of<C>(1));
    for_each_row_loss(weight, [&](std::size_t i, char const*, auto const& loss) {
      if constexpr (requires { loss.counts(); })
        if (i == index) result = loss.part(row, target);
    });
    return result;
  }

 private:
  template <class L> static constexpr bool takes_rows = fovea::loss_of_probabilities<std::remove_cvref_t<L>>;
  template <class C, class F> C evaluate(F const& f) const {
    C result(fovea::scalar_of<C>(0));
    for_each_row_loss(weight, [&](std::size_t i, char const*, auto const& loss) {
      if (i == index) result = f(loss);
    });
    return result;
  }
};

std::vector<double> fixture(std::string const& name) { return contract_fixture("rows", name, "catalogue"); }

template <class B, class Y>
void compare(B const& b, chosen_row_loss const& loss, std::string const& name, Y const& targets) {
  INFO(name);
  auto const shape = std::array<std::size_t, 2>{9, 5};
  auto const z = tensor_from(b, shape, fixture("x"));
  auto const tolerance = by_precision(b, 2e-5, 1e-12);
  CHECK(max_difference(to_vector(fovea::values(b, loss, z, targets)), fixture(name + "/values")) < tolerance);
  auto in_place = tensor_from(b, shape, fixture("x"));
  auto const sum = fovea::value_and_gradient(b, loss, in_place, targets, in_place, fovea::reduction::sum);
  CHECK(max_difference(to_vector(in_place), fixture(name + "/gradient")) < tolerance);
  double expected = 0;
  for (double const v : fixture(name + "/values")) expected += v;
  CHECK(double{sum} == Approx(expected).epsilon(by_precision(b, 1e-6, 1e-12)));
  CHECK(double{fovea::value(b, loss, z, targets)} ==
        Approx(fixture(name + "/mean")[0]).epsilon(by_precision(b, 1e-6, 1e-12)));
}

}  // namespace

TEST_CASE("losses of rows match PyTorch") {
  auto const check = [](auto const& b) {
    auto const weight = fixture("weight"), numbers = fixture("classes");
    std::vector<int> const classes(numbers.begin(), numbers.end());
    auto const targets = tensor_from(b, std::array<std::size_t, 2>{9, 5}, fixture("targets"));
    fovea::class_weights const w(weight);
    for_each_row_loss(w, [&](std::size_t i, char const* name, auto const& loss) {
      chosen_row_loss chosen{i, w};
      if constexpr (requires { loss.ignore_index; }) chosen.ignore_index = loss.ignore_index;
      if (i < class_cases) compare(b, chosen, name, classes);
      else compare(b, chosen, name, targets);
    });
  };
  check(fovea::host_backend<double>{});
  check(fovea::host_backend<float>{});
  check(main_backend<float>{});
}

TEST_CASE("the softmax focal loss has the accuracy of its logits in the tails") {
  // two classes: the sigmoid's, of the difference
  fovea::host_backend<float> const b;
  for (double const gamma : {0.5, 2.}) {
    for (float const z : {-120.f, -17.f, -1.f, 3.f, 17.f, 40.f}) {
      std::vector<float> const logits{z, 0.f};
      auto const x = tensor_from(b, std::array<std::size_t, 2>{1, 2}, logits);
      auto const [value, gradient] =
          fovea::value_and_gradient(b, fovea::softmax_focal_loss{.gamma = gamma}, x, std::vector<int>{0});
      long double const miss = 1 / (1 + std::exp(static_cast<long double>(z))), loss = std::log1p(std::exp(-z * 1.0L));
      long double const power = std::pow(miss, static_cast<long double>(gamma));
      double const slope = static_cast<double>(power * (miss + gamma * (1 - miss) * loss));
      INFO("gamma " << gamma << ", logit " << z);
      CHECK(double{value} == Approx(static_cast<double>(power * loss)).epsilon(1e-5).margin(1e-37));
      CHECK(double{to_vector(gradient)[0]} == Approx(-slope).epsilon(1e-5).margin(1e-37));
      CHECK(double{to_vector(gradient)[1]} == Approx(slope).epsilon(1e-5).margin(1e-37));
    }
  }
}

TEST_CASE("losses of rows have domains") {
  CHECK_THROWS_AS(fovea::softmax_focal_loss{.gamma = -1}.validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::softmax_poly_loss{.epsilon = -2}.validate(), fovea::argument_error);
  CHECK_THROWS_WITH(fovea::multi_margin_loss{.p = 3}.validate(), "multi_margin_loss: p must be 1 or 2, got 3");
  CHECK_THROWS_AS(fovea::multi_margin_loss{.margin = NAN}.validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::sigmoid_tversky_loss{.alpha = -1}.validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::sigmoid_tversky_loss{.beta = -1}.validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::sigmoid_tversky_loss{.smooth = 0}.validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::sigmoid_tversky_loss{.gamma = 0.5}.validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::sigmoid_dice_loss{.smooth = 0}.validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::sigmoid_dice_loss{.smooth = 1e-60}.validate_in<float>(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::sigmoid_tversky_loss{.smooth = 1e-60}.validate_in<float>(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::sigmoid_iou_loss{.smooth = 1e-60}.validate_in<float>(), fovea::argument_error);
  CHECK_NOTHROW(fovea::sigmoid_tversky_loss{.smooth = 1e-60}.validate_in<double>());
  CHECK_THROWS_AS(fovea::sigmoid_iou_loss{.smooth = 0}.validate(), fovea::argument_error);
  std::vector<double> const w{1, 2};
  CHECK_THROWS_WITH(fovea::nll_loss{.weight = fovea::class_weights(w)}.check_outputs(3),
                    "nll_loss: there are 2 class weights and 3 classes");
}
