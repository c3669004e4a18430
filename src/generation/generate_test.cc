#include "generation/generate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
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
  EXPECT_EQ(kinds.size(), fault_kinds_of_one_day);
}

TEST_F(Generated, NoRequestExcusesAFault) {
  BookOrder faulty = order("faulty", 700);
  faulty.mix.faults = 1;
  faulty.mix.requests = 1;
  faulty.day_before = true;
  ASSERT_TRUE(generate(faulty, {}).ok());
  std::map<std::string, std::string> faults;
  for (const char* file : {"faulty.faults.csv", "faulty.reviews.csv"}) {
    for (const auto& row : rows(file)) faults.emplace(row[0], row[1]);
  }
  std::set<std::string> there;
  for (const auto& row : rows("faulty/accounts.csv")) there.insert(row[0]);
  int models = 0, vanished = 0;
  for (const char* day : {"faulty", "faulty.yesterday"}) {
    for (const auto& row : rows(std::string(day) + "/requests.csv")) {
      const std::string& fault = faults[row[1]];
      const bool of_model = fault == "model_sum_wrong" || fault == "model_part_unknown" || fault == "model_in_a_circle";
      models += of_model ? 1 : 0;
      const bool is_gone = fault == "account_vanished" && !there.contains(row[1]);
      vanished += is_gone ? 1 : 0;
      EXPECT_FALSE(of_model && row[2] == "model_change") << day << " " << row[1];
      EXPECT_FALSE(is_gone && row[2] == "transfer_out") << day << " " << row[1];
    }
  }
  EXPECT_GT(models, 30);
  EXPECT_GT(vanished, 5);
}

TEST_F(Generated, TwoDaysHaveEveryKindAndTheDayBeforeIsSound) {
  BookOrder faulty = order("today", 100);
  faulty.mix.faults = 1;
  faulty.day_before = true;
  ASSERT_TRUE(generate(faulty, {}).ok());
  std::set<std::string> held, reviewed;
  for (const auto& row : rows("today.faults.csv")) held.insert(row[1]);
  for (const auto& row : rows("today.reviews.csv")) reviewed.insert(row[1]);
  EXPECT_EQ(held.size() + reviewed.size(), fault_kinds);
  EXPECT_EQ(reviewed.size(), 5U);
  EXPECT_FALSE(fs::exists(folder_ / "today.yesterday.faults.csv"));
  EXPECT_NE(text(folder_ / "today.yesterday" / "firm.toml").find("as_of = 2025-06-27"), std::string::npos);
  for (const auto& row : rows("today.yesterday/transactions.csv")) EXPECT_LT(row[2], "2025-06-30");
  for (const auto& row : rows("today.yesterday/lots.csv")) {
    const auto quantity = Quantity::parse(row[3]);
    EXPECT_TRUE(quantity && quantity->is_positive()) << row[0] << " " << row[1];
  }
}

