// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string>
#include <vector>

#include <fovea/losses/binary_cross_entropy.hpp>
#include <fovea/losses/focal_loss.hpp>

#include "figure.hpp"

namespace fraud::plots {

/// Plots binary cross-entropy and focal losses against the probability of the true class.
inline figure losses() {
  figure f("Focal loss: the larger gamma, the less a well-classified row counts",
           "Loss of one row, over the probability that is predicted for its true class", 1);
  auto const curve = [&](auto const& loss, std::string const& name, std::string const& color) {
    std::vector<std::array<double, 2>> points;
    for (int i = 2; i <= 400; ++i) points.push_back({i / 400.0, loss(i / 400.0, 1.0)});
    return f.data(points) + " with lines lw 2.5" + in_color(color) + "title " + quoted(name);
  };
  auto const focal = [&](double gamma, std::string const& color) {
    return curve(fovea::focal_loss{.gamma = gamma}, "focal loss, gamma " + number(gamma), color);
  };
  f.panel("", R"(set xrange [0:1]; set yrange [0:5]
set xlabel 'predicted probability of the true class'; set ylabel 'loss'
set key top right spacing 1.3
set object 1 rectangle from 0.5,0 to 1,5 behind fillcolor rgb '#F4F4F4' fillstyle solid noborder
set label 3 'classified rightly at threshold 0.5' at 0.75,2.7 center textcolor rgb '#767676')",
          {curve(fovea::binary_cross_entropy{}, "binary cross-entropy (gamma 0)", color::blue), focal(0.5, color::sky),
           focal(1, color::green), focal(2, color::orange), focal(5, color::vermillion)});
  return f;
}

}  // namespace fraud::plots
