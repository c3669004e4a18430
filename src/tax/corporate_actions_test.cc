#include "tax/corporate_actions.h"

#include <gtest/gtest.h>

#include "tax/test_ledger.h"

namespace lotwright::tax {
namespace {

TEST(CorporateActions, a_split_spreads_the_basis_and_keeps_the_dates) {
  Past past;
  past.plays("2020-01-02 buy A X 10 1000 lot L1").acts("2020-06-01 split X ratio 3");
  EXPECT_EQ(past.lots(), "A L1 X 30 1000.00 2020-01-02");
}

TEST(CorporateActions, trades_of_the_day_come_after_the_split) {
  Past past;
  past.plays("2020-01-02 buy A X 10 1000 lot L1").plays("2020-06-01 sell A X 20 2400");
  past.acts("2020-06-01 split X ratio 2");
  EXPECT_EQ(past.sales(), "A L1 X 20 short_term 2400.00-1000.00=1400.00");
}

// 3 lots of 1 share at 1 for 3: the position has exactly 1 share, shared 0.333333, 0.333334, 0.333333.
TEST(CorporateActions, the_lots_of_a_reverse_split_add_up_to_the_position) {
  Past past;
  past.plays("2020-01-02 buy A X 1 10 lot L1").plays("2020-01-03 buy A X 1 10 lot L2");
  past.plays("2020-01-06 buy A X 1 10 lot L3").acts("2020-06-01 reverse_split X ratio 0.333333333333");
  EXPECT_EQ(past.lots(),
            "A L1 X 0.333333 10.00 2020-01-02\nA L2 X 0.333334 10.00 2020-01-03\nA L3 X 0.333333 10.00 2020-01-06");
}

TEST(CorporateActions, a_fraction_is_paid_in_cash_only_where_a_price_is_given) {
  Past past;
  past.plays("2019-01-02 buy A F 7 100 lot L1").plays("2020-01-03 buy A F 8 400 lot L2");
  past.acts("2020-06-01 reverse_split F ratio 0.1");
  EXPECT_EQ(past.lots(), "A L1 F 0.7 100.00 2019-01-02\nA L2 F 0.8 400.00 2020-01-03");
  past.book.actions[0].cash_per_share = exact<Price>("300");
  // 1.5 shares: half a share of the earliest lot, 100 x 0.5 / 0.7.
  EXPECT_EQ(past.sales(), "A L1 F 0.5 long_term 150.00-71.428571=78.571429");
  EXPECT_EQ(past.lots(), "A L1 F 0.2 28.571429 2019-01-02\nA L2 F 0.8 400.00 2020-01-03");
}

// A's fraction is replaced by shares of B, bought 12 days before, in new shares.
TEST(CorporateActions, all_accounts_have_their_new_shares_before_fractions_are_sold) {
  Past past;
  past.plays("2020-01-02 buy A F 7 700 lot L1").plays("2020-05-20 buy B F 4 360 lot L2");
  past.acts("2020-06-01 stock_dividend F ratio 1.5 cash 50");
  // A: 10.5 shares of 66.666667 each; 0.5 sold for 25 at a loss of 8.333333. B has 6, of which 0.5 replace.
  EXPECT_EQ(past.sales(), "A L1 F 0.5 short_term 25.00-33.333333+W8.333333=0.00");
  EXPECT_EQ(past.lots(),
            "A L1 F 10 666.666667 2020-01-02\nB L2 F 5.5 330.00 2020-05-20\n"
            "B L2.1 F 0.5 38.333333 2019-12-21 of L2");
}

TEST(CorporateActions, a_merger_for_cash_is_a_sale_of_all_accounts_at_once) {
  Past past;
  past.plays("2019-01-02 buy A X 10 1000 lot L1").plays("2020-05-20 buy B X 10 1000 lot L2");
  past.acts("2020-06-01 merger X cash 80");
  EXPECT_EQ(past.sales(), "A L1 X 10 long_term 800.00-1000.00=-200.00\nB L2 X 10 short_term 800.00-1000.00=-200.00");
  EXPECT_EQ(past.lots(), "");
}

TEST(CorporateActions, a_merger_for_shares_carries_basis_and_period_lot_by_lot) {
  Past past;
  past.plays("2019-01-02 buy A X 10 1000 lot L1").plays("2020-05-20 buy A X 4 600 lot L2");
  past.acts("2020-06-01 merger X new Z ratio 0.5");
  EXPECT_EQ(past.lots(), "A L1 Z 5 1000.00 2019-01-02\nA L2 Z 2 600.00 2020-05-20");
  EXPECT_EQ(past.sales(), "");
}

// 10 shares become 10 of 60 and 400 in cash: realised 1000 - basis. L1 (basis 500) gains 500, taxed 400; L2 (basis 800)
// gains 200, all taxed; L3 (basis 1500) loses 500, not recognised, and its basis falls by the cash.
TEST(CorporateActions, boot_is_taxed_as_far_as_there_is_gain_and_a_loss_never) {
  Past past;
  past.plays("2019-01-02 buy A X 10 500 lot L1").plays("2020-05-20 buy A X 10 800 lot L2");
  past.plays("2020-05-21 buy A X 10 1500 lot L3").acts("2020-06-01 merger X new Z ratio 1 cash 40 value 60");
  EXPECT_EQ(past.sales(),
            "A L1 X 10 long_term 400.00-0.00=400.00\n"
            "A L2 X 10 short_term 400.00-200.00=200.00");
  EXPECT_EQ(past.lots(), "A L1 Z 10 500.00 2019-01-02\nA L2 Z 10 600.00 2020-05-20\nA L3 Z 10 1100.00 2020-05-21");
}

TEST(CorporateActions, a_spin_off_takes_its_part_of_the_basis_and_the_period) {
  Past past;
  past.plays("2019-01-02 buy A X 10 1000 lot L1").acts("2020-06-01 spin_off X new Z ratio 0.25 fraction 0.123456789");
  EXPECT_EQ(past.lots(), "A L1 X 10 876.543211 2019-01-02\nA L1.1 Z 2.5 123.456789 2019-01-02 of L1");
}

TEST(CorporateActions, a_return_of_capital_beyond_the_basis_is_a_gain_by_the_age_of_the_lot) {
  Past past;
  past.plays("2019-01-02 buy A X 10 100 lot L1").plays("2020-05-20 buy A X 10 30 lot L2");
  past.plays("2020-05-20 buy A X 10 500 lot L3").acts("2020-06-01 return_of_capital X cash 12");
  EXPECT_EQ(past.sales(), "A L1 X 10 long_term 20.00-0.00=20.00\nA L2 X 10 short_term 90.00-0.00=90.00");
  EXPECT_EQ(past.lots(), "A L1 X 10 0.00 2019-01-02\nA L2 X 10 0.00 2020-05-20\nA L3 X 10 380.00 2020-05-20");
}

TEST(CorporateActions, both_bases_of_a_gift_change_together) {
  Past past;
  past.plays("2019-01-02 gift_in A X 10 0 acquired 2010-01-04 basis 1000 value 600 lot G");
  past.acts("2020-06-01 return_of_capital X cash 10").acts("2020-06-02 spin_off X new Z ratio 1 fraction 0.5");
  EXPECT_EQ(past.lots(),
            "A G X 10 450.00 2010-01-04 loss 250.00 2019-01-02\n"
            "A G.1 Z 10 450.00 2010-01-04 of G loss 250.00 2019-01-02");
}

TEST(CorporateActions, in_an_untaxed_account_nothing_is_reported) {
  Past past;
  past.plays("2019-01-02 buy I X 10 500 lot R1").acts("2020-06-01 merger X new Z ratio 1 cash 40 value 60");
  EXPECT_EQ(past.sales(), "");
  EXPECT_EQ(past.lots(), "I R1 Z 10 500.00 2019-01-02");
}

TEST(CorporateActions, a_pending_action_is_not_played) {
  Past past;
  past.plays("2019-01-02 buy A X 10 500 lot L1").acts("2020-06-01 split X ratio 2");
  past.book.actions[0].applied = false;
  EXPECT_EQ(past.lots(), "A L1 X 10 500.00 2019-01-02");
}

TEST(CorporateActions, a_lot_that_would_have_no_shares_holds_its_position_and_no_other) {
  Past past;
  past.plays("2019-01-02 buy A X 0.000001 1 lot L1").plays("2019-01-02 buy B X 10 100 lot L2");
  past.acts("2020-06-01 reverse_split X ratio 0.1").plays("2020-06-02 sell A X 0.000001 1");
  EXPECT_EQ(past.findings(), "ledger_action_unplayable 2\nledger_position_held 4");
  EXPECT_EQ(past.lots(), "A L1 X 0.000001 1.00 2019-01-02\nB L2 X 1 100.00 2019-01-02");
}

TEST(CorporateActions, a_faulty_action_holds_its_security_in_every_account) {
  Past past;
  past.plays("2019-01-02 buy A X 10 500 lot L1").plays("2019-01-02 buy A Z 10 500 lot L2");
  past.acts("2020-06-01 split X ratio 2").plays("2020-06-02 sell A X 5 400").plays("2020-06-02 sell A Z 5 400");
  past.book.actions[0].row.faults.push_back(
      {"data_value_missing", "spoilt", {"corporate_actions.csv", 2, "ratio", ""}});
  EXPECT_EQ(past.findings(), "data_value_missing 2\nledger_position_held 4");
  EXPECT_EQ(past.sales(), "A L2 Z 5 long_term 400.00-250.00=150.00");
}

}  // namespace
}  // namespace lotwright::tax
