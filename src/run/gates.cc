#include "run/gates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "book/rules.h"
#include "run/table.h"

namespace lotwright {
namespace {

Finding blown(const char* rule, const std::string& observed, const std::string& limit, const std::string& message) {
  return {rule,
          Severity::hold,
          {SubjectKind::firm, {}},
          {},
          observed,
          limit,
          message + "; no order of this run leaves: check the inputs, or raise the gate in firm.toml"};
}

void check_notional(const Book& book, const std::vector<AccountResult>& results, Findings& found) {
  if (!book.firm.gates.one_security_notional_max) return;
  const Money limit = *book.firm.gates.one_security_notional_max;
  std::map<SecurityIndex, Money> notional;
  for (const AccountResult& result : results) {
    for (const Order& order : result.orders) notional[order.trade.security] += order.trade.amount;
  }
  for (const auto& [security, amount] : notional) {
    if (amount <= limit) continue;
    const std::string& id = book.security(security).id.text;
    found.push_back(blown(rule::gate_one_security_notional, id + " " + amount.to_string(2), limit.to_string(2),
                          fmt::format("orders in {} come to {}, more than one_security_notional_max {}", id,
                                      amount.to_string(2), limit.to_string(2))));
  }
}

// One taxpayer's losses do not pay another's tax: only taxpayers whose total is positive count.
void check_tax(const Book& book, const std::vector<AccountResult>& results, Findings& found) {
  if (!book.firm.gates.tax_total_max) return;
  const Money limit = *book.firm.gates.tax_total_max;
  std::map<TaxpayerIndex, double> taxes;
  for (const AccountResult& result : results) taxes[book.account(result.account).taxpayer] += result.tax;
  double total = 0.0;
  for (const auto& [taxpayer, tax] : taxes) total += std::max(0.0, tax);
  if (total <= limit.to_double()) return;
  found.push_back(blown(rule::gate_tax_total, fmt::format("{:.2f}", total), limit.to_string(2),
                        fmt::format("the tax of this run's orders comes to {:.2f}, more than tax_total_max {}", total,
                                    limit.to_string(2))));
}

void check_accounts(const Book& book, const PreviousRun& previous, Findings& found) {
  if (!book.firm.gates.accounts_change_max || !previous.accounts) return;
  const AccountsChange change = change_of(book, *previous.accounts);
  const double share = static_cast<double>(change.appeared + change.vanished) /
                       static_cast<double>(std::max<std::size_t>(1, previous.accounts->size()));
  if (share <= *book.firm.gates.accounts_change_max) return;
  found.push_back(blown(
      rule::gate_accounts_change, fmt::format("{:.4f}", share), fmt::format("{}", *book.firm.gates.accounts_change_max),
      fmt::format("{} accounts are new and {} are gone of the previous run's {}, a larger share than "
                  "accounts_change_max {}",
                  change.appeared, change.vanished, previous.accounts->size(), *book.firm.gates.accounts_change_max)));
}

void check_prices(const Book& book, const PreviousRun& previous, Findings& found) {
  if (!book.firm.gates.price_move_max) return;
  const double limit = *book.firm.gates.price_move_max;
  for (const Security& security : book.securities) {
    const auto before = previous.prices.find(security.id.text);
    if (before == previous.prices.end() || !security.price) continue;
    const double move = security.price->to_double() / before->second.to_double() - 1.0;
    if (std::abs(move) <= limit) continue;
    found.push_back(blown(rule::gate_price_move, fmt::format("{} {:.4f}", security.id.text, move),
                          fmt::format("{}", limit),
                          fmt::format("{} was {} in the previous run and is {} now, a move of {:.2f} % against a "
                                      "price_move_max of {:.2f} %",
                                      security.id.text, before->second.to_string(), security.price->to_string(),
                                      100.0 * move, 100.0 * limit)));
  }
}

}  // namespace

Result<PreviousRun> read_previous(const std::string& folder) {
  const auto accounts = read_table(folder + "/accounts.csv", {"account_id"});
  if (!accounts) return accounts.failure();
  const auto prices = read_table(folder + "/prices.csv", {"security_id", "close"});
  if (!prices) return prices.failure();
  PreviousRun previous;
  previous.accounts.emplace();
  for (const TableRow& row : accounts->rows) previous.accounts->emplace_back(accounts->cell(row, "account_id"));
  std::ranges::sort(*previous.accounts);
  for (const TableRow& row : prices->rows) {
    const auto price = Price::parse(prices->cell(row, "close"));
    if (price && price->is_positive()) previous.prices.emplace(prices->cell(row, "security_id"), *price);
  }
  return previous;
}

AccountsChange change_of(const Book& book, const std::vector<std::string>& previous_accounts) {
  std::vector<std::string> now;
  for (const Account& account : book.accounts) now.push_back(account.id.text);
  std::vector<std::string> either;
  AccountsChange change;
  std::ranges::set_difference(now, previous_accounts, std::back_inserter(either));
  change.appeared = either.size();
  either.clear();
  std::ranges::set_difference(previous_accounts, now, std::back_inserter(either));
  change.vanished = either.size();
  return change;
}

Findings gates_of(const Book& book, const std::vector<AccountResult>& results, const PreviousRun& previous) {
  Findings found;
  check_prices(book, previous, found);
  check_accounts(book, previous, found);
  check_notional(book, results, found);
  check_tax(book, results, found);
  return found;
}

}  // namespace lotwright
