#include "checks/position_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "book/rules.h"
#include "book/treatment_words.h"
#include "checks/actions.h"
#include "checks/findings.h"
#include "checks/requests.h"

namespace lotwright {
namespace {

double shares(Quantity quantity) { return quantity.to_double(); }

// Accounts of which rows could not be read: what is missing in them may be those rows.
class Unread {
 public:
  explicit Unread(const Book& book) {
    constexpr std::array<std::string_view, 3> files{"accounts.csv", "lots.csv", "transactions.csv"};
    for (const Finding& one : book.findings) {
      const std::string_view file = std::string_view(one.place.file).substr(0, one.place.file.rfind(".gz"));
      const bool of_account = one.subject.kind == SubjectKind::account && one.severity == Severity::hold;
      if (of_account && std::ranges::find(files, file) != files.end()) accounts_.insert(one.subject.id);
    }
  }
  // What such an account differs in is told beside the row that holds it, not as a second fault.
  void tell(Doubts& doubts, const char* rule, Severity severity, const Account& account, Observed observed,
            std::string limit, const std::string& message, const std::vector<SecurityIndex>& in_doubt = {}) const {
    const bool unread = accounts_.contains(account.id.text);
    doubts.tell(rule, unread ? Severity::note : severity, account, std::move(observed), std::move(limit),
                unread ? "the account is held by rows that could not be read, which may be why: " + message : message,
                in_doubt);
  }

