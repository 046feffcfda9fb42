// SPDX-License-Identifier: MIT
#include <tuple>
#include <utility>

#include "../common/fovea_data.hpp"

namespace {

/// Runs only the optimizer's update, as a trainer does.
template <class T, class Rule> struct updates {
  fovea::xtensor_backend<T> b;
  Rule rule = {};
  xt::xtensor<T, 1> parameters = with_fovea::logits<T>(), gradient = parameters,
                    moments = xt::zeros<T>({Rule::state_count * sizes::elements});
  double step = 0;

  timing::row row(char const* name) {
    return {.name = name,
            .run = [this] { run(); },
            .bits = [this] { return timing::bits_of(std::span<T const>(parameters.data(), parameters.size())); }};
  }
  void run() {
    auto const coefficients = rule.coefficients_at(++step);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      b.for_each(fovea::domain<1, fovea::dynamic>({1, sizes::elements}), fovea::optimizer_step<Rule>{rule},
                 fovea::each{parameters.data()}, fovea::broadcast{&coefficients},
                 fovea::each{std::as_const(gradient).data()}, fovea::each{moments.data() + I * sizes::elements}...);
    }(std::make_index_sequence<Rule::state_count>{});
    timing::keep(parameters);
  }
};

}  // namespace

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  updates<float, fovea::adam> adam{{{.threads = o.threads}}};
  updates<float, fovea::adamw> adamw{{{.threads = o.threads}}};
  updates<double, fovea::adam> twice{{{.threads = o.threads}}};
  return timing::answer(o, {adam.row("adam"), adamw.row("adamw"), twice.row("adam, double")});
}
