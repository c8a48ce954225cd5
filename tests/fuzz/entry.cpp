// Where libFuzzer comes in, for every target: https://llvm.org/docs/LibFuzzer.html.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tincan::fuzz::try_input({reinterpret_cast<const char*>(data), size});
  return 0;
}
