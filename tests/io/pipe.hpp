// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include <unistd.h>

#include "../catch.hpp"

/// A pipe that holds these bytes, of which there are few enough for its buffer, and ends after them.
class pipe_of {
 public:
  explicit pipe_of(std::string_view bytes) {
    REQUIRE(::pipe(ends_) == 0);
    auto const written = ::write(ends_[1], bytes.data(), bytes.size());
    ::close(ends_[1]);
    REQUIRE(written == static_cast<ssize_t>(bytes.size()));
  }
  pipe_of(pipe_of const&) = delete;
  ~pipe_of() { ::close(ends_[0]); }

  std::string path() const { return "/dev/fd/" + std::to_string(ends_[0]); }

 private:
  int ends_[2] = {};
};
