#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that each header includes the standard headers of the names that it uses, itself or through fovea's headers.

    standard_includes.py FOLDER

The suite compiles every header alone behind the precompiled standard headers, so the compiler does not miss them. Third-party
headers do not count. A standard name that HEADERS does not list is an error, too: add it.
"""

import functools
import pathlib
import re
import sys

HEADERS = """
algorithm: all_of any_of binary_search clamp copy copy_if copy_n count count_if equal fill fill_n find find_if find_if_not is_sorted
  lexicographical_compare lower_bound max max_element min min_element minmax minmax_element nth_element none_of partial_sort remove
  remove_if replace reverse rotate shuffle sort stable_partition stable_sort transform unique upper_bound
array: array
atomic: atomic atomic_bool atomic_flag memory_order_acq_rel memory_order_acquire memory_order_relaxed memory_order_release
bit: bit_cast bit_ceil bit_floor bit_width countl_zero countr_zero endian has_single_bit popcount
charconv: from_chars from_chars_result to_chars to_chars_result chars_format
chrono: chrono
cmath: abs acos asin atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 floor fma fmod frexp hypot isfinite isinf isnan
  ldexp lgamma llround log log10 log1p log2 lround modf nearbyint nextafter pow round sin sinh sqrt tan tanh tgamma trunc
concepts: constructible_from convertible_to copy_constructible copyable default_initializable derived_from equality_comparable
  floating_point integral invocable move_constructible movable regular same_as semiregular signed_integral totally_ordered
  unsigned_integral predicate regular_invocable
condition_variable: condition_variable condition_variable_any
cstddef: byte max_align_t nullptr_t ptrdiff_t size_t
cstdint: int8_t int16_t int32_t int64_t intmax_t intptr_t uint8_t uint16_t uint32_t uint64_t uintmax_t uintptr_t
cstdio: FILE fclose fflush fopen fprintf fputs fread fwrite printf snprintf remove rename
cstdlib: abort exit getenv strtod system
cstring: memcmp memcpy memmove memset strerror strlen
exception: current_exception exception exception_ptr rethrow_exception terminate uncaught_exceptions
filesystem: filesystem
fstream: fstream ifstream ofstream
functional: cref equal_to function greater hash invoke less minus multiplies not_fn plus ref reference_wrapper
initializer_list: initializer_list
iomanip: setfill setprecision setw
ios: defaultfloat fixed hex ios ios_base left right scientific streamoff streamsize
iostream: cerr cin clog cout
istream: istream ws
iterator: back_inserter distance forward_iterator input_iterator istreambuf_iterator iter_value_t next ostream_iterator prev random_access_iterator
latch: latch
barrier: barrier
limits: numeric_limits
locale: locale
map: map
mdspan: mdspan
memory: addressof align allocator allocator_arg construct_at destroy_at make_shared make_unique shared_ptr to_address unique_ptr weak_ptr
mutex: call_once lock_guard mutex once_flag scoped_lock try_to_lock unique_lock
new: align_val_t bad_alloc launder nothrow nothrow_t
numbers: numbers
numeric: accumulate gcd inner_product iota lcm partial_sum reduce transform_reduce
optional: nullopt nullopt_t optional
ostream: endl flush ostream
random: mt19937 mt19937_64 normal_distribution random_device uniform_int_distribution uniform_real_distribution
ranges: views
semaphore: binary_semaphore
set: set
shared_mutex: shared_lock shared_mutex
span: dynamic_extent span
sstream: istringstream ostringstream stringstream
stdexcept: domain_error invalid_argument length_error logic_error out_of_range overflow_error range_error runtime_error
stop_token: stop_callback stop_source stop_token
string: getline stod stoi stoul stoull string to_string
string_view: string_view
system_error: errc error_category error_code error_condition generic_category make_error_code system_category system_error
thread: jthread this_thread thread
tuple: apply forward_as_tuple ignore make_from_tuple make_tuple tie tuple tuple_cat
type_traits: add_const_t bool_constant common_type_t conditional_t decay_t enable_if_t false_type integral_constant invoke_result_t
  is_aggregate_v is_arithmetic_v is_base_of_v is_class_v is_const_v is_constant_evaluated is_constructible_v is_convertible_v
  is_copy_assignable_v is_default_constructible_v is_empty_v is_enum_v is_final_v is_union_v is_floating_point_v is_function_v is_integral_v
  is_invocable_v is_invocable_r_v is_lvalue_reference_v is_nothrow_constructible_v is_pointer_v is_reference_v is_same_v is_signed_v
  is_standard_layout_v is_trivially_copyable_v is_unsigned_v is_void_v make_signed_t make_unsigned_t remove_const_t remove_cv_t
  remove_cvref_t remove_pointer_t remove_reference_t true_type type_identity type_identity_t underlying_type_t void_t
