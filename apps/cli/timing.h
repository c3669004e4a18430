// apps/cli/timing.h — how long a command's two halves took, told on stderr: no result depends on it.
#pragma once

#include <chrono>

namespace lotwright::cli {

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// "book read in 0.041 s, decided in 0.012 s"
void tell_seconds(double read, double decided);

}  // namespace lotwright::cli