 private:
  std::set<std::string> accounts_;
};

// What an account holds of one security.
struct Holding {
  SecurityIndex security;
  double quantity = 0.0;
  double basis = 0.0;  // of the lots whose basis is known
  std::int64_t lots_unknown = 0;
};

// Sorted by security, as the lots are.
std::vector<Holding> holdings_of(const Account& account) {
  std::vector<Holding> holdings;
  for (const TaxLot& lot : account.lots) {
    if (holdings.empty() || holdings.back().security != lot.security) holdings.push_back({.security = lot.security});
    Holding& holding = holdings.back();
    holding.quantity += shares(lot.quantity);
    if (lot.cost_basis) {
      holding.basis += lot.cost_basis->to_double();
    } else {
      ++holding.lots_unknown;
    }
  }
  return holdings;
}

template <class Row>
std::span<const Row> rows_of(const std::vector<Row>& rows, AccountIndex account) {
  const auto range = std::ranges::equal_range(rows, account, {}, &Row::account);
  return {range.begin(), range.end()};
}

bool is_money(const Book& book, SecurityIndex security) { return book.security(security).kind == SecurityKind::cash; }

// "S1 100, not 150" for each, the first few.
struct Differences {
  std::vector<std::string> texts;
  void add(const Book& book, SecurityIndex security, double seen, double expected) {
    texts.push_back(fmt::format("{} {}, not {}", book.security(security).id.text, text(seen), text(expected)));
  }
  [[nodiscard]] static std::string text(double quantity) {
    std::string digits = fmt::format("{:.4f}", quantity);
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.ends_with('.')) digits.pop_back();
    return digits;
  }
};

// What transactions brought to one security, and to the account's cash, from `since` on.
struct Traded {
  std::map<SecurityIndex, double> shares;
  double cash = 0.0;
};

Traded traded_since(const Book& book, AccountIndex account, Date since) {
  Traded traded;
  for (const Transaction& row : rows_of(book.transactions, account)) {
    if (row.trade_date < since || !row.security.exists()) continue;
    const bool leaves = row.kind == TransactionKind::sell || row.kind == TransactionKind::transfer_out;
    traded.shares[row.security] += leaves ? -shares(row.quantity) : shares(row.quantity);
    // A dividend pays for what is reinvested, and a transfer moves no money.
    if (is_money(book, row.security)) continue;
    if (row.kind == TransactionKind::sell) traded.cash += row.amount.to_double();
    if (row.kind == TransactionKind::buy) traded.cash -= row.amount.to_double();
  }
  return traded;
}

// The corporate actions booked since the run of that day.
SplitsAndMore new_actions(const Book& book, const PreviousRun& previous, Date since) {
  return {book, [&](const CorporateAction& action) {
            const auto seen = previous.actions.find(action.id);
            const bool known = seen != previous.actions.end() && seen->second <= since;
            return action.applied && !known;
          }};
}

// One account today beside what it was.
struct Beside {
  const Book& book;
  const PreviousRun& previous;
  const SplitsAndMore& actions;
  AccountIndex index;
  const Account& account;
  std::vector<Holding> now;
  const PreviousAccount& before;
  std::span<const PreviousPosition> then;
  Traded traded;
  // Groups in which a taxpayer of the account lately sold: a disallowed loss may have raised any basis there.
  const std::set<GroupIndex>& sold;
  const Unread& unread;
};

// One security then and now; either may be missing.
struct Pair {
  SecurityIndex security;
  const Holding* now = nullptr;
  const PreviousPosition* then = nullptr;
};

std::vector<Pair> pairs_of(const Beside& beside) {
  std::map<SecurityIndex, Pair> pairs;
  for (const Holding& one : beside.now) pairs[one.security] = {one.security, &one, nullptr};
  for (const PreviousPosition& one : beside.then) {
    pairs[one.security].security = one.security;
    pairs[one.security].then = &one;
  }
  std::vector<Pair> sorted;
  for (const auto& [security, pair] : pairs) sorted.push_back(pair);
  return sorted;
}

struct Shares {
  double seen = 0.0, expected = 0.0, traded = 0.0;
};

Shares shares_of(const Beside& beside, const Pair& pair) {
  const auto at = beside.traded.shares.find(pair.security);
  const double traded =
      (at == beside.traded.shares.end() ? 0.0 : at->second) - (pair.then == nullptr ? 0.0 : shares(pair.then->traded));
  const double before = pair.then == nullptr ? 0.0 : shares(pair.then->quantity);
  return {pair.now == nullptr ? 0.0 : pair.now->quantity, before * beside.actions.ratio(pair.security) + traded,
          traded};
}

// After a split a fraction may have been paid in cash, and a trade of its day may be in shares of either count.
bool as_expected(const Beside& beside, const Pair& pair, const Shares& one) {
  const double allowed = shares(beside.book.firm.data_tests.position_difference_max) + 1e-7;
  if (std::abs(one.seen - one.expected) <= allowed) return true;
  const double ratio = beside.actions.ratio(pair.security);
  if (ratio == 1.0) return false;
  const double before = pair.then == nullptr ? 0.0 : shares(pair.then->quantity);
  for (const double expected : {one.expected, (before + one.traded) * ratio}) {
    if (std::abs(one.seen - expected) <= allowed || std::abs(one.seen - std::floor(expected)) <= allowed) return true;
  }
  return false;
}

void test_shares(const Beside& beside, const std::vector<Pair>& pairs, Doubts& doubts) {
  Differences differences;
  std::vector<SecurityIndex> in_doubt;
  for (const Pair& pair : pairs) {
    if (is_money(beside.book, pair.security) || beside.actions.remade(pair.security)) continue;
    const Shares one = shares_of(beside, pair);
    if (as_expected(beside, pair, one)) continue;
    differences.add(beside.book, pair.security, one.seen, one.expected);
    in_doubt.push_back(pair.security);
  }
  for (const StrangerPosition& one : beside.previous.strangers) {
    if (one.account == beside.account.id.text && one.quantity.is_positive())
      differences.texts.push_back(one.security + " gone from securities.csv");
  }
  if (differences.texts.empty()) return;
  beside.unread.tell(
      doubts, rule::data_position_moved, Severity::hold, beside.account, Observed::of(differences.texts), "",
      fmt::format("since {} positions changed and no transaction or corporate action says why: {}; correct lots.csv, "
                  "add what is missing to transactions.csv or corporate_actions.csv, or accept them where today's are "
                  "right (run --accept {})",
                  beside.before.as_of.to_string(), list_of(differences.texts), beside.account.id.text),
      in_doubt);
}

// Of positions nobody touched: a basis does not change by itself.
void test_basis_moves(const Beside& beside, const std::vector<Pair>& pairs, Doubts& doubts) {
  if (beside.account.tax_treatment != TaxTreatment::taxable) return;
  const double limit = 1.0 + beside.book.firm.data_tests.basis_move_max.to_double();
  std::vector<std::string> seen;
  for (const Pair& pair : pairs) {
    if (pair.now == nullptr || pair.then == nullptr || is_money(beside.book, pair.security)) continue;
    if (beside.actions.remade(pair.security) || shares_of(beside, pair).traded != 0.0) continue;
    const std::string& id = beside.book.security(pair.security).id.text;
    if (pair.now->lots_unknown > pair.then->lots_of_unknown_basis) {
      seen.push_back(fmt::format("{} of {} lots lost", id, pair.now->lots_unknown - pair.then->lots_of_unknown_basis));
      continue;
    }
    const bool raised_by_wash = beside.sold.contains(beside.book.security(pair.security).group);
    if (pair.now->lots_unknown != pair.then->lots_of_unknown_basis || !pair.then->cost_basis || raised_by_wash)
      continue;
    const double before = pair.then->cost_basis->to_double();
    const double now = pair.now->basis;
    if (now <= before * limit && before <= now * limit) continue;
    seen.push_back(fmt::format("{} {:.2f}, not {:.2f}", id, now, before));
  }
  if (seen.empty()) return;
  beside.unread.tell(
      doubts, rule::data_basis_implausible, Severity::hold, beside.account, Observed::of(seen),
      beside.book.firm.data_tests.basis_move_max.to_string(),
      fmt::format("since {} the basis of positions changed that nobody traded: {}; correct cost_basis in "
                  "lots.csv, or accept the new one (run --accept {})",
                  beside.before.as_of.to_string(), list_of(seen), beside.account.id.text));
}

std::span<const PreviousFlow> flows_of(const PreviousRun& previous, const std::string& account) {
  const auto range = std::ranges::equal_range(previous.flows, account, {}, &PreviousFlow::account);
  return {range.begin(), range.end()};
}

// Money that requests may have moved since then: at most this much out and in.
struct Announced {
  double out = 0.0, in = 0.0;
};

Announced announced_for(const Beside& beside) {
  const Date today = beside.book.firm.as_of;
  Announced announced;
  // One flow is counted once: under one id, or of one amount and day where an id is another today.
  std::set<std::string> ids;
  std::set<std::tuple<RequestKind, Money, Date>> flows;
  const auto is_new = [&](const std::string& id, RequestKind kind, Money amount, Date due_on) {
    const bool new_id = ids.insert(id).second;
    return flows.insert({kind, amount, due_on}).second && new_id;
  };
  const auto count = [&](const std::string& id, RequestKind kind, Money amount, Date due_on) {
    if (!is_new(id, kind, amount, due_on) || due_on > today + 1) return;
    if (kind == RequestKind::cash_out) announced.out += amount.to_double();
    if (kind == RequestKind::cash_in) announced.in += amount.to_double();
  };
  // A payment of tomorrow that still stands is not paid: the orders raise it.
  for (const Request& request : rows_of(beside.book.requests, beside.index)) {
    if (request.kind == RequestKind::cash_out && request.due_on > today)
      is_new(request.id, request.kind, request.amount.value_or(Money()), request.due_on);
  }
  for (const PreviousFlow& flow : flows_of(beside.previous, beside.account.id.text))
    count(flow.request, flow.kind, flow.amount, flow.due_on);
  for (const Request& request : rows_of(beside.book.requests, beside.index))
    count(request.id, request.kind, request.amount.value_or(Money()), request.due_on);
  // A merger or a return of capital pays at most what the position was worth.
  for (const PreviousPosition& one : beside.then) {
    const auto price = beside.previous.prices.find(beside.book.security(one.security).id.text);
    if (!beside.actions.any_of(one.security) || price == beside.previous.prices.end()) continue;
    announced.in += shares(one.quantity) * price->second.to_double();
  }
  return announced;
}

double money_of(const Beside& beside) {
  double money = beside.account.cash.to_double();
  for (const Holding& one : beside.now) {
    const Security& security = beside.book.security(one.security);
    if (security.kind == SecurityKind::cash && security.price) money += one.quantity * security.price->to_double();
  }
  return money;
}

// Of the positions, as far as they have prices.
double worth_of(const Beside& beside) {
  double worth = 0.0;
  for (const Holding& one : beside.now) {
    const Security& security = beside.book.security(one.security);
    if (security.price) worth += one.quantity * security.price->to_double();
  }
  return worth;
}

// What the trades that settled since then brought, for books whose cash is what has settled.
double settled_since(const Beside& beside) {
  double settled = 0.0;
  for (const Transaction& row : rows_of(beside.book.transactions, beside.index)) {
    if (!row.security.exists() || is_money(beside.book, row.security)) continue;
    const Date on = settle_date(row.trade_date);
    if (on <= beside.before.as_of || on > beside.book.firm.as_of) continue;
    if (row.kind == TransactionKind::sell) settled += row.amount.to_double();
    if (row.kind == TransactionKind::buy) settled -= row.amount.to_double();
  }
  return settled;
}

// How far money lies outside what `expected` and requests make it.
double unexplained_by(double expected, const Announced& announced, double money) {
  return std::max({0.0, money - (expected + announced.in), (expected - announced.out) - money});
}

// The cash of one account beside what the trades made since then leave of it, and what those settled since then do.
struct CashMove {
  AccountIndex account;
  Date since;
  double money = 0.0, expected = 0.0;              // by the trades made
  double traded_apart = 0.0, settled_apart = 0.0;  // not explained by either
  double limit = 0.0;

