// SPDX-License-Identifier: MIT
// The library that dlpack_torch.py calls. PyTorch's tensors arrive as DLManagedTensor, without a copy.
#include <cstdio>
#include <exception>
#include <limits>

#include <fovea/adapt/dlpack.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/losses/value_and_gradient.hpp>

namespace {

template <class T>
double focal_loss(DLManagedTensor const* logits, DLManagedTensor const* targets, DLManagedTensor const* gradient,
                  double gamma, double alpha, char* message, std::size_t size) {
  try {
    using fovea::adapt::dlpack_view;
    return fovea::value_and_gradient(fovea::sigmoid_focal_loss{.gamma = gamma, .alpha = alpha},
                                     dlpack_view<T const>(*logits), dlpack_view<T const>(*targets),
                                     dlpack_view<T>(*gradient));
  } catch (std::exception const& e) {
    std::snprintf(message, size, "%s", e.what());
    return std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace

/// Returns the mean loss and writes its gradient to `gradient`. If a tensor is rejected, returns NaN and writes the reason to
/// `message`.
extern "C" double focal_loss_float(DLManagedTensor const* logits, DLManagedTensor const* targets,
                                   DLManagedTensor const* gradient, double gamma, double alpha, char* message,
                                   std::size_t size) {
  return focal_loss<float>(logits, targets, gradient, gamma, alpha, message, size);
}
extern "C" double focal_loss_double(DLManagedTensor const* logits, DLManagedTensor const* targets,
                                    DLManagedTensor const* gradient, double gamma, double alpha, char* message,
                                    std::size_t size) {
  return focal_loss<double>(logits, targets, gradient, gamma, alpha, message, size);
}
