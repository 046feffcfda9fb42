// SPDX-License-Identifier: MIT
#pragma once

/// Includes all losses, and what evaluates them. A file that needs one of them includes that one's header, which compiles faster.

#include <fovea/losses/absolute_losses.hpp>
#include <fovea/losses/asymmetric_loss.hpp>
#include <fovea/losses/binary_cross_entropy.hpp>
#include <fovea/losses/check_targets.hpp>
#include <fovea/losses/class_balanced_weights.hpp>
#include <fovea/losses/class_weights.hpp>
#include <fovea/losses/compat.hpp>
#include <fovea/losses/cosine_loss.hpp>
#include <fovea/losses/deviance_losses.hpp>
#include <fovea/losses/evaluate.hpp>
#include <fovea/losses/focal_loss.hpp>
#include <fovea/losses/kl_divergence_loss.hpp>
#include <fovea/losses/log_cosh_loss.hpp>
#include <fovea/losses/margin_losses.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/multi_margin_loss.hpp>
#include <fovea/losses/nll_loss.hpp>
#include <fovea/losses/overlap_losses.hpp>
#include <fovea/losses/quality_focal_loss.hpp>
#include <fovea/losses/relative_losses.hpp>
#include <fovea/losses/sigmoid_binary_cross_entropy.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/losses/sigmoid_focal_loss_star.hpp>
#include <fovea/losses/sigmoid_poly_loss.hpp>
#include <fovea/losses/softmax_cross_entropy.hpp>
#include <fovea/losses/softmax_focal_loss.hpp>
