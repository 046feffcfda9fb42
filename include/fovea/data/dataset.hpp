// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/data/table.hpp>
#include <fovea/losses/loss_options.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/tensor/copy.hpp>
#include <fovea/tensor/for_input.hpp>
#include <fovea/tensor/storage.hpp>
#include <fovea/text/distinct_names.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

namespace formulas {
/// Copies row `rows[i]` of a matrix to row i of another.
template <class T> struct take_row {
  std::size_t const* rows;
  T const* source;
  T* destination;
  std::size_t columns;
  FOVEA_HD void operator()(std::size_t i) const {
    std::memcpy(destination + i * columns, source + rows[i] * columns, columns * sizeof(T));
  }
};
}  // namespace formulas

namespace detail {

/// What a data set holds of a tensor's elements: reals become the backend's value type, integers and bools 32-bit integers.
template <class B, class E> using stored_element = std::conditional_t<real<E>, typename B::value_type, std::int32_t>;

/// Converts numbers for a data set. Throws `numeric_error`, which names the row, if one is not in the range of To.
template <class To, class From>
std::vector<To> in_range(std::vector<From> const& from, char const* what, std::size_t columns) {
  std::vector<To> to(from.size());
  for (std::size_t i = 0; i != from.size(); ++i) {
    bool fits = true;
    if constexpr (std::floating_point<From>)
      fits = !detail::is_finite(from[i]) || detail::is_finite(static_cast<To>(from[i]));
    else if constexpr (!std::same_as<From, bool>) fits = std::in_range<To>(from[i]);
    if (!fits)
      throw numeric_error(std::string("dataset: ") + what + " of row " + std::to_string(i / columns) + " are " +
                          detail::to_shortest(static_cast<double>(from[i])) + ", which is not in the range of " +
                          (real<To> ? "the backend's value type" : "32-bit integers"));
    to[i] = static_cast<To>(from[i]);
  }
  return to;
}

/// Returns the tensor's elements as a new tensor (N, elements of a row), converted.
template <class B, tensor X> auto stored_tensor(B const& b, char const* what, X const& x) {
  using from = value_of<X>;
  using to = stored_element<B, from>;
  static_assert(std::same_as<memory_of<X>, typename B::memory>,
                "dataset: the tensors lie in other memory than the backend's; fovea::copy crosses");
  detail::require_rows<X>();
  auto const s = fovea::shape_of(x);
  if (s.rank() == 0)
    throw shape_error(std::string("dataset: ") + what + " have shape " + to_string(s) + ", expected (N, F)");
  std::size_t columns = 1;
  for (std::size_t i = 1; i < s.rank(); ++i) columns *= s[i];
  auto result = b.template empty<to>(std::array{s[0], columns});
  if constexpr (std::same_as<from, to>) {
    b.copy(static_cast<from const*>(fovea::data(x)), fovea::data(result), s.size());
  } else {
    auto const all = detail::in_range<to>(detail::on_host(b, static_cast<from const*>(fovea::data(x)), s.size()), what,
                                          columns == 0 ? 1 : columns);
    b.copy(all.data(), fovea::data(result), all.size());
    b.synchronize();
  }
  return result;
}

template <class X> inline constexpr bool is_tensors = tensor<X>;
template <class... X> inline constexpr bool is_tensors<std::tuple<X...>> = (tensor<X> && ...);
/// A tensor, or a tuple of them.
template <class X>
concept tensors = is_tensors<X>;

// Nothing for another type: clang forms a deduction guide's result before it looks at the guide's constraints.
template <class B, class X> struct stored_as {};
template <class B, tensor X> struct stored_as<B, X> {
  using type = stored_element<B, value_of<X>>;
  static auto make(B const& b, char const* what, X const& x) { return detail::stored_tensor(b, what, x); }
};
template <class B, class... X> struct stored_as<B, std::tuple<X...>> {
  using type = std::tuple<stored_element<B, value_of<X>>...>;
  static auto make(B const& b, char const* what, std::tuple<X...> const& all) {
    return [&]<std::size_t... K>(std::index_sequence<K...>) {
      return std::tuple{detail::for_input(K, [&] { return detail::stored_tensor(b, what, std::get<K>(all)); })...};
    }(std::index_sequence_for<X...>{});
  }
};
/// A weight or a mask of a data set: `Option` says which, as an option of a loss's functions does.
template <class B, template <class> class Option> struct stored_option {
  using tensor_type = typename B::template tensor<typename B::value_type, 2>;
  template <class W> using of_tensor = Option<W>;
  tensor_type numbers;
};
template <class B, class O> struct stored_option_of;
template <class B, template <class> class Option, class W> struct stored_option_of<B, Option<W>> {
  using type = stored_option<B, Option>;
};
/// Returns the option's numbers as the backend's value type: of a mask, 0 or 1.
template <class B, class O> auto stored_numbers(B const& b, O const& option) {
  using T = typename B::value_type;
  using from = value_of<decltype(option.tensor)>;
  detail::require_rows<decltype(option.tensor)>();
  auto const s = fovea::shape_of(option.tensor);
  auto const rows = s.rank() == 0 ? 0 : s[0];
  auto all = detail::on_host(b, static_cast<from const*>(fovea::data(option.tensor)), s.size());
  std::vector<T> numbers(all.size());
  if constexpr (is_mask<O>)
    for (std::size_t i = 0; i != all.size(); ++i) numbers[i] = all[i] == from(0) ? T(0) : T(1);
  else numbers = detail::in_range<T>(all, option_noun<O>, rows == 0 ? 1 : s.size() / rows);
  auto to = b.template empty<T>(std::array{rows, rows == 0 ? 0 : s.size() / rows});
  b.copy(numbers.data(), fovea::data(to), numbers.size());
  b.synchronize();
  return to;
}

/// Returns the rows of these numbers of a tensor (N, F), in this order; `at` is the numbers in the backend's memory.
template <backend B, tensor X> X taken(B const& b, X const& from, std::size_t const* at, std::size_t rows) {
  auto const columns = fovea::shape_of(from)[1];
  auto to = b.template empty<value_of<X>>(std::array{rows, columns});
  if (columns != 0)
    b.for_each_index(rows, formulas::take_row<value_of<X>>{at, fovea::data(from), fovea::data(to), columns});
  return to;
}
template <backend B, class... X>
std::tuple<X...> taken(B const& b, std::tuple<X...> const& from, std::size_t const* at, std::size_t rows) {
  return std::apply([&](auto const&... x) { return std::tuple<X...>{detail::taken(b, x, at, rows)...}; }, from);
}

template <class B, class E> struct tensor_of_rows {
  using type = typename B::template tensor<E, 2>;
};
template <class B, class... E> struct tensor_of_rows<B, std::tuple<E...>> {
  using type = std::tuple<typename B::template tensor<E, 2>...>;
};

/// The concept as a variable, which compilers do not explain in 20 lines.
template <class B> inline constexpr bool is_backend = backend<B>;

/// A backend's value type, and void for another type.
template <class B> struct number_of {
  using type = void;
};
template <backend B> struct number_of<B> {
  using type = typename B::value_type;
};
template <class... A> inline constexpr bool are_feature_names = false;
template <class F, class T>
inline constexpr bool are_feature_names<F, T> =
    std::convertible_to<F const&, std::span<std::string const>> &&
    (std::convertible_to<T const&, std::string> || std::convertible_to<T const&, std::span<std::string const>>);

}  // namespace detail

