// run/audit.h — proof, from its files, that a run kept what it promises (docs/data.md, "What an audit proves").
//
// In:       the folder of a finished run; optionally the book it was made of, and the folder of the run it followed.
// Out:      claims, each kept or broken with what was seen. Amounts are added exactly.
// Promises: without a book nothing is shared with the code that writes the files but the numbers' types, the reader of
//           CSV and the declared columns. With one, the verifier judges the orders as they stand in the files; asked to
//           replay, everything is decided again and every file compared byte for byte.
// Refuses:  a folder without a sound run.json, and a replay without the run that it followed, are a Failure.
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

struct AuditRequest {
  std::string folder;
  std::string book = {};      // a folder; empty: none
  std::string previous = {};  // the folder of the run that it followed; empty: none
  bool replay = false;        // decide again; with a book only
  int threads = 1;            // that decide again
};

[[nodiscard]] Result<Audit> audit_run(const AuditRequest& request);

[[nodiscard]] std::string text_of(const Audit& audit);
[[nodiscard]] std::string json_of(const Audit& audit);

}  // namespace lotwright
