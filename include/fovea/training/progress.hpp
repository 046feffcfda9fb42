// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

#include <fovea/error.hpp>
#include <fovea/training/reports.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// Prints the progress of `fit`: a line for every `every`-th epoch and for the last one, with its losses, metrics, learning rate
/// and time. On a terminal also a bar, redrawn at most ten times per second, with the loss of the batch, steps per second and the time
/// left. `fit` throws `argument_error` if `every` is 0 or `stream` is null.
///
///     trainer.fit(train, {.epochs = 20}, fovea::progress{});  // to stderr; fovea::progress{stdout} to stdout
///     trainer.fit(train, {.epochs = 2000}, fovea::progress{.every = 100});
struct progress {
  static constexpr bool on_first_rank_only = true;
  using clock = std::chrono::steady_clock;

  std::FILE* stream = stderr;
  std::size_t every = 1;
  bool terminal = false;                     // whether a bar is drawn: found out when `fit` begins
  clock::time_point begun = {}, drawn = {};  // the fit, the bar
  std::size_t steps = 0, printed = 0;        // of this fit; the epoch whose line was printed last

  void validate() const {
    require(every != 0, "progress: every must be at least 1", 0);
    if (stream == nullptr) throw argument_error("progress: stream is null: the file was not opened");
  }

  template <class Trainer> void on_begin(Trainer&) {
#if __has_include(<unistd.h>)
    terminal = isatty(fileno(stream)) != 0;
#endif
    begun = drawn = clock::now();
    steps = printed = 0;
  }
  void on_step(step_report const& r) {
    ++steps;
    if (!terminal) return;
    auto const now = clock::now();
    if (r.step == r.steps || now - drawn > std::chrono::milliseconds(100)) draw_bar(r, now);
  }
  template <class Trainer> void on_epoch(epoch_report const& r, Trainer&) {
    if (r.epoch % every == 0 || r.epoch == r.epochs) print_line(r);
  }
  template <class Trainer> void on_end(std::vector<epoch_report> const& history, Trainer&) {
    if (!history.empty() && history.back().epoch != printed) print_line(history.back());
    if (terminal) std::fputs(clear_line, stream), std::fflush(stream);  // no error message after half a bar
  }

 private:
  static constexpr char const* clear_line = "\r\033[K";

  void print_line(epoch_report const& r) {
    printed = r.epoch;
    std::fprintf(stream, "%sepoch %zu/%zu  loss %.5g", terminal ? clear_line : "", r.epoch, r.epochs, r.loss);
    if (r.validation_loss) std::fprintf(stream, "  validation loss %.5g", *r.validation_loss);
    for (auto const& [name, number] : r.metrics) std::fprintf(stream, "  %s %.4g", name.c_str(), number);
    if (r.learning_rate != 0) std::fprintf(stream, "  learning rate %.3g", r.learning_rate);
    std::fprintf(stream, "  (%.2f s, %.4g ms/step, %.0f rows/s)\n", r.seconds, 1e3 * r.seconds_per_step(),
                 r.rows_per_second());
    std::fflush(stream);
  }
  void draw_bar(step_report const& r, clock::time_point now) {
    drawn = now;
    constexpr std::size_t width = 24;
    auto const left = r.epochs * r.steps - ((r.epoch - 1) * r.steps + r.step);
    auto const rate = detail::share(static_cast<double>(steps), std::chrono::duration<double>(now - begun).count());
    std::string bar(width * r.step / r.steps, '#');
    bar.resize(width, '.');
    std::fprintf(stream, "%sepoch %zu/%zu [%s] %zu/%zu  loss %.5g  %.0f steps/s  %.0f s left", clear_line, r.epoch,
                 r.epochs, bar.c_str(), r.step, r.steps, double{r.loss}, rate,
                 detail::share(static_cast<double>(left), rate));
    std::fflush(stream);
  }
};

}  // namespace fovea
