// generation/book_files.h — the files of a book that grow with its accounts, one family after the other, and the faults
// that are written into their rows.
#pragma once

#include <algorithm>
#include <string>

#include "generation/csv_file.h"
#include "generation/generate.h"
#include "generation/wishes.h"

namespace lotwright::generation {

// One family with all that belongs to it.
struct FamilyBook {
  Family family;
  std::vector<Holdings> holdings;  // beside its accounts
  std::vector<OutsideTrade> outside;
  Wishes wishes;
  std::vector<std::size_t> left_out;  // accounts that are not delivered

  [[nodiscard]] bool delivers(std::size_t place) const {
    return std::find(left_out.begin(), left_out.end(), place) == left_out.end();
  }
};

// What the rows of a book are written for.
enum class Day {
  alone,   // a book without a day before: its faults are of one day
  before,  // sound, whatever the accounts' faults
  today    // after that day; with positions.csv
};

class BookFiles {
 public:
  // What is wrong is told in `beside`.faults.csv, what a person reviews in `beside`.reviews.csv; empty: nowhere.
  BookFiles(const std::string& folder, const std::string& beside, const Market& market,
            const std::vector<Target>& targets, bool gzip, Day day = Day::alone);

  void write(const FamilyBook& book);
  void write(const std::vector<RestrictionRow>& restrictions);
  [[nodiscard]] std::optional<Failure> close();
  [[nodiscard]] const BookCounts& counts() const { return counts_; }

 private:
  void write_account(const AccountPlan& account, const Family& family, const Holdings& holdings);
  void write_taxpayer(std::size_t taxpayer, const FamilyBook& book);
  void write_lot(const AccountPlan& account, const LotRow& lot);
  void write_lots(const AccountPlan& account, const Holdings& holdings);
  void write_positions(const AccountPlan& account, const Holdings& holdings);
  void write_faulty_lot(const AccountPlan& account, Fault fault);
  void write_trade(const AccountPlan& account, const TradeRow& trade);
  void write_outside_trade(const OutsideTrade& outside, const Family& family);
  void write_trades(const AccountPlan& account, const Holdings& holdings);
  void write_wishes(const Wishes& wishes);
  void write_faulty_wishes(const AccountPlan& account);
  void write_restriction(const RestrictionRow& row);
  void write_request(const RequestRow& row);
  void write_setting(const SettingRow& row);
  [[nodiscard]] const std::string& id_of(std::uint32_t security) const { return market_.securities()[security].id; }
  [[nodiscard]] Date as_of() const { return market_.days().back(); }
  // What is wrong with the account in these files.
  [[nodiscard]] std::optional<Fault> fault_of(const AccountPlan& account) const {
    return day_ == Day::before ? std::nullopt : account.fault;
  }

  const Market& market_;
  const std::vector<Target>& targets_;
  Day day_;
  BookCounts counts_;
  std::int64_t trades_ = 0, requests_ = 0, restrictions_ = 0;
  CsvFile accounts_file_, taxpayers_file_, lots_file_, trades_file_, settings_file_, requests_file_, restrictions_file_,
      faults_file_, reviews_file_, positions_file_;
};

// securities.csv, prices.csv, models.csv, substitutes.csv, corporate_actions.csv, alpha.csv, risk/ and firm.toml.
[[nodiscard]] std::optional<Failure> write_firm(const std::string& folder, const BookOrder& order, const Market& market,
                                                const std::vector<Target>& targets, const FaultPlan& faults, Day day);

}  // namespace lotwright::generation