  [[nodiscard]] bool only_traded() const { return traded_apart <= limit && settled_apart > limit; }
  [[nodiscard]] bool only_settled() const { return settled_apart <= limit && traded_apart > limit; }
};

CashMove cash_move_of(const Beside& beside) {
  constexpr double dollars_min = 100.0;
  const PreviousAccount& then = beside.before;
  const Announced announced = announced_for(beside);
  const double share = beside.book.firm.data_tests.cash_move_max.to_double();
  CashMove move{.account = beside.index, .since = then.as_of, .money = money_of(beside)};
  move.expected = then.cash.to_double() + beside.traded.cash - then.traded.to_double();
  move.traded_apart = unexplained_by(move.expected, announced, move.money);
  move.settled_apart = unexplained_by(then.cash.to_double() + settled_since(beside), announced, move.money);
  move.limit = std::max(dollars_min, share * std::max(std::abs(then.value.to_double()), worth_of(beside)));
  return move;
}

// Cash is what is traded or what has settled, whichever explains it. Where nearly all other accounts that can tell say
// which, it is that one: a wrong figure may come near the other by chance.
void test_cash(const Book& book, const std::vector<CashMove>& moves, const Unread& unread, Doubts& doubts) {
  constexpr std::ptrdiff_t telling_min = 5, nearly_all = 10;
  const auto all_traded = std::ranges::count_if(moves, &CashMove::only_traded);
  const auto all_settled = std::ranges::count_if(moves, &CashMove::only_settled);
  for (const CashMove& move : moves) {
    const auto traded = all_traded - (move.only_traded() ? 1 : 0);
    const auto settled = all_settled - (move.only_settled() ? 1 : 0);
    double apart = std::min(move.traded_apart, move.settled_apart);
    if (traded >= telling_min && traded >= nearly_all * settled) apart = move.traded_apart;
    if (settled >= telling_min && settled >= nearly_all * traded) apart = move.settled_apart;
    if (apart <= move.limit) continue;
    unread.tell(doubts, rule::data_cash_moved, Severity::review, book.account(move.account),
                fmt::format("{:.2f}", move.money), fmt::format("{:.2f}", move.expected),
                fmt::format("cash is {:.2f} where the run of {}, trades and requests make it {:.2f}: {:.2f} of the "
                            "difference is not explained, more than {:.2f}; correct cash in accounts.csv, or release "
                            "the orders where the money is real",
                            move.money, move.since.to_string(), move.expected, apart, move.limit));
  }
}

// Groups that each account's taxpayers sold in the days a wash sale may reach back to.
std::map<TaxpayerIndex, std::set<GroupIndex>> groups_sold(const Book& book) {
  std::map<TaxpayerIndex, std::set<GroupIndex>> sold;
  for (const Transaction& row : book.transactions) {
    if (row.kind != TransactionKind::sell || !row.taxpayer.exists() || !row.security.exists()) continue;
    sold[row.taxpayer].insert(book.security(row.security).group);
  }
  return sold;
}

}  // namespace

