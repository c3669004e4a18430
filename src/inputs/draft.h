// inputs/draft.h — the book while its files are read: values so far, and ids found back in no time.
#pragma once

#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "book/book.h"
#include "inputs/file_report.h"
#include "inputs/near_names.h"
#include "inputs/origins.h"

namespace lotwright::inputs {

// Finds text among many: an open-addressed table over one block of characters, since it is asked for every row of the
// largest files. Looked up, never walked.
class TextTable {
 public:
  static constexpr std::uint32_t nowhere = std::numeric_limits<std::uint32_t>::max();

  // Makes room for `count` texts; to be called before the first `add`.
  void reserve(std::size_t count);
  void add(std::string_view text, std::uint32_t place);
  [[nodiscard]] std::uint32_t find(std::string_view text) const;

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t begin = 0;
    std::uint32_t length = 0;
    std::uint32_t place = nowhere;  // nowhere: the slot is free
  };
  std::string characters_;
  std::vector<Slot> slots_ = std::vector<Slot>(1);  // a power of two, at most half full
};

// The place of an id in a sorted vector of nouns.
template <class IndexType>
class Names {
 public:
  Names() = default;
  template <class Noun>
  explicit Names(const std::vector<Noun>& nouns) {
    table_.reserve(nouns.size());
    folded_.reserve(nouns.size());
    for (std::uint32_t i = 0; i < nouns.size(); ++i) {
      table_.add(nouns[i].id.text, i);
      folded_.add(folded_id(nouns[i].id.text), i);
    }
  }

  [[nodiscard]] IndexType find(std::string_view id) const { return IndexType{table_.find(id)}; }
  // Of an id that is nowhere: the one it must have been meant to be, but for spaces, zeros and capitals.
  [[nodiscard]] IndexType find_meant(std::string_view id) const { return IndexType{folded_.find(folded_id(id))}; }

 private:
  TextTable table_;
  TextTable folded_;
};

// A policy of firm.toml with all it inherits.
struct FirmPolicy {
  Policy policy;
  bool usable = true;
};

using ModelIndex = Index<struct ModelKindTag>;

// A restriction in force on a lot, until the lots are read.
struct RestrictedLot {
  std::string restriction;
  std::string lot;
  Subject subject;                     // whom it concerns
  std::vector<AccountIndex> accounts;  // any of which may own the lot
  std::int64_t line = 0;
};

struct Draft {
  Book book;
  std::map<std::string, FirmPolicy, std::less<>> policies;  // "default" is always there
  Names<SecurityIndex> securities;
  Names<ModelIndex> models;
  Names<TaxpayerIndex> taxpayers;
  Names<HouseholdIndex> households;
  Names<AccountIndex> accounts;
  std::vector<RestrictedLot> restricted_lots;
  // Rows of products.csv that cannot be read and might be for anybody: asset class (empty: any) and line.
  std::map<std::string, std::int64_t> doubtful_products;
  Origins origins;
  std::vector<Request> distributions;  // cash_outs of distributions.csv, until the requests are read

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

// A row of an id that is nowhere: it holds the noun it must have been meant for, or is nobody's.
template <class IndexType, class Noun>
IndexType set_aside(Strangers& strangers, const Names<IndexType>& names, const std::vector<Noun>& nouns,
                    SubjectKind kind, std::string_view id, std::int64_t line) {
  const IndexType meant = names.find_meant(id);
  if (meant.exists()) {
    strangers.add_meant({kind, nouns[meant.value].id.text}, id, line);
  } else {
    strangers.add(id, line);
  }
  return meant;
}

inline AccountIndex set_aside_account(Strangers& strangers, const Draft& draft, std::string_view id,
                                      std::int64_t line) {
  return set_aside(strangers, draft.accounts, draft.book.accounts, SubjectKind::account, id, line);
}

// Sets the row aside where it names an account that the book does not have; false: it names one that it has, or none.
inline bool is_strangers(Strangers& strangers, const Draft& draft, std::string_view id, std::int64_t line) {
  if (id.empty() || draft.accounts.find(id).exists()) return false;
  (void)set_aside_account(strangers, draft, id, line);
  return true;
}

inline SecurityIndex set_aside_security(Strangers& strangers, const Draft& draft, std::string_view id,
                                        std::int64_t line) {
  return set_aside(strangers, draft.securities, draft.book.securities, SubjectKind::security, id, line);
}

// Bars loss sales for whoever's wash sales the records of `account` could touch; `group` nullopt: of every group.
// With `account` nobody every taxpayer is barred: the row may be anybody's.
void bar_losses(const Draft& draft, AccountIndex account, std::optional<GroupIndex> group, LossBars& bars);

}  // namespace lotwright::inputs
