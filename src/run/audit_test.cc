#include "run/audit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "run/memory_folder.h"
#include "run/outputs.h"
#include "run/run_fixtures.h"
#include "testing/households.h"

namespace lotwright {
namespace {

using Files = std::map<std::string, std::string>;

Files files_of_a_run() {
  const Book book = taxable_and_ira().build();
  MemoryFolder folder;
  EXPECT_TRUE(write_outputs(book, run_of(book, plain_steps(book)), folder).ok());
  EXPECT_TRUE(folder.publish().ok());
  return folder.files;
}

Audit audit_of(const Files& files) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) /
      (std::string("audit-") + testing::UnitTest::GetInstance()->current_test_info()->name());
  std::filesystem::remove_all(folder);
  for (const auto& [name, text] : files) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  auto audit = audit_run({.folder = folder.string()});
  std::filesystem::remove_all(folder);
  return std::move(audit).value();
}

const Claim& claim(const Audit& audit, const std::string& start) {
  return *std::ranges::find_if(audit.claims, [&](const Claim& one) { return one.says.starts_with(start); });
}

TEST(Audit, AnOrderOfAnAccountThatIsNotThereBreaksAClaim) {
  Files files = files_of_a_run();
  EXPECT_TRUE(claim(audit_of(files), "each order is the account's only one").kept);
  std::string& accounts = files.at("accounts.csv");
  accounts.resize(accounts.find('\n') + 1);  // the head alone
  EXPECT_FALSE(claim(audit_of(files), "each order is the account's only one").kept);
}

TEST(Audit, AnAmountThatIsNoNumberOrTooLargeBreaksAClaim) {
  const Files files = files_of_a_run();
  EXPECT_TRUE(claim(audit_of(files), "every amount is a number").kept);
  for (const char* amount : {"none", "100000000000.01"}) {
    Files touched = files;
    std::string& orders = touched.at("orders.csv");
    const std::size_t price = orders.find(",60.00,");
    ASSERT_NE(price, std::string::npos) << orders;
    orders.replace(price + 1, 5, amount);
    EXPECT_EQ(claim(audit_of(touched), "every amount is a number").breaches_count, 1U) << amount;
  }
}

}  // namespace
}  // namespace lotwright