/// For other arguments: the error says why.
template <class B, class X = typename detail::number_of<B>::type, class Y = typename detail::number_of<B>::type,
          class... O>
class dataset {
 public:
  static_assert(
      detail::is_backend<B>,
      "dataset: the arguments are a backend, the features and the targets, in this order; or a backend, a table, the "
      "features' names, such as {\"a\", \"b\"}, and the target's");
  template <class... A> explicit dataset(A const&...) {}
  // For a list in braces in another place.
  template <class A, class E, class... C> dataset(A const&, std::initializer_list<E>, C const&...) {}
  template <class A, class E, class F> dataset(A const&, std::initializer_list<E>, std::initializer_list<F>) {}
  template <class A, class C, class E> dataset(A const&, C const&, std::initializer_list<E>) {}
  template <class A, class C, class D, class E> dataset(A const&, C const&, D const&, std::initializer_list<E>) {}
};

/// Examples in a backend's memory: features of shape (N, F), or a tuple of them for a network of several inputs, and targets of
/// shape (N, outputs), or (N, 1) for classes. Real numbers have the backend's value type, integers 32 bits.
///
///     dataset const train{xtensor_backend{}, x, y};               // from two tensors
///     dataset const mixed{xtensor_backend{}, std::tie(category, amounts), classes};     // of two inputs
///     std::vector<std::string> const names{"Time", "Amount"};
///     dataset const test{xtensor_backend{}, read_csv("test.csv"), names, "Class"};  // from columns of a table
///     dataset const two{xtensor_backend{}, rows, {"a", "b"}, {"x", "y"}};           // of two targets
///     dataset const weighted{xtensor_backend{}, x, y, sample_weights(w)};  // training and evaluation take the weights
template <backend B, class X, class Y, class... O> class dataset<B, X, Y, O...> {
 public:
  using value_type = typename B::value_type;
  using features_type = typename detail::tensor_of_rows<B, X>::type;
  using targets_type = typename B::template tensor<Y, 2>;

  /// Copies the tensors; one of shape (N) becomes (N, 1), one of more than two dimensions (N, elements). Reals of another type,
  /// bools and other integers are converted: throws `numeric_error`, which names the row, for one outside the range. Throws
  /// `shape_error` if the numbers of rows differ. Options are `weights`, `sample_weights` and `mask`, which fit the targets' rows.
  template <detail::tensors F, tensor T, loss_option... Options>
    requires(sizeof...(Options) == sizeof...(O))
  dataset(B const& b, F const& x, T const& y, Options const&... all)
      : features(detail::stored_as<B, F>::make(b, "features", x)), targets(detail::stored_tensor(b, "targets", y)),
        options{O{detail::stored_numbers(b, all)}...}, backend_(b) {
    check_rows();
    (check_option(detail::option_noun<Options>, all.tensor), ...);
  }

  /// Moves in tensors of the backend's own type, without a copy. Throws `shape_error` if the numbers of rows differ.
  template <std::same_as<features_type> F, std::same_as<targets_type> T>
  dataset(B const& b, F&& x, T&& y) : features(std::forward<F>(x)), targets(std::forward<T>(y)), backend_(b) {
    check_rows();
  }

  /// Copies columns of a table: the features and the targets, in the given order. Throws `argument_error` if a column does
  /// not exist, is text or is named twice among the features or the targets, and `numeric_error`, with column and row, if a value is not finite in the backend's value type.
  dataset(B const& b, table const& from, std::span<std::string const> feature_names,
          std::span<std::string const> target_names)
      : features(of_columns(b, from, feature_names)), targets(of_columns(b, from, target_names)), backend_(b) {}

  /// The same, for one target.
  dataset(B const& b, table const& from, std::span<std::string const> feature_names, std::string const& target_name)
      : dataset(b, from, feature_names, std::span(&target_name, 1)) {}

  /// The same, for names in braces: `dataset{backend, table, {"Time", "Amount"}, "Class"}`.
  dataset(B const& b, table const& from, std::initializer_list<std::string> feature_names,
          std::string const& target_name)
      : dataset(b, from, std::span(feature_names.begin(), feature_names.size()), target_name) {}
  dataset(B const& b, table const& from, std::initializer_list<std::string> feature_names,
          std::initializer_list<std::string> target_names)
      : dataset(b, from, std::span(feature_names.begin(), feature_names.size()),
                std::span(target_names.begin(), target_names.size())) {}

  /// For arguments that are not tensors: the error says why.
  template <class F, class T>
    requires(!detail::tensors<F> || !tensor<T>)
  dataset(B const& b, F const&, T const&) : dataset(b, 0) {
    if constexpr (!detail::tensors<F>) detail::require_tensor<F>();
    else detail::require_tensor<T>();
  }

  template <class F, class... T>
    requires(!detail::are_feature_names<F, T...>)
  dataset(B const& b, table const&, F const&, T const&...) : dataset(b, 0) {
    static_assert(sizeof(F) == 0,
                  "dataset: after the table come the features' names, such as {\"a\", \"b\"} or a "
                  "std::vector<std::string>, and then the target's");
  }
  dataset(B const& b, table const& from, std::string const& target_name, std::initializer_list<std::string>)
      : dataset(b, from, 0, target_name) {}

  /// Returns a data set of the rows of these numbers, in this order: every input, the targets and the options. A number may
  /// occur several times. Gathers in the backend's memory. Throws `shape_error`, which names the row, if one does not exist.
  ///
  ///     std::vector<std::size_t> const rows{4, 0, 4};
  ///     auto const three = train.take(rows);
  dataset take(std::span<std::size_t const> row_numbers) const {
    for (auto const row : row_numbers)
      if (row >= rows()) throw shape_error("dataset: row " + std::to_string(row) + " of " + std::to_string(rows()));
    auto const n = row_numbers.size();
    if constexpr (std::same_as<typename B::memory, host_memory>) {
      return dataset(*this, row_numbers.data(), n);
    } else {
      auto numbers = backend_.template empty<std::size_t>(std::array{n});
      backend_.copy(row_numbers.data(), fovea::data(numbers), n);
      dataset result(*this, static_cast<std::size_t const*>(fovea::data(numbers)), n);
      backend_.synchronize();  // the numbers end here
      return result;
    }
  }

  std::size_t rows() const { return fovea::shape_of(targets)[0]; }
  /// The backend that holds the tensors.
  B const& backend() const { return backend_; }
  /// A number, not 0, that this data set shares with its copies alone: `trainer` knows by it what it has checked.
  std::size_t identity() const { return identity_; }

  features_type features;
  targets_type targets;
  std::tuple<O...> options;

 private:
  dataset(B const& b, int)
      : features(b.template empty<value_type>(std::array<std::size_t, 2>{})),
        targets(b.template empty<value_type>(std::array<std::size_t, 2>{})), backend_(b) {}
  /// Of the rows `at[0]` to `at[n - 1]` of another data set.
  dataset(dataset const& all, std::size_t const* at, std::size_t n)
      : features(detail::taken(all.backend_, all.features, at, n)),
        targets(detail::taken(all.backend_, all.targets, at, n)),
        options(std::apply(
            [&](O const&... o) { return std::tuple<O...>{O{detail::taken(all.backend_, o.numbers, at, n)}...}; },
            all.options)),
        backend_(all.backend_) {}
  template <class W> void check_option(char const* noun, W const& numbers) const {
    auto const s = fovea::shape_of(numbers);
    if (s.rank() == 0 || s[0] != rows())
      throw shape_error("dataset: targets have shape " + to_string(fovea::shape_of(targets)) + ", " + noun + " " +
                        to_string(s) + "; one row for each is needed");
  }
  static std::size_t next_identity() {
    static std::atomic<std::size_t> last{0};
    return ++last;
  }
  void check_rows() const {
    auto const check = [&](auto const& x) {
      if (fovea::shape_of(x)[0] != rows())
        throw shape_error("dataset: features have shape " + to_string(fovea::shape_of(x)) + ", targets " +
                          to_string(fovea::shape_of(targets)));
    };
    if constexpr (tensor<features_type>) check(features);
    else
      [&]<std::size_t... K>(std::index_sequence<K...>) {
        (detail::for_input(K, [&] { check(std::get<K>(features)); }), ...);
      }(std::make_index_sequence<std::tuple_size_v<features_type>>{});
  }
  static auto of_columns(B const& b, table const& from, std::span<std::string const> names) {
    detail::require_distinct("dataset", names);
    std::vector<value_type> row_major(from.rows() * names.size());
    for (std::size_t c = 0; c != names.size(); ++c) fill(from, names[c], row_major, c, names.size());
    auto to = b.template empty<value_type>(std::array{from.rows(), names.size()});
    b.copy(row_major.data(), fovea::data(to), row_major.size());
    b.synchronize();
    return to;
  }
  static void fill(table const& from, std::string const& name, std::vector<value_type>& to, std::size_t at,
                   std::size_t stride) {
    auto const column = from.column(name);
    for (std::size_t r = 0; r != column.size(); ++r) {
      auto const x = static_cast<value_type>(column[r]);
      if (!detail::is_finite(x))
        throw numeric_error("dataset: column \"" + name + "\", row " + std::to_string(r) + ": " +
                            detail::to_shortest(column[r]) +
                            (detail::is_finite(column[r]) ? " is not in the range of the backend's value type"
                                                          : " is not a finite number"));
      to[r * stride + at] = x;
    }
  }

  B backend_;
  std::size_t identity_ = next_identity();
};
template <backend B, detail::tensors X, tensor Y>
dataset(B, X, Y) -> dataset<B, typename detail::stored_as<B, X>::type, detail::stored_element<B, value_of<Y>>>;
template <backend B, detail::tensors X, tensor Y, loss_option First, loss_option... Options>
dataset(B, X, Y, First, Options...)
    -> dataset<B, typename detail::stored_as<B, X>::type, detail::stored_element<B, value_of<Y>>,
               typename detail::stored_option_of<B, First>::type,
               typename detail::stored_option_of<B, Options>::type...>;
template <backend B, class... Rest> dataset(B, Rest...) -> dataset<B>;
template <class... A> dataset(A...) -> dataset<void>;
template <class A, class E, class... C> dataset(A, std::initializer_list<E>, C...) -> dataset<void>;
template <class A, class E, class F> dataset(A, std::initializer_list<E>, std::initializer_list<F>) -> dataset<void>;
template <class A, class C, class E> dataset(A, C, std::initializer_list<E>) -> dataset<void>;
template <class A, class C, class D, class E>
  requires(!backend<A> || !std::same_as<C, table>)
dataset(A, C, D, std::initializer_list<E>) -> dataset<void>;
template <backend B> dataset(B, table, std::initializer_list<std::string>, std::string) -> dataset<B>;
template <backend B>
dataset(B, table, std::initializer_list<std::string>, std::initializer_list<std::string>) -> dataset<B>;
template <backend B> dataset(B, table, std::string, std::initializer_list<std::string>) -> dataset<B>;

}  // namespace fovea
