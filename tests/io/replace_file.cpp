// SPDX-License-Identifier: MIT
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#if __has_include(<sys/stat.h>)
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#endif
#if defined(__linux__)
#include <sched.h>
#include <sys/inotify.h>
#endif

#include <fovea/io/deferred_signals.hpp>
#include <fovea/io/replace_file.hpp>

#include "../catch.hpp"

namespace {

std::string content(std::filesystem::path const& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("replace_file replaces a file completely or not at all") {
  auto const folder =
      std::filesystem::temp_directory_path() / ("fovea_test_replace_file_" + std::to_string(std::random_device{}()));
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  auto const file = folder / "a";
  auto const files = [&] { return std::distance(std::filesystem::directory_iterator(folder), {}); };

  fovea::replace_file(file, [](std::ostream& out) { out << "first, and longer"; });
  CHECK(content(file) == "first, and longer");
  fovea::replace_file(file, [](std::ostream& out) { out << "second"; });
  CHECK(content(file) == "second");

  CHECK_THROWS_AS(fovea::replace_file(file,
                                      [](std::ostream& out) {
                                        out << "third";
                                        throw std::out_of_range("midway");
                                      }),
                  std::out_of_range);
  CHECK_THROWS_AS(fovea::replace_file(file, [](std::ostream& out) { out.setstate(std::ios::badbit); }),
                  fovea::io_error);
  CHECK(content(file) == "second");
  CHECK(files() == 1);
  std::filesystem::remove_all(folder);
}

#if __has_include(<sys/stat.h>)
namespace {

namespace fs = std::filesystem;

/// An empty folder, which is removed at the end.
struct scratch {
  fs::path path = fs::temp_directory_path() / ("fovea_test_replace_file_" + std::to_string(std::random_device{}()));
  scratch() { fs::create_directories(path); }
  ~scratch() { fs::remove_all(path); }
};

void write(fs::path const& file, char const* text) {
  fovea::replace_file(file, [&](std::ostream& out) { out << text; });
}

}  // namespace

TEST_CASE("replace_file keeps the file's mode, also one that is stricter than the usual one") {
  scratch const in;
  for (unsigned const mode : {0600U, 0640U, 0666U, 0755U}) {
    auto const file = in.path / std::to_string(mode);
    write(file, "first");
    fs::permissions(file, static_cast<fs::perms>(mode));
    write(file, "second");
    CHECK(content(file) == "second");
    CHECK(fs::status(file).permissions() == static_cast<fs::perms>(mode));
  }
}

TEST_CASE("replace_file writes the file that a symbolic link leads to, and the link stays") {
  scratch const in;
  fs::create_directories(in.path / "far");
  write(in.path / "far" / "file", "first");
  fs::create_symlink("far/file", in.path / "link");
  fs::create_symlink("link", in.path / "link_to_link");
  fs::create_symlink("far/new", in.path / "dangling");
  write(in.path / "link_to_link", "second");
  write(in.path / "dangling", "third");
  CHECK(content(in.path / "far" / "file") == "second");
  CHECK(content(in.path / "far" / "new") == "third");
  for (auto const* name : {"link", "link_to_link", "dangling"}) CHECK(fs::is_symlink(in.path / name));
}

TEST_CASE("replace_file writes to a FIFO and to an open file of the process, and replaces neither") {
  scratch const in;
  auto const fifo = in.path / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  std::string read;
  std::thread reader([&] { read = content(fifo); });
  write(fifo, "through");
  reader.join();
  CHECK(read == "through");
  CHECK(fs::is_fifo(fifo));
  write("/dev/null", "nowhere");
  CHECK(fs::is_character_file("/dev/null"));

  auto const file = in.path / "file";
  write(file, "before ");
  int const opened = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  write("/dev/fd/" + std::to_string(opened), "after");
  ::close(opened);
  CHECK(content(file) == "before after");
}

TEST_CASE("replace_file refuses a folder and a read-only file before it writes, and says why") {
  scratch const in;
  auto const file = in.path / "file";
  write(file, "first");
  fs::permissions(file, fs::perms::owner_read);
  bool called = false;
  auto const attempt = [&](fs::path const& at) { fovea::replace_file(at, [&](std::ostream&) { called = true; }); };
  CHECK_THROWS_WITH(attempt(file), file.string() + ": cannot write: Permission denied");
  CHECK_THROWS_WITH(attempt(in.path), in.path.string() + ": cannot write: Is a directory");
  CHECK_THROWS_AS(fovea::require_replaceable(file), fovea::io_error);
  CHECK_THROWS_AS(fovea::require_replaceable(in.path), fovea::io_error);
  CHECK_THROWS_AS(fovea::require_replaceable(in.path / "none" / "file"), fovea::io_error);
  CHECK_NOTHROW(fovea::require_replaceable(in.path / "new"));
  CHECK_FALSE(called);
  CHECK(content(file) == "first");
  CHECK(std::distance(fs::directory_iterator(in.path), {}) == 1);
}

TEST_CASE("a process that is killed while it writes leaves the old file, and nothing beside it") {
  scratch const here;
  auto const file = here.path / "a.txt";
  write(file, "old");
  // Some file systems, such as NFS, have no files without a name.
  int const probe = ::open(here.path.c_str(), O_TMPFILE | O_WRONLY, 0600);
  if (probe < 0) return;
  ::close(probe);
  auto const child = ::fork();
  if (child == 0)
    fovea::replace_file(file, [](std::ostream& out) {
      out << "new" << std::flush;
      ::raise(SIGKILL);
    });
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(content(file) == "old");
  CHECK(std::distance(std::filesystem::directory_iterator(here.path), {}) == 1);
}

TEST_CASE("replace_file removes what a killed process has left, and nothing that one still writes") {
  scratch const in;
  auto const named = [&] { return fovea::detail::temporary_file({in.path / "file", {}}, true); };
  auto const files = [&] { return std::distance(fs::directory_iterator(in.path), {}); };
  {
    auto const writing = named();
    CHECK(writing.error == 0);
    CHECK(files() == 1);
    write(in.path / "other", "text");
    CHECK(files() == 2);
    CHECK(fs::exists(writing.place()));
  }
  CHECK(files() == 1);
  auto const child = ::fork();
  if (child == 0) {
    auto const left = named();
    ::raise(SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(files() == 2);
  auto file = named();
  CHECK(files() == 2);
  file.stream << "new";
  file.stream.close();
  write(in.path / ".fovea-mine.txt", "no temporary file");
  CHECK(file.rename(in.path / "other") == 0);
  CHECK(content(in.path / "other") == "new");
  fovea::require_replaceable(in.path / "other");
  CHECK(files() == 2);
}

TEST_CASE("a signal to any thread leaves the old file or the new one, and nothing beside it") {
  scratch const in;
  auto const file = in.path / "file";
  for (int const number : {SIGINT, SIGTERM, SIGHUP, SIGTERM, SIGINT}) {
    write(file, "old");
    auto const child = ::fork();
    if (child == 0) {
      ::signal(number, SIG_DFL);
#if defined(__linux__)
      cpu_set_t core;
      CPU_ZERO(&core);
      CPU_SET(static_cast<unsigned>(::sched_getcpu()), &core);
      ::sched_setaffinity(0, sizeof core, &core);
#endif
      // Ends the process as soon as the new file has a name. On Linux, this thread runs as soon as that is so: on the writer's
      // core, where the writer yields to every other thread.
      std::thread([&] {
#if defined(__linux__)
        int const events = ::inotify_init1(IN_CLOEXEC);
        ::inotify_add_watch(events, in.path.c_str(), IN_CREATE);
        char seen[4096];
        if (::read(events, seen, sizeof seen) > 0) ::kill(::getpid(), number);
#endif
        for (;;)
          for (auto const& one : fs::directory_iterator(in.path))
            if (one.path() != file) ::kill(::getpid(), number);
      }).detach();
#if defined(__linux__)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      sched_param const none{};
      ::sched_setscheduler(0, SCHED_IDLE, &none);
#endif
      for (;;) write(file, "new");
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == number);
    CHECK((content(file) == "old" || content(file) == "new"));
    CHECK(std::distance(fs::directory_iterator(in.path), {}) == 1);
  }
}

namespace {
volatile std::sig_atomic_t handled = 0;
}

TEST_CASE("signals that are deferred reach their handlers afterwards, and ignored ones none") {
  auto* const before = ::signal(SIGUSR1, [](int) { handled = handled + 1; });
  auto* const ignored = ::signal(SIGUSR2, SIG_IGN);
  for (int round = 1; round != 3; ++round) {
    {
      fovea::detail::deferred_signals const now;
      std::thread([] { ::raise(SIGUSR1), ::kill(::getpid(), SIGUSR1), ::kill(::getpid(), SIGUSR2); }).join();
      CHECK(handled == round - 1);
    }
    CHECK(handled == round);
  }
  ::raise(SIGUSR1);
  CHECK(handled == 3);
  CHECK(::signal(SIGUSR2, ignored) == SIG_IGN);
  ::signal(SIGUSR1, before);
}

#if __has_include(<sys/stat.h>)
TEST_CASE("replace_file overwrites a file that can be written, though not replaced") {
  auto const folder =
      std::filesystem::temp_directory_path() / ("fovea_test_sticky_" + std::to_string(std::random_device{}()));
  std::filesystem::create_directories(folder);
  auto const file = folder / "shared";
  std::ofstream(file) << "first, and longer";
  bool const is_root = ::geteuid() == 0;
  REQUIRE(::chmod(file.c_str(), 0666) == 0);
  REQUIRE(::chmod(folder.c_str(), 01777) == 0);
  if (is_root) REQUIRE(::seteuid(65534) == 0);  // another user than the file's: only its owner may replace it
  CHECK_NOTHROW(fovea::require_replaceable(file));
  for (std::string const text : {"second", ""}) {
    CHECK_NOTHROW(fovea::replace_file(file, [&](std::ostream& out) { out << text; }));
    CHECK(content(file) == text);
  }
  CHECK(std::distance(std::filesystem::directory_iterator(folder), {}) == 1);
  if (is_root) REQUIRE(::seteuid(0) == 0);
  std::filesystem::remove_all(folder);
}
#endif

TEST_CASE("replace_file takes names up to the system's limit") {
  scratch const in;
  auto const file = in.path / std::string(255, 'n');
  write(file, "first");
  write(file, "second");
  CHECK(content(file) == "second");
}
#endif
