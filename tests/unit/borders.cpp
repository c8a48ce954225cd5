// Unit tests of borders: what each option and each parser takes last, and refuses next.
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <ios>
#include <string>
#include <utility>
#include <vector>

#include "02-command-line/run_options.hpp"
#include "03-process/child_process.hpp"
#include "04-namespaces/namespaces.hpp"
#include "05-mounts/mounts.hpp"
#include "06-user-namespace/user_namespace.hpp"
#include "07-capabilities/capabilities.hpp"
#include "08-seccomp/policy_file.hpp"
#include "08-seccomp/print_program.hpp"
#include "08-seccomp/seccomp.hpp"
#include "09-cgroups/limits.hpp"
#include "10-init/environment.hpp"
#include "10-init/exec_failure.hpp"
#include "10-init/stop.hpp"
#include "common/channel.hpp"
#include "common/command_line.hpp"
#include "common/error.hpp"
#include "common/log.hpp"
#include "common/lookup.hpp"
#include "common/mountinfo.hpp"
#include "common/printable.hpp"
#include "common/syscalls.hpp"
#include "common/way_on.hpp"
#include "tests/unit/refused.hpp"

namespace tincan {
namespace {

// --- options ---

struct Asked {
  LimitOptions limits;
  MountOptions mounts;
  StopOptions stop;
};

// The options as they are read from these words; or why not.
Asked asked(const std::vector<const char*>& words) {
  Asked options;
  CommandLine line{"chapter-10", "Test."};
  add_limit_options(line, options.limits);
  add_size_options(line, options.mounts);
  add_stop_options(line, options.stop);
  std::vector<const char*> all{"chapter-10"};
  all.insert(all.end(), words.begin(), words.end());
  line.parse(static_cast<int>(all.size()), all.data());
  return options;
}

TEST(Borders, OfWhatOptionsTake) {
  struct Border {
    const char* option;
    std::vector<const char*> taken, refused;
  };
  const std::vector<Border> table{
      {"--memory",
       {"524288", "512K", "17592186044416", "16384G", "none"},
       {"524287", "511K", "17592186044417", "16385G"}},
      {"--pids", {"1", "4194304", "none"}, {"0", "4194305"}},
      {"--cpu-weight", {"1", "10000", "none"}, {"0", "10001"}},
      {"--io-read",
       {"65536", "64K", "1099511627776", "1024G", "none"},
       {"65535", "63K", "1099511627777", "1025G"}},
      {"--io-write", {"65536", "1099511627776", "none"}, {"65535", "1099511627777"}},
      {"--nofile", {"32", "1048576"}, {"31", "1048577", "none"}},
      {"--fsize", {"1", "17592186044416", "none"}, {"0", "17592186044417"}},
      {"--cpu-time", {"1", "31536000", "none"}, {"0", "31536001"}},
      {"--shm-size", {"4096", "4K", "16384G"}, {"4095", "3K", "16385G", "none"}},
      {"--tmp-size", {"4096", "16384G"}, {"4095", "16385G", "none"}},
      {"--cpus", {"0.01", "none"}, {"0.009", "0", "1000000"}},
      {"--stop-timeout", {"0", "86400"}, {"86401"}},
      {"--timeout", {"1", "31536000"}, {"0", "31536001"}},
  };
  for (const auto& [option, taken, refused] : table) {
    for (const char* value : taken)
      EXPECT_NO_THROW(asked({option, value})) << option << ' ' << value;
    for (const char* value : refused)
      EXPECT_THROW(asked({option, value}), UsageError) << option << ' ' << value;
  }
}

TEST(Borders, EachOptionSetsItsOwnAndNoOther) {
  const Asked all =
      asked({"--memory",   "1M", "--pids",     "2",   "--cpu-weight",   "3",  "--io-read",  "4M",
             "--io-write", "5M", "--nofile",   "60",  "--fsize",        "7",  "--cpu-time", "8",
             "--shm-size", "9K", "--tmp-size", "10K", "--stop-timeout", "11", "--timeout",  "12"});
  EXPECT_EQ(all.limits.memory, 1U << 20);
  EXPECT_EQ(all.limits.pids, 2U);
  EXPECT_EQ(all.limits.cpu_weight, 3U);
  EXPECT_EQ(all.limits.io_read, 4U << 20);
  EXPECT_EQ(all.limits.io_write, 5U << 20);
  EXPECT_EQ(all.limits.nofile, 60U);
  EXPECT_EQ(all.limits.fsize, 7U);
  EXPECT_EQ(all.limits.cpu_time, 8U);
  EXPECT_EQ(all.mounts.shm_size, 9U << 10);
  EXPECT_EQ(all.mounts.tmp_size, 10U << 10);
  EXPECT_TRUE(all.mounts.temporary_tmp);
  EXPECT_EQ(all.stop.seconds, 11);
  EXPECT_EQ(all.stop.limit, 12);
}

TEST(Borders, OfWhatIsThereWithoutAsking) {
  const Asked none = asked({});
  EXPECT_EQ(none.limits.memory, 1U << 30);
  EXPECT_EQ(none.limits.pids, 64U);
  EXPECT_EQ(none.limits.cpu_weight, 25U);
  EXPECT_FALSE(none.limits.cpus || none.limits.io_read || none.limits.io_write ||
               none.limits.nofile || none.limits.fsize || none.limits.cpu_time);
  EXPECT_FALSE(none.limits.none || none.mounts.temporary_tmp || none.stop.limit);
  EXPECT_EQ(none.mounts.shm_size, 64U << 20);
  EXPECT_EQ(none.mounts.tmp_size, 64U << 20);
  EXPECT_EQ(none.stop.seconds, 10);
  for (const char* option :
       {"--memory", "--pids", "--cpus", "--cpu-weight", "--io-read", "--io-write"}) {
    EXPECT_THROW(asked({"--no-limits", option, "none"}), UsageError) << option;
  }
}

std::string refusal_of(const std::vector<const char*>& words) {
  try {
    asked(words);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "taken";
}

// Bytes that are a multiple of a unit are said in the biggest one, and others as they are.
TEST(Borders, AreSaidInWholeUnits) {
  EXPECT_NE(refusal_of({"--memory", "0"}).find("a size from 512K to 16384G"), std::string::npos);
  EXPECT_NE(refusal_of({"--fsize", "0"}).find("a size from 1 to 16384G"), std::string::npos);
  EXPECT_NE(refusal_of({"--io-read", "0"}).find("a size from 64K to 1024G"), std::string::npos);
  const auto said = [](std::uint64_t least) {
    try {
      parse_size("0", "-x", least, 1 << 30);
    } catch (const UsageError& error) {
      return error.hint().substr(0, error.hint().find(" to "));
    }
    return std::string{};
  };
  EXPECT_EQ(said(1023), "'0' is not a size from 1023");
  EXPECT_EQ(said(1024), "'0' is not a size from 1K");
  EXPECT_EQ(said(1025), "'0' is not a size from 1025");
  EXPECT_EQ(said(1U << 20), "'0' is not a size from 1M");
  EXPECT_EQ(said(1536), "'0' is not a size from 1536");
  EXPECT_EQ(said(1U << 30), "'0' is not a size from 1G");
}

TEST(Borders, OfWeightsAreRounded) {
  EXPECT_EQ(weight_of_shares(0), 1U);
  EXPECT_EQ(weight_of_shares(128), 13U);  // 12.5
  EXPECT_EQ(weight_of_shares(1U << 30), 10000U);
  EXPECT_EQ(shares_of_weight(0), 2U);
  EXPECT_EQ(shares_of_weight(3), 31U);  // 30.72
  EXPECT_EQ(shares_of_weight(100000), 262144U);
}

TEST(Borders, AHyphenAloneIsAWord) {
  EXPECT_NE(refusal_of({"-"}).find("argument not expected: -: "), std::string::npos)
      << refusal_of({"-"});
  CommandLine line{"chapter-05", "Test."};
  std::vector<std::string> command;
  line.command(command);
  const std::array words{"chapter-05", "-", "--", "true"};
  try {
    line.parse(words.size(), words.data());
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_NE(error.hint().find("a command goes after --"), std::string::npos) << error.what();
  }
}

// --- options by two ---

// As chapter 10 reads them.
std::string together(const std::vector<const char*>& words) {
  Asked options;
  RunOptions run;
  NamespaceOptions namespaces{.own = six_namespaces | CLONE_NEWUSER};
  UserNamespaceOptions users;
  CapabilityOptions capabilities;
  SeccompOptions seccomp;
  CommandLine line{"chapter-10", "Test."};
  add_command_options(line, run);
  add_namespace_options(line, namespaces, CLONE_NEWNS);
  add_mount_options(line, options.mounts);
  add_user_namespace_options(line, users);
  add_capability_options(line, capabilities);
  add_seccomp_options(line, seccomp);
  std::vector<const char*> all{"chapter-10"};
  all.insert(all.end(), words.begin(), words.end());
  all.insert(all.end(), {"--", "true"});
  try {
    line.parse(static_cast<int>(all.size()), all.data());
  } catch (const UsageError& error) {
    return std::string{error.what()}.substr(0, std::string{error.what()}.find(','));
  }
  return "taken";
}

TEST(Borders, OfWhatGoesTogether) {
  struct Two {
    std::vector<const char*> words;
    std::string said;
  };
  const std::vector<Two> table{
      {{"--hostname", "x", "--share", "uts"}, "--hostname: not with --share uts"},
      {{"--map", "0:1:1", "--share", "user"}, "--map: not with --share user"},
      {{"--map-host-root", "--share", "user"}, "--map-host-root: not with --share user"},
      {{"--no-idmap", "--share", "user"}, "--no-idmap: not with --share user"},
      {{"--share", "pid"},
       "--share pid: add --share user: the host's has no /proc that a user namespace may mount"},
      {{"--share", "ipc"},
       "--share ipc: add --share user: the host's has no /dev/mqueue that a user namespace may "
       "mount"},
      {{"--share", "net"},
       "--share net: add --share user: the host's has no /sys that a user namespace may mount"},
      {{"--dump-seccomp", "--list-capabilities"}, "--dump-seccomp: not with --list-capabilities"},
      {{"--allow-new-privs"}, "--allow-new-privs: add --seccomp none: a filter takes no_new_privs"},
      {{"--allow-new-privs", "--seccomp", "series"},
       "--allow-new-privs: add --seccomp none: a filter takes no_new_privs"},
      {{"--debug", "--log-level", "trace"}, "--debug: not with --log-level"},
      {{"--share", "mount"},
       "--share: 'mount' cannot be shared: the steps of this chapter would change the host's"},
      {{"--share", "user", "--share", "user"}, "--share: 'user' is named twice"},
      {{"--hostname", "x", "--share", "cgroup"}, "taken"},
      {{"--share", "uts"}, "taken"},
      {{"--share", "user", "--share", "pid", "--share", "ipc", "--share", "net"}, "taken"},
      {{"--map", "0:1:1", "--map-host-root", "--no-idmap"}, "taken"},
      {{"--allow-new-privs", "--seccomp", "none"}, "taken"},
  };
  for (const auto& [words, said] : table) EXPECT_EQ(together(words), said) << words.front();
  log::set_level(log::Level::info);  // one of them has changed that
}

// --- what hands know from elsewhere ---

TEST(Borders, OfNamesThatAreWrittenOtherwise) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"--SHM-SIZE", "it is written --shm-size here"},
      {"--Cap_Add", "it is written --cap-add here"},
      {"--time_out", "it is written --timeout here"},
      {"--mem", "it is written --memory here"},
      {"--me", ""},
      {"-memory", ""},
      {"--shm[size", ""},
      {"--shm@size", ""},
      {"--memorys", ""},
  };
  for (const auto& [word, sentence] : table) {
    EXPECT_EQ(way_on(Where::option, word).sentence, sentence) << word;
  }
}

