// SPDX-License-Identifier: MIT
// The main function of every test for Catch2 2.x; Catch2 3.x provides its own.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
