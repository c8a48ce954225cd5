// Reading the limits, and refusing what is none.
#include "09-cgroups/limits.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/error.hpp"
#include "common/numbers.hpp"

namespace tincan {
namespace {

// From what a container needs to start at all, to more than any machine has.
constexpr std::uint64_t least_memory = 512ULL << 10;
constexpr std::uint64_t most_memory = 16ULL << 40;
// One page; 0 would be no limit at all, tmpfs(5).
constexpr std::uint64_t least_tmpfs = 4ULL << 10;
// The kernel's own most, PID_MAX_LIMIT in <linux/threads.h>.
constexpr std::uint64_t most_pids = 4194304;
// cpu.weight, cgroup-v2.rst.
constexpr std::uint64_t most_weight = 10000;
// Below it not one page would pass in a tenth of a second; above it no disk is.
constexpr std::uint64_t least_bytes_per_second = 64ULL << 10;
constexpr std::uint64_t most_bytes_per_second = 1ULL << 40;
// Fewer do not get a container started; more the kernel refuses by default, fs.nr_open.
constexpr std::uint64_t least_nofile = 32;
constexpr std::uint64_t most_nofile = 1048576;
constexpr std::uint64_t a_year = 31536000;  // in seconds

constexpr std::array<std::pair<char, std::uint64_t>, 3> units{
    {{'K', 1ULL << 10}, {'M', 1ULL << 20}, {'G', 1ULL << 30}}};

std::string with_unit(std::uint64_t bytes) {
  std::string text = std::to_string(bytes);
  for (const auto& [letter, factor] : units) {
    if (bytes >= factor && bytes % factor == 0) text = std::to_string(bytes / factor) + letter;
  }
  return text;
}

// How the values of an option are read: a number, or a size, from `least` to `most`.
auto count(const std::string& option, std::uint64_t least, std::uint64_t most) {
  return [=](const std::string& text) {
    if (const auto number = parse_number(text, least, most)) return *number;
    throw UsageError{option, "'" + text + "' is not a number from " + std::to_string(least) +
                                 " to " + std::to_string(most)};
  };
}

auto size(const std::string& option, std::uint64_t least, std::uint64_t most) {
  return [=](const std::string& text) { return parse_size(text, option, least, most); };
}

// `parse`, and behind what it says of a value that is no good, `more`.
template <typename Parse>
auto saying(const char* more, const Parse& parse) {
  return [more, parse](const std::string& text) {
    try {
      return parse(text);
    } catch (const UsageError& error) {
      throw UsageError{error.operation(), error.hint() + more};
    }
  };
}

// `none` is the word for no limit of this kind.
template <typename Number, typename Parse>
CommandLine::Take number_or_none(std::optional<Number>& place, const Parse& parse) {
  return [&place, parse = saying("; none for no limit", parse)](const std::string& text) {
    place.reset();
    if (text != "none") place = static_cast<Number>(parse(text));
  };
}

// What is never without a limit.
template <typename Place, typename Parse>
CommandLine::Take number(Place& place, const Parse& parse) {
  return [&place, parse = saying("; there is always a limit", parse)](const std::string& text) {
    place = parse(text);
  };
}

unsigned processors() {
  return static_cast<unsigned>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
}

void add_processor_options(CommandLine& line, LimitOptions& options) {
  line.option("--cpus", "N|none", "processors at most, 0.01 and up; no maximum if it is not given",
              number_or_none(options.cpus, [](const std::string& text) {
                return parse_cpus(text, "--cpus", processors());
              }));
  line.option("--cpu-weight", "N|none",
              "its share beside others, who have 100: 25 if it is not given",
              number_or_none(options.cpu_weight, count("--cpu-weight", 1, most_weight)));
}

void add_io_options(CommandLine& line, LimitOptions& options) {
  const auto rate = [](const std::string& option) {
    return size(option, least_bytes_per_second, most_bytes_per_second);
  };
  line.option("--io-read", "SIZE|none",
              "bytes a second from the root's disk; no limit if not given",
              number_or_none(options.io_read, rate("--io-read")));
  line.option("--io-write", "SIZE|none", "the same, to it",
              number_or_none(options.io_write, rate("--io-write")));
}

// What is counted for each process by itself, prlimit(1).
void add_process_options(CommandLine& line, LimitOptions& options) {
  line.option("--nofile", "N", "open descriptors of a process: 1024 if it is not given",
              number(options.nofile, count("--nofile", least_nofile, most_nofile)));
  line.option("--fsize", "SIZE|none",
              "bytes in a file that a process writes; no limit if not given",
              number_or_none(options.fsize, size("--fsize", 1, most_memory)));
  line.option("--cpu-time", "SECONDS|none",
              "of a processor, for each process, then SIGXCPU; no limit if not given",
              number_or_none(options.cpu_time, count("--cpu-time", 1, a_year)));
}

}  // namespace

void add_limit_options(CommandLine& line, LimitOptions& options) {
  line.section("Limits (chapter 09); sizes are bytes, or K, M, G of 1024; none is no limit");
  line.option("--memory", "SIZE|none", "at most that much, and no swap: 1G if it is not given",
              number_or_none(options.memory, size("--memory", least_memory, most_memory)));
  line.option("--pids", "N|none", "processes and threads at most: 64 if it is not given",
              number_or_none(options.pids, count("--pids", 1, most_pids)));
  add_processor_options(line, options);
  add_io_options(line, options);
  line.flag("--no-limits", "go on without a control group", [&] { options.none = true; });
  for (const char* const limit :
       {"--memory", "--pids", "--cpus", "--cpu-weight", "--io-read", "--io-write"}) {
    line.not_both(limit, "--no-limits", "it takes a control group");
  }
  add_process_options(line, options);
}

void add_size_options(CommandLine& line, MountOptions& options) {
  line.option("--shm-size", "SIZE", "what /dev/shm holds: 64M if it is not given",
              number(options.shm_size, size("--shm-size", least_tmpfs, most_memory)));
  const auto take = number(options.tmp_size, size("--tmp-size", least_tmpfs, most_memory));
  line.option("--tmp-size", "SIZE", "--tmp, and what it holds: 64M if it is not given",
              [&options, take](const std::string& text) {
                options.temporary_tmp = true;
                take(text);
              });
}

std::uint64_t parse_size(const std::string& text, const std::string& option, std::uint64_t least,
                         std::uint64_t most) {
  std::string digits = text;
  std::uint64_t factor = 1;
  for (const auto& [letter, size] : units) {
    // Docker's k, m, g are of 1024 too.
    if (text.ends_with(letter) || text.ends_with(static_cast<char>(letter - 'A' + 'a')))
      factor = size;
  }
  if (factor != 1) digits.pop_back();
  const auto number = parse_number(digits, 0, most / factor);
  if (!number || *number * factor < least) {
    throw UsageError{option, "'" + text + "' is not a size from " + with_unit(least) + " to " +
                                 with_unit(most) +
                                 ", in bytes or with one letter, K, M, G, for 1024 and up"};
  }
  return *number * factor;
}

unsigned parse_cpus(const std::string& text, const std::string& option, unsigned processors) {
  constexpr std::size_t decimals = 3;
  constexpr std::uint64_t least = 10;  // the kernel's least, 1 ms in the 100 ms of a period
  const std::size_t point = text.find('.');
  std::string fraction = point == std::string::npos ? "" : text.substr(point + 1);
  const bool odd = point != std::string::npos && (fraction.empty() || fraction.size() > decimals);
  fraction.resize(decimals, '0');
  const auto whole = parse_number(text.substr(0, point), 0, processors);
  // Behind a 1, so that zeros may lead.
  const auto part = parse_number("1" + fraction, 1000, 1999);
  const std::uint64_t all = whole && part ? *whole * 1000 + *part - 1000 : 0;
  if (odd || all < least || all > processors * 1000ULL) {
    throw UsageError{option, "'" + text + "' is not a number of processors from 0.01 to " +
                                 std::to_string(processors) + " with three decimals at most"};
  }
  return static_cast<unsigned>(all);
}

unsigned weight_of_shares(std::uint64_t shares) {
  const std::uint64_t weight = (shares * 100 + 512) / 1024;
  return static_cast<unsigned>(std::clamp<std::uint64_t>(weight, 1, most_weight));
}

std::uint64_t shares_of_weight(unsigned weight) {
  constexpr std::uint64_t least = 2;
  constexpr std::uint64_t most = 262144;
  return std::clamp<std::uint64_t>((weight * 1024ULL + 50) / 100, least, most);
}

}  // namespace tincan
