// The outer edge of a program: the one place where exceptions become a message and an exit status.
//
//   int main(int argc, char** argv) {
//     return outer_edge("chapter-03", [&] { ...; return launch.run(); });
//   }
#pragma once

#include <functional>
#include <string_view>

namespace tincan {

/// Starts the log, runs `body`, writes out what it printed and returns its exit status; or, if any
/// of that throws, logs the message and returns the status that the error asks for
/// (exit_status.hpp).
int outer_edge(std::string_view program, const std::function<int()>& body);

}  // namespace tincan
