// The tree, built from what the parser says.
#include "13-runtime/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

#include "common/error.hpp"
#include "common/printable.hpp"

namespace tincan::oci {
namespace {

// The interface is nlohmann's: false ends the parser, and so does an exception.
class Builder {
 public:
  Builder(std::string_view text, const std::string& name) : text_{text}, name_{name} {}

  bool null() { return add({}); }
  bool boolean(bool yes) { return add({.kind = Kind::yes_no, .yes = yes}); }
  bool number_unsigned(std::uint64_t number) {
    return add({.kind = Kind::number, .magnitude = number});
  }
  bool number_integer(std::int64_t number) {
    // The smallest has no positive counterpart: its bits, negated, are its magnitude.
    const auto bits = static_cast<std::uint64_t>(number);
    return add(
        {.kind = Kind::number, .negative = number < 0, .magnitude = number < 0 ? 0 - bits : bits});
  }
  bool number_float(double, const std::string& written) {
    return add({.kind = Kind::fraction, .text = written});
  }
  bool string(std::string& text) { return add({.kind = Kind::text, .text = std::move(text)}); }
  template <typename Bytes>
  bool binary(Bytes&) {
    return false;  // there is none in JSON
  }
  bool start_object(std::size_t) { return begin(Kind::object); }
  bool key(std::string& name) {
    require_no_nul(name);
    open_.back()->members.push_back({.name = std::move(name)});
    return true;
  }
  bool end_object() {
    require_each_once(*open_.back());
    open_.pop_back();
    return true;
  }
  bool start_array(std::size_t) { return begin(Kind::list); }
  bool end_array() {
    open_.pop_back();
    return true;
  }
  template <typename Exception>
  bool parse_error(std::size_t position, const std::string&, const Exception&) {
    const std::string_view before = text_.substr(0, std::min(position, text_.size()));
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const std::size_t column = before.size() - (before.rfind('\n') + 1);
    refuse("line " + std::to_string(lines + 1) + ", column " + std::to_string(column) +
           ": this is no JSON");
  }

  Value take() { return std::move(root_); }

 private:
  [[noreturn]] void refuse(const std::string& problem) const {
    throw Error{0, name_, {}, problem, 1};
  }

  // Where the parser is, or, without the last step, what it is in.
  std::string place(std::size_t less = 0) const {
    constexpr std::size_t most = 200;
    std::string path;
    for (std::size_t i = 0; i + less < open_.size() && path.size() < most; ++i) {
      const std::vector<Value>& members = open_[i]->members;
      if (members.empty()) break;
      const std::string name = printable(members.back().name.substr(0, most));
      path += open_[i]->kind == Kind::list ? "[" + std::to_string(members.size() - 1) + "]"
                                           : (path.empty() ? "" : ".") + name;
    }
    if (path.size() >= most) path = path.substr(0, most) + "...";
    return path.empty() ? "" : path + ": ";
  }

  void require_no_nul(const std::string& text) const {
    if (text.find('\0') == std::string::npos) return;
    refuse(place() + "a NUL in a text, which would end there for the kernel");
  }

  void require_each_once(const Value& object) const {
    std::vector<std::string_view> names;
    names.reserve(object.members.size());
    for (const Value& member : object.members) names.emplace_back(member.name);
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice == names.end()) return;
    refuse(place(1) + "two members are called " +
           shown({.kind = Kind::text, .text = std::string{*twice}}) +
           ": which of them counts, nobody can say");
  }

  // Where the next value goes.
  Value& next() {
    if (++values_ > most_values) {
      refuse(place() + "more than " + std::to_string(most_values) + " values in one document");
    }
    if (open_.empty()) return root_;
    Value& parent = *open_.back();
    if (parent.kind == Kind::list) parent.members.emplace_back();
    return parent.members.back();
  }

  bool add(Value value) {
    Value& place = next();
    value.name = std::move(place.name);
    place = std::move(value);
    require_no_nul(place.text);
    return true;
  }

  // A list or an object stays where it is as long as it is open: nothing is added beside it until then.
  bool begin(Kind kind) {
    if (open_.size() == most_levels) {
      refuse(place() + "more than " + std::to_string(most_levels) + " levels");
    }
    Value& place = next();
    place.kind = kind;
    open_.push_back(&place);
    return true;
  }

  std::string_view text_;
  const std::string& name_;
  Value root_ = {};
  std::vector<Value*> open_ = {};
  std::size_t values_ = 0;
};

}  // namespace

Value parse_json(std::string_view text, const std::string& name) {
  if (text.size() > most_bytes) {
    throw Error{
        0,
        name,
        {},
        "more than " + std::to_string(most_bytes) + " bytes: this is no document of an engine's",
        1};
  }
  Builder builder{text, name};
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

std::string shown(const Value& value) {
  constexpr std::size_t most = 64;
  const std::string start =
      printable(value.text.substr(0, most)) + (value.text.size() > most ? "..." : "");
  switch (value.kind) {
    case Kind::null:
      return "null";
    case Kind::yes_no:
      return value.yes ? "true" : "false";
    case Kind::number:
      return (value.negative ? "-" : "") + std::to_string(value.magnitude);
    case Kind::fraction:
      return start;
    case Kind::text:
      return "\"" + start + "\"";
    case Kind::list:
      return "a list";
    case Kind::object:
      return "an object";
  }
  return {};
}

}  // namespace tincan::oci
