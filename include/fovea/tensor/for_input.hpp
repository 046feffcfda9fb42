// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include <fovea/error.hpp>

namespace fovea::detail {

/// Returns f(), which checks or stores one of several inputs. The message of an error ends with the input's number, from 0.
template <class F> decltype(auto) for_input(std::size_t number, F const& f) {
  auto const message = [&](error const& e) { return e.what() + (" (input " + std::to_string(number) + ')'); };
  try {
    return f();
  } catch (argument_error const& e) {
    throw argument_error(message(e));
  } catch (numeric_error const& e) {
    throw numeric_error(message(e));
  } catch (shape_error const& e) {
    throw shape_error(message(e));
  } catch (device_error const& e) {
    throw device_error(message(e));
  }
}

}  // namespace fovea::detail
