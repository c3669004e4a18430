// The entry libFuzzer calls, once for each target: compiled with FUZZ_TARGET naming it.

#include <cstddef>
#include <cstdint>

#include "targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lotwright::fuzz::FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
