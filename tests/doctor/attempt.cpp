// The throw-away child: clone3, maps, a message over the channel, a time limit.
#include "doctor/attempt.hpp"

#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <string>

#include "common/channel.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/syscalls.hpp"

namespace tincan::doctor {
namespace {

constexpr int limit = 5000;  // milliseconds
constexpr uid_t nobody = 65534;

// Whoever called sudo(8), or nobody.
uid_t ordinary_user() {
  const char* text = std::getenv("SUDO_UID");
  const auto uid = text != nullptr ? parse_number(text, 1, 4294967294) : std::nullopt;
  return uid ? static_cast<uid_t>(*uid) : nobody;
}

void become_ordinary() {
  const uid_t user = ordinary_user();
  check(setgroups(0, nullptr), "setgroups");
  check(setresgid(nobody, nobody, nobody), "setresgid");
  check(setresuid(user, user, user), "setresuid");
  // A change of ids makes /proc/self root's; the maps below it have to be the user's own.
  check(prctl(PR_SET_DUMPABLE, 1), "prctl", "PR_SET_DUMPABLE");
}

void become_root_inside() {
  check(setresgid(0, 0, 0), "setresgid");
  check(setresuid(0, 0, 0), "setresuid");
}

void write_maps(pid_t child) {
  const std::string directory = "/proc/" + std::to_string(child) + "/";
  const auto write = [&](const std::string& name, const std::string& text) {
    try {
      write_file(directory + name, text);
    } catch (const Error& error) {
      throw Error{error.number(), "write " + name, text};
    }
  };
  if (geteuid() == 0) {
    write("uid_map", "0 100000 65536");
    write("gid_map", "0 100000 65536");
    return;
  }
  write("setgroups", "deny");
  write("uid_map", "0 " + std::to_string(geteuid()) + " 1");
  write("gid_map", "0 " + std::to_string(getegid()) + " 1");
}

// The last words go over the channel.
[[noreturn]] void be_the_child(Channel channel, const std::function<void()>& body,
                               const Place& place) {
  try {
    if (const auto go = channel.receive(); !go) _exit(1);
    if ((place.namespaces & CLONE_NEWUSER) != 0) become_root_inside();
    if (place.ordinary_user && geteuid() == 0) become_ordinary();
    check(prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl", "PR_SET_PDEATHSIG");
    body();
    channel.send_ready();
  } catch (const Error& error) {
    channel.send_failure(error);
  } catch (const std::exception& error) {
    channel.send_failure(Error{0, "try", {}, error.what()});
  }
  _exit(0);
}

// Kills and reaps at the end of the scope.
class Child {
 public:
  explicit Child(pid_t pid) : pid_{pid} {}
  Child(Child&&) = delete;
  ~Child() {
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) == -1 && errno == EINTR) {
    }
  }

 private:
  pid_t pid_;
};

std::optional<Message> answer(Channel& channel) {
  pollfd waiting{.fd = channel.fd().get(), .events = POLLIN, .revents = 0};
  if (check(poll(&waiting, 1, limit), "poll") == 0) {
    throw Error{ETIME, "wait", {}, "it did not come back within five seconds"};
  }
  return channel.receive();
}

// fork(2) where no namespace is asked for: what is tried inside must not fail for want of clone3.
pid_t make_child(const Place& place) {
  if (place.namespaces == 0) return check(fork(), "fork");
  clone_args arguments{};
  arguments.flags = place.namespaces;
  arguments.exit_signal = SIGCHLD;
  return sys::clone3(arguments, {});
}

}  // namespace

void attempt(const std::function<void()>& body, const Place& place) {
  ChannelPair ends = make_channel();
  const pid_t pid = make_child(place);
  if (pid == 0) {
    ends.parent.close();
    be_the_child(std::move(ends.child), body, place);
  }
  const Child child{pid};
  ends.child.close();
  if ((place.namespaces & CLONE_NEWUSER) != 0) write_maps(pid);
  if (place.meanwhile) place.meanwhile(pid);
  ends.parent.send_go();
  const auto message = answer(ends.parent);
  if (!message) throw Error{0, "try", {}, "the child died"};
  if (message->kind == Message::Kind::failure) throw Error{*message->error};
}

}  // namespace tincan::doctor
