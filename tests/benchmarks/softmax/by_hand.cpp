// SPDX-License-Identifier: MIT
#include "../common/hand_formulas.hpp"
#include "../common/parallel.hpp"
#include "../common/softmax_arrays.hpp"
#include "../common/timing.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  softmax_arrays a;
  auto const run = [&] {
    double sum = 0;
    in_parts(sizes::softmax_rows, o.threads, [&](std::size_t first, std::size_t last) {
      constexpr auto classes = sizes::softmax_classes;
      double part = 0;
      for (auto r = first; r != last; ++r)
        part += by_hand::softmax_cross_entropy(a.z.data() + r * classes, a.y[r], a.gradient.data() + r * classes,
                                               classes, 1 / static_cast<float>(sizes::softmax_rows));
#pragma omp atomic
      sum += part;
    });
    timing::keep(sum), timing::keep(a.gradient);
  };
  return timing::answer(o, {{.name = "softmax", .run = run}});
}
