#include "tax/ledger.h"

#include <gtest/gtest.h>

#include "tax/test_ledger.h"

namespace lotwright::tax {
namespace {

// ── which lots a sell takes (Reg. 1.1012-1(c))

// Three lots of 10 shares: basis 10, 12 and 11 a share, bought in this order.
Past three_lots() {
  Past past;
  past.plays("2020-01-02 buy A X 10 100 lot L1");
  past.plays("2020-02-03 buy A X 10 120 lot L2");
  past.plays("2021-03-01 buy A X 10 110 lot L3");
  return past;
}

TEST(LotRelief, a_sell_that_names_nothing_takes_the_earliest_lots) {
  EXPECT_EQ(three_lots().plays("2021-03-02 sell A X 15 300").sales(),
            "A L1 X 10 long_term 200.00-100.00=100.00\n"
            "A L2 X 5 long_term 100.00-60.00=40.00");
}

TEST(LotRelief, lifo_takes_the_latest) {
  EXPECT_EQ(three_lots().plays("2021-03-02 sell A X 15 300 method lifo").sales(),
            "A L3 X 10 short_term 200.00-110.00=90.00\n"
            "A L2 X 5 long_term 100.00-60.00=40.00");
}

TEST(LotRelief, hifo_takes_the_highest_basis_a_share) {
  EXPECT_EQ(three_lots().plays("2021-03-02 sell A X 15 300 method hifo").sales(),
            "A L2 X 10 long_term 200.00-120.00=80.00\n"
            "A L3 X 5 short_term 100.00-55.00=45.00");
}

// At 20 a share: L1 gains 10 at 20 % = 2, L2 8 at 20 % = 1.6, L3 9 at 40 % = 3.6.
TEST(LotRelief, min_tax_takes_the_least_tax_a_share) {
  EXPECT_EQ(three_lots().plays("2021-03-02 sell A X 15 300 method min_tax").sales(),
            "A L2 X 10 long_term 200.00-120.00=80.00\n"
            "A L1 X 5 long_term 100.00-50.00=50.00");
}

TEST(LotRelief, a_sell_takes_the_lot_it_names) {
  EXPECT_EQ(three_lots().plays("2021-03-02 sell A X 4 80 lot L2").sales(), "A L2 X 4 long_term 80.00-48.00=32.00");
}

TEST(LotRelief, proceeds_and_basis_of_the_parts_add_up) {
  Past past;
  past.plays("2020-01-02 buy A X 3 100 lot L1").plays("2020-01-03 buy A X 4 70 lot L2");
  past.plays("2020-06-01 sell A X 1 40").plays("2020-06-02 sell A X 6 100");
  // 100/3 = 33.333333, the rest 66.666667. 100 for 6 shares: 2 of L1 33.333333, 4 of L2 the remainder.
  EXPECT_EQ(past.sales(),
            "A L1 X 1 short_term 40.00-33.333333=6.666667\n"
            "A L1 X 2 short_term 33.333333-66.666667=-33.333334\n"
            "A L2 X 4 short_term 66.666667-70.00=-3.333333");
}

// ── wash sales (IRC 1091)

TEST(WashSales, a_purchase_after_a_loss_sale_takes_the_loss_into_its_basis_and_the_days_into_its_period) {
  Past past;  // IRS Publication 550, Wash Sales, Example 1
  past.plays("2014-05-01 buy A X 100 1000 lot L1").plays("2014-07-01 sell A X 100 750");
  past.plays("2014-07-05 buy A X 100 800 lot L2");
  EXPECT_EQ(past.sales(), "A L1 X 100 short_term 750.00-1000.00+W250.00=0.00");
  EXPECT_EQ(past.lots(), "A L2 X 100 1050.00 2014-05-05");  // 61 days before 5 July
}

TEST(WashSales, the_window_holds_day_30_and_not_day_31_on_both_sides) {
  const auto lots = [](const std::string& bought, const std::string& sold) {
    Past past;
    past.plays("2019-01-02 buy A X 10 100 lot L1");
    past.plays(bought + " buy A X 10 90 lot L2").plays(sold + " sell A X 10 80 lot L1");
    return past.lots();
  };
  EXPECT_EQ(lots("2020-07-01", "2020-07-31").substr(0, 17), "A L2 X 10 110.00 ");
  EXPECT_EQ(lots("2020-07-01", "2020-08-01").substr(0, 16), "A L2 X 10 90.00 ");
  EXPECT_EQ(lots("2020-07-31", "2020-07-01").substr(0, 17), "A L2 X 10 110.00 ");
  EXPECT_EQ(lots("2020-08-01", "2020-07-01").substr(0, 16), "A L2 X 10 90.00 ");
}

TEST(WashSales, part_of_a_replacement_becomes_a_lot_of_its_own) {
  Past past;
  past.plays("2020-01-02 buy A X 40 400 lot L1").plays("2020-03-02 sell A X 40 320");
  past.plays("2020-03-10 buy A X 100 1000 lot L2");
  // 60 days from 2 January to 2 March.
  EXPECT_EQ(past.lots(), "A L2 X 60 600.00 2020-03-10\nA L2.1 X 40 480.00 2020-01-10 of L2");
}

TEST(WashSales, each_share_replaces_once_and_the_earliest_loss_comes_first) {
  Past past;
  past.plays("2020-01-02 buy A X 100 1000 lot L1").plays("2020-01-03 buy A X 100 1000 lot L2");
  past.plays("2020-03-10 sell A X 100 900 lot L1").plays("2020-03-15 sell A X 100 800 lot L2");
  past.plays("2020-03-20 buy A X 100 850 lot L3");
  EXPECT_EQ(past.sales(),
            "A L1 X 100 short_term 900.00-1000.00+W100.00=0.00\n"
            "A L2 X 100 short_term 800.00-1000.00=-200.00");
}

TEST(WashSales, of_lots_sold_in_one_row_the_one_acquired_first_is_washed_first) {
  Past past;
  past.plays("2023-01-09 buy A X 10 120 lot L1").plays("2023-02-09 buy A X 10 150 lot L2");
  past.plays("2025-03-10 sell A X 20 160 method lifo").plays("2025-03-12 buy A X 10 85 lot R1");
  EXPECT_EQ(past.sales(),
            "A L2 X 10 long_term 80.00-150.00=-70.00\n"
            "A L1 X 10 long_term 80.00-120.00+W40.00=0.00");
}

TEST(WashSales, the_rest_of_the_lot_sold_from_replaces_nothing) {
  Past past;  // Rev. Rul. 56-602
  past.plays("2020-03-01 buy A X 200 2000 lot L1").plays("2020-03-20 sell A X 100 800");
  EXPECT_EQ(past.sales(), "A L1 X 100 short_term 800.00-1000.00=-200.00");
}

TEST(WashSales, shares_sold_by_the_same_row_replace_nothing) {
  Past past;
  past.plays("2020-03-01 buy A X 100 1000 lot L1").plays("2020-03-10 buy A X 100 1000 lot L2");
  past.plays("2020-03-20 sell A X 200 1600");
  EXPECT_EQ(past.sales(),
            "A L1 X 100 short_term 800.00-1000.00=-200.00\n"
            "A L2 X 100 short_term 800.00-1000.00=-200.00");
}

TEST(WashSales, a_purchase_in_an_ira_loses_the_loss_for_good) {
  Past past;  // Rev. Rul. 2008-5
  past.plays("2020-01-02 buy A X 100 1000 lot L1").plays("2020-03-10 sell A X 100 800");
  past.plays("2020-03-20 buy I X 60 500 lot R1");
  EXPECT_EQ(past.sales(), "A L1 X 100 short_term 800.00-1000.00+W120.00=-80.00");
  EXPECT_EQ(past.lots(), "I R1 X 60 500.00 2020-03-20");
}

TEST(WashSales, a_loss_in_an_ira_is_no_loss_and_washes_nothing) {
  Past past;
  past.plays("2020-01-02 buy I X 100 1000 lot R1").plays("2020-03-10 sell I X 100 800");
  past.plays("2020-03-20 buy A X 100 900 lot L1");
  EXPECT_EQ(past.sales(), "");
  EXPECT_EQ(past.lots(), "A L1 X 100 900.00 2020-03-20");
}

TEST(WashSales, another_account_and_an_identical_security_replace) {
  Past past;
  past.plays("2020-01-02 buy A Y1 100 1000 lot L1").plays("2020-03-10 sell A Y1 100 800");
  past.plays("2020-03-12 buy U Y2 100 810 lot U1").plays("2020-03-20 reinvest B Y2 100 900 lot L2");
  EXPECT_EQ(past.sales(), "A L1 Y1 100 short_term 800.00-1000.00+W200.00=0.00");
  EXPECT_EQ(past.lots(), "B L2 Y2 100 1100.00 2020-01-12\nU U1 Y2 100 810.00 2020-03-12");
}

TEST(WashSales, a_spouse_who_files_apart_replaces_and_takes_the_basis_unless_the_firm_says_lost) {
  Past past;
  past.plays("2020-01-02 buy U X 100 1000 lot L1").plays("2020-03-10 sell U X 100 800");
  past.plays("2020-03-20 buy V X 100 900 lot L2");
  EXPECT_EQ(past.lots(), "V L2 X 100 1100.00 2020-01-12");
  past.book.policy.wash_spouse_basis = WashSpouseBasis::lost;
  EXPECT_EQ(past.sales(), "U L1 X 100 short_term 800.00-1000.00+W200.00=0.00");
  EXPECT_EQ(past.lots(), "V L2 X 100 900.00 2020-03-20");
}

TEST(WashSales, a_purchase_outside_the_ledger_replaces_and_is_no_lot_of_it) {
  Past past;
  past.plays("2020-01-02 buy A X 100 1000 lot L1").plays("2020-03-10 sell A X 100 800");
  past.plays("2020-03-20 buy elsewhere X 25 200 outside T");
  EXPECT_EQ(past.sales(), "A L1 X 100 short_term 800.00-1000.00+W50.00=-150.00");
  EXPECT_EQ(past.lots(), "");
}

TEST(WashSales, gifts_inheritances_and_spin_offs_replace_nothing) {
  Past past;
  past.plays("2020-01-02 buy A X 100 1000 lot L1").plays("2020-03-10 sell A X 100 800");
  past.plays("2020-03-12 inherit A X 100 0 value 900");
  past.plays("2020-03-13 gift_in A X 100 0 acquired 2010-01-04 basis 500 value 900");
  past.plays("2020-03-14 spouse_in A X 100 0 acquired 2010-01-04 basis 500");
  EXPECT_EQ(past.sales(), "A L1 X 100 short_term 800.00-1000.00=-200.00");
}

TEST(WashSales, a_gift_among_the_opening_lots_replaces_nothing_and_any_other_opening_lot_does) {
  Past past;
  past.opens("A O X 100 900 2020-03-01");
  past.plays("2020-03-01 buy B X 100 1000 lot L1").plays("2020-03-10 sell B X 100 800");
  EXPECT_EQ(past.sales(), "B L1 X 100 short_term 800.00-1000.00+W200.00=0.00");
  past.book.opening_lots[0].lot.loss_basis = Money::of_whole(700);
  EXPECT_EQ(past.sales(), "B L1 X 100 short_term 800.00-1000.00=-200.00");
}

TEST(WashSales, shares_out_of_a_merger_are_no_purchase) {
  Past past;
  past.plays("2020-01-02 buy A Y2 100 1000 lot L1").plays("2020-03-01 buy A Y1 100 900 lot L2");
  past.acts("2020-03-05 merger Y1 new Y2 ratio 1").plays("2020-03-10 sell A Y2 100 800 lot L1");
  EXPECT_EQ(past.sales(), "A L1 Y2 100 short_term 800.00-1000.00=-200.00");
}

// 10 shares fall from 100 to 90, are bought back at 90, fall to 80 and are bought back again: both losses are in the
// last lot, with the days of both.
TEST(WashSales, a_chain_carries_all_its_losses_and_days) {
  Past past;
  past.plays("2020-01-01 buy A X 10 1000 lot L1").plays("2020-01-21 sell A X 10 900");
  past.plays("2020-01-31 buy A X 10 900 lot L2").plays("2020-02-10 sell A X 10 800");
  past.plays("2020-02-20 buy A X 10 800 lot L3");
  EXPECT_EQ(past.sales(),
            "A L1 X 10 short_term 900.00-1000.00+W100.00=0.00\n"
            "A L2 X 10 short_term 800.00-1000.00+W200.00=0.00");
  // 20 days of L1, then L2 from 11 January to 10 February: 30 days.
  EXPECT_EQ(past.lots(), "A L3 X 10 1000.00 2020-01-21");
}

TEST(WashSales, an_adjusted_basis_turns_a_later_gain_into_a_loss) {
  Past past;
  past.plays("2020-01-02 buy A X 10 1000 lot L1").plays("2020-03-02 sell A X 10 700");
  past.plays("2020-03-10 buy A X 10 700 lot L2").plays("2020-06-01 sell A X 10 900");
  EXPECT_EQ(past.sales(),
            "A L1 X 10 short_term 700.00-1000.00+W300.00=0.00\n"
            "A L2 X 10 short_term 900.00-1000.00=-100.00");
}

TEST(WashSales, a_window_open_at_the_end_of_the_year_takes_the_loss_out_of_the_old_year) {
  Past past;
  past.plays("2019-06-03 buy A X 10 1000 lot L1").plays("2019-12-20 sell A X 10 400");
  past.plays("2020-01-19 buy A X 10 450 lot L2");
  const Ledger ledger = play(past.book);
  ASSERT_EQ(ledger.years.size(), 2U);
  EXPECT_EQ(ledger.years[0].gains, NetGains{});
  EXPECT_EQ(ledger.years[1].schedule.carryforward_short, Money());
}

TEST(WashSales, tacking_is_a_choice_of_three) {
  // L2 is bought before L1 is sold: 30 days of L1, from 1 March, would begin L2's period on 16 February.
  Past past;
  past.plays("2020-03-01 buy A X 10 1000 lot L1").plays("2020-03-17 buy A X 10 900 lot L2");
  past.plays("2020-03-31 sell A X 10 800 lot L1");
  EXPECT_EQ(past.lots(), "A L2 X 10 1100.00 2020-02-16");
  past.book.policy.wash_tacking = WashTacking::holding_date;
  EXPECT_EQ(past.lots(), "A L2 X 10 1100.00 2020-03-01");
  past.book.policy.wash_tacking = WashTacking::later;
  EXPECT_EQ(past.lots(), "A L2 X 10 1100.00 2020-03-01");
}

TEST(WashSales, shares_bought_before_those_sold_count_unless_the_firm_excludes_them) {
  Past past;
  past.plays("2020-03-01 buy A X 10 1000 lot L1").plays("2020-03-10 buy A X 10 900 lot L2");
  past.plays("2020-03-20 sell A X 10 800 lot L2");
  EXPECT_EQ(past.sales(), "A L2 X 10 short_term 800.00-900.00+W100.00=0.00");
  past.book.policy.wash_bought_before = WashBoughtBefore::exclude;
  EXPECT_EQ(past.sales(), "A L2 X 10 short_term 800.00-900.00=-100.00");
}

TEST(WashSales, shares_moved_between_accounts_are_no_new_purchase) {
  Past past;
  past.plays("2020-01-02 buy A X 10 1000 lot L1").plays("2020-01-02 buy A X 10 1000 lot L2");
  past.plays("2020-03-02 sell A X 10 900 lot L1").plays("2020-03-10 buy A X 10 880 lot L3");  // L3 is used
  past.plays("2020-03-12 transfer_out A X 10 0 lot L3");
  past.plays("2020-03-12 transfer_in B X 10 0 acquired 2020-03-10 basis 980 lot L3");
  past.plays("2020-03-13 sell A X 10 800 lot L2");
  EXPECT_EQ(past.sales(),
            "A L1 X 10 short_term 900.00-1000.00+W100.00=0.00\n"
            "A L2 X 10 short_term 800.00-1000.00=-200.00");
}

TEST(WashSales, the_rest_of_the_lot_sold_from_replaces_nothing_in_another_account_either) {
  Past past;
  past.plays("2020-02-28 buy A X 10 1000 lot L1").plays("2020-03-03 transfer_out A X 5 0");
  past.plays("2020-03-03 transfer_in B X 5 0 acquired 2020-02-28 basis 500").plays("2020-03-10 sell A X 5 400");
  EXPECT_EQ(past.sales(), "A L1 X 5 short_term 400.00-500.00=-100.00");
}

// The same out of an untaxed account that names no taxpayer and is linked to T.
TEST(WashSales, shares_moved_out_of_an_account_of_nobody_keep_the_lot_they_are_of) {
  Past past;
  past.book.accounts[2].taxpayer = {};
  past.plays("2020-02-28 buy I X 20 2000 lot R1").plays("2020-02-28 transfer_out I X 10 0");
  past.plays("2020-03-02 transfer_in A X 10 0 acquired 2020-02-28 basis 1000 lot L1");
  past.plays("2020-03-30 sell A X 10 800");
  EXPECT_EQ(past.sales(), "A L1 X 10 short_term 800.00-1000.00=-200.00");
}

// ── shares that move between own accounts, and from a spouse

// L1 is sold at a loss of 100 after 60 days, L2 replaces it: basis 980, held from 10 January.
Past replacement() {
  Past past;
  past.plays("2020-01-02 buy A X 10 1000 lot L1").plays("2020-03-02 sell A X 10 900 lot L1");
  past.plays("2020-03-10 buy A X 10 880 lot L2");
  return past;
}

TEST(MovedShares, keep_the_basis_and_the_period_of_a_wash_sale_whatever_the_row_says_of_their_cost) {
  for (const char* basis : {"880", "980", "1"}) {
    Past past = replacement();
    past.plays("2020-03-12 transfer_out A X 10 0 lot L2");
    past.plays(std::string("2020-03-12 transfer_in B X 10 0 acquired 2020-03-10 lot M basis ") + basis);
    EXPECT_EQ(past.lots(), "B M X 10 980.00 2020-01-10") << basis;
  }
}

TEST(MovedShares, of_one_row_arrive_part_by_part_in_the_order_in_which_they_left_and_the_rest_as_the_row_says) {
  Past past = replacement();
  past.plays("2020-03-10 buy A X 20 1780 lot L3").plays("2020-03-12 transfer_out A X 4 0 lot L2");
  past.plays("2020-03-13 transfer_out A X 15 0 lot L3");
  past.plays("2020-03-14 transfer_in B X 25 0 acquired 2020-03-10 basis 100 lot M");
  EXPECT_EQ(past.lots(),
            "A L2 X 6 588.00 2020-01-10\n"  // of 980
            "A L3 X 5 445.00 2020-03-10\n"
            "B M X 4 392.00 2020-01-10\n"
            "B M.1 X 15 1335.00 2020-03-10 of M\n"
            "B M.2 X 6 24.00 2020-03-10 of M");  // from elsewhere: 6 of 25 shares of the row
}

TEST(MovedShares, that_arrive_in_two_rows_bring_their_basis_once) {
  Past past = replacement();
  past.plays("2020-03-12 transfer_out A X 10 0 lot L2");
  past.plays("2020-03-12 transfer_in B X 3 0 acquired 2020-03-10 lot M");
  past.plays("2020-03-13 transfer_in B X 8 0 acquired 2020-03-10 lot N");
  EXPECT_EQ(past.lots(),
            "B M X 3 294.00 2020-01-10\n"
            "B N X 7 686.00 2020-01-10\n"
            "B N.1 X 1 ? 2020-03-10 of N");
}

TEST(MovedShares, of_another_day_or_owner_come_from_elsewhere) {
  for (const char* row : {"B X 10 0 acquired 2020-03-09", "U X 10 0 acquired 2020-03-10"}) {
    Past past = replacement();
    past.plays("2020-03-12 transfer_out A X 10 0 lot L2");
    past.plays(std::string("2020-03-12 transfer_in ") + row + " basis 7 lot M");
    EXPECT_NE(past.lots().find(" M X 10 7.00 2020-03-"), std::string::npos) << past.lots();
  }
}

TEST(MovedShares, that_are_inherited_stay_long_term_and_no_purchase) {
  Past past;
  past.plays("2020-01-02 buy B X 10 1000 lot L1").plays("2020-03-10 inherit A X 10 0 value 500 lot H");
  past.plays("2020-03-12 transfer_out A X 10 0 lot H");
  past.plays("2020-03-12 transfer_in B X 10 0 acquired 2020-03-10 basis 500 lot H");
  past.plays("2020-03-20 sell B X 10 800 lot L1").plays("2020-05-04 sell B X 10 700 lot H");
  EXPECT_EQ(past.sales(),
            "B L1 X 10 short_term 800.00-1000.00=-200.00\n"
            "B H X 10 long_term 700.00-500.00=200.00");
}

TEST(MovedShares, of_a_gift_keep_both_bases_in_proportion) {
  Past past;
  past.plays("2020-03-10 gift_in A X 10 0 acquired 2019-01-02 basis 600 value 500 lot G");
  past.plays("2020-03-12 transfer_out A X 4 0");
  past.plays("2020-03-12 transfer_in B X 4 0 acquired 2020-03-10 lot G");
  EXPECT_EQ(past.lots(),
            "A G X 6 360.00 2019-01-02 loss 300.00 2020-03-10\n"
            "B G X 4 240.00 2019-01-02 loss 200.00 2020-03-10");
}

TEST(MovedShares, of_a_spouse_in_the_ledger_keep_all_they_had_and_stay_used) {
  Past past;
  past.plays("2020-01-02 buy U X 10 1000 lot L1").plays("2020-03-02 sell U X 10 900 lot L1");
  past.plays("2020-03-10 buy U X 10 880 lot L2").plays("2020-03-12 transfer_out U X 10 0 lot L2");
  past.plays("2020-03-12 spouse_in V X 10 0 acquired 2020-03-10 basis 880 lot S");
  EXPECT_EQ(past.lots(), "V S X 10 980.00 2020-01-10");
  past.plays("2020-01-02 buy V X 10 1000 lot L3").plays("2020-03-20 sell V X 10 900 lot L3");
  EXPECT_EQ(past.sales(),
            "U L1 X 10 short_term 900.00-1000.00+W100.00=0.00\n"
            "V L3 X 10 short_term 900.00-1000.00=-100.00");
}

// 5 of M and 5 of M.1 are matched; M.1 is split once more. All of it is sold under M's name.
TEST(MovedShares, are_sold_under_the_id_they_arrived_with) {
  Past past;
  past.plays("2020-03-10 buy A X 5 450 lot L1").plays("2020-03-10 buy A X 20 1800 lot L2");
  past.plays("2020-03-11 transfer_out A X 25 0");
  past.plays("2020-03-11 transfer_in B X 25 0 acquired 2020-03-10 lot M");
  past.plays("2020-01-02 buy B X 10 1000 lot L3").plays("2020-03-20 sell B X 10 900 lot L3");
  EXPECT_EQ(past.lots(),
            "B M X 5 500.00 2019-12-23\n"  // 78 days of L3
            "B M.1 X 15 1350.00 2020-03-10 of M\n"
            "B M.1.1 X 5 500.00 2019-12-23 of M.1");
  past.plays("2020-09-01 sell B X 25 2500 lot M");
  EXPECT_EQ(past.lots(), "");
  EXPECT_EQ(past.findings(), "");
}

TEST(WashSales, shares_bought_elsewhere_count_from_the_day_they_were_bought) {
  Past past;
  past.plays("2020-01-02 buy A X 10 1000 lot L1").plays("2020-03-02 sell A X 10 900 lot L1");
  past.plays("2020-09-01 transfer_in B X 10 0 acquired 2020-03-10 basis 880 lot L2");
  EXPECT_EQ(past.sales(), "A L1 X 10 short_term 900.00-1000.00+W100.00=0.00");
  EXPECT_EQ(past.lots(), "B L2 X 10 980.00 2020-01-10");
}

TEST(WashSales, after_a_split_twice_as_many_shares_replace) {
  Past past;
  past.plays("2020-01-02 buy A X 10 1000 lot L1").plays("2020-03-02 sell A X 10 900");
  past.acts("2020-03-05 split X ratio 2").plays("2020-03-10 buy A X 10 450 lot L2");
  EXPECT_EQ(past.sales(), "A L1 X 10 short_term 900.00-1000.00+W50.00=-50.00");
}

TEST(WashSales, under_a_new_name_shares_replace_those_of_the_old) {
  Past past;
  past.plays("2020-01-02 buy A X 10 1000 lot L1").plays("2020-03-02 sell A X 10 900");
  past.acts("2020-03-05 symbol_change X new Z").plays("2020-03-10 buy A Z 10 950 lot L2");
  EXPECT_EQ(past.sales(), "A L1 X 10 short_term 900.00-1000.00+W100.00=0.00");
}

TEST(WashSales, a_sell_that_names_a_lot_takes_what_was_split_off_it_too) {
  Past past;
  past.plays("2020-01-02 buy A X 40 400 lot L1").plays("2020-03-02 sell A X 40 320");
  past.plays("2020-03-10 buy A X 100 1000 lot L2").plays("2020-09-01 sell A X 100 1500 lot L2");
  EXPECT_EQ(past.lots(), "");
  EXPECT_EQ(past.sales(),
            "A L1 X 40 short_term 320.00-400.00+W80.00=0.00\n"
            "A L2 X 60 short_term 900.00-600.00=300.00\n"
            "A L2.1 X 40 short_term 600.00-480.00=120.00");
}

// ── rows that cannot be played

TEST(LedgerFindings, a_faulty_row_holds_its_position_from_that_day_on_and_nothing_else) {
  Past past;
  past.plays("2020-01-02 buy A X 10 100 lot L1").plays("2020-01-02 buy A Z 10 100 lot M1");
  past.plays("2020-02-03 buy A X 10 100").spoilt();
  past.plays("2020-01-20 sell A X 5 60").plays("2020-03-02 sell A X 5 60").plays("2020-03-02 sell A Z 5 60");
  EXPECT_EQ(past.findings(), "data_number_unreadable 4\nledger_position_held 6");
  EXPECT_EQ(past.sales(),
            "A L1 X 5 short_term 60.00-50.00=10.00\n"
            "A M1 Z 5 short_term 60.00-50.00=10.00");
}

TEST(LedgerFindings, a_faulty_row_without_a_security_holds_the_account_and_one_of_an_unknown_security_nothing) {
  Past past;
  past.plays("2020-01-02 buy A X 10 100 lot L1").plays("2020-01-02 buy B X 10 100 lot L2");
  past.plays("2020-02-03 buy A X 10 100").spoilt().plays("2020-02-03 buy B X 10 100").spoilt();
  for (const std::size_t i : {2U, 3U}) past.book.events[i].security = {};
  past.book.events[2].security_named = false;
  past.plays("2020-03-02 sell A X 5 60").plays("2020-03-02 sell B X 5 60");
  EXPECT_EQ(past.findings(), "data_number_unreadable 4\ndata_number_unreadable 5\nledger_position_held 6");
  EXPECT_EQ(past.sales(), "B L2 X 5 short_term 60.00-50.00=10.00");
}

TEST(LedgerFindings, more_shares_than_there_are_and_a_lot_nobody_has_are_findings) {
  Past past;
  past.plays("2020-01-02 buy A X 10 100 lot L1").plays("2020-02-03 sell A X 10.000001 100");
  past.plays("2020-01-02 buy A Z 10 100 lot L2").plays("2020-02-03 sell A Z 1 100 lot L1");
  past.plays("2020-01-02 buy B Z 10 100 lot L2").plays("2020-02-03 buy B Z 10 100 lot L2");
  EXPECT_EQ(past.findings(), "ledger_oversold 3\nledger_lot_unknown 5\nledger_lot_twice 7");
  EXPECT_EQ(past.sales(), "");
}

TEST(LedgerFindings, an_unknown_basis_stays_unknown) {
  Past past;
  past.plays("2020-01-02 transfer_in A X 10 0 acquired 2019-01-02 lot L1");
  past.plays("2020-02-03 sell A X 4 100");
  EXPECT_EQ(past.sales(), "A L1 X 4 long_term 100.00-?=?");
  EXPECT_EQ(past.lots(), "A L1 X 6 ? 2019-01-02");
  EXPECT_EQ(past.findings(), "ledger_basis_unknown 3");
  EXPECT_TRUE(play(past.book).years.empty());
}

TEST(LedgerFindings, an_opening_lot_acquired_after_the_first_day_on_which_its_position_plays_holds_it) {
  Past past;
  // Neither a row that cannot be read nor one of another position.
  past.opens("A O X 10 900 2020-03-02").plays("2020-03-01 buy U X 10 100").spoilt();
  past.plays("2020-03-01 buy B X 10 100 lot L").plays("2020-03-01 buy A Z 10 100 lot K");
  EXPECT_EQ(past.findings(), "data_number_unreadable 2");
  past.plays("2020-03-01 buy A X 1 10 lot M");
  EXPECT_EQ(past.findings(), "ledger_opening_late 2\ndata_number_unreadable 2\nledger_position_held 5");
}

TEST(LedgerFindings, an_opening_lot_acquired_after_an_action_on_its_security_holds_its_position) {
  Past past;
  past.opens("A O X 10 900 2020-03-02").acts("2020-03-02 split X ratio 2");
  EXPECT_EQ(past.findings(), "");
  past.acts("2020-03-01 split X ratio 2");
  EXPECT_EQ(past.findings(), "ledger_position_held 2\nledger_position_held 3\nledger_opening_late 2");
}

// B's loss of 200 waits for shares; A's opening lot comes two days after the lot bought in between.
TEST(WashSales, an_opening_lot_of_a_later_day_replaces_from_its_day_on) {
  Past past;
  past.opens("A O X 100 900 2020-03-14").plays("2020-01-02 buy B X 100 1000 lot L1");
  past.plays("2020-03-10 sell B X 100 800").plays("2020-03-12 buy B X 60 480 lot L2");
  EXPECT_EQ(past.lots(), "A O X 60 540.00 2020-03-14\nA O.1 X 40 440.00 2020-01-06 of O\nB L2 X 60 600.00 2020-01-04");
}

// L1 is gone and stands nowhere; both parts are of it, and the sell that names it takes them in order of making.
TEST(OpeningLots, parts_of_a_lot_that_is_gone_are_one_acquisition_and_sold_by_its_name) {
  Past past;
  past.opens("A L1.3 X 10 100 2020-03-01 parent L1 made 2")
      .opens("A L1.1.2 X 10 120 2020-03-01 parent L1.1 first L1 made 1");
  past.plays("2020-03-10 sell A X 15 75 lot L1");
  EXPECT_EQ(past.sales(), "A L1.1.2 X 10 short_term 50.00-120.00=-70.00\nA L1.3 X 5 short_term 25.00-50.00=-25.00");
  EXPECT_EQ(past.lots(), "A L1.3 X 5 50.00 2020-03-01 of L1");
  EXPECT_EQ(play(past.book).lots.at(0).acquisition, "A/L1");
  past.plays("2020-03-11 buy A X 1 10 lot L1");
  EXPECT_EQ(past.findings(), "ledger_loss_doubtful 2\nledger_loss_doubtful 2\nledger_lot_twice 3");
}

// L1.3 says of which acquisition it is; L1 is of another, so that it replaces 10 of the 10 sold.
TEST(OpeningLots, an_acquisition_that_is_said_counts_and_not_the_parents) {
  Past past;
  past.opens("A L1.3 X 10 100 2020-03-01 parent L1 acquisition t9").opens("A L1 X 10 100 2020-03-01");
  past.plays("2020-03-10 sell A X 10 50 lot L1.3");
  EXPECT_EQ(past.sales(), "A L1.3 X 10 short_term 50.00-100.00+W50.00=0.00");
}

TEST(OpeningLots, the_next_part_has_the_number_after_the_last) {
  Past past;
  past.opens("A L1 X 10 100 2020-01-02 parts 4").acts("2020-03-01 spin_off X new Z ratio 1 fraction 0.5");
  EXPECT_EQ(past.lots(), "A L1 X 10 50.00 2020-01-02\nA L1.5 Z 10 50.00 2020-01-02 of L1");
}

// A's 60 shares left; the loss of B may be theirs to disallow. Bought more than 30 days before the sale they are not.
TEST(Doubts, a_loss_tells_of_shares_bought_just_before_that_left_and_did_not_arrive) {
  for (const auto& [day, told] : {std::pair("2020-02-09", "ledger_not_judged 5"), std::pair("2020-02-08", "")}) {
    Past past;
    past.plays("2019-01-02 buy B X 100 1000 lot L1").plays(std::string(day) + " buy A X 60 600 lot L2");
    past.plays("2020-02-20 transfer_out A X 60 0").plays("2020-03-10 sell B X 100 800");
    EXPECT_EQ(past.findings(), told) << day;
  }
}

// The row may be of any security; it is U's, and then its spouse V's.
TEST(Doubts, a_row_that_cannot_be_read_puts_losses_of_its_owner_and_the_spouse_in_doubt) {
  for (const auto& [account, told] : {std::pair("B", "data_number_unreadable 4"),
                                      std::pair("V", "ledger_loss_doubtful 3\ndata_number_unreadable 4")}) {
    Past past;
    past.plays("2019-01-02 buy U X 100 1000").plays("2020-03-10 sell U X 100 800");
    past.plays(std::string("2020-04-09 buy ") + account + " X 100 900").spoilt();
    past.book.events.back().security = SecurityIndex{};
    past.book.events.back().security_named = false;
    EXPECT_EQ(past.findings(), told) << account;
    past.book.events.back().date = Date::of(2020, 4, 10);
    EXPECT_EQ(past.findings(), "data_number_unreadable 4") << account;
  }
}

TEST(Sums, what_is_taken_back_counts_in_none_and_nothing_of_a_row_beyond_counts) {
  Past past;
  past.plays("2020-01-02 buy A X 3999999999990 1 id big").takes_back("big", "back");
  past.plays("2020-01-03 buy A X 3999999999990 1").plays("2020-01-04 buy A Z 11 3999999999999");
  past.plays("2020-01-05 buy B Z 10 3999999999999");
  EXPECT_EQ(past.findings(), "data_number_out_of_range 5");
  EXPECT_EQ(play(past.book).findings.at(0).place.value, "11");
}

TEST(LedgerFindings, outside_the_ledger_only_purchases_are_played) {
  Past past;
  past.plays("2020-01-02 sell elsewhere X 10 100 outside T");
  EXPECT_EQ(past.findings(), "ledger_outside_row 2");
}

}  // namespace
}  // namespace lotwright::tax
