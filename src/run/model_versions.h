// run/model_versions.h — rows of a new models.csv that change nothing on the day that is asked for: they belong to a
// version that another has replaced, or that comes later.
//
// In:       the versions of both files (inputs::Origins::library) with their books.
// Promises: a version that is in force is never told, nor one that is the same in both files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "book/book.h"
#include "inputs/model_library.h"

namespace lotwright {

struct SleepingVersion {
  std::string model_id;
  std::optional<Date> effective_on;  // none: from ever
  std::optional<Date> in_force;      // of the version that is in force instead
  bool any_in_force = false;
};

// By model and date. `as_of`: the day of both books.
[[nodiscard]] std::vector<SleepingVersion> sleeping_versions(const Book& present, const inputs::ModelLibrary& now,
                                                             const Book& coming, const inputs::ModelLibrary& then);

// "growth: its version of 2025-01-01 differs, but on 2025-06-30 that of 2025-04-01 is in force".
[[nodiscard]] std::string in_words(const SleepingVersion& version, Date as_of);

}  // namespace lotwright
