// tax/test_ledger.h — a past in a few words for the tests of this floor, and what came of it in words.
//
// Example:  Past past;
//           past.plays("2024-01-02 buy A X 100 1000 lot L1").plays("2024-02-01 sell A X 100 800");
//           EXPECT_EQ(past.sales(), "A L1 X 100 short_term 800.00-1000.00=-200.00");
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "book/ledger_words.h"
#include "tax/ledger.h"

namespace lotwright::tax {

template <class Exact>
Exact exact(const std::string& text) {
  return Exact::parse(text).value();
}

// Taxpayers T, U and V; U and V are married and file apart. Accounts A and B of T, I is T's IRA, U and V one each.
// Securities X, Y, Z and W, each its own group but for Y1 and Y2, which are identical; F trades in whole shares only.
class Past {
 public:
  Past() {
    for (const char* id : {"T", "U", "V"}) {
      LedgerTaxpayer taxpayer;
      taxpayer.id = TaxpayerId(id);
      taxpayer.rate_short = exact<Weight>("0.4");
      taxpayer.rate_long = exact<Weight>("0.2");
      book.taxpayers.push_back(taxpayer);
    }
    book.taxpayers[1].spouse = TaxpayerIndex{2};
    book.taxpayers[2].spouse = TaxpayerIndex{1};
    add_account("A", 0, TaxTreatment::taxable, {0});
    add_account("B", 0, TaxTreatment::taxable, {0});
    add_account("I", 0, TaxTreatment::tax_deferred, {0});
    add_account("U", 1, TaxTreatment::taxable, {1, 2});
    add_account("V", 2, TaxTreatment::taxable, {1, 2});
    for (const char* id : {"F", "W", "X", "Y1", "Y2", "Z"}) {
      const std::string group = std::string(id).substr(0, 1);
      if (book.groups.empty() || book.groups.back() != group) book.groups.push_back(group);
      LedgerSecurity security;
      security.id = SecurityId(id);
      security.group = GroupIndex{static_cast<std::uint32_t>(book.groups.size() - 1)};
      security.quantity_step = exact<Quantity>(group == "F" ? "1" : "0.000001");
      book.securities.push_back(security);
    }
  }

  // An opening lot: ACCOUNT LOT SECURITY QUANTITY BASIS ACQUIRED, then NAME VALUE pairs: loss_basis, parent, first,
  // acquisition, replacement, made, parts.
  Past& opens(const std::string& text) {
    std::istringstream words(text);
    std::string account;
    std::string lot;
    std::string security;
    std::string quantity;
    std::string basis;
    std::string acquired;
    words >> account >> lot >> security >> quantity >> basis >> acquired;
    OpeningLot opening;
    opening.row.line = static_cast<std::int64_t>(book.opening_lots.size()) + 2;
    opening.account = account_of(account);
    opening.account_named = opening.security_named = opening.dated = true;
    opening.lot.id = LotId(lot);
    opening.lot.security = security_of(security);
    opening.lot.quantity = exact<Quantity>(quantity);
    if (basis != "?") opening.lot.cost_basis = exact<Money>(basis);
    opening.lot.acquired_on = opening.lot.held_from = Date::parse(acquired).value();
    for (std::string name, value; words >> name >> value;) {
      if (name == "loss_basis") opening.lot.loss_basis = exact<Money>(value);
      if (name == "parent") opening.parent = value;
      if (name == "first") opening.first = value;
      if (name == "acquisition") opening.acquisition = value;
      if (name == "used") opening.replacement = Replacement::used;
      if (name == "made") opening.made = std::stoll(value);
      if (name == "parts") opening.parts = static_cast<std::uint32_t>(std::stoul(value));
    }
    book.opening_lots.push_back(opening);
    return *this;
  }
  // DATE KIND ACCOUNT SECURITY QUANTITY AMOUNT, then NAME VALUE pairs: id, lot, method, acquired, basis, value, outside
  // (a taxpayer). Ids are 1, 2, ... unless given.
  Past& plays(const std::string& text) {
    std::istringstream words(text);
    std::string date;
    std::string kind;
    std::string account;
    std::string security;
    std::string quantity;
    std::string amount;
    words >> date >> kind >> account >> security >> quantity >> amount;
    LedgerEvent event;
    event.row.line = static_cast<std::int64_t>(book.events.size()) + 2;
    event.id = std::to_string(book.events.size() + 1);
    event.date = Date::parse(date).value();
    event.kind = meant_by(kind, ledger_kind_words);
    event.account = account_of(account);
    event.security = security_of(security);
    event.account_named = true;
    event.security_named = true;
    event.quantity = exact<Quantity>(quantity);
    event.amount = exact<Money>(amount);
    for (std::string name, value; words >> name >> value;) set(event, name, value);
    book.events.push_back(event);
    return *this;
  }
  Past& takes_back(const std::string& id, const std::string& own_id) {
    LedgerEvent event;
    event.row.line = static_cast<std::int64_t>(book.events.size()) + 2;
    event.id = own_id;
    event.reverses = id;
    book.events.push_back(event);
    return *this;
  }
  // The last row gets a fault.
  Past& spoilt() {
    LedgerRow& row = book.events.back().row;
    row.faults.push_back({"data_number_unreadable", "spoilt", {"transactions.csv", row.line, "quantity", "x"}});
    return *this;
  }
  // DATE KIND SECURITY, then pairs: new, ratio, cash, fraction, value.
  Past& acts(const std::string& text) {
    std::istringstream words(text);
    std::string date;
    std::string kind;
    std::string security;
    words >> date >> kind >> security;
    LedgerAction action;
    action.row.line = static_cast<std::int64_t>(book.actions.size()) + 2;
    action.id = "C" + std::to_string(book.actions.size() + 1);
    action.effective_on = Date::parse(date).value();
    action.kind = meant_by(kind, ledger_action_kind_words);
    action.security = security_of(security);
    action.applied = true;
    for (std::string name, value; words >> name >> value;) {
      if (name == "new") action.new_security = security_of(value);
      if (name == "ratio") action.ratio = exact<Weight>(value);
      if (name == "cash") action.cash_per_share = exact<Price>(value);
      if (name == "fraction") action.basis_fraction = exact<Weight>(value);
      if (name == "value") action.fair_value_new = exact<Price>(value);
    }
    book.actions.push_back(action);
    return *this;
  }

