#include "tax/arrival.h"

#include <gtest/gtest.h>

#include "tax/holding_period.h"
#include "tax/test_ledger.h"

namespace lotwright::tax {
namespace {

// A gift on 2020-03-02 of 10 shares that the donor bought on 2019-09-02 for 1000, worth 600 that day.
Past gift() {
  Past past;
  past.plays("2020-03-02 gift_in A X 10 0 acquired 2019-09-02 basis 1000 value 600 lot G");
  return past;
}

TEST(Arrival, a_gift_sold_at_a_gain_has_the_donors_basis_and_period) {
  EXPECT_EQ(gift().plays("2020-09-03 sell A X 10 1100").sales(), "A G X 10 long_term 1100.00-1000.00=100.00");
}

TEST(Arrival, a_gift_sold_at_a_loss_has_the_value_of_the_day_and_its_own_period) {
  EXPECT_EQ(gift().plays("2020-09-03 sell A X 10 500").sales(), "A G X 10 short_term 500.00-600.00=-100.00");
}

TEST(Arrival, between_the_two_there_is_neither_gain_nor_loss) {
  EXPECT_EQ(gift().plays("2020-09-03 sell A X 10 800").sales(), "A G X 10 long_term 800.00-800.00=0.00");
}

TEST(Arrival, a_gift_worth_more_than_its_basis_has_one_basis) {
  Past past;
  past.plays("2020-03-02 gift_in A X 10 0 acquired 2019-09-02 basis 1000 value 1000 lot G");
  EXPECT_EQ(past.lots(), "A G X 10 1000.00 2019-09-02");
}

TEST(Arrival, what_a_spouse_gives_keeps_basis_and_period_even_at_a_loss) {
  Past past;
  past.plays("2020-03-02 spouse_in A X 10 0 acquired 2019-01-02 basis 1000 lot S").plays("2020-03-03 sell A X 10 400");
  EXPECT_EQ(past.sales(), "A S X 10 long_term 400.00-1000.00=-600.00");
}

TEST(Arrival, what_is_inherited_steps_up_or_down_and_is_long_term_at_once) {
  Past past;
  past.plays("2020-03-02 inherit A X 10 0 acquired 2020-03-02 basis 1 value 900 lot H");
  EXPECT_EQ(past.plays("2020-03-02 sell A X 10 800").sales(), "A H X 10 long_term 800.00-900.00=-100.00");
}

TEST(Arrival, what_is_inherited_without_a_value_has_no_known_basis) {
  Past past;
  past.plays("2020-03-02 inherit A X 10 0 basis 100 lot H");
  EXPECT_EQ(past.lots(), "A H X 10 ? 2019-03-01");
}

TEST(Arrival, an_inherited_lot_is_held_from_the_last_day_that_makes_it_long_term) {
  for (const char* day : {"2020-03-15", "2020-02-29", "2021-02-28", "2021-03-01", "2020-12-31", "2020-01-01"}) {
    LedgerEvent event;
    event.kind = LedgerKind::inherit;
    event.date = Date::parse(day).value();
    const TaxLot lot = arriving_lot(event);
    EXPECT_TRUE(is_long_term(lot.held_from, *event.date)) << day;
    EXPECT_FALSE(is_long_term(lot.held_from + 1, *event.date)) << day;
  }
}

}  // namespace
}  // namespace lotwright::tax
