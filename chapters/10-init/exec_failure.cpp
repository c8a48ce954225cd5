// Reading just enough of a program to say what it lacks.
#include "10-init/exec_failure.hpp"

#include <ar.h>
#include <elf.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "07-capabilities/capability_table.hpp"
#include "common/lookup.hpp"
#include "common/unique_fd.hpp"

namespace tincan {
namespace {

constexpr std::size_t longest_name = 4096;
constexpr std::size_t most_segments = 128;
constexpr std::size_t longest_table = 64 << 10;
constexpr std::size_t most_libraries = 64;
// What the kernel reads of a script, BINPRM_BUF_SIZE in <linux/binfmts.h>, since Linux 5.1; and how
// many interpreters it takes one after the other.
constexpr std::size_t longest_first_line = 256;
constexpr int most_interpreters = 5;

// The two widths of ELF differ in their types only.
struct Elf32 {
  using Header = Elf32_Ehdr;
  using Segment = Elf32_Phdr;
  using Entry = Elf32_Dyn;
};
struct Elf64 {
  using Header = Elf64_Ehdr;
  using Segment = Elf64_Phdr;
  using Entry = Elf64_Dyn;
};

// The string that begins at `offset` of `table`; empty if it does not end in it.
std::string string_at(std::string_view table, std::uint64_t offset) {
  if (offset >= table.size()) return {};
  const std::string_view rest = table.substr(offset);
  const std::size_t end = rest.find('\0');
  return end == std::string_view::npos ? std::string{} : std::string{rest.substr(0, end)};
}

// As many whole elements as `bytes` holds.
template <typename Element>
std::vector<Element> elements_of(const std::string& bytes) {
  std::vector<Element> elements(bytes.size() / sizeof(Element));
  if (!elements.empty()) {
    std::memcpy(elements.data(), bytes.data(), elements.size() * sizeof(Element));
  }
  return elements;
}

template <typename Elf>
class ElfReader {
 public:
  explicit ElfReader(const ReadAt& read) : read_{read} {}

  std::optional<ElfNeeds> needs() {
    const auto headers = elements_of<typename Elf::Header>(read_(0, sizeof(typename Elf::Header)));
    if (headers.empty() || headers[0].e_phentsize != sizeof(typename Elf::Segment)) return {};
    const std::size_t count = std::min<std::size_t>(headers[0].e_phnum, most_segments);
    segments_ = elements_of<typename Elf::Segment>(
        read_(headers[0].e_phoff, count * sizeof(typename Elf::Segment)));
    ElfNeeds needs;
    needs.machine = headers[0].e_machine;
    needs.whole = segments_.size() == count;
    for (const auto& segment : segments_) {
      if (segment.p_type == PT_INTERP) needs.loader = string_at(contents(segment, longest_name), 0);
      if (segment.p_type == PT_DYNAMIC) needs.libraries = libraries(segment);
    }
    return needs;
  }

 private:
  std::string contents(const typename Elf::Segment& segment, std::size_t most) {
    return read_(segment.p_offset, std::min<std::uint64_t>(segment.p_filesz, most));
  }

  // The dynamic section speaks of addresses; which part of the file gets an address, the PT_LOAD
  // segments say.
  std::optional<std::uint64_t> offset_of(std::uint64_t address) const {
    for (const auto& segment : segments_) {
      if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
      const std::uint64_t distance = address - segment.p_vaddr;
      if (distance < segment.p_filesz) return segment.p_offset + distance;
    }
    return std::nullopt;
  }

  std::vector<std::string> libraries(const typename Elf::Segment& segment) {
    std::vector<std::uint64_t> names;
    std::optional<std::uint64_t> strings;
    for (const auto& entry : elements_of<typename Elf::Entry>(contents(segment, longest_table))) {
      if (entry.d_tag == DT_NULL) break;
      if (entry.d_tag == DT_STRTAB) strings = offset_of(entry.d_un.d_ptr);
      if (entry.d_tag == DT_NEEDED && names.size() < most_libraries)
        names.push_back(entry.d_un.d_val);
    }
    std::vector<std::string> found;
    if (!strings) return found;
    const std::string table = read_(*strings, longest_table);
    for (const std::uint64_t name : names) {
      if (std::string text = string_at(table, name); !text.empty())
        found.push_back(std::move(text));
    }
    return found;
  }

