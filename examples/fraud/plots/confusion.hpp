// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include "../report.hpp"
#include "figure.hpp"

namespace fraud::plots {

namespace detail {

/// One cell of a confusion matrix: its color is the share of the row, its label the count and the share.
inline std::string cell(int x, int y, std::size_t count, std::size_t of) {
  auto const share = of == 0 ? 0 : static_cast<double>(count) / static_cast<double>(of);
  auto const mix = [&](double full) { return static_cast<int>(255 + share * (full - 255)); };
  bool const tiny = std::min(share, 1 - share) > 0 && std::min(share, 1 - share) < 0.01;
  char fill[8], percent[40];
  std::snprintf(fill, sizeof fill, "#%02X%02X%02X", mix(0x00), mix(0x72), mix(0xB2));
  std::snprintf(percent, sizeof percent, "%.*f %%", tiny ? 3 : 1, 100 * share);
  auto const at = " at " + number(x) + ",";
  auto const ink = " center textcolor rgb '" + (share > 0.9 ? "#FFFFFF" : color::ink) + "'\n";
  return "set object rectangle center " + number(x) + "," + number(y) + " size 1,1 fillcolor rgb '" + fill +
         "' fillstyle solid border lc rgb '" + color::grey + "'\nset label " + quoted(grouped(count)) + at +
         number(y + 0.1) + " font 'Sans:Bold,17'" + ink + "set label " + quoted(percent) + at + number(y - 0.2) + ink;
}

}  // namespace detail

/// Plots the runs' confusion matrices as heat maps.
inline figure confusion_matrices(std::vector<run const*> const& runs, std::string const& caption, options const& o) {
  figure f("Confusion matrices on the test split, fraud predicted from probability 0.5 up",
           caption + "; percentages and colors are shares of a row", runs.size());
  for (auto const* r : runs) {
    auto const& c = r->confusion;
    auto const normal = c.true_negative + c.false_positive, fraud = c.false_negative + c.true_positive;
    auto const axes = R"(unset grid; unset border; unset key; set tics scale 0
set xrange [-0.5:1.5]; set yrange [-0.5:1.5]
set xtics ('normal' 0, 'fraud' 1); set ytics ('normal' 1, 'fraud' 0) rotate by 90 center offset -0.4,0
set xlabel 'predicted'; set ylabel 'actual'
)";
    f.panel(title(r->mode, r->loss, o),
            axes + detail::cell(0, 1, c.true_negative, normal) + detail::cell(1, 1, c.false_positive, normal) +
                detail::cell(0, 0, c.false_negative, fraud) + detail::cell(1, 0, c.true_positive, fraud),
            {"NaN notitle"});
  }
  return f;
}

}  // namespace fraud::plots
