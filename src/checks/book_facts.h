// checks/book_facts.h — what every account of a book looks up, gathered once: findings by whom they concern,
// restrictions by scope, substitutes both ways, corporate actions not yet booked.
//
// In:       a Book, which must outlive the facts.
// Out:      rows by account or security, in the order of the book.
// Promises: read-only after construction: any number of threads may ask.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "book/book.h"

namespace lotwright {

class BookFacts {
 public:
  explicit BookFacts(const Book& book);

  [[nodiscard]] const Book& book() const { return *book_; }

  // Findings of loading that concern the account: all of its own; holds of its household, taxpayer, the model it
  // follows (`model_index`) and of the whole book. Those of securities are asked for apart.
  [[nodiscard]] std::vector<const Finding*> findings_of(const Account& account, std::uint32_t model_index) const;
  [[nodiscard]] std::span<const Finding* const> holds_of(SecurityIndex security) const;

  // Of every scope: the firm's, the household's, the account's.
  [[nodiscard]] std::vector<const Restriction*> restrictions_of(AccountIndex account) const;
  [[nodiscard]] std::span<const Request> requests_of(AccountIndex account) const;
  [[nodiscard]] std::span<const Transaction> transactions_of(AccountIndex account) const;

  [[nodiscard]] std::span<const Substitute> substitutes_for(SecurityIndex security) const;
  // The rows in which `security` stands as the substitute.
  [[nodiscard]] std::span<const Substitute* const> stands_in_by(SecurityIndex security) const;

  // Pending and in effect on as_of; nullptr where there is none.
  [[nodiscard]] const CorporateAction* pending_action(SecurityIndex security) const;

 private:
  void sort_findings();
  void sort_restrictions();

  const Book* book_;
  std::map<std::pair<SubjectKind, std::string>, std::vector<const Finding*>> findings_;
  std::vector<const Finding*> holds_of_all_;
  std::map<SecurityIndex, std::vector<const Finding*>> security_holds_;
  std::vector<const Restriction*> firm_restrictions_;
  std::map<HouseholdIndex, std::vector<const Restriction*>> household_restrictions_;
  std::map<AccountIndex, std::vector<const Restriction*>> account_restrictions_;
  std::map<SecurityIndex, std::vector<const Substitute*>> stands_in_;
  std::map<SecurityIndex, const CorporateAction*> pending_;
};

}  // namespace lotwright
