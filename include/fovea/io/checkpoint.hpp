// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <iostream>
#include <optional>
#include <ostream>
#include <string>
#include <system_error>
#include <vector>

#include <fovea/data/fingerprint.hpp>
#include <fovea/error.hpp>
#include <fovea/io/checkpoint_file.hpp>
#include <fovea/io/checkpoint_reader.hpp>
#include <fovea/io/checkpoint_writer.hpp>
#include <fovea/io/replace_file.hpp>
#include <fovea/io/safetensors.hpp>
#include <fovea/training/callback.hpp>
#include <fovea/training/monitor_options.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// Writes all that training changes - parameters, running statistics, the optimizer's state, the counts of steps and epochs, the
/// place within an epoch - to a safetensors file, which is created or replaced as a whole. The parameters are named "model.0.weight",
/// ...; the metadata names network, loss, optimizer and options. `load_checkpoint` restores it. Of ranks that train together, the
/// first writes.
/// Throws `io_error` if the file cannot be written, and `argument_error` between `gradients` and `update`.
///
///     save_checkpoint(trainer, "run.safetensors");
template <class Trainer> void save_checkpoint(Trainer& from, std::filesystem::path const& path) {
  if (from.rank() != 0 && !from.parallel().sharded()) return;
  auto words = detail::identity_of(from);
  words.merge(detail::numbers_of(from));
  detail::checkpoint_writer write(from.backend(), words);
  from.for_each_state(write);
  if (from.rank() == 0) write.write(path);
}

/// Restores what `save_checkpoint` or a `checkpoints` callback wrote, on any backend of the same value type: the trainer then goes
/// on as the one that was saved would have, on the same backend to the bit. Within an epoch, the next `epoch` or `fit` goes on
/// after the last step.
/// Throws `io_error` if the file cannot be read or is damaged, and `argument_error`, which shows both, if it is of another
/// network, loss, optimizer, value type or other options, or of a newer version; the trainer is then unchanged. Network, loss and
/// optimizer are compared by their types: their numbers, such as a learning rate or the length of a schedule, are those of the
/// trainer, not of the file. Returns a sentence for the loss or optimizer, as far as it is fovea's own, if its numbers differ.
///
///     fovea::trainer trainer{fovea::xtensor_backend{}, net, loss, fovea::adam{}, {.seed = 0}};
///     for (auto const& difference : load_checkpoint(trainer, "run.safetensors")) std::cerr << difference << '\n';
template <class Trainer> std::vector<std::string> load_checkpoint(Trainer& into, std::filesystem::path const& path) {
  detail::checkpoint_file const file(path);
  file.require(detail::identity_of(into));
  detail::checkpoint_reader read(into.backend(), file);
  into.for_each_state(read);
  read.require_all_used("fit.");
  read.apply();
  return file.differences(detail::numbers_of(into));
}

/// A callback of `fit` that saves the run to a folder, and goes on from the newest checkpoint there. A resumed run ends as an
/// uninterrupted one would have, to the bit; a checkpoint that is damaged is passed over, and `log` says so, as it does if the
/// numbers of the loss or the optimizer were others (`load_checkpoint`).
///
/// The folder, which is made if there is none, holds step-000000001000.safetensors, ...: the newest `keep` of them. Besides the
/// trainer's state, they hold the history, and the state of the callbacks that have `for_each_state`. With `best`, the folder also
/// holds best.safetensors: the model, as `save` writes it, after the epoch whose monitored number (`monitor_options`) is best.
///
/// `fit` throws, before it trains: `argument_error` for an option outside its domain, for a folder with checkpoints unless `resume` is
/// set, and for a checkpoint of another network, loss, optimizer, value type, of other options, data or callbacks; `io_error` if the
/// folder cannot be written, or if it holds checkpoints and none is whole. Later, `io_error` if a checkpoint cannot be written;
/// those before it stay. Of ranks that train together, the first writes, and all read: the folder is one that all of them see.
///
///     auto const history = trainer.fit(train, {.epochs = 100}, fovea::checkpoints{.folder = "run", .resume = true});
struct checkpoints {
  std::filesystem::path folder;
  std::size_t every = 1;        // epochs; 0 for never. The last epoch is always saved.
  std::size_t every_steps = 0;  // within epochs, too; 0 for never
  double every_seconds = 0;     // within epochs, too; 0 for never
  std::size_t keep = 3;
  bool best = false;
  std::string monitor = "";
  monitor_mode mode = smaller_is_better;
  bool resume = false;             // begins anew if the folder holds nothing
  std::ostream* log = &std::cerr;  // null for none
  // of the run: the best number, its data in words, and when it was saved last
  double best_number = watched().worst();
  std::string data_words = {};
  std::chrono::steady_clock::time_point saved = {};

