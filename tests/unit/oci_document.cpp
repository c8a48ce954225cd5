// Documents: what they mean, and with which words they are refused.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/stat.h>

#include <string>
#include <utility>
#include <vector>

#include "07-capabilities/capability_table.hpp"
#include "13-runtime/fields.hpp"
#include "13-runtime/parameters.hpp"
#include "13-runtime/recipe.hpp"
#include "tests/unit/oci.hpp"

namespace tincan::oci {
namespace {

using Words = std::vector<std::string>;

TEST(OciDocument, ASmallOneIsTaken) {
  const Document document = parse(text_of({}));
  EXPECT_EQ(document.version, "1.2.0");
  EXPECT_EQ(document.process.args, Words{"true"});
  EXPECT_EQ(document.root, "/bundle/rootfs");
  EXPECT_TRUE(document.has_own(CLONE_NEWNS));
  EXPECT_FALSE(document.has_own(CLONE_NEWPID));
  EXPECT_TRUE(document.ignored.empty());
  EXPECT_FALSE(document.seccomp);
}

TEST(OciDocument, SaysWhichFieldIsOfWhichKind) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"[]", "config.json: a list is no object"},
      {"{}", "config.json: ociVersion: is missing"},
      {R"({"ociVersion": "0.5"})",
       "config.json: ociVersion: \"0.5\" is no version 1 of the specification"},
      {R"({"ociVersion": "1.0"})", "config.json: process: is missing"},
      {with(R"("hostname": 7)"), "config.json: hostname: 7 is no text"},
      {with(R"("mounts": {})"), "config.json: mounts: an object is no list"},
      {with(R"("mounts": [7])"), "config.json: mounts[0]: 7 is no object"},
      {with(R"("mounts": [null])"), "config.json: mounts[0]: null is no object"},
      {with(R"("annotations": {"a": 1})"), "config.json: annotations.a: 1 is no text"},
      {with_process(R"("env": ["A=1", 2])"), "config.json: process.env[1]: 2 is no text"},
      {with_process(R"("terminal": "yes")"),
       "config.json: process.terminal: \"yes\" is no true or false"},
      {with_process(R"("user": {"uid": 1.5})"),
       "config.json: process.user.uid: 1.5 is no whole number"},
      {with_linux(R"("resources": {"memory": {"limit": "x"}})"),
       "config.json: linux.resources.memory.limit: \"x\" is no whole number"},
  };
  for (const auto& [text, words] : table) EXPECT_EQ(refusal(text), words) << text;
}

TEST(OciDocument, SaysWhichNumberIsOutOfRange) {
  const std::vector<std::pair<std::string, std::string>> table{
      {with_process(R"("user": {"uid": 4294967295})"), "4294967295 is not from 0 to 4294967294"},
      {with_process(R"("user": {"uid": -1})"), "-1 is not from 0 to 4294967294"},
      {with_process(R"("user": {"umask": 512})"), "512 is not from 0 to 511"},
      {with_process(R"("oomScoreAdj": -1001)"), "-1001 is not from -1000 to 1000"},
      {with_process(R"("user": {"additionalGids": [0, 4294967295]})"),
       "additionalGids[1]: 4294967295 is not"},
      {with_linux(R"("resources": {"memory": {"limit": -2}})"), "-2 is not from -1"},
      {with_linux(R"("resources": {"memory": {"limit": 18446744073709551616}})"),
       "18446744073709551616 is no whole number"},
      {with_linux(R"("resources": {"pids": {"limit": 9223372036854775808}})"), "is not from -1"},
      {with_linux(R"("seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 4096})"),
       "4096 is not from 0 to 4095"},
      {with_linux(R"("timeOffsets": {"boottime": {"nanosecs": 1000000000}})"),
       "is not from 0 to 999999999"},
  };
  for (const auto& [text, words] : table) {
    EXPECT_NE(refusal(text).find(words), std::string::npos) << refusal(text);
  }
}