TEST(Borders, OfWhatLooksLikeASize) {
  for (const std::string size : {"1", "512m", "1.5g", "512MiB", "9T"}) {
    EXPECT_EQ(way_on(Where::root, size).sentence,
              "a limit on memory is --memory " + size + " (from chapter 09 on)");
  }
  for (const std::string name : {"m", ".5g", "512MiBs", "512x", "debian", ""}) {
    EXPECT_NE(way_on(Where::root, name).option, "--memory") << name;
  }
}

TEST(Borders, OfAMountAsDockerSaysIt) {
  const std::string begin = "Docker's --mount is another option here: ";
  const std::vector<std::pair<std::string, std::string>> table{
      {"type=bind,source=/a,target=/b", "say -a /a:/b"},
      {"type=bind,src=/a,dst=/b,readonly", "say -a /a:/b:ro"},
      {"src=/a,destination=/b,ro=true", "say -a /a:/b:ro"},
      {"src=/a,dst=/b,readonly=false", "say -a /a:/b"},
      {"src=/a,dst=/b,ro=0", "say -a /a:/b"},
      {"type=volume,src=a,dst=/b", "there are no volumes: "},
      {"type=bind,dst=/b", "there are no volumes: "},
      {"type=bind,src=/a", "there are no volumes: "},
      {"type=tmpfs,dst=/b", "--tmp puts an empty file system"},
  };
  for (const auto& [words, sentence] : table) {
    EXPECT_EQ(way_on(Where::root, words).sentence.substr(0, begin.size() + sentence.size()),
              begin + sentence)
        << words;
    if (sentence.starts_with("say")) {
      EXPECT_EQ(way_on(Where::root, words).sentence, begin + sentence);
    }
  }
}

