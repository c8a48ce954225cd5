// Rules for devices, for v1 and v2.
#include "13-runtime/device_access.hpp"

#include <linux/bpf_common.h>
#include <linux/major.h>

#include <cstddef>
#include <cstdint>

#include "12-devices/device_rules.hpp"
#include "common/files.hpp"

namespace tincan::oci {
namespace {

using namespace device_access;

constexpr std::uint32_t all = make | read | write;
constexpr std::uint32_t ends = read | write;

// What is asked for; its parts, and those of it that no rule has settled yet.
constexpr std::uint8_t answer = BPF_REG_0;
constexpr std::uint8_t question = BPF_REG_1;
constexpr std::uint8_t type = BPF_REG_2;
constexpr std::uint8_t open = BPF_REG_3;
constexpr std::uint8_t major_number = BPF_REG_4;
constexpr std::uint8_t minor_number = BPF_REG_5;

constexpr std::uint32_t type_bits = 0xffff;
constexpr std::uint32_t access_shift = 16;

bpf_insn instruction(int code, std::uint8_t to, std::uint8_t from, std::size_t offset,
                     std::uint32_t number) {
  return {.code = static_cast<std::uint8_t>(code),
          .dst_reg = static_cast<std::uint8_t>(to & 0xfU),
          .src_reg = static_cast<std::uint8_t>(from & 0xfU),
          .off = static_cast<std::int16_t>(offset),
          .imm = static_cast<std::int32_t>(number)};
}

bpf_insn load(std::uint8_t to, std::size_t offset) {
  return instruction(BPF_LDX | BPF_MEM | BPF_W, to, question, offset, 0);
}

// In 32 bits: whatever is compared here has no more.
bpf_insn compute(int operation, std::uint8_t to, std::uint32_t number) {
  return instruction(BPF_ALU | operation | BPF_K, to, 0, 0, number);
}

bpf_insn copy(std::uint8_t to, std::uint8_t from) {
  return instruction(BPF_ALU | BPF_MOV | BPF_X, to, from, 0, 0);
}

// A number of 64 bits with its upper half all ones is what a comparison would make of one with the
// highest bit set; so those compare 32 bits.
bpf_insn skip_unless(std::uint8_t part, std::uint32_t number, std::size_t instructions) {
  return instruction(BPF_JMP32 | BPF_JNE | BPF_K, part, 0, instructions, number);
}

bpf_insn skip_if(std::uint8_t part, std::uint32_t number, std::size_t instructions) {
  return instruction(BPF_JMP32 | BPF_JEQ | BPF_K, part, 0, instructions, number);
}

void append(DeviceProgram& program, const DeviceProgram& part) {
  program.insert(program.end(), part.begin(), part.end());
}

DeviceProgram end_with(bool allowed) {
  return {compute(BPF_MOV, answer, allowed ? 1 : 0), instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)};
}

// Allowed is what the rule names; and if nothing is open any more, all of it.
DeviceProgram settle(const DeviceAccess& rule) {
  DeviceProgram part =
      rule.allow ? DeviceProgram{compute(BPF_AND, open, ~rule.access), skip_unless(open, 0, 2)}
                 : DeviceProgram{copy(answer, open), compute(BPF_AND, answer, rule.access),
                                 skip_if(answer, 0, 2)};
  append(part, end_with(rule.allow));
  return part;
}

// The tests stand in a row, and each that fails jumps behind the rule's end.
DeviceProgram rule_part(const DeviceAccess& rule) {
  DeviceProgram part = settle(rule);
  const auto require = [&](std::uint8_t what, std::uint32_t number) {
    part.insert(part.begin(), skip_unless(what, number, part.size()));
  };
  if (rule.minor) require(minor_number, *rule.minor);
  if (rule.major) require(major_number, *rule.major);
  if (rule.type != 'a') require(type, rule.type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
  return part;
}

std::string star_or(const std::optional<std::uint32_t>& number) {
  return number ? std::to_string(*number) : "*";
}

}  // namespace

std::vector<DeviceAccess> rules_of(const Resources& resources) {
  std::vector<DeviceAccess> rules{{.allow = false}};
  rules.insert(rules.end(), resources.devices.begin(), resources.devices.end());
  const auto allow = [&](char kind, std::optional<std::uint32_t> major,
                         std::optional<std::uint32_t> minor, std::uint32_t access) {
    rules.push_back({true, kind, major, minor, access});
  };
  allow('c', {}, {}, make);
  allow('b', {}, {}, make);
  for (const std::uint32_t minor : {3U, 5U, 7U, 8U, 9U}) allow('c', MEM_MAJOR, minor, all);
  allow('c', TTYAUX_MAJOR, 0, all);              // tty: that of whoever opens it
  allow('c', TTYAUX_MAJOR, 2, ends);             // ptmx: of its own /dev/pts
  allow('c', UNIX98_PTY_SLAVE_MAJOR, {}, ends);  // what is in a /dev/pts
  return rules;
}

std::string rule_line(const DeviceAccess& rule) {
  std::string line{rule.type};
  line += " " + star_or(rule.major) + ":" + star_or(rule.minor) + " ";
  if ((rule.access & read) != 0) line += 'r';
  if ((rule.access & write) != 0) line += 'w';
  if ((rule.access & make) != 0) line += 'm';
  return line;
}

DeviceProgram compile(const std::vector<DeviceAccess>& rules) {
  DeviceProgram program{load(type, offsetof(bpf_cgroup_dev_ctx, access_type)),
                        copy(open, type),
                        compute(BPF_AND, type, type_bits),
                        compute(BPF_RSH, open, access_shift),
                        load(major_number, offsetof(bpf_cgroup_dev_ctx, major)),
                        load(minor_number, offsetof(bpf_cgroup_dev_ctx, minor))};
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) append(program, rule_part(*rule));
  append(program, end_with(false));
  return program;
}

// A rule of type a is for the kernel one for everything, whatever else stands in it: where it has
// numbers, or not all accesses, it is written for both kinds.
void put_rules_on_v1(const std::vector<DeviceAccess>& rules, const std::string& group) {
  for (const DeviceAccess& rule : rules) {
    const std::string file = group + (rule.allow ? "/devices.allow" : "/devices.deny");
    const bool everything = !rule.major && !rule.minor && rule.access == all;
    DeviceAccess one = rule;
    for (const char kind : {'b', 'c'}) {
      if (rule.type == 'a' && !everything) one.type = kind;
      if (one.type != kind && (one.type != 'a' || kind != 'b')) continue;
      // guard: the kernel's cgroup file system holds no symlinks and no container's files
      write_file(file, rule_line(one));
    }
  }
}

}  // namespace tincan::oci