TEST(OciDocument, RefusesByNameWhatIsNotDone) {
  const std::vector<std::pair<std::string, std::string>> table{
      {with_process(R"("selinuxLabel": "a:b:c:s0")"),
       "config.json: process.selinuxLabel: SELinux: not supported"},
      {with_linux(R"("mountLabel": "a:b:c:s0")"),
       "config.json: linux.mountLabel: SELinux: not supported"},
      {with_linux(R"("intelRdt": {"closID": "x"})"),
       "config.json: linux.intelRdt: resctrl: not supported"},
      {with_linux(R"("netDevices": {"eth0": {}})"),
       "config.json: linux.netDevices: of 1.3: not supported"},
      {with_linux(R"("resources": {"memory": {"kernelTCP": 4096}})"),
       "config.json: linux.resources.memory.kernelTCP: v2 has no such limit"},
      {with_linux(R"("resources": {"blockIO": {"leafWeight": 10}})"),
       "config.json: linux.resources.blockIO.leafWeight: no kernel since 5.0 has it"},
      {with(R"("vm": {"kernel": {"path": "/k"}})"),
       "config.json: vm: no machine is made here: not supported"},
      {with(R"("mounts": [{"destination": "/a", "type": "tmpfs", "options": ["remount"]}])"),
       "config.json: mounts[0].options[0]: remount: not supported: say at once what it is to be"},
  };
  for (const auto& [text, words] : table) EXPECT_EQ(refusal(text), words);
}

TEST(OciDocument, WhatAsksForNothingIsNotRefused) {
  for (const char* more : {R"("mountLabel": "")", R"("mountLabel": null)", R"("intelRdt": {})",
                           R"("resources": {"memory": {"kernel": -1, "kernelTCP": 0}})"}) {
    EXPECT_EQ(refusal(with_linux(more)), "taken") << more;
  }
}

TEST(OciDocument, ListsWhatItDoesNotKnow) {
  const Document document = parse(with(
      R"("x": {"y": 1}, "windows": {"a": 2}, "mounts": [{"destination": "/a", "type": "tmpfs", "z": []}])"));
  EXPECT_EQ(document.ignored, (Words{"x", "windows", "mounts[0].z"}));
}

TEST(OciDocument, EveryFieldOfTheTableIsThereOnce) {
  for (std::size_t i = 0; i < fields().size(); ++i) {
    EXPECT_FALSE(fields()[i].how.empty()) << fields()[i].path;
    for (std::size_t j = i + 1; j < fields().size(); ++j)
      EXPECT_NE(fields()[i].path, fields()[j].path);
  }
}

