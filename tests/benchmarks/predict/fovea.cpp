// SPDX-License-Identifier: MIT
#include "../common/fovea_data.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  using backend = fovea::xtensor_backend<>;
  backend const b{{.threads = o.threads}};
  fovea::model const model{b, with_fovea::published, 0, fovea::sigmoid{}};
  fovea::workspace<backend> workspace;
  auto const many = with_fovea::rows(b, sizes::predicted_rows, sizes::features, 1),
             one = with_fovea::rows(b, 1, sizes::features, 1);
  auto y = many.targets, y1 = one.targets;
  constexpr int times = 1000;
  auto const run_one = [&] {
    for (int i = 0; i != times; ++i) model.predict(one.features, workspace, y1), timing::keep(y1);
  };
  return timing::answer(o, {{.name = "10^6 rows",
                             .run = [&] { model.predict(many.features, workspace, y); },
                             .bits = [&] { return timing::bits_of(std::span<float const>(y.data(), y.size())); }},
                            {.name = "one row", .run = run_one, .each = times}});
}
