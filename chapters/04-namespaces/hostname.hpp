// Names for containers: checked when they are given, made up when they are not.
//
//   make_hostname();                          // "rusty-kettle-137"
//   parse_hostname("my-can", "--hostname");   // or UsageError
#pragma once

#include <string>

namespace tincan {

/// A host name after RFC 1123: letters, digits and hyphens, in labels of 1 to 63 that dots part and
/// that neither begin nor end with a hyphen; 64 bytes in all, the limit of sethostname(2). Throws
/// UsageError naming `option`. Strict also because the name ends up on terminals and in paths.
std::string parse_hostname(const std::string& name, const std::string& option);

/// adjective-noun-number from getrandom(2), the number from 0 to 255.
std::string make_hostname();

}  // namespace tincan