TEST(OciProcess, ReadsItAll) {
  const Process process = parse(with_process(R"(
      "terminal": true, "consoleSize": {"height": 24, "width": 80},
      "user": {"uid": 7, "gid": 8, "umask": 63, "additionalGids": [9, 10]},
      "env": ["A=1", "B="], "noNewPrivileges": true, "oomScoreAdj": -5, "apparmorProfile": "p",
      "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 3, "hard": 18446744073709551615}],
      "scheduler": {"policy": "SCHED_BATCH", "nice": -3, "flags": ["SCHED_FLAG_RESET_ON_FORK"]},
      "ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 5},
      "execCPUAffinity": {"initial": "0", "final": "0-1"})"))
                              .process;
  EXPECT_TRUE(process.terminal);
  EXPECT_EQ(process.console_size->rows, 24);
  EXPECT_EQ(process.console_size->columns, 80);
  EXPECT_EQ(process.user.uid, 7U);
  EXPECT_EQ(process.user.gid, 8U);
  EXPECT_EQ(process.umask, mode_t{077});
  EXPECT_EQ(process.additional_gids, (std::vector<gid_t>{9, 10}));
  EXPECT_EQ(process.env, (Words{"A=1", "B="}));
  EXPECT_TRUE(process.no_new_privileges);
  EXPECT_EQ(process.oom_score_adj, -5);
  EXPECT_EQ(process.apparmor_profile, "p");
  ASSERT_EQ(process.rlimits.size(), 1U);
  EXPECT_EQ(process.rlimits[0].resource, RLIMIT_NOFILE);
  EXPECT_EQ(process.rlimits[0].value.rlim_cur, 3U);
  EXPECT_EQ(process.rlimits[0].value.rlim_max, RLIM_INFINITY);
  EXPECT_EQ(process.scheduler->policy, std::uint32_t{SCHED_BATCH});
  EXPECT_EQ(process.scheduler->nice, -3);
  EXPECT_EQ(process.scheduler->flags, 1U);
  EXPECT_EQ(process.io_priority, (2 << 13) + 5);
  EXPECT_EQ(process.first_cpus, "0");
  EXPECT_EQ(process.last_cpus, "0-1");
}

TEST(OciProcess, GivesTheFiveSetsAsTheyAre) {
  const Document document = parse(with_process(R"("capabilities": {
      "bounding": ["CAP_CHOWN", "CAP_KILL"], "permitted": ["CAP_KILL"], "effective": [],
      "inheritable": ["CAP_CHOWN"], "ambient": ["CAP_NO_SUCH", "ALL", "CAP_ALL", "chown"]})"));
  const CapabilitySets& sets = document.process.capabilities;
  EXPECT_EQ(capability_names(sets.bounding), "CAP_CHOWN, CAP_KILL");
  EXPECT_EQ(capability_names(sets.permitted), "CAP_KILL");
  EXPECT_EQ(sets.effective, 0U);
  EXPECT_EQ(capability_names(sets.inheritable), "CAP_CHOWN");
  EXPECT_EQ(sets.ambient, 0U);
  EXPECT_EQ(document.warnings.size(), 4U);
}

TEST(OciProcess, WhatTheKernelCannotGiveIsLeftOutAndSaid) {
  const Document document = parse(with_process(R"("capabilities": {
      "bounding": ["CAP_CHOWN"], "permitted": ["CAP_CHOWN"], "effective": ["CAP_CHOWN", "CAP_KILL"],
      "inheritable": ["CAP_CHOWN", "CAP_KILL"], "ambient": ["CAP_CHOWN", "CAP_KILL"]})"));
  const CapabilitySets& sets = document.process.capabilities;
  for (const std::uint64_t set : {sets.effective, sets.inheritable, sets.ambient}) {
    EXPECT_EQ(capability_names(set), "CAP_CHOWN");
  }
  ASSERT_EQ(document.warnings.size(), 3U);
  EXPECT_EQ(document.warnings[0],
            "process.capabilities.effective: CAP_KILL left out, as it is not permitted");
}

TEST(OciProcess, WithoutSetsThereAreNone) {
  const CapabilitySets sets = parse(text_of({})).process.capabilities;
  EXPECT_EQ(sets.bounding | sets.permitted | sets.effective | sets.inheritable | sets.ambient, 0U);
}

TEST(OciProcess, Refuses) {
  const std::vector<std::pair<std::string, std::string>> table{
      {text_of({.process = R"("args": [], "cwd": "/")"}),
       "process.args: there is no command in it"},
      {text_of({.process = R"("args": [""], "cwd": "/")"}),
       "process.args: there is no command in it"},
      {text_of({.process = R"("cwd": "/")"}), "process.args: is missing"},
      {text_of({.process = R"("args": ["a"])"}), "process.cwd: is missing"},
      {text_of({.process = R"("args": ["a"], "cwd": "x")"}),
       "process.cwd: \"x\" is no absolute path"},
      {with_process(R"("env": ["A"])"), "process.env[0]: \"A\" is not NAME=VALUE"},
      {with_process(R"("env": ["=A"])"), "process.env[0]: \"=A\" is not NAME=VALUE"},
      {with_process(R"("rlimits": [{"type": "RLIMIT_X", "soft": 1, "hard": 1}])"),
       "process.rlimits[0].type: \"RLIMIT_X\" is none of RLIMIT_AS, "},
      {with_process(R"("rlimits": [{"type": "RLIMIT_CPU", "soft": 2, "hard": 1}])"),
       "process.rlimits[0]: the soft limit is above the hard one"},
      {with_process(R"("rlimits": [{"type": "RLIMIT_CPU", "hard": 1}])"),
       "process.rlimits[0].soft: is missing"},
      {with_process(
           R"("rlimits": [{"type": "RLIMIT_CPU", "soft": 1, "hard": 1}, {"type": "RLIMIT_CPU", "soft": 1, "hard": 1}])"),
       "process.rlimits[1].type: two limits for RLIMIT_CPU"},
      {with_process(R"("scheduler": {"policy": "SCHED_ISO"})"),
       "process.scheduler.policy: \"SCHED_ISO\" is none of"},
      {with_process(R"("execCPUAffinity": {"final": "a"})"),
       "process.execCPUAffinity.final: \"a\" is no list of processors"},
  };
  for (const auto& [text, words] : table)
    EXPECT_EQ(refusal(text).find("config.json: " + words), 0U) << refusal(text);
}

TEST(OciProcess, OneOfAFileIsTheSame) {
  const Process process =
      parse_process(R"({"args": ["a", "b"], "cwd": "/x", "user": {"uid": 5}})", "file");
  EXPECT_EQ(process.args, (Words{"a", "b"}));
  EXPECT_EQ(process.user.uid, 5U);
  try {
    (void)parse_process(R"({"args": ["a"], "cwd": "/x", "user": {"uid": "5"}})", "file");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "file: user.uid: \"5\" is no whole number");
  }
}