TEST(Borders, OfWhatIsTypedForACommand) {
  const auto begins = [](const std::string& word, const std::string& sentence) {
    EXPECT_EQ(way_on(Where::command, word).sentence.substr(0, sentence.size()), sentence) << word;
  };
  for (const std::string word : {"a b", "a\tb", "a\nb", "a;b", "a|b", "a&b"})
    begins(word, "it is one word with blanks");
  begins("-x", "it looks like an option");
  begins("A=b", "a variable is set by --env A=b");
  begins("A=b/c", "a variable is set by --env");
  for (const std::string word : {"a", "=b", "a/b=c", "/a=b"})
    EXPECT_EQ(way_on(Where::command, word).sentence, "") << word;
}

// The words of an option and what is said of it: on one line, as long as a blank is between.
TEST(Borders, OfAColumnOfTheHelp) {
  CommandLine line{"chapter-05", "Test."};
  for (const std::size_t size : {31U, 32U, 33U})
    line.flag("--" + std::string(size - 2, 'x'), "said", [] {});
  const std::array words{"chapter-05", "--help"};
  testing::internal::CaptureStdout();
  EXPECT_FALSE(line.parse(words.size(), words.data()));
  const std::string help = testing::internal::GetCapturedStdout();
  const std::string blanks(34, ' ');
  EXPECT_NE(help.find("\n  --" + std::string(29, 'x') + " said\n"), std::string::npos) << help;
  EXPECT_NE(help.find("\n  --" + std::string(30, 'x') + "\n" + blanks + "said\n"),
            std::string::npos)
      << help;
  EXPECT_NE(help.find("\n  --" + std::string(31, 'x') + "\n" + blanks + "said\n"),
            std::string::npos)
      << help;
}

