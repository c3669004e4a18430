// The smallest conflicting set is tried by enumeration: books that have its restrictions alone, and these less one.

#include "solution/conflicts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>

#include "book/rules.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

struct Drawn {
  BookBuilder bare;  // no restriction
  std::vector<RestrictionDraft> restrictions;

  [[nodiscard]] BookBuilder with(unsigned subset) const {
    BookBuilder builder = bare;
    for (std::size_t i = 0; i < restrictions.size(); ++i) {
      if ((subset >> i & 1U) != 0) builder.restriction(restrictions[i]);
    }
    return builder;
  }
  [[nodiscard]] unsigned all() const { return (1U << restrictions.size()) - 1U; }
};

// Four positions, up to five restrictions on them, and a payment of a part or more of it all.
Drawn draw(unsigned seed) {
  std::mt19937 random(seed);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  Drawn drawn;
  const std::vector<std::string> ids{"AAA", "BBB", "CCC", "DDD"};
  for (const std::string& id : ids) {
    drawn.bare.security({.id = id, .sector = id < "CCC" ? "energy" : "health"});
  }
  drawn.bare.model("M", {{"AAA", "0.25"}, {"BBB", "0.25"}, {"CCC", "0.25"}, {"DDD", "0.25"}})
      .account({.id = "A", .treatment = TaxTreatment::tax_deferred});
  int total = 0;
  for (const std::string& id : ids) {
    const int shares = 10 * (1 + pick(9));
    total += shares;
    drawn.bare.lot({.account = "A", .security = id, .quantity = std::to_string(shares), .cost_basis = "100"});
  }
  for (int i = 1 + pick(5); i > 0; --i) {
    RestrictionDraft draft{.id = "R" + std::to_string(i), .scope_id = "A", .rule = RestrictionRule::never_sell};
    draft.subject_id = ids[static_cast<std::size_t>(pick(4))];
    if (pick(4) == 0) {
      draft.rule = RestrictionRule::lock_quantity;
      draft.value = std::to_string(5 * (1 + pick(6)));
    } else if (pick(4) == 0) {
      draft.subject_kind = RestrictionSubject::sector;
      draft.subject_id = pick(2) == 0 ? "energy" : "health";
    }
    drawn.restrictions.push_back(draft);
  }
  drawn.bare.request({.account = "A", .amount = std::to_string(100 * (total * (30 + pick(80)) / 100))});
  return drawn;
}

struct Posed {
  Book book;
  std::vector<DecisionUnit> units;
  FactorRisk risk;
  CheckedUnit unit;
  tax::UnitProgress progress;

  explicit Posed(const BookBuilder& builder)
      : book(builder.build()),
        units(decision_units(book)),
        risk(FactorRisk::of(book.risk, book.securities.size()).value()),
        unit(check(book, risk, units[0])),
        progress(book, units[0]) {}
  Posed(const Posed&) = delete;
  Posed& operator=(const Posed&) = delete;
  [[nodiscard]] const CheckedAccount& account() const { return unit.accounts[0]; }
};

// Is the payment there, if the account is decided in earnest?
bool is_paid(const BookBuilder& builder) {
  const Posed posed(builder);
  const Solution solution = solve(posed.unit, posed.account(), posed.progress, {});
  return std::ranges::none_of(solution.findings, [](const Finding& one) {
    return one.rule == rule::request_cash_short || one.rule == rule::cash_nothing_to_sell;
  });
}

const Wish payment{.kind = Wish::Kind::cash, .goal = 0, .rule = rule::request_cash_out, .requests = {"Q1"}};

TEST(SmallestConflict, HoldsByItselfAndNotWithoutAnyOneOfItsMembers) {
  int sets = 0;
  int larger = 0;
  for (unsigned seed = 1; seed <= 150; ++seed) {
    const Drawn drawn = draw(seed);
    const Posed posed(drawn.with(drawn.all()));
    const std::vector<NamedRule> rules = rules_in_the_way(posed.unit, posed.account());
    const std::vector<NamedRule> set = smallest_conflict(posed.unit, posed.account(), posed.progress, payment, rules);
    const bool paid = is_paid(drawn.with(drawn.all()));
    if (set.empty()) {
      EXPECT_TRUE(paid || !is_paid(drawn.bare)) << "seed " << seed << ": a rule is in the way and none is named";
      continue;
    }
    EXPECT_FALSE(paid) << "seed " << seed;
    ++sets;
    larger += set.size() > 1 ? 1 : 0;
    const auto rows_of = [&](const NamedRule& rule) {
      unsigned rows = 0;
      for (std::size_t i = 0; i < drawn.restrictions.size(); ++i) {
        if (rule.second == drawn.restrictions[i].id) rows |= 1U << i;
      }
      return rows;
    };
    unsigned chosen = 0;
    for (const NamedRule& rule : set) chosen |= rows_of(rule);
    EXPECT_FALSE(is_paid(drawn.with(chosen))) << "seed " << seed << ": the set is no conflict";
    for (const NamedRule& rule : set) {
      EXPECT_TRUE(is_paid(drawn.with(chosen & ~rows_of(rule))))
          << "seed " << seed << ": one is too many, " << rule.second;
    }
  }
  EXPECT_GT(sets, 30);
  EXPECT_GT(larger, 5);
}

