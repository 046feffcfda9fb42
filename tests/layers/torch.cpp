// SPDX-License-Identifier: MIT
// Compares layers and combinators with PyTorch: in training, in prediction, and differentiated in prediction mode.
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include <fovea/fovea.hpp>

#include "../contract_fixture.hpp"
#include "alone.hpp"

namespace {

using fovea::extents;
using fovea::input;
using fovea::linear;
using fovea::sequential;

/// The tensors of one case of the fixture.
class torch_case {
 public:
  explicit torch_case(std::string name) : name_(std::move(name)) {}

  std::string const& name() const { return name_; }
  std::vector<double> get(std::string const& key) const { return contract_fixture("layers", name_ + "/" + key); }

 private:
  std::string name_;
};

/// The batches of a case: owned inputs, outputs and gradients of one batch.
template <class B, class X, class Net, class Sample> class run_of_case {
 public:
  using T = value_type_of<B>;
  using output = fovea::output_of<Net, Sample>;

  run_of_case(B const& b, torch_case const& from, Net const& net, Sample const& s)
      : backend_(b), from_(from), one_(b, net, s), rows_(from.get("y0").size() / net.output(s).size()) {
    one_.for_each_parameter([&](std::string const& name, auto const& extents, T* to, T*) {
      put(from.get("parameters/" + name), to, extents.size());
    });
    one_.for_each_state([&](std::string const& name, auto const& extents, fovea::state_kind kind, std::byte* to) {
      if (kind == fovea::state_kind::count) put(from.get("state/" + name), reinterpret_cast<std::int64_t*>(to), 1);
      else put(from.get("state/" + name), reinterpret_cast<T*>(to), extents.size());
    });
  }

  /// Runs batch k in training, or the first one in prediction, and compares all that it makes. With `accumulated`, the gradients
  /// are added to those of `accumulated` earlier batches.
  template <bool Training, bool Accumulates = false> void compare(int k, bool predicts = false) {
    auto const number = std::to_string(predicts ? 0 : k);
    INFO("batch " << number << (Training ? ", training" : ", prediction") << (Accumulates ? ", accumulating" : ""));
    owned_batch<B, T, output> y(backend_, one_.layer.output(one_.sample), rows_, from_.get("y" + number)),
        dy(backend_, one_.layer.output(one_.sample), rows_, from_.get("dy" + number));
    y.set(std::vector<double>(y.get().size(), -7));
    auto const suffix = predicts ? std::string("_eval") : number;
    with_inputs(number, [&](auto const& x, auto const& dx, auto const& check) {
      one_.template run<Training, true, Accumulates>(x, y.span(), dy.span(), dx);
      close(y.get(), from_.get("y" + suffix), "y");
      check(suffix);
      if (!Training && !Accumulates) {  // the same without keeping anything
        y.set(std::vector<double>(y.get().size(), -7));
        one_.template run<false, false>(x, y.span(), fovea::nothing{}, fovea::nothing{});
        close(y.get(), from_.get("y" + suffix), "y in a prediction");
      }
    });
    one_.for_each_parameter([&](std::string const& name, auto const& extents, T*, T* at) {
      auto expected = from_.get((predicts ? "gradient_eval/" : "gradient" + number + "/") + name);
      if (Accumulates)
        for (int i = 0; i != k; ++i) {
          auto const more = from_.get("gradient" + std::to_string(i) + "/" + name);
          for (std::size_t j = 0; j != more.size(); ++j) expected[j] += more[j];
        }
      close(read(at, extents.size()), expected, name);
    });
    if (Training)
      one_.for_each_state([&](std::string const& name, auto const& extents, fovea::state_kind kind, std::byte* at) {
        if (kind == fovea::state_kind::count)
          close(read(reinterpret_cast<std::int64_t*>(at), 1), from_.get("state" + number + "/" + name), name);
        else close(read(reinterpret_cast<T*>(at), extents.size()), from_.get("state" + number + "/" + name), name);
      });
  }

 private:
  /// Calls f(x, dx, check) with the batches of the case's inputs; check compares dx.
  template <class F> void with_inputs(std::string const& number, F const& f) {
    if constexpr (std::same_as<X, std::tuple<std::int32_t, T>>) {
      auto const& [first, second] = one_.sample;
      owned_batch<B, std::int32_t, std::remove_cvref_t<decltype(first)>> a(backend_, first, rows_,
                                                                           from_.get("x" + number));
      owned_batch<B, T, std::remove_cvref_t<decltype(second)>> z(backend_, second, rows_, from_.get("z" + number)),
          dz(backend_, second, rows_, from_.get("z" + number));
      f(std::tuple{a.read(), z.read()}, std::tuple{fovea::nothing{}, dz.span()},
        [&](std::string const& suffix) { close(dz.get(), from_.get("dz" + suffix), "dz"); });
    } else if constexpr (std::same_as<X, std::int32_t>) {
      owned_batch<B, std::int32_t, Sample> x(backend_, one_.sample, rows_, from_.get("x" + number));
      f(x.read(), fovea::nothing{}, [](std::string const&) {});
    } else {
      owned_batch<B, T, Sample> x(backend_, one_.sample, rows_, from_.get("x" + number)),
          dx(backend_, one_.sample, rows_, from_.get("x" + number));
      f(x.read(), dx.span(), [&](std::string const& suffix) { close(dx.get(), from_.get("dx" + suffix), "dx"); });
    }
  }
  template <class E> void put(std::vector<double> const& numbers, E* to, std::size_t n) {
    REQUIRE(numbers.size() == n);
    std::vector<E> const typed(numbers.begin(), numbers.end());
    backend_.copy(typed.data(), to, n);
    backend_.synchronize();
  }
  template <class E> std::vector<double> read(E const* from, std::size_t n) {
    auto const all = fovea::detail::on_host(backend_, from, n);
    return {all.begin(), all.end()};
  }
  void close(std::vector<double> const& found, std::vector<double> const& expected, std::string const& what) const {
    REQUIRE(found.size() == expected.size());
    double most = 0, largest = 1;
    for (double e : expected) largest = std::max(largest, std::abs(e));
    for (std::size_t i = 0; i != found.size(); ++i)
      most = std::isnan(found[i]) ? found[i] : std::max(most, std::abs(found[i] - expected[i]));
    INFO(what);
    // two numbers that are close together differ by a few roundings, which the layer enlarges by 1 / sqrt(epsilon)
    bool const cancels = from_.name() == "layer_norm_2" && what == "dx";
    CHECK(most <= by_precision(backend_, cancels ? 2e-4 : 2e-6, 1e-12) * largest);
  }

  B backend_;
  torch_case from_;
  alone<B, Net, Sample> one_;
  std::size_t rows_;
};

/// Compares a network with a case of the fixture on a backend. `X` is the type of the input's elements; void: the backend's.
template <class X, class B, class Net, class Sample>
void compare_on(B const& b, std::string const& name, Net const& net, Sample const& sample) {
  using element = std::conditional_t<std::is_void_v<X>, value_type_of<B>, X>;
  torch_case const from(name);
  run_of_case<B, element, Net, Sample> run(b, from, net, sample);
  for (int k = 0; k != 3; ++k) run.template compare<true>(k);
  run.template compare<false>(2, true);
  if constexpr (std::same_as<B, fovea::host_backend<double>>) {
    run_of_case<B, element, Net, Sample> accumulating(b, from, net, sample);
    for (int k = 0; k != 3; ++k) accumulating.template compare<true, true>(k);
  }
}
template <class X = void, class Net, class Sample>
void is_torchs(std::string const& name, Net const& net, Sample const& sample) {
  INFO(name);
  compare_on<X>(fovea::host_backend<double>{}, name, net, sample);
  compare_on<X>(main_backend<float>{}, name, net, sample);
}

template <class Net> auto net_of(Net const& net) { return sequential<Net>(net); }

}  // namespace

