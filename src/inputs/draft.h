// inputs/draft.h — the book while its files are read: values so far, and ids found back in no time.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "book/book.h"
#include "inputs/file_report.h"

namespace lotwright::inputs {

// Finds the place of an id in a sorted vector of nouns. The nouns stay where they are as long as it is used.
template <class IndexType>
class Names {
 public:
  Names() = default;
  template <class Noun>
  explicit Names(const std::vector<Noun>& nouns) {
    places_.reserve(nouns.size());
    for (const Noun& noun : nouns) places_.emplace(noun.id.text, static_cast<std::uint32_t>(places_.size()));
  }

  [[nodiscard]] IndexType find(std::string_view id) const {
    const auto found = places_.find(id);
    return found == places_.end() ? IndexType{} : IndexType{found->second};
  }

 private:
  std::unordered_map<std::string_view, std::uint32_t> places_;  // looked up, never walked
};

// A policy of firm.toml with all it inherits.
struct FirmPolicy {
  Policy policy;
  std::string rejected;  // why it cannot be used; empty: it can
};

using ModelIndex = Index<struct ModelKindTag>;

struct Draft {
  Book book;
  std::map<std::string, FirmPolicy, std::less<>> policies;  // "default" is always there
  Names<SecurityIndex> securities;
  Names<ModelIndex> models;
  Names<TaxpayerIndex> taxpayers;
  Names<HouseholdIndex> households;
  Names<AccountIndex> accounts;

  [[nodiscard]] Date as_of() const { return book.firm.as_of; }
};

[[nodiscard]] inline Subject account_subject(std::string_view id) { return {SubjectKind::account, std::string(id)}; }
[[nodiscard]] inline Subject security_subject(std::string_view id) { return {SubjectKind::security, std::string(id)}; }

// The faults of a row whose own subject may be unreadable (an empty id). Whom such a row concerns nobody can say:
// holding the whole book for one broken line would be worse than asking a person, so it is a review of the book.
inline void hold_subject(FileReport& report, const Subject& subject, const RowFaults& faults) {
  const bool known = !subject.id.empty();
  report.find(known ? Severity::hold : Severity::review, known ? subject : Subject{}, faults);
}

// Bars loss sales for whoever's wash sales the records of `account` could touch; `group` nullopt: of every group.
// With `account` nobody every taxpayer is barred: the row may be anybody's.
void bar_losses(const Draft& draft, AccountIndex account, std::optional<GroupIndex> group, FileReport& report);

}  // namespace lotwright::inputs
