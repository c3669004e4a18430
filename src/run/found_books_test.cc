// The smallest books that once broke a property: each is run, and what it came to is said.

#include <gtest/gtest.h>

#include <algorithm>

#include "book/rules.h"
#include "run/run_fixtures.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

// The only account's result, from a run that the verifier has nothing against.
AccountResult result_of(const BookBuilder& builder) {
  const Book book = builder.build();
  const RunResult run = run_of(book, engine_steps(book));
  EXPECT_TRUE(run.cases.empty()) << run.cases.front().text;
  return run.accounts.front();
}

Quantity sold(const AccountResult& result) {
  EXPECT_EQ(result.orders.size(), 1U);
  return result.orders.empty() ? Quantity() : result.orders.front().trade.quantity;
}

bool tells(const AccountResult& result, const char* rule, Severity severity) {
  return std::ranges::any_of(result.exceptions,
                             [&](const Finding& one) { return one.rule == rule && one.severity == severity; });
}

BookBuilder with_fund() {
  return BookBuilder()
      .security({.id = "AAA"})
      .security({.id = "FUND", .price = "1", .kind = SecurityKind::cash, .quantity_step = "0.01"});
}

TEST(FoundBooks, AnOverdraftLargerThanThePositionsIsAReview) {
  // 10,000 of shares against an overdraft of 40,000: all are sold, and a person is told that it is not enough.
  const AccountResult result =
      result_of(BookBuilder()
                    .security({.id = "AAA"})
                    .account({.id = "A", .cash = "-40000"})
                    .lot({.account = "A", .security = "AAA", .quantity = "100", .cost_basis = "5000"}));
  EXPECT_TRUE(tells(result, rule::cash_nothing_to_sell, Severity::review));
}

TEST(FoundBooks, WhoLeavesABrokenModelTrades) {
  // M's weights sum to 0.9 and nobody may follow it; the account follows N since today, and M is none of its business.
  const AccountResult result = result_of(
      BookBuilder()
          .security({.id = "AAA"})
          .security({.id = "BBB"})
          .model("M", {{"AAA", "1"}})
          .model("N", {{"BBB", "1"}})
          .account({.id = "A", .treatment = TaxTreatment::tax_free, .model = "M", .cash = "100"})
          .lot({.account = "A", .security = "AAA", .quantity = "100", .cost_basis = "9000"})
          .request({.account = "A", .kind = RequestKind::model_change, .due_on = "2025-06-30", .value = "N"})
          .adjust([](Book& book) {
            book.models[0].usable = false;
            book.models[0].weights.clear();
            book.findings.push_back(
                {rule::model_sum_wrong, Severity::hold, {SubjectKind::model, "M"}, {}, "0.9", "", "sums to 0.9"});
          }));
  EXPECT_EQ(result.status, ResultStatus::traded);
}

// Of 10,000 all is in a fund, and 499 must stay. 95 shares at 100 and their ticket leave that; the ticket of the fund
// would be missing, so that it is 94.
TEST(FoundBooks, TheTicketOfAFundIsCountedInWhatIsRaised) {
  for (const auto& [ticket, bought] : {std::pair{"0", "95"}, std::pair{"1", "94"}}) {
    const AccountResult result =
        result_of(with_fund()
                      .model("M", {{"AAA", "1"}})
                      .account({.id = "A", .treatment = TaxTreatment::tax_free, .cash = "0"})
                      .policy("A", "cash_min", "0.0499")
                      .policy("A", "cash_target", "0.0499")
                      .policy("A", "ticket_cost_usd", ticket)
                      .lot({.account = "A", .security = "FUND", .quantity = "10000", .cost_basis = "10000"}));
    ASSERT_EQ(result.orders.size(), 2U) << ticket;
    EXPECT_EQ(result.orders[0].trade.quantity, shares(bought)) << ticket;
  }
}

