// SPDX-License-Identifier: MIT
// Recurrences and attention: PyTorch's numbers, with and without lengths, slopes by differences, and what they refuse.
#include <cstdint>
#include <tuple>

#include "slopes.hpp"
#include "torch_case.hpp"

using fovea::dynamic;
using fovea::extents;
using fovea::hidden_states;
using fovea::input;
using fovea::linear;
using fovea::multi_head_attention;
using fovea::parallel;
using fovea::residual;
using fovea::sequential;

namespace {

using sequence = extents<dynamic, dynamic>;  // most cases share it, and its products: one type is compiled once

template <class Layer, class Sample> void is_torchs(char const* name, Layer const& layer, Sample const& sample) {
  ::is_torchs("sequences", name, net_of(layer), sample);
}

/// The same of a network with further inputs: lengths, states, or keys and values. `Elements<T>` are the types of all inputs.
template <template <class> class Elements, class Net, class Samples>
void on_host_is_torchs_with(char const* name, Net const& net, Samples const& samples) {
  INFO(name);
  compare_on<Elements<double>>(fovea::host_backend<double>{}, "sequences", name, net, samples);
}
template <template <class> class Elements, class Net, class Samples>
void is_torchs_with(char const* name, Net const& net, Samples const& samples) {
  on_host_is_torchs_with<Elements>(name, net, samples);
  compare_on<Elements<float>>(main_backend<float>{}, "sequences", name, net, samples);
}
template <class T> using with_lengths = std::tuple<T, std::int32_t>;
template <class T> using two = std::tuple<T, T>;
template <class T> using three = std::tuple<T, T, T>;
template <class T> using with_lengths_and_state = std::tuple<T, std::int32_t, T>;
template <class T> using with_lengths_and_states = std::tuple<T, std::int32_t, T, T>;
template <class T> using two_and_lengths = std::tuple<T, T, std::int32_t>;

template <class Layer, class Sample>
void is_torchs_with_lengths(char const* name, Layer const& layer, Sample const& sample) {
  is_torchs_with<with_lengths>(name, net_of(layer), std::tuple{sample, extents<1>{}});
}

}  // namespace

TEST_CASE("lstm is PyTorch's", "[lstm]") {
  is_torchs("lstm", fovea::lstm<3, 4>{}, extents<5, 3>{});
  is_torchs("lstm_last", fovea::lstm<dynamic, dynamic, hidden_states::last>{.in = 2, .hidden = 3}, sequence({4, 2}));
  is_torchs_with_lengths("lstm_lengths", fovea::lstm<>{.in = 2, .hidden = 3}, sequence({5, 2}));
  is_torchs_with_lengths("lstm_last_lengths", fovea::lstm<dynamic, dynamic, hidden_states::last>{.in = 2, .hidden = 3},
                         sequence({5, 2}));
}

TEST_CASE("gru is PyTorch's", "[gru]") {
  is_torchs("gru", fovea::gru<3, 4>{}, extents<5, 3>{});
  is_torchs("gru_last", fovea::gru<dynamic, dynamic, hidden_states::last>{.in = 2, .hidden = 3}, sequence({1, 2}));
  is_torchs_with_lengths("gru_lengths", fovea::gru<>{.in = 2, .hidden = 3}, sequence({5, 2}));
  is_torchs_with_lengths("gru_last_lengths", fovea::gru<dynamic, dynamic, hidden_states::last>{.in = 2, .hidden = 3},
                         sequence({5, 2}));
}

TEST_CASE("states that go in and out of a recurrence are PyTorch's", "[recurrent_state]") {
  constexpr auto both = hidden_states::with_state;
  auto const joined = [](auto const& layer, auto const&... more) {
    return sequential{layer, parallel{fovea::flatten{}, more...}, fovea::concatenate{}};
  };
  fovea::identity const same;
  on_host_is_torchs_with<three>("lstm_state", joined(fovea::lstm<2, 3, both>{}, same, same),
                                std::tuple{extents<4, 2>{}, extents<3>{}, extents<3>{}});
  is_torchs_with<with_lengths_and_states>("lstm_state_lengths",
                                          joined(fovea::lstm<dynamic, dynamic, both>{.in = 2, .hidden = 3}, same, same),
                                          std::tuple{sequence({5, 2}), extents<1>{}, extents<3>{}, extents<3>{}});
  on_host_is_torchs_with<two>("gru_state", joined(fovea::gru<2, 3, both>{}, same),
                              std::tuple{extents<4, 2>{}, extents<3>{}});
  on_host_is_torchs_with<with_lengths_and_state>(
      "gru_last_state_lengths", net_of(fovea::gru<dynamic, dynamic, hidden_states::last>{.in = 2, .hidden = 3}),
      std::tuple{extents<5, 2>{}, extents<1>{}, extents<dynamic>({3})});
}

