#include "tax/tax_years.h"

#include <gtest/gtest.h>

#include "tax/test_ledger.h"

namespace lotwright::tax {
namespace {

// "2020 short -5000.00 long -2000.00 carries 2000.00 2000.00 offset 3000.00"
std::string years_of(const Past& past) {
  std::string text;
  for (const TaxYear& year : play(past.book).years) {
    text += (text.empty() ? "" : "\n") + past.book.taxpayers[year.taxpayer.value].id.text + ' ' +
            std::to_string(year.year) + " short " + year.gains.short_term.to_string(2) + " long " +
            year.gains.long_term.to_string(2) + " carries " + year.schedule.carryforward_short.to_string(2) + ' ' +
            year.schedule.carryforward_long.to_string(2) + " offset " + year.schedule.ordinary_offset.to_string(2);
  }
  return text;
}

TEST(TaxYears, losses_are_carried_from_year_to_year_until_they_are_used_up) {
  Past past;
  past.plays("2018-01-02 buy A X 10 9000 lot L1").plays("2018-06-01 sell A X 10 1000");  // -8000 short
  past.plays("2020-01-02 buy A Z 10 100 lot M1").plays("2020-06-01 sell A Z 10 600");    // +500 short
  EXPECT_EQ(years_of(past),
            "T 2018 short -8000.00 long 0.00 carries 5000.00 0.00 offset 3000.00\n"
            "T 2019 short 0.00 long 0.00 carries 2000.00 0.00 offset 3000.00\n"
            "T 2020 short 500.00 long 0.00 carries 0.00 0.00 offset 1500.00");
}

TEST(TaxYears, a_return_of_a_married_person_filing_apart_offsets_1500) {
  Past past;
  past.book.taxpayers[1].ordinary_loss_limit = Money::of_whole(1500);
  past.plays("2018-01-02 buy U X 10 9000").plays("2018-06-01 sell U X 10 7000");
  EXPECT_EQ(years_of(past), "U 2018 short -2000.00 long 0.00 carries 500.00 0.00 offset 1500.00");
}

TEST(TaxYears, what_was_carried_in_counts_from_the_first_year_of_the_ledger) {
  Past past;
  past.book.taxpayers[0].carryforward_long = Money::of_whole(4000);
  past.plays("2018-01-02 buy A X 10 100").plays("2019-06-03 sell A X 10 600");  // +500 long in 2019
  EXPECT_EQ(years_of(past),
            "T 2018 short 0.00 long 0.00 carries 0.00 1000.00 offset 3000.00\n"
            "T 2019 short 0.00 long 500.00 carries 0.00 0.00 offset 500.00");
}

TEST(TaxYears, the_last_year_is_that_of_the_last_row_played) {
  Past past;
  past.plays("2018-01-02 buy A X 10 100").plays("2018-06-01 sell A X 10 200").plays("2019-01-02 sell A X 1 10");
  EXPECT_EQ(years_of(past), "T 2018 short 100.00 long 0.00 carries 0.00 0.00 offset 0.00");
}

TEST(TaxYears, who_sold_nothing_and_carries_nothing_has_no_years) {
  Past past;
  EXPECT_EQ(years_of(past.plays("2018-01-02 buy A X 10 100")), "");
}

}  // namespace
}  // namespace lotwright::tax
