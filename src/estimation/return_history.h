// estimation/return_history.h — total returns, day by day, as the estimate wants them.
//
// In:       price files, splits, dividends, descriptions; the day the model is for.
// Out:      one matrix, days by securities; NaN where there is no return to believe.
// Promises: nothing after `as_of` is looked at. What was left out is a finding.
//           return = close S / previous / (1 - D S / previous) - 1, S and D of the ex-dates after the previous day.
// Refuses:  files that cannot be read, and histories too short to estimate anything from.
#pragma once

#include <Eigen/Dense>
#include <optional>
#include <string>
#include <vector>

#include "estimation/price_table.h"

namespace lotwright::estimation {

struct ReturnHistory {
  std::vector<std::string> ids;  // sorted
  std::vector<Description> descriptions;
  std::vector<Date> days;   // trading days, sorted; as many as rows
  Eigen::MatrixXd returns;  // of days[t] over the trading day before; the first row is NaN
};

// Trading days are the days on which at least half of the securities then alive have a price. `told` hears of days and
// returns left out.
[[nodiscard]] ReturnHistory total_returns(PriceTable table, std::optional<Date> as_of, inputs::FileReport& told);

struct HistoryFiles {
  std::vector<std::string> prices;  // paths; names ending in .gz are unpacked
  std::vector<std::string> splits;
  std::vector<std::string> dividends;
  std::string securities;  // empty: none
};

struct LoadedHistory {
  ReturnHistory history;
  Findings findings;  // by file, line, column
  std::vector<InputFile> files;
};

[[nodiscard]] Result<LoadedHistory> load_history(const HistoryFiles& files, std::optional<Date> as_of);

}  // namespace lotwright::estimation
