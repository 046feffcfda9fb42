// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <ostream>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/io/npy_file.hpp>
#include <fovea/io/npy_header.hpp>
#include <fovea/io/replace_file.hpp>
#include <fovea/text/parse_errors.hpp>

namespace fovea {

static_assert(std::endian::native == std::endian::little, "npy: values are read and written as they are in memory");

/// What is read from and written to NPY files: float32, float64, int32 and int64.
template <class T>
concept npy_value = (std::floating_point<T> || std::signed_integral<T>)&&(sizeof(T) == 4 || sizeof(T) == 8);

/// "<f4" and the like, as an NPY header spells it.
template <npy_value T>
constexpr char const* npy_dtype =
    std::floating_point<T> ? (sizeof(T) == 4 ? "<f4" : "<f8") : (sizeof(T) == 4 ? "<i4" : "<i8");

template <npy_value T> struct npy_array {
  std::vector<std::size_t> shape;
  std::vector<T> values;  // row-major
};

namespace detail {

/// Every `From` is a `To`.
template <class From, class To>
concept widens_to = (std::floating_point<To> || std::integral<From>)&&std::numeric_limits<To>::digits >=
                    std::numeric_limits<From>::digits;

/// A shape as Python writes it: "(3, 4)", "(3,)" or "()".
inline std::string npy_tuple(std::vector<std::size_t> const& shape) {
  std::string extents;
  for (auto extent : shape) extents += (extents.empty() ? "" : ", ") + std::to_string(extent);
  return "(" + extents + (shape.size() == 1 ? ",)" : ")");
}

/// Reads the rest of the file into `to` when it is of dtype `Stored` and that widens to `T`.
template <npy_value Stored, npy_value T>
bool read_npy_values(npy_file& file, npy_header const& header, std::vector<T>& to) {
  if constexpr (widens_to<Stored, T>) {
    if (header.dtype != npy_dtype<Stored>) return false;
    auto const count = file.left() / sizeof(Stored);
    if (header.values() != count || file.left() % sizeof(Stored) != 0)
      throw io_error(file.name() + ": expected the values of shape " + quoted(npy_tuple(header.shape)) +
                     " of dtype \"" + header.dtype + "\", found " + std::to_string(file.left()) + " bytes");
    std::vector<Stored> stored(static_cast<std::size_t>(count));
    file.read(stored.data(), file.left(), "values");
    if constexpr (std::same_as<Stored, T>) to = std::move(stored);
    else to.assign(stored.begin(), stored.end());
    return true;
  }
  return false;
}

/// All before the values of a C-order array as `numpy.save` writes it, with room for the first extent to grow.
inline std::string npy_preamble(std::string const& dtype, std::vector<std::size_t> const& shape) {
  constexpr std::size_t alignment = 64, prefix = 10, growth = 21;
  auto text = "{'descr': '" + dtype + "', 'fortran_order': False, 'shape': " + npy_tuple(shape) + ", }";
  if (!shape.empty()) text.append(growth - std::to_string(shape.front()).size(), ' ');
  text.append(alignment - (prefix + text.size() + 1) % alignment, ' ');
  text += '\n';
  std::string const length{static_cast<char>(text.size() & 0xFF), static_cast<char>(text.size() >> 8)};
  return std::string("\x93NUMPY\x01\0", 8) + length + text;
}

}  // namespace detail

/// Reads an NPY file (versions 1 to 3, little-endian, C order) of `T`, or of a type all of whose values are a `T`:
/// `read_npy<double>` reads float32, float64 and int32.
/// Throws `io_error`, which names the file, what was expected and what was found; also when bytes follow the values.
template <npy_value T> npy_array<T> read_npy(std::filesystem::path const& path) {
  npy_file file(path);
  auto header = file.header();
  if (header.fortran_order && header.shape.size() > 1)
    throw io_error(file.name() + ": expected C order, found Fortran order");
  std::vector<T> values;
  if (!detail::read_npy_values<float>(file, header, values) && !detail::read_npy_values<double>(file, header, values) &&
      !detail::read_npy_values<std::int32_t>(file, header, values) &&
      !detail::read_npy_values<std::int64_t>(file, header, values))
    throw io_error(file.name() + ": expected dtype \"" + npy_dtype<T> + "\" or one that widens to it, found " +
                   quoted(header.dtype));
  return {std::move(header.shape), std::move(values)};
}

/// Writes values, row-major, as an NPY file of version 1.0, byte for byte as `numpy.save` does. The file is made or
/// replaced whole: when writing fails, an old one stays. Throws `shape_error` when the shape has another number of
/// values or more than NumPy's 64 extents, `io_error` when the file cannot be written.
template <std::ranges::contiguous_range Values>
  requires npy_value<std::ranges::range_value_t<Values>>
void write_npy(std::filesystem::path const& path, Values const& values, std::vector<std::size_t> const& shape) {
  using value = std::ranges::range_value_t<Values>;
  auto const count = std::ranges::size(values);
  if (shape.size() > 64)
    throw shape_error("write_npy: the shape has " + std::to_string(shape.size()) + " extents, must have at most 64");
  if (npy_header{{}, false, shape}.values() != count)
    throw shape_error("write_npy: " + std::to_string(count) + " values are not of shape " + detail::npy_tuple(shape));

  auto const preamble = detail::npy_preamble(npy_dtype<value>, shape);
  replace_file(path, [&](std::ostream& out) {
    out << preamble;
    out.write(reinterpret_cast<char const*>(std::ranges::data(values)),
              static_cast<std::streamsize>(count * sizeof(value)));
  });
}

}  // namespace fovea
