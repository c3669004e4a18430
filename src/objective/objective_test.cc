#include "objective/objective.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/defect.h"
#include "tax/lot_relief.h"
#include "testing/book_builder.h"

namespace lotwright::objective {
namespace {

// One account of 100,000 dollars: AAA and BBB in the target, SUB a substitute at 20 bp, a money fund beside its cash.
//   AAA  300 at 100 = 30,000, target 0.40      loadings 0.20 and 0.05, specific 0.10
//   BBB  500 at  80 = 40,000, target 0.59      loadings 0.15 and -0.02, specific 0.20
//   SUB  400 at  50 = 20,000, target 0         loadings 0.18 and 0.01, specific 0.30, alpha 0.01
//   MMF  4,000 at 1 and 6,000 in cash, nothing reserved
const std::vector<double> loadings_aaa = {0.20, 0.05};
const std::vector<double> loadings_bbb = {0.15, -0.02};
const std::vector<double> loadings_sub = {0.18, 0.01};

Book example_book() {
  return BookBuilder()
      .security({.id = "AAA", .price = "100", .half_spread_bps = "5"})
      .security({.id = "BBB", .price = "80", .half_spread_bps = "10"})
      .security({.id = "MMF", .price = "1", .kind = SecurityKind::cash, .half_spread_bps = "1"})
      .security({.id = "SUB", .price = "50", .half_spread_bps = "2"})
      .account({.id = "A", .cash = "6000"})
      .lot({.account = "A", .id = "L1", .security = "BBB", .quantity = "500", .cost_basis = "50000"})
      .lot({.account = "A", .id = "L2", .security = "MMF", .quantity = "4000", .cost_basis = "4000"})
      .lot({.account = "A",
            .id = "L3",
            .security = "SUB",
            .quantity = "400",
            .cost_basis = "16000",
            .acquired_on = "2025-06-02"})
      .build();
}

Terms example_terms(const Book& book) {
  Terms terms;
  terms.investable = 100'000;
  terms.risk_aversion = 20;
  terms.tax_weight = 0.8;
  terms.basis_value = 0.3;
  terms.commission = 0.0003;
  terms.ticket_cost = 1.5;
  terms.cash_max = 0.02;
  terms.cash_line_before = 10'000;
  terms.taxable = true;
  terms.short_before = 1000;
  terms.long_before = -200;
  terms.rates = tax::flat_rates(weight("0.35"), weight("0.15"), 0.9);
  terms.factors = 2;
  const auto line = [&](const char* id, double target, double dollars, double half_spread, double hurdle, double alpha,
                        const std::vector<double>& loadings, double specific) {
    terms.lines.push_back({security_index(book, id), target, dollars, half_spread, hurdle, alpha, loadings, specific});
  };
  line("AAA", 0.40, 30'000, 0.0005, 0.0, 0.0, loadings_aaa, 0.01);
  line("BBB", 0.59, 40'000, 0.0010, 0.0, 0.0, loadings_bbb, 0.04);
  line("SUB", 0.00, 20'000, 0.0002, 0.0020, 0.01, loadings_sub, 0.09);
  return terms;
}

// Sells all of `lot` at its security's price.
Trade selling(const Book& book, const std::string& lot) {
  const Account& account = book.accounts[0];
  const std::uint32_t place = lot_index(book, "A", lot);
  const TaxLot& sold = account.lots[place];
  Trade trade{sold.security, Side::sell, sold.quantity, *book.security(sold.security).price, {}, {}, {}};
  trade.amount = amount_of(trade.quantity, trade.price);
  trade.lots = {tax::sale_of(sold, place, sold.quantity, trade.amount, book.firm.as_of)};
  return trade;
}

Trade buying(const Book& book, const std::string& id, const std::string& quantity) {
  const SecurityIndex security = security_index(book, id);
  Trade trade{security, Side::buy, shares(quantity), *book.security(security).price, {}, {}, {}};
  trade.amount = amount_of(trade.quantity, trade.price);
  return trade;
}

TEST(Objective, BeforeTheOrdersIsRiskHurdleCashAndAlpha) {
  const Book book = example_book();
  const Terms terms = example_terms(book);
  const Parts parts = parts_of(terms, before(terms));
  // Active weights -0.10, -0.19, +0.20: factor exposures -0.0125 and 0.0008; specific 0.0001 + 0.001444 + 0.0036.
  const double variance = 0.0125 * 0.0125 + 0.0008 * 0.0008 + 0.0001 + 0.001444 + 0.0036;
  EXPECT_NEAR(parts.risk, 100'000 * 10 * variance, 1e-9);
  EXPECT_NEAR(parts.tracking_error, std::sqrt(variance), 1e-15);
  EXPECT_NEAR(parts.hurdle, 20'000 * 0.0020, 1e-9);
  EXPECT_NEAR(parts.cash, 0.01 * (10'000 - 2'000), 1e-9);
  EXPECT_NEAR(parts.alpha, -20'000 * 0.01, 1e-9);
  EXPECT_EQ(parts.tax, 0.0);
  EXPECT_EQ(parts.trading, 0.0);
  EXPECT_NEAR(parts.total(), parts.risk + 40 + 80 - 200, 1e-9);
}

TEST(Objective, OfExactTradesMovesCashAndPaysEveryCost) {
  const Book book = example_book();
  const Terms terms = example_terms(book);
  AccountTrades trades{account_index(book, "A"),
                       {buying(book, "AAA", "50"), selling(book, "L1"), selling(book, "L2"), selling(book, "L3")}};
  trades.trades[0].commission = money("3.00");
  const Outcome after = outcome_of(terms, book, trades);
  EXPECT_EQ(after.dollars, (std::vector<double>{35'000, 0, 0}));
  // The money fund becomes cash: nothing changes but its costs. 10,000 - 5,000 - 3 + 40,000 + 20,000.
  EXPECT_DOUBLE_EQ(after.cash_line, 64'997);
  EXPECT_DOUBLE_EQ(after.gain_long, -10'000);
  EXPECT_DOUBLE_EQ(after.gain_short, 4'000);
  EXPECT_NEAR(after.trading, 5'000 * 0.0008 + 40'000 * 0.0013 + 4'000 * 0.0004 + 20'000 * 0.0005 + 4 * 1.5, 1e-9);

  const Parts parts = parts_of(terms, after);
  // T(5000, -10200) - T(1000, -200): net -5,200 against net +800; and 30 % of 15 % of the net loss of 6,000 lost again.
  const double tax = (-0.35 * 3000 - 0.9 * 0.15 * 2200) - 0.35 * 800 + 0.3 * 0.15 * 6000;
  EXPECT_NEAR(parts.tax, 0.8 * tax, 1e-9);
  EXPECT_EQ(parts.trading, after.trading);
  EXPECT_EQ(parts.hurdle, 0.0);
}

TEST(Objective, CountsDisallowedLossesAsZero) {
  const Book book = example_book();
  const Terms terms = example_terms(book);
  AccountTrades trades{account_index(book, "A"), {selling(book, "L1")}};
  trades.trades[0].lots[0].disallowed = money("2500");
  EXPECT_DOUBLE_EQ(outcome_of(terms, book, trades).gain_long, -7'500);
  trades.trades[0].lots[0].gain.reset();
  EXPECT_DOUBLE_EQ(outcome_of(terms, book, trades).gain_long, 0.0) << "an unknown gain is not guessed";
}

TEST(Objective, CountsWhatTheLotsSoldGiveUpByNotWaiting) {
  const Book book = example_book();
  Terms terms = example_terms(book);
  const AccountTrades trades{account_index(book, "A"), {selling(book, "L1"), selling(book, "L3")}};
  const double without = parts_of(terms, outcome_of(terms, book, trades)).total();
  terms.waiting.assign(book.accounts[0].lots.size(), 0.0);
  terms.waiting[lot_index(book, "A", "L1")] = 0.25;
  terms.waiting[lot_index(book, "A", "L2")] = 100.0;
  const double shares = book.accounts[0].lots[lot_index(book, "A", "L1")].quantity.to_double();
  const Parts parts = parts_of(terms, outcome_of(terms, book, trades));
  EXPECT_DOUBLE_EQ(parts.waiting, 0.25 * shares);
  EXPECT_NEAR(parts.total(), without + 0.25 * shares, 1e-9);
}

TEST(Objective, KnowsWhatTheNextDollarCounts) {
  Terms terms = example_terms(example_book());
  const double basis = 0.3 * 0.15;  // S = 1,000 and L = -200: both terms at the short-term rate, up or down
  tax::MarginalRates rates = marginal_rates(terms);
  EXPECT_NEAR(rates.on_gain.on_short, 0.8 * (0.35 - basis), 1e-12);
  EXPECT_NEAR(rates.on_gain.on_long, 0.8 * (0.35 - basis), 1e-12);
  EXPECT_NEAR(rates.on_loss.on_long, 0.8 * (0.35 - basis), 1e-12);
  terms.short_before = terms.long_before = 0.0;  // a gain is taxed by its term, a loss is set against income
  rates = marginal_rates(terms);
  EXPECT_NEAR(rates.on_gain.on_short, 0.8 * (0.35 - basis), 1e-12);
  EXPECT_NEAR(rates.on_gain.on_long, 0.8 * (0.15 - basis), 1e-12);
  EXPECT_NEAR(rates.on_loss.on_short, 0.8 * (0.35 - basis), 1e-12);
  EXPECT_NEAR(rates.on_loss.on_long, 0.8 * (0.35 - basis), 1e-12);
}

TEST(Objective, HasNoTaxForUntaxedAccounts) {
  const Book book = example_book();
  Terms terms = example_terms(book);
  terms.taxable = false;
  const Outcome after = outcome_of(terms, book, {account_index(book, "A"), {selling(book, "L1")}});
  EXPECT_EQ(after.gain_long, 0.0);
  EXPECT_EQ(parts_of(terms, after).tax, 0.0);
  EXPECT_EQ(tax_part(terms, 5000, 5000), 0.0);
}

TEST(Objective, WithNothingToInvestIsTaxAndTrading) {
  const Book book = example_book();
  Terms terms = example_terms(book);
  for (const double investable : {0.0, -20'000.0}) {
    terms.investable = investable;
    const Outcome after = outcome_of(terms, book, {account_index(book, "A"), {selling(book, "L3")}});
    const Parts parts = parts_of(terms, after);
    EXPECT_NEAR(parts.tax, 0.8 * (0.35 * 4000 - 0.3 * 0.15 * 4000), 1e-9);
    EXPECT_NEAR(parts.total(), parts.tax + after.trading, 1e-9);
    EXPECT_GT(after.trading, 0.0);
    EXPECT_EQ(parts.tracking_error, 0.0);
    EXPECT_EQ(risk_gradient(terms, after), std::vector<double>(3, 0.0));
  }
}

TEST(Objective, GradientIsTheSlopeOfRisk) {
  const Book book = example_book();
  const Terms terms = example_terms(book);
  const Outcome at = before(terms);
  const std::vector<double> gradient = risk_gradient(terms, at);
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const double step = 10.0;
    Outcome above = at;
    Outcome below = at;
    above.dollars[i] += step;
    below.dollars[i] -= step;
    // Risk is quadratic: the central difference is exact but for rounding.
    const double slope = (parts_of(terms, above).risk - parts_of(terms, below).risk) / (2 * step);
    EXPECT_NEAR(gradient[i], slope, 1e-9) << i;
    EXPECT_GT(std::abs(gradient[i]), 1e-4) << i;
  }
}

TEST(Objective, RiskSplitsExactlyByTheMeanOfTwoGradients) {
  const Book book = example_book();
  const Terms terms = example_terms(book);
  const Outcome from = before(terms);
  Outcome to = from;
  to.dollars = {41'000, 57'000, 1'000};
  const std::vector<double> first = risk_gradient(terms, from);
  const std::vector<double> last = risk_gradient(terms, to);
  double split = 0.0;
  for (std::size_t i = 0; i < first.size(); ++i)
    split += 0.5 * (first[i] + last[i]) * (to.dollars[i] - from.dollars[i]);
  EXPECT_NEAR(split, parts_of(terms, to).risk - parts_of(terms, from).risk, 1e-8);
}

TEST(Objective, RefusesATradeThatIsNoLine) {
  const Book book = example_book();
  Terms terms = example_terms(book);
  terms.lines.erase(terms.lines.begin());
  EXPECT_THROW((void)outcome_of(terms, book, {account_index(book, "A"), {buying(book, "AAA", "1")}}), Defect);
}

// 30,000 in AAA and 40,000 in BBB at 2 % and 0.5 % a year: 600 + 200.
TEST(Objective, location_costs_what_is_held_where_it_is_not_wanted) {
  const Book book = example_book();
  Terms terms = example_terms(book);
  const double total = parts_of(terms, before(terms)).total();
  terms.lines[0].location = 0.02;
  terms.lines[1].location = 0.005;
  EXPECT_NEAR(parts_of(terms, before(terms)).location, 800.0, 1e-9);
  EXPECT_NEAR(parts_of(terms, before(terms)).total(), total + 800.0, 1e-9);
  EXPECT_DOUBLE_EQ(carry_of(terms.lines[0]), terms.lines[0].alpha - 0.02);
}

// AAA and BBB are 70,000 of 100,000: 10,000 above 60 % at 1 % a year, and nothing between 40 % and 80 %.
TEST(Objective, a_priced_band_costs_what_lies_outside_it) {
  const Book book = example_book();
  Terms terms = example_terms(book);
  terms.lines[0].band = terms.lines[1].band = 0;
  terms.bands = {{.min = 0.4, .max = 0.6, .price = 0.01}};
  EXPECT_NEAR(parts_of(terms, before(terms)).band, 100.0, 1e-9);
  terms.bands = {{.min = 0.4, .max = 0.8, .price = 0.01}};
  EXPECT_DOUBLE_EQ(parts_of(terms, before(terms)).band, 0.0);
  terms.bands = {{.min = 0.75, .max = 0.8, .price = 0.01}};
  EXPECT_NEAR(parts_of(terms, before(terms)).band, 50.0, 1e-9);
}

// From 70,000 to 50,000 with the band's end at 60,000: 100 dollars for 20,000, half a cent for each dollar moved.
TEST(Objective, the_slope_of_a_band_is_the_mean_along_the_path) {
  const Book book = example_book();
  Terms terms = example_terms(book);
  terms.lines[0].band = terms.lines[1].band = 0;
  terms.bands = {{.min = 0.0, .max = 0.6, .price = 0.01}};
  Outcome after = before(terms);
  after.dollars[1] -= 20'000.0;
  EXPECT_NEAR(mean_band_slopes(terms, before(terms), after)[0], 0.005, 1e-12);
  EXPECT_DOUBLE_EQ(mean_band_slopes(terms, before(terms), before(terms))[0], 0.0);
}

// 4 % of tracking error at lambda 20 cost 10 x 0.0016 of 100,000 = 1,600 dollars; 700 less leave 900, that is 3 %.
TEST(Objective, dollars_are_worth_the_tracking_error_whose_risk_they_are) {
  EXPECT_NEAR(tracking_error_worth(20.0, 100'000.0, 0.04, 700.0), 0.01, 1e-12);
  EXPECT_NEAR(tracking_error_worth(20.0, 100'000.0, 0.04, 1'600.0), 0.04, 1e-12);
  EXPECT_NEAR(tracking_error_worth(20.0, 100'000.0, 0.04, 5'000.0), 0.04, 1e-12);
  EXPECT_DOUBLE_EQ(tracking_error_worth(20.0, 100'000.0, 0.04, 0.0), 0.0);
  EXPECT_DOUBLE_EQ(tracking_error_worth(0.0, 100'000.0, 0.04, 700.0), 0.0);
}

}  // namespace
}  // namespace lotwright::objective
