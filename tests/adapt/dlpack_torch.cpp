// SPDX-License-Identifier: MIT
// What dlpack_torch.py calls: PyTorch's tensors reach fovea as DLManagedTensor, and no element is copied.
#include <cstdio>
#include <exception>
#include <limits>

#include <fovea/adapt/dlpack.hpp>
#include <fovea/losses/evaluate.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>

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

/// The mean loss, and its gradient into `gradient`; not a number, and why in `message`, when a tensor is refused.
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
