// SPDX-License-Identifier: MIT
// A program that is hard on a header: it has defined macros with common names, such as those of <windows.h>, <complex.h>, X11
// and <sys/sysmacros.h>, has global variables with common names, and uses the whole namespace. Under -Wshadow -Werror.
#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cfloat>
#include <charconv>
#include <chrono>
#include <climits>
#include <clocale>
#include <cmath>
#include <compare>
#include <concepts>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iomanip>
#include <ios>
#include <iostream>
#include <istream>
#include <iterator>
#include <limits>
#include <locale>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <numeric>
#include <optional>
#include <ostream>
#include <random>
#include <ranges>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

// Third-party headers are not ready for this: the program includes them before.
#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>
#endif
#include <xsimd/xsimd.hpp>

#include "../catch.hpp"

// No name of fovea's, and no call, may expand one of these.
#define min(a, b) a macro
#define max(a, b) a macro
#define major(device) a macro
#define minor(device) a macro
#define I a macro
#define small a macro
#define near a macro
#define far a macro
#define interface a macro
#define IN a macro
#define OUT a macro
#define ERROR a macro
#define DELETE a macro
#define None a macro
#define Success a macro
#define Status a macro
#define Bool a macro
#define True a macro
#define False a macro
#define PI a macro
#define DEBUG a macro
#define INFINITE a macro
#define VOID a macro

namespace {
[[maybe_unused]] int net, loss, x, n, rows, model, epochs, train, test, gradient;
}

#include <fovea/adapt/std_vector.hpp>
#include <fovea/backends/host.hpp>
#include <fovea/backends/xtensor.hpp>
#include <fovea/fovea.hpp>
#include <fovea/io/npy.hpp>
#include <fovea/testing/conformance.hpp>

#undef I
#undef INFINITE

using namespace fovea;

TEST_CASE("a program with hostile macros and globals trains with every name of fovea in scope") {
  xtensor_backend<float> const b;
  xt::xtensor<float, 2> const features = xt::ones<float>({8, 2}), targets = xt::ones<float>({8, 1});
  // The C library's tanh is in scope as a function, so a network names the layer in full.
  sequential const layers{linear<2, 3>{}, fovea::tanh{}, linear<3, 1>{}};
  trainer t{b, layers, sigmoid_focal_loss{}, adam{}};
  double const first = t.step(features, targets), second = t.step(features, targets);
  CHECK(second < first);
  CHECK(value(mean_squared_error{}, t.predict(features), targets) > 0);
  std::vector<float> const p{0.5f, 0.25f}, y{1, 0};
  CHECK(roc_auc(p, y) == 1);
}
