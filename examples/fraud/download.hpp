// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <ios>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include <fovea/error.hpp>

#include "crc32.hpp"
#include "program.hpp"

namespace fraud {

/// A file on the web, with the size and checksum that identify it.
struct remote_file {
  std::string url;
  std::uintmax_t size;
  std::uint32_t crc;
};

inline remote_file const real_data{
    .url = "https://storage.googleapis.com/download.tensorflow.org/data/creditcard.csv",
    .size = 150'828'752,
    .crc = 0xd5d6c29b,
};

/// Throws `fovea::io_error` unless the file exists and has this size and CRC-32.
inline void verify_download(std::filesystem::path const& file, std::uintmax_t size, std::uint32_t crc) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw fovea::io_error(file.string() + ": cannot read: " + std::generic_category().message(errno));
  std::uintmax_t found_size = 0;
  std::uint32_t found_crc = 0;
  std::vector<char> block(1 << 16);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())), in.gcount() > 0) {
    auto const count = static_cast<std::size_t>(in.gcount());
    found_size += count;
    found_crc = crc32({block.data(), count}, found_crc);
  }
  if (in.bad()) throw fovea::io_error(file.string() + ": reading failed");
  if (found_size == size && found_crc == crc) return;
  std::ostringstream message;
  message << std::setfill('0') << file.string() << ": expected " << size << " bytes with CRC-32 " << std::hex
          << std::setw(8) << crc << ", found " << std::dec << found_size << " bytes with CRC-32 " << std::hex
          << std::setw(8) << found_crc;
  throw fovea::io_error(message.str());
}

/// Downloads a file with `curl`, which shows the progress, and verifies it before renaming it to its final name. On
/// failure an existing file stays unchanged. Throws `fovea::io_error`.
inline void download(remote_file const& from, std::filesystem::path const& to) {
  struct temporary {
    std::filesystem::path path;
    ~temporary() {
      std::error_code ignored;
      std::filesystem::remove(path, ignored);
    }
  };
  temporary part{to};
  part.path += ".part";
  run_program({"curl", "--fail", "--location", "--output", part.path.string(), "--url", from.url});
  verify_download(part.path, from.size, from.crc);
  std::error_code failed;
  std::filesystem::rename(part.path, to, failed);
  if (failed) throw fovea::io_error(to.string() + ": cannot replace: " + failed.message());
}

/// Downloads the full credit-card-fraud table, 151 MB.
inline void download_real_data(std::filesystem::path const& to) { download(real_data, to); }

}  // namespace fraud
