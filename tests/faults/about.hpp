// What a system call is about, in one word: its path, its option, its descriptor's file. By that a table
// says which promise the call stands for (promises.tsv).
//
//   about(pid, "prctl", {38, 1}, type);   // "26,1"
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace inject {

/// `arguments`: the six of the call that `pid` is about to make. `file_system`: the type that it asked
/// for last, fsopen(2); what is made in the calls behind it. Without blanks; "-" if there is nothing to say.
std::string about(pid_t pid, const std::string& name, const std::uint64_t* arguments,
                  std::string& file_system);

}  // namespace inject
