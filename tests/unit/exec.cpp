// Unit tests of the look-up of a command, held against execvp(3) and what POSIX says of PATH; and
// of what is said of a file that does not run. Each row is tried in a child, as an ordinary user.
#include <elf.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "03-process/exec.hpp"
#include "10-init/exec_failure.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/lookup.hpp"
#include "common/unique_fd.hpp"
#include "tests/unit/refused.hpp"

namespace tincan {
namespace {

constexpr int ran = 42;  // what the command in ok/ returns
constexpr uid_t nobody = 65534;

// The end of a child: its status, and what it has written.
struct End {
  int status;
  std::string said;
};

// `body` in a child that has given up root first; it writes to the descriptor and returns a status.
End as_nobody(const std::function<int(int)>& body) {
  std::array<int, 2> ends{};
  check(pipe(ends.data()), "pipe");
  const unique_fd reader{ends[0]};
  unique_fd writer{ends[1]};
  const pid_t child = check(fork(), "fork");
  if (child == 0) {
    if (geteuid() == 0) check(setuid(nobody), "setuid");
    _exit(body(writer.get()));
  }
  writer.reset();
  const std::string said = read_all(reader, "pipe");
  int status = 0;
  check(waitpid(child, &status, 0), "waitpid");
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, said};
}

// What becomes of a process that tries to become `command`: the status, and the errno value's name.
End try_to_become(const Command& command) {
  return as_nobody([&](int fd) {
    try {
      execute(command);
    } catch (const Error& error) {
      const std::string name = error.number() == 0 ? "" : errno_name(error.number());
      return write(fd, name.data(), name.size()) < 0 ? 1 : error.status();
    }
  });
}

std::string name_of(int number) {
  return number == 0 ? "" : errno_name(number);
}

class LookUp : public testing::Test {
 protected:
  LookUp() {
    std::string pattern = testing::TempDir() + "look-up-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    chmod(directory_.c_str(), 0755);
    std::filesystem::current_path(directory_);
    put("ok/cmd", "#!/bin/sh\nexit 42\n", 0755);
    put("plain/cmd", "#!/bin/sh\nexit 42\n", 0644);
    put("text/cmd", "exit 42\n", 0755);
    put("broken/cmd", "#!/no/such/interpreter\n", 0755);
    put("closed/cmd", "#!/bin/sh\nexit 42\n", 0755);
    put("file", "", 0755);
    std::filesystem::create_directories("directory/cmd");
    std::filesystem::create_directories("loop");
    std::filesystem::create_symlink("cmd", "loop/cmd");
    std::filesystem::create_symlink("round", "round");
    std::filesystem::create_directories("empty");
    chmod("closed", 0);
  }
  ~LookUp() override {
    std::filesystem::current_path(before_);
    chmod((directory_ + "/closed").c_str(), 0700);
    std::filesystem::remove_all(directory_);
  }

  static void put(const std::filesystem::path& path, const std::string& text, mode_t mode) {
    std::filesystem::create_directories(path.parent_path().empty() ? "." : path.parent_path());
    std::ofstream{path} << text;
    chmod(path.c_str(), mode);
  }

