// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/layers/activation.hpp>
#include <fovea/losses/loss.hpp>

/// Losses of a score and a target of -1 or 1: they fall as the score grows on the target's side.
namespace fovea {

/// max(1 - target score, 0): optax's hinge_loss, Keras's Hinge.
///
///     float const mean = fovea::value(fovea::hinge_loss{}, predictions, targets);
struct hinge_loss {
  static constexpr target_range targets{-1, 1, true};
  template <real X, real Y> FOVEA_HD constexpr X operator()(X const& x, Y const& y) const {
    return math::relu(Y(1) - y * x);
  }
};
static_assert(elementwise_loss<hinge_loss>);

/// The square of `hinge_loss`: Keras's SquaredHinge.
///
///     float const mean = fovea::value(fovea::squared_hinge_loss{}, predictions, targets);
struct squared_hinge_loss {
  static constexpr target_range targets{-1, 1, true};
  template <real X, real Y> FOVEA_HD constexpr X operator()(X const& x, Y const& y) const {
    X const short_of = hinge_loss{}(x, y);
    return short_of * short_of;
  }
};
static_assert(elementwise_loss<squared_hinge_loss>);

/// The distance x for a target of 1, and max(margin - x, 0) for a target of -1: PyTorch's HingeEmbeddingLoss.
///
///     float const mean = fovea::value(fovea::hinge_embedding_loss{}, predictions, targets);
struct hinge_embedding_loss {
  double margin = 1;

  static constexpr target_range targets{-1, 1, true};
  template <real X, real Y> FOVEA_HD constexpr X operator()(X const& x, Y const& y) const {
    return math::select(y > Y(0), x, math::relu(math::constant<Y>(margin) - x));
  }
  void validate() const {
    require(margin >= -1e30 && margin <= 1e30, "hinge_embedding_loss: margin must be finite", margin);
  }
};
static_assert(elementwise_loss<hinge_embedding_loss>);

/// max(margin - target x, 0) of the difference x of two scores: for a target of 1, the first score should be larger by `margin`, for -1
/// the second: PyTorch's MarginRankingLoss of this difference.
///
///     float const mean = fovea::value(fovea::margin_ranking_loss{}, predictions, targets);
struct margin_ranking_loss {
  double margin = 0;

  static constexpr target_range targets{-1, 1, true};
  template <real X, real Y> FOVEA_HD constexpr X operator()(X const& difference, Y const& y) const {
    return math::relu(math::constant<Y>(margin) - y * difference);
  }
  void validate() const {
    require(margin >= -1e30 && margin <= 1e30, "margin_ranking_loss: margin must be finite", margin);
  }
};
static_assert(elementwise_loss<margin_ranking_loss>);

/// log(1 + exp(-target score)): PyTorch's SoftMarginLoss; of the difference of two scores and targets of 1, the loss of Bayesian
/// personalized ranking (Rendle et al., 2009).
///
///     float const mean = fovea::value(fovea::soft_margin_loss{}, logits, targets);
struct soft_margin_loss {
  constexpr sigmoid inverse_link() const { return {}; }
  static constexpr target_range targets{-1, 1, true};
  template <real Z, real Y> FOVEA_HD constexpr Z operator()(Z const& z, Y const& y) const {
    return math::select(y == Y(0), Z(math::constant<Y>(0.69314718055994531)), math::softplus(-y * z));
  }
};
static_assert(elementwise_loss<soft_margin_loss>);

}  // namespace fovea