TEST_CASE("batch_norm is PyTorch's, of features and of the channels of images", "[batch_norm]") {
  using fovea::batch_norm;
  is_torchs("batch_norm", net_of(batch_norm{}), extents<5>{});
  is_torchs("batch_norm_two_rows", net_of(batch_norm{}), extents<fovea::dynamic>({1}));
  is_torchs("batch_norm_options", net_of(batch_norm{.epsilon = 1e-3, .momentum = 0.3}), extents<9>{});
  is_torchs("batch_norm_cumulative", net_of(batch_norm{.momentum = std::nullopt}), extents<3>{});
  is_torchs("batch_norm_images", net_of(batch_norm{}), extents<4, 2, 5>{});
  is_torchs("batch_norm_one_image", net_of(batch_norm{}), extents<fovea::dynamic, fovea::dynamic, 3>({3, 3, 3}));
}

TEST_CASE("layer_norm and rms_norm are PyTorch's", "[layer_norm]") {
  using fovea::layer_norm, fovea::rms_norm;
  is_torchs("layer_norm_2", net_of(layer_norm{}), extents<2>{});
  is_torchs("layer_norm_17", net_of(layer_norm{.epsilon = 1e-3}), extents<fovea::dynamic>({17}));
  is_torchs("layer_norm_64", net_of(layer_norm{}), extents<64>{});
  is_torchs("layer_norm_sequence", net_of(layer_norm{}), extents<3, 6>{});
  is_torchs("rms_norm_5", net_of(rms_norm{.epsilon = 0x1p-52}), extents<5>{});
  is_torchs("rms_norm_17", net_of(rms_norm{.epsilon = 1e-3}), extents<fovea::dynamic>({17}));
  is_torchs("rms_norm_sequence", net_of(rms_norm{.epsilon = 0x1p-52}), extents<3, 6>{});
}

