// Reading just enough of a program to say what it lacks.
#include "10-init/exec_failure.hpp"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "03-process/exec.hpp"
#include "common/files.hpp"
#include "common/unique_fd.hpp"

namespace tincan {
namespace {

constexpr std::size_t longest_name = 4096;
constexpr std::size_t most_segments = 128;
constexpr std::size_t longest_table = 64 << 10;
constexpr std::size_t most_libraries = 64;

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

std::string lacks(const ElfNeeds& needs) {
  std::string text = "it needs the loader " + needs.loader + ", which is not in the container";
  if (!needs.libraries.empty()) text += "; and then the libraries " + list(needs.libraries);
  return text +
         ". Show the host's inside (-a /lib:/lib:ro -a /lib64:/lib64:ro -a /usr:/usr:ro), put them "
         "into the root, or take a static program";
}

bool is_there(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

std::string file_lacks(const std::string& path, int rounds);

std::string script_lacks(const std::string& interpreter, int rounds) {
  if (!is_there(interpreter)) {
    const bool carriage_return = interpreter.ends_with('\r');
    return "its first line asks for " + interpreter + ", which is not in the container" +
           (carriage_return ? ": the line ends in a carriage return, as on Windows" : "");
  }
  const std::string deeper = file_lacks(interpreter, rounds - 1);
  if (deeper.empty()) return {};
  return "its first line asks for " + interpreter + ", which is there, but " + deeper;
}

// What keeps the file `path` from being executed; empty if nothing can be seen. An interpreter may
// be a script itself: after five `rounds` the kernel gives up, execve(2), and so does this.
std::string file_lacks(const std::string& path, int rounds) {
  const unique_fd file = open_program(path);
  if (!file.ok() || rounds == 0) return {};
  const ReadAt read = reader_of(file);
  if (const auto interpreter = script_interpreter(read(0, 256))) {
    return script_lacks(*interpreter, rounds);
  }
  const auto needs = read_elf_needs(read);
  return needs && !needs->loader.empty() && !is_there(needs->loader) ? lacks(*needs)
                                                                     : std::string{};
}

std::string foreign(const std::string& path) {
  const unique_fd file = open_program(path);
  const auto needs = file.ok() ? read_elf_needs(reader_of(file)) : std::nullopt;
  return needs ? "it is a program for another kind of machine: " + name_of_machine(needs->machine)
               : std::string{};
}

}  // namespace

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
  std::string_view line = beginning.substr(2, beginning.find('\n') - 2);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  line = line.substr(0, line.find_first_of(std::string_view{" \t\0", 3}));
  if (line.empty()) return std::nullopt;
  return std::string{line};
}

std::string explain_exec_failure(int number, const std::string& path) {
  std::string found;
  if (number == ENOENT) found = file_lacks(path, 5);
  if (number == ENOEXEC) found = foreign(path);
  return found.empty() ? exec_hint(number, path) : found;
}

}  // namespace tincan
