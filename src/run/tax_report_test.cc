#include "run/tax_report.h"

#include <gtest/gtest.h>

#include "run/memory_folder.h"
#include "run/run_fixtures.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

using savings::Baseline;

// A household of a taxpayer with two accounts and an IRA, and an account of somebody else.
BookBuilder family() {
  BookBuilder builder;
  builder.security({.id = "AAA"}).security({.id = "BBB"}).security({.id = "OLD"});
  builder.model("M", {{"AAA", "0.5"}, {"BBB", "0.5"}});
  builder.taxpayer({.realized_long_ytd = "1000"}).taxpayer({.id = "U"});
  for (const char* account : {"A", "B"}) {
    builder.account({.id = account, .household = "H", .cash = "500"});
    builder.lot({.account = account, .security = "OLD", .quantity = "300", .cost_basis = "9000"});
    builder.lot({.account = account, .security = "AAA", .quantity = "20", .cost_basis = "3000"});
  }
  builder.account({.id = "I", .household = "H", .taxpayer = "T", .treatment = TaxTreatment::tax_deferred});
  builder.lot({.account = "I", .security = "OLD", .quantity = "10", .cost_basis = "10"});
  builder.account({.id = "Z", .taxpayer = "U", .cash = "100"});
  builder.lot({.account = "Z", .security = "AAA", .quantity = "50", .cost_basis = "1000"});
  return builder;
}

TaxReport report_on(const Book& book, const std::vector<std::string>& accounts = {}, int threads = 1) {
  RunOptions options;
  options.threads = threads;
  options.accounts = accounts;
  const std::atomic<bool> never = false;
  return tax_report(book, options, {}, StillClock(), never).value();
}

std::map<std::string, std::string> files_of(const Book& book, const TaxReport& report,
                                            const std::vector<std::string>& pages = {}) {
  MemoryFolder folder;
  EXPECT_TRUE(write_tax_report(book, report, pages, folder));
  EXPECT_TRUE(folder.publish());
  return folder.files;
}

const savings::Comparison& one_of(const Book& book, const TaxReport& report, const std::string& taxpayer,
                                  Baseline baseline) {
  for (const savings::Comparison& one : report.comparisons) {
    const bool today = one.period == savings::Period::run && one.baseline == baseline;
    if (today && one.taxpayer == taxpayer_index(book, taxpayer)) return one;
  }
  throw Defect("a comparison is missing");
}

TEST(TaxReport, EachTaxpayerIsComparedWithEveryBaselineAndInTheYear) {
  const Book book = family().build();
  const TaxReport report = report_on(book);
  EXPECT_EQ(report.comparisons.size(), 8U) << "two taxpayers, three baselines and the year";
  EXPECT_EQ(report.accounts.size(), 3U) << "the IRA pays nothing";
  const savings::Comparison& snap = one_of(book, report, "T", Baseline::snap_fifo);
  // 300 OLD at $100 that cost $30, in each account, and nothing of AAA, which lacks.
  EXPECT_EQ(snap.of_baseline.gains.long_term, money("43000")) << "1,000 of the year and twice 21,000";
}

TEST(TaxReport, RowsOfAccountsAddUpToTheirTaxpayer) {
  const Book book = family().build();
  for (const savings::Comparison& one : report_on(book).comparisons) {
    savings::Figures sum = figures_of(one, AccountIndex());
    for (std::uint32_t i = 0; i < book.accounts.size(); ++i) sum.add(figures_of(one, {i}));
    EXPECT_EQ(sum.saved, one.total.saved);
    EXPECT_EQ(sum.saved, one.of_baseline.tax - one.of_run.tax);
    EXPECT_EQ(sum.saved_due, one.of_baseline.due - one.of_run.due);
    EXPECT_EQ(sum.saved, sum.saved_due + sum.saved_carried);
    EXPECT_EQ(sum.saved, sum.deferral + sum.harvest + sum.rate_difference + sum.permanent);
  }
}

TEST(TaxReport, TheRunsTaxIsTheOneItTells) {
  const Book book = family().build();
  const RunResult run = run_of(book, engine_steps(book));
  const TaxReport report = report_on(book);
  const AccountResult& last = run.accounts[1];  // B sees what A did
  const savings::Comparison& one = one_of(book, report, "T", Baseline::no_trading);
  EXPECT_NEAR(one.of_run.tax.to_double(), *last.year_tax_after, 0.005);
}