TEST_CASE("embedding is PyTorch's", "[embedding]") {
  is_torchs<std::int32_t>("embedding", net_of(fovea::embedding<9, 3>{.count = {}, .width = {}, .padding_index = 2}),
                          extents<4>{});
  is_torchs<std::int32_t>("embedding_one", net_of(fovea::embedding{4, 5}), extents<1>{});
}

TEST_CASE("linear on the last axis of a sequence is PyTorch's", "[linear_sequence]") {
  is_torchs("linear_sequence", net_of(linear<5, 2>{}), extents<3, 5>{});
  is_torchs("linear_sequence", net_of(linear{5, 2}), extents<fovea::dynamic, 5>({3, 5}));
}

TEST_CASE("residual is PyTorch's", "[residual]") {
  using fovea::batch_norm, fovea::residual;
  is_torchs(
      "residual",
      sequential{linear<6, 5>{}, residual{sequential{linear<5, 8>{}, fovea::tanh{}, linear<8, 5>{}, fovea::tanh{}}},
                 linear<5, 2>{}},
      extents<6>{});
  is_torchs("residual_norm",
            sequential{linear<6, 5>{}, batch_norm{}, fovea::tanh{}, residual{sequential{linear<5, 5>{}, batch_norm{}}},
                       fovea::layer_norm{}, linear<5, 2>{}},
            extents<6>{});
}

TEST_CASE("branches are PyTorch's", "[branches]") {
  is_torchs("gated",
            sequential{fovea::multiply{linear<6, 4>{}, sequential{linear<6, 4>{}, fovea::sigmoid{}}}, linear<4, 2>{}},
            extents<6>{});
  is_torchs("concatenated",
            sequential{fovea::concatenate{linear<6, 3>{}, sequential{linear<6, 4>{}, fovea::tanh{}}}, linear<7, 2>{}},
            extents<6>{});
  is_torchs(
      "added",
      sequential{fovea::add{linear{6, 4}, sequential{linear<6, 4>{}, fovea::tanh{}}, linear<6, 4>{}}, linear{4, 2}},
      extents<6>{});
}

TEST_CASE("a network of two inputs, integers and numbers, is PyTorch's", "[two_inputs]") {
  auto const run = [](auto const& b) {
    sequential const net{
        fovea::parallel{sequential{input<1>{}, fovea::embedding<7, 4>{}, fovea::flatten{}}, input<3>{}},
        fovea::concatenate{}, linear<7, 5>{}, fovea::tanh{}, linear<5, 2>{}};
    compare_on<std::tuple<std::int32_t, value_type_of<decltype(b)>>>(b, "two_inputs", net, net.sample());
  };
  run(fovea::host_backend<double>{});
  run(main_backend<float>{});
}
