// Each: find it, see in which state it is, do it.
#include "13-runtime/commands.hpp"

#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "11-rootless/helper.hpp"
#include "13-runtime/document.hpp"
#include "13-runtime/gate.hpp"
#include "13-runtime/groups.hpp"
#include "13-runtime/hooks.hpp"
#include "13-runtime/state.hpp"
#include "common/error.hpp"
#include "common/log.hpp"
#include "common/numbers.hpp"
#include "common/syscalls.hpp"

namespace tincan::oci {
namespace {

using Json = nlohmann::ordered_json;

const std::string& id_of(const Options& options, std::size_t most = 1) {
  if (!options.words.empty() && options.words.size() <= most) return options.words.front();
  throw Error{0,
              options.command,
              {},
              options.words.empty() ? "it takes the name of a container" : "too many words",
              1};
}

[[noreturn]] void refuse(const std::string& what, const std::string& id) {
  throw Error{0, what, id, {}, 1};
}

State state_of(const Entry& entry) {
  const auto state = entry.read();
  if (!state) refuse("container is not made yet", entry.id());
  return *state;
}

Document document_of(const Entry& entry, const State& state) {
  return parse_document(entry.read_file("config.json"), state.bundle);
}

int number_of_signal(const std::string& text) {
  if (const auto number = parse_number(text, 0, 64)) return static_cast<int>(*number);
  std::string name = text.starts_with("SIG") ? text.substr(3) : text;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (name.starts_with("SIG")) name.erase(0, 3);
  for (int number = 1; number < NSIG; ++number) {
    const char* const known = sigabbrev_np(number);
    if (known != nullptr && name == known) return number;
  }
  throw Error{0, "kill", text, "there is no such signal", 1};
}

// A pidfd is readable when its process has ended.
void wait_for_end(borrowed_fd process) {
  constexpr int patience_ms = 10000;
  pollfd end{process.get(), POLLIN, 0};
  if (poll(&end, 1, patience_ms) == 1) return;
  throw Error{ETIMEDOUT, "wait for the end of the container's process", {}, {}, 1};
}

void kill_and_wait(const State& state) {
  const unique_fd process = process_of(state);
  if (!process.ok()) return;
  sys::pidfd_send_signal(process, SIGKILL);
  if (is_frozen(state.groups)) freeze(state.groups, false);
  wait_for_end(process);
}

// Killed before it is locked: a `create` that hangs has the lock, and hangs on that process.
void kill_whoever_it_is(const Options& options) {
  const Entry entry = Entry::look(options.root, id_of(options));
  if (const auto state = entry.read()) kill_and_wait(*state);
}

bool is_there(const Options& options) {
  const auto ids = ids_in(options.root);
  return std::find(ids.begin(), ids.end(), id_of(options)) != ids.end();
}

Json row_of(const Entry& entry) {
  const auto state = entry.read();
  const Status status = status_of(entry, state);
  Json json = Json::parse(public_json(state.value_or(State{.id = entry.id()}), status));
  return json;
}

void print_row(const Json& row) {
  std::printf("%-28s %-8d %-10s %-40s %-32s %s\n", row["id"].get<std::string>().c_str(),
              row["pid"].get<int>(), row["status"].get<std::string>().c_str(),
              row["bundle"].get<std::string>().c_str(), row["created"].get<std::string>().c_str(),
              row["owner"].get<std::string>().c_str());
}

// ps(1) knows nothing of groups, but takes a list of numbers. This process becomes it.
[[noreturn]] void become_ps(const std::vector<pid_t>& pids, std::vector<std::string> words) {
  words.insert(words.begin(), find_helper("ps"));
  if (words.front().empty()) throw Error{ENOENT, "run", "ps", {}, 1};
  if (words.size() == 1) words.emplace_back("-f");
  std::string list;
  for (const pid_t pid : pids) list += (list.empty() ? "" : ",") + std::to_string(pid);
  words.insert(words.end(), {"-p", list});
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  execv(pointers.front(), pointers.data());
  throw Error{errno, "execute", words.front(), {}, 1};
}

// Whose command could not be executed is about to end: who asks next is to see that.
void open_gate_of(const Entry& entry, const State& state) {
  const unique_fd process = process_of(state);
  try {
    open_gate(entry);
  } catch (const Error&) {
    if (process.ok()) wait_for_end(process);
    throw;
  }
}

}  // namespace

void after_start(const Entry& entry, const State& state, const Document& document) {
  entry.remove_file("start.sock");
  run_hooks_and_go_on(document.hooks.poststart, "poststart", public_json(state, Status::running));
}

void remove_all(const Entry& entry, const std::optional<State>& state) {
  if (!state) return entry.remove();
  remove_groups(state->groups);
  const bool has_document = entry.has("config.json");
  const std::vector<Hook> hooks =
      has_document ? document_of(entry, *state).hooks.poststop : std::vector<Hook>{};
  entry.remove();
  run_hooks_and_go_on(hooks, "poststop", public_json(*state, Status::stopped));
}

int start_created(const Options& options) {
  const Entry entry = Entry::open(options.root, id_of(options));
  const State state = state_of(entry);
  const Status status = status_of(entry, state);
  if (status != Status::created) {
    refuse("cannot start a container in the " + name_of(status) + " state", entry.id());
  }
  open_gate_of(entry, state);
  after_start(entry, state, document_of(entry, state));
  return 0;
}

int send_signal(const Options& options) {
  const Entry entry = Entry::look(options.root, id_of(options, 2));
  const State state = state_of(entry);
  const int number = number_of_signal(options.words.size() > 1 ? options.words[1] : "TERM");
  if (options.all) return signal_all(state.groups, number), 0;
  const unique_fd process = process_of(state);
  if (!process.ok() || !sys::pidfd_send_signal(process, number)) {
    refuse("container not running", entry.id());
  }
  return 0;
}

int delete_it(const Options& options) {
  if (options.force && !is_there(options)) return 0;
  if (options.force) kill_whoever_it_is(options);
  const Entry entry = Entry::open(options.root, id_of(options));
  const auto state = entry.read();
  const Status status = status_of(entry, state);
  if (status == Status::created || options.force) {
    if (state) kill_and_wait(*state);
  } else if (status != Status::stopped) {
    refuse("cannot delete a container that is not stopped: it is " + name_of(status), entry.id());
  }
  remove_all(entry, state);
  return 0;
}

int print_state(const Options& options) {
  const Entry entry = Entry::look(options.root, id_of(options));
  std::puts(row_of(entry).dump(2).c_str());
  return 0;
}

int list_all(const Options& options) {
  Json rows = Json::array();
  for (const std::string& id : ids_in(options.root)) {
    try {
      rows.push_back(row_of(Entry::look(options.root, id)));
    } catch (const Error& error) {
      // It was deleted between two looks; or it is not to be understood, and the others are.
      log::warn("{}", error.what());
    }
  }
  if (options.format == "json") return std::puts(rows.empty() ? "null" : rows.dump().c_str()), 0;
  if (!options.quiet) {
    std::printf("%-28s %-8s %-10s %-40s %-32s %s\n", "ID", "PID", "STATUS", "BUNDLE", "CREATED",
                "OWNER");
  }
  for (const Json& row : rows) {
    if (options.quiet) std::puts(row["id"].get<std::string>().c_str());
    if (!options.quiet) print_row(row);
  }
  return 0;
}

int list_processes(const Options& options) {
  const Entry entry = Entry::look(options.root, id_of(options, options.words.size()));
  const std::vector<pid_t> pids = processes_in(state_of(entry).groups);
  if (options.format == "json") return std::puts(Json(pids).dump().c_str()), 0;
  if (pids.empty()) return 0;
  become_ps(pids, {options.words.begin() + 1, options.words.end()});
}

int pause_it(const Options& options) {
  const Entry entry = Entry::open(options.root, id_of(options));
  const State state = state_of(entry);
  const Status status = status_of(entry, state);
  if (status != Status::running && status != Status::created) {
    refuse("container not running", entry.id());
  }
  freeze(state.groups, true);
  return 0;
}

int resume_it(const Options& options) {
  const Entry entry = Entry::open(options.root, id_of(options));
  const State state = state_of(entry);
  if (status_of(entry, state) != Status::paused) refuse("container not paused", entry.id());
  freeze(state.groups, false);
  return 0;
}

int update_limits(const Options& options) {
  const Entry entry = Entry::open(options.root, id_of(options));
  const State state = state_of(entry);
  if (status_of(entry, state) == Status::stopped) refuse("container not running", entry.id());
  const Resources resources =
      options.resources_file.empty() ? options.resources : read_resources(options.resources_file);
  limit(groups_in(state.groups), resources);
  return 0;
}

}  // namespace tincan::oci