 private:
  std::filesystem::path before_ = std::filesystem::current_path();
  std::string directory_;
};

struct Row {
  std::string path;
  int status;
  int number = 0;
};

void expect_end(const Command& command, const Row& row) {
  const End end = try_to_become(command);
  EXPECT_EQ(end.status, row.status) << row.path;
  EXPECT_EQ(end.said, name_of(row.number)) << row.path;
}

void expect(const std::vector<Row>& table, const std::string& name) {
  for (const Row& row : table) {
    expect_end({.words = {name}, .environment = {"A=b", "PATH=" + row.path}}, row);
  }
}

TEST_F(LookUp, GoesOnPastWhatDoesNotRun) {
  const std::string long_one(5000, 'x');
  for (const std::string before : {"empty", "absent", "plain", "directory", "closed", "broken",
                                   "file", "loop", "round", "plain:closed:directory"}) {
    expect({{before + ":ok", ran}, {"empty:" + before + ":ok:plain", ran}}, "cmd");
  }
  expect({{long_one + ":ok", ran}, {"ok:text", ran}}, "cmd");
}

TEST_F(LookUp, StopsAtAFileWithoutAFormat) {
  expect({{"text:ok", 126, ENOEXEC}, {"empty:plain:text", 126, ENOEXEC}}, "cmd");
}

TEST_F(LookUp, ReportsAtTheEnd) {
  expect({{"plain", 126, EACCES},
          {"empty:plain:absent", 126, EACCES},
          {"directory:empty", 126, EACCES},
          {"absent:closed:empty", 126, EACCES},
          {"empty:broken", 126, ENOENT},
          {"absent", 127, ENOENT},
          {"absent:file:round:loop", 127, ENOENT},
          {"file", 127, ENOTDIR},
          {"round", 127, ELOOP},
          {"loop", 127, ELOOP}},
         "cmd");
}

TEST_F(LookUp, AnEmptyPartOfPathIsTheWorkingDirectory) {
  expect({{"", 127, ENOENT}}, "cmd");
  std::filesystem::current_path("ok");
  for (const std::string path : {"", ":", ":/absent", "/absent:", "/absent::/nowhere"}) {
    expect({{path, ran}}, "cmd");
  }
  expect({{"/absent:/nowhere", 127, ENOENT}}, "cmd");
}

TEST_F(LookUp, WithoutAPathThereIsADefault) {
  EXPECT_EQ(try_to_become({.words = {"sh", "-c", "exit 42"}, .environment = {}}).status, ran);
  EXPECT_EQ(try_to_become({.words = {"cmd"}, .environment = {"XPATH=ok"}}).status, 127);
}

TEST_F(LookUp, ANameWithASlashIsAPath) {
  const std::vector<Row> table{{"ok/cmd", ran},
                               {"./ok/cmd", ran},
                               {"plain/cmd", 126, EACCES},
                               {"directory/cmd", 126, EACCES},
                               {"closed/cmd", 126, EACCES},
                               {"broken/cmd", 126, ENOENT},
                               {"empty/cmd", 127, ENOENT},
                               {"file/cmd", 127, ENOTDIR},
                               {"loop/cmd", 126, ELOOP},
                               {"./" + std::string(300, 'x'), 126, ENAMETOOLONG}};
  for (const Row& row : table) {
    expect_end({.words = {row.path}, .environment = {"PATH=ok"}}, row);
  }
}

TEST_F(LookUp, NamesThatNoFileCanHave) {
  expect({{"ok", 127, ENOENT}}, "");
  expect({{"ok:empty", 127, ENAMETOOLONG}}, std::string(300, 'x'));
}

// What is said of a file is said only if it is so: each row makes a file, lets the kernel refuse
// it, and holds the sentence against both.
struct Refused {
  std::string text;
  mode_t mode;
  int number;
  std::string sentence;  // the beginning; "" is no sentence at all
};

class Explained : public LookUp {
 protected:
  // What execve(2) says of `path`, and what we say then.
  static void hold(const std::string& path, int number, const std::string& sentence) {
    const Command command{.words = {path}, .environment = {}};
    EXPECT_EQ(try_to_become(command).said, name_of(number)) << path;
    const End end = as_nobody([&](int fd) {
      const std::string said = explain_exec_failure(number, path);
      return write(fd, said.data(), said.size()) < 0 ? 1 : 0;
    });
    EXPECT_EQ(end.said.substr(0, sentence.size()), sentence) << path << " is said: " << end.said;
    EXPECT_EQ(end.said.empty(), sentence.empty()) << path;
  }

