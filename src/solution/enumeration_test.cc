// Every possible set of orders of small accounts, tried one by one with the objective floor's own arithmetic: none may
// beat the bound, and the solver's orders must be within half a basis point of the best.

#include "solution/enumeration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <functional>
#include <random>

#include "solution/solution.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

std::string dollars(double value) { return Money::of_count(std::llround(value * 100.0) * 10'000).to_string(); }

using Pick = std::function<int(int)>;  // 0 .. n-1
using MakeTaxpayer = void (*)(BookBuilder&, const Pick&);

void flat_taxpayer(BookBuilder& builder, const Pick& pick) {
  builder.taxpayer({.rate_short = "0.4",
                    .rate_long = "0.2",
                    .realized_short_ytd = dollars(pick(3) * 100.0),
                    .realized_long_ytd = dollars(pick(3) * 100.0 - 100.0),
                    .carryforward_long = dollars(pick(2) * 150.0)});
}

// Before the orders anything: gains or losses of either term, none, more losses than the year can use.
TaxpayerDraft any_year(const Pick& pick) {
  TaxpayerDraft draft{.rate_short = "0.32", .rate_long = "0.15"};
  draft.realized_short_ytd = dollars(pick(5) * 200.0 - 400.0);
  draft.realized_long_ytd = dollars(pick(5) * 200.0 - 400.0);
  if (pick(3) == 0) draft.tax_budget = dollars(pick(4) * 50.0);
  return draft;
}

void small_loss_limit(BookBuilder& builder) {
  builder.adjust([](Book& book) { book.taxpayers[0].ordinary_loss_limit = Money::of_whole(200); });
}

void flat_taxpayer_of_any_year(BookBuilder& builder, const Pick& pick) {
  builder.taxpayer(any_year(pick));
  small_loss_limit(builder);
}

// Brackets so narrow that a few shares cross them: the 0 % zone, the starts of 15 % and 20 %, the surtax.
void taxpayer_with_brackets(BookBuilder& builder, const Pick& pick) {
  builder.brackets({.filing_status = "narrow",
                    .ordinary = {{"0", "0.10"}, {"400", "0.12"}, {"1010", "0.22"}, {"1500", "0.35"}, {"2300", "0.37"}},
                    .long_term = {{"0", "0"}, {"1000", "0.15"}, {"1600", "0.20"}},
                    .niit = {{"1300", "0.038"}}});
  TaxpayerDraft draft = any_year(pick);
  draft.filing_status = "narrow";
  draft.ordinary_income = dollars(pick(12) * 200.0 - 100.0);
  builder.taxpayer(draft);
  small_loss_limit(builder);
}

// Lots turn long-term within days, and waiting for that, or for larger losses, counts for some.
void taxpayer_who_waits(BookBuilder& builder, const Pick& pick) {
  flat_taxpayer_of_any_year(builder, pick);
  const int weight = pick(2);
  builder.policy("A", [weight](Policy& policy) {
    policy.waiting_weight = Weight::of_whole(weight);
    policy.long_term_wait_days = 0;
  });
  const Date soon = day("2024-07-01") + pick(100);
  builder.adjust([soon](Book& book) {
    for (TaxLot& lot : book.accounts[0].lots) {
      if (lot.acquired_on == day("2024-11-05")) lot.acquired_on = lot.held_from = soon;
    }
  });
}

// Every other name is a bond: a dollar of them outside a band costs something, and so does one here at all.
void taxpayer_with_priced_bands(BookBuilder& builder, const Pick& pick) {
  flat_taxpayer_of_any_year(builder, pick);
  builder.adjust([](Book& book) {
    for (std::size_t i = 1; i < book.securities.size(); i += 2) book.securities[i].asset_class = "bonds";
  });
  const auto any_of = [&](std::initializer_list<const char*> words) {
    return std::data(words)[pick(static_cast<int>(words.size()))];
  };
  builder.policy("A", "band_bonds_min", any_of({"0.1", "0.3"}))
      .policy("A", "band_bonds_max", any_of({"0.35", "0.5"}))
      .policy("A", "band_bonds_price_bps", any_of({"20", "200", "2000"}))
      .policy("A", "location_bonds_bps", any_of({"none", "50", "500"}));
}

// A taxable account with three or four names of a few whole shares, gains and losses of both terms, young lots.
Book random_book(std::mt19937_64& random, MakeTaxpayer make_taxpayer,
                 const std::function<void(BookBuilder&)>& change = {}) {
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<std::uint64_t>(n)); };
  const auto real = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(random() % 1'000'000) / 1e6;
  };
  BookBuilder builder;
  const int names = 3 + pick(2);
  std::vector<std::pair<std::string, std::string>> weights;
  int left = 100;
  for (int i = 0; i < names; ++i) {
    const std::string id(3, static_cast<char>('A' + i));
    const double price = std::vector<double>{100, 250, 400, 62.5}[static_cast<std::size_t>(pick(4))];
    const std::string group = i < 2 && pick(3) == 0 ? "TWINS" : "";
    builder.security({.id = id,
                      .price = dollars(price),
                      .group = group,
                      .half_spread_bps = std::to_string(pick(10)),
                      .exposures = {real(0.6, 1.4)},
                      .volatility = real(0.15, 0.4)});
    const int weight = i + 1 == names ? left : pick(left / 2 + 1);
    left -= weight;
    if (weight > 0) weights.emplace_back(id, "0." + std::string(weight < 10 ? "0" : "") + std::to_string(weight));
    if (weight == 100) weights.back().second = "1";
    const int lots = pick(3);
    for (int l = 0; l < lots; ++l) {
      const int shares = 1 + pick(3);
      const char* dates[] = {"2020-03-02", "2024-11-05", "2025-03-03", "2025-06-20"};
      builder.lot({.account = "A",
                   .security = id,
                   .quantity = std::to_string(shares),
                   .cost_basis = dollars(shares * price * real(0.5, 1.6)),
                   .acquired_on = dates[pick(4)]});
    }
  }
  builder.model("M", weights);
  make_taxpayer(builder, pick);
  builder.account({.id = "A", .cash = dollars(real(50, 900))});
  builder.policy("A", [&](Policy& policy) {
    policy.risk_aversion = std::vector<double>{5, 20, 100}[static_cast<std::size_t>(pick(3))];
    policy.trade_min = Money::of_whole(pick(2) * 150);
    policy.trade_min_weight = Weight{};
    policy.ticket_cost = Money::of_whole(pick(2));
    policy.improvement_min = BasisPoints{};
    if (pick(3) == 0) policy.gain_budget = Money::of_whole(100);
    if (pick(4) == 0) policy.turnover_max = Weight::of_count(100'000'000'000);
  });
  if (change) change(builder);
  return builder.build();
}

