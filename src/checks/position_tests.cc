#include "checks/position_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "book/rules.h"
#include "book/treatment_words.h"
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
class NewActions {
 public:
  NewActions(const Book& book, const PreviousRun& previous, Date since) {
    for (const CorporateAction& action : book.corporate_actions) {
      const auto seen = previous.actions.find(action.id);
      const bool known = seen != previous.actions.end() && seen->second <= since;
      if (!action.applied || known || action.effective_on > book.firm.as_of || !action.security.exists()) continue;
      const bool split = action.kind == CorporateActionKind::split || action.kind == CorporateActionKind::reverse_split;
      if (split && action.ratio) {
        const auto [at, fresh] = ratios_.try_emplace(action.security, 1.0);
        at->second *= action.ratio->to_double();
      } else {
        remade_.insert(action.security);
        if (action.new_security.exists()) remade_.insert(action.new_security);
      }
    }
  }
  // Shares today for each share before, by splits alone.
  [[nodiscard]] double ratio(SecurityIndex security) const {
    const auto found = ratios_.find(security);
    return found == ratios_.end() ? 1.0 : found->second;
  }
  // What a merger, spin-off or the like left, no test of shares and basis can tell.
  [[nodiscard]] bool remade(SecurityIndex security) const { return remade_.contains(security); }
  [[nodiscard]] bool any_of(SecurityIndex security) const { return remade(security) || ratios_.contains(security); }

 private:
  std::map<SecurityIndex, double> ratios_;
  std::set<SecurityIndex> remade_;
};

