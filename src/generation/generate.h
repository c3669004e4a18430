// generation/generate.h — an invented firm as a book folder: any number of accounts, the same bytes from the same seed.
//
// In:       sizes, a seed, a date and a mix.
// Out:      the folder OUT with every file of a book, and beside it OUT.faults.csv: account_id, fault; one row for each
//           account that must be held, and no others. Of two days also OUT.reviews.csv: those that must be reviewed.
// Promises: families are written as they are invented, so memory depends on the securities and not on the accounts;
//           purchases and sales of the last 61 days agree with the lots, and sales with the year's gains of their
//           taxpayer; an account without a fault is held by nothing.
// Refuses:  a folder that holds anything, unless `replace`; fewer securities than a market needs.
// Example:  generate({.accounts = 1000, .securities = 400, .seed = 7, .out = "firm"}, {});
#pragma once

#include <functional>
#include <string>

#include "generation/mix.h"
#include "units/date.h"

namespace lotwright::generation {

struct BookOrder {
  int accounts = 0;
  int securities = 0;
  std::uint64_t seed = 0;
  Date as_of = Date::of(2025, 6, 30);
  Mix mix;
  bool gzip = false;     // lots and transactions as .csv.gz
  bool replace = false;  // the files of a book that is there
  std::string out;
  // Also the day before: OUT.yesterday, a sound book of the weekday before as_of, so that a run of it can be compared
  // with; OUT then has the faults of docs/faults.md that only such a comparison shows, and honest days that look like
  // faults.
  bool day_before = false;
};

struct BookCounts {
  std::int64_t accounts = 0, families = 0, lots = 0, trades = 0, held = 0;
};

// Called now and then with the accounts done so far.
using Progress = std::function<void(int accounts)>;

[[nodiscard]] Result<BookCounts> generate(const BookOrder& order, const Progress& progress);

}  // namespace lotwright::generation
