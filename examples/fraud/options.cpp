// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <iostream>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include <fovea/error.hpp>

namespace fraud {
namespace {

/// Rejects NaN, which `CLI::Range` accepts in any range.
CLI::Validator a_number() {
  return {[](std::string const& text) {
            return std::isnan(std::strtod(text.c_str(), nullptr)) ? text + " is not a number" : "";
          },
          ""};
}
/// Rejects negative numbers, which CLI11 reads into an unsigned number.
CLI::Validator not_negative() {
  return {[](std::string const& text) { return text.starts_with('-') ? text + " is negative" : ""; }, ""};
}

/// Rejects an empty text, which a shell makes of a variable that is not set.
CLI::Validator not_empty() {
  return {[](std::string const& text) { return text.empty() ? "an empty text" : ""; }, ""};
}

/// Rejects integers beyond 64 bits, which CLI11 reads as the largest one.
CLI::Validator at_most_64_bits() {
  return {[](std::string const& text) {
            errno = 0;
            std::strtoull(text.c_str(), nullptr, 0);
            return errno == ERANGE ? text + " is above 2^64 - 1" : "";
          },
          ""};
}

/// Adds the flags to the parser. The help texts document their meaning.
void add_options(CLI::App& app, options& o) {
  app.add_option("--data", o.data,
                 "The credit-card table as CSV; else data/creditcard.csv if it is there, else a synthetic stand-in");
  app.add_flag("--download", o.download, "Fetch the full real table (151 MB) into data/creditcard.csv first");
  app.add_option(
         "--mode", o.mode,
         "published: trained on the test split, by the post's mistake, losses on probabilities; corrected: trained on the training split, losses on logits")
      ->check(CLI::IsMember({"published", "corrected", "both"}))
      ->capture_default_str();
  app.add_option("--loss", o.loss, "Which loss to train with")
      ->check(CLI::IsMember({"bce", "focal", "both"}))
      ->capture_default_str();
  app.add_option("--gamma", o.gamma, "The focal loss's focusing parameter")
      ->check(CLI::Range(0.0, 1e4) & a_number())
      ->capture_default_str();
  app.add_option("--epochs", o.epochs, "Passes over the training rows")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20))
      ->capture_default_str();
  app.add_option("--batch", o.batch, "Rows a step")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 30))
      ->capture_default_str();
  app.add_option("--learning-rate", o.learning_rate, "Adam's learning rate")
      ->check(CLI::Range(0.0, 1e6) & a_number())
      ->capture_default_str();
  app.add_option("--schedule", o.schedule,
                 "How the learning rate changes over the steps of a run; the last two begin with a warm-up")
      ->check(CLI::IsMember({"constant", "cosine", "linear", "warmup-cosine", "one-cycle"}))
      ->capture_default_str();
  app.add_option("--clip", o.clip, "Scale each step's gradient to at most this norm; 0 leaves it as it is")
      ->check(CLI::Range(0.0, 1e6) & a_number())
      ->capture_default_str();
  app.add_option(
         "--seed", o.seed,
         "Seed of the first run: initial weights and order of the rows; the split is always the post's, of seed 0")
      ->check(not_empty() & not_negative() & at_most_64_bits())
      ->capture_default_str();
  app.add_option("--runs", o.runs, "Runs of the study, of successive seeds")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20))
      ->capture_default_str();
  app.add_option(
         "--jobs", o.jobs,
         "Runs of the study at once, each on a thread and with --threads of its own; the results do not depend on it")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1024}))
      ->capture_default_str();
  app.add_option("--threads", o.threads, "Threads; the results do not depend on it")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1024}))
      ->capture_default_str();
  app.add_flag("--no-shuffle", o.no_shuffle, "Batches in the split's order");
  app.add_flag("--quiet", o.quiet, "Do not print the losses of the training");
  app.add_option("--initial-weights", o.initial_weights,
                 "Begin every run with these: 625 float32 as .npy, in PyTorch's parameter order");
  app.add_option("--json", o.json, "Write every run, with every step's loss, to this file");
  app.add_option(
      "--plots", o.plots,
      "Draw losses, the first seed's runs and the study as PNG files in this folder, with the program gnuplot");
  app.add_option(
      "--save", o.save,
      "Keep the model of the first seed's run in this file, as safetensors under PyTorch's parameter names; takes one --mode and one --loss");
  auto* const checkpoint = app.add_option(
      "--checkpoint", o.checkpoint,
      "Keep the state of each run in a folder of its own in this one, after every epoch and every 2 seconds, so that a killed program can go on");
  app.add_flag("--resume", o.resume, "Go on from the newest checkpoints of these runs; begin those that have none")
      ->needs(checkpoint);
  auto* const load =
      app.add_option("--load", o.load, "Train nothing: evaluate the model in this file on the test split");
  for (auto const* training : {"--save", "--json", "--plots", "--initial-weights", "--checkpoint"})
    load->excludes(app.get_option(training));
  app.add_option(
         "--score", o.score,
         "With --load: write the probability of fraud of every row of this CSV file to standard output, as CSV; it needs the columns V1 to V28 and Amount")
      ->needs(load)
      ->excludes(app.get_option("--data"))
      ->excludes(app.get_option("--download"));
  for (auto const* file :
       {"--data", "--initial-weights", "--json", "--plots", "--save", "--checkpoint", "--load", "--score"})
    app.get_option(file)->check(not_empty());
}

