// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include <fovea/layers/attention.hpp>
#include <fovea/layers/batch_norm.hpp>
#include <fovea/layers/branches.hpp>
#include <fovea/layers/convolution.hpp>
#include <fovea/layers/embedding.hpp>
#include <fovea/layers/parallel.hpp>
#include <fovea/layers/recurrence.hpp>
#include <fovea/layers/recurrent_cells.hpp>
#include <fovea/layers/residual.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/layers/softmax.hpp>
#include <fovea/layers/tied.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/optimizers/sgd.hpp>
#include <fovea/training/frozen_model.hpp>
#include <fovea/training/trainer.hpp>

#include "../backends.hpp"
#include "../layers/drawn.hpp"

using fovea::linear;
using fovea::sequential;

namespace {

/// Compares the predictions of a frozen model, of all rows at once and of each alone, with the model's. On the host backend, a
/// compiler may contract a product and a sum in one place and not in another.
template <class Model, class X, class Row>
void predicts_like(Model const& model, X const& x, std::size_t rows, Row const& row) {
  using B = std::remove_cvref_t<decltype(model.backend())>;
  using T = typename B::value_type;
  double const tolerance = std::same_as<B, fovea::host_backend<T>> ? by_precision(model.backend(), 1e-6, 1e-14) : 0;
  auto const f = fovea::freeze(model);
  auto const outputs = model.output().size();
  auto const expected = to_doubles(to_vector(model.predict(x)));
  auto all = model.backend().template empty<T>(std::array{rows, outputs});
  f.predict(x, all);
  CHECK(max_difference(to_vector(all), expected) <= tolerance);
  std::vector<T> alone(rows * outputs + 1, 7);
  for (std::size_t r = 0; r != rows; ++r) f.predict(row(r), alone.data() + r * outputs);
  CHECK(alone.back() == 7);
  alone.pop_back();
  CHECK(max_difference(alone, expected) <= tolerance);
}
template <class Model> void predicts_rows_like(Model const& model, std::size_t rows, std::uint64_t seed = 5) {
  INFO(rows << " rows of " << model.sample().size() << " to " << model.output().size());
  auto const width = model.sample().size();
  auto const x = tensor_from(model.backend(), std::array{rows, width}, drawn(rows * width, seed));
  predicts_like(model, x, rows, [&](std::size_t r) { return fovea::data(x) + r * width; });
}

/// A leaf that hands its own pass to another layer.
struct handing {
  linear<5, 4> inner{};

  template <class S> constexpr auto output(S const& s) const { return inner.output(s); }
  template <class S> constexpr auto parameters(S const& s) const { return inner.parameters(s); }
  template <class B, class S> void initialize(fovea::initialization<B> const& to, S const& s) const {
    inner.initialize(to, s);
  }
  template <class P, class S> constexpr fovea::memory needs(S const& s, std::size_t rows) const {
    return fovea::needs_of<P>(inner, s, rows);
  }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    inner.forward(p, x, y);
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const& y, DY const& dy, DX const& dx) const {
    inner.backward(p, x, y, dy, dx);
  }
};
/// A combinator that declares nothing about its body.
template <class Body> struct wrapping {
  Body body;

  template <class S> constexpr auto output(S const& s) const { return body.output(s); }
  template <class S, class F> constexpr void for_each_child(S const& s, F const& f) const {
    f(fovea::child_name{0, "body"}, body, s);
  }
  template <class P, class S> constexpr fovea::memory needs(S const& s, std::size_t rows) const {
    return fovea::needs_of<P>(body, s, rows);
  }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    body.forward(p.child(0, p.kept, p.scratch), x, y);
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const& y, DY const& dy, DX const& dx) const {
    body.backward(p.child(0, p.kept, p.scratch), x, y, dy, dx);
  }
};
template <class Body> wrapping(Body) -> wrapping<Body>;
struct waiting : fovea::identity {
  static constexpr bool real_time = false;
};

constexpr sequential published{linear<29, 16>{}, fovea::relu{}, linear<16, 8>{}, fovea::relu{}, linear<8, 1>{}};
constexpr std::size_t widths[]{1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 100, 127, 128, 129};

}  // namespace

TEST_CASE("a frozen model predicts the model's bits for any number of rows") {
  auto const any_number = [](auto const& b) {
    fovea::model const model{b, published, 1, fovea::sigmoid{}};
    for (std::size_t rows = 0; rows <= 130; rows += rows < 20 || rows > 125 ? 1 : 7) predicts_rows_like(model, rows);
    predicts_rows_like(model, 1000);
  };
  any_number(fovea::host_backend<double>{});
  any_number(fovea::xtensor_backend<float>{{.threads = 2}});
  any_number(fovea::xtensor_backend<double>{});
}

TEST_CASE("a frozen model predicts the model's bits at any width") {
  fovea::xtensor_backend<float> const b;
  for (std::size_t i = 0; i != std::size(widths); ++i) {
    auto const in = widths[i], hidden = widths[(7 * i + 3) % std::size(widths)],
               out = widths[(5 * i + 11) % std::size(widths)];
    sequential const net{linear{in, hidden}, fovea::relu{}, linear{hidden, out}, fovea::tanh{}, linear{out, in}};
    predicts_rows_like(fovea::model{b, net, i, fovea::softmax{}}, 13, i);
  }
  predicts_rows_like(fovea::model{b, sequential{linear<7, 129>{}, fovea::sigmoid{}, linear<129, 33>{}, fovea::tanh{},
                                                linear<33, 3>{}}},
                     67);
}

