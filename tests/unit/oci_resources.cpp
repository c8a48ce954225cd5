// Limits of a document as files of control groups, and rules for devices as a program.
#include <gtest/gtest.h>
#include <linux/bpf.h>

#include <string>
#include <utility>
#include <vector>

#include "13-runtime/device_access.hpp"
#include "13-runtime/resource_files.hpp"
#include "tests/unit/ebpf.hpp"
#include "tests/unit/oci.hpp"

namespace tincan::oci {
namespace {

// "memory.max=1 pids.max=max", in order.
std::string written(const std::string& resources, Version version) {
  std::string all;
  for (const GroupFile& file : files_of(parse_resources("{" + resources + "}", "file"), version)) {
    all += (all.empty() ? "" : "; ") + file.file + "=" + file.value;
  }
  return all;
}

std::string why_not(const std::string& resources, Version version) {
  try {
    return "taken: " + written(resources, version);
  } catch (const Error& error) {
    return error.status() == 1 ? error.what() : "another status";
  }
}

TEST(OciResources, OnV2) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"", ""},
      {R"("memory": {"limit": 100, "swap": 150, "reservation": 50})",
       "memory.swap.max=50; memory.max=100; memory.low=50"},
      {R"("memory": {"limit": -1, "swap": -1})", "memory.swap.max=max; memory.max=max"},
      {R"("memory": {"limit": 0})", ""},
      {R"("memory": {"disableOOMKiller": false})", ""},
      {R"("cpu": {"shares": 1024})", "cpu.weight=39"},
      {R"("cpu": {"shares": 2})", "cpu.weight=1"},
      {R"("cpu": {"shares": 262144})", "cpu.weight=10000"},
      {R"("cpu": {"shares": 0})", ""},
      {R"("cpu": {"quota": 50000})", "cpu.max=50000 100000"},
      {R"("cpu": {"quota": -1, "period": 5000})", "cpu.max=max 5000"},
      {R"("cpu": {"quota": 0, "period": 0})", "cpu.max=max 100000"},
      {R"("cpu": {"burst": 7, "cpus": "0-1", "mems": "0", "idle": 1, "shares": 5})",
       "cpu.idle=1; cpu.max.burst=7; cpuset.cpus=0-1; cpuset.mems=0"},
      {R"("pids": {"limit": 7})", "pids.max=7"},
      {R"("pids": {"limit": -1})", "pids.max=max"},
      {R"("blockIO": {"weight": 20, "throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 9}], "throttleWriteIOPSDevice": [{"major": 8, "minor": 16, "rate": 0}]})",
       "io.bfq.weight=20; io.max=8:0 rbps=9; io.max=8:16 wiops=max"},
      {R"("hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}])",
       "hugetlb.2MB.rsvd.max=4194304"},
      {R"("rdma": {"mlx5_1": {"hcaHandles": 3, "hcaObjects": 5}})",
       "rdma.max=mlx5_1 hca_handle=3 hca_object=5"},
      {R"("unified": {"memory.high": "10", "cgroup.max.depth": "2"})",
       "cgroup.max.depth=2; memory.high=10"},
  };
  for (const auto& [resources, files] : table)
    EXPECT_EQ(written(resources, Version::v2), files) << resources;
}

TEST(OciResources, OnV1) {
  const std::vector<std::pair<std::string, std::string>> table{
      {R"("memory": {"limit": 100, "swap": 150, "reservation": 50, "swappiness": 0, "disableOOMKiller": true})",
       "memory.memsw.limit_in_bytes=-1; memory.limit_in_bytes=100; "
       "memory.memsw.limit_in_bytes=150; memory.soft_limit_in_bytes=50; "
       "memory.swappiness=0; memory.oom_control=1"},
      {R"("memory": {"limit": -1})", "memory.limit_in_bytes=-1"},
      {R"("cpu": {"shares": 512, "quota": 5, "period": 6, "realtimeRuntime": 7, "realtimePeriod": 8})",
       "cpu.shares=512; cpu.rt_period_us=8; cpu.rt_runtime_us=7; cpu.cfs_period_us=6; "
       "cpu.cfs_quota_us=5"},
      {R"("blockIO": {"throttleWriteBpsDevice": [{"major": 8, "minor": 0, "rate": 9}]})",
       "blkio.throttle.write_bps_device=8:0 9"},
      {R"("network": {"classID": 5, "priorities": [{"name": "lo", "priority": 3}]})",
       "net_cls.classid=5; net_prio.ifpriomap=lo 3"},
      {R"("hugepageLimits": [{"pageSize": "2MB", "limit": 1}])",
       "hugetlb.2MB.rsvd.limit_in_bytes=1"},
  };
  for (const auto& [resources, files] : table)
    EXPECT_EQ(written(resources, Version::v1), files) << resources;
}

TEST(OciResources, AHostCanHaveSomeOnEach) {
  const auto files = files_of(
      parse_resources(
          R"({"memory": {"limit": 4096, "swappiness": 5}, "hugepageLimits": [{"pageSize": "2MB", "limit": 7}]})",
          "file"),
      [](std::string_view controller) {
        return controller == "hugetlb" ? Version::v2 : Version::v1;
      });
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].file, "memory.limit_in_bytes");
  EXPECT_EQ(files[0].version, Version::v1);
  EXPECT_EQ(files[2].file, "hugetlb.2MB.rsvd.max");
  EXPECT_EQ(files[2].version, Version::v2);
}

