// SPDX-License-Identifier: MIT
// Evaluates a loss on tensors that a program already has: value, gradient, weights, mask. Needs no model and no setup.
#include <cstdio>
#include <vector>

#include <fovea/backends/host.hpp>  // adapts std::vector, too
#include <fovea/backends/xtensor.hpp>
#include <fovea/fovea.hpp>

int main() {
  // Two anchors with three classes each: a confident hit, a confident miss, and logits in between.
  xt::xtensor<float, 2> const logits = {{20, -120, 0.5}, {-2, 3, -20}};
  xt::xtensor<float, 2> const targets = {{1, 1, 0}, {0, 1, 0}};

  // Options are aggregates. The name states the input: sigmoid_* takes logits, a name without prefix takes probabilities.
  fovea::sigmoid_focal_loss const loss{.gamma = 2, .alpha = 0.25};

  auto const each = fovea::values(loss, logits, targets);  // has the predictions' type, here xt::xtensor<float, 2>
  auto const [mean, gradient] = fovea::value_and_gradient(loss, logits, targets);  // one pass over the memory

  std::printf("%8s %7s %12s %12s\n", "logit", "target", "loss", "gradient");
  for (std::size_t i = 0; i != logits.size(); ++i)
    std::printf("%8g %7g %12.4g %12.4g\n", logits.flat(i), targets.flat(i), each.flat(i), gradient.flat(i));
  std::printf("mean %.6g\n", mean);

  // A loop that must not allocate passes its own tensor for the gradient, which may have another type.
  xt::xtensor<float, 2> into = xt::empty_like(logits);
  float const same = fovea::value_and_gradient(loss, logits, targets, into);
  std::printf("into a tensor of ours: %s\n", same == mean && into == gradient ? "the same bits" : "something else");

  // Options follow the tensors in any order. A masked element has no effect, even a NaN.
  std::vector<float> const row_weights = {1, 3};
  xt::xtensor<bool, 2> const counts = {{true, false, true}, {true, true, true}};
  std::printf("weighted, without the hopeless one: %.6g\n",
              fovea::value(loss, logits, targets, fovea::reduction::weighted_mean, fovea::sample_weights(row_weights),
                           fovea::mask(counts)));

  // An optional first argument chooses the backend, like an execution policy. The result is bitwise the same for any
  // number of threads.
  fovea::xtensor_backend const two_threads{{.threads = 2}};
  std::printf("on two threads: %s\n",
              fovea::value(two_threads, loss, logits, targets) == mean ? "the same bits" : "something else");

  // Invalid arguments throw before any work is done. Shapes of different rank, (2, 3) and (6,), would not even compile.
  try {
    fovea::value(loss, logits, xt::xtensor<float, 2>::from_shape({3, 2}));
  } catch (fovea::shape_error const& e) {
    std::printf("a mistake: %s\n", e.what());
  }
}
