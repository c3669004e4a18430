#include "units/trading_days.h"

#include <gtest/gtest.h>

#include "testing/book_builder.h"

namespace lotwright {
namespace {

TEST(TradingDays, HolidaysOfTheExchangeAreNone) {
  // The exchange's published holidays of 2021 to 2024, where they follow a rule.
  for (const char* closed :
       {"2021-01-01", "2021-01-18", "2021-02-15", "2021-04-02", "2021-05-31", "2021-07-05", "2021-09-06",
        "2021-11-25", "2021-12-24", "2022-01-17", "2022-04-15", "2022-06-20", "2022-12-26", "2023-01-02",
        "2023-04-07", "2023-06-19", "2024-03-29", "2024-05-27", "2024-11-28", "2024-12-25"}) {
    EXPECT_FALSE(is_trading_day(day(closed))) << closed;
  }
  for (const char* open : {"2021-06-18", "2021-12-31", "2022-01-03", "2024-01-16", "2024-11-29", "2024-04-01"}) {
    EXPECT_TRUE(is_trading_day(day(open))) << open;
  }
  EXPECT_FALSE(is_trading_day(day("2024-06-01"))) << "a Saturday";
}

TEST(TradingDays, AYearHasAboutTwoHundredAndFiftyTwo) {
  EXPECT_EQ(trading_days_between(day("2022-12-31"), day("2023-12-31")), 250);
  EXPECT_EQ(trading_days_between(day("2023-12-31"), day("2024-12-31")), 252);
}

TEST(TradingDays, MonthsEndWhereTheMonthDoes) {
  EXPECT_EQ(months_later(day("2024-08-31"), 6), day("2025-02-28"));
  EXPECT_EQ(months_later(day("2024-02-29"), 12), day("2025-02-28"));
  EXPECT_EQ(months_later(day("2024-11-15"), 3), day("2025-02-15"));
}

TEST(TradingDays, APlanDecidesTodayAndThenAsOftenAsItIsAsked) {
  const Date first = day("2024-06-01");  // a Saturday
  for (const int a_year : {1, 2, 4, 12, 52}) {
    const auto years = decision_days(first, 3, a_year);
    ASSERT_EQ(years.size(), 3U);
    EXPECT_EQ(years[0].front(), first);
    for (const auto& year : years) EXPECT_EQ(year.size(), static_cast<std::size_t>(a_year));
  }
  EXPECT_EQ(decision_days(first, 1, 4)[0][1], day("2024-09-03")) << "1 September is a Sunday, the 2nd is Labor Day";
  const auto daily = decision_days(first, 2, 252);
  EXPECT_EQ(daily[0][0], first);
  EXPECT_EQ(daily[0][1], day("2024-06-03"));
  EXPECT_EQ(daily[1].front(), day("2025-06-02"));
  EXPECT_NEAR(static_cast<double>(daily[0].size()), 252.0, 2.0);
}

}  // namespace
}  // namespace lotwright