// A payment of all that is in the fund, whose ticket has to be paid: with 60 of cash it is missing of cash_min, which
// is 50.30, only where the ticket is 20; with 50 of cash the line is below cash_min already, and no share goes for a
// ticket.
TEST(FoundBooks, TheTicketOfAFundThatPaysIsRaised) {
  struct Row {
    const char *cash, *ticket;
    std::size_t orders;
  };
  for (const auto& [cash, ticket, orders] : {Row{"60", "1", 1}, Row{"60", "20", 2}, Row{"50", "1", 1}}) {
    const AccountResult result =
        result_of(with_fund()
                      .account({.id = "A", .treatment = TaxTreatment::tax_free, .cash = cash})
                      .policy("A", "cash_min", "0.005")
                      .policy("A", "cash_target", "0.005")
                      .policy("A", "ticket_cost_usd", ticket)
                      .policy("A", "trade_min_usd", "0")
                      .policy("A", "trade_min_weight", "0")
                      .lot({.account = "A", .security = "AAA", .quantity = "100", .cost_basis = "10000"})
                      .lot({.account = "A", .security = "FUND", .quantity = "5000", .cost_basis = "5000"})
                      .request({.account = "A", .amount = "5000"}));
    EXPECT_EQ(result.status, ResultStatus::traded);
    ASSERT_EQ(result.orders.size(), orders) << cash << " and " << ticket;
    EXPECT_EQ(result.orders[0].trade.quantity, orders == 2 ? shares("1") : result.orders[0].trade.quantity);
  }
}

// 2,005 of cash are asked for, 1,500 are there, in a fund, and 1,000 are due: the fund's ticket takes a line below
// cash_min lower still, and a person sees it.
TEST(FoundBooks, WhereATicketTakesTheLineFurtherBelowCashMinItIsTold) {
  const auto paying = [](const char* ticket) {
    return result_of(with_fund()
                         .account({.id = "A", .treatment = TaxTreatment::tax_free, .cash = "0"})
                         .policy("A", "cash_min", "0.01")
                         .policy("A", "ticket_cost_usd", ticket)
                         .policy("A", "improvement_min_bps", "50")
                         .lot({.account = "A", .security = "AAA", .quantity = "1000", .cost_basis = "100000"})
                         .lot({.account = "A", .security = "FUND", .quantity = "1500", .cost_basis = "1500"})
                         .request({.account = "A", .amount = "1000"}));
  };
  EXPECT_TRUE(tells(paying("1"), rule::cash_min_yielded, Severity::review));
  EXPECT_FALSE(tells(paying("0"), rule::cash_min_yielded, Severity::review));
}

// An overdraft of 5, and 10 in a fund whose ticket is 20: the sale would bring nothing, and is not made. Where another
// fund fills an overdraft, the small one stays.
TEST(FoundBooks, AFundWhoseSaleBringsNothingStays) {
  const auto overdrawn = [](const char* cash, const char* in_another) {
    BookBuilder builder = with_fund();
    builder.security({.id = "MORE", .price = "1", .kind = SecurityKind::cash, .quantity_step = "0.01"})
        .account({.id = "A", .treatment = TaxTreatment::tax_free, .cash = cash})
        .policy("A", "ticket_cost_usd", "20")
        .policy("A", "cash_min", "0")
        .lot({.account = "A", .security = "AAA", .quantity = "100", .cost_basis = "10000"})
        .lot({.account = "A", .security = "FUND", .quantity = "10", .cost_basis = "10"})
        .lot({.account = "A", .security = "MORE", .quantity = in_another, .cost_basis = in_another})
        .restriction({.scope_id = "A", .rule = RestrictionRule::freeze, .subject_id = "AAA"});
    return result_of(builder);
  };
  const AccountResult alone = overdrawn("-5", "1");
  EXPECT_NE(alone.status, ResultStatus::held);
  EXPECT_TRUE(alone.orders.empty());
  const AccountResult filled = overdrawn("-500", "5000");
  EXPECT_EQ(filled.status, ResultStatus::traded);
  ASSERT_EQ(filled.orders.size(), 1U);
  EXPECT_GE(filled.orders.front().trade.quantity, shares("520"));
}

// The commission on the commission counts where the fund has billions.
TEST(FoundBooks, AFundOfBillionsPaysItsCommission) {
  const AccountResult result =
      result_of(with_fund()
                    .account({.id = "A", .treatment = TaxTreatment::tax_free, .cash = "0"})
                    .policy("A", "commission_bps", "25")
                    .lot({.account = "A", .security = "FUND", .quantity = "9000000000", .cost_basis = "9000000000"})
                    .request({.account = "A", .amount = "8000000000"}));
  EXPECT_EQ(result.status, ResultStatus::traded);
}

// All there is, is set aside, and an overdraft takes some of a fund to fill: its ticket is no money that is kept.
TEST(FoundBooks, AnOverdraftThatAFundFillsLeavesTheTicketLess) {
  const AccountResult result =
      result_of(with_fund()
                    .account({.id = "A", .treatment = TaxTreatment::tax_free, .cash = "-20"})
                    .policy("A", "ticket_cost_usd", "0.80")
                    .lot({.account = "A", .security = "FUND", .quantity = "400", .cost_basis = "400"})
                    .request({.account = "A", .kind = RequestKind::set_aside, .amount = "3000"}));
  EXPECT_EQ(result.status, ResultStatus::traded);
}

