#include "tax/lot_relief.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <numeric>

#include "base/defect.h"
#include "testing/book_builder.h"

namespace lotwright::tax {
namespace {

const Date today = Date::of(2025, 6, 30);

TaxLot lot_of(const std::string& quantity, std::optional<Money> cost_basis) {
  TaxLot lot;
  lot.quantity = shares(quantity);
  lot.cost_basis = cost_basis;
  lot.acquired_on = day("2024-01-15");
  lot.held_from = lot.acquired_on;
  return lot;
}

TaxLot gift() {
  TaxLot lot = lot_of("100", money("10000"));
  lot.held_from = day("2015-05-04");
  lot.acquired_on = day("2025-02-03");
  lot.loss_basis = money("8000");
  return lot;
}

TEST(SaleOf, GivesThePartSoldItsShareOfTheBasis) {
  const LotSale sale = sale_of(lot_of("30", money("100")), 7, shares("10"), money("40"), today);
  EXPECT_EQ(sale.lot, 7U);
  EXPECT_EQ(sale.quantity, shares("10"));
  EXPECT_EQ(sale.proceeds, money("40"));
  EXPECT_EQ(sale.cost_basis, money("33.333333"));
  EXPECT_EQ(sale.gain, money("6.666667"));
  EXPECT_EQ(sale.term, Term::long_term);
  EXPECT_TRUE(sale.disallowed.is_zero());
}

TEST(SaleOf, OfAPartSoSmallThatBothBasesOfAGiftRoundAlikeLosesFromTheGiftOn) {
  TaxLot lot = gift();
  lot.cost_basis = money("10000");
  lot.loss_basis = money("9999");
  const LotSale sale = sale_of(lot, 0, shares("0.000001"), Money(), today);
  EXPECT_EQ(sale.cost_basis, money("0.0001"));
  EXPECT_EQ(sale.term, Term::short_term) << "the lot's own bases say that it has two";
}

TEST(SaleOf, LeavesAnUnknownBasisUnknown) {
  const LotSale sale = sale_of(lot_of("30", std::nullopt), 0, shares("30"), money("40"), today);
  EXPECT_EQ(sale.cost_basis, std::nullopt);
  EXPECT_EQ(sale.gain, std::nullopt);
  EXPECT_EQ(unrealized_gain(lot_of("30", std::nullopt), price("2")), std::nullopt);
}

TEST(SaleOf, TakesABasisOfZeroAsKnown) {
  EXPECT_EQ(sale_of(lot_of("30", Money()), 0, shares("30"), money("40"), today).gain, money("40"));
}

TEST(SaleOf, RefusesMoreThanTheLotHolds) {
  EXPECT_THROW((void)sale_of(lot_of("30", money("1")), 0, shares("30.000001"), money("40"), today), Defect);
  EXPECT_THROW((void)sale_of(lot_of("30", money("1")), 0, Quantity(), money("40"), today), Defect);
}

TEST(SaleOf, CountsALossOnAGiftFromTheDayItWasGiven) {
  const LotSale loss = sale_of(gift(), 0, shares("50"), money("3500"), today);
  EXPECT_EQ(loss.cost_basis, money("4000"));
  EXPECT_EQ(loss.gain, money("-500"));
  EXPECT_EQ(loss.term, Term::short_term);
  TaxLot given_long_ago = gift();
  given_long_ago.loss_held_from = day("2020-01-02");
  EXPECT_EQ(sale_of(given_long_ago, 0, shares("50"), money("3500"), today).term, Term::long_term);
}

TEST(SaleOf, FindsNeitherGainNorLossBetweenTheTwoBases) {
  for (const char* proceeds : {"8000", "9000", "10000"}) {
    const LotSale sale = sale_of(gift(), 0, shares("100"), money(proceeds), today);
    EXPECT_EQ(sale.gain, Money()) << proceeds;
    EXPECT_EQ(sale.cost_basis, sale.proceeds) << proceeds;
    EXPECT_EQ(sale.term, Term::long_term) << proceeds;
  }
}

TEST(SaleOf, IgnoresALossBasisAboveTheCost) {
  TaxLot lot = gift();
  lot.loss_basis = money("12000");
  EXPECT_EQ(sale_of(lot, 0, shares("100"), money("11000"), today).gain, money("1000"));
  EXPECT_EQ(sale_of(lot, 0, shares("100"), money("9000"), today).gain, money("-1000"));
}

TEST(UnrealizedGain, AgreesWithSellingTheWholeLot) {
  for (const char* text : {"70", "80", "90", "100", "120.5"}) {
    const LotSale sale = sale_of(gift(), 0, shares("100"), value_of(shares("100"), price(text)), today);
    EXPECT_EQ(unrealized_gain(gift(), price(text)), sale.gain) << text;
    EXPECT_EQ(term_of_sale(gift(), price(text), today), sale.term) << text;
    const Date from = sale.gain->is_negative() ? gift().acquired_on : gift().held_from;
    EXPECT_EQ(held_from_of_sale(gift(), price(text)), from) << text;
  }
}

TEST(ShareProceeds, AddsUpToTheAmountAndStaysNearQuantityTimesPrice) {
  EXPECT_TRUE(rc::check("shares of an order's amount", [] {
    const auto counts = *rc::gen::container<std::vector<int>>(5, rc::gen::inRange(1, 900'000'000));
    const Price at = Price::of_count(*rc::gen::inRange<std::int64_t>(1, 900'000'000));
    std::vector<Quantity> quantities;
    Quantity whole;
    for (const int count : counts) quantities.push_back(Quantity::of_count(count)), whole += quantities.back();
    const Money amount = amount_of(whole, at);
    const std::vector<Money> parts = share_proceeds(quantities, at, amount);
    RC_ASSERT(std::accumulate(parts.begin(), parts.end(), Money()) == amount);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      RC_ASSERT(std::abs((parts[i] - value_of(quantities[i], at)).to_double()) <= 0.005003);
    }
  }));
}

TEST(ShareProceeds, GivesTheRoundingToTheLargest) {
  const std::vector<Money> parts =
      share_proceeds({shares("1"), shares("3")}, price("1.111111"), amount_of(shares("4"), price("1.111111")));
  EXPECT_EQ(parts[0], money("1.111111"));
  EXPECT_EQ(parts[1], money("3.328889"));  // 4.44 - 1.111111
}

}  // namespace
}  // namespace lotwright::tax
