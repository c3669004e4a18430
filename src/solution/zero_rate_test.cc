// realize_gains with the value zero_rate: long-term gains up to the top of the 0 % bracket and no further.

#include <gtest/gtest.h>

#include "book/rules.h"
#include "solution/solution.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

// Single in 2025: long-term gains are free of tax up to a taxable income of 48,350 (IRC 1(h); Rev. Proc. 2024-40).
// 40,000 of other income leave 8,350, the year's gains and losses move that.
BookBuilder household(const std::string& income) {
  BookBuilder builder;
  builder.security({.id = "AAA", .price = "100"}).security({.id = "BBB", .price = "50"});
  builder.brackets(single_2025());
  builder.taxpayer({.filing_status = "single", .ordinary_income = income});
  builder.account({.id = "A", .cash = "2000"});
  builder.lot({.account = "A", .security = "AAA", .quantity = "500", .cost_basis = "20000"});   // 60 a share
  builder.lot({.account = "A", .security = "BBB", .quantity = "1000", .cost_basis = "30000"});  // 20 a share
  builder.policy("", [](Policy& policy) {
    policy.basis_value = 0.0;  // realizing early is worth nothing to the objective: the request alone wants it
    policy.improvement_min = BasisPoints{};
  });
  return builder;
}

struct Done {
  std::vector<Money> gains;  // by account
  Findings findings;
};

Done rebalanced(const Book& book) {
  const std::vector<DecisionUnit> units = decision_units(book);
  const FactorRisk risk = FactorRisk::of(book.risk, book.securities.size()).value();
  const CheckedUnit unit = check(book, risk, units[0]);
  tax::UnitProgress progress(book, units[0]);
  Done done;
  for (const CheckedAccount& checked : unit.accounts) {
    const Solution solution = solve(unit, checked, progress, {});
    Money gains;
    for (const Trade& trade : solution.trades.trades) {
      for (const LotSale& sale : trade.lots) gains += *sale.gain;
    }
    done.gains.push_back(gains);
    done.findings.insert(done.findings.end(), checked.findings.begin(), checked.findings.end());
    done.findings.insert(done.findings.end(), solution.findings.begin(), solution.findings.end());
    EXPECT_TRUE(solution.relaxations.empty());
    progress.record(book, solution.trades);
  }
  return done;
}

void asks(BookBuilder& builder, const std::string& account, const std::string& amount = "") {
  builder.request({.account = account, .kind = RequestKind::realize_gains, .amount = amount, .value = "zero_rate"});
}

// One share of AAA counts 60: the last step's gain may stay out, nothing may go beyond.
void expect_filled(Money gains, const std::string& top) {
  EXPECT_LE(gains, money(top));
  EXPECT_GT(gains + money("60.05"), money(top));
}

TEST(ZeroRate, GainsFillTheBracketAndNothingGoesBeyond) {
  BookBuilder builder = household("40000");
  EXPECT_EQ(rebalanced(builder.build()).gains[0], Money()) << "nothing asks for gains";
  asks(builder, "A");
  const Done done = rebalanced(builder.build());
  expect_filled(done.gains[0], "8350");
  EXPECT_TRUE(done.findings.empty());
}

TEST(ZeroRate, ThatTheObjectiveWantsMoreIsNoReasonToGoBeyond) {
  BookBuilder builder = household("40000");
  builder.lot({.account = "A", .security = "AAA", .quantity = "1000", .cost_basis = "40000"});
  EXPECT_GT(rebalanced(builder.build()).gains[0], money("10000")) << "too much of one name";
  asks(builder, "A");
  expect_filled(rebalanced(builder.build()).gains[0], "8350");
}

TEST(ZeroRate, ShortTermLossesMakeRoomAndGainsTakeIt) {
  BookBuilder builder = household("40000");
  builder.adjust([](Book& book) {
    book.taxpayers[0].carryforward_short = money("3000");
    book.taxpayers[0].realized_long_ytd = money("5000");
  });
  asks(builder, "A");
  expect_filled(rebalanced(builder.build()).gains[0], "6350");
}

