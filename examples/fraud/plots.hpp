// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "options.hpp"
#include "results.hpp"

namespace fraud {

/// Makes the folder, and says whether there is a gnuplot; if not, one sentence on standard error does too. Throws
/// `fovea::io_error` unless files can be written in the folder.
bool can_plot(std::filesystem::path const& folder);

/// Draws the losses, the first seed's runs and, of several, the study. Throws `fovea::io_error`.
void write_plots(std::filesystem::path const& folder, results const& all, options const& o);

}  // namespace fraud
