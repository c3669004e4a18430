#include "timing.h"

#include <fmt/format.h>

#include <cstdio>

namespace lotwright::cli {

void tell_seconds(double read, double decided) {
  fmt::print(stderr, "book read in {:.3f} s, decided in {:.3f} s\n", read, decided);
}

}  // namespace lotwright::cli
