// Every possible set of orders of accounts that share a taxpayer, each given what those before it did: none may beat an
// account's bound, and the solver's orders must be within half a basis point of the best. Purchases and loss sales of
// the last 30 days stand everywhere: in the account, in its siblings, in an IRA, outside the book.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <random>

#include "solution/enumeration.h"
#include "solution/solution.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

std::string dollars(double value) { return Money::of_count(std::llround(value * 100.0) * 10'000).to_string(); }

// Two or three accounts of one taxpayer with the same three names, held in a few young and old shares.
class RandomUnit {
 public:
  explicit RandomUnit(std::mt19937_64& random) : random_(random) {}

  Book book() {
    add_securities();
    add_taxpayer();
    const std::vector<std::string> kinds = {"TT", "TI", "IT", "TTI", "TIT", "ITT", "TT", "TTT"};
    const std::string& accounts = chosen(kinds);
    for (std::size_t i = 0; i < accounts.size(); ++i) add_account("A" + std::to_string(i), accounts[i] == 'T');
    add_transactions();
    return builder_.build();
  }

 private:
  int pick(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
  double real(double low, double high) { return low + (high - low) * static_cast<double>(pick(1'000'000)) / 1e6; }
  template <class T>
  const T& chosen(const std::vector<T>& from) {
    return from[static_cast<std::size_t>(pick(static_cast<int>(from.size())))];
  }

  void add_securities() {
    std::vector<std::pair<std::string, std::string>> weights;
    const std::vector<std::vector<const char*>> mixes = {
        {"0.4", "0.35", "0.25"}, {"0.6", "0", "0.4"}, {"0.2", "0.7", "0.1"}};
    const std::vector<const char*>& mix = chosen(mixes);
    const bool twins = pick(2) == 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const std::string id(3, static_cast<char>('A' + i));
      prices_.push_back(chosen(std::vector<double>{100, 250, 160, 62.5}));
      builder_.security({.id = id,
                         .price = dollars(prices_.back()),
                         .group = twins && i < 2 ? "TWINS" : "",
                         .half_spread_bps = std::to_string(pick(10)),
                         .exposures = {real(0.6, 1.4)},
                         .volatility = real(0.15, 0.4)});
      if (std::string(mix[i]) != "0") weights.emplace_back(id, mix[i]);
    }
    builder_.model("M", weights);
  }

  // Gains and losses of either sign before the orders, by flat rates or by narrow brackets, with budgets or without.
  void add_taxpayer() {
    TaxpayerDraft draft{.rate_short = "0.32", .rate_long = "0.15"};
    draft.realized_short_ytd = dollars(pick(5) * 120.0 - 240.0);
    draft.realized_long_ytd = dollars(pick(5) * 120.0 - 240.0);
    draft.carryforward_long = dollars(pick(2) * pick(2) * 90.0);
    if (pick(5) == 0) draft.gain_budget = dollars(pick(4) * 40.0);
    if (pick(5) == 0) draft.tax_budget = dollars(pick(4) * 20.0);
    if (pick(2) == 0) {
      builder_.brackets({.filing_status = "narrow",
                         .ordinary = {{"0", "0.10"}, {"200", "0.12"}, {"510", "0.22"}, {"800", "0.35"}},
                         .long_term = {{"0", "0"}, {"500", "0.15"}, {"800", "0.20"}},
                         .niit = {{"650", "0.038"}}});
      draft.filing_status = "narrow";
      draft.ordinary_income = dollars(pick(10) * 100.0 - 50.0);
    }
    builder_.taxpayer(draft);
    builder_.adjust([](Book& book) { book.taxpayers[0].ordinary_loss_limit = Money::of_whole(150); });
  }

  void add_account(const std::string& id, bool taxable) {
    accounts_.push_back(id);
    // An IRA without a taxpayer of its own is everyone's of the household.
    builder_.account({.id = id,
                      .household = "H",
                      .taxpayer = taxable || pick(2) == 0 ? "T" : "",
                      .treatment = taxable ? TaxTreatment::taxable : TaxTreatment::tax_deferred,
                      .cash = dollars(real(40, 420))});
    for (std::size_t i = 0; i < 3; ++i) {
      for (int l = pick(3); l > 0; --l) add_lot(id, i);
    }
    const bool account_gain_budget = pick(6) == 0;
    const bool account_tax_budget = pick(6) == 0;
    const bool turnover_limited = pick(6) == 0;
    const Money disallowed_max = Money::of_whole(pick(8) == 0 ? 25 : 0);
    builder_.policy(id, [=, risk_aversion = chosen(std::vector<double>{5, 20, 100}), trade_min = pick(2) * 100,
                         ticket = pick(2), gain_budget = pick(3) * 50, tax_budget = pick(3) * 15](Policy& policy) {
      policy.risk_aversion = risk_aversion;
      policy.trade_min = Money::of_whole(trade_min);
      policy.trade_min_weight = Weight{};
      policy.ticket_cost = Money::of_whole(ticket);
      policy.improvement_min = BasisPoints{};
      policy.wash_sale_disallowed_max = disallowed_max;
      if (account_gain_budget) policy.gain_budget = Money::of_whole(gain_budget);
      if (account_tax_budget) policy.tax_budget = Money::of_whole(tax_budget);
      if (turnover_limited) policy.turnover_max = Weight::of_count(150'000'000'000);
    });
  }

  // Both sides of the window's first day, of a year, and of the wait for it.
  void add_lot(const std::string& account, std::size_t security) {
    static const std::vector<std::string> days = {"2020-03-02", "2024-06-29", "2024-06-30", "2024-11-05", "2025-03-03",
                                                  "2025-05-30", "2025-05-31", "2025-06-20", "2025-06-29"};
    const bool reinvested = pick(8) == 0;
    const double shares = reinvested ? 0.5 : 1.0 + pick(2);
    const std::string& day = reinvested ? days[7] : chosen(days);
    builder_.lot({.account = account,
                  .security = std::string(3, static_cast<char>('A' + security)),
                  .quantity = reinvested ? "0.5" : dollars(shares),
                  .cost_basis = dollars(shares * prices_[security] * real(0.5, 1.6)),
                  .acquired_on = day});
    if (!reinvested) return;
    builder_.transaction({.account = account,
                          .trade_date = day,
                          .kind = TransactionKind::reinvest,
                          .security = std::string(3, static_cast<char>('A' + security)),
                          .quantity = "0.5",
                          .amount = dollars(shares * prices_[security])});
  }

  // Sales at a loss and at a gain, and purchases and reinvested dividends outside the book, around day 30.
  void add_transactions() {
    for (int i = pick(3); i > 0; --i) {
      const bool outside = pick(4) == 0;
      const TransactionKind kind = !outside || pick(2) == 0 ? TransactionKind::sell
                                   : pick(2) == 0           ? TransactionKind::buy
                                                            : TransactionKind::reinvest;
      const std::size_t security = static_cast<std::size_t>(pick(3));
      const std::string gain = std::to_string(pick(3) * 20 - 30);
      TransactionDraft draft{.account = outside ? "" : chosen(accounts_),
                             .taxpayer = outside ? "T" : "",
                             .trade_date = chosen(std::vector<std::string>{"2025-05-30", "2025-05-31", "2025-06-27"}),
                             .kind = kind,
                             .security = std::string(3, static_cast<char>('A' + security)),
                             .quantity = "1",
                             .amount = dollars(prices_[security]),
                             .outside = outside};
      if (kind == TransactionKind::sell) (pick(2) == 0 ? draft.gain_short : draft.gain_long) = gain;
      builder_.transaction(draft);
    }
  }

  std::mt19937_64& random_;
  BookBuilder builder_;
  std::vector<double> prices_;
  std::vector<std::string> accounts_;
};

// What the enumeration found, over all accounts.
struct Tally {
  int accounts = 0;
  int exact = 0;
  int near = 0;      // within half a basis point
  int lenient = 0;   // not so near, but the solver never uses the leave of wash_sale_disallowed_max
  double worst = 0;  // basis points
};

// The year's gains as the accounts before have left them, added up anew.
void expect_gains(const Book& book, const std::vector<AccountTrades>& decided, const objective::Terms& terms) {
  const Taxpayer& taxpayer = book.taxpayers[0];
  Money of_short = taxpayer.realized_short_ytd + taxpayer.outside_gains_short - taxpayer.carryforward_short;
  Money of_long = taxpayer.realized_long_ytd + taxpayer.outside_gains_long - taxpayer.carryforward_long;
  for (const AccountTrades& trades : decided) {
    if (book.account(trades.account).tax_treatment != TaxTreatment::taxable) continue;
    for (const Trade& trade : trades.trades) {
      for (const LotSale& sale : trade.lots) {
        (sale.term == Term::short_term ? of_short : of_long) += *sale.gain + sale.disallowed;
      }
    }
  }
  EXPECT_EQ(terms.short_before, of_short.to_double());
  EXPECT_EQ(terms.long_before, of_long.to_double());
}

void try_account(const CheckedUnit& unit, std::size_t place, const tax::UnitProgress& progress,
                 std::vector<AccountTrades>& decided, Tally& tally) {
  const Book& book = *unit.book;
  const CheckedAccount& checked = unit.accounts[place];
  ASSERT_TRUE(checked.trades());
  const objective::Terms terms = terms_of(unit, checked, progress);
  if (terms.taxable) expect_gains(book, decided, terms);
  const Solution solution = solve(unit, checked, progress, {});
  const double ours = objective::parts_of(terms, objective::outcome_of(terms, book, solution.trades)).total();
  AccountTrades judged = solution.trades;
  EXPECT_TRUE(WashRecord(book, decided).allows(judged)) << "our orders are a wash sale";
  EXPECT_EQ(judged, solution.trades) << "another part of a loss is disallowed";
  const double best = Enumeration(unit, checked, terms, decided).best();
  const double basis_point = checked.investable.to_double() * 1e-4;
  EXPECT_LE(*solution.bound, best + 1e-6) << "bound beaten, ours " << ours;
  EXPECT_GE(ours, best - 1e-6) << "the enumeration misses orders, or ours break a rule";
  const bool lenient = book.account(checked.account).effective_policy.wash_sale_disallowed_max.is_positive();
  const bool near = ours <= best + 0.5 * basis_point;
  ++tally.accounts;
  tally.exact += ours <= best + 1e-6 ? 1 : 0;
  tally.near += near ? 1 : 0;
  tally.lenient += !near && lenient ? 1 : 0;
  if (!lenient) tally.worst = std::max(tally.worst, (ours - best) / basis_point);
  decided.push_back(solution.trades);
}

Tally try_units(int cases, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Tally tally;
  for (int i = 0; i < cases; ++i) {
    const Book book = RandomUnit(random).book();
    const std::vector<DecisionUnit> units = decision_units(book);
    const FactorRisk risk = FactorRisk::of(book.risk, book.securities.size()).value();
    const CheckedUnit unit = check(book, risk, units[0]);
    tax::UnitProgress progress(book, units[0]);
    std::vector<AccountTrades> decided;
    for (std::size_t place = 0; place < unit.accounts.size(); ++place) {
      SCOPED_TRACE("case " + std::to_string(i) + " account " + std::to_string(place));
      try_account(unit, place, progress, decided, tally);
      if (testing::Test::HasFatalFailure()) return tally;
      progress.record(book, decided.back());
    }
  }
  return tally;
}

TEST(UnitEnumeration, NoOrdersBeatTheBoundGivenWhatTheAccountsBeforeDid) {
  const Tally tally = try_units(150, 20250630);
  std::printf("the very best orders in %d of %d accounts, %d within half a basis point, worst %.1f bp off\n",
              tally.exact, tally.accounts, tally.near, tally.worst);
  // The solver does not seek sales that wash_sale_disallowed_max would let go; of the others one in five hundred is
  // missed, mostly where three names of whole shares would have to move together.
  EXPECT_GE(tally.near + tally.lenient, tally.accounts - 1);
}

}  // namespace
}  // namespace lotwright