  monitor_options watched() const { return {monitor, mode, 0}; }
  void validate(std::vector<std::string> const& names) const { watched().validate("checkpoints", names); }
  void validate() const {
    require(!folder.empty(), "checkpoints: folder must be named; its length is", 0);
    require(keep != 0, "checkpoints: keep must be at least 1", 0);
    require(every_seconds >= 0 && every_seconds <= 1e9, "checkpoints: every_seconds must be finite and not negative",
            every_seconds);
  }
  template <class Trainer> void on_begin(Trainer& t) {
    best_number = watched().worst();
    if (t.rank() != 0) return;
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) throw io_error(folder.string() + ": cannot make the folder: " + failed.message());
    require_replaceable(folder / name_of(0));
    if (!resume && !all().empty())
      throw argument_error("checkpoints: the folder " + folder.string() +
                           " holds a run; set resume to continue it, or name another folder");
  }
  template <class Run> void restore(Run& run) {
    auto* const to = run.trainer.rank() == 0 ? log : nullptr;
    data_words = detail::fingerprint_of(run.trainer.backend(), run.data);
    saved = std::chrono::steady_clock::now();
    auto const files = all();
    for (auto const& file : files) {
      std::optional<detail::checkpoint_file> whole;
      try {
        whole.emplace(file);
      } catch (io_error const& e) {
        if (to) *to << "checkpoints: " << e.what() << "; trying the one before it" << std::endl;
        continue;
      }
      whole->require(identity(run));
      detail::checkpoint_reader read(run.trainer.backend(), *whole);
      run.for_each_state(read);
      read.require_all_used("");
      read.apply();
      if (to)
        *to << "checkpoints: going on from " << file.string() << ", after " << run.trainer.steps() << " steps and "
            << run.history.size() << " epochs" << std::endl;
      if (to)
        for (auto const& difference : whole->differences(detail::numbers_of(run.trainer)))
          *to << "checkpoints: " << difference << std::endl;
      return;
    }
    if (!files.empty()) throw io_error(folder.string() + ": no checkpoint there is whole");
  }
  template <class Visit> void for_each_state(Visit&& visit) { visit("best", best_number); }
  template <class Run> void save(Run& run) {
    auto& ranks = run.trainer.parallel();
    bool const first = ranks.rank() == 0;
    if (!first && !ranks.sharded()) return;
    if (first && best && !run.within_epoch && watched().improves(run.history.back().value(monitor), best_number)) {
      best_number = run.history.back().value(monitor);
      fovea::save(run.trainer.model(), folder / "best.safetensors");
    }
    auto const now = std::chrono::steady_clock::now();
    auto const steps = run.trainer.steps();
    auto const epochs = run.history.size();
    bool due =
        (every_steps != 0 && steps % every_steps == 0) ||
        (every_seconds != 0 && std::chrono::duration<double>(now - saved).count() >= every_seconds) ||
        (!run.within_epoch && ((every != 0 && epochs % every == 0) || run.stopped || epochs == run.options.epochs));
    if (ranks.sharded()) due = ranks.any(first && due);  // the ranks' parts of the state come together
    if (!due) return;
    auto words = identity(run);
    words.merge(detail::numbers_of(run.trainer));
    detail::checkpoint_writer write(run.trainer.backend(), words);
    run.for_each_state(write);
    if (!first) return;
    write.write(folder / name_of(steps));
    saved = std::chrono::steady_clock::now();
    auto files = all();
    std::erase_if(files,
                  [&](auto const& file) { return file.filename() > name_of(steps); });  // damaged, and passed over
    for (std::size_t i = keep; i < files.size(); ++i) {
      std::error_code ignored;
      std::filesystem::remove(files[i], ignored);
    }
  }

 private:
  template <class Run> safetensors_metadata identity(Run const& run) const {
    auto words = detail::identity_of(run.trainer);
    words["data"] = data_words;
    return words;
  }
  static std::string name_of(std::size_t step) {
    auto const digits = std::to_string(step);
    return "step-" + std::string(12 - (std::min<std::size_t>)(12, digits.size()), '0') + digits + ".safetensors";
  }
  /// Returns the checkpoints in the folder, the newest first.
  std::vector<std::filesystem::path> all() const {
    std::vector<std::filesystem::path> files;
    for (auto const& one : std::filesystem::directory_iterator(folder)) {
      auto const name = one.path().filename().string();
      auto const digits = name.find_first_not_of("0123456789", 5);
      if (name.starts_with("step-") && digits > 5 && name.substr((std::min)(digits, name.size())) == ".safetensors")
        files.push_back(one.path());
    }
    std::ranges::sort(files, std::ranges::greater{});
    return files;
  }
};

}  // namespace fovea