TEST_CASE("a frozen model predicts the model's bits with layers of other kinds") {
  fovea::xtensor_backend<float> const b;
  predicts_rows_like(fovea::model{b, sequential{fovea::input<1, 9, 9>{}, fovea::conv2d<1, 5>{.kernel_size = 3},
                                                fovea::relu{}, fovea::flatten{}, linear<245, 3>{}}},
                     70);
  constexpr std::size_t rows = 5;
  auto words = b.template empty<std::int32_t>(std::array{rows, std::size_t{4}});
  for (std::size_t i = 0; i != words.size(); ++i) words.data()[i] = static_cast<std::int32_t>(7 * i % 13);
  auto const word = [&](std::size_t r) { return words.data() + 4 * r; };
  sequential const tied{fovea::input<4>{}, fovea::embedding<13, 6>{}, linear<6, 6>{},
                        fovea::tied{linear<6, 13>{}, "weight", "0.weight"}, fovea::flatten{}};
  predicts_like(fovea::model{b, tied}, words, rows, word);
  sequential const sentence{fovea::input<4>{}, fovea::embedding<13, 8>{}, fovea::multi_head_attention<8>{.heads = 2},
                            fovea::gru<8, 3>{}, fovea::flatten{}};
  auto const numbers = tensor_from(b, std::array{rows, std::size_t{3}}, drawn(3 * rows, 2));
  fovea::model const two{b, sequential{fovea::parallel{sentence, linear<3, 5>{}}, fovea::concatenate{},
                                       fovea::residual{linear<17, 17>{}}}};
  predicts_like(two, std::tie(words, numbers), rows, [&](std::size_t r) {
    return std::tuple{word(r), numbers.data() + 3 * r};
  });
}

TEST_CASE("a frozen model predicts the model's bits with layers that know nothing of freezing") {
  using tied = fovea::tied<linear<4, 5>>;
  fovea::xtensor_backend<float> const b;
  tied const again{{}, "weight", "0.weight"};
  sequential const net{linear<4, 5>{}, handing{}, fovea::relu{}, wrapping{sequential{again, fovea::tanh{}}},
                       wrapping{linear<5, 3>{}}};
  predicts_rows_like(fovea::model{b, net, 3}, 9);

  // what is true of a body is true of a combinator
  static_assert(fovea::ties_parameters<decltype(net)> && !fovea::ties_parameters<wrapping<linear<5, 3>>>);
  static_assert(fovea::mixes_rows<wrapping<fovea::batch_norm>> && !fovea::mixes_rows<decltype(net)>);
  static_assert(!fovea::detail::is_real_time<fovea::tied<waiting>>() && fovea::detail::is_real_time<tied const>());
}

TEST_CASE("the gradient of a tied parameter has all its uses, whatever combinators it stands in") {
  fovea::host_backend<double> const b;
  auto const x = tensor_from(b, std::array<std::size_t, 2>{3, 4}, drawn(12, 1)),
             y = tensor_from(b, std::array<std::size_t, 2>{3, 5}, drawn(15, 2));
  auto const gradient = [&](auto const& last) {
    fovea::trainer t{b, sequential{linear<4, 5>{}, fovea::tanh{}, linear<5, 4>{}, fovea::tanh{}, last},
                     fovea::mean_squared_error{}, fovea::sgd{.learning_rate = 0}};
    fovea::copy(drawn(54, 3), t.parameters());
    for (int i = 0; i != 2; ++i) t.step(x, y);
    return to_vector(t.gradient());
  };
  fovea::tied<linear<4, 5>> const last{{}, "weight", "0.weight"};
  CHECK(gradient(wrapping{wrapping{last}}) == gradient(last));
}

TEST_CASE("a frozen model is a copy, of a trainer's model as it is, and checks the shapes of tensors") {
  fovea::host_backend<double> const b;
  auto const x = tensor_from(b, std::array<std::size_t, 2>{20, 29}, drawn(20 * 29, 1)),
             y = tensor_from(b, std::array<std::size_t, 2>{20, 1}, std::vector<double>(20, 1));
  fovea::trainer trainer{b, published, fovea::sigmoid_focal_loss{}, fovea::adam{.learning_rate = 0.1}};
  auto const before = trainer.predict(x);
  auto const f = fovea::freeze(trainer), copy = f;
  auto found = before;
  trainer.step(x, y);
  for (auto const* one : {&f, &copy}) {
    one->predict(x, found);
    CHECK(to_vector(found) == to_vector(before));
  }
  fovea::freeze(trainer).predict(x, found);
  CHECK(to_vector(found) == to_vector(trainer.predict(x)));
  CHECK(to_vector(found) != to_vector(before));
  CHECK_THROWS_AS(f.predict(y, found), fovea::shape_error);
  CHECK_THROWS_AS(f.predict(x, trainer.model().parameters()), fovea::shape_error);
}
