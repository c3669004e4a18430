#include "checks/position_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "book/rules.h"
#include "checks/account_rows.h"
#include "checks/actions.h"
#include "checks/findings.h"
#include "checks/requests.h"

namespace lotwright {
namespace {

double shares(Quantity quantity) { return quantity.to_double(); }

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

bool is_money(const Book& book, SecurityIndex security) { return book.security(security).kind == SecurityKind::cash; }

// "S1 100, not 150" for each, the first few.
struct Differences {
  std::vector<std::string> texts;
  void add(const Book& book, SecurityIndex security, double seen, double expected) {
    texts.push_back(
        fmt::format("{} {}, not {}", book.security(security).id.text, quantity_text(seen), quantity_text(expected)));
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
    traded.shares[row.security] += leaves(row.kind) ? -shares(row.quantity) : shares(row.quantity);
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
                            "difference is not explained, more than {:.2f}; correct cash in accounts.csv, or accept it "
                            "where the money is real (run --accept {})",
                            move.money, move.since.to_string(), move.expected, apart, move.limit,
                            book.account(move.account).id.text));
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

}  // namespace lotwright