  static std::string here(const std::string& name) {
    return std::filesystem::current_path() / name;
  }
};

TEST_F(Explained, ScriptsAndTheirInterpreters) {
  const std::vector<Refused> table{
      {"#!/no/such\n", 0755, ENOENT, "its first line asks for /no/such, which is not in the"},
      {"#!no-such\n", 0755, ENOENT, "its first line asks for no-such, which is no absolute path"},
      {"#!/bin/sh\r\n", 0755, ENOENT, "its first line asks for /bin/sh\r, which is not in"},
      {"#!" + here("directory") + "\n", 0755, EACCES,
       "its first line asks for " + here("directory") + ", which is a directory"},
      {"#!" + here("plain/cmd") + "\n", 0755, EACCES,
       "its first line asks for " + here("plain/cmd") + ", which is not executable"},
      {"#!" + here("closed/cmd") + "\n", 0755, EACCES,
       "its first line asks for " + here("closed/cmd") + ", which lies behind '" + here("closed") +
           "', a directory that this user may not search"},
      {"#!" + here("loop/cmd") + "\n", 0755, ELOOP,
       "its first line asks for " + here("loop/cmd") + ", which is a symlink that leads to itself"},
      {"#!" + here("broken/cmd") + "\n", 0755, ENOENT,
       "its first line asks for " + here("broken/cmd") +
           ", which is there, but its first line asks for /no/such/interpreter"},
      {"#!" + here("text/cmd") + "\n", 0755, ENOEXEC,
       "its first line asks for " + here("text/cmd") + ", which is there, but it is neither"},
      {"#!" + here("script") + "\n", 0755, ELOOP, "its first line asks for"},
      {"#!/bin/sh\nexit 0\n", 0644, EACCES, "it is not executable"},
      {"#!\n", 0755, ENOEXEC, "its first line names no interpreter"},
      {"#! \t\n", 0755, ENOEXEC, "its first line names no interpreter"},
      {"#!/" + std::string(252, 'x') + "\n", 0755, ENOENT, "its first line asks for /xxx"},
      {"#!/" + std::string(253, 'x') + "\n", 0755, ENOEXEC, "its first line has more than 255"},
      {"#!/no/such " + std::string(300, 'x') + "\n", 0755, ENOENT, "its first line asks for /no"},
  };
  for (const Refused& row : table) {
    put("script", row.text, row.mode);
    hold(here("script"), row.number, row.sentence);
  }
}

// fs/exec.c: six files one after the other, and the interpreter that the sixth names is opened.
TEST_F(Explained, SixScriptsAreReadOneAfterTheOther) {
  for (const auto& [last, number] : {std::pair{"/no/such", ENOENT}, std::pair{"/bin/sh", ELOOP}}) {
    std::string interpreter = last;
    for (const char* const name : {"deep6", "deep5", "deep4", "deep3", "deep2", "deep1"}) {
      put(name, "#!" + interpreter + "\n", 0755);
      interpreter = here(name);
    }
    hold(here("deep1"), number, "its first line asks for " + here("deep2") + ", which is there");
  }
}

TEST_F(Explained, FilesOfNoFormat) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"", "it is empty"},
      {"exit 42\n", "it is neither an ELF program nor a script"},
      {"\xef\xbb\xbf#!/bin/sh\n", "a byte order mark (the bytes EF BB BF) stands before its '#!'"},
      {"\xef\xbb\xbf"
       "echo\n",
       "it is neither"},
      {"\xff\xfe#\0", "it begins with a byte order mark of UTF-16"},
      {"\n#!/bin/sh\n", "blanks or empty lines stand before its '#!'"},
      {"  #!/bin/sh\n", "blanks or empty lines stand before its '#!'"},
      {"# !/bin/sh\n", "it is neither"},
      {"\necho\n", "it is neither"},
      {" \t\r\n", "it is neither"},
      {"!<arch>\n", "it is an archive of object files"},
  };
  for (const auto& [text, sentence] : table) {
    put("script", text, 0755);
    hold(here("script"), ENOEXEC, sentence);
  }
}

