// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

/// The sizes of every problem, shared by fovea and its competitors. common/sizes.py parses this file, so each number must
/// stand on one line with its name.
namespace sizes {

// One step of the published network, on batches gathered from the real training split's number of rows.
inline constexpr std::size_t rows = 49'147, features = 29, batch = 128, widths[] = {29, 16, 8, 1};

// Losses and optimizers pass over this many floats, more than any cache holds.
inline constexpr std::size_t elements = 10'000'000;

// The same number of floats as rows of a classifier's logits.
inline constexpr std::size_t softmax_rows = 100'000, softmax_classes = 100;

// A network whose products dominate its time.
inline constexpr std::size_t wide_batch = 512, wide_widths[] = {784, 1024, 1024, 10};

// Products of layers: rows, inputs and outputs.
inline constexpr std::size_t products[][3] = {{128, 29, 128}, {128, 256, 256}, {512, 512, 512}, {128, 1024, 1024}};

// Networks of images and of sequences: images of one channel, two convolutions of 3 x 3; the last state of an LSTM; attention.
inline constexpr std::size_t layers_batch = 64, image_side = 28, channels[] = {1, 16, 32};
inline constexpr std::size_t lstm_steps = 32, lstm_in = 64, lstm_hidden = 128;
inline constexpr std::size_t attention_places = 64, attention_width = 128, attention_heads = 4;

// The number of rows predicted at once, and the batch size of the limit, which computes only the products.
inline constexpr std::size_t predicted_rows = 1'000'000, predicted_batch = 512;

// A table of numbers as text.
inline constexpr std::size_t csv_rows = 61'434, csv_columns = 31;

}  // namespace sizes
