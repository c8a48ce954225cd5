// Setting the table, and writing JSON.
#include "doctor/report.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>

namespace tincan::doctor {
namespace {

constexpr std::size_t screen_width = 100;

const char* word(State state) {
  switch (state) {
    case State::works:
      return "works";
    case State::missing:
      return "missing";
    case State::not_tried:
      return "not tried";
    case State::not_needed:
      break;
  }
  return "-";
}

std::string cell(State state, Weight weight, bool colour) {
  std::string text = fmt::format("{:<10}", word(state));
  if (!colour || (state != State::works && state != State::missing)) return text;
  if (state == State::works) return "\033[32m" + text + "\033[0m";
  return (weight == Weight::needed ? "\033[31;1m" : "\033[33m") + text + "\033[0m";
}

// Breaks at blanks; a word that is longer than a line stays whole.
std::string wrapped(std::string_view text, const std::string& indent) {
  std::string lines;
  std::string line = indent;
  while (!text.empty()) {
    const auto length = std::min(text.find(' '), text.size());
    if (line.size() > indent.size() && line.size() + 1 + length > screen_width) {
      lines += line + "\n";
      line = indent;
    }
    if (line.size() > indent.size()) line += ' ';
    line += text.substr(0, length);
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return lines + line + "\n";
}

std::string explanation(const Finding& finding, const std::string& who, const std::string& seen) {
  std::string text = wrapped(who + finding.tried + ": " + finding.cause, "    ");
  if (!seen.empty()) text += wrapped("seen here: " + seen, "    ");
  if (!finding.remedy.empty()) text += wrapped("what to do: " + finding.remedy, "    ");
  return text;
}

// Both users fail alike, mostly: said once then.
std::string explanations(const Result& result, const std::vector<Observation>& seen) {
  const std::string suspected = suspects(seen, result.trial.id);
  const bool root = result.as_root.state == State::missing;
  const bool user = result.as_user.state == State::missing;
  const bool alike = root && user && result.as_root.cause == result.as_user.cause;
  std::string text;
  if (root) text += explanation(result.as_root, user && !alike ? "as root: " : "", suspected);
  if (user && !alike) text += explanation(result.as_user, root ? "as a user: " : "", suspected);
  return text;
}

std::string verdict(const std::vector<Result>& results) {
  const auto serious = std::count_if(results.begin(), results.end(), is_serious);
  const auto absent = std::count_if(results.begin(), results.end(), [](const Result& result) {
    return result.as_root.state == State::missing || result.as_user.state == State::missing;
  });
  const std::string rest =
      absent == serious ? "" : fmt::format(" {} useful things are missing too.", absent - serious);
  const bool partly = std::any_of(results.begin(), results.end(), [](const Result& result) {
    return result.as_root.state == State::not_tried;
  });
  if (serious == 0 && partly) {
    return "Everything that an ordinary user's containers need works here; what root's need was "
           "not "
           "tried: run it with sudo." +
           rest;
  }
  if (serious == 0) return "Everything that the chapters need works here." + rest;
  return fmt::format(
      "{} things that chapters need are missing. The guest (make vm) has them all: see "
      "docs/platforms.md.{}",
      serious, rest);
}

// A long value goes on below itself.
std::string line_of(const Observation& seen) {
  const std::string name = fmt::format("  {:<51} ", seen.name);
  std::string lines = wrapped(seen.value + (seen.explains.empty() ? "" : " (restricts)"),
                              std::string(name.size(), ' '));
  return lines.replace(0, name.size(), name);
}

using Json = nlohmann::ordered_json;

Json as_object(const Finding& finding, const std::string& seen) {
  Json object{{"state", word(finding.state)}};
  if (finding.state == State::missing) object["tried"] = finding.tried;
  if (!finding.cause.empty()) object["cause"] = finding.cause;
  if (finding.state == State::missing) object.update({{"remedy", finding.remedy}, {"seen", seen}});
  return object;
}

Json as_object(const Result& result, const std::vector<Observation>& seen) {
  const std::string suspected = suspects(seen, result.trial.id);
  return {{"id", result.trial.id},
          {"what", result.trial.what},
          {"chapters", result.trial.chapters},
          {"needed", result.trial.weight == Weight::needed},
          {"root", as_object(result.as_root, suspected)},
          {"user", as_object(result.as_user, suspected)}};
}

}  // namespace

std::string as_table(const std::vector<Result>& results, const std::vector<Observation>& seen,
                     bool colour) {
  std::string text = "This host\n";
  for (const Observation& one : seen) text += line_of(one);
  text += fmt::format("\n{:<38} {:<10} {:<10} {:<14} {}\n", "Tried", "as root", "as a user",
                      "chapters", "id");
  for (const Result& result : results) {
    const Trial& trial = result.trial;
    text += fmt::format("  {:<36} {} {} {:<14} {}\n", trial.what,
                        cell(result.as_root.state, trial.weight, colour),
                        cell(result.as_user.state, trial.weight, colour), trial.chapters, trial.id);
    text += explanations(result, seen);
  }
  return text + "\n" + wrapped(verdict(results), "");
}

std::string as_json(const std::vector<Result>& results, const std::vector<Observation>& seen) {
  Json report{{"host", Json::object()}, {"trials", Json::array()}};
  for (const Observation& one : seen) report["host"][one.name] = one.value;
  for (const Result& result : results) report["trials"].push_back(as_object(result, seen));
  report["ok"] = std::none_of(results.begin(), results.end(), is_serious);
  return report.dump(1, ' ', true, Json::error_handler_t::replace) + "\n";
}

std::string why(const Result& result) {
  for (const Finding& finding : {result.as_root, result.as_user}) {
    if (finding.state == State::missing) {
      return finding.cause + (finding.remedy.empty() ? "" : ". What to do: " + finding.remedy);
    }
  }
  return {};
}

}  // namespace tincan::doctor
