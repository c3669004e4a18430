// estimation/price_table.h — daily prices, splits, dividends and descriptions of securities as files bring them.
//
// In:       CSV files, plain or gzip (docs/data.md, "Price history").
// Out:      a PriceTable: quotes and events by security id, in the order of the files.
// Promises: the order of rows and columns decides nothing; a bad cell is a finding with its place and is left aside.
// Refuses:  a file without a usable header, by its FileReport's failure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "book/book.h"
#include "inputs/book_folder.h"

namespace lotwright::estimation {

struct Quote {
  Date day;
  double close = 0.0;     // as traded, dollars
  std::int64_t line = 0;  // of its file

  auto operator<=>(const Quote&) const = default;
};

// A split's factor (shares after per share before) or a dividend's dollars per share after that day's split.
struct PriceEvent {
  Date ex_date;
  double value = 0.0;
  std::int64_t line = 0;

  auto operator<=>(const PriceEvent&) const = default;
};

// What groups securities: stand-ins come from the nearest group, floors from the kind.
struct Description {
  std::optional<SecurityKind> kind;  // nullopt: not told
  std::string asset_class;
  std::string sector;
};

struct PricedSecurity {
  std::vector<Quote> quotes;
  std::vector<PriceEvent> splits;
  std::vector<PriceEvent> dividends;
  Description description;
};

using PriceTable = std::map<std::string, PricedSecurity, std::less<>>;

// A wide file (date, then one column a security) or a long one (date, security_id, close).
void read_daily_prices(inputs::BookFile& file, PriceTable& table);
// Rows of securities the prices do not have are told in one note.
void read_splits(inputs::BookFile& file, PriceTable& table);
void read_dividends(inputs::BookFile& file, PriceTable& table);
// A securities.csv; its securities without prices enter the table too, to be given stand-ins.
void read_descriptions(inputs::BookFile& file, PriceTable& table);

}  // namespace lotwright::estimation
