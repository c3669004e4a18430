// book/finding.h — one failure of one check on one subject: data for a person, a file or a screen. The sentence in
// `message` names value, limit and remedy; the fields hold the same facts for machines.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "units/ids.h"

namespace lotwright {

enum class Severity { note, review, hold };  // weakest first, so that the largest decides

[[nodiscard]] constexpr const char* name_of(Severity severity) {
  return severity == Severity::hold ? "hold" : severity == Severity::review ? "review" : "note";
}

// Whom a finding concerns. A hold on a household holds its accounts; on a taxpayer, theirs; on a security, the
// accounts that own or want it; on the book, every account.
enum class SubjectKind { book, firm, household, taxpayer, account, security, model };

struct Subject {
  SubjectKind kind = SubjectKind::book;
  std::string id;  // empty for book and firm

  bool operator==(const Subject&) const = default;
};

struct Finding {
  std::string rule;  // a name of book/rules.def, or "unusual_" + the firm's own
  Severity severity = Severity::note;
  Subject subject;
  Place place;           // empty where the finding is not about a file
  std::string observed;  // as text: what was seen
  std::string limit;     // as text: what was allowed
  std::string message;

  bool operator==(const Finding&) const = default;
};

using Findings = std::vector<Finding>;

}  // namespace lotwright