std::vector<PositionBreak> position_breaks(const Book& book, std::size_t& positions) {
  std::vector<PositionBreak> breaks;
  positions = 0;
  if (!custodian_counts(book)) return breaks;
  const double allowed = shares(book.firm.data_tests.position_difference_max) + 1e-7;
  for (std::uint32_t i = 0; i < book.accounts.size(); ++i) {
    const Account& account = book.accounts[i];
    std::map<SecurityIndex, std::pair<double, double>> both;  // by the lots, by the custodian
    for (const Holding& one : holdings_of(account)) both[one.security].first = one.quantity;
    for (const CustodianPosition& one : rows_of(book.positions, AccountIndex{i}))
      both[one.security].second += shares(one.quantity);
    positions += both.size();
    for (const auto& [security, count] : both) {
      if (std::abs(count.first - count.second) > allowed) breaks.push_back({{i}, security, count.first, count.second});
    }
  }
  return breaks;
}

void test_custodian(const Book& book, Doubts& doubts) {
  std::size_t positions = 0;
  const std::vector<PositionBreak> breaks = position_breaks(book, positions);
  const Unread unread(book);
  for (std::size_t i = 0; i < breaks.size();) {
    const AccountIndex index = breaks[i].account;
    const Account& account = book.account(index);
    Differences differences;
    std::vector<SecurityIndex> in_doubt;
    for (; i < breaks.size() && breaks[i].account == index; ++i) {
      differences.add(book, breaks[i].security, breaks[i].by_lots, breaks[i].by_custodian);
      in_doubt.push_back(breaks[i].security);
    }
    unread.tell(doubts, rule::data_position_break, Severity::hold, account, list_of(differences.texts), "",
                fmt::format("the lots do not sum to the custodian's positions: {}; correct lots.csv or positions.csv",
                            list_of(differences.texts)),
                in_doubt);
  }
}

