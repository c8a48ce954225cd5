// Reading the arguments of another process, process_vm_readv(2), as a table says.
#include "faults/about.hpp"

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace inject {
namespace {

constexpr std::size_t longest = 120;

// One letter an argument: s a string, f the file of a descriptor, x a number, p whether there is a pointer, q the
// number that it points to, a a mount_attr, t a text of the length that follows; - is left out.
struct Form {
  std::string_view name;
  std::string_view letters;
};
constexpr std::array forms{
    Form{"access", "s"},        Form{"capset", "-"},        Form{"chdir", "s"},
    Form{"clone", "x"},         Form{"clone3", "q"},        Form{"close_range", "--x"},
    Form{"dup2", "-x"},         Form{"dup3", "-x"},         Form{"execve", "s"},
    Form{"fchdir", "f"},        Form{"fchmod", "fx"},       Form{"fchmodat", "-sx"},
    Form{"fchown", "fx"},       Form{"fchownat", "-sx"},    Form{"fcntl", "-x"},
    Form{"fsconfig", "-xss"},   Form{"fsmount", "--x"},     Form{"fsopen", "s"},
    Form{"fstat", "f"},         Form{"ftruncate", "f"},     Form{"ioctl", "-x"},
    Form{"ioprio_set", "--x"},  Form{"keyctl", "x"},        Form{"kill", "-x"},
    Form{"lseek", "f"},         Form{"mkdir", "s"},         Form{"mkdirat", "-s"},
    Form{"mknodat", "-s"},      Form{"mount", "-s-x"},      Form{"mount_setattr", "f--a"},
    Form{"move_mount", "--f"},  Form{"newfstatat", "-s"},   Form{"open_tree", "fs"},
    Form{"openat", "-s"},       Form{"openat2", "-s"},      Form{"personality", "x"},
    Form{"pivot_root", "s"},    Form{"prctl", "xx"},        Form{"prlimit64", "-xp"},
    Form{"read", "f"},          Form{"readlink", "s"},      Form{"readlinkat", "-s"},
    Form{"rmdir", "s"},         Form{"rt_sigaction", "xp"}, Form{"rt_sigprocmask", "x"},
    Form{"seccomp", "x"},       Form{"setgroups", "x"},     Form{"sethostname", "s"},
    Form{"setpriority", "--x"}, Form{"setresgid", "xxx"},   Form{"setresuid", "xxx"},
    Form{"statx", "-s"},        Form{"symlink", "ss"},      Form{"umount2", "sx"},
    Form{"unshare", "x"},       Form{"write", "ft"},
};

std::string hex(std::uint64_t number) {
  std::array<char, 20> text{};
  (void)std::snprintf(text.data(), text.size(), "%llx", static_cast<unsigned long long>(number));
  return text.data();
}

// As far as it can be read: what is behind the string may be no memory any more.
std::string memory_of(pid_t pid, std::uint64_t address, std::size_t length) {
  std::string text(length, '\0');
  const iovec here{text.data(), text.size()};
  const iovec there{reinterpret_cast<void*>(address), text.size()};  // NOLINT: another process's
  const ssize_t count = process_vm_readv(pid, &here, 1, &there, 1, 0);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

std::string string_of(pid_t pid, std::uint64_t address) {
  constexpr std::uint64_t page = 4096;
  const std::size_t to_the_end = page - address % page;
  std::string text = memory_of(pid, address, std::min<std::size_t>(longest, to_the_end));
  return text.substr(0, text.find('\0'));
}

std::string file_of(pid_t pid, std::uint64_t fd) {
  std::array<char, longest> target{};
  const std::string link = "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(fd);
  const ssize_t length = readlink(link.c_str(), target.data(), target.size());
  return {target.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

// linux/mount.h: what is set, what is cleared.
std::string attributes_of(pid_t pid, std::uint64_t address) {
  std::array<std::uint64_t, 2> flags{};
  const std::string bytes = memory_of(pid, address, sizeof flags);
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(flags.data()));
  return "set=" + hex(flags[0]);
}

std::string number_at(pid_t pid, std::uint64_t address) {
  std::uint64_t number = 0;
  const std::string bytes = memory_of(pid, address, sizeof number);
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(&number));
  return hex(number);
}

std::string shown(pid_t pid, char letter, const std::uint64_t* argument) {
  switch (letter) {
    case 's':
      return string_of(pid, *argument);
    case 'f':
      return file_of(pid, *argument);
    case 'x':
      return hex(*argument & 0xffffffff);
    case 'p':
      return *argument == 0 ? "none" : "some";
    case 'q':
      return number_at(pid, *argument);
    case 'a':
      return attributes_of(pid, *argument);
    case 't':
      return memory_of(pid, *argument, std::min<std::size_t>(longest, *(argument + 1)));
    default:
      return {};
  }
}

std::string without_blanks(std::string text) {
  for (char& c : text) {
    if (c <= ' ' || c > '~') c = '_';
  }
  return text.empty() ? "-" : text;
}

}  // namespace

std::string about(pid_t pid, const std::string& name, const std::uint64_t* arguments,
                  std::string& file_system) {
  const auto* form =
      std::find_if(forms.begin(), forms.end(), [&](const Form& it) { return it.name == name; });
  if (form == forms.end()) return "-";
  std::string text;
  for (const char letter : form->letters) {
    const std::uint64_t* argument = arguments++;
    if (letter == '-') continue;
    text += (text.empty() ? "" : ",") + shown(pid, letter, argument);
  }
  if (name == "fsopen") file_system = text;
  if (name == "fsconfig" || name == "fsmount") text.insert(0, file_system + ",");
  return without_blanks(text);
}

}  // namespace inject