TEST_CASE("lengths beside an embedding reach the recurrence after it", "[embedded_lengths]") {
  constexpr sequential net{parallel{fovea::embedding<9, 4>{}, input<1>{}}, fovea::gru<4, 3, hidden_states::last>{},
                           linear<3, 2>{}};
  compare_on<std::tuple<std::int32_t, std::int32_t>>(fovea::host_backend<double>{}, "sequences", "embedded_lengths",
                                                     net, std::tuple{extents<5>{}, extents<1>{}});
  fovea::model const m{fovea::host_backend<float>{},
                       sequential{parallel{sequential{input<5>{}, fovea::embedding<9, 4>{}}, input<1>{}},
                                  multi_head_attention<4>{}, fovea::flatten{}}};
  fovea::host_tensor<int, 2> const words{{2, 5}, std::vector<int>(10)}, lengths{{2, 1}, {5, 6}};
  CHECK_THROWS_WITH(m.predict(std::tie(words, lengths)),
                    "predict: row 1 has the length 6, and multi_head_attention takes lengths from 1 to 5");
}

TEST_CASE("multi_head_attention is PyTorch's", "[attention]") {
  using sized = multi_head_attention<>;
  is_torchs("attention", multi_head_attention<6>{.heads = 3}, extents<4, 6>{});
  is_torchs("attention_one_head", sized{.width = 5}, sequence({3, 5}));
  is_torchs("attention_causal", sized{.width = 4, .heads = 2, .causal = true}, sequence({5, 4}));
  is_torchs_with_lengths("attention_lengths", sized{.width = 4, .heads = 2}, sequence({5, 4}));
  is_torchs_with_lengths("attention_causal_lengths", sized{.width = 4, .heads = 4, .causal = true}, sequence({4, 4}));
  on_host_is_torchs_with<two>("attention_cross", net_of(multi_head_attention<4>{.heads = 2}),
                              std::tuple{extents<5, 4>{}, extents<dynamic, 4>({2, 4})});
  is_torchs_with<two_and_lengths>("attention_cross_lengths", net_of(sized{.width = 4, .heads = 2}),
                                  std::tuple{sequence({2, 4}), sequence({5, 4}), extents<1>{}});
  on_host_is_torchs_with<three>("attention_three", net_of(multi_head_attention<4>{.heads = 2, .causal = true}),
                                std::tuple{extents<3, 4>{}, extents<5, 4>{}, extents<5, 4>{}});
}

TEST_CASE("attention drops its weights in training alone, the same ones wherever a row lies", "[attention_dropout]") {
  multi_head_attention<4> const layer{.heads = 2, .causal = true, .dropout = 0.4}, whole{.heads = 2, .causal = true};
  extents<3, 4> const sample;
  has_gradients(layer, sample);
  rows_stand_alone_unless_mixed(layer, sample);
  // values that are all alike make every output 1 / (1 - p) times the share of the weights that stays: on average 1
  std::size_t const rows = 4000;
  auto const outputs = [&](auto const& l, auto training) {
    fovea::host_backend<double> const b;
    alone one(b, l, extents<4, 4>{});
    double const step = 3;
    one.draw = {7, &step};
    for (auto const& p : one.layout.parameters)
      for (std::size_t i = 0; i != p.extents.size(); ++i)
        one.parameters.elements[p.offset + i] =
            p.name == "in_proj_bias" || (p.name == "out_proj.weight" && i / 4 == i % 4) ? 1 : 0;
    owned_batch<host, double, extents<4, 4>> x(b, {}, rows, std::vector<double>(rows * 16)), y(b, {}, rows, {});
    one.template run<decltype(training)::value, false>(x.read(), y.span(), fovea::nothing{}, fovea::nothing{});
    return y.get();
  };
  auto const predicted = outputs(layer, std::false_type{}), trained = outputs(layer, std::true_type{});
  CHECK(predicted == outputs(whole, std::false_type{}));
  CHECK(predicted == std::vector<double>(rows * 16, 1));
  double sum = 0, dropped = 0;
  for (std::size_t i = 0; i != trained.size(); ++i) sum += trained[i], dropped += i % 16 == 0 && trained[i] == 0;
  CHECK(std::abs(sum / static_cast<double>(rows * 16) - 1) < 0.02);
  CHECK(std::abs(dropped / static_cast<double>(rows) - 0.4) < 0.03);  // the first step attends to one place
  CHECK_THROWS_WITH((multi_head_attention<4>{.dropout = 1.5}.validate()),
                    "multi_head_attention: dropout must be in [0, 1], got 1.5");
}

TEST_CASE("networks of recurrences and attention are PyTorch's", "[sequences]") {
  ::is_torchs("sequences", "recurrent",
              sequential{fovea::gru<2, 5>{}, fovea::layer_norm{}, fovea::lstm<5, 3>{},
                         fovea::gru<3, 4, hidden_states::last>{}, linear<4, 2>{}},
              extents<4, 2>{});
  ::is_torchs("sequences", "transformer",
              sequential{input<3, 6>{}, residual{sequential{fovea::layer_norm{}, multi_head_attention<6>{.heads = 2}}},
                         residual{sequential{fovea::layer_norm{}, linear<6, 8>{}, fovea::tanh{}, linear<8, 6>{}}},
                         fovea::flatten{}, linear<18, 2>{}},
              extents<3, 6>{});
}

