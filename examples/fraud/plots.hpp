// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "options.hpp"
#include "results.hpp"

namespace fraud {

/// Creates the folder. True if gnuplot is available; otherwise also prints a note on standard error. Throws `fovea::io_error`
/// unless files can be written in the folder.
bool can_plot(std::filesystem::path const& folder);

/// Plots the losses, the first seed's runs and, with several seeds, the study. Throws `fovea::io_error`.
void write_plots(std::filesystem::path const& folder, results const& all, options const& o);

}  // namespace fraud