TEST(OciNamespaces, AreNewOrJoined) {
  const Document document = parse(text_of(
      {.linux =
           R"("namespaces": [{"type": "mount"}, {"type": "pid", "path": "/proc/1/ns/pid"}, {"type": "time"}])"}));
  EXPECT_TRUE(document.has_own(CLONE_NEWNS));
  EXPECT_FALSE(document.has_own(CLONE_NEWPID));
  EXPECT_EQ(document.find(CLONE_NEWPID)->path, "/proc/1/ns/pid");
  EXPECT_EQ(document.find(CLONE_NEWNET), nullptr);
  EXPECT_EQ(spec_of(document).namespaces.own, std::uint64_t{CLONE_NEWNS});
}

TEST(OciNamespaces, WhatWouldBeTheHostsIsRefused) {
  const std::vector<std::pair<std::string, std::string>> table{
      {text_of({.linux = ""}), "linux.namespaces: there is no new one of type mount"},
      {text_of({.linux = R"("namespaces": [{"type": "mount", "path": "/proc/1/ns/mnt"}])"}),
       "linux.namespaces: there is no new one of type mount"},
      {text_of({.linux = R"("namespaces": [{"type": "mount"}, {"type": "mount"}])"}),
       "linux.namespaces[1].type: two of \"mount\""},
      {text_of({.linux = R"("namespaces": [{"type": "net"}])"}),
       "linux.namespaces[0].type: \"net\" is none of pid, network, "},
      {text_of({.linux = R"("namespaces": [{"type": "pid", "path": "ns"}])"}),
       "linux.namespaces[0].path: \"ns\" is no absolute path"},
      {with(R"("hostname": "x")"),
       "hostname: takes a namespace of type uts that is not the host's"},
      {with(R"("domainname": "x")"),
       "domainname: takes a namespace of type uts that is not the host's"},
      {with_linux(R"("timeOffsets": {"boottime": {"secs": 1}})"),
       "linux.timeOffsets: takes a namespace of type time that is not the host's"},
      {with_linux(R"("uidMappings": [{"containerID": 0, "hostID": 1, "size": 1}])"),
       "linux.uidMappings: takes a namespace of type user that is not the host's"},
      {with_linux(R"("sysctl": {"net.ipv4.ip_forward": "1"})"),
       "linux.sysctl.net.ipv4.ip_forward: its namespace is the host's: it would be set there"},
      {with_linux(R"("sysctl": {"vm.swappiness": "1"})"),
       "linux.sysctl.vm.swappiness: this belongs to no namespace: it would be set for the whole "
       "machine"},
      {with_linux(R"("sysctl": {"net/../kernel/core_pattern": "x"})"),
       "linux.sysctl.net/../kernel/core_pattern: this is no name of a kernel parameter"},
      {with_linux(R"("sysctl": {"net..x": "x"})"),
       "linux.sysctl.net..x: this is no name of a kernel parameter"},
      {with_linux(R"("sysctl": {"": "x"})"), "linux.sysctl.: this belongs to no namespace"},
  };
  for (const auto& [text, words] : table)
    EXPECT_EQ(refusal(text).find("config.json: " + words), 0U) << refusal(text);
}

