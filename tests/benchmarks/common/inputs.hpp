// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include "../sizes.hpp"

/// What the competitors in C++ compute on, written where each of them keeps its numbers.
namespace inputs {

/// Between -8 and 8, in no order that a predictor of branches could learn.
template <class T> void logits(std::span<T> z) {
  for (std::size_t i = 0; i != z.size(); ++i)
    z[i] = static_cast<T>(static_cast<double>(i * 2'654'435'761u % 16'384) / 1024 - 8);
}
template <class T> void targets(std::span<T> y) {
  for (std::size_t i = 0; i != y.size(); ++i) y[i] = i % 7 == 0;
}
template <class T> void classes(std::span<T> y) {
  for (std::size_t i = 0; i != y.size(); ++i) y[i] = static_cast<T>(i * 2'654'435'761u % sizes::softmax_classes);
}
/// Features of a training set, and its targets: one in a hundred 1.
template <class T> void features(std::span<T> x) {
  for (std::size_t i = 0; i != x.size(); ++i)
    x[i] = static_cast<T>(static_cast<double>(i * 2'654'435'761u % 2048) / 1024 - 1);
}
template <class T> void rare(std::span<T> y) {
  for (std::size_t i = 0; i != y.size(); ++i) y[i] = i % 100 == 0;
}

/// A table as the credit-card table is written: fifteen digits or so a number.
inline std::string csv() {
  std::string text = "c0";
  for (std::size_t c = 1; c != sizes::csv_columns; ++c) text += ",c" + std::to_string(c);
  char number[40];
  for (std::size_t i = 0; i != sizes::csv_rows * sizes::csv_columns; ++i) {
    auto const x = static_cast<double>(i * 2'654'435'761u % 4'194'301) / 1'048'573 - 2;
    text += i % sizes::csv_columns == 0 ? '\n' : ',';
    text.append(number, static_cast<std::size_t>(std::snprintf(number, sizeof number, "%.13f", x)));
  }
  return text += '\n';
}

/// The table in a file, which a process before may have written.
inline std::string csv_file() {
  auto const file = std::filesystem::temp_directory_path() / "fovea_benchmark.csv";
  std::ofstream(file, std::ios::binary) << csv();
  return file.string();
}

}  // namespace inputs
