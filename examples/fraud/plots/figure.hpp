// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <locale>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "gnuplot.hpp"

namespace fraud::plots {

/// Okabe and Ito's colorblind-safe palette, and grays.
namespace color {
inline std::string const orange = "#E69F00", sky = "#56B4E9", green = "#009E73", blue = "#0072B2",
                         vermillion = "#D55E00", ink = "#222222", grey = "#767676";
inline std::string of_loss(std::string const& loss) { return loss == "bce" ? blue : vermillion; }
}  // namespace color

/// The color option of a line or of points in a `plot` command; a width may follow.
inline std::string in_color(std::string const& c) { return " lc rgb '" + c + "' "; }

/// A number in gnuplot's syntax, independent of the locale.
template <class T> std::string number(T x) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text.precision(9);
  text << x;
  return text.str();
}

/// Formats 56962 as "56,962".
inline std::string grouped(std::size_t n) {
  auto text = std::to_string(n);
  for (auto at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

/// A figure with a title, a caption and one to four panels in rows of two. Each panel reserves `legend` lines for a legend
/// above it; with 0, the panel's own settings place the legend.
class figure {
 public:
  figure(std::string const& title, std::string const& caption, std::size_t panels, std::size_t legend = 0)
      : legend_(legend), columns_(panels > 1 ? 2 : 1), rows_((panels + columns_ - 1) / columns_),
        height_(rows_ > 1 ? 800 : 600) {
    text_ << "set terminal pngcairo noenhanced size " << width << ',' << height_ << " font 'Sans,11'\n"
          << style << "set label 1 " << quoted(title) << at_pixel(28, 30) << " left font 'Sans:Bold,15' textcolor rgb '"
          << color::ink << "'\nset label 2 " << quoted(caption) << at_pixel(28, 57) << " left textcolor rgb '"
          << color::grey << "'\n";
  }

  /// Adds rows of numbers for the panels and returns the name by which a `plot` command refers to them.
  template <std::size_t N> std::string data(std::vector<std::array<double, N>> const& rows) {
    auto name = "$data" + std::to_string(blocks_++);
    text_ << name << " << EOD\n";
    for (auto const& row : rows) {
      for (auto x : row) text_ << number(x) << ' ';
      text_ << '\n';
    }
    text_ << "EOD\n";
    return name;
  }

  /// Draws the next panel from gnuplot's `settings` commands and the curves to plot. Labels, arrows and objects are reset
  /// after the panel; all other settings persist for later panels.
  void panel(std::string const& title, std::string const& settings, std::vector<std::string> const& curves) {
    auto const column = panels_ % columns_, row = panels_ / columns_;
    auto const left = column * width / columns_, right = left + width / columns_;
    auto const tall = (height_ - head) / rows_, top = head + row * tall, bottom = top + tall;
    if (legend_ != 0)
      panels_text_ << "set key at screen " << across(left + 86) << "," << up(top + 31) << " left top maxrows "
                   << legend_ << '\n';
    panels_text_ << "set lmargin at screen " << across(left + 92) << "\nset rmargin at screen " << across(right - 26)
                 << "\nset tmargin at screen " << up(top + 34 + 21 * legend_) << "\nset bmargin at screen "
                 << up(bottom - 62) << "\nset title " << quoted(title) << " offset 0,"
                 << number(1.3 * static_cast<double>(legend_) - 0.5) << '\n'
                 << settings << '\n';
    for (std::string before = "plot "; auto const& curve : curves) panels_text_ << std::exchange(before, ", ") << curve;
    panels_text_ << "\nunset label\nunset arrow\nunset object\n";
    ++panels_;
  }

  /// All of gnuplot's commands except the one that sets the output file.
  std::string commands() const { return text_.str() + "set multiplot\n" + panels_text_.str() + "unset multiplot\n"; }

 private:
  static constexpr std::size_t width = 1000, head = 80;
  static constexpr char style[] = R"(set encoding utf8
set border 3 lw 1 lc rgb '#767676'
set tics nomirror out scale 0.6 textcolor rgb '#222222'
set grid lt 1 lw 1 lc rgb '#E4E4E4'
set title font 'Sans:Bold,11' textcolor rgb '#222222'
set key Left reverse vertical spacing 1.15 samplen 2.2 noopaque
set style fill solid noborder
set xlabel offset 0,0.2
)";

  static std::string across(std::size_t x) { return number(static_cast<double>(x) / static_cast<double>(width)); }
  std::string up(std::size_t y) const { return number(1 - static_cast<double>(y) / static_cast<double>(height_)); }
  std::string at_pixel(std::size_t x, std::size_t y) const { return " at screen " + across(x) + "," + up(y); }

  std::size_t legend_, columns_, rows_, height_, blocks_ = 0, panels_ = 0;
  std::ostringstream text_, panels_text_;
};

}  // namespace fraud::plots
