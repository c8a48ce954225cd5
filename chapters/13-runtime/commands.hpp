// What each word of the command line does to a container, but for making one and entering it.
#pragma once

#include <optional>

#include "13-runtime/document.hpp"
#include "13-runtime/options.hpp"
#include "13-runtime/state.hpp"

namespace tincan::oci {

int start_created(const Options& options);
/// After the gate was opened: what is left to be done then, and at the end.
void after_start(const Entry& entry, const State& state, const Document& document);
void remove_all(const Entry& entry, const std::optional<State>& state);
int send_signal(const Options& options);
int delete_it(const Options& options);
int print_state(const Options& options);
int list_all(const Options& options);
int list_processes(const Options& options);
int pause_it(const Options& options);
int resume_it(const Options& options);
int update_limits(const Options& options);

}  // namespace tincan::oci
