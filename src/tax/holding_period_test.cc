#include "tax/holding_period.h"

#include <gtest/gtest.h>

namespace lotwright::tax {
namespace {

// The cases by source are in tests/rules/us; here what must hold on every day.

TEST(HoldingPeriod, AnniversaryIsTheSameDayOrTheLastDayOfTheMonth) {
  for (Date from = Date::of(2011, 1, 1); from < Date::of(2021, 1, 1); from = from + 1) {
    const CivilDay a = from.civil();
    const CivilDay b = anniversary(from).civil();
    EXPECT_EQ(b.year, a.year + 1);
    EXPECT_EQ(b.month, a.month);
    EXPECT_EQ(anniversary(from).is_last_of_month(),
              from.is_last_of_month() || (a.month == 2 && a.day == 28 && b.day == 28))
        << from.to_string();
    EXPECT_TRUE(from.is_last_of_month() || b.day == a.day) << from.to_string();
  }
}

TEST(HoldingPeriod, BuyingLaterNeverTurnsLongTermEarlier) {
  for (Date from = Date::of(2011, 1, 1); from < Date::of(2021, 1, 1); from = from + 1) {
    EXPECT_LE(anniversary(from), anniversary(from + 1)) << from.to_string();
  }
}

TEST(HoldingPeriod, TurnsLongTermTheDayAfterTheAnniversary) {
  const Date from = Date::of(2024, 2, 29);
  EXPECT_EQ(anniversary(from), Date::of(2025, 2, 28));
  EXPECT_EQ(term_of(from, from), Term::short_term);
  EXPECT_EQ(term_of(from, anniversary(from)), Term::short_term);
  EXPECT_EQ(term_of(from, anniversary(from) + 1), Term::long_term);
  EXPECT_FALSE(is_long_term(from, from - 1));
}

TEST(HoldingPeriod, CountsTheDaysUntilThen) {
  const Date from = Date::of(2024, 2, 29);
  EXPECT_EQ(days_to_long_term(from, Date::of(2025, 2, 24)), 5);
  EXPECT_EQ(days_to_long_term(from, Date::of(2025, 2, 28)), 1);
  EXPECT_EQ(days_to_long_term(from, Date::of(2025, 3, 1)), 0);
  EXPECT_EQ(days_to_long_term(from, Date::of(2030, 1, 1)), 0);
}

}  // namespace
}  // namespace lotwright::tax
