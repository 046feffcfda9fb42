// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

/// The sizes of every problem, for fovea and for what it is measured against alike. Python reads them from this file
/// (common/sizes.py), so that each number stands on one line, after its name.
namespace sizes {

// One step of the published network, on batches gathered from the real training split's number of rows.
inline constexpr std::size_t rows = 49'147, features = 29, batch = 128, widths[] = {29, 16, 8, 1};

// Losses and optimizers are passes over this many floats: more than any cache holds.
inline constexpr std::size_t elements = 10'000'000;

// As many again, as rows of a classifier's logits.
inline constexpr std::size_t softmax_rows = 100'000, softmax_classes = 100;

// A network whose time is its products'.
inline constexpr std::size_t wide_batch = 512, wide_widths[] = {784, 1024, 1024, 10};

// Rows predicted at once, and how many of them a call of the products alone takes.
inline constexpr std::size_t predicted_rows = 1'000'000, predicted_batch = 512;

// A table of numbers as text.
inline constexpr std::size_t csv_rows = 61'434, csv_columns = 31;

}  // namespace sizes
