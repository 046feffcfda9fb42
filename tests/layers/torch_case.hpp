// SPDX-License-Identifier: MIT
// Compares layers with PyTorch: in training, in prediction, and differentiated in prediction mode.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/fovea.hpp>

#include "../contract_fixture.hpp"
#include "alone.hpp"

/// The tensors of one case of the fixture.
class torch_case {
 public:
  torch_case(std::string file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

  std::string const& name() const { return name_; }
  std::vector<double> get(std::string const& key) const { return contract_fixture(file_, name_ + "/" + key); }

 private:
  std::string file_, name_;
};

/// Checks that numbers are equal up to a bound, relative to the largest one if that is above 1.
inline void are_close(std::vector<double> const& found, std::vector<double> const& expected, std::string const& what,
                      double bound) {
  REQUIRE(found.size() == expected.size());
  double most = 0, largest = 1;
  for (double e : expected) largest = std::max(largest, std::abs(e));
  for (std::size_t i = 0; i != found.size(); ++i)
    most = std::isnan(found[i]) ? found[i] : std::max(most, std::abs(found[i] - expected[i]));
  INFO(what);
  CHECK(most <= bound * largest);
}

// What depends on the backend alone is compiled once for it: there are hundreds of networks.
template <class B, class E> void put(B const& b, std::vector<double> const& numbers, E* to, std::size_t n) {
  REQUIRE(numbers.size() == n);
  std::vector<E> const typed(numbers.begin(), numbers.end());
  b.copy(typed.data(), to, n);
  b.synchronize();
}
template <class B, class E> std::vector<double> read(B const& b, E const* from, std::size_t n) {
  auto const all = fovea::detail::on_host(b, from, n);
  return {all.begin(), all.end()};
}
template <class B> void put_all(alone_on<B>& one, torch_case const& from) {
  for (auto const& p : one.layout.parameters)
    put(one.backend, from.get("parameters/" + p.name), fovea::data(one.parameters) + p.offset, p.extents.size());
  for (auto const& s : one.layout.states) {
    auto const numbers = from.get("state/" + s.name);
    auto* const to = one.state_bytes() + s.offset;
    if (s.kind == fovea::state_kind::count) put(one.backend, numbers, reinterpret_cast<std::int64_t*>(to), 1);
    else put(one.backend, numbers, reinterpret_cast<value_type_of<B>*>(to), s.extents.size());
  }
}
/// Compares the parameters' gradient with the sum of the fixture's under these names.
template <class B>
void compare_gradient(alone_on<B>& one, torch_case const& from, std::vector<std::string> const& names, double bound) {
  for (auto const& p : one.layout.parameters) {
    std::vector<double> expected(p.extents.size());
    for (auto const& name : names) {
      auto const more = from.get(name + "/" + p.name);
      REQUIRE(more.size() == expected.size());
      for (std::size_t j = 0; j != more.size(); ++j) expected[j] += more[j];
    }
    are_close(read(one.backend, fovea::data(one.gradient) + p.offset, p.extents.size()), expected, p.name, bound);
  }
}
template <class B>
void compare_state(alone_on<B>& one, torch_case const& from, std::string const& number, double bound) {
  for (auto const& s : one.layout.states) {
    auto const* const at = one.state_bytes() + s.offset;
    auto const found = s.kind == fovea::state_kind::count
                           ? read(one.backend, reinterpret_cast<std::int64_t const*>(at), 1)
                           : read(one.backend, reinterpret_cast<value_type_of<B> const*>(at), s.extents.size());
    are_close(found, from.get("state" + number + "/" + s.name), s.name, bound);
  }
}

/// The batches of a case: owned inputs, outputs and gradients of one batch.
template <class B, class X, class Net, class Sample> class run_of_case {
 public:
  using T = value_type_of<B>;
  using output = fovea::output_of<Net, Sample>;

  run_of_case(B const& b, torch_case const& from, Net const& net, Sample const& s)
      : backend_(b), from_(from), one_(b, net, s), rows_(from.get("y0").size() / net.output(s).size()) {
    one_.draw.step = &step_;
    put_all<B>(one_, from);
  }

  /// Runs batch k in training, or the first one in prediction, and compares all that it makes. With `accumulated`, the gradients
  /// are added to those of `accumulated` earlier batches.
  template <bool Training, bool Accumulates = false> void compare(int k, bool predicts = false) {
    auto const number = std::to_string(predicts ? 0 : k);
    auto const suffix = predicts ? std::string("_eval") : number;
    what_ = "batch " + number + (Training ? ", training" : ", prediction") + (Accumulates ? ", accumulating: " : ": ");
    owned_batch<B, T, output> y(backend_, one_.layer.output(one_.sample), rows_, from_.get("y" + number)),
        dy(backend_, one_.layer.output(one_.sample), rows_, from_.get("dy" + number));
    y.set(std::vector<double>(y.get().size(), -7));
    with_inputs(number, [&](auto const& x, auto const& dx, auto const& check) {
      one_.template run<Training, true, Accumulates>(x, y.span(), dy.span(), dx);
      close(y.get(), "y" + suffix);
      check(suffix);
      if constexpr (!Training && !Accumulates) {  // the same without keeping anything
        y.set(std::vector<double>(y.get().size(), -7));
        one_.template run<false, false>(x, y.span(), fovea::nothing{}, fovea::nothing{});
        close(y.get(), "y" + suffix);
      }
    });
    std::vector<std::string> names;
    for (int i = Accumulates ? 0 : k; i <= k; ++i) names.push_back("gradient" + std::to_string(i));
    if (predicts) names = {"gradient_eval"};
    INFO(what_);
    compare_gradient<B>(one_, from_, names, bound());
    if (Training) compare_state<B>(one_, from_, number, bound());
  }

 private:
  /// Calls f(x, dx, check) with the batches of the case's inputs; check compares dx.
  template <class F> void with_inputs(std::string const& number, F const& f) {
    with(static_cast<X*>(nullptr), number, f);
  }
  /// One of the case's inputs, called x, z, u and v, and room for its slopes.
  template <class E, class S> struct input {
    std::string letter;
    owned_batch<B, E, S> x, dx;
    auto slopes() {
      if constexpr (std::integral<E>) return fovea::nothing{};
      else return dx.span();
    }
  };
  template <class E, class S> input<E, S> input_of(std::string const& letter, S const& s, std::string const& number) {
    auto const numbers = from_.get(letter + number);
    return {letter, {backend_, s, rows_, numbers}, {backend_, s, rows_, numbers}};
  }
  template <class E, class S> void check_slopes(input<E, S> const& one, std::string const& suffix) {
    if constexpr (!std::integral<E>) close(one.dx.get(), "d" + one.letter + suffix);
  }
  template <class E, class F> void with(E*, std::string const& number, F const& f) {
    auto one = input_of<E>("x", one_.sample, number);
    f(one.x.read(), one.slopes(), [&](std::string const& suffix) { check_slopes(one, suffix); });
  }
  template <class... E, class F> void with(std::tuple<E...>*, std::string const& number, F const& f) {
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      auto all = std::tuple{input_of<E>(std::string(1, "xzuv"[K]), std::get<K>(one_.sample), number)...};
      f(std::tuple{std::get<K>(all).x.read()...}, std::tuple{std::get<K>(all).slopes()...},
        [&](std::string const& suffix) { (check_slopes(std::get<K>(all), suffix), ...); });
    }(std::index_sequence_for<E...>{});
  }
  double bound() const { return by_precision(backend_, 2e-6, 1e-12); }
  void close(std::vector<double> const& found, std::string const& key) const {
    // two numbers that are close together differ by a few roundings, which the layer enlarges by 1 / sqrt(epsilon)
    bool const cancels = from_.name() == "layer_norm_2" && key.starts_with("dx");
    are_close(found, from_.get(key), what_ + key, cancels ? by_precision(backend_, 2e-4, 1e-12) : bound());
  }

