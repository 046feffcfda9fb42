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
#include <fovea/tensor/tensor.hpp>
#include <fovea/text/parse_errors.hpp>

namespace fovea {

static_assert(std::endian::native == std::endian::little, "npy: values are read and written as they are in memory");

/// The types of values in the NPY files read and written here: float32, float64, int32 and int64.
/// Counter-example: `std::uint32_t`.
template <class T>
concept npy_value = (std::floating_point<T> || std::signed_integral<T>)&&(sizeof(T) == 4 || sizeof(T) == 8);

/// The dtype as an NPY header spells it, such as "<f4".
template <npy_value T>
constexpr char const* npy_dtype =
    std::floating_point<T> ? (sizeof(T) == 4 ? "<f4" : "<f8") : (sizeof(T) == 4 ? "<i4" : "<i8");

/// An array in host memory, as read from an NPY file.
template <npy_value T> struct npy_array {
  std::vector<std::size_t> shape;
  std::vector<T> values;  // row-major
};

namespace detail {

/// True if `To` represents every value of `From` exactly. Counter-example: from int64 to float64.
template <class From, class To>
concept widens_to = (std::floating_point<To> || std::integral<From>)&&std::numeric_limits<To>::digits >=
                    std::numeric_limits<From>::digits;

/// The rows, elements of the first axis, to read of an array: `part` of `parts`.
struct npy_share {
  std::size_t part = 0, parts = 1;
};

/// Reads rows of an array, whose values begin there in the file, into `to` if the file's dtype is `Stored` and `Stored` widens to `T`;
/// returns false otherwise. The header then has their shape. Throws `io_error` if the number of bytes left does not fit the shape.
template <npy_value Stored, npy_value T>
bool read_npy_values(npy_file& file, npy_header& header, std::uintmax_t begin, npy_share const& share,
                     std::vector<T>& to) {
  if constexpr (widens_to<Stored, T>) {
    if (header.dtype != npy_dtype<Stored>) return false;
    auto const count = file.left() / sizeof(Stored);
    if (header.values() != count || file.left() % sizeof(Stored) != 0)
      throw io_error(file.name() + ": expected the values of shape " + quoted(detail::to_tuple(header.shape)) +
                     " of dtype \"" + header.dtype + "\", found " + std::to_string(file.left()) + " bytes");
    auto const rows = header.shape.empty() ? 1 : header.shape[0];
    auto const first = rows * share.part / share.parts, n = rows * (share.part + 1) / share.parts - first;
    auto const columns = rows == 0 ? 0 : static_cast<std::size_t>(count) / rows;
    if (!header.shape.empty()) header.shape[0] = n;
    std::vector<Stored> stored(n * columns);
    auto const read = [&](std::size_t value, std::size_t at, std::size_t values) {
      if (values != 0) file.read_at(begin + value * sizeof(Stored), stored.data() + at, values * sizeof(Stored));
    };
    if (header.fortran_order && n != rows)
      for (std::size_t c = 0; c != columns; ++c) read(c * rows + first, c * n, n);
    else read(first * columns, 0, n * columns);
    if constexpr (std::same_as<Stored, T>) to = std::move(stored);
    else to.assign(stored.begin(), stored.end());
    return true;
  }
  return false;
}

/// Returns the values in row-major order, given in column-major order.
template <class T>
std::vector<T> from_column_major(std::vector<T> const& stored, std::vector<std::size_t> const& shape) {
  std::vector<T> values(stored.size());
  std::vector<std::size_t> index(shape.size());  // of the stored element
  for (auto const& x : stored) {
    std::size_t position = 0;
    for (std::size_t k = 0; k != shape.size(); ++k) position = position * shape[k] + index[k];
    values[position] = x;
    for (std::size_t k = 0; k != shape.size() && ++index[k] == shape[k]; ++k) index[k] = 0;
  }
  return values;
}

template <npy_value T> npy_array<T> read_npy_share(std::filesystem::path const& path, npy_share const& share) {
  npy_file file(path);
  auto const size = file.left();
  auto header = file.header();
  if (header.shape.empty() && share.parts != 1)
    throw argument_error("read_npy_part: " + file.name() + " holds one number, which has no parts");
  auto const begin = size - file.left();
  std::vector<T> read;
  if (!detail::read_npy_values<float>(file, header, begin, share, read) &&
      !detail::read_npy_values<double>(file, header, begin, share, read) &&
      !detail::read_npy_values<std::int32_t>(file, header, begin, share, read) &&
      !detail::read_npy_values<std::int64_t>(file, header, begin, share, read))
    throw io_error(file.name() + ": expected dtype \"" + npy_dtype<T> + "\" or one that widens to it, found " +
                   quoted(header.dtype));
  if (header.fortran_order) read = detail::from_column_major(read, header.shape);
  return {std::move(header.shape), std::move(read)};
}

/// Returns all that precedes the values of an array, byte for byte as `numpy.save` writes it, including the spaces
/// NumPy leaves for the first extent to grow.
inline std::string npy_preamble(std::string const& dtype, bool fortran_order, std::vector<std::size_t> const& shape) {
  constexpr std::size_t alignment = 64, prefix = 10, growth = 21;
  auto text = "{'descr': '" + dtype + "', 'fortran_order': " + (fortran_order ? "True" : "False") +
              ", 'shape': " + detail::to_tuple(shape) + ", }";
  if (!shape.empty()) text.append(growth - std::to_string(shape.front()).size(), ' ');
  text.append(alignment - (prefix + text.size() + 1) % alignment, ' ');
  text += '\n';
  std::string const length{static_cast<char>(text.size() & 0xFF), static_cast<char>(text.size() >> 8)};
  return std::string("\x93NUMPY\x01\0", 8) + length + text;
}

}  // namespace detail

/// Reads an NPY file (versions 1.0, 2.0 and 3.0, little-endian) of `T` or of a dtype that widens to `T` exactly:
/// `read_npy<double>` reads float64, float32 and int32. Brings an array in Fortran order into C order.
/// Throws `io_error`, with the file's name and what was expected and found, if the file cannot be read or is anything
/// else, or if bytes follow the values.
///
///     npy_array<float> const x = read_npy<float>("x.npy");
///     float const last = x.values.back();  // x.shape has the extents, x.values the elements in row-major order
template <npy_value T> npy_array<T> read_npy(std::filesystem::path const& path) {
  return detail::read_npy_share<T>(path, {});
}

/// Reads part `part` of `parts` of the rows of an NPY file, the elements of its first axis: row n part / parts and those that follow, up
/// to row n (part + 1) / parts. Reads no other values of the file. The parts of all, one after the other, are the array. Throws what
/// `read_npy` throws, and `argument_error` unless part < parts and the array has a first axis.
///
///     auto const x = read_npy_part<float>("x.npy", ranks.rank(), ranks.size());
template <npy_value T>
npy_array<T> read_npy_part(std::filesystem::path const& path, std::size_t part, std::size_t parts) {
  if (part >= parts)
    throw argument_error("read_npy_part: part " + std::to_string(part) + " of " + std::to_string(parts) +
                         " does not exist: parts count from 0");
  return detail::read_npy_share<T>(path, {part, parts});
}

/// Writes values as an NPY file of version 1.0, byte for byte as `numpy.save` does: in C order, or in Fortran order if they
/// are a column-major tensor. The file is created or replaced as a whole: if writing fails, an existing file stays as it is.
/// Throws `shape_error` if the number of values does not fit the shape, or the shape has more than NumPy's 64 extents;
/// `io_error` if the file cannot be written.
///
///     std::vector const values{1.f, 2.f, 3.f, 4.f, 5.f, 6.f};
///     write_npy("x.npy", values, {2, 3});
template <std::ranges::contiguous_range Values>
  requires npy_value<std::ranges::range_value_t<Values>>
void write_npy(std::filesystem::path const& path, Values const& numbers, std::vector<std::size_t> const& shape) {
  using number = std::ranges::range_value_t<Values>;
  auto const count = std::ranges::size(numbers);
  if (shape.size() > 64)
    throw shape_error("write_npy: the shape has " + std::to_string(shape.size()) + " extents, must have at most 64");
  if (npy_header{{}, false, shape}.values() != count)
    throw shape_error("write_npy: " + std::to_string(count) + " values are not of shape " + detail::to_tuple(shape));

  auto const preamble = detail::npy_preamble(
      npy_dtype<number>, order_of<Values> == storage_order::column_major && shape.size() > 1, shape);
  replace_file(path, [&](std::ostream& out) {
    out << preamble;
    out.write(reinterpret_cast<char const*>(std::ranges::data(numbers)),
              static_cast<std::streamsize>(count * sizeof(number)));
  });
}

}  // namespace fovea