  // "A L1 X 100 short_term 800.00-1000.00=-200.00": account, lot, security, quantity, term, proceeds, basis, gain; with
  // "+W" and the disallowed part before the gain where there is one. One line each.
  [[nodiscard]] std::string sales() const { return sales_of(play(book)); }
  [[nodiscard]] std::string sales_of(const Ledger& ledger) const {
    std::string text;
    for (const SaleRow& sale : ledger.sales) {
      text += (text.empty() ? "" : "\n") + book.accounts[sale.account.value].id.text + ' ' + sale.lot.text + ' ' +
              book.securities[sale.security.value].id.text + ' ' + sale.quantity.to_string() +
              (sale.term == Term::long_term ? " long_term " : " short_term ") + sale.proceeds.to_string(2) + '-' +
              (sale.cost_basis ? sale.cost_basis->to_string(2) : "?");
      if (sale.disallowed.is_positive()) text += "+W" + sale.disallowed.to_string(2);
      text += '=' + (sale.gain() ? sale.gain()->to_string(2) : "?");
    }
    return text;
  }

  // "A L1 X 100 1000.00 2024-01-02": account, lot, security, quantity, basis, held_from; then "of PARENT" of a part,
  // and "loss BASIS DATE" of a gift with two bases.
  [[nodiscard]] std::string lots() const { return lots_of(play(book)); }
  [[nodiscard]] std::string lots_of(const Ledger& ledger) const {
    std::string text;
    for (const LotLeft& left : ledger.lots) {
      const TaxLot& lot = left.lot;
      text += (text.empty() ? "" : "\n") + book.accounts[left.account.value].id.text + ' ' + lot.id.text + ' ' +
              book.securities[lot.security.value].id.text + ' ' + lot.quantity.to_string() + ' ' +
              (lot.cost_basis ? lot.cost_basis->to_string(2) : "?") + ' ' + lot.held_from.to_string();
      if (!left.parent.empty()) text += " of " + left.parent.text;
      if (lot.loss_basis) text += " loss " + lot.loss_basis->to_string(2) + ' ' + lot.loss_held_from->to_string();
    }
    return text;
  }

  // "RULE LINE" of each, one line each.
  [[nodiscard]] std::string findings() const {
    std::string text;
    for (const Failure& finding : play(book).findings) {
      text += (text.empty() ? "" : "\n") + finding.rule + ' ' + std::to_string(finding.place.line);
    }
    return text;
  }

  LedgerBook book;

 private:
  void add_account(const char* id, std::uint32_t taxpayer, TaxTreatment treatment,
                   const std::vector<std::uint32_t>& washes) {
    LedgerAccount account;
    account.id = AccountId(id);
    account.taxpayer = TaxpayerIndex{taxpayer};
    account.tax_treatment = treatment;
    for (const std::uint32_t one : washes) account.wash_taxpayers.push_back(TaxpayerIndex{one});
    book.accounts.push_back(account);
  }
  template <class Nouns>
  static std::uint32_t place_of(const Nouns& nouns, const std::string& id) {
    for (std::uint32_t i = 0; i < nouns.size(); ++i) {
      if (nouns[i].id.text == id) return i;
    }
    return AccountIndex::nobody;
  }
  [[nodiscard]] AccountIndex account_of(const std::string& id) const { return {place_of(book.accounts, id)}; }
  [[nodiscard]] SecurityIndex security_of(const std::string& id) const { return {place_of(book.securities, id)}; }

  void set(LedgerEvent& event, const std::string& name, const std::string& value) const {
    if (name == "id") event.id = value;
    if (name == "lot") event.lot = value;
    if (name == "method") event.method = meant_by(value, relief_method_words);
    if (name == "acquired") event.acquired_on = Date::parse(value).value();
    if (name == "basis") event.cost_basis = exact<Money>(value);
    if (name == "value") event.fair_value = exact<Money>(value);
    if (name == "outside") {
      event.outside = true;
      event.account = {};
      event.taxpayer = {place_of(book.taxpayers, value)};
    }
  }
  template <class Words>
  static typename Words::value_type::second_type meant_by(const std::string& word, const Words& words) {
    for (const auto& [name, value] : words) {
      if (name == word) return value;
    }
    throw std::invalid_argument("no word of the ledger: " + word);
  }
};

}  // namespace lotwright::tax
