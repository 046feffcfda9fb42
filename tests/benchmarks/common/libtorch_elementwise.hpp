// SPDX-License-Identifier: MIT
#pragma once

#include "inputs.hpp"
#include "libtorch_common.hpp"
#include "timing.hpp"

namespace with_libtorch {

/// Computes a loss's value and gradient over 10^7 elements.
template <class Loss> timing::row elementwise(char const* name, Loss const& loss) {
  auto z = tensor(sizes::elements), y = tensor(sizes::elements);
  inputs::logits(span(z));
  inputs::targets(span(y));
  z.requires_grad_();
  return {.name = name, .run = [z, y, loss]() mutable { value_and_gradient(z, y, loss); }};
}

}  // namespace with_libtorch
