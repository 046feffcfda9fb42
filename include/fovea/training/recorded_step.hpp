// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <utility>

#include <fovea/tensor/backend.hpp>

namespace fovea::detail {

template <class B> struct recording_of {
  struct type {};
};
template <capturing B> struct recording_of<B> {
  using type = decltype(std::declval<B const&>().capture(std::declval<void (*)()>()));
};

/// A step that is recorded once and replayed for as long as the memory that it reads and writes stays where it was.
template <backend B, class Buffers> class recorded_step {
 public:
  /// Runs the step: replays it if the buffers are those of the previous call, recording it first if necessary; otherwise runs it
  /// directly. `buffers()` returns them; `scale` is what a step sets on the host.
  template <class Where, class F> void operator()(B const& b, Where const& buffers, double& scale, F const& step) {
    if (buffers_ != buffers()) {
      graph_.reset();
      step();  // directly: whatever is created on first use must exist before a step is recorded
      buffers_ = buffers(), scale_ = scale;
    } else {
      if (!graph_) graph_.emplace(b.capture(step));
      graph_->replay();
      scale = scale_;
    }
  }

 private:
  std::optional<typename recording_of<B>::type> graph_;
  Buffers buffers_{};
  double scale_ = 1;
};

}  // namespace fovea::detail
