// SPDX-License-Identifier: MIT
#pragma once
// Third-party headers that most tests include, precompiled by tests/CMakeLists.txt.
#include <xsimd/xsimd.hpp>
#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>
#endif

#include "catch.hpp"
#include "standard.hpp"