// The same with a due harvest or realize_gains, and no rule that would yield to it.
Book random_request(std::mt19937_64& random) {
  return random_book(random, flat_taxpayer, [&](BookBuilder& builder) {
    const bool harvest = random() % 2 == 0;
    const char* words[] = {"", "short", harvest ? "any" : "long"};
    builder.request({.account = "A",
                     .kind = harvest ? RequestKind::harvest : RequestKind::realize_gains,
                     .amount = std::to_string(20 + random() % 200),
                     .value = words[random() % 3]});
    builder.policy("A", [](Policy& policy) {
      policy.trade_min = Money();
      policy.gain_budget.reset();
      policy.turnover_max.reset();
    });
  });
}

// Our orders may be worse than the best by more than half a basis point in `missed_max` cases; the bound never errs.
void try_all_orders(int cases, MakeTaxpayer make_taxpayer, int missed_max) {
  std::mt19937_64 random(20250630);
  int exact = 0;
  int missed = 0;
  double worst = 0.0;
  for (int i = 0; i < cases; ++i) {
    const Book book = random_book(random, make_taxpayer);
    const std::vector<DecisionUnit> units = decision_units(book);
    const FactorRisk risk = FactorRisk::of(book.risk, book.securities.size()).value();
    const CheckedUnit unit = check(book, risk, units[0]);
    ASSERT_TRUE(unit.accounts[0].trades());
    const tax::UnitProgress progress(book, units[0]);
    const objective::Terms terms = terms_of(unit, unit.accounts[0], progress);
    const Solution solution = solve(unit, unit.accounts[0], progress, {});
    const double ours = objective::parts_of(terms, objective::outcome_of(terms, book, solution.trades)).total();
    const double best = Enumeration(unit, unit.accounts[0], terms, {}).best();
    const double basis_point = unit.accounts[0].investable.to_double() * 1e-4;
    EXPECT_LE(*solution.bound, best + 1e-6) << "case " << i;
    if (ours > best + 0.5 * basis_point && ++missed > missed_max) {
      ADD_FAILURE() << "case " << i << " ours " << ours << " best " << best << " bound " << *solution.bound
                    << " before " << objective::parts_of(terms, objective::before(terms)).total();
    }
    EXPECT_GE(ours, best - 1e-6) << "case " << i << ": the enumeration misses orders, or ours break a rule";
    exact += ours <= best + 1e-6 ? 1 : 0;
    worst = std::max(worst, (ours - best) / basis_point);
  }
  std::printf("the very best orders in %d of %d cases, worst %.3f bp off\n", exact, cases, worst);
}

