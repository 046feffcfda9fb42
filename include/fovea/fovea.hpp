// SPDX-License-Identifier: MIT
#pragma once

/// Includes all of fovea except adapt/, backends/, io/ and testing/.

#include <fovea/config.hpp>
#include <fovea/data/csv.hpp>
#include <fovea/data/dataset.hpp>
#include <fovea/data/k_fold.hpp>
#include <fovea/data/split.hpp>
#include <fovea/data/standardizer.hpp>
#include <fovea/data/table.hpp>
#include <fovea/error.hpp>
#include <fovea/layers/activation.hpp>
#include <fovea/layers/dropout.hpp>
#include <fovea/layers/linear.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/binary_cross_entropy.hpp>
#include <fovea/losses/evaluate.hpp>
#include <fovea/losses/focal_loss.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/sigmoid_binary_cross_entropy.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/losses/softmax_cross_entropy.hpp>
#include <fovea/metrics/average_precision.hpp>
#include <fovea/metrics/best_threshold.hpp>
#include <fovea/metrics/brier_score.hpp>
#include <fovea/metrics/calibration_curve.hpp>
#include <fovea/metrics/confusion_matrix.hpp>
#include <fovea/metrics/cost_threshold.hpp>
#include <fovea/metrics/expected_calibration_error.hpp>
#include <fovea/metrics/f_beta.hpp>
#include <fovea/metrics/f_beta_threshold.hpp>
#include <fovea/metrics/log_loss.hpp>
#include <fovea/metrics/matthews_correlation.hpp>
#include <fovea/metrics/precision_recall_curve.hpp>
#include <fovea/metrics/roc_auc.hpp>
#include <fovea/metrics/roc_curve.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/optimizers/adamw.hpp>
#include <fovea/optimizers/sgd.hpp>
#include <fovea/scalar/primitives.hpp>
#include <fovea/scalar/random.hpp>
#include <fovea/tensor/copy.hpp>
#include <fovea/training/best_weights.hpp>
#include <fovea/training/early_stopping.hpp>
#include <fovea/training/progress.hpp>
#include <fovea/training/trainer.hpp>
