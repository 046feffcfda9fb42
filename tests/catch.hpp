// SPDX-License-Identifier: MIT
#pragma once
// Includes Catch2 2.x or 3.x.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
