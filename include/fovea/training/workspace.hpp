// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <fovea/tensor/backend.hpp>

namespace fovea {

/// Memory for the passes through a network, which grows when needed and is reused otherwise. Not for concurrent use: each
/// thread that predicts needs its own.
template <backend B> class workspace {
 public:
  /// Returns memory of at least this many bytes, 64-byte aligned; its content is lost if it grows.
  std::byte* reserve(B const& b, std::size_t bytes) {
    if (!buffer_ || bytes > bytes_) {
      using T = typename B::value_type;
      buffer_.emplace(b.template empty<T>(std::array{(bytes + 63) / sizeof(T) + 1}));
      bytes_ = bytes;
    }
    auto* const start = reinterpret_cast<std::byte*>(fovea::data(*buffer_));
    return start + (64 - reinterpret_cast<std::uintptr_t>(start) % 64) % 64;
  }
  /// The start of the memory; changes when `reserve` grows it.
  void const* data() const { return buffer_ ? fovea::data(std::as_const(*buffer_)) : nullptr; }

 private:
  std::size_t bytes_ = 0;
  std::optional<typename B::template tensor<typename B::value_type, 1>> buffer_;
};

}  // namespace fovea
