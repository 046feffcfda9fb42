// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fovea/error.hpp>

extern char** environ;  // POSIX requires the program to declare it

namespace fraud {

struct program_options {
  bool silent = false;  // discards standard output and standard error
};

/// Runs a program found in PATH, without a shell, and waits for it. Throws `fovea::io_error` unless it exits with 0.
inline void run_program(std::vector<std::string> command, program_options options = {}) {
  struct file_actions {
    posix_spawn_file_actions_t of;
    file_actions() { ::posix_spawn_file_actions_init(&of); }
    ~file_actions() { ::posix_spawn_file_actions_destroy(&of); }
  } actions;
  if (options.silent)
    for (int const stream : {STDOUT_FILENO, STDERR_FILENO})
      ::posix_spawn_file_actions_addopen(&actions.of, stream, "/dev/null", O_WRONLY, 0);
  std::vector<char*> arguments;
  for (auto& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  auto const& name = command.front();

  pid_t process = 0;
  if (auto const failed = ::posix_spawnp(&process, name.c_str(), &actions.of, nullptr, arguments.data(), environ))
    throw fovea::io_error("cannot run the program " + name + ": " + std::generic_category().message(failed));
  int status = 0;
  while (::waitpid(process, &status, 0) < 0)
    if (errno != EINTR) throw fovea::io_error(name + ": " + std::generic_category().message(errno));
  if (WIFSIGNALED(status)) throw fovea::io_error(name + " was ended by signal " + std::to_string(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0)
    throw fovea::io_error(name + " failed with exit code " + std::to_string(WEXITSTATUS(status)) + ": " +
                          command.back());
}

}  // namespace fraud