// --- signals ---

// What a launcher does not block with this hearing.
std::vector<int> heard_not(Hearing hearing, int ignored = 0) {
  std::vector<int> left;
  const std::string said = under({{"uname", refused}}, [&] {
    for (int number = 1; number < NSIG; ++number)
      (void)std::signal(number, number == ignored ? SIG_IGN : SIG_DFL);
    const SignalRelay relay{hearing};
    sigset_t mask;
    sigprocmask(SIG_SETMASK, nullptr, &mask);
    std::string all;
    for (int number = 1; number < NSIG; ++number) {
      if (number != 32 && number != 33 && sigismember(&mask, number) == 0)
        all += std::to_string(number) + " ";
    }
    tell(all);
  });
  for (std::size_t at = 0; at < said.size(); at = said.find(' ', at) + 1)
    left.push_back(std::atoi(said.c_str() + at));
  return left;
}

TEST(Borders, OfTheSignalsThatALauncherHears) {
  std::vector<int> faults{SIGILL,  SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL,
                          SIGSEGV, SIGCHLD, SIGSTOP, SIGURG, SIGSYS};
  std::sort(faults.begin(), faults.end());
  EXPECT_EQ(heard_not(Hearing::but_no_stop), faults);
  std::vector<int> and_stops = faults;
  and_stops.insert(and_stops.end(), {SIGTTIN, SIGTTOU});
  std::sort(and_stops.begin(), and_stops.end());
  for (const Hearing hearing : {Hearing::itself, Hearing::from_us, Hearing::through_init})
    EXPECT_EQ(heard_not(hearing), and_stops);
  for (const int number : {SIGHUP, SIGTERM, 34, 64}) {
    std::vector<int> and_ignored = faults;
    and_ignored.push_back(number);
    std::sort(and_ignored.begin(), and_ignored.end());
    EXPECT_EQ(heard_not(Hearing::but_no_stop, number), and_ignored);
  }
}

