// The prices of the run before: they may move orders within the proven gap and end quiet accounts at once, and nothing
// else. Every account is solved with its prices and without, in the light of the same earlier orders.

#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "problem/problem.h"
#include "run/case_file.h"
#include "run/memory_folder.h"
#include "run/outputs.h"
#include "run/play.h"
#include "run/run_fixtures.h"
#include "testing/instances.h"
#include "testing/random_books.h"

namespace lotwright {
namespace {

Book without_prices(Book book) {
  for (Account& account : book.accounts) account.shadow_prices = {};
  return book;
}

void give_prices(Book& book, const RunResult& run) {
  for (const AccountResult& result : run.accounts) {
    book.accounts[result.account.value].shadow_prices = result.shadow_prices;
  }
}

std::vector<AccountTrades> trades_of_all(const RunResult& run) {
  std::vector<AccountTrades> trades;
  std::ranges::transform(run.accounts, std::back_inserter(trades), trades_of);
  return trades;
}

// What came of solving each account twice.
struct Seen {
  int proven_quiet = 0;
  int quiet = 0;  // without prices
  int traded = 0;
  int other_orders = 0;
  int quiet_with_one_alone = 0;  // with prices or without, not both
  double bound_lost = 0.0;       // the most that a search proves less with prices, of the investable value
};

// One account solved twice.
struct Pair {
  const CheckedUnit& unit;
  const CheckedAccount& account;
  const objective::Terms terms;
  const Solution& warm;
  const Solution& cold;

  [[nodiscard]] const Account& holder() const { return unit.book->account(account.account); }
  [[nodiscard]] double objective_of(const Solution& solution) const {
    return objective::parts_of(terms, objective::outcome_of(terms, *unit.book, solution.trades)).total();
  }
  // Orders are rounded to the cent.
  [[nodiscard]] double rounding() const { return 0.01 + 1e-6 * std::max(0.0, terms.investable); }
};

// Each objective lies above both bounds: so the two are within the two gaps.
void expect_bounded(const Pair& pair) {
  const auto [unit, account, terms, warm, cold] = pair;
  const bool under_the_same_rules = warm.relaxations.empty() && cold.relaxations.empty() && warm.findings.empty() &&
                                    cold.findings.empty() && account.realizations.empty();
  if (!under_the_same_rules || !warm.bound || !cold.bound) return;
  EXPECT_LE(*cold.bound, pair.objective_of(warm) + pair.rounding()) << pair.holder().id.text;
  EXPECT_LE(*warm.bound, pair.objective_of(cold) + pair.rounding()) << pair.holder().id.text;
}

// One of them trades and the other does not: the orders are worth about what the account asks for.
void expect_on_the_edge(const Pair& pair) {
  const Solution& trading = pair.warm.trades.trades.empty() ? pair.cold : pair.warm;
  const Solution& quiet = pair.warm.trades.trades.empty() ? pair.warm : pair.cold;
  const double improvement = pair.objective_of(quiet) - pair.objective_of(trading);
  const double least = fraction(pair.holder().effective_policy.improvement_min) * pair.terms.investable;
  EXPECT_LE(improvement, 1.5 * least + pair.rounding()) << pair.holder().id.text;
}

void compare(const Pair& pair, Seen& seen) {
  const bool quiet = pair.cold.trades.trades.empty();
  ++(quiet ? seen.quiet : seen.traded);
  seen.other_orders += pair.warm.trades == pair.cold.trades ? 0 : 1;
  if (pair.warm.trades.trades.empty() != quiet) {
    ++seen.quiet_with_one_alone;
    expect_on_the_edge(pair);
  }
  expect_bounded(pair);
  if (pair.warm.bound && pair.cold.bound && !pair.warm.proven_quiet) {
    seen.bound_lost = std::max(seen.bound_lost, (*pair.cold.bound - *pair.warm.bound) / pair.terms.investable);
  }
  if (!pair.warm.proven_quiet) return;
  ++seen.proven_quiet;
  EXPECT_EQ(pair.warm.trades, pair.cold.trades) << pair.holder().id.text << " would do otherwise without prices";
}

// The engine's steps for a book with prices, which solve every account without them too.
Steps comparing_steps(const Book& book, const Book& cold_book, Seen& seen) {
  Steps steps = engine_steps(book);
  steps.solve = [&cold_book, &seen](const CheckedUnit& unit, const CheckedAccount& account,
                                    const tax::UnitProgress& progress, const Effort&) {
    const Effort effort{.branch_nodes_max = 20};
    CheckedUnit without = unit;
    without.book = &cold_book;
    Solution warm = solve(unit, account, progress, effort);
    const Solution cold = solve(without, account, progress, effort);
    EXPECT_FALSE(cold.proven_quiet);
    compare({unit, account, terms_of(unit, account, progress), warm, cold}, seen);
    return warm;
  };
  return steps;
}

Seen fifty_days(const InstanceSettings& settings, int days = 50) {
  Seen seen;
  Book book = instances(settings);
  give_prices(book, run_of(book, engine_steps(book)));
  for (int day = 1; day <= days; ++day) {
    const Book cold = without_prices(book);
    const RunResult run = run_of(book, comparing_steps(book, cold, seen));
    book = next_trading_day(book, static_cast<std::uint64_t>(day), trades_of_all(run));
    give_prices(book, run);
  }
  return seen;
}

TEST(WarmStart, OverFiftyDaysTheSameAccountsStayQuiet) {
  const Seen seen = fifty_days({.names = 20, .factors = 5, .accounts = 4, .ticket_cost = 5.0});
  EXPECT_LE(seen.quiet_with_one_alone, 3);
  EXPECT_GT(seen.quiet, 60);
  EXPECT_GT(seen.traded, 20);
  EXPECT_GT(seen.proven_quiet, seen.quiet / 3);
}

TEST(WarmStart, OverFiftyDaysOfWholeSharesAndAllCellsOfTheTaxTheSameAccountsStayQuiet) {
  const Seen seen = fifty_days({.names = 30,
                                .factors = 6,
                                .accounts = 3,
                                .whole_shares = true,
                                .gains = GainsSoFar::all_cells,
                                .ticket_cost = 5.0});
  EXPECT_LE(seen.quiet_with_one_alone, 3);
  EXPECT_GT(seen.quiet, 50);
  EXPECT_GT(seen.proven_quiet, 20);
}

TEST(WarmStart, PricesOfRandomBooksNeverEndAnAccountThatWouldTrade) {
  Seen seen;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Book book = random_book(seed, 60).build();
    const RunResult before = run_of(book, engine_steps(book));
    book = next_trading_day(book, seed, trades_of_all(before));
    give_prices(book, before);
    const Book cold = without_prices(book);
    (void)run_of(book, comparing_steps(book, cold, seen));
  }
  EXPECT_GT(seen.proven_quiet, 20);
  EXPECT_GT(seen.traded, 40);
}

TEST(WarmStart, NonsenseForPricesChangesNothingThatMatters) {
  Seen seen;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double wild : {-3.0, 1e-300, 1e30, 1e300, nan}) {
    Book book = instances({.names = 25, .factors = 4, .accounts = 4});
    give_prices(book, run_of(book, engine_steps(book)));
    for (Account& account : book.accounts) {
      for (double& price : account.shadow_prices.factors) price *= wild;
      for (auto& [name, price] : account.shadow_prices.rows) price *= -wild;
      account.shadow_prices.rows.emplace_back("zzz", wild);
    }
    const Book cold = without_prices(book);
    (void)run_of(book, comparing_steps(book, cold, seen));
  }
  EXPECT_EQ(seen.traded, 20);
  EXPECT_LT(seen.bound_lost, 1e-5);
}

