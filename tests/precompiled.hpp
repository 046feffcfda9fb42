// SPDX-License-Identifier: MIT
#pragma once
// What most tests include of others, precompiled: tests/CMakeLists.txt.
#include <xsimd/xsimd.hpp>
#include <xtensor-blas/xblas.hpp>

#include "catch.hpp"
#include "standard.hpp"
