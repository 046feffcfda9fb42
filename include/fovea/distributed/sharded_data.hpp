// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/data/csv_reader.hpp>
#include <fovea/data/dataset.hpp>
#include <fovea/data/standardizer.hpp>
#include <fovea/data/table.hpp>
#include <fovea/distributed/agreement.hpp>
#include <fovea/distributed/communicator.hpp>
#include <fovea/distributed/mapped_text.hpp>
#include <fovea/validate.hpp>

/// Data of which each rank reads a part. The parts, in the order of the ranks, are the rows in the order of one process.
namespace fovea {

/// Returns this rank's part of the rows of a CSV file: those that begin in its share of the file's bytes. The parts of all ranks, one
/// after the other, are the table of `read_csv`, also where quotes hold line ends. A rank reads its own bytes, and the header; a parse
/// error is one on all ranks, with its place in the file. Throws what `read_csv` throws, `distributed_error` on the ranks beside the
/// one that failed, or if the ranks' files differ in size, and `argument_error` for several threads: a rank reads on one.
///
///     auto const rows = fovea::read_csv_part(backend, ranks, "train.csv");
template <backend B, communicator<B> C>
table read_csv_part(B const& b, C const& ranks, std::filesystem::path const& file, csv_options const& options = {}) {
  options.validate();
  require(options.threads == 1, "read_csv_part: a rank reads its part on one thread; threads",
          static_cast<double>(options.threads));
  std::optional<detail::mapped_text> text;
  std::optional<csv_reader> reader;
  csv_reader::part_of_file part;
  detail::agree(b, ranks, [&] {
    text.emplace(file);
    reader.emplace(csv_fields{*text, file.string(), options}, options);
    part = reader->read_part(ranks.rank(), ranks.size());
  });
  auto const sizes = detail::gathered(b, ranks, {static_cast<std::int64_t>(std::string_view(*text).size())});
  for (std::size_t r = 0; r != sizes.size(); ++r)
    if (sizes[r] != sizes[0])
      throw distributed_error("read_csv_part: " + file.string() + " has " + std::to_string(sizes[0]) +
                              " bytes on rank 0 and " + std::to_string(sizes[r]) + " on rank " + std::to_string(r));
  // A part is right if it begins where the one before, which is right, ends: else it was cut within quotes, and is read again.
  for (std::size_t right = 0;;) {
    auto const all = detail::gathered(b, ranks,
                                      {static_cast<std::int64_t>(part.begin), static_cast<std::int64_t>(part.end),
                                       part.error ? std::int64_t{1} : std::int64_t{0}});
    for (++right; right < ranks.size() && all[3 * right] == all[3 * right - 2] && all[3 * right - 1] == 0;) ++right;
    detail::agree(b, ranks, [&] {
      if (ranks.rank() + 1 == right && part.error) std::rethrow_exception(part.error);
    });
    if (right == ranks.size()) return std::move(part.rows);
    if (ranks.rank() == right) part = reader->read_part_from(static_cast<std::size_t>(all[3 * right - 2]));
  }
}

namespace detail {

/// The rows of each rank, and all of them.
struct rows_of_ranks {
  std::vector<std::int64_t> each;
  std::size_t all = 0;

