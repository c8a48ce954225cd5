// Fuzzes the look into a program that cannot be executed: ELF headers, and the first line of a
// script. Both are the container's.
#include <algorithm>
#include <string>

#include "10-init/exec_failure.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace tincan::fuzz {

void try_input(std::string_view text) {
  std::size_t bytes_read = 0;
  const ReadAt read = [&](std::uint64_t offset, std::size_t length) {
    const auto begin = std::min<std::uint64_t>(offset, text.size());
    std::string bytes{text.substr(static_cast<std::size_t>(begin), length)};
    bytes_read += bytes.size();
    return bytes;
  };
  if (const auto needs = read_elf_needs(read)) {
    require(needs->libraries.size() <= 64, "64 libraries at most");
    require(needs->loader.size() <= 4096, "a loader is a path");
  }
  require(bytes_read <= 1 << 18, "a file cannot make the launcher read and read");
  if (const auto interpreter = script_interpreter(text.substr(0, 256))) {
    require(!interpreter->empty() && interpreter->find_first_of(" \t\n") == std::string::npos,
            "an interpreter is a word");
  }
}

}  // namespace tincan::fuzz