TEST_F(Explained, WhatIsNoFile) {
  hold(here("directory"), EACCES, "it is a directory");
  if (geteuid() == 0) {
    put("mine", "#!/bin/sh\n", 0700);
    hold(here("mine"), EACCES, "it may not be executed by this user");
  }
  hold(here("closed/cmd"), EACCES, "it lies behind '" + here("closed") + "', a directory that");
  check(mkfifo("pipe", 0755), "mkfifo");
  hold(here("pipe"), EACCES, "it is no regular file");
}

// Names that lead nowhere: what the kernel says of stat(2), and where the look-up stopped. The same
// of the interpreter of a script, and of what has no file in its place.
TEST_F(Explained, NamesThatLeadNowhere) {
  using std::filesystem::create_symlink;
  create_symlink("/no/such", "gone");
  create_symlink("no", "near");
  create_symlink("gone", "chain");
  create_symlink("closed/cmd", "hidden");
  create_symlink("file/cmd", "through");
  create_symlink("loop/cmd", "to-loop");
  const std::vector<std::tuple<std::string, int, std::string>> table{
      {"gone", ENOENT, "is a symlink to '/no/such', which is not there"},
      {"near", ENOENT, "is a symlink to 'no', which is not there"},
      {"chain", ENOENT, "is a symlink to 'gone', which is a symlink to '/no/such', which is not"},
      {"gone/cmd", ENOENT, "lies behind '@gone', a symlink to '/no/such', which is not there"},
      {"hidden", EACCES, "is a symlink to 'closed/cmd', which lies behind '@closed', a directory"},
      {"file/cmd", ENOTDIR, "goes on behind '@file', which is a file, not a directory"},
      {"file/", ENOTDIR, "goes on behind '@file', which is a file, not a directory"},
      {"through", ENOTDIR, "is a symlink to 'file/cmd', which goes on behind '@file', which is a"},
      {"through/x", ENOTDIR, "lies behind '@through', a symlink to 'file/cmd', which goes on"},
      {"loop/cmd", ELOOP, "is a symlink that leads to itself"},
      {"loop/cmd/x", ELOOP, "lies behind '@loop/cmd', a symlink that leads to itself"},
      {"to-loop", ELOOP, "is a symlink that leads to itself or through too many"},
      {"empty/cmd", ENOENT, ""},
      {"empty/x/cmd", ENOENT, ""},
  };
  for (const auto& [name, number, stops] : table) {
    std::string expected = stops;
    for (auto at = expected.find('@'); at != std::string::npos; at = expected.find('@')) {
      expected.replace(at, 1, here(""));
    }
    const End end = as_nobody([&, path = here(name), seen = number](int fd) {
      const std::string said = lookup_fault(path, seen);
      struct stat status {};
      const bool as_seen = stat(path.c_str(), &status) == -1 && errno == seen;
      return write(fd, said.data(), said.size()) < 0 || !as_seen ? 1 : 0;
    });
    EXPECT_EQ(end.status, 0) << name;
    EXPECT_EQ(end.said.substr(0, expected.size()), expected) << name;
    EXPECT_EQ(end.said.empty(), expected.empty()) << name << " is said: " << end.said;
    EXPECT_EQ(lookup_fault(here(name), EIO), "") << name;
    if (expected.empty()) expected = "is not in the container";
    put("script", "#!" + here(name) + "\n", 0755);
    hold(here("script"), number, "its first line asks for " + here(name) + ", which " + expected);
  }
  EXPECT_EQ(lookup_fault(here("ok/cmd"), ENOENT), "");
  EXPECT_EQ(lookup_fault(here("file"), ENOTDIR), "is a file, not a directory");
}

// A program of the host's, changed: at `offset` there stands `bytes`, and it ends after `length`.
std::string changed(std::size_t offset, const std::string& bytes, std::size_t length) {
  std::ifstream file{"/proc/self/exe", std::ios::binary};
  std::string program(length, '\0');
  file.read(program.data(), static_cast<std::streamsize>(length));
  program.replace(offset, bytes.size(), bytes);
  return program;
}

