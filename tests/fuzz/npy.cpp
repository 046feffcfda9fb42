// SPDX-License-Identifier: MIT
// Any file is an array, which is the same when it is written and read again, or an io_error.
#include <cstring>

#include <fovea/io/npy.hpp>

#include "file_of.hpp"

namespace {

template <class T> void read_as(file_of const& file) {
  try {
    auto const array = fovea::read_npy<T>(file.path());
    std::size_t count = 1;
    for (auto const extent : array.shape) count *= extent;
    hold(count == array.values.size());
    if (array.shape.size() > 64) return;  // more than NumPy has, and than write_npy writes
    file_of const copy(nullptr, 0);
    fovea::write_npy(copy.path(), array.values, array.shape);
    auto const again = fovea::read_npy<T>(copy.path());
    hold(again.shape == array.shape && again.values.size() == count);
    hold(count == 0 || std::memcmp(again.values.data(), array.values.data(), count * sizeof(T)) == 0);
  } catch (fovea::io_error const&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
  file_of const file(bytes, size);
  read_as<float>(file);
  read_as<double>(file);
  read_as<std::int32_t>(file);
  read_as<std::int64_t>(file);
  return 0;
}
