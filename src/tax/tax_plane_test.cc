#include "tax/tax_plane.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "testing/rates.h"

namespace lotwright::tax {
namespace {

TEST(TaxPlane, ends_at_the_kinks_around_it) {
  // Flat rates: n = -3000, n = 0, S = 0 and L = 0.
  const TaxPlane plane = plane_at(-2500.0, 1000.0, flat_rates(weight("0.35"), weight("0.15"), 0.9));
  EXPECT_EQ(plane.net.from, -3000.0);
  EXPECT_EQ(plane.net.to, 0.0);
  EXPECT_EQ(plane.net_short.to, 0.0);
  EXPECT_EQ(plane.net_long.from, 0.0);
  EXPECT_TRUE(plane.covers(-4000.0, 1000.0)) << "on the edge still";
  EXPECT_FALSE(plane.covers(-4000.01, 1000.0));
  EXPECT_FALSE(plane.covers(-1000.0, 1000.0)) << "on the next one's edge already";
  EXPECT_FALSE(plane.covers(0.0, -10.0));
}

RC_GTEST_PROP(TaxPlane, the_tax_is_linear_on_it, ()) {
  const auto dollars = [] { return 0.5 * static_cast<double>(*rc::gen::inRange(-16000, 16000)); };
  const TaxRates of = *rc::gen::element(flat_rates(weight("0.35"), weight("0.15"), 0.9), single("1500", "199000"),
                                        single("46000", "46000"), single("530000", "531000"), single("-2000", "0"));
  const double s = dollars(), l = dollars();
  const double to_s = s + 0.1 * dollars(), to_l = l + 0.1 * dollars();
  const TaxPlane plane = plane_at(s, l, of);
  RC_ASSERT(plane.covers(s, l));
  RC_PRE(plane.covers(to_s, to_l));
  const double along = plane.slopes.on_short * (to_s - s) + plane.slopes.on_long * (to_l - l);
  RC_ASSERT(std::abs(tax_value(to_s, to_l, of) - tax_value(s, l, of) - along) < 1e-7);
}

}  // namespace
}  // namespace lotwright::tax
