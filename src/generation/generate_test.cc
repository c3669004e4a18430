#include "generation/generate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "generation/holdings.h"

namespace lotwright::generation {
namespace {

namespace fs = std::filesystem;

class Generated : public testing::Test {
 protected:
  Generated() : folder_(fs::temp_directory_path() / ("lotwright-generate-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~Generated() override { fs::remove_all(folder_); }

  [[nodiscard]] BookOrder order(const std::string& name, int accounts = 40, std::uint64_t seed = 3) const {
    BookOrder order;
    order.accounts = accounts;
    order.securities = 90;
    order.seed = seed;
    order.mix.lots = 40;
    order.mix.years = 4;
    order.out = (folder_ / name).string();
    return order;
  }
  [[nodiscard]] static std::string text(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // File name -> bytes, of the book and what stands beside it.
  [[nodiscard]] std::map<std::string, std::string> files(const std::string& name) const {
    std::map<std::string, std::string> found{{"faults", text(folder_ / (name + ".faults.csv"))}};
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / name)) {
      if (entry.is_regular_file()) found[fs::relative(entry.path(), folder_ / name).string()] = text(entry.path());
    }
    return found;
  }
  // Cells of the rows below the header; for files without quoted commas.
  [[nodiscard]] std::vector<std::vector<std::string>> rows(const std::string& path) const {
    std::istringstream lines(text(folder_ / path));
    std::vector<std::vector<std::string>> all;
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
      std::istringstream cells(line + ",");
      std::vector<std::string> row;
      for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
      all.push_back(std::move(row));
    }
    return all;
  }

  fs::path folder_;
};

TEST_F(Generated, TheSameOrderGivesTheSameBytesAndAnotherSeedOthers) {
  ASSERT_TRUE(generate(order("one"), {}).ok());
  ASSERT_TRUE(generate(order("two"), {}).ok());
  ASSERT_TRUE(generate(order("three", 40, 4), {}).ok());
  EXPECT_EQ(files("one"), files("two"));
  EXPECT_NE(files("one")["lots.csv"], files("three")["lots.csv"]);
  EXPECT_NE(files("one")["prices.csv"], files("three")["prices.csv"]);
}

TEST_F(Generated, CountsAreWhatWasAskedForAndWhatIsThere) {
  BookOrder wanted = order("book", 173);
  wanted.mix.faults = 0.1;
  const auto counts = generate(wanted, {});
  ASSERT_TRUE(counts.ok());
  EXPECT_EQ(counts->accounts, 173);
  EXPECT_EQ(rows("book/securities.csv").size(), 90U);
  EXPECT_EQ(static_cast<std::int64_t>(rows("book/lots.csv").size()), counts->lots);
  EXPECT_EQ(static_cast<std::int64_t>(rows("book/transactions.csv").size()), counts->trades);
  EXPECT_EQ(static_cast<std::int64_t>(rows("book.faults.csv").size()), counts->held);
}

TEST_F(Generated, ProgressIsToldOfEveryAccount) {
  int last = 0;
  ASSERT_TRUE(generate(order("book"), [&](int accounts) {
                EXPECT_GT(accounts, last);
                last = accounts;
              }).ok());
  EXPECT_EQ(last, 40);
}

TEST_F(Generated, AFolderThatHoldsSomethingIsReplacedOnlyOnDemand) {
  ASSERT_TRUE(generate(order("book"), {}).ok());
  const auto refused = generate(order("book", 5), {});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.failure().message.find("--force"), std::string::npos);
  std::ofstream(folder_ / "book" / "notes.txt") << "kept";
  BookOrder again = order("book", 5);
  again.replace = again.gzip = true;
  ASSERT_TRUE(generate(again, {}).ok());
  EXPECT_EQ(rows("book/accounts.csv").size(), 5U);
  EXPECT_FALSE(fs::exists(folder_ / "book" / "lots.csv"));
  EXPECT_TRUE(fs::exists(folder_ / "book" / "lots.csv.gz"));
  EXPECT_EQ(text(folder_ / "book" / "notes.txt"), "kept");
}

TEST_F(Generated, AMarketNeedsItsFundsAndStocks) {
  BookOrder small = order("book");
  small.securities = 39;
  ASSERT_FALSE(generate(small, {}).ok());
  small.securities = 40;
  EXPECT_TRUE(generate(small, {}).ok());
}

TEST_F(Generated, WithoutFaultsNothingIsHeldAndWithAllEveryKindIsThere) {
  BookOrder sound = order("sound");
  sound.mix.faults = 0;
  EXPECT_EQ(generate(sound, {})->held, 0);
  BookOrder faulty = order("faulty", 60);
  faulty.mix.faults = 1;
  EXPECT_EQ(generate(faulty, {})->held, 60);
  std::set<std::string> kinds;
  for (const auto& row : rows("faulty.faults.csv")) kinds.insert(row[1]);
  EXPECT_EQ(kinds.size(), fault_kinds);
}

// ---- the facts of the law

enum Lot { lot_account, lot_id, lot_security, lot_quantity, lot_basis, lot_acquired };
enum Trade {
  trade_id,
  trade_account,
  trade_date,
  trade_kind,
  trade_security,
  trade_quantity,
  trade_amount,
  trade_short,
  trade_long,
  trade_outside,
  trade_taxpayer,
  trade_lot
};

TEST_F(Generated, EveryLotOfTheWindowIsATradeOfTheSameDayQuantityAndAmount) {
  BookOrder sound = order("book", 80);
  sound.mix.faults = 0;
  ASSERT_TRUE(generate(sound, {}).ok());
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> bought;
  for (const auto& row : rows("book/transactions.csv")) {
    if (row[trade_kind] != "buy" && row[trade_kind] != "reinvest") continue;
    bought[{row[trade_account], row[trade_lot]}] = {row[trade_date], row[trade_security], row[trade_quantity],
                                                    row[trade_amount]};
  }
  std::size_t young = 0;
  for (const auto& row : rows("book/lots.csv")) {
    if (row[lot_acquired] < (sound.as_of - trade_window_days).to_string()) continue;
    ++young;
    const std::vector<std::string> facts{row[lot_acquired], row[lot_security], row[lot_quantity], row[lot_basis]};
    EXPECT_EQ((bought[{row[lot_account], row[lot_id]}]), facts) << row[lot_account] << " " << row[lot_id];
  }
  EXPECT_GT(young, 50U);
  EXPECT_EQ(bought.size(), young);
}

}  // namespace
}  // namespace lotwright::generation