/// Throws if a file that is written is another one that is written or read. Devices, such as /dev/null, may be named twice.
void require_files_apart(options const& o) {
  namespace fs = std::filesystem;
  using named = std::pair<std::string_view, std::string const&>;
  auto const same = [](std::string const& a, std::string const& b) {
    std::error_code ignored;
    if (a.empty() || b.empty() || fs::is_other(a, ignored)) return false;
    auto const whole = [&](fs::path file) {
      for (int links = 0; links != 40 && fs::is_symlink(file, ignored); ++links)  // the system's own bound
        file = file.parent_path() / fs::read_symlink(file, ignored);
      return fs::weakly_canonical(fs::absolute(file, ignored), ignored);
    };
    return fs::equivalent(a, b, ignored) || whole(a) == whole(b);
  };
  for (auto const& [writes, written] : {named{"--json", o.json}, named{"--save", o.save}})
    for (auto const& [flag, other] :
         {named{"--data", o.data}, named{"--initial-weights", o.initial_weights}, named{"--save", o.save},
          named{"--json", o.json}, named{"--plots", o.plots}, named{"--checkpoint", o.checkpoint}})
      if (writes != flag && same(written, other))
        throw CLI::ValidationError(std::string(writes), "the same file as " + std::string(flag) + ": " + other);
}

}  // namespace

std::optional<int> parse(int argc, char const* const* argv, options& o) {
  CLI::App app{
      "Focal loss against binary cross-entropy on the credit-card-fraud data: the experiment as it was published, "
      "corrected, and over many seeds."};
  add_options(app, o);
  try {
    app.parse(argc, argv);
    if (!o.save.empty() && (o.mode == "both" || o.loss == "both"))
      throw CLI::ValidationError("--save",
                                 "one model is kept: say which, for example with --mode corrected --loss focal");
    require_files_apart(o);
    if (o.runs - 1 > std::numeric_limits<std::uint64_t>::max() - o.seed)
      throw CLI::ValidationError("--runs", "the last run's seed is above 2^64 - 1");
  } catch (CLI::CallForHelp const&) {
    std::cout << app.help() << std::flush;
    if (std::cout) return 0;
    std::cerr << "cannot write to standard output\n";
    return 1;
  } catch (CLI::ParseError const& e) {
    std::cerr << fovea::detail::escaped(e.what()) << "\nRun with --help for more information.\n";
    return 2;
  }
  return {};
}

}  // namespace fraud
