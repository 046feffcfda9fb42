// SPDX-License-Identifier: MIT
#pragma once

/// Includes all of fovea except adapt/, backends/, distributed/, io/ and testing/: a convenience for small programs. A larger one
/// includes the headers of what it uses, or of a folder (`fovea/losses.hpp`), and compiles faster.

#include <fovea/config.hpp>
#include <fovea/data.hpp>
#include <fovea/error.hpp>
#include <fovea/layers.hpp>
#include <fovea/losses.hpp>
#include <fovea/metrics.hpp>
#include <fovea/optimizers.hpp>
#include <fovea/scalar/primitives.hpp>
#include <fovea/scalar/random.hpp>
#include <fovea/tensor/copy.hpp>
#include <fovea/tensor/storage_order.hpp>
#include <fovea/training.hpp>
