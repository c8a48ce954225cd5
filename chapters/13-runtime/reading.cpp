// A document, read as a whole.
#include "13-runtime/document.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "13-runtime/field.hpp"
#include "13-runtime/fields.hpp"
#include "13-runtime/json.hpp"
#include "13-runtime/parameters.hpp"
#include "13-runtime/parts.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

namespace tincan::oci {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 8> namespace_kinds{{
    {"pid", CLONE_NEWPID},
    {"network", CLONE_NEWNET},
    {"mount", CLONE_NEWNS},
    {"ipc", CLONE_NEWIPC},
    {"uts", CLONE_NEWUTS},
    {"user", CLONE_NEWUSER},
    {"cgroup", CLONE_NEWCGROUP},
    {"time", CLONE_NEWTIME},
}};

// c and u are one kind: what is not buffered.
constexpr std::array<std::pair<std::string_view, mode_t>, 4> node_kinds{
    {{"c", S_IFCHR}, {"u", S_IFCHR}, {"b", S_IFBLK}, {"p", S_IFIFO}}};

constexpr std::array<std::pair<std::string_view, unsigned long>, 9> root_propagations{{
    {"", 0},
    {"private", MS_PRIVATE},
    {"rprivate", MS_PRIVATE | MS_REC},
    {"slave", MS_SLAVE},
    {"rslave", MS_SLAVE | MS_REC},
    {"shared", MS_SHARED},
    {"rshared", MS_SHARED | MS_REC},
    {"unbindable", MS_UNBINDABLE},
    {"runbindable", MS_UNBINDABLE | MS_REC},
}};

constexpr std::array<std::pair<std::string_view, unsigned long>, 2> domains{
    {{"LINUX", PER_LINUX}, {"LINUX32", PER_LINUX32}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 2> clocks{
    {{"monotonic", "monotonic"}, {"boottime", "boottime"}}};

Strings strings_of(const Field& map) {
  Strings all;
  for (const auto& [name, value] : map.members()) all[name] = value.text();
  return all;
}

std::vector<Hook> hooks_of(const Field& list) {
  std::vector<Hook> all;
  for (const Field& hook : list.elements()) {
    all.push_back({.path = hook["path"].absolute_path(),
                   .args = hook["args"].texts(),
                   .env = hook["env"].texts(),
                   .timeout = hook["timeout"].number<unsigned>()});
  }
  return all;
}

Hooks all_hooks_of(const Field& hooks) {
  return {.prestart = hooks_of(hooks["prestart"]),
          .create_runtime = hooks_of(hooks["createRuntime"]),
          .create_container = hooks_of(hooks["createContainer"]),
          .start_container = hooks_of(hooks["startContainer"]),
          .poststart = hooks_of(hooks["poststart"]),
          .poststop = hooks_of(hooks["poststop"])};
}

std::vector<Namespace> namespaces_of(const Field& list) {
  std::vector<Namespace> all;
  for (const Field& field : list.elements()) {
    Namespace one{field["type"].required().one_of(namespace_kinds)};
    if (!field["path"].text().empty()) one.path = field["path"].absolute_path();
    for (const Namespace& other : all) {
      if (other.kind == one.kind) field["type"].refuse("two of " + field["type"].shown_value());
    }
    all.push_back(std::move(one));
  }
  return all;
}

std::vector<TimeOffset> offsets_of(const Field& map) {
  std::vector<TimeOffset> all;
  for (const auto& [name, offset] : map.members()) {
    const Value clock{.kind = Kind::text, .text = name};
    all.push_back({std::string{Field{clock, map.place(), map.file()}.one_of(clocks)},
                   offset["secs"].number<std::int64_t>().value_or(0),
                   offset["nanosecs"].number<std::uint32_t>().value_or(0)});
  }
  return all;
}

DeviceNode node_of(const Field& device) {
  DeviceNode node{.path = device["path"].absolute_path(),
                  .kind = device["type"].required().one_of(node_kinds)};
  if (node.kind != S_IFIFO) {
    node.major = *device["major"].required().number<std::uint32_t>();
    node.minor = *device["minor"].required().number<std::uint32_t>();
  }
  // Some engines give the whole of st_mode.
  node.mode = device["fileMode"].number<mode_t>().value_or(0666) & 07777;
  node.uid = device["uid"].number<uid_t>().value_or(0);
  node.gid = device["gid"].number<gid_t>().value_or(0);
  return node;
}

// A star would stand for several names (covers.hpp); here it is a star.
std::string place_to_cover(const Field& path) {
  std::string whole = std::filesystem::path{path.absolute_path()}.lexically_normal();
  while (whole.size() > 1 && whole.ends_with('/')) whole.pop_back();
  if (whole == "/" || whole.find('*') != std::string::npos)
    path.refuse(path.shown_value() + " cannot be covered");
  return whole;
}

std::vector<Cover> covers_of(const Field& linux) {
  std::vector<Cover> all;
  for (const Field& path : linux["maskedPaths"].elements()) {
    all.push_back({place_to_cover(path), CoverKind::nothing, true});
  }
  for (const Field& path : linux["readonlyPaths"].elements()) {
    all.push_back({place_to_cover(path), CoverKind::read_only, true});
  }
  return all;
}

std::optional<unsigned long> personality_of(const Field& personality) {
  if (!personality.given()) return std::nullopt;
  for (const Field& flag : personality["flags"].elements()) {
    flag.refuse(flag.shown_value() + " is no flag: the specification has none");
  }
  return personality["domain"].required().one_of(domains);
}

// By this path it is written, and nothing in it may lead out of /proc/sys.
Strings parameters_of(const Field& map) {
  Strings all = strings_of(map);
  for (const auto& [name, value] : map.members()) {
    const std::string path = path_of_parameter(name);
    for (const std::string_view part : split_at(path, '/')) {
      if (part.empty() || part == "." || part == "..")
        value.refuse("this is no name of a kernel parameter");
    }
    if (namespace_of_parameter(name) == 0) {
      value.refuse("this belongs to no namespace: it would be set for the whole machine");
    }
  }
  return all;
}

void read_linux(const Field& linux, Document& document) {
  document.namespaces = namespaces_of(linux["namespaces"]);
  document.uids = map_of(linux["uidMappings"]);
  document.gids = map_of(linux["gidMappings"]);
  document.time_offsets = offsets_of(linux["timeOffsets"]);
  for (const Field& device : linux["devices"].elements())
    document.devices.push_back(node_of(device));
  document.cgroups_path = linux["cgroupsPath"].text();
  document.resources = resources_of(linux["resources"]);
  document.propagation = linux["rootfsPropagation"].one_of(root_propagations);
  if (linux["seccomp"].given()) document.seccomp = profile_of(linux["seccomp"], document.warnings);
  document.sysctl = parameters_of(linux["sysctl"]);
  document.covers = covers_of(linux);
  document.personality = personality_of(linux["personality"]);
}

void read_root(const Field& root, Document& document, const std::string& bundle) {
  const std::string& path = root["path"].required().text();
  if (path.empty()) root["path"].refuse("is empty");
  document.root = path.starts_with('/') ? path : bundle + "/" + path;
  document.root_read_only = root["readonly"].yes();
}

void require_version(const Field& version) {
  if (version.required().text().starts_with("1.")) return;
  version.refuse(version.shown_value() + " is no version 1 of the specification");
}

bool says_something(const Field& field) {
  return !field.text().empty() || !field.elements().empty();
}

// What can be done only to something of the container's own, and would be done to the host's.
void require_own(const Field& field, bool there, const char* kind) {
  if (there || !says_something(field)) return;
  field.refuse(std::string{"takes a namespace of type "} + kind + " that is not the host's");
}

void require_maps(const Document& document, const Field& linux) {
  const bool listed = document.find(CLONE_NEWUSER) != nullptr;
  require_own(linux["uidMappings"], listed, "user");
  require_own(linux["gidMappings"], listed, "user");
  if (document.uids.empty() != document.gids.empty() ||
      (document.has_own(CLONE_NEWUSER) && document.uids.empty())) {
    linux.refuse("a new namespace of type user takes uidMappings and gidMappings");
  }
}

void require_own_parameters(const Document& document, const Field& sysctl) {
  for (const auto& [name, value] : sysctl.members()) {
    if (document.find(namespace_of_parameter(name)) == nullptr) {
      value.refuse("its namespace is the host's: it would be set there");
    }
  }
}

void require_mapped_user(const Document& document, const Field& user) {
  if (document.uids.empty()) return;
  if (!is_mapped(document.uids, document.process.user.uid))
    user["uid"].refuse("no uidMappings has it");
  if (!is_mapped(document.gids, document.process.user.gid))
    user["gid"].refuse("no gidMappings has it");
}

// An idmapped mount without maps of its own has the container's.
void require_maps_of_mounts(const Document& document, const Field& mounts) {
  for (std::size_t i = 0; i < document.mounts.size(); ++i) {
    const MountEntry& entry = document.mounts[i];
    if (entry.idmapped == Idmapped::no || !entry.uids.empty() || document.has_own(CLONE_NEWUSER))
      continue;
    mounts.elements()[i].refuse(
        "idmap takes maps, or a new namespace of type user, whose maps it would have");
  }
}

void require_consistent(const Document& document, const Field& whole) {
  const Field linux = whole["linux"];
  if (!document.has_own(CLONE_NEWNS)) {
    linux["namespaces"].refuse(
        "there is no new one of type mount: what is mounted would be so on the host, too");
  }
  require_own(whole["hostname"], document.find(CLONE_NEWUTS) != nullptr, "uts");
  require_own(whole["domainname"], document.find(CLONE_NEWUTS) != nullptr, "uts");
  require_own(linux["timeOffsets"], document.has_own(CLONE_NEWTIME), "time");
  require_maps(document, linux);
  require_maps_of_mounts(document, whole["mounts"]);
  require_own_parameters(document, linux["sysctl"]);
  require_mapped_user(document, whole["process"]["user"]);
}

// The tree of a text, looked through.
Value read_tree(const std::string& text, std::string_view path, Findings& findings) {
  Value tree = parse_json(text, findings.file);
  look_through(tree, path, findings);
  return tree;
}

// Of a document that is too long nothing is looked at.
std::string read_text(borrowed_fd file, const std::string& name) {
  try {
    return read_at_most(file, name, most_bytes);
  } catch (const Error& error) {
    if (error.number() != EFBIG) throw;
    throw Error{0,
                name,
                {},
                "more than " + std::to_string(most_bytes) + " bytes: no engine writes that",
                1};
  }
}

std::string read_text(const std::string& path) {
  return path == "-" ? read_text(STDIN_FILENO, "standard input") : read_text(open_text(path), path);
}

std::string shown_name(const std::string& path) {
  return path == "-" ? "standard input" : path;
}

// Of the specification's places, those where an engine may give a part of a document.
constexpr std::string_view place_of_process = "process";
constexpr std::string_view place_of_resources = "linux.resources";

}  // namespace

const Namespace* Document::find(std::uint64_t kind) const {
  const auto found = std::find_if(namespaces.begin(), namespaces.end(),
                                  [&](const Namespace& one) { return one.kind == kind; });
  return found == namespaces.end() ? nullptr : &*found;
}

bool Document::has_own(std::uint64_t kind) const {
  const Namespace* found = find(kind);
  return found != nullptr && found->path.empty();
}

IdMap map_of(const Field& mappings) {
  IdMap map;
  for (const Field& range : mappings.elements()) {
    map.push_back({*range["containerID"].required().number<std::uint32_t>(),
                   *range["hostID"].required().number<std::uint32_t>(),
                   *range["size"].required().number<std::uint32_t>()});
    const IdRange& last = map.back();
    const std::uint64_t room = std::uint64_t{UINT32_MAX} - std::max(last.inside, last.outside);
    if (last.size > room) range.refuse("it goes beyond 4294967294, the last id");
  }
  return map;
}

Document parse_document(const std::string& text, const std::string& bundle) {
  Findings findings{"config.json"};
  const Value tree = read_tree(text, "", findings);
  const Field whole{tree, "", findings.file};
  require_version(whole["ociVersion"]);
  Document document{.version = whole["ociVersion"].text(), .text = text};
  document.process = process_of(whole["process"], document.warnings);
  read_root(whole["root"], document, bundle);
  document.hostname = whole["hostname"].text();
  document.domainname = whole["domainname"].text();
  for (const Field& mount : whole["mounts"].elements())
    document.mounts.push_back(mount_of(mount, bundle));
  document.hooks = all_hooks_of(whole["hooks"]);
  document.annotations = strings_of(whole["annotations"]);
  read_linux(whole["linux"], document);
  require_consistent(document, whole);
  document.ignored = std::move(findings.ignored);
  return document;
}

Document read_bundle(borrowed_fd bundle, const std::string& name) {
  const unique_fd file{
      openat(bundle.get(), "config.json", O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
  check(file.get(), "open", name + "/config.json");
  return parse_document(read_text(file, "config.json"), name);
}

Process parse_process(const std::string& text, const std::string& name) {
  Findings findings{name};
  const Value tree = read_tree(text, place_of_process, findings);
  std::vector<std::string> warnings;
  return process_of(Field{tree, "", findings.file}, warnings);
}

Process read_process(const std::string& path) {
  return parse_process(read_text(path), shown_name(path));
}

Resources parse_resources(const std::string& text, const std::string& name) {
  Findings findings{name};
  const Value tree = read_tree(text, place_of_resources, findings);
  return resources_of(Field{tree, "", findings.file});
}

Resources read_resources(const std::string& path) {
  return parse_resources(read_text(path), shown_name(path));
}

}  // namespace tincan::oci