// Where the name of its loader stands in a program, from its headers: what is before it differs.
Elf64_Phdr loader_of(const std::string& elf) {
  Elf64_Ehdr header{};
  std::memcpy(&header, elf.data(), sizeof header);
  Elf64_Phdr part{};
  for (std::size_t i = 0; i < header.e_phnum && part.p_type != PT_INTERP; ++i) {
    std::memcpy(&part, elf.data() + header.e_phoff + i * sizeof part, sizeof part);
  }
  return part;
}

TEST_F(Explained, ProgramsAndTheirLoaders) {
  const std::string elf = changed(0, "", 1 << 16);
  const Elf64_Phdr loader = loader_of(elf);
  ASSERT_EQ(loader.p_type, PT_INTERP) << "this program has no loader";
  const auto with_loader = [&](std::string name) {
    name.resize(loader.p_filesz);
    return std::string{elf}.replace(loader.p_offset, name.size(), name);
  };
  const std::vector<std::tuple<std::string, int, std::string>> table{
      {changed(18, std::string("\xf3\0", 2), 1 << 16), ENOEXEC,
       "it is a program for another kind of machine: riscv"},
      {changed(16, std::string("\1\0", 2), 1 << 16), ENOEXEC, "it is an object file"},
      {changed(16, std::string("\4\0", 2), 1 << 16), ENOEXEC, "it is a core dump"},
      {changed(16, std::string("\0\0", 2), 1 << 16), ENOEXEC, "it is no program, by the type"},
      {changed(5, std::string("\2\x7f", 1), 1 << 16).replace(16, 4, std::string("\0\2\0\x16", 4)),
       ENOEXEC, "it is for another kind of machine, which writes its numbers the other way"},
      {changed(54, std::string("\1\0", 2), 1 << 16), ENOEXEC, "its ELF header is none that"},
      {changed(16, std::string("\1\0", 2), 18), ENOEXEC, "it is an object file"},
      {changed(0, "", 17), ENOEXEC, "it is cut off"},
      {changed(0, "", 30), ENOEXEC, "it is cut off"},
      {changed(0, "", 80), ENOEXEC, "it is cut off"},
      {with_loader("/no"), ENOENT, "it needs the loader /no, which is not in the container"},
      {with_loader("directory"), EACCES, "it needs the loader directory, which is a directory"},
      {with_loader("gone"), ENOENT,
       "it needs the loader gone, which is a symlink to '/no/such', which is not there"},
      {with_loader("object"), ELIBBAD, "it needs the loader object, which is an object file"},
      {with_loader("plain/cmd"), EACCES, "it needs the loader plain/cmd, which is not executable"},
      {with_loader("long/cmd"), ELIBBAD, "it needs the loader long/cmd, which is no ELF program"},
      {with_loader("text/cmd"), EIO, "it needs the loader text/cmd, which is empty or cut off"},
      {with_loader("odd/cmd"), ELIBBAD,
       "it needs the loader odd/cmd, which is for another kind of machine: riscv"},
  };
  std::filesystem::create_symlink("/no/such", "gone");
  put("object", changed(16, std::string("\1\0", 2), 1 << 16).replace(54, 1, 1, '\0'), 0755);
  put("long/cmd", std::string(100, '#'), 0755);
  put("odd/cmd", changed(18, std::string("\xf3\0", 2), 1 << 16), 0755);
  for (const auto& [bytes, number, sentence] : table) {
    put("program", bytes, 0755);
    hold(here("program"), number, sentence);
    put("script", "#!" + here("program") + "\n", 0755);
    hold(here("script"), number,
         "its first line asks for " + here("program") + ", which is there, but " + sentence);
  }
}

