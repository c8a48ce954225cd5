// The one source that is compiled again at every commit: it is nothing but the answer of
// version.sh.
#include "common/version.hpp"

#ifndef TINCAN_VERSION
#define TINCAN_VERSION "0"
#define TINCAN_COMMIT "unknown"
#endif

namespace tincan {

const char* version() {
  return "tincan " TINCAN_VERSION ", commit " TINCAN_COMMIT;
}

}  // namespace tincan
