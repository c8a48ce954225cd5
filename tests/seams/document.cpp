// JSON, by nlohmann's parser.
#include "tests/seams/document.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <nlohmann/json.hpp>

#include "04-namespaces/hostname.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

namespace tincan::seams {
namespace {

using Json = nlohmann::json;

Mount mount_of(const Json& entry) {
  Mount mount{entry.at("kind"), entry.at("to"),
              entry.value("read-only", false) ? MOUNT_ATTR_RDONLY : 0U};
  mount.from = entry.value("from", "");
  const Json data = entry.value("data", Json::object());
  for (const auto& [name, value] : data.items()) mount.data.push_back({name, value});
  return mount;
}

std::vector<Mount> mounts_of(const Json& entries) {
  std::vector<Mount> mounts;
  for (const Json& entry : entries) mounts.push_back(mount_of(entry));
  return mounts;
}

std::uint64_t mask_of_all(const Json& names) {
  std::uint64_t mask = 0;
  for (const std::string name : names) mask |= mask_of(name, "capabilities");
  return mask;
}

// What there is at most, as on the command line; or each of the five sets, as in config.json.
void fill_capabilities(Spec& spec, const Json& value) {
  if (value.is_array()) {
    spec.capabilities = sets_for(mask_of_all(value), spec.user);
  } else {
    spec.capabilities = {.inheritable = mask_of_all(value.at("inheritable")),
                         .permitted = mask_of_all(value.at("permitted")),
                         .effective = mask_of_all(value.at("effective")),
                         .bounding = mask_of_all(value.at("bounding")),
                         .ambient = mask_of_all(value.at("ambient"))};
  }
  spec.policy = default_policy(spec.capabilities.bounding);
}

// Everything else is allowed.
void fill_policy(Spec& spec, const Json& names) {
  spec.policy = Policy{allow};
  for (const std::string name : names) spec.policy->rules.push_back({name, refuse_with(EPERM)});
}

void share(Spec& spec, const Json& names) {
  for (const Kind& kind : kinds) {
    if (std::find(names.begin(), names.end(), kind.name) != names.end()) {
      spec.namespaces.own &= ~kind.flag;
    }
  }
}

const std::map<std::string, std::function<void(Spec&, const Json&)>>& keys() {
  static const std::map<std::string, std::function<void(Spec&, const Json&)>> all{
      {"command", [](Spec& spec, const Json& value) { spec.command = value; }},
      {"root", [](Spec& spec, const Json& value) { spec.root = value; }},
      {"hostname",
       [](Spec& spec, const Json& value) {
         spec.namespaces.hostname = parse_hostname(value, "hostname");
       }},
      {"environment", [](Spec& spec, const Json& value) { spec.environment.from_line = value; }},
      {"workdir", [](Spec& spec, const Json& value) { spec.workdir.path = value; }},
      {"init", [](Spec& spec, const Json& value) { spec.init = value; }},
      {"user",
       [](Spec& spec, const Json& value) {
         spec.user = {value.at("uid"), value.at("gid")};
       }},
      {"capabilities", fill_capabilities},
      {"forbidden", fill_policy},
      {"share", share},
      {"lifetime",
       [](Spec& spec, const Json& value) {
         spec.lifetime = value == "own" ? Lifetime::own : Lifetime::launchers;
       }},
      {"unlimited", [](Spec& spec, const Json& value) { spec.limits.none = value; }},
      {"reachable", [](Spec& spec, const Json& value) { spec.users.reachable = value; }},
      {"memory", [](Spec& spec, const Json& value) { spec.limits.memory = value; }},
      {"pids", [](Spec& spec, const Json& value) { spec.limits.pids = value; }},
      {"mounts", [](Spec& spec, const Json& value) { spec.mounts.added = mounts_of(value); }},
      {"table", [](Spec& spec, const Json& value) { spec.table = mounts_of(value); }}};
  return all;
}

}  // namespace

Spec read_spec(const std::string& path) {
  const Json document = Json::parse(read_file(path));
  Spec spec;
  if (document.contains("user")) keys().at("user")(spec, document["user"]);
  spec.capabilities = sets_for(default_capabilities(), spec.user);
  for (const auto& [key, value] : document.items()) {
    const auto known = keys().find(key);
    if (known == keys().end()) throw UsageError{path, "'" + key + "' is not supported"};
    known->second(spec, value);
  }
  return spec;
}

std::string path_of(const std::string& process, const Kind& kind) {
  return "/proc/" + process + "/ns/" + kind.name;
}

ino_t number_of(const std::string& process, const Kind& kind) {
  return number_of(open_file(path_of(process, kind), O_RDONLY));
}

ino_t number_of(borrowed_fd file) {
  struct stat status {};
  check(fstat(file.get(), &status), "fstat", "namespace");
  return status.st_ino;
}

void write_state(const State& state, const std::string& path) {
  Json places = Json::array();
  for (const Place& place : state.groups.places) {
    places.push_back({{"v2", place.version == Version::v2},
                      {"parent", place.parent},
                      {"controllers", place.controllers}});
  }
  const Json document{{"pid", state.pid},
                      {"groups", state.groups.name},
                      {"places", places},
                      {"namespaces", state.namespaces}};
  const unique_fd file = open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  const std::string text = document.dump();
  check(write(file.get(), text.data(), text.size()), "write", path);
}

State read_state(const std::string& path) {
  const Json document = Json::parse(read_file(path));
  State state{document.at("pid"),
              {{}, document.at("groups")},
              document.at("namespaces"),
              document.value("others", "")};
  for (const Json& place : document.at("places")) {
    state.groups.places.push_back(
        {place.at("v2") ? Version::v2 : Version::v1, place.at("parent"), place.at("controllers")});
  }
  return state;
}

}  // namespace tincan::seams
