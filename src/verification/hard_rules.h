// verification/hard_rules.h — one function for each hard rule of docs/rules.md, strongest first. Each looks at one
// account and refuses what breaks it; which exceptions excuse it stands in the ladder (verification.cc). Wash sales,
// which look across accounts, are in wash_ledger.h.
#pragma once

#include <string>
#include <vector>

#include "verification/account_sheet.h"
#include "verification/verification.h"

namespace lotwright {

// Collects the breaches of one account.
class Verdict {
 public:
  Verdict(const AccountSheet& sheet, std::vector<Breach>& breaches) : sheet_(&sheet), breaches_(&breaches) {}

  void refuse(const char* rule, std::string message) { add(rule, {}, {}, std::move(message)); }
  void refuse(const char* rule, SecurityIndex security, std::string message);
  void refuse(const char* rule, const TaxLot& lot, std::string message);

 private:
  void add(const char* rule, std::string security, std::string lot, std::string message) {
    breaches_->push_back({sheet_->account_index, rule, std::move(security), std::move(lot), std::move(message)});
  }

  const AccountSheet* sheet_;
  std::vector<Breach>* breaches_;
};

using Rule = void (*)(const AccountSheet&, Verdict&);

namespace hard_rules {

// Well-formed orders and lot facts (order_rules.cc).
void order_names_a_priced_security(const AccountSheet& sheet, Verdict& verdict);
void one_order_a_security(const AccountSheet& sheet, Verdict& verdict);
void order_quantity_is_positive(const AccountSheet& sheet, Verdict& verdict);
void order_price_is_the_books(const AccountSheet& sheet, Verdict& verdict);
void order_amount_is_quantity_times_price(const AccountSheet& sheet, Verdict& verdict);
void order_commission_follows_policy(const AccountSheet& sheet, Verdict& verdict);
void lot_sale_names_a_lot_of_the_order(const AccountSheet& sheet, Verdict& verdict);
void lot_sales_sum_to_the_order(const AccountSheet& sheet, Verdict& verdict);
void lot_is_not_oversold(const AccountSheet& sheet, Verdict& verdict);
void proceeds_are_the_orders(const AccountSheet& sheet, Verdict& verdict);
void basis_gain_and_term_are_lawful(const AccountSheet& sheet, Verdict& verdict);
void unknown_basis_is_respected(const AccountSheet& sheet, Verdict& verdict);
void no_position_is_short(const AccountSheet& sheet, Verdict& verdict);
void cash_is_not_negative(const AccountSheet& sheet, Verdict& verdict);
void no_group_is_bought_and_sold(const AccountSheet& sheet, Verdict& verdict);

// Facts that forbid any order, and restrictions (restriction_rules.cc).
void facts_allow_trading(const AccountSheet& sheet, Verdict& verdict);
void security_is_tradable(const AccountSheet& sheet, Verdict& verdict);
void security_is_wanted(const AccountSheet& sheet, Verdict& verdict);
void restriction_forbids_no_order(const AccountSheet& sheet, Verdict& verdict);
void restricted_lot_is_kept(const AccountSheet& sheet, Verdict& verdict);
void locked_quantity_is_kept(const AccountSheet& sheet, Verdict& verdict);
void sell_all_is_carried_out(const AccountSheet& sheet, Verdict& verdict);
void restricted_weight_is_kept(const AccountSheet& sheet, Verdict& verdict);

// Requests, and the account's policy from mode to trade minimum (policy_rules.cc).
void liquidation_sells_everything(const AccountSheet& sheet, Verdict& verdict);
void reserved_cash_is_there(const AccountSheet& sheet, Verdict& verdict);
void cash_set_aside_is_kept(const AccountSheet& sheet, Verdict& verdict);
void directed_trades_are_made(const AccountSheet& sheet, Verdict& verdict);
void harvest_is_reached(const AccountSheet& sheet, Verdict& verdict);
void gains_asked_for_are_realized(const AccountSheet& sheet, Verdict& verdict);
void zero_rate_is_not_exceeded(const AccountSheet& sheet, Verdict& verdict);
void losses_are_preserved(const AccountSheet& sheet, Verdict& verdict);
void mode_is_kept(const AccountSheet& sheet, Verdict& verdict);
void short_term_gains_are_avoided(const AccountSheet& sheet, Verdict& verdict);
void long_term_is_waited_for(const AccountSheet& sheet, Verdict& verdict);
void gain_budget_is_kept(const AccountSheet& sheet, Verdict& verdict);
void tax_budget_is_kept(const AccountSheet& sheet, Verdict& verdict);
void cash_min_is_kept(const AccountSheet& sheet, Verdict& verdict);
void nothing_to_invest_is_not_invested(const AccountSheet& sheet, Verdict& verdict);
void turnover_max_is_kept(const AccountSheet& sheet, Verdict& verdict);
void rebalance_days_are_waited_for(const AccountSheet& sheet, Verdict& verdict);
void position_weight_max_is_kept(const AccountSheet& sheet, Verdict& verdict);
void names_max_is_kept(const AccountSheet& sheet, Verdict& verdict);
void bands_are_kept(const AccountSheet& sheet, Verdict& verdict);
void trade_minimum_is_reached(const AccountSheet& sheet, Verdict& verdict);
void quantity_step_is_kept(const AccountSheet& sheet, Verdict& verdict);

// What a result states about its own orders (statement_rules.cc).
void status_is_told(const AccountSheet& sheet, Verdict& verdict);
void cash_is_told(const AccountSheet& sheet, Verdict& verdict);
void value_is_told(const AccountSheet& sheet, Verdict& verdict);
void gains_are_told(const AccountSheet& sheet, Verdict& verdict);
void turnover_is_told(const AccountSheet& sheet, Verdict& verdict);
void bound_is_below_the_objective(const AccountSheet& sheet, Verdict& verdict);

}  // namespace hard_rules
}  // namespace lotwright
