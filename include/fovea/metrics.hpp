// SPDX-License-Identifier: MIT
#pragma once

/// Includes all metrics. A file that needs one of them includes that one's header, which compiles faster.

#include <fovea/metrics/average.hpp>
#include <fovea/metrics/average_precision.hpp>
#include <fovea/metrics/balanced_accuracy.hpp>
#include <fovea/metrics/best_threshold.hpp>
#include <fovea/metrics/brier_score.hpp>
#include <fovea/metrics/calibration_curve.hpp>
#include <fovea/metrics/class_confusion_matrix.hpp>
#include <fovea/metrics/class_rates.hpp>
#include <fovea/metrics/class_scores.hpp>
#include <fovea/metrics/cohen_kappa.hpp>
#include <fovea/metrics/confusion_matrix.hpp>
#include <fovea/metrics/cost_threshold.hpp>
#include <fovea/metrics/expected_calibration_error.hpp>
#include <fovea/metrics/f_beta.hpp>
#include <fovea/metrics/f_beta_threshold.hpp>
#include <fovea/metrics/isotonic_regression.hpp>
#include <fovea/metrics/log_loss.hpp>
#include <fovea/metrics/matthews_correlation.hpp>
#include <fovea/metrics/mean_absolute_error.hpp>
#include <fovea/metrics/mean_absolute_percentage_error.hpp>
#include <fovea/metrics/mean_squared_deviation.hpp>
#include <fovea/metrics/output_columns.hpp>
#include <fovea/metrics/platt_scaling.hpp>
#include <fovea/metrics/precision_recall_curve.hpp>
#include <fovea/metrics/r2_score.hpp>
#include <fovea/metrics/roc_auc.hpp>
#include <fovea/metrics/roc_curve.hpp>
#include <fovea/metrics/root_mean_squared_error.hpp>
#include <fovea/metrics/temperature_scaling.hpp>
#include <fovea/metrics/top_k_accuracy.hpp>
