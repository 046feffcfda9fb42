// SPDX-License-Identifier: MIT
// A simple hand-written reader: std::getline for lines, std::strtod for numbers.
#include <cstdlib>
#include <fstream>
#include <vector>

#include "../common/inputs.hpp"
#include "../common/timing.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  auto const file = inputs::csv_file();
  auto const run = [&] {
    std::ifstream in(file);
    std::string line;
    std::vector<double> numbers;
    std::getline(in, line);
    while (std::getline(in, line))
      for (char* at = line.data(); *at != '\0'; at += *at == ',') numbers.push_back(std::strtod(at, &at));
    timing::keep(numbers);
  };
  return timing::answer(o, {{.name = "csv", .run = run}});
}
