// SPDX-License-Identifier: MIT
#include <fovea/io/safetensors_header.hpp>

std::string dtype(fovea::safetensors_entry const& entry) { return entry.dtype; }
