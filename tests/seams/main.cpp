// The seams of chapter 11, tried before later chapters need them: the segments in other orders, by
// several processes, with a Spec that no command line has filled.
//
//   seams run FILE                 the container of a document, from its start to its end
//   seams create FILE DIRECTORY    the same up to its gate; this process ends, the container waits
//   seams start DIRECTORY          by another process: through the gate
//   seams exec DIRECTORY WORD...   a second command in it, which gives up as much
//   seams end DIRECTORY            all its processes and groups
#include <fcntl.h>
#include <sched.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "03-process/launch.hpp"
#include "10-init/terminal.hpp"
#include "11-rootless/can.hpp"
#include "11-rootless/join.hpp"
#include "11-rootless/spec.hpp"
#include "common/command_line.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/outer_edge.hpp"
#include "tests/seams/document.hpp"
#include "tests/seams/gate.hpp"

using namespace tincan;

namespace {

using Words = std::vector<std::string>;

int run(const Words& words) {
  Can can = prepare(seams::read_spec(words.at(0)));
  Launch launch{can.spec.command};
  enter(launch, can);
  move_in(launch, can);
  give_up(launch, can);
  start(launch, can);
  TerminalLink terminal{can.spec.terminal, can.stdio};
  launch.attend(terminal);
  return launch.run();
}

int create(const Words& words) {
  const std::string& directory = words.at(1);
  Spec spec = seams::read_spec(words.at(0));
  spec.lifetime = Lifetime::own;
  Can can = prepare(std::move(spec));
  const unique_fd gate = seams::make_gate(directory);
  Launch launch{can.spec.command};
  enter(launch, can);
  move_in(launch, can);
  give_up(launch, can);
  launch.child_does("wait at the gate", [&] { seams::wait_at(gate, launch.channel()); });
  start(launch, can);
  launch.create();
  seams::write_state({launch.child().pid(), {can.groups.places(), can.groups.name()}},
                     directory + "/state");
  can.groups.keep();
  return 0;
}

int start_created(const Words& words) {
  seams::open_gate(words.at(0));
  return 0;
}

struct Kind {
  const char* name;
  std::uint64_t flag;
};
constexpr std::array kinds{Kind{"uts", CLONE_NEWUTS},  Kind{"pid", CLONE_NEWPID},
                           Kind{"ipc", CLONE_NEWIPC},  Kind{"net", CLONE_NEWNET},
                           Kind{"mnt", CLONE_NEWNS},   Kind{"cgroup", CLONE_NEWCGROUP},
                           Kind{"user", CLONE_NEWUSER}};

int second_command(const Words& words) {
  const seams::State state = seams::read_state(words.at(0) + "/state");
  std::vector<unique_fd> open;
  Spec spec{.command = {words.begin() + 1, words.end()}, .init = false};
  spec.namespaces.own = 0;
  spec.groups = state.groups;
  for (const Kind& kind : kinds) {
    open.push_back(open_file("/proc/" + std::to_string(state.pid) + "/ns/" + kind.name, O_RDONLY));
    spec.joined.push_back({kind.flag, open.back()});
  }
  Can can = prepare(std::move(spec));
  Launch launch{can.spec.command};
  enter(launch, can);
  give_up(launch, can);
  start(launch, can);
  return launch.run();
}

int end(const Words& words) {
  const seams::State state = seams::read_state(words.at(0) + "/state");
  for (const Undo& thing : ControlGroups::at(state.groups.places, state.groups.name).undo()) {
    if (!thing.run()) throw Error{0, "end", words.at(0), thing.failure};
  }
  return 0;
}

int dispatch(const Words& words) {
  const Words rest{words.begin() + 1, words.end()};
  if (words.at(0) == "run") return run(rest);
  if (words.at(0) == "create") return create(rest);
  if (words.at(0) == "start") return start_created(rest);
  if (words.at(0) == "exec") return second_command(rest);
  if (words.at(0) == "end") return end(rest);
  throw UsageError{words.at(0), "there is no such word"};
}

}  // namespace

int main(int argc, char** argv) {
  return outer_edge("seams", [&] { return dispatch({argv + 1, argv + argc}); });
}
