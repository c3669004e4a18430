// What must hold of every run, tried on random small firms: money and shares are conserved, the order of rows and the
// number of threads say nothing, a second run finds nothing, three times the money is three times the orders, tighter
// rules never help. The verifier must find nothing on any of these runs.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

#include "book/rules.h"
#include "run/run_fixtures.h"
#include "testing/random_books.h"

namespace lotwright {
namespace {

constexpr std::uint64_t books = 16;
constexpr std::uint64_t fractional_books = 10;

Fractions fractions_of(std::uint64_t seed) { return seed % 3 == 0 ? Fractions::yes : Fractions::no; }

// A run that the verifier has nothing against.
RunResult clean_run(const Book& book, int threads = 1) {
  RunResult run = run_of(book, engine_steps(book), threads);
  EXPECT_TRUE(run.cases.empty()) << run.cases.front().text.substr(0, 400);
  EXPECT_EQ(run.accounts.size(), book.accounts.size());
  for (const AccountResult& result : run.accounts) {
    EXPECT_NE(result.status, ResultStatus::failed);
    if (result.bound) {
      EXPECT_LE(*result.bound, result.objective_after + 1e-9 * std::abs(result.objective_after));
    }
  }
  return run;
}

double gap_of(const AccountResult& result) { return std::max(0.0, result.objective_after - result.bound.value()); }

Money paid(const Trade& trade) { return (trade.side == Side::buy ? trade.amount : -trade.amount) + trade.commission; }

// Rules that yield to a need do so for the need alone: nothing else is improved then.
bool has_yielded(const AccountResult& result) {
  return std::ranges::any_of(result.exceptions, [](const Finding& one) {
    return one.rule.find("yielded") != std::string::npos || one.rule == rule::wash_sale_forced;
  });
}

// ── conservation

void expect_lots_make_the_order(const Book& book, const Account& account, const Trade& trade) {
  Quantity sold;
  Money proceeds;
  std::set<std::uint32_t> seen;
  for (const LotSale& sale : trade.lots) {
    ASSERT_LT(sale.lot, account.lots.size());
    const TaxLot& lot = account.lots[sale.lot];
    EXPECT_TRUE(seen.insert(sale.lot).second) << "a lot is sold twice";
    EXPECT_EQ(lot.security, trade.security);
    EXPECT_TRUE(sale.quantity.is_positive());
    EXPECT_LE(sale.quantity, lot.quantity);
    EXPECT_EQ(sale.gain.has_value(), lot.cost_basis.has_value());
    if (sale.gain) {
      EXPECT_EQ(*sale.gain, sale.proceeds - share_of(*lot.cost_basis, sale.quantity, lot.quantity));
    }
    sold += sale.quantity;
    proceeds += sale.proceeds;
  }
  if (trade.side == Side::buy) {
    EXPECT_TRUE(trade.lots.empty());
    return;
  }
  EXPECT_EQ(sold, trade.quantity) << book.security(trade.security).id.text;
  EXPECT_EQ(proceeds, trade.amount);
}

// Adds up the orders; returns how many there are.
std::size_t expect_conserved(const Book& book, const AccountResult& result) {
  const Account& account = book.account(result.account);
  Money cash = account.cash;
  Money gain_short;
  Money gain_long;
  std::set<SecurityIndex> traded;
  for (const Order& order : result.orders) {
    const Trade& trade = order.trade;
    EXPECT_TRUE(traded.insert(trade.security).second) << order.id;
    EXPECT_EQ(trade.price, *book.security(trade.security).price);
    EXPECT_EQ(trade.amount, amount_of(trade.quantity, trade.price));
    expect_lots_make_the_order(book, account, trade);
    cash -= paid(trade);
    for (const LotSale& sale : trade.lots) {
      if (account.tax_treatment != TaxTreatment::taxable || !sale.gain) continue;
      (sale.term == Term::short_term ? gain_short : gain_long) += *sale.gain + sale.disallowed;
    }
  }
  EXPECT_EQ(result.cash_before, account.cash);
  EXPECT_EQ(result.cash_after, cash);
  EXPECT_EQ(cash.count() % cent.count(), 0);
  EXPECT_FALSE(cash.is_negative());
  if (account.tax_treatment == TaxTreatment::taxable) {
    EXPECT_EQ(result.gain_short, gain_short);
    EXPECT_EQ(result.gain_long, gain_long);
  }
  return result.orders.size();
}

TEST(Properties, MoneyAndSharesAreConserved) {
  std::size_t orders = 0;
  for (std::uint64_t seed = 1; seed <= books; ++seed) {
    SCOPED_TRACE(seed);
    const Book book = random_book(seed, fractions_of(seed)).build();
    for (const AccountResult& result : clean_run(book).accounts) orders += expect_conserved(book, result);
  }
  EXPECT_GT(orders, 10 * books) << "the books give the engine too little to do";
}

// ── order of rows, threads

void expect_same(const RunResult& one, const RunResult& other) {
  ASSERT_EQ(one.accounts.size(), other.accounts.size());
  for (std::size_t i = 0; i < one.accounts.size(); ++i) {
    const AccountResult& a = one.accounts[i];
    const AccountResult& b = other.accounts[i];
    SCOPED_TRACE(i);
    EXPECT_EQ(trades_of(a), trades_of(b));
    EXPECT_EQ(a.status, b.status);
    EXPECT_EQ(a.objective_before, b.objective_before);
    EXPECT_EQ(a.objective_after, b.objective_after);
    EXPECT_EQ(a.bound, b.bound);
    EXPECT_EQ(a.exceptions, b.exceptions);
  }
}

RandomBook shuffled(RandomBook book, std::mt19937_64& random) {
  const auto shuffle = [&random](auto& rows) {
    for (std::size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[random() % i]);
  };
  shuffle(book.securities);
  shuffle(book.model);
  shuffle(book.taxpayers);
  shuffle(book.accounts);
  shuffle(book.lots);
  shuffle(book.restrictions);
  shuffle(book.substitutes);
  return book;
}

TEST(Properties, TheOrderOfRowsAndTheNumberOfThreadsChangeNothing) {
  std::mt19937_64 random(7);
  for (std::uint64_t seed = 1; seed <= books; ++seed) {
    SCOPED_TRACE(seed);
    const RandomBook rows = random_book(seed, fractions_of(seed));
    const Book book = rows.build();
    const RunResult run = clean_run(book);
    expect_same(run, clean_run(book, 8));
    expect_same(run, clean_run(shuffled(rows, random).build(), 2));
  }
}

// ── a second run

// The book as the orders leave it, on the same day.
class Aftermath {
 public:
  Aftermath(Book book, const RunResult& run) : book_(std::move(book)) {
    for (const AccountResult& result : run.accounts) apply(result);
    for (Account& account : book_.accounts) {
      std::erase_if(account.lots, [](const TaxLot& lot) { return lot.quantity.is_zero(); });
      std::ranges::sort(account.lots, {}, [](const TaxLot& lot) { return std::tie(lot.security, lot.id); });
    }
    std::ranges::sort(book_.transactions, {},
                      [](const Transaction& row) { return std::tie(row.account, row.trade_date, row.id); });
  }