  const ReadAt& read_;
  std::vector<typename Elf::Segment> segments_;
};

// O_NONBLOCK: a FIFO in the file's place must not hold us up. Only a regular file is looked into.
unique_fd open_program(const std::string& path) {
  // guard: opened inside, as the command's user: it leads nowhere that the command could not go
  unique_fd file{open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  struct stat status {};
  if (!file.ok() || fstat(file.get(), &status) == -1 || !S_ISREG(status.st_mode)) return {};
  return file;
}

ReadAt reader_of(borrowed_fd file) {
  return [file](std::uint64_t offset, std::size_t length) {
    std::string bytes(length, '\0');
    const ssize_t count = pread(file.get(), bytes.data(), length, static_cast<off_t>(offset));
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
  };
}

constexpr std::array machines{
    std::pair{EM_386, "i386"},        std::pair{EM_X86_64, "x86_64"}, std::pair{EM_ARM, "arm"},
    std::pair{EM_AARCH64, "aarch64"}, std::pair{EM_RISCV, "riscv"},
};

#if defined(__x86_64__)
constexpr unsigned own_machine = EM_X86_64;
#else
constexpr unsigned own_machine = EM_AARCH64;
#endif

std::string name_of_machine(unsigned number) {
  for (const auto& [known, name] : machines) {
    if (number == static_cast<unsigned>(known)) return name;
  }
  return "machine " + std::to_string(number);
}

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// `why`: why its loader is not to be had.
std::string with_libraries(const ElfNeeds& needs, const std::string& why) {
  std::string text = "it needs the loader " + needs.loader + ", which " + why;
  if (!needs.libraries.empty()) text += "; and then the libraries " + list(needs.libraries);
  return text +
         ". Show the host's inside (-a /lib:/lib:ro -a /lib64:/lib64:ro -a /usr:/usr:ro), put them "
         "into the root, or take a static program";
}

// Something that keeps a file from being executed, and what the kernel says then: it explains a
// failure only if that is what the kernel has said. 0: nothing was found.
struct Obstacle {
  int number = 0;
  std::string what = {};
};

// Why there is no file at the end of `path`; `number`: what stat(2) said.
Obstacle nothing_there(const std::string& path, int number) {
  const std::string fault = lookup_fault(path, number);
  if (!fault.empty()) return {number, fault};
  return number == ENOENT ? Obstacle{number, "is not in the container"} : Obstacle{};
}

// What stands before a look into `path`, as a sentence without its subject.
Obstacle barrier(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) == -1) return nothing_there(path, errno);
  if (S_ISDIR(status.st_mode)) return {EACCES, "is a directory"};
  if (!S_ISREG(status.st_mode)) return {EACCES, "is no regular file"};
  struct statvfs mount {};
  if (statvfs(path.c_str(), &mount) == 0 && (mount.f_flag & ST_NOEXEC) != 0) {
    return {EACCES, "lies on a mount from which nothing is executed (noexec)"};
  }
  if (access(path.c_str(), X_OK) == 0 || errno != EACCES) return {};
  constexpr mode_t anybody = S_IXUSR | S_IXGRP | S_IXOTH;
  if ((status.st_mode & anybody) == 0) return {EACCES, "is not executable: chmod +x"};
  return {EACCES, "may not be executed by this user"};
}

Obstacle fault_in_file(const std::string& path, int rounds);

// An interpreter may be a script itself; five deep the kernel gives up, execve(2), but the last one
// has to be there before.
Obstacle fault_in_script(std::string_view beginning, int rounds) {
  const auto interpreter = script_interpreter(beginning);
  if (!interpreter && beginning.size() == longest_first_line &&
      beginning.find('\n') == std::string_view::npos) {
    return {ENOEXEC, "its first line has more than 255 bytes, and the kernel reads no more"};
  }
  if (!interpreter) return {ENOEXEC, "its first line names no interpreter behind '#!'"};
  const std::string asks = "its first line asks for " + *interpreter + ", which ";
  Obstacle before = barrier(*interpreter);
  if (before.number == ENOENT && !interpreter->starts_with('/')) {
    return {ENOENT, asks +
                        "is no absolute path: PATH is not searched for it, and from the working "
                        "directory it leads nowhere"};
  }
  if (before.number != 0) {
    const bool carriage_return = interpreter->ends_with('\r');
    return {before.number,
            asks + before.what +
                (carriage_return ? ": the line ends in a carriage return, as on Windows" : "")};
  }
  if (rounds == 0) return {ELOOP, "it asks for a script that asks for a script, too many deep"};
  const Obstacle deeper = fault_in_file(*interpreter, rounds - 1);
  return {deeper.number, asks + "is there, but " + deeper.what};
}

// What an ELF file is if it is no program, elf(5), as a sentence without its subject. These fields
// are at the same place in both widths.
std::string other_than_program(std::string_view beginning) {
  if (beginning.size() < offsetof(Elf64_Ehdr, e_machine)) return {};
  if (beginning[EI_DATA] == ELFDATA2MSB) {
    return "is for another kind of machine, which writes its numbers the other way round "
           "(big-endian)";
  }
  Elf64_Half type = ET_NONE;
  std::memcpy(&type, &beginning[offsetof(Elf64_Ehdr, e_type)], sizeof type);
  switch (type) {
    case ET_EXEC:
    case ET_DYN:
      return {};
    case ET_REL:
      return "is an object file, which has to be linked to become a program";
    case ET_CORE:
      return "is a core dump: the memory of a process, and no program";
    default:
      return "is no program, by the type in its ELF header: " + std::to_string(type);
  }
}

Obstacle fault_in_loader(const ElfNeeds& program) {
  const std::string needs = "it needs the loader " + program.loader + ", which ";
  const Obstacle before = barrier(program.loader);
  if (before.number == ENOENT) return {ENOENT, with_libraries(program, before.what)};
  if (before.number != 0) return {before.number, needs + before.what};
  const unique_fd file = open_program(program.loader);
  if (!file.ok()) return {};
  const ReadAt read = reader_of(file);
  const std::string beginning = read(0, sizeof(Elf64_Ehdr));
  if (beginning.size() < sizeof(Elf64_Ehdr)) return {EIO, needs + "is empty or cut off"};
  if (!beginning.starts_with(ELFMAG)) return {ELIBBAD, needs + "is no ELF program"};
  if (const std::string other = other_than_program(beginning); !other.empty()) {
    return {ELIBBAD, needs + other};
  }
  const auto loader = read_elf_needs(read);
  if (!loader || loader->machine == program.machine) return {};
  return {ELIBBAD, needs + "is for another kind of machine: " + name_of_machine(loader->machine)};
}

Obstacle fault_in_program(const ReadAt& read) {
  const std::string beginning = read(0, sizeof(Elf64_Ehdr));
  if (const std::string other = other_than_program(beginning); !other.empty()) {
    return {ENOEXEC, "it " + other};
  }
  const auto needs = read_elf_needs(read);
  if (!needs && beginning.size() == sizeof(Elf64_Ehdr)) {
    return {ENOEXEC, "its ELF header is none that this kind of machine knows"};
  }
  if (needs && needs->machine != own_machine) {
    return {ENOEXEC,
            "it is a program for another kind of machine: " + name_of_machine(needs->machine)};
  }
  if (!needs || !needs->whole) return {ENOEXEC, "it is cut off: it ends before its headers do"};
  return needs->loader.empty() ? Obstacle{} : fault_in_loader(*needs);
}

// What in the file `path` keeps it from being executed, as a sentence.
Obstacle fault_in_file(const std::string& path, int rounds) {
  const unique_fd file = open_program(path);
  if (!file.ok()) return {};
  const ReadAt read = reader_of(file);
  const std::string beginning = read(0, longest_first_line);
  if (beginning.starts_with("#!")) return fault_in_script(beginning, rounds);
  if (beginning.starts_with(ELFMAG)) return fault_in_program(read);
  return {ENOEXEC, unknown_format(beginning)};
}

// Capabilities that the file demands and the bounding set lacks: capabilities(7), "Safety checking
// for capability-dumb binaries". Neither no_new_privs nor being root changes that.
std::uint64_t capabilities_out_of_reach(const std::string& path) {
  vfs_ns_cap_data file{};
  const ssize_t size = getxattr(path.c_str(), "security.capability", &file, sizeof file);
  if (size < static_cast<ssize_t>(XATTR_CAPS_SZ_2)) return 0;
  if ((file.magic_etc & VFS_CAP_FLAGS_EFFECTIVE) == 0) return 0;
  const std::uint64_t demanded = file.data[0].permitted | std::uint64_t{file.data[1].permitted}
                                                              << 32;
  std::uint64_t bounding = 0;
  for (int number = 0; number < 64; ++number) {
    if (prctl(PR_CAPBSET_READ, number) == 1) bounding |= capability_bit(number);
  }
  return demanded & ~bounding;
}

}  // namespace

