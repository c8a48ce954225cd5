// What each word of the command line does to a container, but for making one and entering it.
#pragma once

#include "13-runtime/options.hpp"

namespace tincan::oci {

int create(const Options& options);
int start_created(const Options& options);
int run(const Options& options);
int send_signal(const Options& options);
int delete_it(const Options& options);
int print_state(const Options& options);
int list_all(const Options& options);
int list_processes(const Options& options);
int pause_it(const Options& options);
int resume_it(const Options& options);
int update_limits(const Options& options);

}  // namespace tincan::oci
