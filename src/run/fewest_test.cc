// Every set of at most N orders of small accounts: none may beat the bound that `fewest` gives for N orders, and what
// it proposes is N orders at most, and lawful.
#include "run/fewest.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <random>

#include "checks/checks.h"
#include "problem/problem.h"
#include "solution/enumeration.h"
#include "testing/book_builder.h"
#include "verification/verification.h"

namespace lotwright {
namespace {

std::string dollars(double value) { return Money::of_count(std::llround(value * 100.0) * 10'000).to_string(); }

// One account of a few shares of three or four names, taxed or not, away from its model.
class RandomAccount {
 public:
  explicit RandomAccount(std::mt19937_64& random) : random_(random) {}

  Book book() {
    const std::size_t names = 3 + random_() % 2;
    std::vector<std::pair<std::string, std::string>> weights;
    for (std::size_t i = 0; i < names; ++i) {
      const std::string id(3, static_cast<char>('A' + i));
      const double price = chosen({100.0, 250.0, 160.0, 62.5});
      prices_.push_back(price);
      builder_.security({.id = id,
                         .price = dollars(price),
                         .half_spread_bps = std::to_string(random_() % 10),
                         .exposures = {real(0.6, 1.4)},
                         .volatility = real(0.15, 0.4)});
      weights.emplace_back(id, i + 1 < names ? "0.25" : names == 3 ? "0.5" : "0.25");
    }
    const bool taxable = random_() % 3 != 0;
    builder_.model("M", weights).taxpayer({.rate_short = "0.32", .rate_long = "0.15"});
    builder_.account({.id = "A",
                      .treatment = taxable ? TaxTreatment::taxable : TaxTreatment::tax_deferred,
                      .cash = dollars(real(40, 300))});
    for (std::size_t i = 0; i < names; ++i) add_lots(i);
    builder_.policy("A", [trade_min = random_() % 2 * 100, ticket = random_() % 2,
                          aversion = chosen({5.0, 20.0, 100.0})](Policy& policy) {
      policy.risk_aversion = aversion;
      policy.trade_min = Money::of_whole(static_cast<std::int64_t>(trade_min));
      policy.trade_min_weight = Weight{};
      policy.ticket_cost = Money::of_whole(static_cast<std::int64_t>(ticket));
      policy.improvement_min = BasisPoints{};
    });
    return builder_.build();
  }

 private:
  double real(double low, double high) { return low + (high - low) * static_cast<double>(random_() % 1'000'000) / 1e6; }
  double chosen(std::initializer_list<double> from) { return from.begin()[random_() % from.size()]; }

  void add_lots(std::size_t name) {
    for (std::uint64_t lots = random_() % 3; lots > 0; --lots) {
      const double shares = 1.0 + static_cast<double>(random_() % 2);
      builder_.lot({.account = "A",
                    .security = std::string(3, static_cast<char>('A' + name)),
                    .quantity = dollars(shares),
                    .cost_basis = dollars(shares * prices_[name] * real(0.5, 1.6)),
                    .acquired_on = random_() % 2 == 0 ? "2020-03-02" : "2025-03-03"});
    }
  }

  std::mt19937_64& random_;
  BookBuilder builder_;
  std::vector<double> prices_;
};

// The enumeration's view of the account: as checked, before any orders.
struct Posed {
  explicit Posed(const Book& book)
      : risk(FactorRisk::of(book.risk, book.securities.size()).value()),
        units(decision_units(book)),
        unit(check(book, risk, units[0])),
        progress(book, units[0]),
        terms(terms_of(unit, unit.accounts[0], progress)),
        all(unit, unit.accounts[0], terms, none) {}

  FactorRisk risk;
  std::vector<DecisionUnit> units;
  CheckedUnit unit;
  tax::UnitProgress progress;
  objective::Terms terms;
  std::vector<AccountTrades> none;
  Enumeration all;
};

struct Tally {
  int asked = 0;
  int best = 0;     // the very best set
  int bounded = 0;  // the bound leaves no more than a basis point below the best set
};

void try_account(const Book& book, Tally& tally) {
  const auto unit = unit_book(book, "A");
  const auto run = decide_unit_book(*unit);
  if (held_by(result_of(*run, unit->account)) != nullptr) return;
  Posed posed(unit->book);
  const double basis_point = result_of(*run, unit->account).investable.to_double() * 1e-4;
  const std::vector<std::size_t> counts = {0, 1, 2, 3};
  double fewer = 1e300;
  for (const FewOrders& few : fewest(*unit, *run, counts)) {
    SCOPED_TRACE("at most " + std::to_string(few.orders_max));
    posed.all.at_most(few.orders_max);
    const double best = posed.all.best();
    ASSERT_TRUE(few.result.bound.has_value());
    EXPECT_LE(*few.result.bound, best + 1e-6) << "so few orders beat the bound";
    EXPECT_LE(few.result.orders.size(), few.orders_max) << "nothing forces any";
    EXPECT_GE(few.result.objective_after, best - 1e-6) << "the enumeration misses orders, or these break a rule";
    EXPECT_LE(few.result.objective_after, fewer + 1e-6) << "more orders are no worse";
    const BookIndex rows(unit->book);
    EXPECT_TRUE(verify_unit(rows, posed.units[0], {&few.result}).empty());
    fewer = few.result.objective_after;
    ++tally.asked;
    tally.best += few.result.objective_after <= best + 1e-6 ? 1 : 0;
    tally.bounded += *few.result.bound >= best - basis_point ? 1 : 0;
  }
}

TEST(Fewest, NoSetOfSoFewOrdersBeatsTheBoundAndThoseProposedAreSoFewAndLawful) {
  std::mt19937_64 random(20251123);
  Tally tally;
  for (int i = 0; i < 120; ++i) {
    SCOPED_TRACE("case " + std::to_string(i));
    try_account(RandomAccount(random).book(), tally);
  }
  std::printf("the very best set in %d of %d, a bound within a basis point of it in %d\n", tally.best, tally.asked,
              tally.bounded);
  EXPECT_GE(tally.asked, 400);
  EXPECT_GE(tally.best * 100, tally.asked * 85) << "prices on orders find most of the best sets";
}

}  // namespace
}  // namespace lotwright
