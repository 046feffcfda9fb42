// SPDX-License-Identifier: MIT
#include <fovea/training/frozen_model.hpp>

#include "../common/fovea_data.hpp"

/// Times `predict` and a frozen model. Where calls wait, each row's first number is the prediction of the call before.
int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  using backend = fovea::xtensor_backend<>;
  backend const b{{.threads = o.threads}};
  fovea::model const model{b, with_fovea::published, 0, fovea::sigmoid{}};
  auto const frozen = fovea::freeze(model);
  fovea::workspace<backend> workspace;
  auto const one = with_fovea::rows(b, 1, sizes::features, 1), few = with_fovea::rows(b, 16, sizes::features, 1),
             many = with_fovea::rows(b, sizes::predicted_rows, sizes::features, 1);
  auto waiting = one.features, y1 = one.targets, y16 = few.targets, y = many.targets;
  constexpr int times = 1000;
  auto const repeated = [](char const* name, int rows, auto const& call) {
    return timing::row{.name = name,
                       .run =
                           [=] {
                             for (int i = 0; i != times; ++i) call();
                           },
                       .each = double{times} * rows};
  };
  auto const next = [&] { waiting(0, 0) = y1(0, 0); };
  auto const bits = [&] { return timing::bits_of(std::span<float const>(y.data(), y.size())); };
  return timing::answer(
      o, {repeated("predict, one row", 1, [&] { model.predict(one.features, workspace, y1), timing::keep(y1); }),
          repeated("one row", 1, [&] { frozen.predict(one.features.data(), y1.data()), timing::keep(y1); }),
          repeated("predict, one row, waiting", 1, [&] { next(), model.predict(waiting, workspace, y1); }),
          repeated("one row, waiting", 1, [&] { next(), frozen.predict(waiting.data(), y1.data()); }),
          repeated("predict, 16 rows", 16, [&] { model.predict(few.features, workspace, y16), timing::keep(y16); }),
          repeated("16 rows", 16, [&] { frozen.predict(few.features, y16), timing::keep(y16); }),
          {.name = "predict, 10^6 rows", .run = [&] { model.predict(many.features, workspace, y); }, .bits = bits},
          {.name = "10^6 rows", .run = [&] { frozen.predict(many.features, y); }, .bits = bits}});
}
