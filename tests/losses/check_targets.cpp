// SPDX-License-Identifier: MIT
#include <cmath>
#include <vector>

#include <fovea/adapt/std_vector.hpp>
#include <fovea/backends/host.hpp>
#include <fovea/losses/check_targets.hpp>
#include <fovea/losses/margin_losses.hpp>
#include <fovea/losses/overlap_losses.hpp>
#include <fovea/losses/sigmoid_binary_cross_entropy.hpp>
#include <fovea/losses/softmax_cross_entropy.hpp>

#include "../catch.hpp"

TEST_CASE("targets of reals of a loss of rows are probabilities") {
  auto const refuses = [&](auto const& loss) {
    CHECK_NOTHROW(fovea::check_targets(loss, fovea::host_tensor<float, 2>{{2, 2}, {0, 1, 0.25, 0.75}}));
    CHECK_THROWS_WITH(fovea::check_targets(loss, fovea::host_tensor<float, 2>{{1, 2}, {2, -1}}),
                      "check_targets: the loss takes targets in [0, 1], got 2 at element 0");
  };
  refuses(fovea::softmax_cross_entropy{});
  refuses(fovea::sigmoid_tversky_loss{});
  refuses(fovea::sigmoid_dice_loss{});
  refuses(fovea::sigmoid_iou_loss{});
}

TEST_CASE("labels of 0 and 1 are not those of a margin loss") {
  std::vector<float> const labels{1, 0, 1}, signs{1, -1, 1};
  auto const refuses = [&](auto const& loss) {
    CHECK_NOTHROW(fovea::check_targets(loss, signs));
    CHECK_THROWS_WITH(fovea::check_targets(loss, labels),
                      "check_targets: the loss takes targets of -1 or 1, got 0 at element 1");
    CHECK_THROWS_AS(fovea::check_targets(loss, std::vector<double>{1, 0.5}), fovea::argument_error);
    CHECK_THROWS_AS(fovea::check_targets(loss, std::vector<double>{NAN}), fovea::argument_error);
  };
  refuses(fovea::hinge_loss{});
  refuses(fovea::squared_hinge_loss{});
  refuses(fovea::hinge_embedding_loss{});
  refuses(fovea::margin_ranking_loss{});
  refuses(fovea::soft_margin_loss{});
  CHECK_NOTHROW(fovea::check_targets(fovea::sigmoid_binary_cross_entropy{}, labels));
  CHECK_THROWS_AS(fovea::check_targets(fovea::sigmoid_binary_cross_entropy{}, signs), fovea::argument_error);
}
