#include "inputs/ledger_folder.h"

#include <gtest/gtest.h>

#include "book/rules.h"
#include "inputs/test_book.h"

namespace lotwright::inputs {
namespace {

using Files = std::map<std::string, std::string>;

constexpr const char* events_header =
    "transaction_id,account_id,trade_date,kind,security_id,quantity,amount,lot_id,method,outside,taxpayer_id,"
    "acquired_on,cost_basis,fair_value,reverses\n";
constexpr const char* actions_header =
    "action_id,security_id,effective_on,kind,status,new_security_id,ratio,cash_per_share,basis_fraction,"
    "fair_value_new\n";

// Two spouses T and U with an account each, and an IRA that names nobody.
Files small_ledger() {
  return {{"securities.csv", "security_id,kind,identical_group\nX,stock,\nY,etf,index\nZ,etf,index\n"},
          {"taxpayers.csv", "taxpayer_id,rate_short,rate_long,spouse_id\nT,0.4,0.2,\nU,0.3,0.1,T\n"},
          {"accounts.csv",
           "account_id,household_id,taxpayer_id,tax_treatment\nA,H,T,taxable\nB,H,U,taxable\nI,H,,tax_deferred\n"},
          {"transactions.csv", std::string(events_header) + "1,A,2020-01-02,buy,X,10,1000,,,,,,,,\n"}};
}

Result<LedgerBook> read(const Files& files) {
  const FolderOnDisk folder(files);
  return read_ledger_folder(folder.path());
}

// "RULE COLUMN" of every fault that the rows behind the first keep.
std::string faults_of_events(const std::string& rows) {
  Files files = small_ledger();
  files["transactions.csv"] += rows;
  const auto book = read(files);
  std::string text;
  for (const LedgerEvent& event : book->events) {
    for (const Failure& fault : event.row.faults) {
      text += (text.empty() ? "" : "\n") + fault.rule + ' ' + fault.place.column + ' ' + fault.place.value;
    }
  }
  return text;
}

std::string faults_of_actions(const std::string& rows) {
  Files files = small_ledger();
  files["corporate_actions.csv"] = actions_header + rows;
  const auto book = read(files);
  std::string text;
  for (const LedgerAction& action : book->actions) {
    for (const Failure& fault : action.row.faults) {
      text += (text.empty() ? "" : "\n") + fault.rule + ' ' + fault.place.column + ' ' + fault.place.value;
    }
  }
  return text;
}

TEST(LedgerFolder, a_row_becomes_an_event) {
  Files files = small_ledger();
  files["transactions.csv"] += "2,A,2020-02-03,gift_in,Y,1.5,,G,,,,2019-01-02,90.5,80,\n";
  const auto book = read(files);
  ASSERT_TRUE(book.ok());
  ASSERT_EQ(book->events.size(), 2U);
  const LedgerEvent& event = book->events[1];
  EXPECT_TRUE(event.row.faults.empty());
  EXPECT_EQ(event.row.line, 3);
  EXPECT_EQ(event.kind, LedgerKind::gift_in);
  EXPECT_EQ(event.quantity.to_string(), "1.5");
  EXPECT_EQ(event.lot, "G");
  EXPECT_EQ(event.acquired_on, Date::of(2019, 1, 2));
  EXPECT_EQ(event.cost_basis->to_string(), "90.5");
  EXPECT_EQ(event.fair_value->to_string(), "80");
  EXPECT_EQ(book->accounts[event.account.value].id.text, "A");
  EXPECT_EQ(book->securities[1].group, book->securities[2].group);
}

TEST(LedgerFolder, spouses_and_the_household_of_an_ira_are_linked) {
  const auto book = read(small_ledger());
  ASSERT_TRUE(book.ok());
  const std::vector<TaxpayerIndex> both{{0}, {1}};
  EXPECT_EQ(book->taxpayers[0].spouse, TaxpayerIndex{1});
  for (const LedgerAccount& account : book->accounts) EXPECT_EQ(account.wash_taxpayers, both) << account.id.text;
  ASSERT_EQ(book->findings.size(), 1U);
  EXPECT_EQ(book->findings[0].rule, rule::wash_sale_linked_by_household);
}

TEST(LedgerFolder, every_cell_that_cannot_be_read_is_a_fault_of_its_row) {
  EXPECT_EQ(faults_of_events("2,A,2020-02-30,buy,X,ten,1,,,,,,,,\n"),
            "data_date_unreadable trade_date 2020-02-30\ndata_number_unreadable quantity ten");
  EXPECT_EQ(faults_of_events("2,A,2020-02-03,short,X,-1,,,best,,,,,,\n"),
            "data_word_unknown kind short\ndata_number_out_of_range quantity -1\ndata_word_unknown method best");
  EXPECT_EQ(faults_of_events("2,A,1901-12-31,sell,X,1,1,,,,,,,,\n"), "data_number_out_of_range trade_date 1901-12-31");
  EXPECT_EQ(faults_of_events("2,Q,2020-02-03,sell,Q,1,1,,,,,,,,\n"),
            "data_reference_unknown account_id Q\ndata_reference_unknown security_id Q");
  EXPECT_EQ(faults_of_events("2,A,2020-02-03,sell,X,1\n"),
            "data_row_malformed  2,A,2020-02-03,sell,X,1\ndata_value_missing amount ");
}

TEST(LedgerFolder, each_kind_wants_what_its_basis_needs) {
  EXPECT_EQ(faults_of_events("2,A,2020-02-03,sell,X,1,,,,,,,,,\n"), "data_value_missing amount ");
  EXPECT_EQ(faults_of_events("2,A,2020-02-03,transfer_in,X,1,,,,,,,5,,\n"), "data_value_missing acquired_on ");
  EXPECT_EQ(faults_of_events("2,A,2020-02-03,gift_in,X,1,,,,,,2019-01-02,5,,\n"), "data_value_missing fair_value ");
  EXPECT_EQ(faults_of_events("2,A,2020-02-03,spouse_in,X,1,,,,,,2020-02-04,5,,\n"),
            "data_dates_reversed acquired_on 2020-02-04");
  EXPECT_EQ(faults_of_events("2,A,2020-02-03,inherit,X,1,,,,,,,,,\n"), "");
  EXPECT_EQ(faults_of_events("2,out,2020-02-03,buy,X,1,1,,,yes,,,,,\n"), "data_reference_unknown taxpayer_id ");
  EXPECT_EQ(faults_of_events("2,A,2020-02-03,buy,X,1,1,,,,U,,,,\n"), "data_reference_unknown taxpayer_id U");
}

TEST(LedgerFolder, a_row_that_takes_another_back_needs_two_ids_only) {
  EXPECT_EQ(faults_of_events("2,,,,,,,,,,,,,,1\n"), "");
  EXPECT_EQ(faults_of_events(",,,,,,,,,,,,,,1\n"), "data_value_missing transaction_id ");
}

// Each has the position that it was meant for.
TEST(LedgerFolder, a_name_known_but_for_spaces_zeros_and_capitals_is_a_fault_that_says_which_it_is) {
  Files files = small_ledger();
  files["transactions.csv"] +=
      "2, A,2020-02-03,buy,X,1,10,,,,,,,,\n3,A,2020-02-03,buy,x,1,10,,,,,,,,\n"
      "4,stranger,2020-02-03,buy,X,1,10,,,,,,,,\n";
  const auto book = read(files);
  ASSERT_TRUE(book.ok());
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_EQ(book->events[i].row.faults.at(0).rule, rule::data_reference_unknown);
    EXPECT_EQ(book->events[i].account, book->events[0].account);
    EXPECT_EQ(book->events[i].security, book->events[0].security);
  }
  EXPECT_FALSE(book->events[3].account.exists());
}

TEST(LedgerFolder, an_outside_row_needs_neither_amount_nor_days) {
  EXPECT_EQ(faults_of_events("2,elsewhere,2020-02-03,buy,X,1,,,,yes,T,,,,\n"
                             "3,elsewhere,2020-02-03,gift_in,X,1,,,,yes,T,,,,\n"),
            "");
  EXPECT_EQ(faults_of_events("2,A,2020-02-03,buy,X,1,,,,,,,,,\n"), "data_value_missing amount ");
}

TEST(LedgerFolder, an_opening_lot_says_what_an_earlier_ledger_knew) {
  Files files = small_ledger();
  files["opening_lots.csv"] =
      "account_id,lot_id,security_id,quantity,cost_basis,acquired_on,parent_lot_id,first_lot_id,acquisition_id,"
      "replacement,made,parts\nA,L.1.2,X,5,50,2019-01-02,L.1,L,t1,used,7,3\nA,M,X,5,50,2019-01-02,,,,,,\n"
      "A,N,X,5,50,2019-01-02,,,,,0,1.5\n";
  const auto book = read(files);
  ASSERT_TRUE(book.ok());
  const OpeningLot& part = book->opening_lots.at(0);
  EXPECT_TRUE(part.row.faults.empty());
  EXPECT_EQ(part.parent + ' ' + part.first + ' ' + part.acquisition, "L.1 L t1");
  EXPECT_EQ(part.replacement, Replacement::used);
  EXPECT_EQ(part.made, 7);
  EXPECT_EQ(part.parts, 3U);
  EXPECT_FALSE(book->opening_lots.at(1).replacement);
  EXPECT_FALSE(book->opening_lots.at(1).made);
  ASSERT_EQ(book->opening_lots.at(2).row.faults.size(), 2U);
  EXPECT_EQ(book->opening_lots.at(2).row.faults[0].rule, rule::data_number_out_of_range);
  EXPECT_EQ(book->opening_lots.at(2).row.faults[1].rule, rule::data_number_unreadable);
}

// L1 and L2 are parts of one another, L4 of itself; L3 is of L1 and cannot be known to be wrong.
TEST(LedgerFolder, opening_lots_that_are_parts_of_one_another_are_all_faulty) {
  Files files = small_ledger();
  files["opening_lots.csv"] =
      "account_id,lot_id,security_id,quantity,cost_basis,acquired_on,parent_lot_id\nA,L1,X,5,50,2019-01-02,L2\n"
      "A,L2,X,5,50,2019-01-02,L1\nA,L3,X,5,50,2019-01-02,L1\nA,L4,X,5,50,2019-01-02,L4\nI,L1,X,5,50,2019-01-02,L2\n";
  const auto book = read(files);
  ASSERT_TRUE(book.ok());
  std::string faulty;
  for (const OpeningLot& lot : book->opening_lots) faulty += lot.row.faults.empty() ? '-' : 'x';
  EXPECT_EQ(faulty, "xx-x-");
}

TEST(LedgerFolder, each_kind_of_action_wants_what_it_needs_and_nothing_that_contradicts_it) {
  EXPECT_EQ(faults_of_actions("1,X,2020-02-03,split,applied,,2,,,\n2,X,2020-02-03,merger,applied,Y,1,,,\n"
                              "3,X,2020-02-03,merger,applied,,,9,,\n4,X,2020-02-03,spin_off,applied,Y,0.5,,0.2,\n"
                              "5,X,2020-02-03,symbol_change,applied,Y,1,,,\n"
                              "6,X,2020-02-03,return_of_capital,applied,,,1,,\n"),
            "");
  EXPECT_EQ(faults_of_actions("1,X,2020-02-03,split,applied,,1,,,\n"), "ledger_action_unplayable ratio 1");
  EXPECT_EQ(faults_of_actions("1,X,2020-02-03,stock_dividend,applied,,0.05,,,\n"),
            "ledger_action_unplayable ratio 0.05");
  EXPECT_EQ(faults_of_actions("1,X,2020-02-03,reverse_split,applied,,10,,,\n"), "ledger_action_unplayable ratio 10");
  EXPECT_EQ(faults_of_actions("1,X,2020-02-03,split,applied,Y,2,,,\n"), "ledger_action_unplayable new_security_id Y");
  EXPECT_EQ(faults_of_actions("1,X,2020-02-03,spin_off,applied,,,,,\n"),
            "data_value_missing new_security_id \ndata_value_missing ratio \ndata_value_missing basis_fraction ");
  EXPECT_EQ(faults_of_actions("1,X,2020-02-03,merger,applied,Y,1,5,,\n"), "data_value_missing fair_value_new ");
  EXPECT_EQ(faults_of_actions("1,X,2020-02-03,merger,applied,,,,,\n"), "data_value_missing cash_per_share ");
  EXPECT_EQ(faults_of_actions("1,X,2020-02-03,merger,applied,X,1,,,\n"), "ledger_action_unplayable new_security_id X");
  EXPECT_EQ(faults_of_actions("1,X,2020-02-03,symbol_change,applied,Y,2,,,\n"), "ledger_action_unplayable ratio 2");
  EXPECT_EQ(faults_of_actions("1,X,2020-02-03,return_of_capital,applied,,,,,\n"), "data_value_missing cash_per_share ");
}

TEST(LedgerFolder, a_pending_action_may_lack_what_is_not_known_yet) {
  EXPECT_EQ(faults_of_actions("1,X,2020-02-03,spin_off,pending,,,,,\n"), "");
}

TEST(LedgerFolder, a_pending_action_has_its_faults_with_it_so_that_taking_it_back_takes_them_too) {
  Files files = small_ledger();
  files["corporate_actions.csv"] =
      "action_id,security_id,effective_on,kind,status,cash_per_share\n1,X,2020-02-03,split,pending,-1\n";
  const auto book = read(files);
  ASSERT_TRUE(book.ok());
  ASSERT_EQ(book->actions.size(), 1U);
  EXPECT_TRUE(book->actions[0].pending);
  EXPECT_EQ(book->actions[0].row.faults.size(), 1U);
}

TEST(LedgerFolder, opening_lots_that_stand_twice_are_both_faulty) {
  Files files = small_ledger();
  files["opening_lots.csv"] =
      "account_id,lot_id,security_id,quantity,cost_basis,acquired_on,held_from\n"
      "A,L1,X,1,10,2019-01-02,2018-01-02\nA,L1,X,2,20,2019-01-02,\nB,L1,X,1,,2019-01-02,\nA,L2,X,1,,2019-01-02,2019-01-"
      "03\n";
  const auto book = read(files);
  ASSERT_TRUE(book.ok());
  ASSERT_EQ(book->opening_lots.size(), 4U);
  EXPECT_EQ(book->opening_lots[0].row.faults.at(0).rule, rule::data_key_duplicate);
  EXPECT_EQ(book->opening_lots[1].row.faults.at(0).rule, rule::data_key_duplicate);
  EXPECT_TRUE(book->opening_lots[2].row.faults.empty());
  EXPECT_FALSE(book->opening_lots[2].lot.cost_basis);
  EXPECT_EQ(book->opening_lots[3].row.faults.at(0).rule, rule::data_dates_reversed);
}

TEST(LedgerFolder, switches_are_turned_by_name_and_unknown_ones_are_findings) {
  Files files = small_ledger();
  files["ledger_settings.csv"] =
      "setting,value\nwash_tacking,later\nwash_bought_before,exclude\nwash_spouse_basis,lost\nwash,no\n"
      "wash_tacking,never\n";
  const auto book = read(files);
  ASSERT_TRUE(book.ok());
  EXPECT_EQ(book->policy.wash_tacking, WashTacking::later);
  EXPECT_EQ(book->policy.wash_bought_before, WashBoughtBefore::exclude);
  EXPECT_EQ(book->policy.wash_spouse_basis, WashSpouseBasis::lost);
  ASSERT_EQ(book->findings.size(), 3U);
  EXPECT_EQ(book->findings[1].rule, rule::data_setting_unknown);
  EXPECT_EQ(book->findings[2].rule, rule::data_word_unknown);
}

TEST(LedgerFolder, whose_row_is_faulty_is_held) {
  Files files = small_ledger();
  files["accounts.csv"] += "C,H,,taxable\nA,H,U,taxable\n";
  files["taxpayers.csv"] += "V,0.4,2,\nW,0.4,0.2,T\n";
  const auto book = read(files);
  ASSERT_TRUE(book.ok());
  const auto held = [](const auto& nouns) {
    std::string text;
    for (const auto& noun : nouns) text += noun.held ? noun.id.text : "";
    return text;
  };
  EXPECT_EQ(held(book->accounts), "AC");
  EXPECT_EQ(held(book->taxpayers), "VW");
}

TEST(LedgerFolder, without_its_files_there_is_no_ledger) {
  for (const char* name : {"securities.csv", "accounts.csv", "transactions.csv"}) {
    Files files = small_ledger();
    files.erase(name);
    const auto book = read(files);
    ASSERT_FALSE(book.ok()) << name;
    EXPECT_EQ(book.failure().rule, rule::data_file_missing);
    EXPECT_EQ(book.failure().place.file, name);
  }
}

}  // namespace
}  // namespace lotwright::inputs