std::string unknown_format(std::string_view beginning) {
  if (beginning.empty()) return "it is empty";
  if (beginning.starts_with("\xef\xbb\xbf#!")) {
    return "a byte order mark (the bytes EF BB BF) stands before its '#!', which must come first: "
           "save it as UTF-8 without one";
  }
  if (beginning.starts_with("\xff\xfe") || beginning.starts_with("\xfe\xff")) {
    return "it begins with a byte order mark of UTF-16: save it as UTF-8 without one";
  }
  if (beginning.starts_with(ARMAG)) {
    return "it is an archive of object files, a library that is linked into programs";
  }
  const std::size_t first = beginning.find_first_not_of(" \t\r\n");
  if (first != 0 && first != std::string_view::npos && beginning.substr(first).starts_with("#!")) {
    return "blanks or empty lines stand before its '#!', which must come first";
  }
  return "it is neither an ELF program nor a script, which needs a first line "
         "'#!/path/of/interpreter'";
}

std::optional<ElfNeeds> read_elf_needs(const ReadAt& read) {
  const std::string ident = read(0, EI_NIDENT);
  if (ident.size() < EI_NIDENT || !ident.starts_with(ELFMAG)) return std::nullopt;
  if (ident[EI_DATA] != ELFDATA2LSB) return std::nullopt;
  if (ident[EI_CLASS] == ELFCLASS32) return ElfReader<Elf32>{read}.needs();
  if (ident[EI_CLASS] == ELFCLASS64) return ElfReader<Elf64>{read}.needs();
  return std::nullopt;
}

std::optional<std::string> script_interpreter(std::string_view beginning) {
  if (!beginning.starts_with("#!")) return std::nullopt;
  beginning = beginning.substr(0, longest_first_line);
  const std::size_t newline = beginning.find('\n');
  std::string_view line = beginning.substr(2, newline - 2);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const std::size_t end = line.find_first_of(std::string_view{" \t\0", 3});
  const bool cut = beginning.size() == longest_first_line && newline == end;  // both: not found
  line = line.substr(0, end);
  if (line.empty() || cut) return std::nullopt;
  return std::string{line};
}

std::string explain_exec_failure(int number, const std::string& path) {
  if (number == EPERM) {
    const std::uint64_t lacking = capabilities_out_of_reach(path);
    if (lacking == 0) return {};
    return "the file demands capabilities that the container may not have: " +
           capability_names(lacking) + "; --cap-add gives them, setcap -r takes them off the file";
  }
  const Obstacle before = barrier(path);
  if (before.number != 0) return before.number == number ? "it " + before.what : std::string{};
  const Obstacle fault = fault_in_file(path, most_interpreters);
  return fault.number == number ? fault.what : std::string{};
}

}  // namespace tincan
