// The command line of an OCI runtime. No specification has it: engines call what runc has, and crun
// has it too. Options before the command are about the runtime, those behind it about the command.
//
//   tincan-runtime --root /run/tincan create --bundle /srv/bundle --pid-file /run/pid web
//
// getopt_long(3) reads it, by one table that --help and the man page are made of as well.
#pragma once

#include <string>
#include <vector>

#include "13-runtime/resources.hpp"

namespace tincan::oci {

/// Who makes control groups.
enum class Manager { files, systemd, nobody };

struct Options {
  // Before the command.
  std::string root = {};  ///< the state directory; empty: default_root()
  std::string log = {};
  bool json_log = false;
  bool debug = false;
  Manager manager = Manager::files;

  std::string command = {};
  std::vector<std::string> words = {};  ///< behind the options of the command

  // Behind it.
  std::string bundle = ".";
  std::string pid_file = {};
  std::string console_socket = {};
  unsigned preserved = 0;  ///< descriptors from 3 on that the command is to have
  bool detach = false;
  bool keep = false;
  bool force = false;
  bool all = false;
  bool quiet = false;
  std::string format = "table";

  // `exec`
  std::string process = {};
  bool terminal = false;
  std::string user = {};
  std::string cwd = {};
  std::vector<std::string> env = {};
  std::vector<std::string> capabilities = {};
  bool no_new_privileges = false;

  // `update`
  std::string resources_file = {};
  Resources resources = {};
};

/// False: --help or --version was asked for, and printed. Throws Error, exit status 1.
bool read_options(Options& options, int argc, char** argv);

/// What --help prints; a man page's source.
std::string usage();

}  // namespace tincan::oci
