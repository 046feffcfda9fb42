// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/losses/asymmetric_loss.hpp>
#include <fovea/losses/quality_focal_loss.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>

/// Losses with the choices of another library, under its names. docs/losses.md says where that library's numbers are other ones.
/// `compat::torchvision` and `compat::asl` are beside their losses.
namespace fovea::compat {

namespace keras {
/// `BinaryFocalCrossentropy(from_logits=True)` with its defaults: its alpha counts only with `apply_class_balancing`.
inline constexpr fovea::sigmoid_focal_loss binary_focal_crossentropy{.gamma = 2};
}  // namespace keras

namespace mmdetection {
/// `FocalLoss` with its defaults; `avg_factor` is `reduction::sum` and a division.
inline constexpr fovea::sigmoid_focal_loss focal_loss{.gamma = 2, .alpha = 0.25};
/// `QualityFocalLoss` with its defaults.
inline constexpr fovea::quality_focal_loss quality_focal_loss{.beta = 2};
/// `VarifocalLoss` with its defaults.
inline constexpr fovea::varifocal_loss varifocal_loss{.alpha = 0.75, .gamma = 2};
}  // namespace mmdetection

namespace dlib {
/// `loss_multibinary_log` with its default, a gamma of 0. Labels are 0 and 1; dlib's -w and w are these and `weights`. dlib sums over
/// the labels of a sample: `reduction::sum` divided by the rows.
inline constexpr fovea::sigmoid_focal_loss multibinary_log{.gamma = 0};
}  // namespace dlib

}  // namespace fovea::compat