TEST(FoundBooks, APaymentFromLessThanOneShareSellsThatPart) {
  // A step is a whole share and the lot is a part of one: it closes, which is exempt from the step.
  const AccountResult result =
      result_of(BookBuilder()
                    .security({.id = "AAA"})
                    .account({.id = "A"})
                    .lot({.account = "A", .security = "AAA", .quantity = "0.017274", .cost_basis = "1"})
                    .request({.account = "A", .amount = "4000"}));
  EXPECT_EQ(sold(result), shares("0.017274"));
}

TEST(FoundBooks, APaymentThatAFundCannotMeetSellsTheFundAndSaysSo) {
  const AccountResult result =
      result_of(with_fund()
                    .account({.id = "A"})
                    .lot({.account = "A", .security = "FUND", .quantity = "400", .cost_basis = "400"})
                    .request({.account = "A", .amount = "3000"}));
  EXPECT_EQ(sold(result), shares("400"));
  EXPECT_TRUE(tells(result, rule::request_cash_short, Severity::review));
}

TEST(FoundBooks, SellAllMeansAFundToo) {
  const AccountResult result =
      result_of(with_fund()
                    .account({.id = "A"})
                    .lot({.account = "A", .security = "FUND", .quantity = "400", .cost_basis = "400"})
                    .restriction({.scope_id = "A", .rule = RestrictionRule::sell_all, .subject_id = "FUND"})
                    .policy("A", "mode", "sell_only"));
  EXPECT_EQ(sold(result), shares("400"));
  EXPECT_EQ(result.orders.front().reason, rule::restriction_sell_all);
}

TEST(FoundBooks, ALotOfAFundThatIsLockedStays) {
  // Cash in excess is no reason to sell a fund, but a purchase would be: it stays, and so does the purchase.
  const AccountResult result =
      result_of(with_fund()
                    .account({.id = "A"})
                    .lot({.account = "A", .id = "L1", .security = "FUND", .quantity = "40000", .cost_basis = "40000"})
                    .restriction({.scope_id = "A",
                                  .rule = RestrictionRule::lock_quantity,
                                  .subject_kind = RestrictionSubject::lot,
                                  .subject_id = "L1",
                                  .value = "40000"}));
  EXPECT_TRUE(result.orders.empty());
}

TEST(FoundBooks, AnOverdraftInModeHoldIsMetFromTheFundWithAReview) {
  const AccountResult result =
      result_of(with_fund()
                    .account({.id = "A", .cash = "-400"})
                    .lot({.account = "A", .security = "FUND", .quantity = "900", .cost_basis = "900"})
                    .policy("A", "mode", "hold"));
  EXPECT_EQ(sold(result), shares("400"));
  EXPECT_TRUE(tells(result, rule::mode_yielded, Severity::review));
}

TEST(FoundBooks, ALiquidationWithAMinimumOfNothingLeavesNoFraction) {
  // The way of 19.044272 shares through a double and back loses a millionth of a share; the sale closes all the same.
  const AccountResult result = result_of(
      BookBuilder()
          .security({.id = "AAA", .price = "187.06"})
          .account({.id = "A"})
          .lot({.account = "A", .security = "AAA", .quantity = "19.044272", .cost_basis = "2000"})
          .restriction({.scope_id = "A", .rule = RestrictionRule::weight_min, .subject_id = "AAA", .value = "0"})
          .request({.account = "A", .kind = RequestKind::liquidate}));
  EXPECT_EQ(sold(result), shares("19.044272"));
}

TEST(FoundBooks, AMinimumTradeHoldsForSharesOfNextToNothing) {
  const AccountResult result =
      result_of(BookBuilder()
                    .security({.id = "AAA", .price = "0.0001"})
                    .security({.id = "CCC"})
                    .security({.id = "EEE", .price = "0.000024", .quantity_step = "0.001"})
                    .model("M", {{"AAA", "0.5608"}, {"CCC", "0.1313"}, {"EEE", "0.3079"}})
                    .account({.id = "A"})
                    .policy("A", "trade_min_usd", "4000")
                    .lot({.account = "A", .security = "AAA", .quantity = "400000000", .cost_basis = "10000"})
                    .lot({.account = "A", .security = "EEE", .quantity = "500000000", .cost_basis = "10000"}));
  for (const Order& order : result.orders) EXPECT_GE(order.trade.amount, money("4000")) << order.id;
}