// What comes of a signal to a launcher whose child lives, and sleeps, or has ended and was waited for.
std::string passed_on(int number, bool alive) {
  return under({{"uname", refused}}, [&] {
    // Whoever started the tests may ignore it, as nohup(1) does, and then nobody hears of it.
    (void)std::signal(number, SIG_DFL);
    const pid_t pid = fork();
    if (pid == 0) {
      check(prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl");
      if (alive) pause();
      _exit(0);
    }
    ChildProcess child{pid, sys::pidfd_open(pid)};
    if (!alive) child.wait();
    SignalRelay relay{Hearing::but_no_stop};
    check(kill(getpid(), number), "kill");
    relay.pass_on(child, Hearing::but_no_stop);
    tell(relay.explains(128 + number) ? "explains an end" : "explains nothing");
  });
}

TEST(Borders, OfTheSignalsThatEndNobody) {
  for (const int number : {SIGTSTP, SIGCONT, SIGWINCH, SIGTTIN, SIGTTOU}) {
    EXPECT_EQ(passed_on(number, true), "explains nothing") << number;
    EXPECT_EQ(passed_on(number, false), "explains nothing") << number;
  }
  for (const int number : {SIGHUP, SIGTERM, SIGUSR1, 34}) {
    EXPECT_EQ(passed_on(number, true), "explains an end") << number;
    EXPECT_EQ(passed_on(number, false), "wait: EINTR") << number;
  }
}

TEST(Borders, OfWhatStops) {
  for (int number = 1; number < NSIG; ++number) {
    EXPECT_EQ(SignalRelay::is_stop(number),
              number == SIGTSTP || number == SIGTTIN || number == SIGTTOU)
        << number;
  }
}

// --- texts ---

std::string utf8(std::uint32_t code) {
  const auto part = [code](int shift) {
    return static_cast<char>(0x80 | ((code >> shift) & 0x3f));
  };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xc0 | code >> 6), part(0)};
  if (code < 0x10000) return {static_cast<char>(0xe0 | code >> 12), part(6), part(0)};
  return {static_cast<char>(0xf0 | code >> 18), part(12), part(6), part(0)};
}