TEST(SmallestConflict, NoSetOfFewerRestrictionsIsAConflict) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    const Drawn drawn = draw(seed);
    const Posed posed(drawn.with(drawn.all()));
    const auto set = smallest_conflict(posed.unit, posed.account(), posed.progress, payment,
                                       rules_in_the_way(posed.unit, posed.account()));
    for (unsigned subset = 0; subset <= drawn.all(); ++subset) {
      if (std::popcount(subset) >= static_cast<int>(set.size())) continue;
      if (set.empty()) continue;
      EXPECT_TRUE(is_paid(drawn.with(subset))) << "seed " << seed << ": a smaller set";
    }
  }
}

TEST(Conflicts, AnUnmetPaymentNamesTheRestrictionsAndTheirPrice) {
  BookBuilder builder;
  for (const char* id : {"AAA", "BBB", "CCC"}) builder.security({.id = id});
  builder.model("M", {{"AAA", "0.4"}, {"BBB", "0.3"}, {"CCC", "0.3"}})
      .account({.id = "A", .treatment = TaxTreatment::tax_deferred});
  for (const char* id : {"AAA", "BBB", "CCC"}) {
    builder.lot({.account = "A", .security = id, .quantity = "100", .cost_basis = "100"});
  }
  for (const char* id : {"AAA", "BBB"}) {
    builder.restriction({.scope_id = "A", .rule = RestrictionRule::never_sell, .subject_id = id});
  }
  builder.request({.account = "A", .amount = "15000"});
  const Posed posed(builder);
  const Solution solution = solve(posed.unit, posed.account(), posed.progress, {});
  const auto found = std::ranges::find(solution.findings, rule::request_impossible, &Finding::rule);
  ASSERT_NE(found, solution.findings.end());
  EXPECT_EQ(found->severity, Severity::review);
  EXPECT_EQ(found->observed, "10000.00");
  EXPECT_EQ(found->limit, "15000.00");
  EXPECT_NE(found->message.find("restriction R1 (never_sell), restriction R2 (never_sell)"), std::string::npos)
      << found->message;
  EXPECT_NE(found->message.find("without restriction R1 (never_sell) it is met"), std::string::npos) << found->message;
}

TEST(Conflicts, ABandWithAPriceKeepsNothing) {
  // Half in BBB's class is asked for at a price: of the payment of 25,000 all 20,000 of BBB are within reach.
  BookBuilder builder;
  builder.security({.id = "AAA"}).security({.id = "BBB", .asset_class = "bonds"}).model("M", {{"AAA", "1"}});
  builder.account({.id = "A", .treatment = TaxTreatment::tax_deferred});
  for (const char* id : {"AAA", "BBB"}) {
    builder.lot({.account = "A", .security = id, .quantity = "200", .cost_basis = "100"});
  }
  builder.policy("", "band_bonds_min", "0.5").policy("", "band_bonds_price_bps", "50");
  builder.restriction({.scope_id = "A", .rule = RestrictionRule::never_sell, .subject_id = "AAA"});
  builder.request({.account = "A", .amount = "25000"});
  const Posed posed(builder);
  EXPECT_NEAR(reach_of(posed.unit, posed.account(), posed.progress, payment, {}).reached, 20000.0, 0.01);
}

TEST(Conflicts, APaymentThatIsMetRunsIntoNothing) {
  BookBuilder builder;
  builder.security({.id = "AAA"}).model("M", {{"AAA", "1"}});
  builder.account({.id = "A", .treatment = TaxTreatment::tax_deferred});
  builder.lot({.account = "A", .security = "AAA", .quantity = "100", .cost_basis = "100"});
  builder.request({.account = "A", .amount = "5000"});
  const Posed posed(builder);
  const Solution solution = solve(posed.unit, posed.account(), posed.progress, {});
  EXPECT_EQ(std::ranges::count(solution.findings, rule::request_impossible, &Finding::rule), 0);
}

}  // namespace
}  // namespace lotwright