TEST(TaxReport, AHeldAccountTradesForNobodyAndSaysWhy) {
  const Book book =
      family().policy("B", "unknown_basis", "hold").lot({.account = "B", .security = "AAA", .quantity = "1"}).build();
  const TaxReport report = report_on(book);
  const reports::TradedAccount& held = report.accounts[1];
  EXPECT_EQ(held.status, ResultStatus::held);
  EXPECT_EQ(held.held_by, "data_unknown_basis");
  EXPECT_FALSE(held.decided());
  const savings::Comparison& snap = one_of(book, report, "T", Baseline::snap_fifo);
  EXPECT_EQ(snap.of_baseline.gains.long_term, money("22000")) << "A's 21,000 and the year's 1,000";
  const auto files = files_of(book, report);
  EXPECT_NE(files.at("tax_pages/B.html").find("No orders left for this account"), std::string::npos);
  EXPECT_NE(files.at("tax_pages/A.html").find("Of 2 taxable accounts of taxpayer T, 1 had no orders"),
            std::string::npos);
  EXPECT_EQ(files.at("tax_pages/Z.html").find("had no orders"), std::string::npos) << "somebody else's";
  const std::string text = text_of(book, report);
  EXPECT_NE(text.find("3 taxable accounts, 1 of them held"), std::string::npos);
  EXPECT_NE(text.find("     1  data_unknown_basis: "), std::string::npos);
}

TEST(TaxReport, WhereNoAccountIsHeldNothingIsSaidOfIt) {
  const Book book = family().build();
  EXPECT_EQ(text_of(book, report_on(book)).find("held"), std::string::npos);
}

TEST(TaxReport, LossesCarriedForwardAreNeverToldAsTaxDue) {
  BookBuilder builder;
  builder.security({.id = "AAA"}).security({.id = "OLD"});
  builder.model("M", {{"AAA", "1"}});
  builder.taxpayer({.carryforward_long = "50000"});
  builder.account({.id = "A", .cash = "500"});
  builder.lot({.account = "A", .security = "OLD", .quantity = "300", .cost_basis = "36000"});
  const Book book = builder.build();
  const TaxReport report = report_on(book);
  const savings::Comparison& one = one_of(book, report, "T", Baseline::no_trading);
  EXPECT_EQ(one.total.saved_due, Money());
  EXPECT_GT(one.total.saved_carried, Money());
  const std::string page = files_of(book, report).at("tax_pages/A.html");
  EXPECT_NE(page.find("no trading at all: the same tax due for 2025, and $"), std::string::npos);
  EXPECT_EQ(page.find("tax of the year"), std::string::npos);
}

TEST(TaxReport, IsTheSameForAnyNumberOfThreads) {
  const Book book = family().build();
  EXPECT_EQ(files_of(book, report_on(book)), files_of(book, report_on(book, {}, 4)));
}

TEST(TaxReport, NamedAccountsHaveThePagesAndTheirUnitTheRows) {
  const Book book = family().build();
  const TaxReport report = report_on(book, {"A"});
  EXPECT_EQ(report.accounts.size(), 2U) << "B is decided with A";
  const auto files = files_of(book, report, {"A"});
  EXPECT_TRUE(files.contains("tax_pages/A.html"));
  EXPECT_FALSE(files.contains("tax_pages/B.html"));
  EXPECT_NE(files.at("tax_accounts.csv").find("T,B,"), std::string::npos);
}

TEST(TaxReport, APageSaysWhatAClientMayReadAndNothingRaw) {
  const Book book = family().adjust([](Book& one) { one.firm.name = "<b>Oak & Sons</b>"; }).build();
  const std::string page = files_of(book, report_on(book)).at("tax_pages/A.html");
  EXPECT_NE(page.find("&lt;b&gt;Oak &amp; Sons&lt;/b&gt;"), std::string::npos);
  EXPECT_EQ(page.find("<b>Oak"), std::string::npos);
  EXPECT_NE(page.find("not advice on tax"), std::string::npos);
}

TEST(TaxReport, AStoppedBookIsNotReported) {
  const Book book = family().adjust([](Book& one) { one.firm.gates.one_security_notional_max = money("1"); }).build();
  EXPECT_FALSE(report_on(book).gates.empty());
  EXPECT_TRUE(report_on(book).comparisons.empty());
}

TEST(TaxReport, AnAccountThatIsNotThereIsRefused) {
  RunOptions options;
  options.accounts = {"nobody"};
  const std::atomic<bool> never = false;
  const auto refused = tax_report(family().build(), options, {}, StillClock(), never);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.failure().message.find("nobody"), std::string::npos);
}

}  // namespace
}  // namespace lotwright