TEST_CASE("gradients of layers of sequences are slopes at every place", "[gradients_of_sequences]") {
  extents<3, 4> const sample;
  auto const everywhere = [&](auto const& layer) {
    rows_stand_alone_unless_mixed(layer, sample);
    has_gradients(
        sequential{input<3, 4>{}, linear<4, 4>{}, residual{layer}, sequential{layer}, fovea::layer_norm{}, layer},
        sample);
  };
  everywhere(fovea::lstm<4, 4>{});
  everywhere(fovea::gru<4, 4>{});
  everywhere(multi_head_attention<4>{.heads = 2, .causal = true});
}

TEST_CASE("a network of padded sequences trains and predicts, whatever the padding holds", "[padded]") {
  std::size_t const rows = 12, steps = 6;
  auto const b = main_backend<float>{};
  sequential const net{parallel{input<6, 2>{}, input<1>{}}, fovea::gru<2, 5, hidden_states::last>{}, linear<5, 1>{}};
  std::vector<std::int32_t> lengths(rows);
  for (std::size_t r = 0; r != rows; ++r) lengths[r] = static_cast<std::int32_t>(1 + r % steps);
  auto const numbers = drawn(rows * steps * 2, 3);
  auto const outputs = [&](double padding) {
    auto all = numbers;
    for (std::size_t i = 0; i != all.size(); ++i)
      if (i / 2 % steps >= static_cast<std::size_t>(lengths[i / 2 / steps])) all[i] = padding;
    auto const x = tensor_from(b, std::array{rows, steps, std::size_t{2}}, all);
    auto of_length = b.template empty<std::int32_t>(std::array{rows, std::size_t{1}});
    b.copy(lengths.data(), fovea::data(of_length), rows);
    auto const y = tensor_from(b, std::array{rows, std::size_t{1}}, drawn(rows, 4));
    fovea::dataset const data{b, std::tuple{x, of_length}, y};
    fovea::trainer trainer{b, net, fovea::mean_squared_error{}, fovea::adam{}, {.batch_size = 5, .seed = 3}};
    trainer.epoch(data);
    trainer.epoch(data);
    auto const p = trainer.predict(std::tie(x, of_length));
    return fovea::detail::on_host(b, fovea::data(std::as_const(p)), rows);
  };
  auto const found = outputs(0);
  CHECK(found == outputs(1e6));
  CHECK(found != std::vector(rows, found[0]));
}

TEST_CASE("layers of sequences refuse what does not fit, in a sentence", "[sequences_misfits]") {
  extents<dynamic, dynamic> const sample({4, 3});
  CHECK_THROWS_WITH((fovea::lstm<2, 5>{}.output(sample)), "lstm takes 2 features, the layer before it gives 3");
  CHECK_THROWS_WITH((fovea::gru<>{.in = 3}.validate()), "gru: widths must be at least 1");
  CHECK_THROWS_WITH((multi_head_attention<3>{.heads = 2}.output(sample)),
                    "multi_head_attention: heads must divide the width 3, got 2");
  extents<dynamic> const two({2}), one({1});
  CHECK_THROWS_WITH((fovea::gru<3, 5>{}.output(std::tuple{sample, two})),
                    "gru takes a state of 5 numbers beside a sequence, got 2");
  CHECK_THROWS_WITH((fovea::lstm<3, 2>{}.output(std::tuple{sample, two})),
                    "lstm takes one length beside a sequence, got 2");
  CHECK_THROWS_WITH((fovea::lstm<3, 2>{}.output(std::tuple{sample, one, two, one})),
                    "lstm takes a state of 2 numbers beside a sequence, got 1");
  CHECK_THROWS_WITH((multi_head_attention<3>{}.output(std::tuple{sample, sample, extents<2, 3>{}})),
                    "multi_head_attention takes as many values as keys, got 4 keys and 2 values");
  CHECK_THROWS_WITH((multi_head_attention<3>{}.output(std::tuple{sample, two})),
                    "multi_head_attention takes one length beside its sequences, got 2");
  CHECK_THROWS_WITH((multi_head_attention<4>{}.output(sample)),
                    "multi_head_attention takes the width 4, the layer before it gives 3");
  fovea::host_backend<float> const b;
  fovea::host_tensor<float, 3> const x{{2, 4, 3}, std::vector<float>(24)};
  fovea::host_tensor<int, 2> lengths{{2, 1}, {4, 5}};
  fovea::model const m{b, sequential{parallel{input<4, 3>{}, input<1>{}}, fovea::gru<3, 2, hidden_states::last>{}}};
  CHECK_THROWS_WITH(m.predict(std::tie(x, lengths)),
                    "predict: row 1 has the length 5, and gru takes lengths from 1 to 4");
  lengths.elements[1] = 0;
  CHECK_THROWS_WITH(m.predict(std::tie(x, lengths)),
                    "predict: row 1 has the length 0, and gru takes lengths from 1 to 4");
}