typeinfo: type_info
unordered_map: unordered_map
unordered_set: unordered_set
utility: as_const cmp_equal cmp_greater cmp_greater_equal cmp_less cmp_less_equal declval exchange forward in_place in_place_t in_range
  index_sequence index_sequence_for integer_sequence make_index_sequence move pair piecewise_construct swap to_underlying unreachable
variant: get_if holds_alternative monostate variant visit
vector: erase_if vector
"""
# Names that several headers declare, and whose arguments come with one of them.
ANYWHERE = "get tuple_element tuple_element_t tuple_size tuple_size_v size data begin end empty ssize experimental ranges tolower isspace isdigit isalpha".split()
# Headers that the standard, or every standard library, includes in another one.
INSIDE = {
    "ostream": ["iostream", "sstream", "fstream"],
    "istream": ["iostream", "sstream", "fstream"],
    "ios": ["iostream", "istream", "ostream", "sstream", "fstream", "locale"],
    "string": ["sstream", "fstream", "iostream", "filesystem", "stdexcept", "system_error"],
    "string_view": ["string"],
    "initializer_list": ["vector", "string", "array", "map", "set", "unordered_map", "unordered_set", "utility", "algorithm", "memory"],
    "utility": ["tuple", "map", "memory"],
    "type_traits": ["concepts"],
    "exception": ["stdexcept", "new"],
    "stdexcept": ["system_error"],
    "mutex": ["shared_mutex", "condition_variable"],
    "iterator": ["vector", "string", "array", "span", "map", "set", "unordered_set", "string_view", "ranges"],
    "cstddef": ["cstring", "array", "vector", "string", "span", "tuple"],
}


def table():
    known = {}
    for line in re.sub(r"\n  +", " ", HEADERS).strip().splitlines():
        header, names = line.split(":")
        for name in names.split():
            known.setdefault(name, set()).add(header)
    return known


def outer(headers):
    return {name for header in headers for name in INSIDE.get(header, [])}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = pathlib.Path(sys.argv[1])
    known = table()

    @functools.cache
    def included(path):
        """The standard headers that a header of fovea's brings, itself and through others of fovea's."""
        standard = set()
        for name in re.findall(r"^ *# *include <([^>]+)>", (root / path).read_text(encoding="utf-8"), re.M):
            if name.startswith("fovea/"):
                standard |= included(name)
            else:
                standard.add(name)
        return standard

    wrong = []
    headers = sorted(path.relative_to(root).as_posix() for path in root.glob("fovea/**/*.hpp"))
    for header in headers:
        text = re.sub(r'//[^\n]*|"(\\.|[^"\\\n])*"', "", (root / header).read_text(encoding="utf-8"))
        for name in sorted(set(re.findall(r"\bstd::([A-Za-z_0-9]+)", text)) - set(ANYWHERE)):
            if name not in known:
                wrong.append(f"{header} uses std::{name}, which standard_includes.py does not list")
            elif not (known[name] | outer(known[name])) & included(header):
                wrong.append(f"{header} uses std::{name} without <{min(known[name])}>")
    print("\n".join(wrong) if wrong else f"{len(headers)} headers include what they use of the standard library")
    sys.exit(1 if wrong or not headers else 0)


if __name__ == "__main__":
    main()
