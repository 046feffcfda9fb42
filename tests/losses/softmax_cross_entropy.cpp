// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <fovea/fovea.hpp>

#include "../backends.hpp"
#include "../layers/drawn.hpp"

namespace {

fovea::softmax_cross_entropy const loss;

struct problem {
  std::size_t rows, classes;
  std::vector<double> logits;
  std::vector<std::int32_t> targets;

  problem(std::size_t n, std::size_t c, double largest) : rows(n), classes(c), logits(drawn(n * c, c)) {
    for (auto& z : logits) z = static_cast<float>(z * largest);
    for (std::size_t r = 0; r != n; ++r) targets.push_back(static_cast<std::int32_t>((r * 7 + c) % c));
  }
};

/// A row's loss and gradient in long double, computed from the sums over the other classes.
struct truth {
  std::vector<long double> losses, gradient;

  explicit truth(problem const& p) {
    for (std::size_t r = 0; r != p.rows; ++r) {
      auto const* z = p.logits.data() + r * p.classes;
      auto const mine = static_cast<std::size_t>(p.targets[r]);
      long double const most = *std::max_element(z, z + p.classes);
      auto const exponential = [&](std::size_t c) { return std::exp(static_cast<long double>(z[c]) - most); };
      // Prefix and suffix sums over the classes; without subtraction nothing cancels.
      std::vector<long double> before(p.classes + 1, 0), after(p.classes + 1, 0);
      for (std::size_t c = 0; c != p.classes; ++c) before[c + 1] = before[c] + exponential(c);
      for (std::size_t c = p.classes; c != 0; --c) after[c - 1] = after[c] + exponential(c - 1);
      auto const others_beside = [&](std::size_t c) { return (before[c] + after[c + 1]) / exponential(c); };
      losses.push_back(std::log1p(others_beside(mine)));
      for (std::size_t c = 0; c != p.classes; ++c) {
        auto const others = others_beside(c);
        gradient.push_back(c == mine ? -others / (1 + others) : 1 / (1 + others));
      }
    }
  }
};

template <class B> auto classes_of(B const& b, std::vector<std::int32_t> const& all) {
  auto to = b.template empty<std::int32_t>(std::array{all.size()});
  b.copy(all.data(), fovea::data(to), all.size());
  return to;
}

/// True if `got` is within a relative bound; results below the smallest subnormal number may be 0.
template <class T> bool is_near(double got, long double want, double bound) {
  return std::abs(got - want) <= bound * std::abs(want) + std::numeric_limits<T>::denorm_min();
}

}  // namespace

TEST_CASE("softmax cross-entropy and its gradient are accurate at every width") {
  for (std::size_t const classes : {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14,  15,  16,  17,
                                    18, 19, 20, 24, 29, 31, 32, 33, 47, 48, 63, 64, 65, 100, 129, 5000})
    for (double const largest : {1., 12., 80.}) {
      problem const p(classes > 1000 ? 3 : 37, classes, largest);
      truth const want(p);
      for_each_backend([&](auto const& b) {
        using T = value_type_of<decltype(b)>;
        auto const z = tensor_from(b, std::array{p.rows, p.classes}, p.logits);
        auto const y = classes_of(b, p.targets);
        auto const [value, gradient] = fovea::value_and_gradient(b, loss, z, y, fovea::reduction::sum);
        auto const values = to_vector(fovea::values(b, loss, z, y)), slopes = to_vector(gradient);
        // the argument of exp, at most 2 largest, is rounded once
        double const bound = (2 * largest + 16 + static_cast<double>(classes) / 16) * std::numeric_limits<T>::epsilon();
        INFO(classes << " classes, logits up to " << largest);
        long double sum = 0;
        bool all = true;
        for (std::size_t r = 0; r != p.rows; ++r) {
          all = all && is_near<T>(values[r], want.losses[r], bound);
          sum += want.losses[r];
        }
        CHECK(all);
        CHECK(is_near<T>(value, sum, bound));
        CHECK(is_near<T>(fovea::value(b, loss, z, y, fovea::reduction::sum), sum, bound));
        CHECK(is_near<T>(fovea::value(b, loss, z, y), sum / static_cast<long double>(p.rows), bound));
        for (std::size_t i = 0; i != slopes.size(); ++i) all = all && is_near<T>(slopes[i], want.gradient[i], bound);
        CHECK(all);
      });
    }
}

