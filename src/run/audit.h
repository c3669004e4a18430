// run/audit.h — proof, from its files alone, that a run kept what it promises (docs/data.md, "What a run writes").
//
// In:       the folder of a finished run; optionally the book it was made of.
// Out:      claims, each kept or broken with what was seen. Amounts are added exactly.
// Promises: shares nothing with the code that writes the files but the numbers' types and the reader of CSV.
// Refuses:  a folder without run.json or one of the files is a Failure.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace lotwright {

struct Claim {
  std::string says;  // what was promised
  bool kept = true;
  std::size_t checked = 0;            // rows, files or sums that it was checked on
  std::vector<std::string> breaches;  // the first of them
  std::size_t breaches_count = 0;
};

struct Audit {
  std::vector<Claim> claims;

  [[nodiscard]] bool kept() const;
};

// `book`: a folder; empty: none.
[[nodiscard]] Result<Audit> audit_run(const std::string& folder, const std::string& book);

[[nodiscard]] std::string text_of(const Audit& audit);
[[nodiscard]] std::string json_of(const Audit& audit);

}  // namespace lotwright
