// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <concepts>
#include <filesystem>
#include <fstream>
#include <ios>
#include <ostream>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#if __has_include(<unistd.h>)
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include <fovea/error.hpp>
#include <fovea/io/deferred_signals.hpp>

namespace fovea {

namespace detail {

inline io_error cannot_write(std::filesystem::path const& file, int error) {
  return io_error(file.string() + ": cannot write: " + std::generic_category().message(error));
}

/// The file that a path leads to. `special`: it is written to, because a FIFO, a device or an open file of the process
/// (/dev/stdout, /dev/fd/3) cannot be replaced.
struct output_target {
  std::filesystem::path file;
  std::filesystem::file_status status;
  bool special = false;
};

inline bool in_process_files(std::filesystem::path const& file) {
  std::error_code ignored;
  auto const folder = std::filesystem::canonical(file.parent_path(), ignored).generic_string();
  return folder == "/dev/fd" || std::string_view(folder).starts_with("/proc/");
}

/// Follows symbolic links, of which the last may lead to a file that does not exist yet. Throws `io_error`, with the given
/// name, for a folder, for a read-only file and for one that this process may not write.
inline output_target find_target(std::filesystem::path const& named) {
  namespace fs = std::filesystem;
  std::error_code failed;
  output_target to{named, fs::status(named, failed), in_process_files(named)};
  if (failed && to.status.type() == fs::file_type::none) throw detail::cannot_write(named, failed.value());
  while (!to.special && fs::is_symlink(fs::symlink_status(to.file, failed))) {
    to.file = to.file.parent_path() / fs::read_symlink(to.file, failed);
    to.special = detail::in_process_files(to.file);
  }
  if (!fs::exists(to.status)) return to;
  if (fs::is_directory(to.status)) throw detail::cannot_write(named, EISDIR);
  constexpr auto writable = fs::perms::owner_write | fs::perms::group_write | fs::perms::others_write;
  if ((to.status.permissions() & writable) == fs::perms::none) throw detail::cannot_write(named, EACCES);
#if __has_include(<unistd.h>)
  if (::access(named.c_str(), W_OK) != 0) throw detail::cannot_write(named, errno);
#endif
  to.special = to.special || !fs::is_regular_file(to.status);
  return to;
}

/// True for a file that can be written, though not replaced, because of this error: its folder takes no new file, it is another user's in
/// a sticky folder, it is mounted there, or a name beside it would be too long.
inline bool must_rewrite(output_target const& of, int error) {
  return std::filesystem::exists(of.status) &&
         (error == EACCES || error == EPERM || error == EROFS || error == EBUSY || error == ENAMETOOLONG);
}

/// Writes what is buffered to the disk. Throws `io_error`, with the given name, if that fails.
inline void synchronize_file([[maybe_unused]] std::filesystem::path const& named,
                             [[maybe_unused]] std::filesystem::path const& file) {
#if __has_include(<unistd.h>)
  int const opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0) return;  // a folder that may be written but not read
  auto const error = ::fsync(opened) == 0 ? 0 : errno;
  ::close(opened);
  if (error != 0 && error != EINVAL) throw detail::cannot_write(named, error);  // EINVAL: the file system has no fsync
#endif
}

#if __has_include(<unistd.h>)
/// Removes the files that killed processes have left in a folder: those of `temporary_file` that no process has locked.
inline void remove_stale_files(std::filesystem::path const& folder) {
  std::error_code ignored;
  for (std::filesystem::directory_iterator file(folder, ignored), end; !ignored && file != end;
       file.increment(ignored)) {
    auto const name = file->path().filename().native();
    if (!name.starts_with(".fovea-") || !name.ends_with(".tmp")) continue;
    int const opened = ::open(file->path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (opened < 0) continue;
    struct stat status;
    if (::fstat(opened, &status) == 0 && S_ISREG(status.st_mode) && ::flock(opened, LOCK_EX | LOCK_NB) == 0)
      ::unlink(file->path().c_str());
    ::close(opened);
  }
}
#else
inline void remove_stale_files(std::filesystem::path const&) {}
#endif

/// A new file in the folder of a target. Where the system has files without a name (Linux's O_TMPFILE), it has none until it is
/// published, so that a process that is killed leaves nothing. Elsewhere, and if `named`, its name is `.fovea-*.tmp`; it is locked,
/// and removed at the end unless it has been renamed. What a killed process leaves, the next one in this folder removes.
class temporary_file {
 public:
  explicit temporary_file(output_target const& of, bool named = false)
      : folder_(of.file.has_parent_path() ? of.file.parent_path() : "."),
        path_(folder_ / (".fovea-" + std::to_string(std::random_device{}()) + ".tmp")) {
    remove_stale_files(folder_);
    if (named || !open_unnamed()) open_named();
    std::error_code ignored;
    if (stream.is_open() && std::filesystem::exists(of.status))
      std::filesystem::permissions(place(), of.status.permissions(), ignored);
  }
  temporary_file(temporary_file const&) = delete;
  ~temporary_file() {
    std::error_code ignored;
    if (named_) std::filesystem::remove(path_, ignored);
    close_file();
  }
  /// True if the folder takes no new file, but the target can be written.
  bool must_rewrite(output_target const& of) const { return detail::must_rewrite(of, error); }
  /// The file's path, or one that leads to it while it has no name.
  std::filesystem::path place() const {
    return named_ ? path_ : std::filesystem::path("/proc/self/fd/" + std::to_string(file_));
  }
  /// Renames the file to `to`. Returns the error, 0 if there is none.
  int rename(std::filesystem::path const& to) {
    std::error_code failed;
#if __has_include(<unistd.h>)
    if (!named_) {
      auto const link = [&](std::filesystem::path const& name) {
        return ::linkat(AT_FDCWD, place().c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
      };
      if (int const error_of_link = link(to); error_of_link != EEXIST) return error_of_link;
      deferred_signals const until_renamed;  // the file has a name until then
      if (int const error_of_link = link(path_); error_of_link != 0) return error_of_link;
      std::filesystem::rename(path_, to, failed);
      if (std::error_code ignored; failed) std::filesystem::remove(path_, ignored);
      return failed.value();
    }
#endif
    std::filesystem::rename(path_, to, failed);
    if (!failed) named_ = false;
    return failed.value();
  }

  std::ofstream stream;
  int error = 0;

 private:
#if __has_include(<unistd.h>)
  bool open_unnamed() {
#if defined(O_TMPFILE)
    file_ = ::open(folder_.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    if (file_ < 0) return false;
    stream.open(place(), std::ios::binary);
    if (stream) return ::flock(file_, LOCK_EX | LOCK_NB), true;
    close_file();  // no /proc
#endif
    return false;
  }
  void open_named() {
    struct stat status {};
    do {  // until no other process has found the file before its lock, and removed it
      close_file();
      file_ = ::open(path_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
      if (file_ < 0) {
        error = errno;
        return;
      }
      ::flock(file_, LOCK_EX);
    } while (::fstat(file_, &status) == 0 && status.st_nlink == 0);
    named_ = true;
    stream.open(path_, std::ios::binary);
    if (!stream) error = errno;
  }
  void close_file() {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
  }
#else
  bool open_unnamed() { return false; }
  void open_named() {
    named_ = true;
    errno = 0;
    stream.open(path_, std::ios::binary);
    if (!stream) error = errno;
  }
  void close_file() {}
#endif

  std::filesystem::path folder_, path_;
  int file_ = -1;       // the descriptor that holds the lock, and the file while it has no name
  bool named_ = false;  // as path_
};

template <class Write>
void write_in_place(std::filesystem::path const& named, output_target const& to, std::ios::openmode mode,
                    Write const& write) {
  errno = 0;
  std::ofstream out(to.file, std::ios::binary | mode);
  if (!out) throw detail::cannot_write(named, errno);
  write(static_cast<std::ostream&>(out));
  out.close();
  if (!out) throw io_error(named.string() + ": writing failed: " + std::generic_category().message(errno));
}

}  // namespace detail

/// Throws the `io_error` that `replace_file` would throw before it writes: for a folder, a file that may not be written, a
/// folder that takes no new file. Call it before long work whose result goes to the file.
inline void require_replaceable(std::filesystem::path const& file) {
  auto const to = detail::find_target(file);
  if (to.special) return;
  if (detail::temporary_file const beside(to); beside.error != 0 && !beside.must_rewrite(to))
    throw detail::cannot_write(file, beside.error);
}

/// Creates or replaces a file as a whole: `write(stream)` fills a temporary file in the same folder, which takes the file's
/// mode, reaches the disk, and is then renamed to `file`. If that fails, or if the process ends, by a signal to any of its threads
/// too, an existing file stays as it is and nothing is left in the folder; on file systems that have only files with a name, a
/// process that is killed leaves `.fovea-*.tmp`, which the next call in that folder removes.
///
/// A symbolic link stays, and the file that it leads to is replaced. A FIFO, a device or an open file of the process is written
/// to instead. An existing file that can be written, but not replaced (its folder takes no new file, or it is another user's in a sticky
/// folder, or mounted there), is overwritten after `write` has succeeded elsewhere.
///
/// Throws `io_error`, with the file's name, if the file cannot be written or replaced, and what `write` throws.
template <std::invocable<std::ostream&> Write> void replace_file(std::filesystem::path const& file, Write write) {
  auto const to = detail::find_target(file);
  if (to.special) return detail::write_in_place(file, to, std::ios::app, write);

  detail::temporary_file beside(to);
  if (beside.must_rewrite(to)) {
    std::ostringstream content;
    write(static_cast<std::ostream&>(content));
    if (!content) throw io_error(file.string() + ": writing failed");
    detail::write_in_place(file, to, std::ios::trunc, [&](std::ostream& out) { out << content.str(); });
    return detail::synchronize_file(file, to.file);
  }
  if (beside.error != 0) throw detail::cannot_write(file, beside.error);
  write(static_cast<std::ostream&>(beside.stream));
  errno = 0;
  beside.stream.close();
  if (!beside.stream) throw io_error(file.string() + ": writing failed: " + std::generic_category().message(errno));
  detail::synchronize_file(file, beside.place());
  if (int const failed = beside.rename(to.file); detail::must_rewrite(to, failed)) {
    std::ifstream content(beside.place(), std::ios::binary);
    if (!content) throw detail::cannot_write(file, failed);
    detail::write_in_place(file, to, std::ios::trunc, [&](std::ostream& out) {
      if (content.peek() != std::ifstream::traits_type::eof()) out << content.rdbuf();
    });
    return detail::synchronize_file(file, to.file);
  } else if (failed != 0) {
    throw io_error(file.string() + ": cannot replace: " + std::generic_category().message(failed));
  }
  auto const folder = to.file.parent_path();
  detail::synchronize_file(file, folder.empty() ? "." : folder);
}

}  // namespace fovea
