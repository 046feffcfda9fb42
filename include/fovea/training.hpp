// SPDX-License-Identifier: MIT
#pragma once

/// Includes the trainer, L-BFGS, callbacks and logs. A file that needs one of them includes that one's header, which compiles faster.

#include <fovea/training/best_weights.hpp>
#include <fovea/training/csv_log.hpp>
#include <fovea/training/early_stopping.hpp>
#include <fovea/training/frozen_model.hpp>
#include <fovea/training/initialize.hpp>
#include <fovea/training/json_lines_log.hpp>
#include <fovea/training/lbfgs.hpp>
#include <fovea/training/monitor_options.hpp>
#include <fovea/training/progress.hpp>
#include <fovea/training/reduce_on_plateau.hpp>
#include <fovea/training/sam.hpp>
#include <fovea/training/summary.hpp>
#include <fovea/training/trainer.hpp>
