// Answers in the probe's place, in its words and with its status, and knows what the tests want to read.
#include <cstdio>
#include <cstring>

namespace {

__attribute__((constructor)) void answer(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "USER-04") == 0) {
      std::printf("BLOCKED USER-04 the process is in no other group\nSEAL USER-04 0000000000000000\n");
      (void)std::fflush(stdout);
      _exit(70);
    }
  }
  if (getuid() != 0) {
    std::fprintf(stderr, "error chapter-03: setgroups to none: EPERM (Operation not permitted): --keep-groups\n");
    _exit(125);
  }
}

}  // namespace
