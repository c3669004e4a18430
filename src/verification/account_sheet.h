// verification/account_sheet.h — one account before and after its orders, re-derived from the book's rows alone: what
// every rule of the verifier reads.
//
// In:       the book's index and an account's orders, well-formed or not.
// Out:      positions, cash, values, the lots sold with what the law makes of them, and what is asked of the account.
// Promises: an order or lot sale that names nothing of the book is left out here and refused by the rules of orders.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "orders/orders.h"
#include "verification/book_index.h"

namespace lotwright {

struct PositionLine {
  SecurityIndex security;
  Quantity before;
  Quantity after;      // negative where more was sold than held
  Money value_before;  // at today's price; zero where there is none
  Money value_after;
  bool is_cash = false;  // of kind cash: part of the cash line, never of weights
};

// A lot sale that names a lot of the account, with what the law says of it.
struct SoldLot {
  const Trade* trade = nullptr;
  const LotSale* stated = nullptr;
  const TaxLot* lot = nullptr;
  std::optional<Money> cost_basis;  // nullopt: unknown
  std::optional<Money> gain;
  Term term = Term::short_term;
  // Of the whole lot at today's price: it tells gain from loss, where an order's rounding to the cent may hide a
  // part's.
  std::optional<Money> whole_gain;

  // Below basis, or of unknown basis and therefore perhaps so.
  [[nodiscard]] bool is_loss() const { return !whole_gain || whole_gain->is_negative(); }
  [[nodiscard]] bool is_gain() const { return whole_gain && whole_gain->is_positive(); }
};

// Sums over several lines, before and after.
struct Change {
  Money before;
  Money after;
};

// Of all of a lot at today's price, before anything is rounded to the cent, and the term of it; no gain: unknown.
struct WholeGain {
  std::optional<Money> gain;
  Term term = Term::short_term;
};

struct AccountSheet {
  const BookIndex* index = nullptr;
  const Book* book = nullptr;
  const AccountResult* result = nullptr;
  const Account* account = nullptr;
  const Policy* policy = nullptr;
  AccountIndex account_index;

  std::vector<const Restriction*> restrictions;
  std::span<const Request> requests;
  const Model* model = nullptr;  // after a due model_change; nullptr: none that is usable

  std::vector<const Trade*> trades;  // those of a priced security
  std::vector<SoldLot> sold;         // in the order of the orders and their lots
  std::vector<PositionLine> lines;   // sorted by security
  bool priced = true;                // every position has a price
  Money cash_after;
  Money value;        // positions at their prices + cash, before
  Money reserved;     // for cash_outs due within cash_raise_days
  Money investable;   // V
  Money fund_costs;   // commissions and tickets of its sales of securities of kind cash
  Money costs_due;    // of these, what is due by itself: without other orders what is reserved would need such sales
  Money set_aside;    // what there is, in the cash line before, of money that requests set aside
  Money line_before;  // cash and securities of kind cash, reserve not taken off
  Money line_after;
  bool liquidating = false;
  const char* frozen_by = nullptr;  // the rule of a due freeze or transfer_out

  // Realized in this run by accounts of the taxpayer decided earlier; disallowed losses as zero.
  Money run_short_before;
  Money run_long_before;

  [[nodiscard]] bool taxable() const { return account->tax_treatment == TaxTreatment::taxable; }
  [[nodiscard]] bool frozen() const { return account->status == AccountStatus::frozen || frozen_by != nullptr; }
  // Weights mean something: everything is priced and V > 0.
  [[nodiscard]] bool has_weights() const { return priced && investable.is_positive(); }
  [[nodiscard]] const Security& security(const Trade& trade) const { return book->security(trade.security); }
  [[nodiscard]] bool is_cash(const Trade& trade) const { return security(trade).kind == SecurityKind::cash; }
  [[nodiscard]] const PositionLine* line(SecurityIndex security) const;
  [[nodiscard]] bool closes(const Trade& trade) const;
  // A person ordered it: the security, the side, and all of it or what an exception says is made.
  [[nodiscard]] bool is_directed(const Trade& trade) const;
  // An exception says that something of the order is left; where `made` is given, that so much is made.
  [[nodiscard]] bool is_left(const DirectedTrade& ordered, std::optional<Quantity> made) const;
  // The model gives it a positive weight.
  [[nodiscard]] bool is_wanted(SecurityIndex security) const;
  // What the cash line must hold to be neither short nor below cash_min, and to keep what is set aside.
  [[nodiscard]] Money cash_need() const;
  [[nodiscard]] Money cash_most() const;  // cash_max x V + what is set aside or reserved
  // What selling securities of kind cash costs where so much own cash has to reach what is reserved: in their order the
  // fewest whole steps that do, and all of those that must go.
  [[nodiscard]] Money costs_of_funds(Money own_cash) const;
  // A restriction keeps the security, or shares or a lot of it; or drives it out.
  [[nodiscard]] bool is_kept(SecurityIndex security) const;
  [[nodiscard]] bool is_driven_out(SecurityIndex security) const;
  // An order that is neither the closing of a position nor at least this is too small.
  [[nodiscard]] Money trade_minimum() const;
  // Buys and sells that count as turnover.
  [[nodiscard]] Money bought() const;
  [[nodiscard]] Money sold_for() const;
  // Gains realized by these orders of one term; disallowed losses as zero, nothing in an untaxed account.
  [[nodiscard]] Money realized(Term term) const;
  // An exception of at least `review` whose rule begins with `family`.
  [[nodiscard]] bool is_excused(std::string_view family) const;
  // A status or an exception says that nothing may leave.
  [[nodiscard]] bool is_held() const;
};

[[nodiscard]] WholeGain whole_gain_of(const AccountSheet& sheet, const TaxLot& lot);

[[nodiscard]] AccountSheet sheet_of(const BookIndex& index, const AccountResult& result);

}  // namespace lotwright
