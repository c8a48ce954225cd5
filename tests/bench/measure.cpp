// The stopwatch: starts commands, each from spawn to reap, and prints what each took. It is small
// and static, since the peak memory of a child is never less than that of who spawned it
// (exec_mmap() in the kernel's fs/exec.c keeps the higher of both).
//
//   measure [--mounts N] rounds N PAUSE_MS <plan   # in turn, in another order each round
//   measure [--mounts N] together N <plan          # N of each command at once
//   measure [--mounts N] alive N <plan             # N of each started one by one, and held
//
// A line of the plan: name, view, program, arguments, with a tab between; {n} is a number that
// never comes again. The view is "host", or "v1": a mount namespace that does not show the unified
// tree of a hybrid host, for crun refuses those. An empty line ends the plan; the next line ends
// what is held alive. A line of the answer: name, pid, microseconds from spawn to reap (alive:
// until it says that it runs), microseconds of processor time, kibibytes at the peak.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
constexpr const char* unified = "/sys/fs/cgroup/unified";

struct Entry {
  std::string name;
  std::string view;
  std::vector<std::string> words;
};

struct Started {
  pid_t pid = -1;
  Clock::time_point at = {};
  int output = -1;  ///< to read from, while it lives
};

long must(long returned, const char* what) {
  if (returned != -1) return returned;
  std::perror(what);
  std::exit(1);
}

int number(const char* text) {
  char* end = nullptr;
  const long value = std::strtol(text, &end, 10);
  if (end == text || *end != '\0' || value < 0 || value > 1'000'000) must(-1, text);
  return static_cast<int>(value);
}

std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> words;
  while (true) {
    const std::size_t tab = line.find('\t');
    words.emplace_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return words;
    line.remove_prefix(tab + 1);
  }
}

std::vector<Entry> read_plan() {
  std::vector<Entry> plan;
  std::array<char, 8192> line{};
  while (std::fgets(line.data(), line.size(), stdin) != nullptr) {
    auto words = split({line.data(), std::strcspn(line.data(), "\n")});
    if (words.size() < 3) break;
    plan.push_back({words[0], words[1], {words.begin() + 2, words.end()}});
  }
  return plan;
}

// The mount namespaces that commands are started in: this one, and one without the unified tree.
class Views {
 public:
  explicit Views(int mounts) {
    must(unshare(CLONE_NEWNS), "unshare");
    must(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "mount private");
    if (mounts > 0) add_mounts(mounts);
    host_ = here();
    must(unshare(CLONE_NEWNS), "unshare");
    if (access((std::string{unified} + "/cgroup.procs").c_str(), F_OK) == 0) {
      must(umount2(unified, MNT_DETACH), "umount");
      // What other runtimes make there and leave is not the host's.
      must(mount("none", unified, "tmpfs", 0, nullptr), "mount tmpfs");
    }
    v1_ = here();
    enter("host");
  }

  void enter(const std::string& view) {
    if (view == entered_) return;
    must(setns(view == "v1" ? v1_ : host_, CLONE_NEWNS), "setns");
    entered_ = view;
  }

 private:
  static int here() {
    return static_cast<int>(must(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "open"));
  }

  // On a file system of our own, which goes with this namespace.
  static void add_mounts(int count) {
    must(mount("bench", "/mnt", "tmpfs", 0, nullptr), "mount /mnt");
    for (int i = 0; i < count - 1; ++i) {
      const std::string place = "/mnt/" + std::to_string(i);
      must(mkdir(place.c_str(), 0755), "mkdir");
      must(mount(place.c_str(), place.c_str(), nullptr, MS_BIND, nullptr), "mount bind");
    }
  }

  int host_ = -1;
  int v1_ = -1;
  std::string entered_;
};

// The number in place of {n}.
std::vector<std::string> numbered(const Entry& entry) {
  static int next = 0;
  const std::string number = std::to_string(getpid()) + "-" + std::to_string(next++);
  std::vector<std::string> words = entry.words;
  for (std::string& word : words) {
    const std::size_t at = word.find("{n}");
    if (at != std::string::npos) word.replace(at, 3, number);
  }
  return words;
}

