// run/ports.h — the seams to the outside. No floor below run/ reads a clock, a file or the environment.
#pragma once

#include <string>

#include "base/result.h"

namespace lotwright {

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual double seconds() const = 0;  // monotonic, from any origin
};

// For whom nobody asks how long it takes.
class StillClock final : public Clock {
 public:
  [[nodiscard]] double seconds() const override { return 0.0; }
};

// Where a run's files go. `write` keeps text aside, after what was written under that name before; `publish` makes all
// files appear, or none. A name may hold one folder: "cases/A1.txt".
class OutputFolder {
 public:
  virtual ~OutputFolder() = default;
  virtual Result<bool> write(const std::string& name, const std::string& text) = 0;
  virtual Result<bool> publish() = 0;
};

}  // namespace lotwright
