// Programs of the system that do for an ordinary user what takes privilege: newuidmap(1), for one.
// They come from where the system has them, and nothing of the caller's goes with them: a set-uid
// program has enough to do with what the kernel lets through by itself.
//
//   const std::string program = find_helper("newuidmap");
//   const Answer answer = run_helper({program, "4711", "0", "1000", "1"});
#pragma once

#include <string>
#include <vector>

namespace tincan {

/// Its path: in /usr/bin, /bin, or /run/wrappers/bin, where NixOS keeps what is set-uid. The
/// caller's PATH is not asked, for whoever may set that could plant a program. Empty if there is
/// none.
std::string find_helper(const std::string& name);

/// Where find_helper() looks, for a message.
std::string helper_directories();

struct Answer {
  int status = 0;     ///< its exit status, or 128 + n after signal n
  std::string words;  ///< what it wrote, on whichever descriptor: in one line
};

/// Runs the program `words.front()`, a path, and waits for it. Its descriptors are 0, which is
/// empty, and 1 and 2, which are heard; no other is inherited. Working directory /, umask 022,
/// default signals. `environment`: all that there is, "NAME=VALUE". After 20 seconds SIGALRM ends
/// it.
Answer run_helper(const std::vector<std::string>& words,
                  const std::vector<std::string>& environment = {});

}  // namespace tincan
