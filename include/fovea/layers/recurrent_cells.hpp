// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/scalar/primitives.hpp>

/// The formulas of recurrent layers.
namespace fovea {

/// Hochreiter and Schmidhuber, "Long short-term memory" (1997), with PyTorch's gates: input, forget, cell, output.
///
/// A cell is two formulas of one hidden number. `step` makes the gates' inputs their values and computes the state from the one
/// before; `slope` makes the values the slopes of the inputs, and the state's slope that of the state before, without what the
/// products add. `counts` is 1, or 0 for a step after a row's last one, which keeps the state.
struct lstm_cell {
  static constexpr char const* name = "lstm";
  static constexpr std::size_t gates = 4, planes = 4;
  static constexpr bool has_memory = true;
  static constexpr std::size_t recurrent_plane(std::size_t gate) { return gate; }

  struct step {
    template <class T>
    FOVEA_HD constexpr void operator()(T& i, T& f, T& g, T& o, T const& counts, T const& h0, T& h, T const& c0,
                                       T& c) const {
      i = math::sigmoid(i), f = math::sigmoid(f), g = math::tanh(g), o = math::sigmoid(o);
      auto const holds = counts > T(0);
      c = math::select(holds, f * c0 + i * g, c0);
      h = math::select(holds, o * math::tanh(c), h0);
    }
  };
  struct slope {
    template <class T>
    FOVEA_HD constexpr void operator()(T& i, T& f, T& g, T& o, T const& counts, T const&, T& dh, T const& c0,
                                       T const& c, T& dc) const {
      auto const holds = counts > T(0);
      T const t = math::tanh(c), d = dc + dh * o * (T(1) - t * t), none = T(0), of_i = d * g * i * (T(1) - i);
      dc = math::select(holds, d * f, dc);
      g = math::select(holds, d * i * (T(1) - g * g), none);
      i = math::select(holds, of_i, none);
      f = math::select(holds, d * c0 * f * (T(1) - f), none);
      o = math::select(holds, dh * t * o * (T(1) - o), none);
      dh = math::select(holds, none, dh);
    }
  };
};

/// Cho et al., "Learning phrase representations using RNN encoder-decoder" (2014), with PyTorch's gates: reset, update, new. The
/// fourth plane is the recurrent part of `new`, which the reset gate scales.
struct gru_cell {
  static constexpr char const* name = "gru";
  static constexpr std::size_t gates = 3, planes = 4;
  static constexpr bool has_memory = false;
  static constexpr std::size_t recurrent_plane(std::size_t gate) { return gate == 2 ? 3 : gate; }

  struct step {
    template <class T>
    FOVEA_HD constexpr void operator()(T& r, T& z, T& n, T const& recurrent, T const& counts, T const& h0, T& h) const {
      r = math::sigmoid(r), z = math::sigmoid(z);
      n = math::tanh(n + r * recurrent);
      h = math::select(counts > T(0), n + z * (h0 - n), h0);
    }
  };
  struct slope {
    template <class T>
    FOVEA_HD constexpr void operator()(T& r, T& z, T& n, T& recurrent, T const& counts, T const& h0, T& dh) const {
      auto const holds = counts > T(0);
      T const none = T(0), of_n = dh * (T(1) - z) * (T(1) - n * n), of_z = dh * (h0 - n) * z * (T(1) - z);
      dh = math::select(holds, dh * z, dh);
      z = math::select(holds, of_z, none);
      n = math::select(holds, of_n, none);
      T const of_r = of_n * recurrent * r * (T(1) - r);
      recurrent = math::select(holds, of_n * r, none);
      r = math::select(holds, of_r, none);
    }
  };
};

/// Elman, "Finding structure in time" (1990): one gate, which is the new state. `F` has `slope_from_output`.
template <class F> struct rnn_cell {
  static constexpr char const* name = "rnn";
  static constexpr std::size_t gates = 1, planes = 1;
  static constexpr bool has_memory = false;
  static constexpr std::size_t recurrent_plane(std::size_t gate) { return gate; }

  struct step {
    template <class T> FOVEA_HD constexpr void operator()(T& n, T const& counts, T const& h0, T& h) const {
      n = F{}(n);
      h = math::select(counts > T(0), n, h0);
    }
  };
  struct slope {
    template <class T> FOVEA_HD constexpr void operator()(T& n, T const& counts, T const&, T& dh) const {
      auto const holds = counts > T(0);
      T const none = T(0);
      n = math::select(holds, dh * F{}.slope_from_output(n), none);
      dh = math::select(holds, none, dh);
    }
  };
};

}  // namespace fovea
