// That no taxable account is dropped from the scan for losses, whatever became of it, and what the run says in sum.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "book/rules.h"
#include "run/memory_folder.h"
#include "run/outputs.h"
#include "run/run_fixtures.h"
#include "run/summary.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

// Four taxable accounts and an IRA, each alone, with 10 LOS at 100 and a loss of 500. plain_steps sells one share of
// each, where the account may trade at all: "FREE" is free, "FROZEN" frozen, "UNKNOWN" follows no model, "OLD" holds a
// security without a price.
BookBuilder five_accounts() {
  BookBuilder book;
  book.security({.id = "LOS"}).security({.id = "ODD", .price = ""}).model("M", {{"LOS", "1"}});
  book.account({.id = "FREE"});
  book.account({.id = "FROZEN", .status = AccountStatus::frozen});
  book.account({.id = "IRA", .treatment = TaxTreatment::tax_deferred});
  book.account({.id = "OLD"});
  book.account({.id = "UNKNOWN"});
  for (const char* id : {"FREE", "FROZEN", "IRA", "OLD", "UNKNOWN"}) {
    book.lot({.account = id, .security = "LOS", .quantity = "10", .cost_basis = "1500"});
  }
  book.lot({.account = "OLD", .security = "ODD", .quantity = "1", .cost_basis = "1"});
  return book.adjust([](Book& made) {
    Account& unknown = made.accounts[account_index(made, "UNKNOWN").value];
    unknown.model_index = Index<struct ModelKindTag>::nobody;
  });
}

std::string file_of(const Book& book, const RunResult& run, const std::string& name) {
  MemoryFolder folder;
  EXPECT_TRUE(write_outputs(book, run, folder).ok());
  EXPECT_TRUE(folder.publish().ok());
  return folder.files.at(name);
}

TEST(Harvests, EveryTaxableAccountHasItsRowWhateverBecameOfIt) {
  const Book book = five_accounts().build();
  const RunResult run = run_of(book, plain_steps(book));
  EXPECT_EQ(file_of(book, run, "harvests.csv"),
            "account_id,security_id,status,lots,lots_unknown_basis,loss,taken,disallowed,skipped,rule,value,"
            "replacement_tracking_error,tracking_error_added,source\n"
            "FREE,,scanned,1,0,500.00,50.00,0.00,450.00,,137.25,,,\n"
            // 100 of 1,000 dollars go and stay in cash: 0.1 x sqrt(0.0225 + 0.04); the account held all in its target,
            // 99 % of it: active weights of 0.01 before and -0.09 after
            "FREE,LOS,partly,1,0,500.00,50.00,0.00,450.00,benefit_below_cost,137.25,0.0250000000,0.0200000000,\n"
            "FROZEN,,scanned,1,0,500.00,0.00,0.00,500.00,restriction_account_frozen,152.50,,,\n"
            "FROZEN,LOS,skipped,1,0,500.00,0.00,0.00,500.00,restriction_account_frozen,152.50,,,\n"
            "OLD,,not_scanned,,,,,,,price_missing,,,,\n"
            "UNKNOWN,,scanned,1,0,500.00,0.00,0.00,500.00,model_unknown,152.50,,,\n"
            "UNKNOWN,LOS,skipped,1,0,500.00,0.00,0.00,500.00,model_unknown,152.50,,,\n");
}

TEST(Harvests, TheRunSaysInSumThatNobodyWasDropped) {
  const Book book = five_accounts().build();
  RunResult run = run_of(book, plain_steps(book));
  const HarvestFigures figures = summarize(book, run).harvest;
  EXPECT_EQ(figures.accounts, 4U);
  EXPECT_EQ(figures.scanned, 3U);
  EXPECT_EQ(figures.not_scanned, 1U);
  EXPECT_EQ(figures.loss, money("1500"));
  EXPECT_EQ(figures.taken, money("50"));
  EXPECT_EQ(figures.skipped, money("1450"));
  EXPECT_NE(text_of(summarize(book, run))
                .find("3 taxable accounts scanned, $1,500 of losses found, $50 taken, $1,450 skipped (model_unknown "
                      "$500, restriction_account_frozen $500, benefit_below_cost $450); 1 not scanned "
                      "(price_missing 1)"),
            std::string::npos)
      << text_of(summarize(book, run));
  const auto json = nlohmann::json::parse(json_of(summarize(book, run))).at("harvest");
  EXPECT_EQ(json.at("accounts_taxable"), 4);
  EXPECT_EQ(json.at("not_scanned_by").at("price_missing"), 1);
  EXPECT_EQ(json.at("skipped_by").at("model_unknown"), 500.0);
  run.accounts[0].harvests.clear();  // dropped without a word: the sum shows it
  const HarvestFigures broken = summarize(book, run).harvest;
  EXPECT_NE(broken.accounts, broken.scanned + broken.not_scanned);
}

TEST(Harvests, ARefusedAndAFailedAccountSayWhatStoppedThem) {
  const Book book = five_accounts().build();
  const AccountIndex free = account_index(book, "FREE");
  Steps refusing = plain_steps(book);
  refusing.verify_unit = [free](const DecisionUnit&, const std::vector<const AccountResult*>& results) {
    std::vector<Breach> breaches;
    for (const AccountResult* one : results) {
      if (one->account == free && !one->orders.empty())
        breaches.push_back({free, rule::cash_min, "", "", "too little"});
    }
    return breaches;
  };
  const RunResult refused = run_of(book, refusing);
  ASSERT_EQ(refused.accounts[0].harvests.size(), 2U);
  for (const HarvestRow& row : refused.accounts[0].harvests) {
    EXPECT_EQ(row.rule, rule::verification_refused);
    EXPECT_EQ(row.skipped, money("500"));
    EXPECT_EQ(row.value, money("152.50"));
  }
  Steps failing = plain_steps(book);
  failing.solve = [](const CheckedUnit&, const CheckedAccount&, const tax::UnitProgress&, const Effort&) -> Solution {
    throw Defect("broken");
  };
  const RunResult failed = run_of(book, failing);
  ASSERT_EQ(failed.accounts[0].harvests.size(), 1U);
  EXPECT_EQ(failed.accounts[0].harvests[0].status, HarvestStatus::not_scanned);
  EXPECT_EQ(failed.accounts[0].harvests[0].rule, rule::verification_defect);
}

TEST(Harvests, AGateThatStopsTheOrdersStopsTheHarvest) {
  Book book = five_accounts().build();
  book.firm.gates.one_security_notional_max = Money::of_whole(50);
  const HarvestFigures figures = summarize(book, run_of(book, plain_steps(book))).harvest;
  EXPECT_EQ(figures.taken, Money());
  EXPECT_EQ(figures.skipped, money("1500"));
  EXPECT_EQ(figures.skipped_by.at(rule::gate_one_security_notional), money("1500"));
}

}  // namespace
}  // namespace lotwright
