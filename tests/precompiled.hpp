// SPDX-License-Identifier: MIT
#pragma once
// Third-party headers that most tests include, precompiled by tests/CMakeLists.txt.
#include <xsimd/xsimd.hpp>
#include <xtensor-blas/xblas.hpp>

#include "catch.hpp"
#include "standard.hpp"
