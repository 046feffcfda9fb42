// SPDX-License-Identifier: MIT
#pragma once
// Catch2 2.x and 3.x under one name.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
