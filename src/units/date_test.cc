#include "units/date.h"

#include <gtest/gtest.h>

namespace lotwright {
namespace {

TEST(Date, ReadsAndPrintsCalendarDays) {
  for (const char* text : {"1900-01-01", "1970-01-01", "2000-02-29", "2024-02-29", "2025-06-30", "2199-12-31"}) {
    const Result<Date> date = Date::parse(text);
    ASSERT_TRUE(date.ok()) << text;
    EXPECT_EQ(date->to_string(), text);
  }
  EXPECT_EQ(*Date::parse("2025-06-30"), Date::of(2025, 6, 30));
}

TEST(Date, RefusesWhatIsNoDay) {
  for (const char* text : {"",           "2025-02-29", "1900-02-29",       "2025-02-30",  "2025-04-31", "2025-13-01",
                           "2025-00-10", "2025-01-00", "1899-12-31",       "2200-01-01",  "2025-6-30",  "25-06-30",
                           "2025/06/30", "06/30/2025", "2025-06-30T00:00", " 2025-06-30", "2025-06-3x", "20250630",
                           "-025-06-30", "2025-06--1"}) {
    const Result<Date> date = Date::parse(text);
    ASSERT_FALSE(date.ok()) << text;
    EXPECT_EQ(date.failure().rule, "data_date_unreadable");
    EXPECT_EQ(date.failure().place.value, text);
  }
  EXPECT_THROW((void)Date::of(2025, 2, 29), Defect);
}

TEST(Date, CountsDaysSince1970) {
  EXPECT_EQ(Date::of(1970, 1, 1).day_number(), 0);
  EXPECT_EQ(Date::of(1969, 12, 31).day_number(), -1);
  EXPECT_EQ(Date::of(2000, 3, 1).day_number(), 11017);
  EXPECT_EQ(Date::of(2025, 6, 30).day_number(), 20269);
  EXPECT_EQ(Date::of(2025, 3, 1) - Date::of(2025, 1, 30), 30);
  EXPECT_EQ(Date::of(2024, 3, 1) - Date::of(2024, 2, 1), 29);
  EXPECT_EQ(Date::of(2024, 12, 31) + 1, Date::of(2025, 1, 1));
  EXPECT_EQ(Date::of(2024, 3, 1) - 1, Date::of(2024, 2, 29));
}

TEST(Date, EveryDayOfTheRangeFollowsTheOneBefore) {
  CivilDay last = Date::of(1900, 1, 1).civil();
  int weekday = Date::of(1900, 1, 1).weekday();
  for (Date date = Date::of(1900, 1, 2); date <= Date::of(2199, 12, 31); date = date + 1) {
    const CivilDay now = date.civil();
    const bool new_month = last.day == days_in_month(last.year, last.month);
    const bool new_year = new_month && last.month == 12;
    const CivilDay next = {new_year ? last.year + 1 : last.year,
                           new_year    ? 1
                           : new_month ? last.month + 1
                                       : last.month,
                           new_month ? 1 : last.day + 1};
    ASSERT_EQ(now, next) << date.to_string();
    weekday = (weekday + 1) % 7;
    ASSERT_EQ(date.weekday(), weekday);
    last = now;
  }
}

TEST(Date, KnowsLeapYearsAndMonthEnds) {
  EXPECT_EQ(days_in_month(1900, 2), 28);
  EXPECT_EQ(days_in_month(2000, 2), 29);
  EXPECT_EQ(days_in_month(2023, 2), 28);
  EXPECT_EQ(days_in_month(2024, 2), 29);
  EXPECT_EQ(days_in_month(2024, 4), 30);
  EXPECT_TRUE(Date::of(2023, 2, 28).is_last_of_month());
  EXPECT_FALSE(Date::of(2024, 2, 28).is_last_of_month());
  EXPECT_EQ(Date::of(2024, 12, 31).day_of_year(), 366);
  EXPECT_EQ(Date::of(2024, 5, 1).days_in_year(), 366);
  EXPECT_EQ(Date::of(2025, 1, 1).day_of_year(), 1);
  EXPECT_EQ(Date::of(2025, 12, 31).day_of_year(), Date::of(2025, 1, 1).days_in_year());
  EXPECT_EQ(Date::of(2025, 6, 30).weekday(), 0);  // a Monday
  EXPECT_EQ(Date::of(2025, 7, 6).weekday(), 6);
}

}  // namespace
}  // namespace lotwright
