// base/defect.h — a broken invariant of our own. A Defect ends the unit it happened in, never the book: the runner
// catches it, marks the unit's accounts as failed and goes on. Bad input is never a Defect: it is a Failure.
#pragma once

#include <stdexcept>
#include <string>

namespace lotwright {

class Defect : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// States what must hold. The text says what was broken, for whoever reads the log.
inline void require(bool holds, const char* what) {
  if (!holds) throw Defect(what);
}

}  // namespace lotwright
