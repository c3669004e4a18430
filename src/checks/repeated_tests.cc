#include "checks/repeated_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>
#include <tuple>

#include "book/rules.h"
#include "checks/account_rows.h"
#include "checks/actions.h"

namespace lotwright {
namespace {

auto same_trade(const Transaction& one) {
  return std::tie(one.account, one.trade_date, one.kind, one.security, one.quantity, one.amount, one.gain_short,
                  one.gain_long);
}

bool arrives_bought(const Transaction& one) {
  return one.kind == TransactionKind::buy || one.kind == TransactionKind::reinvest;
}

// What an account's records say of one security bought on one day, in shares of today.
struct DaysShares {
  double held = 0.0;       // in lots of that day
  double purchased = 0.0;  // by all transactions of that day
  double left = 0.0;       // by sales and transfers since: they may be of these lots
  bool split = false;      // a fraction of a share may have been paid in cash
};

// The corporate actions in the lots that took effect after that day.
SplitsAndMore applied_after(const Book& book, Date day) {
  return {book, [&](const CorporateAction& action) { return action.applied && action.effective_on > day; }};
}

// None where a merger, a spin-off or the like remade the shares since: no lot need show the purchase any more.
std::optional<DaysShares> shares_of_day(const Book& book, AccountIndex index, const Transaction& trade) {
  const SplitsAndMore actions = applied_after(book, trade.trade_date);
  if (actions.remade(trade.security)) return std::nullopt;
  DaysShares day;
  day.split = actions.any_of(trade.security);
  for (const TaxLot& lot : book.account(index).lots) {
    if (lot.security == trade.security && lot.acquired_on == trade.trade_date) day.held += lot.quantity.to_double();
  }
  for (const Transaction& row : rows_of(book.transactions, index)) {
    if (row.security != trade.security || row.trade_date < trade.trade_date) continue;
    const double now = row.quantity.to_double() * applied_after(book, row.trade_date).ratio(row.security);
    if (arrives_bought(row) && row.trade_date == trade.trade_date) day.purchased += now;
    if (leaves(row.kind)) day.left += now;
  }
  return day;
}

// Whether the lots of that day hold the shares of all its purchases, sales since apart: a custodian may keep one lot of
// several.
bool lots_show(const DaysShares& day) {
  const double rounded = 1e-4 + (day.split ? 1.0 : 0.0);  // shares, of fractions told with fewer digits
  return day.held + day.left >= day.purchased - rounded;
}

void test_repeated_trades(const Book& book, std::uint32_t index, Doubts& doubts) {
  const Account& account = book.accounts[index];
  std::vector<const Transaction*> bought;
  for (const Transaction& row : rows_of(book.transactions, AccountIndex{index})) {
    if (arrives_bought(row) && row.security.exists() && book.security(row.security).kind != SecurityKind::cash)
      bought.push_back(&row);
  }
  std::ranges::stable_sort(bought, [](auto* a, auto* b) { return same_trade(*a) < same_trade(*b); });
  for (std::size_t i = 0; i < bought.size();) {
    std::size_t next = i + 1;
    while (next < bought.size() && same_trade(*bought[next]) == same_trade(*bought[i])) ++next;
    const std::span equal(bought.data() + i, next - i);
    const Transaction& trade = *bought[i];
    i = next;
    if (equal.size() < 2) continue;
    const std::optional<DaysShares> day = shares_of_day(book, {index}, trade);
    if (!day || lots_show(*day)) continue;
    const std::string ids = fmt::format("{} and {}", trade.id, equal.back()->id);
    std::string whole = fmt::format("{} {} {} of {}, {:.6f} held, {:.6f} bought, {:.6f} sold since",
                                    trade.amount.to_string(), trade.trade_date.to_string(), trade.quantity.to_string(),
                                    book.security(trade.security).id.text, day->held, day->purchased, day->left);
    for (const Transaction* one : equal) whole += "\n" + one->id;
    doubts.tell(
        rule::data_trade_twice, Severity::hold, account, {ids, whole}, "",
        fmt::format("transactions {} are one: the same day, security, quantity and amount, and that day's lots "
                    "hold {} shares, with those sold since {}, where all purchases of the day come to {}; take "
                    "one out of transactions.csv, or add the lot",
                    ids, quantity_text(day->held), quantity_text(day->held + day->left), quantity_text(day->purchased)),
        {trade.security});
  }
}

// One payment that stands twice, or once more with its sign turned.
void test_repeated_flows(const Book& book, std::uint32_t index, Doubts& doubts) {
  std::map<std::tuple<Money, Date, RequestKind>, std::string> first;
  for (const Request& request : rows_of(book.requests, AccountIndex{index})) {
    const bool out = request.kind == RequestKind::cash_out;
    if ((!out && request.kind != RequestKind::cash_in) || !request.amount || !request.amount->is_positive()) continue;
    const RequestKind turned = out ? RequestKind::cash_in : RequestKind::cash_out;
    const auto [same, fresh] = first.try_emplace({*request.amount, request.due_on, request.kind}, request.id);
    const auto other = first.find({*request.amount, request.due_on, turned});
    if (fresh && other == first.end()) continue;
    const std::string ids = fmt::format("{} and {}", fresh ? other->second : same->second, request.id);
    const std::string amount = request.amount->to_string(2);
    const std::string message =
        fresh ? fmt::format(
                    "requests {} bring and take the same amount, {}, on one day: take the one with the wrong "
                    "sign out of requests.csv, or release the orders where both are meant",
                    ids, amount)
              : fmt::format(
                    "requests {} are of one amount, {}, and one day: take one out of requests.csv, or make "
                    "them one of both amounts where both are meant",
                    ids, amount);
    const Observed pair{ids, fmt::format("{} {} {} {} {}", ids, out ? "out" : "in", fresh ? "turned" : "again", amount,
                                         request.due_on.to_string())};
    doubts.tell(rule::data_cash_flow_twice, fresh ? Severity::review : Severity::hold, book.accounts[index], pair, "",
                message);
  }
}

}  // namespace

void test_repeated(const Book& book, Doubts& doubts) {
  for (std::uint32_t i = 0; i < book.accounts.size(); ++i) {
    test_repeated_trades(book, i, doubts);
    test_repeated_flows(book, i, doubts);
  }
}

}  // namespace lotwright
