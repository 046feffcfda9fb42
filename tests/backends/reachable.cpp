// SPDX-License-Identifier: MIT
// Tensors in memory that a backend cannot reach are rejected by name before any work is done. The test backend is a host
// backend that simulates a device: it reaches only the memory that it has allocated itself.
#include <set>

#include <fovea/backends/host.hpp>
#include <fovea/fovea.hpp>

#include "../catch.hpp"

namespace {

struct far_away : fovea::host_backend<float> {
  static inline std::set<void const*> elsewhere;
  void check_reachable(void const* at, char const* who, char const* what) const {
    if (elsewhere.count(at) != 0) throw fovea::device_error(std::string(who) + ": " + what + " lies elsewhere");
  }
};
using matrix = fovea::matrix_span<far_away, float>;

std::string said(std::vector<float> const& about, auto const& f) {
  far_away::elsewhere = {about.data()};
  try {
    f();
  } catch (fovea::device_error const& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("an error names the tensor that the backend cannot reach") {
  far_away const b;
  std::vector<float> x(6, 1.f), y(6, 0.f), gradient(6, 7.f), target(2, 1.f), fine(1);
  auto const span = [](std::vector<float>& v, std::size_t rows) {
    return matrix{v.data(), fovea::extents<fovea::dynamic, fovea::dynamic>({rows, v.size() / rows})};
  };
  auto const value = [&] {
    fovea::value_and_gradient(b, fovea::mean_squared_error{}, span(x, 2), span(y, 2), span(gradient, 2));
  };
  CHECK(said(x, value) == "loss: predictions lies elsewhere");
  CHECK(said(y, value) == "loss: targets lies elsewhere");
  CHECK(said(gradient, value) == "loss: gradient lies elsewhere");
  CHECK(gradient == std::vector<float>(6, 7.f));
  CHECK(said(fine, value) == "no error");

  std::vector<float> weight(6, 1.f), of_rows(2, 1.f), kept(6, 1.f);
  auto const rows = [](std::vector<float>& v) {
    return fovea::vector_span<far_away, float>{v.data(), fovea::extents<fovea::dynamic>({v.size()})};
  };
  auto const w = span(weight, 2), m = span(kept, 2);
  auto const r = rows(of_rows);
  auto const optional = [&] {
    fovea::value(b, fovea::mean_squared_error{}, span(x, 2), span(y, 2), fovea::weights(w), fovea::sample_weights(r),
                 fovea::mask(m));
  };
  CHECK(said(weight, optional) == "loss: weights lies elsewhere");
  CHECK(said(of_rows, optional) == "loss: sample weights lies elsewhere");
  CHECK(said(kept, optional) == "loss: mask lies elsewhere");
  CHECK(said(fine, optional) == "no error");
  std::vector<int> classes(2, 1);
  fovea::vector_span<far_away, int> const of_class{classes.data(), fovea::extents<fovea::dynamic>({2})};
  auto const loss_of_rows = [&] {
    fovea::value(b, fovea::softmax_cross_entropy{}, span(x, 2), of_class, fovea::sample_weights(r));
  };
  CHECK(said(x, loss_of_rows) == "loss: predictions lies elsewhere");
  CHECK(said(of_rows, loss_of_rows) == "loss: sample weights lies elsewhere");
  CHECK(said(fine, loss_of_rows) == "no error");

  fovea::trainer trainer{b, fovea::sequential{fovea::linear<3, 1>{}}, fovea::mean_squared_error{}, fovea::sgd{}};
  auto const before = trainer.parameters().elements;
  auto const step = [&] { trainer.step(span(x, 2), span(target, 2)); };
  CHECK(said(x, step) == "trainer: x lies elsewhere");
  CHECK(said(target, step) == "trainer: y lies elsewhere");
  CHECK(trainer.parameters().elements == before);
  CHECK(said(fine, step) == "no error");
  CHECK(said(x, [&] { trainer.predict(span(x, 2)); }) == "predict: x lies elsewhere");
  CHECK(said(target, [&] { trainer.predict(span(x, 2), span(target, 2)); }) == "predict: the result lies elsewhere");
}
