// What the tests of documents share: a small one that is right, and what it becomes when one thing in
// it is another.
//
//   parse(with(R"("hostname": "x")"))            // a member more
//   refusal(with(R"("hostname": 7)"))            // "config.json: hostname: 7 is no text"
#pragma once

#include <string>

#include "13-runtime/document.hpp"
#include "common/error.hpp"

namespace tincan::oci {

/// Of `process` and `linux` what is between their braces.
struct Parts {
  std::string process = R"("args": ["true"], "cwd": "/")";
  std::string linux = R"("namespaces": [{"type": "mount"}])";
  std::string more = {};
};

inline std::string text_of(const Parts& parts) {
  return R"({"ociVersion": "1.2.0", "root": {"path": "rootfs"}, "process": {)" + parts.process +
         R"(}, "linux": {)" + parts.linux + "}" + (parts.more.empty() ? "" : ", " + parts.more) +
         "}";
}

inline std::string with(const std::string& more) {
  return text_of({.more = more});
}
inline std::string with_process(const std::string& more) {
  return text_of({.process = R"("args": ["true"], "cwd": "/", )" + more});
}
inline std::string with_linux(const std::string& more) {
  return text_of({.linux = R"("namespaces": [{"type": "mount"}], )" + more});
}

inline Document parse(const std::string& text) {
  return parse_document(text, "/bundle");
}

/// What is said of it, or "taken". An exit status other than 1 stands behind.
inline std::string refusal(const std::string& text) {
  try {
    (void)parse(text);
    return "taken";
  } catch (const Error& error) {
    return error.what() +
           (error.status() == 1 ? std::string{} : " (" + std::to_string(error.status()) + ")");
  }
}

}  // namespace tincan::oci