// One account today beside what it was.
struct Beside {
  const Book& book;
  const PreviousRun& previous;
  const NewActions& actions;
  AccountIndex index;
  const Account& account;
  std::vector<Holding> now;
  const PreviousAccount& before;
  std::span<const PreviousPosition> then;
  Traded traded;
  // Groups in which a taxpayer of the account lately sold: a disallowed loss may have raised any basis there.
  const std::set<GroupIndex>& sold;
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
  for (const auto& [account, security] : beside.previous.strangers) {
    if (account == beside.account.id.text) differences.texts.push_back(security + " gone from securities.csv");
  }
  if (differences.texts.empty()) return;
  doubts.tell(rule::data_position_moved, Severity::hold, beside.account, list_of(differences.texts), "",
              fmt::format("since {} positions changed and no transaction or corporate action says why: {}; correct "
                          "lots.csv, or add what is missing to transactions.csv or corporate_actions.csv",
                          beside.before.as_of.to_string(), list_of(differences.texts)),
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
  doubts.tell(rule::data_basis_implausible, Severity::hold, beside.account, list_of(seen),
              beside.book.firm.data_tests.basis_move_max.to_string(),
              fmt::format("since {} the basis of positions changed that nobody traded: {}; correct cost_basis in "
                          "lots.csv, or accept the new one (run --accept)",
                          beside.before.as_of.to_string(), list_of(seen)));
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
  const Date paid_until = beside.book.firm.as_of + 1;
  Announced announced;
  std::set<std::string> counted;
  const auto count = [&](const std::string& id, RequestKind kind, Money amount, Date due_on) {
    if (!counted.insert(id).second || due_on > paid_until) return;
    if (kind == RequestKind::cash_out) announced.out += amount.to_double();
    if (kind == RequestKind::cash_in) announced.in += amount.to_double();
  };
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

void test_cash(const Beside& beside, Doubts& doubts) {
  const PreviousAccount& then = beside.before;
  constexpr double dollars_min = 100.0;
  const Announced announced = announced_for(beside);
  const double expected = then.cash.to_double() + beside.traded.cash - then.traded.to_double();
  const double money = money_of(beside);
  const double unexplained = std::min(unexplained_by(expected, announced, money),
                                      unexplained_by(then.cash.to_double() + settled_since(beside), announced, money));
  const double share = beside.book.firm.data_tests.cash_move_max.to_double();
  const double limit = std::max(dollars_min, share * std::max(std::abs(then.value.to_double()), worth_of(beside)));
  if (unexplained <= limit) return;
  doubts.tell(rule::data_cash_moved, Severity::review, beside.account, fmt::format("{:.2f}", money),
              fmt::format("{:.2f}", expected),
              fmt::format("cash is {:.2f} where the run of {}, trades and requests make it {:.2f}: {:.2f} of the "
                          "difference is not explained, more than {:.2f}; correct cash in accounts.csv, or release the "
                          "orders where the money is real",
                          money, beside.before.as_of.to_string(), expected, unexplained, limit));
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

bool comparable(const Book& book, Date before) {
  return before <= book.firm.as_of && book.firm.as_of - before <= PreviousRun::traded_days;
}

}  // namespace

std::vector<PositionBreak> position_breaks(const Book& book, std::size_t& positions) {
  std::vector<PositionBreak> breaks;
  positions = 0;
  if (book.positions.empty()) return breaks;
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
  for (std::size_t i = 0; i < breaks.size();) {
    const AccountIndex index = breaks[i].account;
    const Account& account = book.account(index);
    Differences differences;
    std::vector<SecurityIndex> in_doubt;
    for (; i < breaks.size() && breaks[i].account == index; ++i) {
      differences.add(book, breaks[i].security, breaks[i].by_lots, breaks[i].by_custodian);
      in_doubt.push_back(breaks[i].security);
    }
    doubts.tell(rule::data_position_break, Severity::hold, account, list_of(differences.texts), "",
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

// Of `count` equal purchases of one day each left a lot, or that day's lots hold the shares of all its purchases: a
// custodian may keep one lot of both.
bool lots_show(const Account& account, const std::vector<const Transaction*>& bought, const Transaction& trade,
               std::size_t count) {
  std::size_t lots = 0;
  double held = 0.0, purchased = 0.0;
  for (const TaxLot& lot : account.lots) {
    if (lot.security != trade.security || lot.acquired_on != trade.trade_date) continue;
    ++lots;
    held += shares(lot.quantity);
  }
  for (const Transaction* row : bought) {
    if (row->security == trade.security && row->trade_date == trade.trade_date) purchased += shares(row->quantity);
  }
  constexpr double rounded = 1e-4;  // shares, of fractions told with fewer digits
  return lots >= count || std::abs(held - purchased) <= rounded;
}

void test_repeated_trades(const Book& book, std::uint32_t index, Doubts& doubts) {
  const Account& account = book.accounts[index];
  std::vector<const Transaction*> bought;
  std::set<SecurityIndex> sold;
  for (const Transaction& row : rows_of(book.transactions, AccountIndex{index})) {
    const bool buys = row.kind == TransactionKind::buy || row.kind == TransactionKind::reinvest;
    if (!buys) sold.insert(row.security);
    if (buys && row.security.exists() && !is_money(book, row.security)) bought.push_back(&row);
  }
  std::ranges::stable_sort(bought, [](auto* a, auto* b) { return same_trade(*a) < same_trade(*b); });
  for (std::size_t i = 0; i < bought.size();) {
    std::size_t next = i + 1;
    while (next < bought.size() && same_trade(*bought[next]) == same_trade(*bought[i])) ++next;
    const Transaction& trade = *bought[i];
    const std::size_t count = next - i;
    i = next;
    if (count < 2 || sold.contains(trade.security) || lots_show(account, bought, trade, count)) continue;
    const std::string ids = fmt::format("{} and {}", trade.id, bought[next - 1]->id);
    doubts.tell(rule::data_trade_twice, Severity::hold, account, ids, "",
                fmt::format("transactions {} are one: the same day, security, quantity and amount, and fewer lots or "
                            "shares of that day; take one out of transactions.csv, or add the lot",
                            ids),
                {trade.security});
  }
}

}  // namespace

void test_repeated(const Book& book, Doubts& doubts) {
  for (std::uint32_t i = 0; i < book.accounts.size(); ++i) {
    test_repeated_trades(book, i, doubts);
    const auto requests = rows_of(book.requests, AccountIndex{i});
    std::map<std::tuple<RequestKind, Money, Date>, std::string> first;
    for (const Request& request : requests) {
      const bool flow = request.kind == RequestKind::cash_out || request.kind == RequestKind::cash_in;
      if (!flow || !request.amount || !request.amount->is_positive()) continue;
      const auto [at, fresh] = first.try_emplace({request.kind, *request.amount, request.due_on}, request.id);
      if (fresh) continue;
      const std::string ids = fmt::format("{} and {}", at->second, request.id);
      doubts.tell(rule::data_cash_flow_twice, Severity::hold, book.accounts[i], ids, "",
                  fmt::format("requests {} are of one amount, {}, and one day: take one out of requests.csv, or make "
                              "them one of both amounts where both are meant",
                              ids, request.amount->to_string(2)));
    }
  }
}

void test_moves(const Book& book, const PreviousRun& previous, Doubts& doubts) {
  if (!previous.positions) return;
  std::map<Date, NewActions> actions;  // by the day they are new since
  const auto sold = groups_sold(book);
  for (std::uint32_t i = 0; i < book.accounts.size(); ++i) {
    const AccountIndex index{i};
    const Account& account = book.accounts[i];
    const auto at = previous.account_rows.find(account.id.text);
    if (at == previous.account_rows.end() || !comparable(book, at->second.as_of)) continue;
    const PreviousAccount& then = at->second;
    std::set<GroupIndex> groups;
    for (const TaxpayerIndex taxpayer : account.wash_taxpayers) {
      const auto of_taxpayer = sold.find(taxpayer);
      if (of_taxpayer != sold.end()) groups.insert(of_taxpayer->second.begin(), of_taxpayer->second.end());
    }
    const Beside beside{book,
                        previous,
                        actions.try_emplace(then.as_of, book, previous, then.as_of).first->second,
                        index,
                        account,
                        holdings_of(account),
                        then,
                        rows_of(*previous.positions, index),
                        traded_since(book, index, then.as_of - PreviousRun::traded_days),
                        groups};
    const std::vector<Pair> pairs = pairs_of(beside);
    test_shares(beside, pairs, doubts);
    test_basis_moves(beside, pairs, doubts);
    test_cash(beside, doubts);
  }
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

void test_changed(const Book& book, const PreviousAccount& then, const Account& account, Doubts& doubts) {
  const std::string taxpayer = account.taxpayer.exists() ? book.taxpayers[account.taxpayer.value].id.text : "";
  const std::string treatment = name_of(account.tax_treatment);
  const std::string& household = book.households[account.household.value].id.text;
  const auto tell = [&](Severity severity, const char* what, const std::string& now, const std::string& before) {
    doubts.tell(rule::data_account_changed, severity, account, now, before,
                fmt::format("{} is {} and was {} in the run before: correct accounts.csv, or accept "
                            "it (run --accept) where it is right",
                            what, now.empty() ? "empty" : now, before.empty() ? "empty" : before));
  };
  if (treatment != then.tax_treatment) tell(Severity::hold, "tax_treatment", treatment, then.tax_treatment);
  if (taxpayer != then.taxpayer) tell(Severity::hold, "taxpayer_id", taxpayer, then.taxpayer);
  if (household != then.household) tell(Severity::review, "household_id", household, then.household);
}

bool leaves(const PreviousRun& previous, const PreviousAccount& account) {
  return account.value.is_zero() || std::ranges::any_of(previous.flows, [&](const PreviousFlow& flow) {
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

}  // namespace

void test_accounts(const Book& book, const PreviousRun& previous, Doubts& doubts) {
  if (previous.account_rows.empty() || !previous.as_of || !comparable(book, *previous.as_of)) return;
  std::set<std::string> met;
  for (const Account& account : book.accounts) {
    const auto then = previous.account_rows.find(account.id.text);
    if (then == previous.account_rows.end()) {
      const bool known = previous.accounts && std::ranges::binary_search(*previous.accounts, account.id.text);
      if (!known) test_new(previous, account, doubts);
    } else {
      test_changed(book, then->second, account, doubts);
      met.insert(account.id.text);
    }
  }
  std::vector<const PreviousAccount*> gone;
  for (const auto& [id, then] : previous.account_rows) {
    if (!met.contains(id)) gone.push_back(&then);
  }
  test_gone(book, previous, gone, doubts);
}

}  // namespace lotwright
