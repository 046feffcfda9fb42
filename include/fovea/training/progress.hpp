// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

#include <fovea/training/callback.hpp>

namespace fovea {

/// Prints the progress of `fit`: one line per epoch, and on a terminal also a bar with the loss, steps per second and the
/// time left.
///
///     trainer.fit(train, {.epochs = 20}, fovea::progress{});  // to stderr; fovea::progress{stdout} to stdout
class progress {
 public:
  explicit progress(std::FILE* to = stderr) : to_(to) {
#if __has_include(<unistd.h>)
    terminal_ = isatty(fileno(to)) != 0;
#endif
  }

  template <class Trainer> void on_begin(Trainer&) {
    begin_ = drawn_ = clock::now();
    sum_ = 0;
  }
  void on_step(step_report const& r) {
    auto const now = clock::now();
    sum_ += r.loss;
    bool const last = r.step == r.steps;
    if (terminal_ && (last || now - drawn_ > std::chrono::milliseconds(100))) draw(r, now);
    if (last) sum_ = 0;
  }
  template <class Trainer> void on_epoch(epoch_report const& r, Trainer&) {
    std::fprintf(to_, "%sepoch %zu/%zu  loss %.5g", terminal_ ? "\r\033[K" : "", r.epoch, r.epochs, r.loss);
    if (r.validation_loss) std::fprintf(to_, "  validation loss %.5g", *r.validation_loss);
    for (auto const& [name, number] : r.metrics) std::fprintf(to_, "  %s %.4g", name.c_str(), number);
    if (r.learning_rate != 0) std::fprintf(to_, "  learning rate %.3g", r.learning_rate);
    std::fprintf(to_, "  (%.2f s)\n", r.seconds);
    std::fflush(to_);
  }

 private:
  using clock = std::chrono::steady_clock;

  void draw(step_report const& r, clock::time_point now) {
    drawn_ = now;
    constexpr std::size_t width = 24;
    auto const done = (r.epoch - 1) * r.steps + r.step, all = r.epochs * r.steps;
    auto const seconds = std::chrono::duration<double>(now - begin_).count();
    auto const rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
    std::string bar(width * r.step / r.steps, '#');
    bar.resize(width, '.');
    std::fprintf(to_, "\r\033[Kepoch %zu/%zu [%s] %zu/%zu  loss %.5g  %.0f steps/s  %.0f s left", r.epoch, r.epochs,
                 bar.c_str(), r.step, r.steps, sum_ / static_cast<double>(r.step), rate,
                 rate > 0 ? static_cast<double>(all - done) / rate : 0);
    std::fflush(to_);
  }

  std::FILE* to_;
  bool terminal_ = false;
  clock::time_point begin_{}, drawn_{};
  double sum_ = 0;
};

}  // namespace fovea
