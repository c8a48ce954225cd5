// One more process in a container that runs: join, give up, start. Every wall that the first one has,
// it has on the first instruction of its command; and nothing of the host's goes in with it: no
// descriptor, no directory, no moment in which somebody inside could look into it.
//
//   Entering entering{options};
//   Launch launch{entering.command()};
//   ...                                  // the steps
//   return entering.run(launch);
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "03-process/launch.hpp"
#include "10-init/terminal.hpp"
#include "11-rootless/can.hpp"
#include "13-runtime/console.hpp"
#include "13-runtime/document.hpp"
#include "13-runtime/giving_up.hpp"
#include "13-runtime/groups.hpp"
#include "13-runtime/options.hpp"
#include "13-runtime/state.hpp"

namespace tincan::oci {

class Entering {
 public:
  /// Finds the container, reads what is to be run, opens its namespaces. Throws Error.
  explicit Entering(const Options& options);
  Entering(const Entering&) = delete;
  Entering& operator=(const Entering&) = delete;

  const std::vector<std::string>& command() const { return can_->spec.command; }
  Can& can() { return *can_; }
  Outfit& outfit() { return outfit_; }

  /// Steps: into its groups, with limits of its own; and the descriptors 0, 1, 2.
  void join_groups(Launch& launch);
  void set_up(Launch& launch);

  /// The exit status of the command, or 0 with --detach.
  int run(Launch& launch);

 private:
  void find();
  void fill_outfit();
  void fill_filter();
  void open_namespaces(Spec& spec);
  Spec spec();

  const Options& options_;
  State state_;
  Document document_;
  Outfit outfit_;
  unique_fd socket_;
  Groups groups_;
  unique_fd birthplace_;
  std::vector<unique_fd> namespaces_;
  std::optional<Can> can_;
  std::optional<Console> console_;
  std::optional<TerminalLink> link_;
};

}  // namespace tincan::oci
