// SPDX-License-Identifier: MIT
#pragma once

namespace fovea {

/// How a metric of one class against the rest becomes a metric of all classes.
enum class average {
  macro,     // the mean over the classes
  micro,     // one metric of the decisions on all classes together
  weighted,  // the mean over the classes, each weighted by its rows among the targets
};

}  // namespace fovea