  template <class B, class C>
  rows_of_ranks(B const& b, C const& ranks, std::size_t own)
      : each(detail::gathered(b, ranks, {static_cast<std::int64_t>(own)})) {
    for (auto const n : each) all += static_cast<std::size_t>(n);
  }
};
/// Returns the rows of all ranks' tensors of two dimensions.
template <tensor X, backend B, class C>
X gathered_rows(B const& b, C const& ranks, rows_of_ranks const& rows, X const& own) {
  auto const columns = fovea::shape_of(own)[1];
  auto all = b.template empty<value_of<X>>(std::array{rows.all, columns});
  auto* at = fovea::data(all);
  for (std::size_t r = 0; r != ranks.size(); ++r) {
    auto const n = static_cast<std::size_t>(rows.each[r]) * columns;
    if (r == ranks.rank()) b.copy(fovea::data(own), at, n);
    if (n != 0) ranks.broadcast(b, std::span<value_of<X>>(at, n), r);
    at += n;
  }
  return all;
}
template <backend B, class C, class... X>
std::tuple<X...> gathered_rows(B const& b, C const& ranks, rows_of_ranks const& rows, std::tuple<X...> const& own) {
  return std::apply([&](X const&... x) { return std::tuple<X...>{detail::gathered_rows(b, ranks, rows, x)...}; }, own);
}

}  // namespace detail

/// Returns the data set that is made of the parts of all ranks, in their order: on every rank all rows, so that an epoch is that of one
/// process on the whole file. Throws `distributed_error` on all ranks if their parts have other columns.
///
///     dataset<B> const part{backend, read_csv_part(backend, ranks, "train.csv"), names, "Class"};
///     auto const train = fovea::gather_parts(ranks, part);
template <backend B, class X, class Y, class... D, communicator<B> C>
dataset<B, X, Y, D...> gather_parts(C const& ranks, dataset<B, X, Y, D...> const& part) {
  auto const& b = part.backend();
  std::vector<std::int64_t> columns;
  auto const add = [&](auto const& x) { columns.push_back(static_cast<std::int64_t>(fovea::shape_of(x)[1])); };
  if constexpr (tensor<std::remove_cvref_t<decltype(part.features)>>) add(part.features);
  else std::apply([&](auto const&... x) { (add(x), ...); }, part.features);
  add(part.targets);
  std::apply([&](D const&... o) { (add(o.numbers), ...); }, part.options);
  auto const found = detail::gathered(b, ranks, columns);
  for (std::size_t i = 0; i != found.size(); ++i)
    if (found[i] != columns[i % columns.size()])
      throw distributed_error("gather_parts: the part of rank " + std::to_string(i / columns.size()) +
                              " has other columns than that of rank " + std::to_string(ranks.rank()));
  detail::rows_of_ranks const rows(b, ranks, part.rows());
  auto all = part.take({});
  all.features = detail::gathered_rows(b, ranks, rows, part.features);
  all.targets = detail::gathered_rows(b, ranks, rows, part.targets);
  std::apply(
      [&](D const&... own) {
        all.options = std::tuple<D...>{D{detail::gathered_rows(b, ranks, rows, own.numbers)}...};
      },
      part.options);
  b.synchronize();
  return all;
}

/// Returns the standardizer of the named columns over the parts of all ranks: to the bit what `standardizer::fit` makes of the whole
/// table, on any number of ranks, because one rank after the other goes on with the sums of those before. Throws what that throws, on
/// all ranks; a row is numbered within its part.
///
///     auto const scaler = fovea::fit_standardizer(backend, ranks, part, {"Amount"});
template <backend B, communicator<B> C>
standardizer fit_standardizer(B const& b, C const& ranks, table const& part, std::vector<std::string> const& columns) {
  detail::agree(b, ranks, [&] {
    for (auto const& name : columns)
      detail::require_finite_column(standardizer::name, "\"" + name + "\"", part.column(name));
  });
  std::vector<standardizer::moments> all(columns.size());
  using numbers = std::array<double, sizeof(standardizer::moments) / sizeof(double)>;
  static_assert(sizeof(numbers) == sizeof(standardizer::moments));
  auto const in_order = [&](auto const& add) {
    for (std::size_t r = 0; r != ranks.size(); ++r) {
      for (std::size_t c = 0; c != columns.size() && r == ranks.rank(); ++c) add(all[c], part.column(columns[c]));
      std::vector<double> sums;
      for (auto const& m : all) {
        auto const own = std::bit_cast<numbers>(m);
        sums.insert(sums.end(), own.begin(), own.end());
      }
      detail::broadcast_state<B, C>{b, ranks}(std::span<double>(sums), r);
      for (std::size_t c = 0; c != all.size(); ++c) {
        numbers of_column;
        std::ranges::copy_n(sums.begin() + static_cast<std::ptrdiff_t>(c * of_column.size()), of_column.size(),
                            of_column.begin());
        all[c] = std::bit_cast<standardizer::moments>(of_column);
      }
    }
  };
  in_order([](standardizer::moments& m, std::span<double const> x) { m.add_to_mean(x); });
  in_order([](standardizer::moments& m, std::span<double const> x) { m.add_to_variance(x); });
  standardizer result;
  for (std::size_t c = 0; c != columns.size(); ++c) result.add("\"" + columns[c] + "\"", all[c]);
  result.names = columns;
  return result;
}

}  // namespace fovea
