// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string>
#include <vector>

#include <fovea/losses/binary_cross_entropy.hpp>
#include <fovea/losses/focal_loss.hpp>

#include "figure.hpp"

namespace fraud::plots {

/// Binary cross-entropy and focal losses over the probability given to the true class.
inline figure losses() {
  figure f("Focal loss: the larger gamma, the less a row counts that is classified well",
           "Loss of one row, over the probability that is predicted for its true class", 1);
  auto const curve = [&](auto const& loss, std::string const& name, std::string const& colour) {
    std::vector<std::array<double, 2>> points;
    for (int i = 3; i <= 1000; ++i) points.push_back({i / 1000.0, loss(i / 1000.0, 1.0)});
    return f.data(points) + " with lines lw 2.5" + in_colour(colour) + "title " + quoted(name) + ", ";
  };
  auto const focal = [&](double gamma, std::string const& colour) {
    return curve(fovea::focal_loss{.gamma = gamma}, "focal loss, gamma " + number(gamma), colour);
  };
  auto const curves = curve(fovea::binary_cross_entropy{}, "binary cross-entropy (gamma 0)", colour::ink) +
                      focal(0.5, colour::blue) + focal(1, colour::green) + focal(2, colour::orange) +
                      focal(5, colour::vermillion);
  f.panel("", R"(set xrange [0:1]; set yrange [0:5]
set xlabel 'predicted probability of the true class'; set ylabel 'loss'
set key top right
set object 1 rectangle from 0.5,0 to 1,5 behind fillcolor rgb '#F4F4F4' fillstyle solid noborder
set label 3 'classified rightly at threshold 0.5' at 0.75,2.6 center textcolor rgb '#767676'
plot )" + curves);
  return f;
}

}  // namespace fraud::plots