  [[nodiscard]] const Book& book() const { return book_; }

 private:
  void apply(const AccountResult& result) {
    Account& account = book_.accounts[result.account.value];
    for (const Order& order : result.orders) {
      enter(account, order);
      report(result.account, order);
    }
    account.cash = result.cash_after;
    if (account.tax_treatment == TaxTreatment::taxable) {
      book_.taxpayers[account.taxpayer.value].realized_short_ytd += result.gain_short;
      book_.taxpayers[account.taxpayer.value].realized_long_ytd += result.gain_long;
    }
    std::erase_if(book_.requests, [&](const Request& request) { return pay(request, result.account, account); });
  }

  void enter(Account& account, const Order& order) const {
    const Trade& trade = order.trade;
    for (const LotSale& sale : trade.lots) {
      TaxLot& lot = account.lots[sale.lot];
      lot.quantity -= sale.quantity;
      if (lot.cost_basis) *lot.cost_basis -= *sale.cost_basis;
    }
    if (trade.side == Side::sell) return;
    TaxLot bought;
    bought.id = LotId("N-" + order.id);
    bought.security = trade.security;
    bought.quantity = trade.quantity;
    bought.cost_basis = trade.amount;
    bought.acquired_on = bought.held_from = book_.firm.as_of;
    account.lots.push_back(bought);
  }

