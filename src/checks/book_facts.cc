#include "checks/book_facts.h"

#include <algorithm>

namespace lotwright {
namespace {

// The rows of a vector sorted by `key` whose key is `wanted`.
template <class Row, class Key>
std::span<const Row> rows_with(const std::vector<Row>& rows, Key Row::*key, Key wanted) {
  const auto begin = std::lower_bound(rows.begin(), rows.end(), wanted,
                                      [key](const Row& row, const Key& value) { return row.*key < value; });
  const auto end =
      std::upper_bound(begin, rows.end(), wanted, [key](const Key& value, const Row& row) { return value < row.*key; });
  return {begin, end};
}

template <class Key, class Value>
std::span<const Value* const> list_at(const std::map<Key, std::vector<const Value*>>& lists, const Key& key) {
  const auto found = lists.find(key);
  if (found == lists.end()) return {};
  return found->second;
}

template <class Value>
void append(std::vector<const Value*>& to, std::span<const Value* const> more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

BookFacts::BookFacts(const Book& book) : book_(&book) {
  sort_findings();
  sort_restrictions();
  for (const Substitute& row : book.substitutes) stands_in_[row.substitute].push_back(&row);
  for (const CorporateAction& action : book.corporate_actions) {
    if (!action.applied && action.effective_on <= book.firm.as_of) pending_.try_emplace(action.security, &action);
  }
}

void BookFacts::sort_findings() {
  for (const Finding& finding : book_->findings) {
    const auto& [kind, id] = finding.subject;
    if (kind != SubjectKind::account && finding.severity != Severity::hold) continue;
    if (kind == SubjectKind::book || kind == SubjectKind::firm) {
      holds_of_all_.push_back(&finding);
    } else if (kind == SubjectKind::security) {
      const auto& all = book_->securities;
      const auto named = std::lower_bound(
          all.begin(), all.end(), id, [](const Security& one, const std::string& text) { return one.id.text < text; });
      if (named == all.end() || named->id.text != id) continue;
      security_holds_[SecurityIndex{static_cast<std::uint32_t>(named - all.begin())}].push_back(&finding);
    } else {
      findings_[{kind, id}].push_back(&finding);
    }
  }
}

void BookFacts::sort_restrictions() {
  for (const Restriction& restriction : book_->restrictions) {
    switch (restriction.scope) {
      case RestrictionScope::firm:
        firm_restrictions_.push_back(&restriction);
        break;
      case RestrictionScope::household:
        household_restrictions_[restriction.household].push_back(&restriction);
        break;
      case RestrictionScope::account:
        account_restrictions_[restriction.account].push_back(&restriction);
        break;
    }
  }
}

std::vector<const Finding*> BookFacts::findings_of(const Account& account, std::uint32_t model_index) const {
  using Subjects = std::pair<SubjectKind, std::string>;
  std::vector<const Finding*> found;
  append<Finding>(found, list_at(findings_, Subjects{SubjectKind::account, account.id.text}));
  if (account.household.exists()) {
    const std::string& household = book_->households[account.household.value].id.text;
    append<Finding>(found, list_at(findings_, Subjects{SubjectKind::household, household}));
  }
  if (account.taxpayer.exists()) {
    const std::string& taxpayer = book_->taxpayers[account.taxpayer.value].id.text;
    append<Finding>(found, list_at(findings_, Subjects{SubjectKind::taxpayer, taxpayer}));
  }
  const std::string model = model_index < book_->models.size() ? book_->models[model_index].id.text : account.model;
  append<Finding>(found, list_at(findings_, Subjects{SubjectKind::model, model}));
  append<Finding>(found, holds_of_all_);
  return found;
}

std::span<const Finding* const> BookFacts::holds_of(SecurityIndex security) const {
  return list_at(security_holds_, security);
}

std::vector<const Restriction*> BookFacts::restrictions_of(AccountIndex account) const {
  std::vector<const Restriction*> found;
  for (const Restriction* restriction : firm_restrictions_) {
    if (uses_screen_of(*restriction, book_->account(account).effective_policy)) found.push_back(restriction);
  }
  append<Restriction>(found, list_at(household_restrictions_, book_->account(account).household));
  append<Restriction>(found, list_at(account_restrictions_, account));
  return found;
}

std::span<const Request> BookFacts::requests_of(AccountIndex account) const {
  return rows_with(book_->requests, &Request::account, account);
}

std::span<const Transaction> BookFacts::transactions_of(AccountIndex account) const {
  return rows_with(book_->transactions, &Transaction::account, account);
}

std::span<const Substitute> BookFacts::substitutes_for(SecurityIndex security) const {
  return rows_with(book_->substitutes, &Substitute::security, security);
}

std::span<const Substitute* const> BookFacts::stands_in_by(SecurityIndex security) const {
  return list_at(stands_in_, security);
}

const CorporateAction* BookFacts::pending_action(SecurityIndex security) const {
  const auto found = pending_.find(security);
  return found == pending_.end() ? nullptr : found->second;
}

}  // namespace lotwright
