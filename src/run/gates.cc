#include "run/gates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include "book/rules.h"
#include "checks/actions.h"
#include "checks/data_tests.h"
#include "checks/model_moves.h"
#include "explanation/cents.h"
#include "run/names.h"
#include "run/previous.h"
#include "units/dollars.h"

namespace lotwright {
namespace {

constexpr std::size_t largest_max = 20;

// "900 %", "12.5 %"
std::string in_percent(double fraction) { return fmt::format("{:.4g} %", 100.0 * fraction); }

BlownGate blown(const char* rule, const std::string& observed, const std::string& limit, const std::string& message) {
  BlownGate gate;
  gate.finding = {rule,
                  Severity::hold,
                  {SubjectKind::firm, {}},
                  {},
                  observed,
                  limit,
                  message +
                      "; no order of this run leaves: check the inputs, or release the orders despite the gate "
                      "(gates.html says how)"};
  return gate;
}

using SizedRows = std::vector<std::pair<double, std::vector<std::string>>>;

// The columns of a gate's table; the first `text` of them are words.
struct Columns {
  std::vector<std::string> names;
  std::size_t text = 1;
};

// Fills the table: `rows` by falling size.
void contribute(BlownGate& gate, Columns columns, SizedRows rows, const char* next_step) {
  std::ranges::stable_sort(rows, [](const auto& a, const auto& b) { return a.first > b.first; });
  gate.columns = std::move(columns.names);
  gate.text_columns = columns.text;
  gate.next_step = next_step;
  double all = 0.0, told = 0.0;
  for (auto& [size, row] : rows) {
    all += size;
    if (gate.largest.size() >= largest_max) continue;
    told += size;
    gate.largest.push_back(std::move(row));
  }
  if (rows.size() <= largest_max) return;
  gate.coverage = fmt::format("the {} largest of {}", largest_max, rows.size());
  if (all > 0.0) gate.coverage += fmt::format(", {:.0f} % of the whole", 100.0 * told / all);
}

// The orders of the run by security.
std::map<SecurityIndex, std::vector<std::pair<AccountIndex, const Order*>>> orders_by_security(
    const std::vector<AccountResult>& results) {
  std::map<SecurityIndex, std::vector<std::pair<AccountIndex, const Order*>>> orders;
  for (const AccountResult& result : results) {
    for (const Order& order : result.orders) orders[order.trade.security].emplace_back(result.account, &order);
  }
  return orders;
}

std::vector<std::string> row_of(const Book& book, AccountIndex account, const Order& order) {
  return {book.account(account).id.text, name_of(order.trade.side), order.reason, order.trade.quantity.to_string(),
          usd(order.trade.amount)};
}

SizedRows rows_of(const Book& book, const std::vector<std::pair<AccountIndex, const Order*>>& orders) {
  SizedRows rows;
  for (const auto& [account, order] : orders)
    rows.emplace_back(order->trade.amount.to_double(), row_of(book, account, *order));
  return rows;
}

const Columns order_columns{{"account_id", "side", "reason", "quantity", "amount"}, 3};

void check_notional(const Book& book, const std::vector<AccountResult>& results, std::vector<BlownGate>& found) {
  if (!book.firm.gates.one_security_notional_max) return;
  const Money limit = *book.firm.gates.one_security_notional_max;
  for (const auto& [security, orders] : orders_by_security(results)) {
    Money amount;
    for (const auto& [account, order] : orders) amount += order->trade.amount;
    if (amount <= limit) continue;
    const std::string& id = book.security(security).id.text;
    BlownGate gate = blown(rule::gate_one_security_notional, id + " " + amount.to_string(2), limit.to_string(2),
                           fmt::format("orders in {} come to {}, more than one_security_notional_max {}", id,
                                       whole_usd(amount), whole_usd(limit)));
    contribute(gate, order_columns, rows_of(book, orders),
               "Look at the largest orders: a changed model explains them, or a wrong price or position does.");
    found.push_back(std::move(gate));
  }
}

void check_volume(const Book& book, const std::vector<AccountResult>& results, std::vector<BlownGate>& found) {
  if (!book.firm.gates.share_of_volume_max) return;
  const double limit = book.firm.gates.share_of_volume_max->to_double();
  for (const auto& [security, orders] : orders_by_security(results)) {
    const Security& one = book.security(security);
    if (!one.daily_volume) continue;
    Quantity quantity;
    for (const auto& [account, order] : orders) quantity += order->trade.quantity;
    if (quantity.to_double() <= limit * one.daily_volume->to_double()) continue;
    BlownGate gate =
        blown(rule::gate_share_of_volume, one.id.text + " " + quantity.to_string(), fmt::format("{}", limit),
              fmt::format("orders in {} come to {} shares, more than share_of_volume_max {} of the {} traded on a day",
                          one.id.text, quantity.to_string(), limit, one.daily_volume->to_string()));
    contribute(gate, order_columns, rows_of(book, orders),
               "Spread the change over days, or take a fund in the name's place; check daily_volume.");
    found.push_back(std::move(gate));
  }
}

// One taxpayer's losses do not pay another's tax: only taxpayers whose total is positive count.
void check_tax(const Book& book, const std::vector<AccountResult>& results, std::vector<BlownGate>& found) {
  if (!book.firm.gates.tax_total_max) return;
  const Money limit = *book.firm.gates.tax_total_max;
  std::map<TaxpayerIndex, double> taxes;
  for (const AccountResult& result : results) taxes[book.account(result.account).taxpayer] += result.tax;
  double total = 0.0;
  SizedRows rows;
  for (const auto& [taxpayer, tax] : taxes) {
    total += std::max(0.0, tax);
    if (tax > 0.0 && taxpayer.exists())
      rows.push_back({tax, {book.taxpayers[taxpayer.value].id.text, usd(to_cents(tax))}});
  }
  if (total <= limit.to_double()) return;
  const std::string words = whole_usd(to_cents(total));
  BlownGate gate = blown(
      rule::gate_tax_total, fmt::format("{:.2f}", total), limit.to_string(2),
      fmt::format("the tax of this run's orders comes to {}, more than tax_total_max {}", words, whole_usd(limit)));
  contribute(gate, {{"taxpayer_id", "tax"}}, std::move(rows),
             "Look at the bases of the largest taxpayers' lots: a migration that loses them looks like this.");
  found.push_back(std::move(gate));
}

void check_accounts(const Book& book, const PreviousRun& previous, std::vector<BlownGate>& found) {
  if (!book.firm.gates.accounts_change_max || !previous.accounts) return;
  const AccountsChange change = change_of(book, *previous.accounts);
  const double share = static_cast<double>(change.appeared.size() + change.vanished.size()) /
                       static_cast<double>(std::max<std::size_t>(1, previous.accounts->size()));
  if (share <= *book.firm.gates.accounts_change_max) return;
  BlownGate gate = blown(
      rule::gate_accounts_change, fmt::format("{:.4f}", share), fmt::format("{}", *book.firm.gates.accounts_change_max),
      fmt::format("{} accounts are new and {} are gone of the previous run's {}, a larger share than "
                  "accounts_change_max {}",
                  change.appeared.size(), change.vanished.size(), previous.accounts->size(),
                  *book.firm.gates.accounts_change_max));
  SizedRows rows;
  for (const std::string& id : change.vanished) {
    const auto then = previous.account_rows.find(id);
    const bool known = then != previous.account_rows.end();
    rows.push_back(
        {known ? then->second.value.to_double() : 0.0, {id, "gone", known ? usd(then->second.value) : std::string()}});
  }
  for (const std::string& id : change.appeared) rows.push_back({0.0, {id, "new", ""}});
  contribute(gate, {{"account_id", "what", "value before"}, 2}, std::move(rows),
             "Ask the custodian for the whole file; accounts.csv may be cut short or be another firm's.");
  found.push_back(std::move(gate));
}

// A split is in the price from the day it takes effect, whether it is booked in lots by then or not.
SplitsAndMore splits_since(const Book& book, const PreviousRun& previous) {
  return {book, [&](const CorporateAction& action) {
            const auto price = previous.believed.find(book.security(action.security).id.text);
            const std::optional<Date> then =
                price == previous.believed.end() ? previous.as_of : std::optional(price->second.second);
            return then && action.effective_on > *then;
          }};
}

void check_prices(const Book& book, const PreviousRun& previous, std::vector<BlownGate>& found) {
  if (!book.firm.gates.price_move_max || !previous.prices_comparable(book.firm.as_of)) return;
  const double limit = *book.firm.gates.price_move_max;
  const SplitsAndMore splits = splits_since(book, previous);
  for (std::uint32_t i = 0; i < book.securities.size(); ++i) {
    const Security& security = book.securities[i];
    const auto before = previous.prices.find(security.id.text);
    if (before == previous.prices.end() || !security.price) continue;
    const double ratio = splits.ratio({i});
    const double move = security.price->to_double() * ratio / before->second.to_double() - 1.0;
    if (std::abs(move) <= limit) continue;
    const std::string split = ratio == 1.0 ? "" : fmt::format(" after a split into {:g}", ratio);
    BlownGate gate = blown(
        rule::gate_price_move, fmt::format("{} {:.4f}", security.id.text, move), fmt::format("{}", limit),
        fmt::format("{} was ${} in the previous run and is ${} now{}, a move of {} against a price_move_max of {}",
                    security.id.text, grouped(before->second.to_string()), grouped(security.price->to_string()), split,
                    (move > 0.0 ? "+" : "") + in_percent(move), in_percent(limit)));
    SizedRows rows;
    for (const Account& account : book.accounts) {
      Quantity held;
      for (const TaxLot& lot : account.lots) held += lot.security == SecurityIndex{i} ? lot.quantity : Quantity();
      if (held.is_positive())
        rows.push_back({held.to_double(), {account.id.text, held.to_string(), usd(value_of(held, *security.price))}});
    }
    contribute(gate, {{"account_id", "quantity", "value"}}, std::move(rows),
               "Look the price up elsewhere: a split, another currency, or the market.");
    found.push_back(std::move(gate));
  }
}

void check_breaks(const Book& book, std::vector<BlownGate>& found) {
  if (!book.firm.gates.share_breaks_max || !custodian_counts(book)) return;
  std::size_t positions = 0;
  const std::vector<PositionBreak> breaks = position_breaks(book, positions);
  const double share = static_cast<double>(breaks.size()) / static_cast<double>(std::max<std::size_t>(1, positions));
  const double limit = book.firm.gates.share_breaks_max->to_double();
  if (share <= limit) return;
  BlownGate gate = blown(rule::gate_share_breaks, fmt::format("{:.4f}", share), fmt::format("{}", limit),
                         fmt::format("{} of {} positions differ from the custodian's, a larger share than "
                                     "share_breaks_max {}",
                                     breaks.size(), positions, limit));
  SizedRows rows;
  for (const PositionBreak& one : breaks) {
    const Security& security = book.security(one.security);
    const double off = std::abs(one.by_lots - one.by_custodian) * (security.price ? security.price->to_double() : 0.0);
    rows.push_back({off,
                    {book.account(one.account).id.text, security.id.text, fmt::format("{:.4f}", one.by_lots),
                     fmt::format("{:.4f}", one.by_custodian), fmt::format("{:.2f}", off)}});
  }
  contribute(gate, {{"account_id", "security_id", "by lots", "by custodian", "dollars"}, 2}, std::move(rows),
             "Check that lots.csv and positions.csv are of the same evening.");
  found.push_back(std::move(gate));
}

// Whether the account's model says why: the run before does not know the account or what it followed, or the weight of
// the security moved the way of the order and to a like degree. Beyond twice as far, something else moves it too.
bool follows_model(const PreviousRun& previous, ModelMoves& moves, const Book& book, const AccountResult& result,
                   const Order& order) {
  constexpr double alike = 2.0;
  if (!previous.account_rows.contains(book.account(result.account).id.text)) return true;
  const ModelMove& move = moves.of(result.account);
  if (!move.known) return true;
  const double change = move.change_of(order.trade.security).to_double();
  const double wanted = order.trade.side == Side::buy ? change : -change;
  return order.trade.amount.to_double() <= alike * wanted * result.investable.to_double();
}

void check_one_name(const Book& book, const std::vector<AccountResult>& results, const PreviousRun& previous,
                    std::vector<BlownGate>& found) {
  if (!book.firm.gates.accounts_in_one_name_max || !previous.models) return;
  const std::int64_t limit = *book.firm.gates.accounts_in_one_name_max;
  ModelMoves moves(book, previous);
  std::map<std::pair<SecurityIndex, Side>, std::vector<std::pair<AccountIndex, const Order*>>> same_way;
  for (const AccountResult& result : results) {
    for (const Order& order : result.orders) {
      if (follows_model(previous, moves, book, result, order)) continue;
      same_way[{order.trade.security, order.trade.side}].emplace_back(result.account, &order);
    }
  }
  for (const auto& [what, orders] : same_way) {
    if (static_cast<std::int64_t>(orders.size()) <= limit) continue;
    const std::string name = std::string(name_of(what.second)) + " " + book.security(what.first).id.text;
    BlownGate gate =
        blown(rule::gate_accounts_in_one_name, fmt::format("{} {}", name, orders.size()), std::to_string(limit),
              fmt::format("{} accounts {} and no change of their models says why, more than "
                          "accounts_in_one_name_max {}",
                          orders.size(), name, limit));
    contribute(gate, order_columns, rows_of(book, orders),
               "Ask what they have in common: a price, a restriction, a wrong class. One cause moves many accounts.");
    found.push_back(std::move(gate));
  }
}

// The proof is the engine's own alarm: what it cannot rule out grows where a model, a constraint or the engine has
// gone wrong, before a person would see it in any one account.
void check_gap(const Book& book, const std::vector<AccountResult>& results, const PreviousRun& previous,
               std::vector<BlownGate>& found) {
  if (!book.firm.gates.gap_rise_bps_max || !previous.gap) return;
  Money gap, investable;
  SizedRows rows;
  for (const AccountResult& result : results) {
    const std::string& id = book.account(result.account).id.text;
    const bool then = !previous.accounts || std::ranges::binary_search(*previous.accounts, id);
    if (!result.gap || !then) continue;  // of one book on two days, not of two books
    gap += *result.gap;
    investable += result.investable;
    rows.push_back({result.gap->to_double(), {id, usd(*result.gap), usd(result.investable)}});
  }
  const BasisPoints now = gap_over(gap, investable).value_or(BasisPoints());
  const BasisPoints rise = now - *previous.gap;
  const BasisPoints limit = *book.firm.gates.gap_rise_bps_max;
  if (rise <= limit) return;
  BlownGate gate = blown(rule::gate_gap_rise, rise.to_string(), limit.to_string(),
                         fmt::format("the orders are proved to lie within {} bp of the best there are, {} bp in the "
                                     "previous run: a rise of more than gap_rise_bps_max {}",
                                     now.to_string(), previous.gap->to_string(), limit.to_string()));
  contribute(
      gate, {{"account_id", "gap", "investable value"}}, std::move(rows),
      "Explain the first accounts: what has come to them since, a rule, a setting, a model? Nothing is wrong with "
      "the orders by itself; they are proved less well.");
  found.push_back(std::move(gate));
}

}  // namespace

AccountsChange change_of(const Book& book, const std::vector<std::string>& previous_accounts) {
  std::vector<std::string> now;
  for (const Account& account : book.accounts) now.push_back(account.id.text);
  AccountsChange change;
  std::ranges::set_difference(now, previous_accounts, std::back_inserter(change.appeared));
  std::ranges::set_difference(previous_accounts, now, std::back_inserter(change.vanished));
  return change;
}

std::vector<BlownGate> blown_gates(const Book& book, const std::vector<AccountResult>& results,
                                   const PreviousRun& previous) {
  std::vector<BlownGate> found;
  check_prices(book, previous, found);
  check_accounts(book, previous, found);
  check_breaks(book, found);
  check_notional(book, results, found);
  check_volume(book, results, found);
  check_tax(book, results, found);
  check_one_name(book, results, previous, found);
  check_gap(book, results, previous, found);
  return found;
}

Findings gates_of(const Book& book, const std::vector<AccountResult>& results, const PreviousRun& previous) {
  Findings findings;
  for (BlownGate& gate : blown_gates(book, results, previous)) findings.push_back(std::move(gate.finding));
  return findings;
}

}  // namespace lotwright