// The next long-term dollar would take the shelter from a short-term one, or use up a loss: neither is free.
TEST(ZeroRate, WhereGainsWouldUseUpALossNothingIsRealizedAndThatIsSaid) {
  for (const char* short_gains : {"1000", "10000", "0"}) {
    BookBuilder builder = household("30000");
    builder.adjust([short_gains](Book& book) {
      book.taxpayers[0].carryforward_long = money("9000");
      book.taxpayers[0].realized_short_ytd = money(short_gains);
    });
    asks(builder, "A");
    const Done done = rebalanced(builder.build());
    EXPECT_EQ(done.gains[0], Money()) << short_gains;
    ASSERT_EQ(done.findings.size(), 1U) << short_gains;
    EXPECT_EQ(done.findings[0].rule, rule::request_realize_gains_short);
    EXPECT_EQ(done.findings[0].severity, Severity::note);
  }
}

TEST(ZeroRate, DeductionsLeftOverMakeRoomToo) {
  BookBuilder builder = household("-1650");
  builder.lot({.account = "A", .security = "AAA", .quantity = "1000", .cost_basis = "40000"});
  asks(builder, "A");
  expect_filled(rebalanced(builder.build()).gains[0], "50000");
}

TEST(ZeroRate, AnAmountIsTheMost) {
  BookBuilder builder = household("40000");
  asks(builder, "A", "5000");
  expect_filled(rebalanced(builder.build()).gains[0], "5000");
  BookBuilder beyond = household("40000");
  asks(beyond, "A", "20000");
  expect_filled(rebalanced(beyond.build()).gains[0], "8350");
}

TEST(ZeroRate, AboveTheTopNothingIsRealized) {
  for (const char* income : {"48350", "90000"}) {
    BookBuilder builder = household(income);
    asks(builder, "A");
    const Done done = rebalanced(builder.build());
    EXPECT_EQ(done.gains[0], Money()) << income;
    ASSERT_EQ(done.findings.size(), 1U) << income;
    EXPECT_NE(done.findings[0].message.find("no long-term gain is free of tax"), std::string::npos);
  }
}

TEST(ZeroRate, ASecondAccountOfTheTaxpayerFillsWhatTheFirstLeft) {
  BookBuilder builder = household("40000");
  builder.account({.id = "B", .cash = "2000"});
  builder.lot({.account = "B", .security = "AAA", .quantity = "100", .cost_basis = "4000"});
  builder.lot({.account = "B", .security = "BBB", .quantity = "200", .cost_basis = "6000"});
  asks(builder, "A", "6000");
  asks(builder, "B");
  const Done done = rebalanced(builder.build());
  expect_filled(done.gains[0], "6000");
  expect_filled(done.gains[0] + done.gains[1], "8350");
}

TEST(ZeroRate, FewerGainsThanFitAreAllRealizedAndNoted) {
  BookBuilder builder = household("0");  // 48,350 fit, the lots hold 50,000
  builder.restriction({.scope_id = "A", .rule = RestrictionRule::never_sell, .subject_id = "BBB"});
  asks(builder, "A");
  const Done done = rebalanced(builder.build());
  EXPECT_EQ(done.gains[0], money("30000"));
  ASSERT_EQ(done.findings.size(), 1U);
  EXPECT_EQ(done.findings[0].rule, rule::request_realize_gains_short);
  EXPECT_EQ(done.findings[0].severity, Severity::note);
}

TEST(ZeroRate, WithoutBracketsTheRequestIsReviewed) {
  BookBuilder builder = household("40000");
  builder.adjust([](Book& book) { book.taxpayers[0].brackets = {}; });
  asks(builder, "A");
  const Done done = rebalanced(builder.build());
  EXPECT_EQ(done.gains[0], Money());
  ASSERT_EQ(done.findings.size(), 1U);
  EXPECT_EQ(done.findings[0].rule, rule::request_unsupported);
  EXPECT_EQ(done.findings[0].severity, Severity::review);
}

}  // namespace
}  // namespace lotwright
