#include "run/runner.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "run/memory_folder.h"
#include "run/outputs.h"
#include "run/run_fixtures.h"
#include "testing/book_builder.h"
#include "testing/households.h"

namespace lotwright {
namespace {

// `count` taxable accounts "A00", "A01" ... in households of two, each pair with a taxpayer of its own: count / 2
// units.
BookBuilder many(int count) {
  BookBuilder builder;
  for (const char* id : {"AAA", "BBB", "CCC"}) builder.security({.id = id, .half_spread_bps = "2"});
  for (int i = 0; i < count; ++i) {
    const std::string pair = std::to_string(i % (count / 2));
    const std::string id = std::string("A") + (i < 10 ? "0" : "") + std::to_string(i);
    if (i < count / 2) builder.taxpayer({.id = "T" + pair});
    builder.account({.id = id, .household = "H" + pair, .taxpayer = "T" + pair, .cash = std::to_string(1000 + 7 * i)});
    builder.lot({.account = id,
                 .id = "L",
                 .security = i % 3 == 0 ? "AAA" : "BBB",
                 .quantity = std::to_string(100 + 10 * i),
                 .cost_basis = std::to_string(7000 + 900 * i)});
  }
  return builder;
}

std::map<std::string, std::string> files_of(const Book& book, const RunResult& run) {
  MemoryFolder folder;
  EXPECT_TRUE(write_outputs(book, run, folder).ok());
  EXPECT_TRUE(folder.publish().ok());
  auto json = nlohmann::ordered_json::parse(folder.files.at("run.json"));
  for (const char* may_differ : {"seconds", "accounts_a_second", "threads"}) json.erase(may_differ);
  folder.files["run.json"] = json.dump();
  return folder.files;
}

TEST(Runner, TheSameBytesForAnyNumberOfThreads) {
  const Book book = many(24).build();
  const Steps steps = engine_steps(book);
  const auto one = files_of(book, run_of(book, steps, 1));
  EXPECT_EQ(one.size(), 20U);
  for (const int threads : {2, 8}) EXPECT_EQ(files_of(book, run_of(book, steps, threads)), one) << threads;
}

TEST(Runner, EveryAccountHasOneResultInOrder) {
  const Book book = many(9).build();
  const RunResult run = run_of(book, plain_steps(book), 3);
  ASSERT_EQ(run.accounts.size(), 9U);
  for (std::uint32_t i = 0; i < 9; ++i) EXPECT_EQ(run.accounts[i].account.value, i);
}

TEST(Runner, NamedAccountsAreDecidedWithTheirWholeUnit) {
  const Book book = many(6).build();
  const RunResult run = run_of(book, plain_steps(book), 1, {.accounts = {"A03"}});
  ASSERT_EQ(run.accounts.size(), 2U);
  EXPECT_EQ(run.accounts[0].account, account_index(book, "A00"));
  EXPECT_EQ(run.accounts[1].account, account_index(book, "A03"));
}

TEST(Runner, AnUnknownAccountIsRefusedByName) {
  const Book book = many(2).build();
  const std::atomic<bool> stop = false;
  const auto run = run_book(book, {.accounts = {"A00", "Z"}}, plain_steps(book), TickingClock(), nullptr, stop);
  ASSERT_FALSE(run.ok());
  EXPECT_EQ(run.failure().rule, "account_unknown");
  EXPECT_NE(run.failure().message.find("Z"), std::string::npos);
}

TEST(Runner, AThrowingAccountDoesNotStopTheRun) {
  const Book book = many(8).build();
  Steps steps = plain_steps(book);
  steps.solve = [&](const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress&, const Effort&) {
    if (account.account.value == 5) throw std::runtime_error("out of luck");
    return sell_one_share(unit, account);
  };
  const RunResult run = run_of(book, steps, 2);
  for (const AccountResult& result : run.accounts) {
    EXPECT_EQ(result.status, result.account.value == 5 ? ResultStatus::failed : ResultStatus::traded);
  }
  ASSERT_EQ(run.cases.size(), 1U);
  EXPECT_EQ(run.cases[0].name, "cases/A01.txt");
}

TEST(Runner, ABookWideBreachHoldsTheAccountAndBlocksAreMadeAgain) {
  const Book book = many(4).build();
  Steps steps = plain_steps(book);
  steps.verify_book = [](const std::vector<AccountResult>& results, const std::vector<Block>&) {
    std::vector<Breach> breaches;
    if (!results[1].orders.empty()) breaches.push_back({AccountIndex{1}, "wash_sale_window", "BBB", "", "bought back"});
    return breaches;
  };
  const RunResult run = run_of(book, steps, 2);
  EXPECT_EQ(run.accounts[1].status, ResultStatus::held);
  EXPECT_EQ(run.accounts[0].status, ResultStatus::traded);
  int orders = 0;
  for (const Block& one : run.blocks) orders += one.orders;
  EXPECT_EQ(orders, 3);
  ASSERT_EQ(run.cases.size(), 1U);
  EXPECT_NE(run.cases[0].text.find("bought back"), std::string::npos);
}

TEST(Runner, AStopRequestEndsTheRunUnfinished) {
  const Book book = many(8).build();
  std::atomic<bool> stop = false;
  Steps steps = plain_steps(book);
  std::atomic<int> solved = 0;
  steps.solve = [&](const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress&, const Effort&) {
    if (++solved == 3) stop = true;
    return sell_one_share(unit, account);
  };
  const auto run = run_book(book, {.threads = 1}, steps, TickingClock(), nullptr, stop);
  ASSERT_TRUE(run.ok());
  EXPECT_TRUE(run->stopped);
  EXPECT_EQ(solved, 4) << "the unit under way is finished, no other is begun";
}

TEST(Runner, ProgressEndsWithEveryAccountDone) {
  const Book book = many(6).build();
  const std::atomic<bool> stop = false;
  Progress last;
  const auto run = run_book(
      book, {}, plain_steps(book), TickingClock(), [&](const Progress& now) { last = now; }, stop);
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(last.accounts_done, 6U);
  EXPECT_EQ(last.accounts_total, 6U);
}

TEST(Runner, ARiskModelThatIsNoCovarianceIsAFailure) {
  const Book book = many(2).factors({"market"}, {-1.0}).build();
  const std::atomic<bool> stop = false;
  EXPECT_FALSE(run_book(book, {}, plain_steps(book), TickingClock(), nullptr, stop).ok());
}

}  // namespace
}  // namespace lotwright