  // One row for a purchase, one for each lot sold: a gain of another lot must not hide a loss.
  void report(AccountIndex account, const Order& order) {
    const Trade& trade = order.trade;
    Transaction row;
    row.id = "N-" + order.id;
    row.account = account;
    row.taxpayer = book_.account(account).taxpayer;
    row.trade_date = book_.firm.as_of;
    row.kind = trade.side == Side::buy ? TransactionKind::buy : TransactionKind::sell;
    row.security = trade.security;
    row.quantity = trade.quantity;
    row.amount = trade.amount;
    if (trade.side == Side::buy) book_.transactions.push_back(row);
    for (const LotSale& sale : trade.lots) {
      row.quantity = sale.quantity;
      row.amount = sale.proceeds;
      row.gain_short = sale.term == Term::short_term ? sale.gain : std::nullopt;
      row.gain_long = sale.term == Term::long_term ? sale.gain : std::nullopt;
      book_.transactions.push_back(row);
    }
  }

  static bool pay(const Request& request, AccountIndex index, Account& account) {
    if (request.account != index || request.kind != RequestKind::cash_out || account.cash < *request.amount) {
      return false;
    }
    account.cash -= *request.amount;
    return true;
  }

  Book book_;
};

// Decided with nothing to come after it that bears on its tax: no other taxable account of the same unit.
bool decided_alone(const Book& book, AccountIndex index) {
  const Account& account = book.account(index);
  return account.tax_treatment != TaxTreatment::taxable ||
         std::ranges::count_if(book.accounts, [&](const Account& other) {
           return other.tax_treatment == TaxTreatment::taxable && other.taxpayer == account.taxpayer;
         }) == 1;
}

// False where the second run goes back on an identical group through another of its securities, which one run may not.
bool could_be_one_run(const Book& book, const AccountResult& first, const AccountResult& second) {
  for (const Order& a : first.orders) {
    for (const Order& b : second.orders) {
      const bool one_group = book.security(a.trade.security).group == book.security(b.trade.security).group;
      if (one_group && a.trade.side != b.trade.side && a.trade.security != b.trade.security) return false;
    }
  }
  return true;
}

TEST(Properties, ASecondRunFindsNothingWorthwhile) {
  int judged = 0;
  for (std::uint64_t seed = 1; seed <= books; ++seed) {
    SCOPED_TRACE(seed);
    const Book book = random_book(seed, fractions_of(seed)).build();
    const RunResult first = clean_run(book);
    const RunResult second = clean_run(Aftermath(book, first).book());
    for (std::size_t i = 0; i < first.accounts.size(); ++i) {
      const AccountResult& before = first.accounts[i];
      const AccountResult& after = second.accounts[i];
      if (!before.bound || !after.bound || !decided_alone(book, before.account)) continue;
      if (has_yielded(before) || !could_be_one_run(book, before, after)) continue;
      SCOPED_TRACE(book.account(before.account).id.text);
      ++judged;
      const BasisPoints least = book.account(before.account).effective_policy.improvement_min;
      const double improvement_min = fraction(least) * before.investable.to_double();
      Money commissions;
      for (const Order& order : before.orders) commissions += order.trade.commission;
      const double slack = 0.05 + 0.05 * commissions.to_double();  // cents; the value that commissions took away
      EXPECT_LE(after.objective_before - after.objective_after, improvement_min + gap_of(before) + slack);
    }
  }
  EXPECT_GT(judged, 2 * static_cast<int>(books));
}

// ── three times the money, lots in halves, a security nobody may trade

void times_three(Money& amount) { amount = amount + amount + amount; }
void times_three(std::optional<Money>& amount) {
  if (amount) times_three(*amount);
}
void times_three(Quantity& quantity) { quantity = quantity + quantity + quantity; }

Book tripled(Book book) {
  for (Taxpayer& one : book.taxpayers) {
    for (Money* amount :
         {&one.realized_short_ytd, &one.realized_long_ytd, &one.carryforward_short, &one.carryforward_long,
          &one.outside_gains_short, &one.outside_gains_long, &one.ordinary_loss_limit}) {
      times_three(*amount);
    }
    times_three(one.gain_budget);
    times_three(one.tax_budget);
  }
  for (Account& account : book.accounts) {
    Policy& policy = account.effective_policy;
    times_three(account.cash);
    times_three(policy.trade_min);
    times_three(policy.ticket_cost);
    times_three(policy.gain_budget);
    times_three(policy.tax_budget);
    for (TaxLot& lot : account.lots) {
      times_three(lot.quantity);
      times_three(lot.cost_basis);
    }
  }
  for (Request& request : book.requests) times_three(request.amount);
  for (Transaction& row : book.transactions) {
    times_three(row.quantity);
    times_three(row.amount);
    times_three(row.gain_short);
    times_three(row.gain_long);
  }
  return book;
}

// Signed shares by security, bought less sold.
std::map<SecurityId, double> moves_of(const Book& book, const AccountResult& result) {
  std::map<SecurityId, double> moves;
  for (const Order& order : result.orders) {
    const double shares = order.trade.quantity.to_double();
    moves[book.security(order.trade.security).id] = order.trade.side == Side::buy ? shares : -shares;
  }
  return moves;
}

// The largest difference of weight that `moves` and a third of `tripled_moves` make.
double weight_distance(const Book& book, const AccountResult& one, const AccountResult& three) {
  const auto moves = moves_of(book, one);
  const auto tripled_moves = moves_of(book, three);
  double distance = 0.0;
  for (const Security& security : book.securities) {
    if (security.kind == SecurityKind::cash) continue;
    const auto of = [&](const auto& all) { return all.contains(security.id) ? all.at(security.id) : 0.0; };
    const double shares = of(moves) - of(tripled_moves) / 3.0;
    distance = std::max(distance, std::abs(shares) * security.price->to_double() / one.investable.to_double());
  }
  return distance;
}

TEST(Properties, ThreeTimesTheMoneyIsThreeTimesTheOrders) {
  for (std::uint64_t seed = 101; seed < 101 + fractional_books; ++seed) {
    SCOPED_TRACE(seed);
    const Book book = random_book(seed, Fractions::yes).build();
    const RunResult one = clean_run(book);
    const RunResult three = clean_run(tripled(book));
    for (std::size_t i = 0; i < one.accounts.size(); ++i) {
      const AccountResult& a = one.accounts[i];
      const AccountResult& b = three.accounts[i];
      SCOPED_TRACE(book.account(a.account).id.text);
      EXPECT_EQ(a.status, b.status);
      EXPECT_NEAR(3.0 * a.objective_before, b.objective_before, 1e-9 * std::abs(b.objective_before) + 1e-6);
      if (!a.bound || !b.bound || !decided_alone(book, a.account)) continue;
      EXPECT_NEAR(3.0 * a.objective_after, b.objective_after, std::max(3.0 * gap_of(a), gap_of(b)) + 0.05);
      // Two sets of orders this near the bound may be this far apart: the risk is curved at least by 0.15^2 a name.
      const double gap = gap_of(a) / a.investable.to_double() + gap_of(b) / b.investable.to_double();
      const double curvature = book.account(a.account).effective_policy.risk_aversion * 0.15 * 0.15;
      EXPECT_LE(weight_distance(book, a, b), 1e-4 + std::sqrt(4.0 * gap / curvature));
    }
  }
}

// Shares sold by lot, the halves of a lot together.
using LotShares = std::map<std::string, Quantity>;

LotShares lots_sold(const Book& book, const AccountResult& result) {
  LotShares sold;
  for (const Order& order : result.orders) {
    for (const LotSale& sale : order.trade.lots) {
      std::string id = book.account(result.account).lots[sale.lot].id.text;
      sold[id.substr(0, id.find('/'))] += sale.quantity;
    }
  }
  return sold;
}

// A recent lot stays whole: the shares of the very lot sold are not their own replacement, its other half's would be.
Book halved(Book book) {
  for (Account& account : book.accounts) {
    std::vector<TaxLot> halves;
    for (TaxLot lot : account.lots) {
      const bool even = lot.quantity.count() % 2 == 0 && (!lot.cost_basis || lot.cost_basis->count() % 2 == 0);
      if (!even || tax::is_young(lot, book.firm.as_of)) {
        halves.push_back(lot);
        continue;
      }
      const std::string id = lot.id.text;
      lot.quantity = Quantity::of_count(lot.quantity.count() / 2);
      if (lot.cost_basis) lot.cost_basis = Money::of_count(lot.cost_basis->count() / 2);
      for (const char* half : {"/1", "/2"}) {
        lot.id = LotId(id + half);
        halves.push_back(lot);
      }
    }
    account.lots = std::move(halves);
  }
  return book;
}

TEST(Properties, ALotInTwoHalvesIsTheSameLot) {
  for (std::uint64_t seed = 201; seed < 201 + fractional_books; ++seed) {
    SCOPED_TRACE(seed);
    const Book book = random_book(seed, Fractions::yes).build();
    const Book in_halves = halved(book);
    const RunResult whole = clean_run(book);
    const RunResult halves = clean_run(in_halves);
    for (std::size_t i = 0; i < whole.accounts.size(); ++i) {
      SCOPED_TRACE(i);
      const AccountResult& a = whole.accounts[i];
      const AccountResult& b = halves.accounts[i];
      EXPECT_EQ(a.status, b.status);
      EXPECT_EQ(a.objective_before, b.objective_before);
      if (!a.bound || !b.bound || !decided_alone(book, a.account)) continue;
      EXPECT_NEAR(a.objective_after, b.objective_after, std::max(gap_of(a), gap_of(b)) + 0.05);
    }
  }
}

TEST(Properties, ASecurityNobodyMayTradeChangesNothing) {
  for (std::uint64_t seed = 201; seed < 201 + fractional_books; ++seed) {
    SCOPED_TRACE(seed);
    RandomBook rows = random_book(seed, fractions_of(seed));
    const Book book = rows.build();
    rows.securities.push_back({.id = "SBB", .tradable = false});
    const Book larger = rows.build();
    const RunResult run = clean_run(book);
    const RunResult more = clean_run(larger);
    for (std::size_t i = 0; i < run.accounts.size(); ++i) {
      SCOPED_TRACE(i);
      EXPECT_EQ(moves_of(book, run.accounts[i]), moves_of(larger, more.accounts[i]));
      EXPECT_EQ(lots_sold(book, run.accounts[i]), lots_sold(larger, more.accounts[i]));
      EXPECT_EQ(run.accounts[i].objective_after, more.accounts[i].objective_after);
    }
  }
}

// ── tighter rules

// One more rule for the account; those before it in its unit do not notice.
using Tighten = void (*)(RandomBook&, const std::string& account);

void forbid_a_sale(RandomBook& rows, const std::string& account) {
  const auto lot = std::ranges::find(rows.lots, account, &LotDraft::account);
  rows.restrictions.push_back({.id = "R-tight",
                               .scope_id = account,
                               .rule = RestrictionRule::never_sell,
                               .subject_id = lot == rows.lots.end() ? "SA" : lot->security});
}
void forbid_a_purchase(RandomBook& rows, const std::string& account) {
  rows.restrictions.push_back({.id = "R-tight", .scope_id = account, .subject_id = rows.model.back().first});
}
void raise_the_trade_minimum(RandomBook& rows, const std::string& account) {
  rows.policies[account].trade_min = rows.policies[account].trade_min + Money::of_whole(700);
}
void limit_turnover(RandomBook& rows, const std::string& account) {
  rows.policies[account].turnover_max = weight("0.01");
}
void limit_gains(RandomBook& rows, const std::string& account) { rows.policies[account].gain_budget = Money(); }
void limit_positions(RandomBook& rows, const std::string& account) {
  rows.policies[account].position_weight_max = weight("0.08");
}

TEST(Properties, TighterRulesNeverBeatTheBound) {
  const std::vector<Tighten> ways = {forbid_a_sale,  forbid_a_purchase, raise_the_trade_minimum,
                                     limit_turnover, limit_gains,       limit_positions};
  int judged = 0;
  for (std::uint64_t seed = 1; seed <= books; ++seed) {
    const RandomBook rows = random_book(seed, fractions_of(seed));
    const std::string& account = rows.accounts.back().id;
    const RunResult loose = clean_run(rows.build());
    for (std::size_t way = 0; way < ways.size(); ++way) {
      if ((way + seed) % 2 == 0) continue;  // half of the ways for each book keep the test short
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", way " << way);
      RandomBook tighter = rows;
      ways[way](tighter, account);
      const AccountResult before = loose.accounts.back();
      const AccountResult after = clean_run(tighter.build()).accounts.back();
      if (!before.bound || !after.bound || has_yielded(after)) continue;
      ++judged;
      EXPECT_GE(after.objective_after, *before.bound - 1e-7 * std::abs(*before.bound) - 1e-6);
    }
  }
  EXPECT_GT(judged, static_cast<int>(books));
}

}  // namespace
}  // namespace lotwright
