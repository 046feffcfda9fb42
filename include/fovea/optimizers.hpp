// SPDX-License-Identifier: MIT
#pragma once

/// Includes all optimizers, schedules and transforms. A file that needs one of them includes that one's header, which compiles faster.

#include <fovea/optimizers/adabelief.hpp>
#include <fovea/optimizers/adadelta.hpp>
#include <fovea/optimizers/adafactor.hpp>
#include <fovea/optimizers/adagrad.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/optimizers/adamax.hpp>
#include <fovea/optimizers/adamw.hpp>
#include <fovea/optimizers/amsgrad.hpp>
#include <fovea/optimizers/averaging.hpp>
#include <fovea/optimizers/chain.hpp>
#include <fovea/optimizers/clip.hpp>
#include <fovea/optimizers/cycle_momentum.hpp>
#include <fovea/optimizers/gradient_noise.hpp>
#include <fovea/optimizers/groups.hpp>
#include <fovea/optimizers/lion.hpp>
#include <fovea/optimizers/lookahead.hpp>
#include <fovea/optimizers/muon.hpp>
#include <fovea/optimizers/nadam.hpp>
#include <fovea/optimizers/novograd.hpp>
#include <fovea/optimizers/radam.hpp>
#include <fovea/optimizers/rmsprop.hpp>
#include <fovea/optimizers/rprop.hpp>
#include <fovea/optimizers/schedule_free_adamw.hpp>
#include <fovea/optimizers/scheduled.hpp>
#include <fovea/optimizers/sgd.hpp>
#include <fovea/optimizers/trust_ratio.hpp>
#include <fovea/optimizers/weight_decay.hpp>