namespace {

auto same_trade(const Transaction& one) {
  return std::tie(one.account, one.trade_date, one.kind, one.security, one.quantity, one.amount, one.gain_short,
                  one.gain_long);
}

bool leaves(const Transaction& one) {
  return one.kind == TransactionKind::sell || one.kind == TransactionKind::transfer_out;
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
    if (lot.security == trade.security && lot.acquired_on == trade.trade_date) day.held += shares(lot.quantity);
  }
  for (const Transaction& row : rows_of(book.transactions, index)) {
    if (row.security != trade.security || row.trade_date < trade.trade_date) continue;
    const double now = shares(row.quantity) * applied_after(book, row.trade_date).ratio(row.security);
    if (arrives_bought(row) && row.trade_date == trade.trade_date) day.purchased += now;
    if (leaves(row)) day.left += now;
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
    if (arrives_bought(row) && row.security.exists() && !is_money(book, row.security)) bought.push_back(&row);
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
    doubts.tell(rule::data_trade_twice, Severity::hold, account, {ids, whole}, "",
                fmt::format("transactions {} are one: the same day, security, quantity and amount, and that day's lots "
                            "hold {} shares, with those sold since {}, where all purchases of the day come to {}; take "
                            "one out of transactions.csv, or add the lot",
                            ids, Differences::text(day->held), Differences::text(day->held + day->left),
                            Differences::text(day->purchased)),
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

namespace {

// A row too old to be compared: a hold goes on, since nobody has ended it; what nobody decided so long, a person looks
// at.
void test_forgotten(const Book& book, const PreviousRun& previous, const PreviousAccount& then, const Account& account,
                    Doubts& doubts) {
  const bool all_are = !previous.as_of || !PreviousRun::comparable(*previous.as_of, book.firm.as_of);
  if (all_are && !then.doubted) return;  // said once of the whole run (PreviousRun::untested)
  doubts.tell(
      rule::data_position_moved, then.doubted ? Severity::hold : Severity::review, account, then.as_of.to_string(),
      std::to_string(PreviousRun::traded_days),
      fmt::format("the account was last {} on {}, more than {} days ago: what changed since cannot be compared; "
                  "look at its lots, cash and trades, correct them, and accept them as they are then (run "
                  "--accept {})",
                  then.doubted ? "believed" : "decided", then.as_of.to_string(), PreviousRun::traded_days,
                  account.id.text));
}

}  // namespace

void test_moves(const Book& book, const PreviousRun& previous, Doubts& doubts) {
  if (!previous.positions) return;
  const Unread unread(book);
  std::map<Date, SplitsAndMore> actions;  // by the day they are new since
  const auto sold = groups_sold(book);
  std::vector<CashMove> cash_moves;
  for (std::uint32_t i = 0; i < book.accounts.size(); ++i) {
    const AccountIndex index{i};
    const Account& account = book.accounts[i];
    const auto at = previous.account_rows.find(account.id.text);
    if (at == previous.account_rows.end()) continue;
    const PreviousAccount& then = at->second;
    if (!PreviousRun::comparable(then.as_of, book.firm.as_of)) {
      test_forgotten(book, previous, then, account, doubts);
      continue;
    }
    std::set<GroupIndex> groups;
    for (const TaxpayerIndex taxpayer : account.wash_taxpayers) {
      const auto of_taxpayer = sold.find(taxpayer);
      if (of_taxpayer != sold.end()) groups.insert(of_taxpayer->second.begin(), of_taxpayer->second.end());
    }
    const Beside beside{book,
                        previous,
                        actions.try_emplace(then.as_of, new_actions(book, previous, then.as_of)).first->second,
                        index,
                        account,
                        holdings_of(account),
                        then,
                        rows_of(*previous.positions, index),
                        traded_since(book, index, then.as_of - PreviousRun::traded_days),
                        groups,
                        unread};
    const std::vector<Pair> pairs = pairs_of(beside);
    test_shares(beside, pairs, doubts);
    test_basis_moves(beside, pairs, doubts);
    cash_moves.push_back(cash_move_of(beside));
  }
  test_cash(book, cash_moves, unread, doubts);
}

namespace {

void test_new(const PreviousRun& previous, const Account& account, Doubts& doubts) {
  constexpr int recent_days = 10;  // an account opened lately may be new
  const std::string opened = account.opened_on ? account.opened_on->to_string() : "";
  const bool expected = account.opened_on && *previous.as_of - *account.opened_on <= recent_days;
  doubts.tell(rule::data_account_new, expected ? Severity::note : Severity::review, account, opened,
              previous.as_of->to_string(),
              expected ? fmt::format("the account was opened on {} and was not in the run of {}", opened,
                                     previous.as_of->to_string())
                       : fmt::format("the account was not in the run of {}, and opened_on does not say that it is new: "
                                     "check whose it is, and whether it stands under another id too",
                                     previous.as_of->to_string()));
}

void test_changed(const Book& book, const PreviousAccount& then, const Account& account, const Unread& unread,
                  Doubts& doubts) {
  const std::string taxpayer = account.taxpayer.exists() ? book.taxpayers[account.taxpayer.value].id.text : "";
  const std::string treatment = name_of(account.tax_treatment);
  const std::string& household = book.households[account.household.value].id.text;
  const auto tell = [&](Severity severity, const char* what, const std::string& now, const std::string& before) {
    unread.tell(doubts, rule::data_account_changed, severity, account,
                {now, fmt::format("{} {}, not {}", what, now, before)}, before,
                fmt::format("{} is {} and was {} in the run before: correct accounts.csv, or accept "
                            "it (run --accept {}) where it is right",
                            what, now.empty() ? "empty" : now, before.empty() ? "empty" : before, account.id.text));
  };
  if (treatment != then.tax_treatment) tell(Severity::hold, "tax_treatment", treatment, then.tax_treatment);
  if (taxpayer != then.taxpayer) tell(Severity::hold, "taxpayer_id", taxpayer, then.taxpayer);
  if (household != then.household) tell(Severity::review, "household_id", household, then.household);
}

bool leaves(const PreviousRun& previous, const PreviousAccount& account) {
  const bool believed = previous.account_rows.contains(account.id);
  return (believed && account.value.is_zero()) || std::ranges::any_of(previous.flows, [&](const PreviousFlow& flow) {
           return flow.account == account.id && flow.kind == RequestKind::transfer_out;
         });
}

// What tells of an account that is gone: to the book, and to the other accounts of its taxpayer.
void test_gone(const Book& book, const PreviousRun& previous, const std::vector<const PreviousAccount*>& gone,
               Doubts& doubts) {
  const std::string was = previous.as_of->to_string();
  std::map<std::string, std::string> by_taxpayer;
  for (const PreviousAccount* then : gone) {
    const bool accepted = previous.accepting.contains(then->id);
    const bool expected = accepted || leaves(previous, *then);
    if (!expected && !then->taxpayer.empty()) by_taxpayer.emplace(then->taxpayer, then->id);
    const char* remedy = accepted   ? "a person accepts that"
                         : expected ? "it was to leave"
                                    : "ask for it, or close it with a transfer_out";
    doubts.tell(rule::data_account_vanished, expected ? Severity::note : Severity::review,
                Subject{SubjectKind::account, then->id}, then->id, "",
                fmt::format("account {} was in the run of {} and is not in accounts.csv: {}", then->id, was, remedy));
  }
  for (const Account& account : book.accounts) {
    if (by_taxpayer.empty() || !account.taxpayer.exists()) continue;
    const auto missing = by_taxpayer.find(book.taxpayers[account.taxpayer.value].id.text);
    if (missing == by_taxpayer.end()) continue;
    doubts.tell(rule::data_account_vanished, Severity::review, account, missing->second, "",
                fmt::format("account {} of the same taxpayer was in the run of {} and is gone: what it buys and sells "
                            "is not known, and may wash this account's losses",
                            missing->second, was));
  }
}

// Of accounts that are gone, those of which nothing was ever believed but that they were there.
std::vector<PreviousAccount> gone_unbelieved(const Book& book, const PreviousRun& previous) {
  std::vector<PreviousAccount> gone;
  for (const std::string& id : previous.accounts.value_or(std::vector<std::string>())) {
    const auto of_id = [](const Account& account) { return std::string_view(account.id.text); };
    if (previous.account_rows.contains(id) ||
        std::ranges::binary_search(book.accounts, std::string_view(id), {}, of_id))
      continue;
    gone.emplace_back().id = id;
  }
  return gone;
}

}  // namespace

void test_accounts(const Book& book, const PreviousRun& previous, Doubts& doubts) {
  if (!previous.as_of || !PreviousRun::comparable(*previous.as_of, book.firm.as_of)) return;
  const Unread unread(book);
  std::set<std::string> met;
  for (const Account& account : book.accounts) {
    const auto then = previous.account_rows.find(account.id.text);
    if (then == previous.account_rows.end()) {
      const bool known = previous.accounts && std::ranges::binary_search(*previous.accounts, account.id.text);
      if (!known) test_new(previous, account, doubts);
    } else {
      test_changed(book, then->second, account, unread, doubts);
      met.insert(account.id.text);
    }
  }
  std::vector<const PreviousAccount*> gone;
  for (const auto& [id, then] : previous.account_rows) {
    if (!met.contains(id)) gone.push_back(&then);
  }
  const std::vector<PreviousAccount> never_believed = gone_unbelieved(book, previous);
  for (const PreviousAccount& then : never_believed) gone.push_back(&then);
  test_gone(book, previous, gone, doubts);
}

}  // namespace lotwright