// `input`, `output`: what the command gets as 0 and 1.
Started start(const Entry& entry, Views& views, int input, int output) {
  views.enter(entry.view);
  const auto words = numbered(entry);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  Started started;
  started.at = Clock::now();
  errno = posix_spawn(&started.pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  if (errno != 0) must(-1, arguments[0]);
  posix_spawn_file_actions_destroy(&actions);
  return started;
}

long microseconds(const timeval& time) {
  return time.tv_sec * 1000000L + time.tv_usec;
}

long since(Clock::time_point then) {
  return static_cast<long>(
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - then).count());
}

void report(const Entry& entry, const Started& started, int status, const rusage& used) {
  const long wall = since(started.at);
  if (status != 0) {
    (void)std::fprintf(stderr, "%s: wait status %d\n", entry.name.c_str(), status);
    std::exit(1);
  }
  std::printf("%s\t%d\t%ld\t%ld\t%ld\n", entry.name.c_str(), started.pid, wall,
              microseconds(used.ru_utime) + microseconds(used.ru_stime), used.ru_maxrss);
}

void run_once(const Entry& entry, Views& views, int null) {
  const Started started = start(entry, views, null, null);
  int status = 0;
  rusage used{};
  must(wait4(started.pid, &status, 0, &used), "wait4");
  report(entry, started, status, used);
}

// What a start leaves for the kernel to tear down (a network namespace, above all) would be paid by
// whoever comes next: the pause lets it be done, and the order changes each round.
void rounds(std::vector<Entry>& plan, Views& views, int null, int count, int pause_ms) {
  std::minstd_rand random{1};
  for (int round = 0; round < count; ++round) {
    std::shuffle(plan.begin(), plan.end(), random);
    for (const Entry& entry : plan) {
      run_once(entry, views, null);
      if (pause_ms > 0) (void)poll(nullptr, 0, pause_ms);
    }
  }
}

void together(const Entry& entry, Views& views, int null, int count) {
  std::vector<Started> all;
  all.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) all.push_back(start(entry, views, null, null));
  for (int left = count; left > 0; --left) {
    int status = 0;
    rusage used{};
    const long pid = must(wait4(-1, &status, 0, &used), "wait4");
    const auto it = std::find_if(all.begin(), all.end(), [&](auto& one) { return one.pid == pid; });
    report(entry, *it, status, used);
  }
}

// Each is held until a line comes on our own standard input: whoever asked can look at them.
void alive(const Entry& entry, Views& views, int count) {
  std::array<int, 2> hold{};
  must(pipe2(hold.data(), O_CLOEXEC), "pipe2");
  std::vector<Started> all;
  all.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    std::array<int, 2> output{};
    must(pipe2(output.data(), O_CLOEXEC), "pipe2");
    Started started = start(entry, views, hold[0], output[1]);
    must(close(output[1]), "close");
    char byte = 0;
    if (must(read(output[0], &byte, 1), "read") != 1) must(-1, entry.name.c_str());
    std::printf("%s\t%d\t%ld\t0\t0\n", entry.name.c_str(), started.pid, since(started.at));
    started.output = output[0];
    all.push_back(started);
  }
  std::printf("ready\t0\t0\t0\t0\n");
  (void)std::fflush(stdout);
  while (true) {
    const int character = std::getchar();
    if (character == '\n' || character == EOF) break;
  }
  must(close(hold[1]), "close");
  for (const Started& one : all) {
    must(waitpid(one.pid, nullptr, 0), "waitpid");
    must(close(one.output), "close");
  }
}

}  // namespace

int main(int argc, char** argv) {
  int mounts = 0;
  if (argc > 2 && std::string_view{argv[1]} == "--mounts") {
    mounts = number(argv[2]);
    argc -= 2;
    argv += 2;
  }
  if (argc < 3) return 2;
  const std::string_view mode = argv[1];
  const int count = number(argv[2]);
  auto plan = read_plan();
  const auto null = static_cast<int>(must(open("/dev/null", O_RDWR | O_CLOEXEC), "/dev/null"));
  Views views{mounts};
  if (mode == "rounds") rounds(plan, views, null, count, argc > 3 ? number(argv[3]) : 0);
  for (const Entry& entry : plan) {
    if (mode == "together") together(entry, views, null, count);
    if (mode == "alive") alive(entry, views, count);
  }
  return 0;
}
