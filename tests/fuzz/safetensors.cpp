// SPDX-License-Identifier: MIT
// Any file is a list of tensors, which is the same when it is written and read again, or an io_error.
#include <algorithm>
#include <cstring>

#include <fovea/io/safetensors.hpp>

#include "file_of.hpp"

namespace {

template <class T> void read_as(file_of const& file) {
  try {
    auto read = fovea::read_safetensors<T>(file.path());
    for (auto const& t : read.tensors) {
      std::size_t count = 1;
      for (auto const extent : t.shape) count *= extent;
      hold(count == t.values.size());
    }
    file_of const copy(nullptr, 0);
    fovea::write_safetensors(copy.path(), read.tensors, read.metadata);
    auto again = fovea::read_safetensors<T>(copy.path());
    auto const by_name = [](auto const& a, auto const& b) { return a.name < b.name; };
    std::ranges::sort(read.tensors, by_name), std::ranges::sort(again.tensors, by_name);
    hold(again.metadata == read.metadata && again.tensors.size() == read.tensors.size());
    for (std::size_t i = 0; i != read.tensors.size(); ++i) {
      auto const &a = read.tensors[i], &b = again.tensors[i];
      hold(a.name == b.name && a.shape == b.shape);
      hold(a.values.empty() || std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(T)) == 0);
    }
  } catch (fovea::io_error const&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
  file_of const file(bytes, size);
  read_as<float>(file);
  read_as<double>(file);
  return 0;
}
