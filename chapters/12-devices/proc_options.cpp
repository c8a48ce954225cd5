// The options that are worth having, and no others.
#include "12-devices/proc_options.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "common/error.hpp"

namespace tincan {
namespace {

// Not gid=, which would make exceptions.
constexpr std::array<std::string_view, 9> known{
    "subset=pid", "hidepid=off", "hidepid=noaccess", "hidepid=invisible", "hidepid=ptraceable",
    "hidepid=0",  "hidepid=1",   "hidepid=2",        "hidepid=4"};

// Everybody may read it, nobody can write to it, and it is there as long as the container: the
// child is process 1 already.
constexpr const char* always_there = "/proc/1/limits";

}  // namespace

void add_proc_options(CommandLine& line, ProcOptions& options) {
  line.repeatable("--proc", "OPTION",
                  "of /proc: subset=pid shows processes and nothing else; hidepid=invisible hides "
                  "those of other users",
                  [&](const std::string& text) {
                    const sys::FileSystemOption one = parse_proc_option(text, "--proc");
                    for (const sys::FileSystemOption& other : options.all) {
                      if (other.key == one.key)
                        throw UsageError{"--proc", one.key + " is given twice"};
                    }
                    options.all.push_back(one);
                  });
}

sys::FileSystemOption parse_proc_option(const std::string& text, const std::string& option) {
  if (std::find(known.begin(), known.end(), text) == known.end()) {
    throw UsageError{option, "'" + text +
                                 "' is none of subset=pid, hidepid=noaccess, hidepid=invisible, "
                                 "hidepid=ptraceable, hidepid=off"};
  }
  const std::size_t equals = text.find('=');
  return {text.substr(0, equals), text.substr(equals + 1)};
}

void set_proc_options(const ProcOptions& options, Luggage& luggage) {
  for (Item& item : luggage.items) {
    if (item.entry.kind != "proc") continue;
    item.entry.data.insert(item.entry.data.end(), options.all.begin(), options.all.end());
  }
}

void keep_proc_options(const ProcOptions& options, std::vector<Cover>& covers) {
  for (const sys::FileSystemOption& option : options.all) {
    if (option.key == "subset") covers.push_back({always_there, CoverKind::read_only});
  }
}

}  // namespace tincan