TEST(OciResources, WhereAFileIsNotThereAnotherMayBe) {
  const auto files = files_of(
      parse_resources(
          R"({"blockIO": {"weight": 500}, "hugepageLimits": [{"pageSize": "2MB", "limit": 7}]})",
          "file"),
      Version::v2);
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].other_file, "io.weight");
  EXPECT_EQ(files[0].other_value, "4950");
  EXPECT_EQ(files[1].other_file, "hugetlb.2MB.max");
  EXPECT_EQ(files[1].other_value, "7");
}

TEST(OciResources, WhatAVersionDoesNotHaveIsRefusedByName) {
  const auto v2 = [](const std::string& resources) { return why_not(resources, Version::v2); };
  EXPECT_EQ(v2(R"("memory": {"swappiness": 1})"),
            "linux.resources.memory.swappiness: a group of v2 has no such file");
  EXPECT_EQ(v2(R"("memory": {"disableOOMKiller": true})"),
            "linux.resources.memory.disableOOMKiller: a group of v2 has no such file");
  EXPECT_EQ(v2(R"("cpu": {"realtimeRuntime": 1})"),
            "linux.resources.cpu.realtimeRuntime: a group of v2 has no such file");
  EXPECT_EQ(v2(R"("network": {"classID": 1})"),
            "linux.resources.network.classID: a group of v2 has no such file");
  EXPECT_EQ(v2(R"("memory": {"swap": 5})"),
            "linux.resources.memory.swap: it takes a limit of memory: it is the sum of the two");
  EXPECT_EQ(v2(R"("memory": {"swap": 5, "limit": 6})"),
            "linux.resources.memory.swap: it is less than memory.limit, and is the sum of memory "
            "and swap");
  EXPECT_EQ(why_not(R"("unified": {"memory.high": "1"})", Version::v1),
            "linux.resources.unified: there is no v2 here: memory.high");
}

TEST(OciResources, NamesOfFilesAreNames) {
  for (const char* text :
       {R"("unified": {"../x": "1"})", R"("unified": {"": "1"})", R"("unified": {"..": "1"})",
        R"("hugepageLimits": [{"pageSize": "a/b", "limit": 1}])"}) {
    EXPECT_NE(why_not(text, Version::v2).find("this is no name of a file"), std::string::npos)
        << text;
  }
}

std::vector<DeviceAccess> rules(const std::string& devices) {
  return rules_of(parse_resources(R"({"devices": [)" + devices + "]}", "file"));
}

constexpr unsigned character = BPF_DEVCG_DEV_CHAR;
constexpr unsigned block = BPF_DEVCG_DEV_BLOCK;
constexpr unsigned make_it = BPF_DEVCG_ACC_MKNOD;
constexpr unsigned read_it = BPF_DEVCG_ACC_READ;
constexpr unsigned write_it = BPF_DEVCG_ACC_WRITE;

bool may(const std::string& devices, unsigned type, unsigned access, unsigned major,
         unsigned minor) {
  DeviceMachine machine{compile(rules(devices))};
  return machine.ask({.access_type = access << 16 | type, .major = major, .minor = minor}) == 1;
}

TEST(OciDevices, WithoutRulesOnlyTheDefaultsCanBeUsed) {
  EXPECT_TRUE(may("", character, read_it | write_it | make_it, 1, 3));
  EXPECT_TRUE(may("", character, read_it | write_it, 136, 77));
  EXPECT_TRUE(may("", block, make_it, 8, 0));
  EXPECT_FALSE(may("", block, read_it, 8, 0));
  EXPECT_FALSE(may("", block, read_it | make_it, 8, 0));
  EXPECT_FALSE(may("", character, read_it, 1, 1));
  EXPECT_FALSE(may("", block, read_it, 1, 3));
}

TEST(OciDevices, TheLaterRuleCounts) {
  const std::string all = R"({"allow": true, "access": "rwm"})";
  const std::string no_disk = R"({"allow": false, "type": "b", "major": 8, "access": "w"})";
  EXPECT_TRUE(may(all, block, read_it | write_it | make_it, 8, 1));
  EXPECT_TRUE(may(all + "," + no_disk, block, read_it, 8, 1));
  EXPECT_FALSE(may(all + "," + no_disk, block, write_it, 8, 1));
  EXPECT_FALSE(may(all + "," + no_disk, block, read_it | write_it, 8, 1));
  EXPECT_TRUE(may(all + "," + no_disk, block, read_it | write_it, 9, 1));
  EXPECT_TRUE(may(no_disk + "," + all, block, read_it | write_it, 8, 1));
  EXPECT_FALSE(may(all + R"(,{"allow": false})", block, read_it, 8, 1));
}

TEST(OciDevices, EachAccessIsSettledByItself) {
  const std::string two = R"({"allow": true, "type": "c", "major": 10, "minor": 229, "access": "r"},
                             {"allow": true, "type": "c", "major": 10, "access": "w"})";
  EXPECT_TRUE(may(two, character, read_it | write_it, 10, 229));
  EXPECT_FALSE(may(two, character, read_it | write_it, 10, 228));
  EXPECT_TRUE(may(two, character, write_it, 10, 228));
}

TEST(OciDevices, RulesAsLines) {
  EXPECT_EQ(rule_line(rules("")[0]), "a *:* rwm");
  EXPECT_EQ(rule_line(rules(
                R"({"allow": true, "type": "c", "major": 10, "minor": -1, "access": "mr"})")[1]),
            "c 10:* rm");
  EXPECT_NE(refusal(with_linux(R"("resources": {"devices": [{"allow": true, "access": "x"}]})"))
                .find("linux.resources.devices[0].access: \"x\" has letters beside r, w, m"),
            std::string::npos);
  EXPECT_NE(refusal(with_linux(R"("resources": {"devices": [{"type": "c"}]})"))
                .find("devices[0].allow: is missing"),
            std::string::npos);
}

}  // namespace
}  // namespace tincan::oci
