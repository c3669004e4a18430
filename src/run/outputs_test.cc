#include "run/outputs.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "run/csv_writer.h"
#include "run/memory_folder.h"
#include "run/output_tables.h"
#include "run/run_fixtures.h"
#include "run/summary.h"
#include "run/table.h"
#include "testing/book_builder.h"
#include "testing/households.h"

namespace lotwright {
namespace {

std::map<std::string, std::string> files_of(const Book& book, const RunResult& run) {
  MemoryFolder folder;
  EXPECT_TRUE(write_outputs(book, run, folder).ok());
  EXPECT_TRUE(folder.publish().ok());
  return folder.files;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(Decimal, IsFixedAndNeverNegativeZero) {
  EXPECT_EQ(decimal(1234.5, 2), "1234.50");
  EXPECT_EQ(decimal(-0.0000001, 6), "0.000000");
  EXPECT_EQ(decimal(-0.0000006, 6), "-0.000001");
  EXPECT_EQ(decimal(1e22, 0), "10000000000000000000000");
  EXPECT_EQ(decimal(std::optional<double>(), 6), "");
  EXPECT_THROW((void)decimal(0.0 / 0.0, 2), Defect);
}

TEST(CsvWriter, QuotesWhatNeedsIt) {
  MemoryFolder folder;
  CsvWriter file(folder, "x.csv", {"a", "b"});
  file.row({"plain, with comma", "say \"no\""});
  file.row({"two\nlines", ""});
  ASSERT_TRUE(file.finish().ok());
  ASSERT_TRUE(folder.publish().ok());
  EXPECT_EQ(folder.files.at("x.csv"), "a,b\n\"plain, with comma\",\"say \"\"no\"\"\"\n\"two\nlines\",\n");
}

TEST(CsvWriter, a_row_of_another_width_than_the_header_is_a_defect) {
  MemoryFolder folder;
  CsvWriter file(folder, "x.csv", {"a", "b"});
  EXPECT_THROW(file.row({"1"}), Defect);
  EXPECT_THROW(file.row({"1", "2", "3"}), Defect);
}

TEST(Outputs, every_cell_is_of_the_kind_that_its_column_declares) {
  const Book book = direct_index().build();
  const auto files = files_of(book, run_of(book, plain_steps(book)));
  for (const query::Table& table : output_tables()) {
    const auto& text = files.at(std::string(table.name) + ".csv");
    inputs::MemorySource source(text);
    const auto read = read_table(source, std::string(table.name), {});
    ASSERT_EQ(read->columns.size(), table.columns.size()) << table.name;
    for (const TableRow& row : read->rows) {
      for (const query::Column& column : table.columns) {
        const std::string_view cell = read->cell(row, column.name);
        EXPECT_TRUE(query::read_value(column.kind, cell).ok()) << table.name << " " << column.name << " " << cell;
        EXPECT_TRUE(column.may_hold(cell)) << table.name << " " << column.name << " " << cell;
      }
    }
  }
}

TEST(Outputs, HaveTheColumnsOfTheContract) {
  const Book book = direct_index().build();
  const auto files = files_of(book, run_of(book, plain_steps(book)));
  const std::map<std::string, std::string> heads = {
      {"orders.csv", "order_id,account_id,security_id,side,quantity,price,amount,commission,reason,release"},
      {"lot_sales.csv", "order_id,account_id,lot_id,security_id,quantity,proceeds,cost_basis,gain,term,disallowed"},
      {"accounts.csv",
       "account_id,household_id,status,value,investable_value,cash_before,cash_after,tracking_error_before,"
       "tracking_error_after,turnover,gain_short,gain_long,tax,trading_cost,objective_before,objective_after,bound,"
       "gap_bps,exceptions,improvement,gap,gain_budget,gain_budget_left,gain_budget_price,tax_budget,tax_budget_left,"
       "tax_budget_price,waiting,year_tax_before,year_tax_after"},
      {"exceptions.csv",
       "account_id,household_id,rule,severity,observed,limit,message,dollars_at_stake,next_step,rank"},
      {"state/accounts.csv",
       "account_id,as_of,household_id,taxpayer_id,tax_treatment,model_id,cash,traded,value,runs,turnover,doubted"},
      {"state/positions.csv", "account_id,security_id,quantity,traded,cost_basis,lots_unknown_basis"},
      {"state/flows.csv", "request_id,account_id,kind,amount,due_on"},
      {"state/prices.csv", "date,security_id,close,doubted"},
      {"state/actions.csv", "action_id,seen_on"},
      {"state/models.csv", "model_id,security_id,weight"},
      {"state/accepted.csv", "account_id,rule,observed,fact,accepted_on"},
      {"reasons.csv", "account_id,security_id,lot_id,decision,rule,benefit,tax,cost,funding,net,source,without"},
      {"harvests.csv",
       "account_id,security_id,status,lots,lots_unknown_basis,loss,taken,disallowed,skipped,rule,value,"
       "replacement_tracking_error,tracking_error_added,source"},
      {"blocks.csv", "block_id,security_id,side,quantity,orders,orders_review"},
      {"prices.csv", "date,security_id,close"},
      {"multipliers.csv", "account_id,name,price"}};
  for (const auto& [name, head] : heads) EXPECT_EQ(lines_of(files.at(name)).at(0), head) << name;
  EXPECT_EQ(lines_of(files.at("orders.csv")).at(1), "DI-AAA,DI,AAA,sell,1,100.00,100.00,0.00,rebalance,yes");
  EXPECT_EQ(lines_of(files.at("lot_sales.csv")).at(1), "DI-AAA,DI,D1,AAA,1,100.00,50.00,50.00,long_term,0.00");
  EXPECT_EQ(lines_of(files.at("blocks.csv")).at(1), "AAA-sell,AAA,sell,1,1,0");
}

TEST(Outputs, OrdersThatAPersonMustReleaseAreMarked) {
  const Finding review{"data_word_unknown",
                       Severity::review,
                       {SubjectKind::account, "TX"},
                       {"lots.csv", 7, "term", "x"},
                       "x",
                       "",
                       "look"};
  const Book book = taxable_and_ira().adjust([&](Book& made) { made.findings = {review}; }).build();
  const auto files = files_of(book, run_of(book, plain_steps(book)));
  const auto orders = lines_of(files.at("orders.csv"));
  ASSERT_EQ(orders.size(), 3U);
  EXPECT_TRUE(orders[1].starts_with("IRA-") && orders[1].ends_with(",yes")) << orders[1];
  EXPECT_TRUE(orders[2].starts_with("TX-") && orders[2].ends_with(",review")) << orders[2];
  const auto blocks = lines_of(files.at("blocks.csv"));
  EXPECT_TRUE(blocks.at(1).ends_with(",1,1") != blocks.at(2).ends_with(",1,1")) << blocks[1] << blocks[2];
}

// TX holds 9,000 of AAA, 10,000 of BBB and 1,000 of cash: 20,000; IRA 2,400, 5,000 and 1,000.
TEST(Outputs, ExceptionsAreRankedByWhatWaitsForAPerson) {
  const auto hold = [](const char* account) {
    return Finding{"data_position_moved", Severity::hold, {SubjectKind::account, account}, {}, "x", "", "look <here>"};
  };
  const Book book = taxable_and_ira().adjust([&](Book& made) { made.findings = {hold("IRA"), hold("TX")}; }).build();
  const auto files = files_of(book, run_of(book, plain_steps(book)));
  const auto lines = lines_of(files.at("exceptions.csv"));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_TRUE(lines[1].starts_with("IRA,") && lines[1].ends_with(",2")) << lines[1];
  EXPECT_NE(lines[1].find(",8400.00,"), std::string::npos) << lines[1];
  EXPECT_TRUE(lines[2].starts_with("TX,") && lines[2].ends_with(",1")) << lines[2];
  EXPECT_NE(lines[2].find(",20000.00,"), std::string::npos) << lines[2];
  const std::string& page = files.at("exceptions.html");
  EXPECT_LT(page.find("$20,000"), page.find("$8,400")) << "the dearest first";
  EXPECT_NE(page.find("look &lt;here&gt;"), std::string::npos);
  EXPECT_EQ(files.count("gates.html"), 0U);
}

TEST(Outputs, OneCauseOfManyAccountsStandsOnThePageOnce) {
  Book book = taxable_and_ira().build();
  book.securities[security_index(book, "BBB").value].price.reset();
  const auto files = files_of(book, run_of(book, plain_steps(book)));
  EXPECT_NE(files.at("exceptions.html").find("hold, 2 accounts"), std::string::npos);
}

// A fault that nobody corrects is still one tomorrow: the held account keeps the state in which it was believed.
TEST(Outputs, AHeldAccountKeepsTheStateInWhichItWasBelieved) {
  const Finding moved{"data_position_moved", Severity::hold, {SubjectKind::account, "TX"}, {}, "x", "", "look"};
  const Book book = taxable_and_ira().adjust([&](Book& made) { made.findings = {moved}; }).build();
  PreviousRun previous;
  previous.positions.emplace();
  for (const char* id : {"IRA", "TX"}) {
    previous.account_rows[id].id = id;
    previous.account_rows[id].as_of = day("2025-06-27");
    previous.account_rows[id].cash = money("7");
    PreviousPosition& position = previous.positions->emplace_back();
    position.account = account_index(book, id);
    position.security = security_index(book, "BBB");
    position.quantity = shares("3");
  }
  MemoryFolder folder;
  ASSERT_TRUE(write_outputs(book, run_of(book, plain_steps(book)), folder, previous).ok());
  ASSERT_TRUE(folder.publish().ok());
  const auto accounts = lines_of(folder.files.at("state/accounts.csv"));
  EXPECT_TRUE(accounts.at(1).starts_with("IRA,2025-06-30,")) << accounts[1];
  EXPECT_TRUE(accounts.at(2).starts_with("TX,2025-06-27,")) << accounts[2];
  const auto positions = lines_of(folder.files.at("state/positions.csv"));
  EXPECT_EQ(positions.back(), "TX,BBB,3,0,,0");
}

TEST(Outputs, AnAccountNotDecidedKeepsTheStateOfTheRunBefore) {
  const Book book = taxable_and_ira().build();
  PreviousRun previous;
  previous.positions.emplace();
  previous.accounts = {"GONE", "IRA", "TX"};
  for (const char* id : {"GONE", "IRA", "TX"}) {
    previous.account_rows[id].id = id;
    previous.account_rows[id].as_of = day("2025-06-27");
    previous.flows.push_back({"W-" + std::string(id), id, RequestKind::cash_out, money("5"), day("2025-06-28")});
  }
  for (const char* id : {"IRA", "TX"}) {
    PreviousPosition& position = previous.positions->emplace_back();
    position.account = account_index(book, id);
    position.security = security_index(book, "BBB");
    position.quantity = shares("3");
  }
  RunResult run = run_of(book, plain_steps(book));
  const AccountIndex left_out = account_index(book, "TX");
  std::erase_if(run.accounts, [&](const AccountResult& one) { return one.account == left_out; });
  MemoryFolder folder;
  ASSERT_TRUE(write_outputs(book, run, folder, previous).ok());
  ASSERT_TRUE(folder.publish().ok());
  const auto accounts = lines_of(folder.files.at("state/accounts.csv"));
  ASSERT_EQ(accounts.size(), 4U);
  EXPECT_TRUE(accounts[1].starts_with("GONE,2025-06-27,")) << "the next run may still ask where it is";
  EXPECT_TRUE(accounts[2].starts_with("IRA,2025-06-30,")) << accounts[2];
  EXPECT_TRUE(accounts[3].starts_with("TX,2025-06-27,")) << accounts[3];
  EXPECT_EQ(lines_of(folder.files.at("state/positions.csv")).back(), "TX,BBB,3,0,,0");
  EXPECT_EQ(lines_of(folder.files.at("state/flows.csv")).back(), "W-TX,TX,cash_out,5.00,2025-06-28");
}

TEST(Outputs, AnUnknownBasisIsEmptyNotZero) {
  const Book book = BookBuilder()
                        .security({.id = "AAA"})
                        .account({.id = "A", .treatment = TaxTreatment::tax_free, .cash = "500"})
                        .lot({.account = "A", .id = "L", .security = "AAA", .quantity = "30"})
                        .build();
  const auto files = files_of(book, run_of(book, plain_steps(book)));
  EXPECT_EQ(lines_of(files.at("lot_sales.csv")).at(1), "A-AAA,A,L,AAA,1,100.00,,,long_term,0.00");
}

TEST(Outputs, AGateLeavesOnlyTheHeadersOfWhatCouldBeSent) {
  Book book = direct_index().build();
  book.firm.gates.one_security_notional_max = Money::of_whole(50);
  const auto files = files_of(book, run_of(book, plain_steps(book)));
  for (const char* name : {"orders.csv", "lot_sales.csv", "blocks.csv"}) {
    EXPECT_EQ(lines_of(files.at(name)).size(), 1U) << name;
  }
  EXPECT_GT(lines_of(files.at("kept_back/orders.csv")).size(), 1U) << "what did not leave is kept apart";
  EXPECT_EQ(lines_of(files.at("exceptions.csv")).at(1).find(",,gate_one_security_notional,hold,AAA 100.00,50.00,"), 0U);
  EXPECT_EQ(lines_of(files.at("accounts.csv")).size(), 2U);
  const auto json = nlohmann::json::parse(files.at("run.json"));
  EXPECT_EQ(json.at("stopped_by").at(0).at("rule"), "gate_one_security_notional");
  EXPECT_EQ(json.at("orders_sent"), false);
  EXPECT_NE(text_of(summarize(book, run_of(book, plain_steps(book)))).find("none of the orders left"),
            std::string::npos);
}

TEST(Outputs, FindingsGoToWhomTheyConcern) {
  const Finding of_household{"data_word_unknown", Severity::note, {SubjectKind::household, "H"}, {}, "", "", "one"};
  const Finding of_account{
      "data_word_unknown", Severity::review, {SubjectKind::account, "TX"}, {"lots.csv", 7, "term", "x"}, "x", "",
      "two, quoted"};
  const Finding of_book{"data_word_unknown", Severity::note, {}, {"odd.csv", 0, "", ""}, "", "", "three"};
  const Book book = taxable_and_ira()
                        .adjust([&](Book& made) {
                          made.findings = {of_account, of_book, of_household};
                        })
                        .build();
  const auto files = files_of(book, run_of(book, plain_steps(book)));
  const auto lines = lines_of(files.at("exceptions.csv"));
  const std::vector<std::string> expected = {",,data_word_unknown,note,,,three", ",H,data_word_unknown,note,,,one",
                                             "TX,H,data_word_unknown,review,x,,\"two, quoted\""};
  for (const std::string& start : expected) {  // what is at stake, the next step and the rank follow
    const auto starts = [&](const std::string& line) { return line.starts_with(start + ","); };
    EXPECT_EQ(std::ranges::count_if(lines, starts), 1) << start;
  }
  const std::string account = lines_of(files.at("accounts.csv")).at(2);
  EXPECT_NE(account.find(",,,2,"), std::string::npos) << "its own line and its household's: " << account;
}

TEST(Outputs, RunJsonNamesInputsAndVersion) {
  Book book = direct_index().build();
  book.files = {{"accounts.csv", "ab12", 100, 3}};
  const auto json = nlohmann::json::parse(files_of(book, run_of(book, plain_steps(book))).at("run.json"));
  EXPECT_EQ(json.at("as_of"), "2025-06-30");
  EXPECT_EQ(json.at("engine_version"), engine_version());
  EXPECT_EQ(json.at("inputs").at(0).at("sha256"), "ab12");
  EXPECT_EQ(json.at("counts").at("traded"), 1);
  EXPECT_EQ(json.at("threads"), 1);
  EXPECT_TRUE(json.at("seconds").contains("decide"));
}

TEST(Gap, IsEmptyWithoutABoundOrAPositiveValue) {
  AccountResult result;
  result.investable = Money::of_whole(10'000);
  result.objective_after = 12.0;
  EXPECT_FALSE(gap_bps(result));
  result.bound = 10.0;
  EXPECT_DOUBLE_EQ(*gap_bps(result), 2.0);
  result.investable = Money();
  EXPECT_FALSE(gap_bps(result));
}

TEST(Summary, NamesTheWorstFindingOfTheLargestAccounts) {
  const Book book = taxable_and_ira().build();
  RunResult run = run_of(book, plain_steps(book));
  run.accounts[0].exceptions = {{"band_yielded", Severity::review, {}, {}, "", "", "first"},
                                {"price_missing", Severity::hold, {}, {}, "", "", "second"}};
  const Summary summary = summarize(book, run);
  ASSERT_EQ(summary.largest.size(), 1U);
  EXPECT_EQ(summary.largest[0].rule, "price_missing");
  EXPECT_EQ(summary.largest[0].others, 1U);
  EXPECT_EQ(summary.orders, 2U);
  EXPECT_EQ(summary.traded, 2U);
  EXPECT_NE(text_of(summary).find("2 traded, 0 quiet, 0 held, 0 failed"), std::string::npos) << text_of(summary);
}

}  // namespace
}  // namespace lotwright
