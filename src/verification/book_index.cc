#include "verification/book_index.h"

#include <algorithm>

namespace lotwright {
namespace {

// The rows whose `key` is `wanted`, of a vector sorted by it.
template <class Row, class Key>
std::span<const Row> rows_of(const std::vector<Row>& rows, Key Row::*key, Key wanted) {
  const auto found = std::ranges::equal_range(rows, wanted, {}, key);
  return {found.begin(), found.end()};
}

template <class Key, class Row>
std::span<const Row* const> list_of(const std::map<Key, std::vector<const Row*>>& lists, Key key) {
  const auto found = lists.find(key);
  return found == lists.end() ? std::span<const Row* const>() : std::span<const Row* const>(found->second);
}

// The place of the noun named `id` in a vector sorted by id; its size where there is none.
template <class Noun>
std::size_t place_of(const std::vector<Noun>& nouns, const std::string& id) {
  const auto found =
      std::ranges::lower_bound(nouns, id, {}, [](const Noun& noun) -> const std::string& { return noun.id.text; });
  const bool there = found != nouns.end() && found->id.text == id;
  return there ? static_cast<std::size_t>(found - nouns.begin()) : nouns.size();
}

}  // namespace

BookIndex::BookIndex(const Book& book) : book_(&book) {
  hold_only_.assign(book.securities.size(), false);
  security_held_.assign(book.securities.size(), false);
  action_pending_.assign(book.securities.size(), false);
  account_held_.assign(book.accounts.size(), false);
  for (const Transaction& row : rows_of(book.transactions, &Transaction::account, AccountIndex())) {
    outside_[row.taxpayer].push_back(&row);
  }
  for (const LossBar& bar : book.loss_bars) loss_bars_[bar.taxpayer].push_back(&bar);
  for (const Substitute& row : book.substitutes) {
    if (!row.buyable) hold_only_[row.substitute.value] = true;
  }
  for (const CorporateAction& action : book.corporate_actions) {
    if (!action.security.exists() || action.applied || action.effective_on > book.firm.as_of) continue;
    action_pending_[action.security.value] = true;
  }
  enter_restrictions();
  enter_findings();
}

void BookIndex::enter_restrictions() {
  for (const Restriction& restriction : book_->restrictions) {
    switch (restriction.scope) {
      case RestrictionScope::firm:
        of_firm_.push_back(&restriction);
        break;
      case RestrictionScope::household:
        of_household_[restriction.household].push_back(&restriction);
        break;
      case RestrictionScope::account:
        of_account_[restriction.account].push_back(&restriction);
        break;
    }
  }
}

void BookIndex::enter_findings() {
  for (const Finding& finding : book_->findings) {
    if (finding.severity == Severity::hold) hold(finding);
  }
}

void BookIndex::hold(const Finding& finding) {
  const std::string& id = finding.subject.id;
  const auto hold_where = [this](const auto& concerned) {
    for (std::size_t i = 0; i < book_->accounts.size(); ++i) {
      if (concerned(book_->accounts[i])) account_held_[i] = true;
    }
  };
  switch (finding.subject.kind) {
    case SubjectKind::book:
    case SubjectKind::firm:
      account_held_.assign(account_held_.size(), true);
      break;
    case SubjectKind::household:
      if (const std::size_t i = place_of(book_->households, id); i < book_->households.size()) {
        for (const AccountIndex account : book_->households[i].accounts) account_held_[account.value] = true;
      }
      break;
    case SubjectKind::taxpayer:
      if (const std::size_t i = place_of(book_->taxpayers, id); i < book_->taxpayers.size()) {
        hold_where([i](const Account& account) { return account.taxpayer.value == i; });
      }
      break;
    case SubjectKind::account:
      if (const std::size_t i = place_of(book_->accounts, id); i < book_->accounts.size()) account_held_[i] = true;
      break;
    case SubjectKind::security:
      if (const std::size_t i = place_of(book_->securities, id); i < book_->securities.size()) security_held_[i] = true;
      break;
    case SubjectKind::model:
      models_held_.insert(id);
      break;
  }
}

std::span<const Request> BookIndex::requests(AccountIndex account) const {
  return rows_of(book_->requests, &Request::account, account);
}

std::span<const Transaction> BookIndex::transactions(AccountIndex account) const {
  return rows_of(book_->transactions, &Transaction::account, account);
}

std::span<const DirectedTrade> BookIndex::directed(AccountIndex account) const {
  return rows_of(book_->directed, &DirectedTrade::account, account);
}

std::span<const Transaction* const> BookIndex::outside_transactions(TaxpayerIndex taxpayer) const {
  return list_of(outside_, taxpayer);
}

std::vector<const Restriction*> BookIndex::restrictions(AccountIndex account) const {
  std::vector<const Restriction*> all;
  for (const Restriction* row : of_firm_) {
    if (uses_screen_of(*row, book_->account(account).effective_policy)) all.push_back(row);
  }
  for (const Restriction* row : list_of(of_household_, book_->account(account).household)) all.push_back(row);
  for (const Restriction* row : list_of(of_account_, account)) all.push_back(row);
  return all;
}

std::span<const Substitute> BookIndex::substitutes_for(SecurityIndex security) const {
  return rows_of(book_->substitutes, &Substitute::security, security);
}

std::span<const LossBar* const> BookIndex::loss_bars(TaxpayerIndex taxpayer) const {
  return list_of(loss_bars_, taxpayer);
}

}  // namespace lotwright
