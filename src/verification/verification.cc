#include "verification/verification.h"

#include <algorithm>

#include "book/rules.h"
#include "verification/hard_rules.h"
#include "verification/wash_ledger.h"

namespace lotwright {
namespace {

constexpr const char* to_nothing = nullptr;

// The hard rules of docs/rules.md in its order, and the family of exceptions that excuses each: a rule yields to a
// stronger one only where an exception of its family says so.
struct Rung {
  Rule check;
  const char* yields_as;
};

constexpr Rung ladder[] = {
    // 1. law and lot facts
    {hard_rules::order_names_a_priced_security, to_nothing},
    {hard_rules::one_order_a_security, to_nothing},
    {hard_rules::order_quantity_is_positive, to_nothing},
    {hard_rules::order_price_is_the_books, to_nothing},
    {hard_rules::order_amount_is_quantity_times_price, to_nothing},
    {hard_rules::order_commission_follows_policy, to_nothing},
    {hard_rules::lot_sale_names_a_lot_of_the_order, to_nothing},
    {hard_rules::lot_sales_sum_to_the_order, to_nothing},
    {hard_rules::lot_is_not_oversold, to_nothing},
    {hard_rules::proceeds_are_the_orders, to_nothing},
    {hard_rules::basis_gain_and_term_are_lawful, to_nothing},
    {hard_rules::unknown_basis_is_respected, to_nothing},
    {hard_rules::no_position_is_short, to_nothing},
    {hard_rules::cash_is_not_negative, to_nothing},
    {hard_rules::no_group_is_bought_and_sold, to_nothing},
    // 2. facts that hold an account
    {hard_rules::facts_allow_trading, to_nothing},
    // 3. restrictions, and what may be bought at all
    {hard_rules::security_is_tradable, to_nothing},
    {hard_rules::security_is_wanted, to_nothing},
    {hard_rules::restriction_forbids_no_order, to_nothing},
    {hard_rules::restricted_lot_is_kept, to_nothing},
    {hard_rules::locked_quantity_is_kept, to_nothing},
    {hard_rules::sell_all_is_carried_out, "restriction_"},
    {hard_rules::restricted_weight_is_kept, "restriction_"},
    // 4. liquidate, cash_out, reserved cash
    {hard_rules::liquidation_sells_everything, "request_"},
    {hard_rules::reserved_cash_is_there, "request_"},
    {hard_rules::cash_set_aside_is_kept, "request_"},
    {hard_rules::directed_trades_are_made, to_nothing},  // of each order by itself an exception tells what is left
    {hard_rules::harvest_is_reached, rule::request_harvest_short},
    {hard_rules::gains_asked_for_are_realized, rule::request_realize_gains_short},
    {hard_rules::zero_rate_is_not_exceeded, "budget_"},
    {hard_rules::losses_are_preserved, rule::request_preserve_yielded},
    // 5 to 12
    {hard_rules::mode_is_kept, "mode_"},
    {hard_rules::short_term_gains_are_avoided, "short_term_"},
    {hard_rules::long_term_is_waited_for, "short_term_"},
    {hard_rules::gain_budget_is_kept, "budget_"},
    {hard_rules::tax_budget_is_kept, "budget_"},
    {hard_rules::cash_min_is_kept, "cash_"},
    {hard_rules::nothing_to_invest_is_not_invested, to_nothing},
    {hard_rules::turnover_max_is_kept, "turnover_"},
    {hard_rules::rebalance_days_are_waited_for, "turnover_"},
    {hard_rules::position_weight_max_is_kept, "position_"},
    {hard_rules::names_max_is_kept, "names_"},
    {hard_rules::bands_are_kept, "band_"},
    {hard_rules::trade_minimum_is_reached, "trade_min_"},
    {hard_rules::quantity_step_is_kept, "trade_min_"},
};

constexpr Rule statements[] = {
    hard_rules::status_is_told, hard_rules::cash_is_told,     hard_rules::value_is_told,
    hard_rules::gains_are_told, hard_rules::turnover_is_told, hard_rules::bound_is_below_the_objective,
};

enum class Scope { orders, statements_too };

// A held or frozen account has no orders; nothing else is asked of it.
bool is_closed(const AccountSheet& sheet) { return sheet.is_held() || sheet.frozen(); }

void check_closed(const AccountSheet& sheet, Verdict& verdict) {
  if (sheet.result->orders.empty()) return;
  if (sheet.account->status == AccountStatus::frozen) {
    verdict.refuse(rule::restriction_account_frozen, "a frozen account has orders");
  } else if (sheet.frozen_by != nullptr) {
    verdict.refuse(sheet.frozen_by, "an account with a due request that nothing is traded has orders");
  } else {
    verdict.refuse(rule::verification_held_with_orders, "a held account has orders");
  }
}

void check_ladder(const AccountSheet& sheet, Verdict& verdict) {
  for (const Rung& rung : ladder) {
    if (rung.yields_as == to_nothing || !sheet.is_excused(rung.yields_as)) rung.check(sheet, verdict);
  }
}

// A sheet for each account of the unit in order; `nothing` serves those without a result.
std::vector<AccountSheet> sheets_of(const BookIndex& index, const DecisionUnit& unit,
                                    const std::vector<const AccountResult*>& results,
                                    std::vector<AccountResult>& nothing) {
  nothing.resize(unit.accounts.size());
  std::vector<AccountSheet> sheets;
  sheets.reserve(unit.accounts.size());
  for (std::size_t i = 0; i < unit.accounts.size(); ++i) {
    nothing[i].account = unit.accounts[i];
    const auto given = std::ranges::find(results, unit.accounts[i], &AccountResult::account);
    sheets.push_back(sheet_of(index, given == results.end() ? nothing[i] : **given));
  }
  return sheets;
}

// Each account's gains in this run are what the later accounts of its taxpayer find.
void hand_gains_on(std::vector<AccountSheet>& sheets) {
  struct Realized {
    Money short_term;
    Money long_term;
  };
  std::map<TaxpayerIndex, Realized> so_far;
  for (AccountSheet& sheet : sheets) {
    if (!sheet.taxable()) continue;
    Realized& realized = so_far[sheet.account->taxpayer];
    sheet.run_short_before = realized.short_term;
    sheet.run_long_before = realized.long_term;
    realized.short_term += sheet.realized(Term::short_term);
    realized.long_term += sheet.realized(Term::long_term);
  }
}

std::vector<Breach> verify(const BookIndex& index, const DecisionUnit& unit,
                           const std::vector<const AccountResult*>& results, Scope scope) {
  std::vector<Breach> breaches;
  std::vector<AccountResult> nothing;
  std::vector<AccountSheet> sheets = sheets_of(index, unit, results, nothing);
  hand_gains_on(sheets);
  const WashLedger wash(index, sheets);
  for (std::size_t place = 0; place < sheets.size(); ++place) {
    const AccountSheet& sheet = sheets[place];
    if (sheet.result == &nothing[place]) continue;
    Verdict verdict(sheet, breaches);
    if (is_closed(sheet)) {
      check_closed(sheet, verdict);
    } else {
      wash.refuse_purchases(place, verdict);
      if (!sheet.is_excused("wash_sale_")) wash.refuse_loss_sales(place, verdict);
      check_ladder(sheet, verdict);
    }
    // A failed account was never decided: it states nothing.
    if (scope == Scope::orders || sheet.result->status == ResultStatus::failed) continue;
    for (const Rule statement : statements) statement(sheet, verdict);
    wash.check_statement(place, verdict);
  }
  return breaches;
}

}  // namespace

std::vector<Breach> verify_orders(const BookIndex& index, const DecisionUnit& unit,
                                  const std::vector<const AccountResult*>& results) {
  return verify(index, unit, results, Scope::orders);
}

std::vector<Breach> verify_unit(const BookIndex& index, const DecisionUnit& unit,
                                const std::vector<const AccountResult*>& results) {
  return verify(index, unit, results, Scope::statements_too);
}

}  // namespace lotwright