TEST_F(Generated, WithoutFaultsOneDayExplainsTheOther) {
  BookOrder sound = order("today", 60);
  sound.mix.faults = 0;
  sound.day_before = true;
  ASSERT_EQ(generate(sound, {})->held, 0);
  // Shares then and now, by account and security; the splitting stock has twice as many.
  const auto shares_of = [&](const char* file) {
    std::map<std::string, double> sums;
    for (const auto& row : rows(file)) sums[row[0] + " " + row[2]] += std::stod(row[3]);
    return sums;
  };
  auto now = shares_of("today/lots.csv");
  const auto then = shares_of("today.yesterday/lots.csv");
  const std::string splitting = rows("today/corporate_actions.csv").back()[1];
  for (const auto& [position, quantity] : then)
    now[position] -= position.ends_with(" " + splitting) ? 2 * quantity : quantity;
  for (const auto& row : rows("today/transactions.csv")) {
    if (row[2] == "2025-06-30" && row[9] != "yes") now[row[1] + " " + row[4]] -= std::stod(row[5]);
  }
  std::set<std::string> then_accounts;
  for (const auto& row : rows("today.yesterday/accounts.csv")) then_accounts.insert(row[0]);
  for (const auto& [position, left] : now) {
    const bool was_there = then_accounts.contains(position.substr(0, position.find(' ')));
    EXPECT_TRUE(!was_there || std::abs(left) < 1e-6) << position << " " << left;
  }
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
    const bool buys = row[trade_kind] == "buy" || row[trade_kind] == "reinvest";
    if (!buys || row[trade_outside] == "yes") continue;
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

TEST_F(Generated, GainsOfTheYearAreThoseOfTheTradesAndWhatCameBefore) {
  BookOrder sound = order("book", 80);
  sound.mix.faults = 0;
  sound.mix.selling = 1;
  sound.as_of = Date::of(2025, 2, 14);  // the window reaches into the year before
  ASSERT_TRUE(generate(sound, {}).ok());
  std::map<std::string, std::string> taxpayer_of;
  for (const auto& row : rows("book/accounts.csv")) taxpayer_of[row[0]] = row[2];
  std::map<std::string, Money> shown;
  std::size_t of_last_year = 0;
  for (const auto& row : rows("book/transactions.csv")) {
    if (row[trade_kind] != "sell") continue;
    if (row[trade_date] < "2025") ++of_last_year;
    if (row[trade_date] >= "2025" && !row[trade_short].empty()) {
      shown[taxpayer_of[row[trade_account]]] += *Money::parse(row[trade_short]);
    }
  }
  EXPECT_GT(of_last_year, 0U);
  const Market market(sound.seed, sound.securities, sound.mix.years, sound.as_of);
  const auto targets = invent_targets(market);
  const FaultPlan none(sound.seed, sound.accounts, 0);
  std::map<std::string, Money> before;
  int accounts = 0;
  for (std::uint64_t number = 0; accounts < sound.accounts; ++number) {
    const Family family =
        invent_family(sound.seed, number, accounts, sound.accounts - accounts, sound.mix, market, targets, none);
    for (const TaxpayerPlan& taxpayer : family.taxpayers) before[taxpayer.id] = taxpayer.earlier_short;
    accounts += static_cast<int>(family.accounts.size());
  }
  for (const auto& row : rows("book/taxpayers.csv")) {
    EXPECT_EQ(*Money::parse(row[3]), before[row[0]] + shown[row[0]]) << row[0];
  }
}

TEST_F(Generated, NoFamilyBuysAGroupWithin30DaysOfALossSale) {
  BookOrder sound = order("book", 120);
  sound.mix.faults = 0;
  sound.mix.selling = sound.mix.young = sound.mix.reinvesting = 1;
  ASSERT_TRUE(generate(sound, {}).ok());
  std::map<std::string, std::string> group_of;
  for (const Stock& stock : invent_securities(sound.seed, sound.securities, doubtful_roles_of_one_day)) {
    group_of[stock.id] = stock.identical_group.empty() ? stock.id : stock.identical_group;
  }
  const Market market(sound.seed, sound.securities, sound.mix.years, sound.as_of);
  const auto targets = invent_targets(market);
  const FaultPlan none(sound.seed, sound.accounts, 0);
  std::map<std::string, std::uint64_t> family_of;
  for (std::uint64_t number = 0; static_cast<int>(family_of.size()) < sound.accounts; ++number) {
    const auto first = static_cast<int>(family_of.size());
    for (const AccountPlan& account :
         invent_family(sound.seed, number, first, sound.accounts - first, sound.mix, market, targets, none).accounts) {
      family_of[account.id] = number;
    }
  }
  std::map<std::pair<std::uint64_t, std::string>, std::vector<Date>> losses, purchases;
  for (const auto& row : rows("book/transactions.csv")) {
    const auto key = std::pair(family_of[row[trade_account]], group_of[row[trade_security]]);
    const Date day = *Date::parse(row[trade_date]);
    if (row[trade_kind] == "sell" && (row[trade_short] + row[trade_long]).starts_with("-")) losses[key].push_back(day);
  }
  for (const auto& row : rows("book/lots.csv")) {
    purchases[{family_of[row[lot_account]], group_of[row[lot_security]]}].push_back(*Date::parse(row[lot_acquired]));
  }
  EXPECT_GT(losses.size(), 20U);
  for (const auto& [key, days] : losses) {
    for (const Date sold : days) {
      for (const Date bought : purchases[key]) {
        EXPECT_FALSE(bought - sold <= wash_days && sold - bought <= wash_days) << key.first << " " << key.second;
      }
    }
  }
}

// ---- what a book of moderate size has of everything

TEST_F(Generated, EveryKindIsThere) {
  BookOrder wanted = order("book", 400);
  wanted.mix.faults = 0;
  wanted.mix.alpha = 0.5;
  wanted.mix.restrictions = wanted.mix.requests = wanted.mix.settings = 0.5;
  ASSERT_TRUE(generate(wanted, {}).ok());
  const auto words = [&](const std::string& file, std::size_t column) {
    std::set<std::string> found;
    for (const auto& row : rows("book/" + file)) found.insert(row.at(column));
    return found;
  };
  EXPECT_EQ(words("accounts.csv", 3), (std::set<std::string>{"taxable", "tax_deferred", "tax_free"}));
  EXPECT_EQ(words("accounts.csv", 7), (std::set<std::string>{"active", "frozen"}));
  EXPECT_EQ(words("accounts.csv", 5).size(), 8U);   // policies
  EXPECT_EQ(words("accounts.csv", 4).size(), 12U);  // models
  EXPECT_TRUE(words("accounts.csv", 1).contains(""));
  EXPECT_TRUE(words("accounts.csv", 2).contains(""));
  EXPECT_EQ(words("transactions.csv", trade_kind), (std::set<std::string>{"buy", "sell", "reinvest", "transfer_in"}));
  EXPECT_TRUE(words("transactions.csv", trade_outside).contains("yes"));
  EXPECT_EQ(words("restrictions.csv", 1), (std::set<std::string>{"firm", "household", "account"}));
  EXPECT_EQ(words("restrictions.csv", 3).size(), 7U);
  EXPECT_EQ(words("restrictions.csv", 4).size(), 7U);
  EXPECT_EQ(words("requests.csv", 2).size(), 10U);
  EXPECT_EQ(words("account_settings.csv", 6), (std::set<std::string>{"", "household"}));
  EXPECT_EQ(words("corporate_actions.csv", 4), (std::set<std::string>{"pending", "applied"}));
  EXPECT_EQ(words("models.csv", 1), (std::set<std::string>{"security", "model"}));
  for (const std::size_t column : {6U, 7U, 8U}) EXPECT_GT(words("lots.csv", column).size(), 1U) << column;
  EXPECT_TRUE(words("lots.csv", lot_basis).contains(""));
  for (std::size_t column = 3; column <= 12; ++column) EXPECT_GT(words("taxpayers.csv", column).size(), 1U) << column;
}

}  // namespace
}  // namespace lotwright::generation
