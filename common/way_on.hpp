// What to say to a word that was not understood: hands type what another tool, or a later chapter,
// has taught them. One sentence that gets the person on, never a guess that is acted upon.
//
//   // "--pids 64 is the option here"
//   Advice advice = way_on(Where::option, "--pids-limit", {"64"});
//   std::string_view chapter = chapter_with("--memory");             // "09"
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tincan {

/// Where the word stood.
enum class Where {
  option,   ///< it begins with a dash
  word,     ///< among the options, without a dash
  root,     ///< as the value of -m
  command,  ///< as the command, and there is none of that name
};

struct Advice {
  std::string sentence;          ///< empty: nothing is known about the word
  std::string_view option = {};  ///< the option that the sentence names, "--memory"; may be empty
};

/// What is known about `word`. `following`: what the person typed behind it, for a sentence that
/// can be typed as it stands.
Advice way_on(Where place, const std::string& word, const std::vector<std::string>& following = {});

/// The chapter from which on every chapter has the option `name`, "05". Empty: no chapter has it,
/// or all have.
std::string_view chapter_with(std::string_view name);

}  // namespace tincan