TEST_CASE("a row's softmax cross-entropy depends on neither its position nor its neighbors") {
  for_each_backend([](auto const& b) {
    for (std::size_t const classes : {2u, 10u, 33u}) {
      problem p(50, classes, 5);
      auto const values = [&](std::size_t first, std::size_t rows) {
        std::vector<double> const part(p.logits.begin() + static_cast<std::ptrdiff_t>(first * classes),
                                       p.logits.begin() + static_cast<std::ptrdiff_t>((first + rows) * classes));
        std::vector<std::int32_t> const targets(p.targets.begin() + static_cast<std::ptrdiff_t>(first),
                                                p.targets.begin() + static_cast<std::ptrdiff_t>(first + rows));
        return to_vector(
            fovea::values(b, loss, tensor_from(b, std::array{rows, classes}, part), classes_of(b, targets)));
      };
      auto const all = values(0, 50);
      for (std::size_t const first : {1u, 16u, 49u}) CHECK(values(first, 1)[0] == all[first]);
      p.logits[3 * classes] = std::numeric_limits<double>::quiet_NaN();
      auto const sick = values(0, 50);
      for (std::size_t r = 0; r != 50; ++r) CHECK((r == 3 ? std::isnan(sick[r]) : sick[r] == all[r]));
    }
  });
}

TEST_CASE("a confident row's small loss is not rounded to 0, and a confidently wrong row's loss is finite") {
  for_each_backend([](auto const& b) {
    auto const z =
        tensor_from(b, std::array<std::size_t, 2>{3, 3}, std::vector<double>{40, 0, 0, 0, 500, 0, -1e4, 1e4, 0});
    auto const y = classes_of(b, {0, 0, 0});
    auto const values = to_vector(fovea::values(b, loss, z, y));
    CHECK(values[0] == Approx(2 * std::exp(-40.)).epsilon(1e-5));
    CHECK(values[1] == 500);
    CHECK(values[2] == 2e4);
    auto const gradient = to_vector(fovea::gradient(b, loss, z, y, fovea::reduction::sum));
    CHECK(gradient[0] == Approx(-2 * std::exp(-40.)).epsilon(1e-5));
    CHECK(gradient[3] == -1);
  });
}

TEST_CASE("softmax row weights, masks and reductions match PyTorch and scikit-learn") {
  for_each_backend([](auto const& b) {
    for (std::size_t const classes : {4u, 40u}) {
      problem p(9, classes, 3);
      truth const want(p);
      p.targets[2] = -100;  // a mask replaces PyTorch's ignore_index
      for (std::size_t c = 0; c != classes; ++c) p.logits[5 * classes + c] = std::numeric_limits<double>::quiet_NaN();
      std::vector<double> const weight{1, 2, 3, 0.5, 1, 7, 1, 2, 4};
      std::vector<std::int32_t> const kept{1, 1, 0, 1, 1, 0, 1, 1, 1};
      auto const z = tensor_from(b, std::array{p.rows, classes}, p.logits);
      auto const w = tensor_from(b, std::array<std::size_t, 1>{9}, weight);
      auto const y = classes_of(b, p.targets), m = classes_of(b, kept);
      long double sum = 0, weights = 0;
      for (std::size_t r = 0; r != 9; ++r)
        if (kept[r]) sum += weight[r] * want.losses[r], weights += weight[r];
      auto const near = [](double x) { return Approx(x).epsilon(2e-6); };
      fovea::sample_weights const by_row(w);
      fovea::mask const unmasked(m);
      CHECK(fovea::value(b, loss, z, y, by_row, unmasked, fovea::reduction::sum) == near(static_cast<double>(sum)));
      CHECK(fovea::value(b, loss, z, y, unmasked, by_row) == near(static_cast<double>(sum / 7)));
      CHECK(fovea::value(b, loss, z, y, by_row, unmasked, fovea::reduction::weighted_mean) ==
            near(static_cast<double>(sum / weights)));
      auto const slopes = to_vector(fovea::gradient(b, loss, z, y, by_row, unmasked));
      for (std::size_t r = 0; r != 9; ++r)
        for (std::size_t c = 0; c != classes; ++c) {
          auto const i = r * classes + c;
          CHECK(slopes[i] == (kept[r] ? near(static_cast<double>(weight[r] * want.gradient[i] / 7)) : Approx(0)));
        }
    }
  });
}

TEST_CASE("invalid classes and mismatched shapes are rejected before anything is written") {
  for_each_backend([](auto const& b) {
    auto const z = tensor_from(b, std::array<std::size_t, 2>{3, 2}, drawn(6, 1));
    auto gradient = tensor_from(b, std::array<std::size_t, 2>{3, 2}, std::vector<double>(6, 9));
    CHECK_THROWS_WITH(fovea::value_and_gradient(b, loss, z, classes_of(b, {0, 2, 1}), gradient),
                      "loss: the class of row 1 is 2, and there are 2");
    CHECK_THROWS_WITH(fovea::value(b, loss, z, classes_of(b, {0, 1, -1})),
                      "loss: the class of row 2 is -1, and there are 2");
    for (auto const kept : to_vector(gradient)) CHECK(kept == 9);
    CHECK_THROWS_AS(fovea::value(b, loss, z, classes_of(b, {0, 1})), fovea::shape_error);
    auto const weights = tensor_from(b, std::array<std::size_t, 1>{2}, drawn(2, 1));
    CHECK_THROWS_AS(fovea::value(b, loss, z, classes_of(b, {0, 1, 1}), fovea::sample_weights(weights)),
                    fovea::shape_error);
    auto const none = tensor_from(b, std::array<std::size_t, 2>{0, 2}, std::vector<double>{});
    CHECK(fovea::value(b, loss, none, classes_of(b, {})) == 0);
  });
}

