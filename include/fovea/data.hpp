// SPDX-License-Identifier: MIT
#pragma once

/// Includes tables, data sets, splits and scalers. A file that needs one of them includes that one's header, which compiles faster.

#include <fovea/data/csv.hpp>
#include <fovea/data/dataset.hpp>
#include <fovea/data/dataset_split.hpp>
#include <fovea/data/group_k_fold.hpp>
#include <fovea/data/imputer.hpp>
#include <fovea/data/k_fold.hpp>
#include <fovea/data/min_max_scaler.hpp>
#include <fovea/data/one_hot_encoder.hpp>
#include <fovea/data/ordinal_encoder.hpp>
#include <fovea/data/robust_scaler.hpp>
#include <fovea/data/split.hpp>
#include <fovea/data/standardizer.hpp>
#include <fovea/data/table.hpp>
#include <fovea/data/time_series_split.hpp>
#include <fovea/data/weighted_sample.hpp>