TEST(OciNamespaces, MapsAreThereWithAUserNamespace) {
  const std::string map = R"([{"containerID": 0, "hostID": 1000, "size": 10}])";
  const auto user = [](const std::string& more) {
    return text_of({.linux = R"("namespaces": [{"type": "mount"}, {"type": "user"}])" + more});
  };
  const Document document =
      parse(user(R"(, "uidMappings": )" + map + R"(, "gidMappings": )" + map));
  ASSERT_EQ(document.uids.size(), 1U);
  EXPECT_EQ(document.uids[0].outside, 1000U);
  EXPECT_EQ(document.gids[0].size, 10U);
  EXPECT_NE(refusal(user("")).find("takes uidMappings and gidMappings"), std::string::npos);
  EXPECT_NE(refusal(user(R"(, "uidMappings": )" + map)).find("takes uidMappings and gidMappings"),
            std::string::npos);
  const std::string far = R"([{"containerID": 0, "hostID": 4294967290, "size": 6}])";
  EXPECT_NE(refusal(user(R"(, "uidMappings": )" + far + R"(, "gidMappings": )" + far))
                .find("it goes beyond 4294967294"),
            std::string::npos);
}

TEST(OciParameters, BelongToNamespaces) {
  const std::vector<std::pair<std::string, std::uint64_t>> table{
      {"net.ipv4.ip_forward", CLONE_NEWNET},
      {"net/ipv4/conf/eth0.1/forwarding", CLONE_NEWNET},
      {"kernel.msgmax", CLONE_NEWIPC},
      {"kernel.sem", CLONE_NEWIPC},
      {"fs.mqueue.msg_max", CLONE_NEWIPC},
      {"kernel.domainname", CLONE_NEWUTS},
      {"user.max_net_namespaces", CLONE_NEWUSER},
      {"net", 0},
      {"net.", 0},
      {"kernel.sem2", 0},
      {"kernel.core_pattern", 0},
      {"kernel", 0},
      {"", 0},
      {"nets.x", 0}};
  for (const auto& [name, kind] : table) EXPECT_EQ(namespace_of_parameter(name), kind) << name;
  EXPECT_EQ(path_of_parameter("net.ipv4.conf.eth0/100.forwarding"),
            "net/ipv4/conf/eth0.100/forwarding");
  EXPECT_EQ(path_of_parameter("net/ipv4/conf/eth0.100/forwarding"),
            "net/ipv4/conf/eth0.100/forwarding");
}

