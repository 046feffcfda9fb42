// SPDX-License-Identifier: MIT
// A loss on tensors that a program already has: value, gradient, weights, mask. No model and nothing to set up.
#include <cstdio>
#include <vector>

#include <fovea/backends/host.hpp>  // makes a tensor of std::vector, too
#include <fovea/backends/xtensor.hpp>
#include <fovea/fovea.hpp>

int main() {
  // Two anchors, three classes each: a sure hit, a hopeless miss, something between.
  xt::xtensor<float, 2> const logits = {{20, -120, 0.5}, {-2, 3, -20}};
  xt::xtensor<float, 2> const targets = {{1, 1, 0}, {0, 1, 0}};

  // Options are aggregates. The domain is in the name: sigmoid_* takes logits, a bare name takes probabilities.
  fovea::sigmoid_focal_loss const loss{.gamma = 2, .alpha = 0.25};

  auto const each = fovea::values(loss, logits, targets);  // a tensor of their type, here xt::xtensor<float, 2>
  auto const [mean, gradient] = fovea::value_and_gradient(loss, logits, targets);  // one pass over the memory

  std::printf("%8s %7s %12s %12s\n", "logit", "target", "loss", "gradient");
  for (std::size_t i = 0; i != logits.size(); ++i)
    std::printf("%8g %7g %12.4g %12.4g\n", logits.flat(i), targets.flat(i), each.flat(i), gradient.flat(i));
  std::printf("mean %.6g\n", mean);

  // A loop that must not allocate hands in the tensor for the gradient; it may also be of another type.
  xt::xtensor<float, 2> into = xt::empty_like(logits);
  float const same = fovea::value_and_gradient(loss, logits, targets, into);
  std::printf("into a tensor of ours: %s\n", same == mean && into == gradient ? "the same bits" : "something else");

  // Options follow the tensors in any order. A masked element has no effect, even if it is NaN.
  std::vector<float> const row_weights = {1, 3};
  xt::xtensor<bool, 2> const counts = {{true, false, true}, {true, true, true}};
  std::printf("weighted, without the hopeless one: %.6g\n",
              fovea::value(loss, logits, targets, fovea::reduction::weighted_mean, fovea::sample_weights(row_weights),
                           fovea::mask(counts)));

  // Where to compute is an optional first argument, like an execution policy. Threads change no bit.
  fovea::xtensor_backend const two_threads{{.threads = 2}};
  std::printf("on two threads: %s\n",
              fovea::value(two_threads, loss, logits, targets) == mean ? "the same bits" : "something else");

  // What cannot be right is said before any work is done; (2, 3) against (6,) would not even compile.
  try {
    fovea::value(loss, logits, xt::xtensor<float, 2>::from_shape({3, 2}));
  } catch (fovea::shape_error const& e) {
    std::printf("a mistake: %s\n", e.what());
  }
}