TEST(Enumeration, NoOrdersBeatTheBoundAndOursAreTheBestToHalfABasisPoint) { try_all_orders(150, flat_taxpayer, 0); }

TEST(Enumeration, NorWhateverTheYearBrought) { try_all_orders(100, flat_taxpayer_of_any_year, 1); }

TEST(Enumeration, NorByBrackets) { try_all_orders(150, taxpayer_with_brackets, 3); }

TEST(Enumeration, NorWhereWaitingCounts) { try_all_orders(150, taxpayer_who_waits, 2); }

TEST(Enumeration, NorWhereBandsHaveAPriceAndBondsBelongElsewhere) {
  try_all_orders(150, taxpayer_with_priced_bands, 2);
}

TEST(Enumeration, RequestsAreReachedForTheLeastOrAsFarAsTheyCanBe) {
  std::mt19937_64 random(20250701);
  int exact = 0;
  int short_of = 0;
  constexpr int cases = 150;
  double worst = 0.0;
  for (int i = 0; i < cases; ++i) {
    const Book book = random_request(random);
    const std::vector<DecisionUnit> units = decision_units(book);
    const FactorRisk risk = FactorRisk::of(book.risk, book.securities.size()).value();
    const CheckedUnit unit = check(book, risk, units[0]);
    const CheckedAccount& checked = unit.accounts[0];
    ASSERT_TRUE(checked.trades());
    const tax::UnitProgress progress(book, units[0]);
    const objective::Terms terms = terms_of(unit, checked, progress);
    const Solution solution = solve(unit, checked, progress, {});
    const double ours = objective::parts_of(terms, objective::outcome_of(terms, book, solution.trades)).total();
    const std::vector<AccountTrades> nothing_before;
    Enumeration all(unit, checked, terms, nothing_before);
    const Money asked = checked.realizations[0].amount;
    const Money reachable = std::min(asked, all.most());
    const double best = all.best(reachable);
    const double basis_point = checked.investable.to_double() * 1e-4;
    EXPECT_GE(counted(checked, solution.trades) + cent, reachable) << "case " << i << " of " << asked.to_string(2);
    const auto is_review = [](const Finding& finding) { return finding.severity == Severity::review; };
    EXPECT_EQ(std::ranges::none_of(solution.findings, is_review), reachable + cent >= asked) << "case " << i;
    EXPECT_TRUE(solution.relaxations.empty()) << "case " << i;
    EXPECT_LE(*solution.bound, best + 1e-6) << "case " << i;
    EXPECT_LE(ours, best + 10.0 * basis_point) << "case " << i << " best " << best << " bound " << *solution.bound;
    EXPECT_GE(ours, best - 1e-6) << "case " << i << ": the enumeration misses orders, or ours break a rule";
    exact += ours <= best + 1e-6 ? 1 : 0;
    short_of += reachable < asked ? 1 : 0;
    worst = std::max(worst, (ours - best) / basis_point);
  }
  EXPECT_GE(exact, cases - 2) << "shares are coarse here: three names would have to move together";
  std::printf("the very best orders in %d of %d cases (%d fall short), worst %.3f bp off\n", exact, cases, short_of,
              worst);
}

}  // namespace
}  // namespace lotwright
