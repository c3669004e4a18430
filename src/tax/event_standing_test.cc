#include "tax/event_standing.h"

#include <gtest/gtest.h>

#include "tax/test_ledger.h"

namespace lotwright::tax {
namespace {

Past two_purchases() {
  Past past;
  past.plays("2020-01-02 buy A X 10 1000 lot L1").plays("2020-02-03 buy A X 5 600 lot L2");
  return past;
}

TEST(EventStanding, an_event_told_twice_happens_once) {
  Past past = two_purchases();
  past.plays("2020-02-03 buy A X 5 600 lot L2 id 2");
  EXPECT_EQ(past.lots(), two_purchases().lots());
  EXPECT_EQ(past.findings(), "");
}

TEST(EventStanding, one_id_with_two_contents_is_a_finding_for_each_row_and_neither_is_played) {
  Past past = two_purchases();
  past.plays("2020-02-03 buy A X 5 601 lot L2 id 2");
  EXPECT_EQ(past.lots(), "A L1 X 10 1000.00 2020-01-02");
  EXPECT_EQ(past.findings(), "data_key_duplicate 3\ndata_key_duplicate 4");
}

TEST(EventStanding, an_event_taken_back_never_was) {
  Past past = two_purchases();
  past.plays("2020-03-02 sell A X 12 1000").takes_back("3", "4");
  EXPECT_EQ(past.lots(), two_purchases().lots());
  EXPECT_EQ(past.sales(), "");
  EXPECT_EQ(past.findings(), "");
}

TEST(EventStanding, a_faulty_event_taken_back_is_no_finding_and_holds_nothing) {
  Past past = two_purchases();
  past.plays("2020-01-20 buy A X 1 1").spoilt().takes_back("3", "4");
  EXPECT_EQ(past.lots(), two_purchases().lots());
  EXPECT_EQ(past.findings(), "");
}

TEST(EventStanding, contradicting_rows_can_be_taken_back_together) {
  Past past = two_purchases();
  past.plays("2020-02-04 buy A X 5 601 id 9").plays("2020-02-04 buy A X 5 602 id 9").takes_back("9", "10");
  EXPECT_EQ(past.lots(), two_purchases().lots());
  EXPECT_EQ(past.findings(), "");
}

TEST(EventStanding, a_reversal_taken_back_lets_the_event_stand) {
  Past past = two_purchases();
  past.takes_back("2", "3").takes_back("3", "4");
  EXPECT_EQ(past.lots(), two_purchases().lots());
}

TEST(EventStanding, a_corporate_action_can_be_taken_back) {
  Past past = two_purchases();
  past.acts("2020-06-01 split X ratio 2").takes_back("C1", "3");
  EXPECT_EQ(past.lots(), two_purchases().lots());
}

TEST(EventStanding, a_reversal_of_nothing_and_reversals_in_a_circle_are_findings) {
  Past past = two_purchases();
  past.takes_back("99", "3").takes_back("5", "4").takes_back("4", "5");
  EXPECT_EQ(past.findings(), "data_reference_unknown 4\nledger_reversal_circle 5\nledger_reversal_circle 6");
  EXPECT_EQ(past.lots(), two_purchases().lots());
}

TEST(EventStanding, a_contradiction_among_pending_actions_holds_nobody_and_one_with_an_applied_one_does) {
  Past past;
  past.acts("2020-02-03 split X ratio 2").acts("2020-02-03 split X ratio 3").plays("2020-01-02 buy A X 10 100 lot L");
  for (LedgerAction& action : past.book.actions) {
    action.id = "C";
    action.applied = false;
    action.pending = true;
  }
  EXPECT_EQ(past.findings(), "data_key_duplicate 2\ndata_key_duplicate 3");
  past.plays("2020-03-02 sell A X 10 100");
  EXPECT_EQ(past.findings(), "data_key_duplicate 2\ndata_key_duplicate 3");
  past.book.actions[0].applied = true;
  past.book.actions[0].pending = false;
  EXPECT_EQ(past.findings(), "data_key_duplicate 2\ndata_key_duplicate 3\nledger_position_held 3");
}

}  // namespace
}  // namespace lotwright::tax
