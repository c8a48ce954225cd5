// "No such file or directory", said of a file that is there: execve(2) means the loader or the
// interpreter that the file asks for. The series' last post stumbles over it: bash was copied into
// the root, and nothing that bash needs. Here the file is read, and the message names what it
// lacks.
//
//   launch.explain_exec_with(explain_exec_failure);
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tincan {

/// Bytes of a file: at most `length` of them from `offset` on, fewer at its end.
using ReadAt = std::function<std::string(std::uint64_t offset, std::size_t length)>;

/// What an ELF program asks of the system, elf(5).
struct ElfNeeds {
  unsigned machine = 0;                ///< EM_*
  bool whole = false;                  ///< false: the file ends before the table of segments does
  std::string loader;                  ///< PT_INTERP; empty: static
  std::vector<std::string> libraries;  ///< DT_NEEDED, as they are named: no paths; 64 at most
};

/// Reads the headers of a little-endian ELF file of 32 or 64 bits. Nothing if it is none, or a
/// broken one. The file is the container's: no number in it is trusted, no more than 128 KiB of it
/// is read.
std::optional<ElfNeeds> read_elf_needs(const ReadAt& read);

/// The interpreter of a script's first line, "#!" and blanks taken away, execve(2) "Interpreter
/// scripts". Nothing if `beginning` is no such line.
std::optional<std::string> script_interpreter(std::string_view beginning);

/// Why a file that begins so has no format that the kernel knows: a byte order mark before "#!",
/// say, which an editor does not show. A sentence.
std::string unknown_format(std::string_view beginning);

/// An ExecHint: why execve(2) failed with `number` on `path`, after a look at the file, its
/// interpreters and its loader. Empty if nothing was seen for which the kernel gives that number.
/// In the container, with the command's own permissions.
std::string explain_exec_failure(int number, const std::string& path);

}  // namespace tincan
