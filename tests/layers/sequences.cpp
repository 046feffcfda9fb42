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

template <class Layer, class Sample> void is_torchs(char const* name, Layer const& layer, Sample const& sample) {
  ::is_torchs("sequences", name, net_of(layer), sample);
}

/// The same with lengths: a network of two inputs.
template <class Layer, class Sample>
void is_torchs_with_lengths(char const* name, Layer const& layer, Sample const& sample) {
  auto const run = [&](auto const& b) {
    using T = value_type_of<decltype(b)>;
    compare_on<std::tuple<T, std::int32_t>>(b, "sequences", name, net_of(layer), std::tuple{sample, extents<1>{}});
  };
  run(fovea::host_backend<double>{});
  run(main_backend<float>{});
}

}  // namespace

TEST_CASE("lstm is PyTorch's", "[lstm]") {
  is_torchs("lstm", fovea::lstm<3, 4>{}, extents<5, 3>{});
  is_torchs("lstm_last", fovea::lstm<dynamic, dynamic, hidden_states::last>{.in = 2, .hidden = 3},
            extents<dynamic, dynamic>({4, 2}));
  is_torchs_with_lengths("lstm_lengths", fovea::lstm<2, 3>{}, extents<dynamic, 2>({5, 2}));
  is_torchs_with_lengths("lstm_last_lengths", fovea::lstm<2, 3, hidden_states::last>{}, extents<dynamic, 2>({5, 2}));
}

TEST_CASE("gru is PyTorch's", "[gru]") {
  is_torchs("gru", fovea::gru<3, 4>{}, extents<5, 3>{});
  is_torchs("gru_last", fovea::gru<dynamic, dynamic, hidden_states::last>{.in = 2, .hidden = 3},
            extents<dynamic, dynamic>({1, 2}));
  is_torchs_with_lengths("gru_lengths", fovea::gru<2, 3>{}, extents<dynamic, 2>({5, 2}));
  is_torchs_with_lengths("gru_last_lengths", fovea::gru<2, 3, hidden_states::last>{}, extents<dynamic, 2>({5, 2}));
}

TEST_CASE("multi_head_attention is PyTorch's", "[attention]") {
  using sized = multi_head_attention<>;
  is_torchs("attention", multi_head_attention<6>{.heads = 3}, extents<4, 6>{});
  is_torchs("attention_one_head", sized{.width = 5}, extents<dynamic, dynamic>({3, 5}));
  is_torchs("attention_causal", sized{.width = 4, .heads = 2, .causal = true}, extents<dynamic, dynamic>({5, 4}));
  is_torchs_with_lengths("attention_lengths", sized{.width = 4, .heads = 2}, extents<dynamic, 4>({5, 4}));
  is_torchs_with_lengths("attention_causal_lengths", sized{.width = 4, .heads = 4, .causal = true},
                         extents<dynamic, 4>({4, 4}));
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
