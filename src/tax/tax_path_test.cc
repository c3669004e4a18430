#include "tax/tax_path.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "testing/rates.h"

namespace lotwright::tax {
namespace {

TaxRates rates() { return flat_rates(weight("0.35"), weight("0.15"), 0.9); }

TEST(TaxPath, slopes_change_exactly_at_the_kinks) {
  EXPECT_EQ(slopes_at(0, 0, rates()).on_long, 0.15);
  EXPECT_EQ(slopes_at(-1, 1, rates()).on_long, 0.15);
  EXPECT_EQ(slopes_at(-1, 0.99, rates()).on_long, 0.35);
  EXPECT_EQ(slopes_at(5, -0.01, rates()).on_long, 0.35);
  EXPECT_EQ(slopes_at(-3000, 0, rates()).on_short, 0.35);
  EXPECT_EQ(slopes_at(-3000.01, 0, rates()).on_short, 0.9 * 0.15);
}

TEST(TaxPath, a_path_through_three_pieces_is_weighed_by_their_lengths) {
  // 1,000 of net loss beyond the limit, 3,000 within it, 4,000 of short-term gain: eighths of the way.
  const TaxSlopes mean = mean_slopes(-4000, 0, 8000, 0, rates());
  EXPECT_NEAR(mean.on_short, (0.9 * 0.15 + 3 * 0.35 + 4 * 0.35) / 8, 1e-15);
}

RC_GTEST_PROP(TaxPath, the_shares_add_up_to_the_change_of_the_tax, ()) {
  const auto dollars = [] { return static_cast<double>(*rc::gen::inRange(-8000, 8000)); };
  const auto or_zero = [&] { return *rc::gen::inRange(0, 4) == 0 ? 0.0 : dollars(); };
  const double s = or_zero(), l = or_zero(), ds = or_zero(), dl = or_zero();
  const TaxRates of = *rc::gen::element(rates(), single("1500", "199000"), single("46000", "46000"),
                                        single("530000", "531000"), single("-2000", "0"));
  const TaxSlopes mean = mean_slopes(s, l, ds, dl, of);
  const double change = tax_value(s + ds, l + dl, of) - tax_value(s, l, of);
  RC_ASSERT(std::abs(mean.on_short * ds + mean.on_long * dl - change) < 1e-7);
}

TEST(TaxPath, a_short_gain_that_lifts_a_long_one_pays_for_both) {
  const TaxRates of = single("40000", "40000");
  EXPECT_EQ(slopes_at(0, 8349, of).on_long, 0.0);
  EXPECT_EQ(slopes_at(0, 8350, of).on_long, 0.15);
  EXPECT_EQ(slopes_at(1000, 8350, of).on_short, 0.12 + 0.15);
  EXPECT_EQ(slopes_at(8350, 8350, of).on_short, 0.12) << "all of the long-term gain is lifted already";
  EXPECT_EQ(slopes_at(8475, 8350, of).on_short, 0.22);
  EXPECT_EQ(slopes_at(9000, -1000, of).on_long, 0.12);
  // 8,350 dollars of room at 0 %, then 150 dollars at 15 %.
  EXPECT_NEAR(mean_slopes(0, 0, 0, 8500, of).on_long, 0.15 * 150 / 8500, 1e-15);
}

TEST(TaxPath, a_loss_saves_the_rate_of_the_bracket_it_is_taken_from) {
  const TaxRates of = single("49475", "49475");
  EXPECT_EQ(slopes_at(-1, 0, of).on_short, 0.22);
  EXPECT_EQ(slopes_at(-1000.5, 0, of).on_short, 0.12);
  EXPECT_EQ(slopes_at(-3000.5, 0, of).on_short, 0.9 * 0.15);
  EXPECT_EQ(slopes_at(-2000.5, 0, single("2000", "2000")).on_short, 0.9 * 0.15) << "no more income to save on";
}

TEST(TaxPath, the_surtax_begins_with_the_magi) {
  const TaxRates of = single("100000", "199000");
  EXPECT_EQ(slopes_at(0, 999, of).on_long, 0.15);
  EXPECT_EQ(slopes_at(0, 1000, of).on_long, 0.15 + 0.038);
  EXPECT_EQ(slopes_at(1000, 0, of).on_short, 0.22 + 0.038);
}

}  // namespace
}  // namespace lotwright::tax
