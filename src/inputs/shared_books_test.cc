// The firm-made books beside the repository: every one loads, and the faults planted in them hold their accounts.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "inputs/inputs.h"

namespace lotwright {
namespace {

const std::filesystem::path books = "../shared/data/books";

std::set<std::string> held_accounts(const Book& book) {
  std::set<std::string> held;
  for (const Finding& finding : book.findings) {
    if (finding.severity == Severity::hold && finding.subject.kind == SubjectKind::account)
      held.insert(finding.subject.id);
  }
  return held;
}

std::size_t lots_of(const Book& book) {
  std::size_t lots = 0;
  for (const Account& account : book.accounts) lots += account.lots.size();
  return lots;
}

class SharedBooks : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(books)) GTEST_SKIP() << books << " is not there: nothing to read";
  }
};

TEST_P(SharedBooks, load_whole_and_hold_what_is_faulty_and_nothing_else) {
  const auto book = read_book((books / GetParam()).string());
  ASSERT_TRUE(book.ok()) << book.failure().message;
  EXPECT_GT(book->accounts.size(), 0U);
  EXPECT_GT(lots_of(*book), 0U);
  std::set<std::string> planted;
  std::ifstream faults(books / (std::string(GetParam()) + ".faults.csv"));
  for (std::string line; std::getline(faults, line);) {
    const std::string account = line.substr(0, line.find(','));
    // An unknown basis is no fault of the row: what it means for the account is its policy's business.
    if (account != "account_id" && line.find("no_basis") == std::string::npos) planted.insert(account);
  }
  EXPECT_EQ(held_accounts(*book), planted);
}

INSTANTIATE_TEST_SUITE_P(All, SharedBooks,
                         testing::Values("crash-2020-03-23", "dirty-2020-12-31", "mixed-2021-03-31",
                                         "requests-2018-12-24", "transition-2019-12-31", "washes-2020-04-30"));

}  // namespace
}  // namespace lotwright