TEST_CASE("the gradient of softmax cross-entropy may be written over the logits") {
  for_each_backend([](auto const& b) {
    for (std::size_t const classes : {1u, 2u, 5u, 17u, 33u, 100u, 3000u}) {
      problem const p(21, classes, 6);
      auto z = tensor_from(b, std::array{p.rows, p.classes}, p.logits);
      auto const y = classes_of(b, p.targets);
      auto const [value, gradient] = fovea::value_and_gradient(b, loss, z, y);
      CHECK(fovea::value_and_gradient(b, loss, z, y, z) == value);
      CHECK(to_vector(z) == to_vector(gradient));
    }
  });
}

TEST_CASE("a result overwrites nothing that a loss of rows reads again") {
  for_each_backend([](auto const& b) {
    using B = std::remove_cvref_t<decltype(b)>;
    using T = value_type_of<B>;
    std::size_t const rows = 6, classes = 4, n = rows * classes;
    auto const matrix = [&](T* first) {
      return fovea::matrix_span<B, T>{first, fovea::extents<fovea::dynamic, fovea::dynamic>({rows, classes})};
    };
    std::vector<double> numbers(2 * n, 0.25);
    auto memory = tensor_from(b, std::array{2 * n}, numbers);
    auto const logits = tensor_from(b, std::array{rows, classes}, std::vector<double>(n, 1.5));
    auto const before = to_vector(memory);
    auto const y = classes_of(b, std::vector<std::int32_t>(rows, 1));
    auto* const at = fovea::data(memory);
    auto other = b.template empty<T>(std::array{rows, classes});
    auto const refused = [&](auto const& of, auto const& targets, T* to, std::string const& what,
                             auto const&... options) {
      INFO(what);
      auto const end = " overlaps " + what;
      CHECK_THROWS_WITH(fovea::value_and_gradient(b, of, logits, targets, matrix(to), options...),
                        "loss: gradient" + end);
      if constexpr (std::same_as<decltype(of), fovea::softmax_cross_entropy const&>) {
        CHECK_THROWS_WITH(fovea::value_gradient_and_hessian(b, of, logits, targets, matrix(to), other, options...),
                          "loss: gradient" + end);
        CHECK_THROWS_WITH(fovea::value_gradient_and_hessian(b, of, logits, targets, other, matrix(to), options...),
                          "loss: Hessian" + end);
      }
    };
    auto const per_row = [&](T* first) {
      return fovea::vector_span<B, T>{first, fovea::extents<fovea::dynamic>({rows})};
    };
    for (std::size_t const shift : {std::size_t{0}, std::size_t{2}, n - 1}) {
      auto const w = per_row(at + shift);
      refused(loss, y, at, "the sample weights, which a row reads again", fovea::sample_weights(w));
      refused(fovea::nll_loss{}, y, at, "the sample weights, which a row reads again", fovea::sample_weights(w));
      refused(loss, y, at, "the mask, which a row reads again", fovea::mask(w));
      refused(loss, matrix(at + shift), at, "the targets, which a row reads again");
      refused(fovea::cosine_loss{}, matrix(at + shift), at, "the targets, which a row reads again");
    }
    auto const apart = per_row(at + n);
    CHECK_NOTHROW(fovea::value_and_gradient(b, loss, logits, y, matrix(at), fovea::sample_weights(apart)));
    b.copy(before.data(), at, before.size());
    // classes and class weights of another type, in the memory of a gradient
    auto* const start = reinterpret_cast<std::int32_t*>(at);
    fovea::vector_span<B, std::int32_t> const own_classes{start, fovea::extents<fovea::dynamic>({rows})};
    refused(loss, own_classes, at, "the targets, which a row reads again");
    refused(fovea::softmax_focal_loss{}, own_classes, at, "the targets, which a row reads again");
    fovea::vector_span<B, double> const ws{reinterpret_cast<double*>(at), fovea::extents<fovea::dynamic>({classes})};
    fovea::class_weights const w(ws);
    refused(fovea::softmax_cross_entropy{.weight = w}, y, at, "the loss's class weights");
    refused(fovea::nll_loss{.weight = w}, y, at, "the loss's class weights");
    refused(fovea::softmax_focal_loss{.weight = w}, y, at, "the loss's class weights");
    refused(fovea::softmax_focal_loss{.class_gamma = w}, y, at, "the loss's class weights");
    refused(fovea::multi_margin_loss{.weight = w}, y, at, "the loss's class weights");
    CHECK(to_vector(memory) == before);
  });
}
