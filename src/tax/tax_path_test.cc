#include "tax/tax_path.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

namespace lotwright::tax {
namespace {

TaxRates rates() {
  return {.rate_short = *Weight::parse("0.35"),
          .rate_long = *Weight::parse("0.15"),
          .ordinary_loss_limit = Money::of_whole(3000),
          .loss_value = 0.9};
}

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
  const TaxSlopes mean = mean_slopes(s, l, ds, dl, rates());
  const double change = tax_value(s + ds, l + dl, rates()) - tax_value(s, l, rates());
  RC_ASSERT(std::abs(mean.on_short * ds + mean.on_long * dl - change) < 1e-8);
}

}  // namespace
}  // namespace lotwright::tax
