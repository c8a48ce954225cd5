// The parser of mountinfo lines:
//   36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
#include "common/mountinfo.hpp"

#include <algorithm>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"

namespace tincan {
namespace {

bool is_octal(char digit) {
  return digit >= '0' && digit <= '7';
}

// The kernel writes blank, tab, newline and backslash as \ and three octal digits.
std::string unescape(std::string_view text) {
  if (text.find('\\') == std::string_view::npos) return std::string{text};
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view digits = text.substr(i + 1, 3);
    if (text[i] != '\\' || digits.size() < 3 ||
        !std::all_of(digits.begin(), digits.end(), is_octal)) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
    i += 3;
  }
  return plain;
}

bool has_tag(const MountInfo& mount, std::string_view tag) {
  return std::any_of(mount.optional.begin(), mount.optional.end(),
                     [tag](const std::string& field) { return field.starts_with(tag); });
}

MountInfo parse_line(std::string_view line) {
  const auto fields = split_at(line, ' ');
  const auto dash = std::find(fields.begin(), fields.end(), "-");
  const bool whole = dash - fields.begin() >= 6 && fields.end() - dash >= 4;
  const auto id = whole ? parse_number(fields[0], 0, INT32_MAX) : std::nullopt;
  const auto parent = whole ? parse_number(fields[1], 0, INT32_MAX) : std::nullopt;
  if (!id || !parent) throw Error{EINVAL, "parse mountinfo", std::string{line}};
  // The rest of the line, blanks and all: some file systems do not escape theirs.
  const auto options_of_system = static_cast<std::size_t>(dash[3].data() - line.data());
  return {.id = static_cast<int>(*id),
          .parent = static_cast<int>(*parent),
          .device = std::string{fields[2]},
          .root = unescape(fields[3]),
          .mount_point = unescape(fields[4]),
          .options = std::string{fields[5]},
          .optional = {fields.begin() + 6, dash},
          .type = std::string{dash[1]},
          .source = unescape(dash[2]),
          .super_options = std::string{line.substr(options_of_system)}};
}

}  // namespace

std::string MountInfo::propagation() const {
  if (has_tag(*this, "unbindable")) return "unbindable";
  const bool shared = has_tag(*this, "shared:");
  if (has_tag(*this, "master:")) return shared ? "slave,shared" : "slave";
  return shared ? "shared" : "private";
}

std::vector<MountInfo> parse_mountinfo(std::string_view text) {
  std::vector<MountInfo> mounts;
  for (const std::string_view line : split_at(text, '\n')) mounts.push_back(parse_line(line));
  return mounts;
}

}  // namespace tincan