// Nothing is said of a loader that cannot be read as one.
TEST_F(Explained, ALoaderWithAnOddHeader) {
  std::string elf = changed(0, "", 1 << 16);
  const Elf64_Phdr loader = loader_of(elf);
  std::string name{"odd-header"};
  name.resize(loader.p_filesz);
  put("odd-header", changed(54, std::string("\1\0", 2), 1 << 16), 0755);
  put("program", elf.replace(loader.p_offset, name.size(), name), 0755);
  hold(here("program"), ELIBBAD, "");
}

TEST_F(Explained, MachinesHaveNames) {
  for (const auto& [number, name] : {std::pair{EM_386, "i386"},
                                     {EM_ARM, "arm"},
                                     {EM_X86_64, "x86_64"},
                                     {EM_AARCH64, "aarch64"},
                                     {EM_RISCV, "riscv"},
                                     {999, "machine 999"}}) {
    std::string elf = changed(0, "", 1 << 16);
    const auto machine = static_cast<Elf64_Half>(number);
    if (std::memcmp(elf.data() + 18, &machine, sizeof machine) == 0) continue;
    std::memcpy(elf.data() + 18, &machine, sizeof machine);
    put("program", elf, 0755);
    hold(here("program"), ENOEXEC,
         "it is a program for another kind of machine: " + std::string{name});
  }
}

// Those in the second half of the 64, too; and only if the program cannot do without.
TEST_F(Explained, CapabilitiesThatAFileDemands) {
  if (geteuid() != 0) GTEST_SKIP() << "giving a file capabilities takes root";
  const std::vector<Rule> none_to_be_had{{"prctl", pretended, {{0, ~0U, PR_CAPBSET_READ}}}};
  const auto said = [&](std::uint32_t flags, const std::vector<Rule>& rules) {
    vfs_cap_data data{};
    data.magic_etc = VFS_CAP_REVISION_2 | flags;
    data.data[0].permitted = 1U << CAP_CHOWN;
    data.data[1].permitted = 1U << (CAP_BPF - 32);
    put("program", "#!/bin/sh\n", 0755);
    check(setxattr("program", "security.capability", &data, XATTR_CAPS_SZ_2, 0), "setxattr");
    return under(rules, [] { tell("said: " + explain_exec_failure(EPERM, "program")); });
  };
  EXPECT_EQ(said(VFS_CAP_FLAGS_EFFECTIVE, none_to_be_had)
                .find("said: the file demands capabilities that the container may not have: "
                      "CAP_CHOWN, CAP_BPF; --cap-add"),
            0U);
  EXPECT_EQ(said(0, none_to_be_had), "said: ");
}

// A number that the kernel gives for another reason than the one that can be seen is not explained.
TEST_F(Explained, NothingThatWasNotEstablished) {
  put("script", "#!/no/such\n", 0755);
  for (const int number : {EACCES, ENOEXEC, ELOOP, EPERM, ETXTBSY, E2BIG, ENOMEM, EIO, EAGAIN}) {
    EXPECT_EQ(explain_exec_failure(number, here("script")), "") << errno_name(number);
    EXPECT_EQ(explain_exec_failure(number, "/bin/sh"), "") << errno_name(number);
  }
  EXPECT_EQ(explain_exec_failure(ENOENT, "/bin/sh"), "");
  errno = EACCES;  // of something else
  EXPECT_EQ(explain_exec_failure(EACCES, "/bin/sh"), "");
  EXPECT_EQ(explain_exec_failure(ENOENT, here("directory")), "");
}

// And then the table of hints says what the number can mean.
TEST(ExecHints, EveryNumberThatExecveGives) {
  for (const int number :
       {ENOENT, EACCES, ENOEXEC, ELOOP, E2BIG, ETXTBSY, ELIBBAD, EIO, EAGAIN, EPERM}) {
    const std::string hint = Error{number, "execve", "/x"}.hint();
    EXPECT_FALSE(hint.empty()) << errno_name(number);
    EXPECT_EQ(hint.find("make doctor"), std::string::npos) << errno_name(number);
  }
}

}  // namespace
}  // namespace tincan