TEST(Borders, OfWhatATerminalShows) {
  const std::vector<std::pair<std::uint32_t, std::uint32_t>> hidden{
      {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},   {0x180e, 0x180e}, {0x200b, 0x200f},
      {0x2028, 0x202e}, {0x2060, 0x206f}, {0xd800, 0xdfff}, {0xfeff, 0xfeff}, {0xe0000, 0xe007f}};
  const auto is_shown = [](std::uint32_t code) { return printable(utf8(code)) == utf8(code); };
  for (const auto& [first, last] : hidden) {
    EXPECT_TRUE(is_shown(first - 1)) << std::hex << first;
    EXPECT_FALSE(is_shown(first)) << std::hex << first;
    EXPECT_FALSE(is_shown(last)) << std::hex << last;
    EXPECT_TRUE(is_shown(last + 1)) << std::hex << last;
  }
  EXPECT_FALSE(is_shown(0x1f));
  EXPECT_TRUE(is_shown(0x20));
  EXPECT_TRUE(is_shown(0x10ffff));
  EXPECT_FALSE(is_shown(0x110000));
  for (const std::string overlong : {"\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf"})
    EXPECT_NE(printable(overlong), overlong);
}

TEST(Borders, OfALineOfMountinfo) {
  EXPECT_EQ(parse_mountinfo("2147483647 2147483647 0:1 / / rw - t s o").at(0).id, INT32_MAX);
  for (const char* line : {"2147483648 0 0:1 / / rw - t s o", "0 2147483648 0:1 / / rw - t s o",
                           "1 0 0:1 / / - t s o"}) {
    EXPECT_THROW(parse_mountinfo(line), Error) << line;
  }
}

TEST(Borders, OfAMessage) {
  const std::string lengthy(5000, 'x');
  auto [parent, child] = make_channel();
  child.send_failure(Error{EIO, lengthy, lengthy, lengthy, 126});
  const auto error = parent.receive()->error;
  EXPECT_EQ(error->operation().size(), 1024U);
  EXPECT_EQ(error->object().size(), 4096U);
  EXPECT_EQ(error->hint().size(), 4096U);
  parent.send_go();
  child.lend_descriptor(0, std::string(64, 'x'));
  EXPECT_EQ(parent.receive()->name.size(), 64U);
}

TEST(Borders, OfTheNameOfATerminal) {
  EXPECT_EQ(sane_terminal(std::string(64, 'x').c_str()), std::string(64, 'x'));
  EXPECT_EQ(sane_terminal(std::string(65, 'x').c_str()), "xterm");
}

// What is wrong in a file of rules is shown, but no more than a screen has room for.
TEST(Borders, OfWhatIsQuoted) {
  const auto said = [](std::size_t length) {
    try {
      parse_policy("default allow\n" + std::string(length, 'x') + " allow\n", "--seccomp");
    } catch (const UsageError& error) {
      return error.hint();
    }
    return std::string{};
  };
  for (const auto& [length, shown] : {std::pair{39, 39}, {40, 40}, {41, 40}}) {
    EXPECT_EQ(
        said(static_cast<std::size_t>(length)),
        "line 2: '" + std::string(static_cast<std::size_t>(shown), 'x') + "' is no system call");
  }
}

TEST(Borders, OfNumbersThatHaveNames) {
  const auto text = [](std::uint32_t number) {
    return print_program(
        {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 0)},
        AUDIT_ARCH_X86_64);
  };
  EXPECT_NE(text(1).find("if A == 1 (write) go to 2, else to 2"), std::string::npos);
  EXPECT_NE(text(4095).find("if A == 4095 go to"), std::string::npos);
  EXPECT_NE(text(4096).find("if A == 0x1000 go to"), std::string::npos);
}

// The kernel follows forty links, path_resolution(7), and so does the explanation.
TEST(Borders, OfALookUp) {
  namespace fs = std::filesystem;
  std::string name = fs::temp_directory_path() / "tincan-links.XXXXXX";
  const fs::path place = mkdtemp(name.data());
  for (int number = 1; number <= 41; ++number) {
    fs::create_symlink(number == 1 ? "/no/such" : std::to_string(number - 1),
                       place / std::to_string(number));
  }
  EXPECT_TRUE(
      lookup_fault(place / "40", ENOENT).ends_with("a symlink to '/no/such', which is not there"));
  EXPECT_EQ(lookup_fault(place / "41", ELOOP),
            "is a symlink that leads to itself or through too many");
  EXPECT_EQ(lookup_fault(place / "41", ENOENT), "");
  fs::remove_all(place);
}

}  // namespace
}  // namespace tincan
