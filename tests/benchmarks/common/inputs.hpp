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

/// The inputs of the C++ competitors, written to each competitor's own storage.
namespace inputs {

/// Fills z with logits between -8 and 8, in an order that a branch predictor cannot learn.
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
/// Features of a training set, and its targets, of which one in a hundred is 1.
template <class T> void features(std::span<T> x) {
  for (std::size_t i = 0; i != x.size(); ++i)
    x[i] = static_cast<T>(static_cast<double>(i * 2'654'435'761u % 2048) / 1024 - 1);
}
template <class T> void rare(std::span<T> y) {
  for (std::size_t i = 0; i != y.size(); ++i) y[i] = i % 100 == 0;
}

/// A table in the format of the credit-card table, with about fifteen digits per number.
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

/// Writes the table to a file, replacing that of an earlier process, and returns its path.
inline std::string csv_file() {
  auto const file = std::filesystem::temp_directory_path() / "fovea_benchmark.csv";
  std::ofstream(file, std::ios::binary) << csv();
  return file.string();
}

}  // namespace inputs