TEST(WarmStart, PricesOfAnotherNumberOfFactorsAreNoPrices) {
  Book book = instances({.names = 25, .factors = 4, .accounts = 2});
  give_prices(book, run_of(book, engine_steps(book)));
  for (Account& account : book.accounts) account.shadow_prices.factors.pop_back();
  const Book cold = without_prices(book);
  Seen seen;
  (void)run_of(book, comparing_steps(book, cold, seen));
  EXPECT_EQ(seen.other_orders, 0);
}

std::map<std::string, std::string> files_of(const Book& book, int threads) {
  RunResult run = run_of(book, engine_steps(book), threads);
  run.seconds.clear();
  run.threads = 1;
  MemoryFolder folder;
  EXPECT_TRUE(write_outputs(book, run, folder).ok());
  EXPECT_TRUE(folder.publish().ok());
  return folder.files;
}

Book a_quiet_day() {
  Book book = instances({.names = 25, .factors = 4, .accounts = 8});
  const RunResult run = run_of(book, engine_steps(book));
  book = next_trading_day(book, 7, trades_of_all(run));
  give_prices(book, run);
  return book;
}

TEST(WarmStart, AWarmRunHasTheSameBytesForAnyNumberOfThreads) {
  const Book book = a_quiet_day();
  const auto one = files_of(book, 1);
  EXPECT_NE(one.at("run.json").find("\"proven_quiet\": "), std::string::npos);
  EXPECT_EQ(one.at("run.json").find("\"proven_quiet\": 0"), std::string::npos);
  EXPECT_EQ(files_of(book, 2), one);
  EXPECT_EQ(files_of(book, 8), one);
}

TEST(WarmStart, ASavedCaseHasThePricesItsUnitStartedFrom) {
  const Book book = a_quiet_day();
  const RunResult run = run_of(book, engine_steps(book));
  for (const DecisionUnit& unit : decision_units(book)) {
    const AccountResult& result = run.accounts[unit.accounts.front().value];
    const std::string text = case_text(case_of(book, unit, {}, {result}, {}));
    EXPECT_NE(text.find("\n[multipliers]\n"), std::string::npos);
    const Case saved = read_case(text, "case").value();
    EXPECT_EQ(case_text(saved), text);
    const Played played = play(saved, engine_steps(saved.book)).value();
    EXPECT_TRUE(played.same()) << text_of(played);
  }
}

}  // namespace
}  // namespace lotwright