TEST(OciLinux, ReadsTheRest) {
  const Document document = parse(text_of({.linux = R"(
      "namespaces": [{"type": "mount"}, {"type": "time"}, {"type": "ipc"}],
      "timeOffsets": {"monotonic": {"secs": -7, "nanosecs": 5}},
      "devices": [{"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 8630, "uid": 1},
                  {"path": "/run/p", "type": "p"}],
      "cgroupsPath": "a/b", "rootfsPropagation": "rslave", "sysctl": {"kernel.msgmax": "9"},
      "maskedPaths": ["/proc/kcore", "/proc//acpi/"], "readonlyPaths": ["/proc/sys"],
      "personality": {"domain": "LINUX32"})"}));
  ASSERT_EQ(document.time_offsets.size(), 1U);
  EXPECT_EQ(document.time_offsets[0].clock, "monotonic");
  EXPECT_EQ(document.time_offsets[0].seconds, -7);
  EXPECT_EQ(document.time_offsets[0].nanoseconds, 5U);
  ASSERT_EQ(document.devices.size(), 2U);
  EXPECT_EQ(document.devices[0].kind, mode_t{S_IFCHR});
  EXPECT_EQ(document.devices[0].mode, mode_t{0666});
  EXPECT_EQ(document.devices[0].minor, 229U);
  EXPECT_EQ(document.devices[0].uid, 1U);
  EXPECT_EQ(document.devices[1].kind, mode_t{S_IFIFO});
  EXPECT_EQ(document.cgroups_path, "a/b");
  EXPECT_EQ(document.propagation, static_cast<unsigned long>(MS_SLAVE | MS_REC));
  EXPECT_EQ(document.sysctl.at("kernel.msgmax"), "9");
  ASSERT_EQ(document.covers.size(), 3U);
  EXPECT_EQ(document.covers[1].path, "/proc/acpi");
  EXPECT_EQ(document.covers[1].kind, CoverKind::nothing);
  EXPECT_EQ(document.covers[2].kind, CoverKind::read_only);
  EXPECT_EQ(document.personality, static_cast<unsigned long>(PER_LINUX32));
}

TEST(OciLinux, Refuses) {
  const std::vector<std::pair<std::string, std::string>> table{
      {R"("devices": [{"path": "dev", "type": "c", "major": 1, "minor": 1}])",
       "linux.devices[0].path: \"dev\" is no absolute path"},
      {R"("devices": [{"path": "/dev/../x", "type": "c", "major": 1, "minor": 1}])",
       "linux.devices[0].path: \"/dev/../x\" goes up"},
      {R"("devices": [{"path": "/x", "type": "x"}])",
       "linux.devices[0].type: \"x\" is none of c, u, b, p"},
      {R"("devices": [{"path": "/x", "type": "c", "minor": 1}])",
       "linux.devices[0].major: is missing"},
      {R"("maskedPaths": ["proc"])", "linux.maskedPaths[0]: \"proc\" is no absolute path"},
      {R"("maskedPaths": ["/"])", "linux.maskedPaths[0]: \"/\" cannot be covered"},
      {R"("readonlyPaths": ["/proc/a*"])",
       "linux.readonlyPaths[0]: \"/proc/a*\" cannot be covered"},
      {R"("rootfsPropagation": "x")", "linux.rootfsPropagation: \"x\" is none of"},
      {R"("personality": {"domain": "BSD"})",
       "linux.personality.domain: \"BSD\" is none of LINUX, LINUX32"},
      {R"("personality": {"domain": "LINUX", "flags": ["X"]})",
       "linux.personality.flags[0]: \"X\" is no flag"},
      {R"("timeOffsets": {"realtime": {}})",
       "linux.timeOffsets: \"realtime\" is none of monotonic, boottime"},
  };
  for (const auto& [more, words] : table)
    EXPECT_EQ(refusal(with_linux(more)).find("config.json: " + words), 0U)
        << refusal(with_linux(more));
}

TEST(OciHooks, AreReadInTheirKinds) {
  const Hooks hooks =
      parse(
          with(
              R"("hooks": {"prestart": [{"path": "/a", "args": ["a", "b"], "env": ["X=1"], "timeout": 3}],
      "createRuntime": [{"path": "/b"}], "createContainer": [{"path": "/c"}], "startContainer": [{"path": "/d"}],
      "poststart": [{"path": "/e"}], "poststop": [{"path": "/f"}, {"path": "/g"}]})"))
          .hooks;
  ASSERT_EQ(hooks.prestart.size(), 1U);
  EXPECT_EQ(hooks.prestart[0].args, (Words{"a", "b"}));
  EXPECT_EQ(hooks.prestart[0].env, Words{"X=1"});
  EXPECT_EQ(hooks.prestart[0].timeout, 3U);
  EXPECT_EQ(hooks.create_runtime[0].path, "/b");
  EXPECT_EQ(hooks.create_container[0].path, "/c");
  EXPECT_EQ(hooks.start_container[0].path, "/d");
  EXPECT_EQ(hooks.poststart[0].path, "/e");
  EXPECT_EQ(hooks.poststop[1].path, "/g");
  EXPECT_EQ(refusal(with(R"("hooks": {"poststop": [{"path": "x"}]})")),
            "config.json: hooks.poststop[0].path: \"x\" is no absolute path");
  EXPECT_NE(refusal(with(R"("hooks": {"poststop": [{"path": "/x", "timeout": 0}]})"))
                .find("0 is not from 1"),
            std::string::npos);
}

}  // namespace
}  // namespace tincan::oci
