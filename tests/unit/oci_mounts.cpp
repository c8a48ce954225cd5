// Mounts of a document: their options, and what each means to the kernel.
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <string>
#include <utility>
#include <vector>

#include "13-runtime/group_mounts.hpp"
#include "common/mountinfo.hpp"
#include "tests/unit/oci.hpp"

namespace tincan::oci {
namespace {

std::string document_with(const std::string& mount) {
  return with(R"("mounts": [{)" + mount + "}]");
}

MountEntry entry(const std::string& mount) {
  return parse(document_with(mount)).mounts.at(0);
}

MountEntry bind_with(const std::string& options) {
  return entry(R"("destination": "/a", "source": "/b", "options": ["rbind", )" + options + "]");
}

constexpr unsigned ro = MOUNT_ATTR_RDONLY;
constexpr unsigned times = MOUNT_ATTR__ATIME;

TEST(OciMounts, AttributesAreSetAndCleared) {
  struct Case {
    const char* options;
    unsigned set, clear, tree_set, tree_clear;
  };
  const std::vector<Case> table{
      {R"("ro")", ro, 0, 0, 0},
      {R"("rw")", 0, ro, 0, 0},
      {R"("ro", "rw")", 0, ro, 0, 0},
      {R"("rw", "ro")", ro, 0, 0, 0},
      {R"("nosuid", "nodev", "noexec")", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
       0, 0, 0},
      {R"("suid", "dev", "exec")", 0, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0,
       0},
      {R"("noatime")", MOUNT_ATTR_NOATIME, times, 0, 0},
      {R"("noatime", "strictatime")", MOUNT_ATTR_STRICTATIME, times, 0, 0},
      {R"("strictatime", "relatime")", 0, times, 0, 0},
      {R"("nodiratime")", MOUNT_ATTR_NODIRATIME, 0, 0, 0},
      {R"("rro")", 0, 0, ro, 0},
      {R"("rrw", "rnoexec")", 0, 0, MOUNT_ATTR_NOEXEC, ro},
      {R"("rdev", "rsuid")", 0, 0, 0, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID},
      {R"("rrelatime")", 0, 0, 0, times},
      {R"("ratime", "rnoatime")", 0, 0, MOUNT_ATTR_NOATIME, times},
      {R"("ro", "rro", "nosymfollow")", ro | 0x200000U, 0, ro, 0},
      {R"("defaults", "async", "silent", "loud")", 0, 0, 0, 0},
  };
  for (const Case& one : table) {
    const MountEntry mount = bind_with(one.options);
    EXPECT_EQ(mount.set, one.set) << one.options;
    EXPECT_EQ(mount.clear, one.clear) << one.options;
    EXPECT_EQ(mount.tree_set, one.tree_set) << one.options;
    EXPECT_EQ(mount.tree_clear, one.tree_clear) << one.options;
  }
}

TEST(OciMounts, PropagationIsTheLastWord) {
  EXPECT_EQ(bind_with(R"("ro")").propagation, 0U);
  EXPECT_EQ(bind_with(R"("rslave")").propagation, static_cast<unsigned long>(MS_SLAVE | MS_REC));
  EXPECT_EQ(bind_with(R"("rslave", "private")").propagation,
            static_cast<unsigned long>(MS_PRIVATE));
  EXPECT_EQ(bind_with(R"("unbindable")").propagation, static_cast<unsigned long>(MS_UNBINDABLE));
}

TEST(OciMounts, ABindIsOneByItsOptionOrItsType) {
  EXPECT_TRUE(entry(R"("destination": "/a", "source": "/b", "type": "none", "options": ["bind"])")
                  .is_bind());
  EXPECT_TRUE(entry(R"("destination": "/a", "source": "/b", "type": "bind")").is_bind());
  EXPECT_FALSE(entry(R"("destination": "/a", "source": "/b", "type": "bind")").recursive);
  EXPECT_TRUE(
      entry(R"("destination": "/a", "source": "/b", "type": "x", "options": ["rbind"])").recursive);
  EXPECT_EQ(entry(R"("destination": "/a", "source": "b/c", "type": "bind")").from, "/bundle/b/c");
}

TEST(OciMounts, TheRestGoesToTheFileSystem) {
  const MountEntry mount =
      entry(R"("destination": "dev//pts/", "type": "devpts", "source": "devpts",
      "options": ["nosuid", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"])");
  EXPECT_EQ(mount.to, "/dev/pts");
  EXPECT_EQ(mount.set, unsigned{MOUNT_ATTR_NOSUID});
  EXPECT_EQ(mount.switches, std::vector<std::string>{"newinstance"});
  ASSERT_EQ(mount.data.size(), 3U);
  EXPECT_EQ(mount.data[0].key, "ptmxmode");
  EXPECT_EQ(mount.data[0].value, "0666");
  EXPECT_EQ(entry(R"("destination": "/a", "type": "tmpfs")").from, "tmpfs");
}

TEST(OciMounts, PlacesAreWrittenOneWay) {
  const auto place = [](const std::string& to) {
    return entry(R"("type": "tmpfs", "destination": ")" + to + "\"").to;
  };
  EXPECT_EQ(place("/a/./b"), "/a/b");
  EXPECT_EQ(place("/a/../b"), "/b");
  EXPECT_EQ(place("/../../b"), "/b");
  EXPECT_EQ(place("a"), "/a");
}

TEST(OciMounts, CopyUpAndMaps) {
  EXPECT_TRUE(entry(R"("destination": "/a", "type": "tmpfs", "options": ["tmpcopyup"])").copy_up);
  const std::string map = R"([{"containerID": 0, "hostID": 7, "size": 1}])";
  const MountEntry mapped = entry(
      R"("destination": "/a", "source": "/b", "options": ["rbind", "ridmap"], "uidMappings": )" +
      map + R"(, "gidMappings": )" + map);
  EXPECT_EQ(mapped.idmapped, Idmapped::tree);
  EXPECT_EQ(mapped.uids.at(0).outside, 7U);
  EXPECT_EQ(entry(R"("destination": "/a", "source": "/b", "options": ["bind"], "uidMappings": )" +
                  map + R"(, "gidMappings": )" + map)
                .idmapped,
            Idmapped::mount);
}

TEST(OciMounts, Refuses) {
  const std::vector<std::pair<std::string, std::string>> table{
      {R"("type": "tmpfs")", "mounts[0].destination: is missing"},
      {R"("type": "tmpfs", "destination": "/")", "mounts[0].destination: this is the root itself"},
      {R"("type": "tmpfs", "destination": "/a/..")",
       "mounts[0].destination: this is the root itself"},
      {R"("destination": "/a")", "mounts[0].type: is missing"},
      {R"("destination": "/a", "type": "none")", "mounts[0].type: says no file system"},
      {R"("destination": "/a", "type": "bind")", "mounts[0].source: is missing"},
      {R"("destination": "/a", "source": "/b", "options": ["bind", "size=1"])",
       "mounts[0].options[1]: \"size=1\" is no option of a bind"},
      {R"("destination": "/a", "source": "/b", "options": ["bind", "sync"])",
       "mounts[0].options[1]: \"sync\" is no option of a bind"},
      {R"("destination": "/a", "source": "/b", "options": ["bind", "tmpcopyup"])",
       "mounts[0].options[1]: only into a tmpfs"},
      {R"("destination": "/a", "source": "/b", "options": ["bind", "idmap"])",
       "mounts[0]: idmap takes maps"},
      {R"("destination": "/a", "type": "tmpfs", "options": ["idmap"])",
       "mounts[0].options[0]: only a bind"},
      {R"("destination": "/a", "type": "tmpfs", "options": [""])",
       "mounts[0].options[0]: an empty option"},
      {R"("destination": "/a", "source": "/b", "type": "bind", "uidMappings": [{"containerID": 0, "hostID": 7, "size": 1}])",
       "mounts[0]: uidMappings and gidMappings go together"},
  };
  for (const auto& [mount, words] : table)
    EXPECT_EQ(refusal(document_with(mount)).find("config.json: " + words), 0U)
        << refusal(document_with(mount));
}

// What a cgroup is on a host with v2 alone, and on one with both.
TEST(OciMounts, ACgroupIsWhatTheMachineHas) {
  const MountEntry group =
      entry(R"("destination": "/sys/fs/cgroup", "type": "cgroup", "options": ["ro", "nosuid"])");
  const CgroupHost v2{
      .own_groups = "0::/\n",
      .mounts = parse_mountinfo("30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")};
  const auto one = hierarchies_for(group, v2);
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0].type, "cgroup2");
  EXPECT_EQ(one[0].to, "/sys/fs/cgroup");
  const CgroupHost both{
      .own_groups = "",
      .mounts = parse_mountinfo(
          "30 20 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n"
          "31 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
          "32 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
          "33 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
          "34 20 0:29 / /somewhere/else rw - cgroup cgroup rw,cpu,cpuacct\n")};
  const auto all = hierarchies_for(group, both);
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].type, "tmpfs");
  EXPECT_EQ(all[1].to, "/sys/fs/cgroup/unified");
  EXPECT_EQ(all[1].type, "cgroup2");
  EXPECT_EQ(all[2].switches, std::vector<std::string>{"none"});
  EXPECT_EQ(all[2].data.at(0).value, "systemd");
  EXPECT_EQ(all[3].switches, (std::vector<std::string>{"cpu", "cpuacct"}));
  EXPECT_EQ(all[3].set, unsigned{MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID});
}

}  // namespace
}  // namespace tincan::oci
