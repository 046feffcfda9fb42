// SPDX-License-Identifier: MIT
#pragma once

#if __has_include(<unistd.h>)
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#include <atomic>
#include <cstddef>
#include <iterator>
#include <mutex>

namespace fovea::detail {

inline constexpr int deferred_numbers[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGPIPE, SIGALRM,
                                           SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU, SIGVTALRM};
inline constexpr std::size_t deferred_count = std::size(deferred_numbers);
inline std::atomic<bool> signals_arrived[deferred_count]{};
inline std::atomic<bool> signals_wait{false};
inline std::mutex signals_mutex;

inline void note_signal(int number) {
  for (std::size_t i = 0; i != deferred_count; ++i)
    if (deferred_numbers[i] == number) {
      signals_arrived[i] = true;
      // The thread that restored the handlers may have looked before this one noted the signal.
      if (!signals_wait && signals_arrived[i].exchange(false)) ::kill(::getpid(), number);
    }
}

/// While it exists, no signal that a program can catch ends the process or calls a handler, whichever thread the signal reaches; a mask
/// would hold back those of one thread alone. Afterwards the process receives what arrived. Ignored signals stay ignored. For two or
/// three system calls: a second object waits for the first one's end, and so does a fork.
class deferred_signals {
 public:
  deferred_signals() {
    [[maybe_unused]] static int const forks_wait =
        ::pthread_atfork([] { signals_mutex.lock(); }, [] { signals_mutex.unlock(); }, [] { signals_mutex.unlock(); });
    signals_mutex.lock();
    signals_wait = true;
    struct sigaction note {};
    note.sa_handler = &note_signal;
    note.sa_flags = SA_RESTART;
    ::sigfillset(&note.sa_mask);
    for (std::size_t i = 0; i != deferred_count; ++i)
      if (::sigaction(deferred_numbers[i], nullptr, &before_[i]) == 0 && !ignored(i))
        ::sigaction(deferred_numbers[i], &note, nullptr);
  }
  deferred_signals(deferred_signals const&) = delete;
  ~deferred_signals() {
    for (std::size_t i = 0; i != deferred_count; ++i)
      if (!ignored(i)) ::sigaction(deferred_numbers[i], &before_[i], nullptr);
    signals_wait = false;
    signals_mutex.unlock();
    for (std::size_t i = 0; i != deferred_count; ++i)
      if (signals_arrived[i].exchange(false)) ::kill(::getpid(), deferred_numbers[i]);
  }

 private:
  bool ignored(std::size_t i) const {
    return (before_[i].sa_flags & SA_SIGINFO) == 0 && before_[i].sa_handler == SIG_IGN;
  }
  struct sigaction before_[deferred_count];
};

}  // namespace fovea::detail
#endif
