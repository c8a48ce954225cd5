// The seams of chapter 11, tried before later chapters need them: the segments in other orders, by
// several processes, with a Spec that no command line has filled.
//
//   seams run FILE                 the container of a document, from its start to its end
//   seams create FILE DIRECTORY    the same up to its gate; this process ends, the container waits
//   seams start DIRECTORY          by another process: through the gate
//   seams exec DIRECTORY WORD...   a second command in it, which gives up as much
//   seams exec-t DIRECTORY WORD...              the same, with a terminal of the container's
//   seams exec-at-gate DIRECTORY GATE WORD...   the same, waiting where `seams start GATE` opens
//   seams end DIRECTORY            all its processes and groups
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <sstream>
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

// Who waits at the gate is where the command will be.
seams::State state_of(const Launch& launch, const ControlGroups& groups) {
  const std::string process = std::to_string(launch.child().pid());
  seams::State state{launch.child().pid(), {groups.places(), groups.name()}};
  for (const seams::Kind& kind : seams::kinds) {
    state.namespaces[kind.name] = seams::number_of(process, kind);
  }
  return state;
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
  seams::write_state(state_of(launch, can.groups), directory + "/state");
  can.groups.keep();
  return 0;
}

int start_created(const Words& words) {
  seams::open_gate(words.at(0));
  return 0;
}

// An ordinary user may not look into his own container's init, which is hidden as well; only into
// its children, who may have gone elsewhere.
unique_fd open_namespace(const seams::State& state, const seams::Kind& kind) {
  const std::string init = std::to_string(state.pid);
  std::istringstream processes{init + " " + state.others + " " +
                               read_file("/proc/" + init + "/task/" + init + "/children")};
  for (std::string process; processes >> process;) {
    if (access(seams::path_of(process, kind).c_str(), R_OK) == -1) continue;
    unique_fd file = open_file(seams::path_of(process, kind), O_RDONLY);
    if (seams::number_of(file) == state.namespaces.at(kind.name)) return file;
  }
  throw Error{ESRCH, "find the namespace", kind.name};
}

std::vector<unique_fd> open_namespaces(const seams::State& state, Spec& spec) {
  std::vector<unique_fd> open;
  for (const seams::Kind& kind : seams::kinds) {
    if (seams::number_of("self", kind) == state.namespaces.at(kind.name)) continue;
    open.push_back(open_namespace(state, kind));
    spec.joined.push_back({kind.flag, open.back()});
  }
  return open;
}

// `gate_directory`: of one at which the command waits for a start of its own.
int run_in(const std::string& directory, Spec spec, const std::string& gate_directory) {
  const seams::State state = seams::read_state(directory + "/state");
  spec.init = false;
  spec.namespaces.own = 0;
  spec.groups = state.groups;
  const std::vector<unique_fd> open = open_namespaces(state, spec);
  Can can = prepare(std::move(spec));
  const unique_fd gate = gate_directory.empty() ? unique_fd{} : seams::make_gate(gate_directory);
  Launch launch{can.spec.command};
  enter(launch, can);
  launch.child_does("make the standard descriptors", [&] {
    make_terminal(can.spec.terminal, can.stdio, launch.channel(), can.spec.user.uid);
  });
  give_up(launch, can);
  if (gate.ok()) {
    launch.child_does("wait at the gate", [&] { seams::wait_at(gate, launch.channel()); });
  }
  start(launch, can);
  TerminalLink link{can.spec.terminal, can.stdio};
  launch.attend(link);
  return launch.run();
}

int second_command(const Words& words) {
  return run_in(words.at(0), {.command = {words.begin() + 1, words.end()}}, {});
}

int second_command_with_terminal(const Words& words) {
  return run_in(words.at(0),
                {.command = {words.begin() + 1, words.end()},
                 .terminal = {.allocate = true, .console = false}},
                {});
}

int second_command_at_a_gate(const Words& words) {
  return run_in(words.at(0), {.command = {words.begin() + 2, words.end()}}, words.at(1));
}

int end(const Words& words) {
  const seams::State state = seams::read_state(words.at(0) + "/state");
  const std::string left = ControlGroups{state.groups.places, state.groups.name}.remove();
  if (!left.empty()) throw Error{0, "end", words.at(0), left};
  return 0;
}

int dispatch(const Words& words) {
  static const std::map<std::string, int (*)(const Words&)> known{
      {"run", run},
      {"create", create},
      {"start", start_created},
      {"exec", second_command},
      {"exec-t", second_command_with_terminal},
      {"exec-at-gate", second_command_at_a_gate},
      {"end", end}};
  const auto word = known.find(words.at(0));
  if (word == known.end()) throw UsageError{words.at(0), "there is no such word"};
  return word->second({words.begin() + 1, words.end()});
}

}  // namespace

int main(int argc, char** argv) {
  return outer_edge("seams", [&] { return dispatch({argv + 1, argv + argc}); });
}