TEST(FoundBooks, ADriftOfMoreSharesThanANumberHoldsIsToldAllTheSame) {
  // Two billion dollars that want a security of a hundredth of a cent: twenty trillion shares.
  const AccountResult result =
      result_of(BookBuilder()
                    .security({.id = "AAA", .price = "0.0001"})
                    .security({.id = "BBB"})
                    .model("M", {{"AAA", "1"}})
                    .account({.id = "A", .treatment = TaxTreatment::tax_deferred})
                    .lot({.account = "A", .security = "BBB", .quantity = "20000000", .cost_basis = "1"}));
  EXPECT_NE(result.status, ResultStatus::failed);
}

TEST(FoundBooks, AnAccountThatRestsIsMeasuredByWhatItMayDoThatDay) {
  // A day after its last trade it has nothing but what the model does not want, and sells nothing: no gap.
  const AccountResult result =
      result_of(BookBuilder()
                    .security({.id = "AAA"})
                    .security({.id = "BBB"})
                    .model("M", {{"AAA", "1"}})
                    .account({.id = "A", .treatment = TaxTreatment::tax_deferred})
                    .policy("A", "rebalance_days_min", "30")
                    .lot({.account = "A", .security = "BBB", .quantity = "100", .cost_basis = "5000"})
                    .transaction({.account = "A", .trade_date = "2025-06-29", .security = "BBB", .amount = "100"}));
  EXPECT_TRUE(result.orders.empty());
  EXPECT_NEAR(*result.bound, result.objective_after, 0.01);
}

TEST(FoundBooks, NoOrderIsWorthLessThanACent) {
  // A buys HHH. B may turn over nothing, and once sold 0.000052 shares of it at a loss, for $0.00.
  const Book book = BookBuilder()
                        .security({.id = "GGG"})
                        .security({.id = "HHH", .price = "187.06", .quantity_step = "0.000001"})
                        .model("M", {{"GGG", "0.9218"}, {"HHH", "0.0782"}})
                        .taxpayer({})
                        .account({.id = "A", .household = "H", .treatment = TaxTreatment::tax_deferred, .cash = "3000"})
                        .account({.id = "B", .household = "H", .cash = "3000"})
                        .policy("B", "trade_min_usd", "0")
                        .policy("B", "trade_min_weight", "0")
                        .policy("B", "turnover_max", "0")
                        .lot({.account = "B", .security = "HHH", .quantity = "4", .cost_basis = "500"})
                        .build();
  const RunResult run = run_of(book, engine_steps(book));
  EXPECT_TRUE(run.cases.empty()) << run.cases.front().text;
  EXPECT_EQ(run.accounts.back().status, ResultStatus::traded);
  for (const Order& order : run.accounts.back().orders) EXPECT_GE(order.trade.amount, cent) << order.id;
}

TEST(FoundBooks, AGainOfHalfACentIsNoLoss) {
  // Worth 57.255 against a basis of 57.25, and two shares bought elsewhere last month: sold whole, it is a gain.
  const AccountResult result = result_of(
      BookBuilder()
          .security({.id = "GGG"})
          .security({.id = "HHH", .price = "62.41", .quantity_step = "0.001"})
          .model("M", {{"GGG", "1"}})
          .account({.id = "A"})
          .lot({.account = "A", .security = "HHH", .quantity = "0.917394", .cost_basis = "57.25"})
          .transaction(
              {.taxpayer = "T", .trade_date = "2025-05-31", .security = "HHH", .quantity = "2", .outside = true}));
  EXPECT_EQ(sold(result), shares("0.917394"));
}

TEST(FoundBooks, ALiquidationThatARestrictionForbidsIsTold) {
  // 100 shares are to go and may not: nothing is ordered, and a person is told what is left.
  for (const RestrictionRule keeps : {RestrictionRule::never_sell, RestrictionRule::freeze}) {
    const AccountResult result =
        result_of(BookBuilder()
                      .security({.id = "AAA"})
                      .model("M", {{"AAA", "1"}})
                      .account({.id = "A", .treatment = TaxTreatment::tax_deferred})
                      .lot({.account = "A", .security = "AAA", .quantity = "100", .cost_basis = "2000"})
                      .restriction({.scope_id = "A", .rule = keeps, .subject_id = "AAA"})
                      .request({.account = "A", .kind = RequestKind::liquidate}));
    EXPECT_TRUE(result.orders.empty());
    EXPECT_TRUE(tells(result, rule::request_liquidation_left, Severity::review));
  }
}

}  // namespace
}  // namespace lotwright