  B backend_;
  torch_case from_;
  std::string what_;
  double step_ = 1;  // a dropout reads it, even of nothing
  alone<B, Net, Sample> one_;
  std::size_t rows_;
};

/// Compares a network with a case of the fixture on a backend. `X` is the type of the input's elements; void: the backend's.
template <class X, class B, class Net, class Sample>
void compare_on(B const& b, char const* file, std::string const& name, Net const& net, Sample const& sample) {
  using element = std::conditional_t<std::is_void_v<X>, value_type_of<B>, X>;
  torch_case const from(file, name);
  run_of_case<B, element, Net, Sample> run(b, from, net, sample);
  for (int k = 0; k != 3; ++k) run.template compare<true>(k);
  run.template compare<false>(2, true);
  if constexpr (std::same_as<B, fovea::host_backend<double>>) {
    run_of_case<B, element, Net, Sample> accumulating(b, from, net, sample);
    for (int k = 0; k != 3; ++k) accumulating.template compare<true, true>(k);
  }
}
template <class X = void, class Net, class Sample>
void is_torchs(char const* file, std::string const& name, Net const& net, Sample const& sample) {
  INFO(name);
  compare_on<X>(fovea::host_backend<double>{}, file, name, net, sample);
  compare_on<X>(main_backend<float>{}, file, name, net, sample);
}

template <class Net> auto net_of(Net const& net) { return fovea::sequential<Net>(net); }
