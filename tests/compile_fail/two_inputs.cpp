// SPDX-License-Identifier: MIT
// expect: fovea: the network takes several inputs: pass a tuple of tensors, such as std::tie(a, b)
#include <tuple>

#include <fovea/backends/host.hpp>
#include <fovea/layers/branches.hpp>
#include <fovea/layers/embedding.hpp>
#include <fovea/layers/parallel.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/training/model.hpp>

constexpr fovea::sequential net{
    fovea::parallel{fovea::sequential{fovea::input<1>{}, fovea::embedding<7, 4>{}, fovea::flatten{}},
                    fovea::input<3>{}},
    fovea::concatenate{}, fovea::linear<7, 1>{}};

float first(fovea::host_tensor<int, 2> const& words, fovea::host_tensor<float, 2> const& numbers) {
  fovea::model const model{fovea::host_backend<>{}, net};
#ifdef MISUSE
  return static_cast<void>(words), model.predict(numbers).elements[0];
#else
  return model.predict(std::tie(words, numbers)).elements[0];
#endif
}
