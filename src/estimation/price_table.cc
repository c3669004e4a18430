#include "estimation/price_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>

#include "inputs/draft.h"
#include "inputs/table.h"

namespace lotwright::estimation {
namespace {

using inputs::BookFile;
using inputs::RowFaults;
using inputs::TableReader;

constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

// The column of the first of these names that the header has.
std::size_t find_column(const std::vector<std::string>& header, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto found = std::find(header.begin(), header.end(), name);
    if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
  }
  return nowhere;
}

std::size_t find_id(const std::vector<std::string>& header) {
  return find_column(header, {"security_id", "sec_id", "ticker"});
}

std::size_t demand_column(TableReader& reader, std::size_t place, std::string_view name) {
  if (place == nowhere && !reader.header().empty()) {
    reader.fail(rule::data_column_missing, name,
                fmt::format("the column \"{}\" is missing: add it to the header and the rows", name));
  }
  return place;
}

void refuse_repeated_columns(TableReader& reader) {
  std::set<std::string_view> seen;
  for (const std::string& name : reader.header()) {
    if (seen.insert(name).second) continue;
    reader.fail(rule::data_header_unusable, name,
                fmt::format("the column \"{}\" stands in the header twice: remove one", inputs::quotable(name)));
  }
}

// Reads the cell into `field` unless it cannot be; an empty one is a fault too.
template <class Field>
void read_into(const TableReader& reader, std::size_t place, Field& field, RowFaults& faults) {
  if (place >= reader.cells().size()) return;  // told with the row
  const std::string_view text = reader.cells()[place];
  const std::string& column = reader.header()[place];
  if (text.empty()) return faults.add(column, text, rule::data_value_missing, "is empty and must be given: fill it in");
  if (const inputs::Fault fault = inputs::read_cell(text, field)) faults.add(column, text, fault.rule, fault.message);
}

void demand_positive(const TableReader& reader, std::size_t place, double value, RowFaults& faults) {
  if (faults.any() || value > 0.0) return;
  const inputs::Fault fault = inputs::out_of(inputs::Range::positive);
  faults.add(reader.header()[place], reader.cells()[place], fault.rule, fault.message);
}

void tell_row(BookFile& file, const RowFaults& faults, std::string_view id = {}) {
  const Subject subject = id.empty() ? Subject{} : inputs::security_subject(inputs::quotable(id));
  file.report().find(Severity::review, subject, faults);
}

void read_long(BookFile& file, TableReader& reader, PriceTable& table) {
  const std::size_t date = find_column(reader.header(), {"date"});
  const std::size_t id = find_id(reader.header());
  const std::size_t close = find_column(reader.header(), {"close"});
  RowFaults faults;
  while (reader.next(faults)) {
    Quote quote{.day = {}, .line = faults.line()};
    std::string_view name;
    read_into(reader, id, name, faults);
    read_into(reader, date, quote.day, faults);
    read_into(reader, close, quote.close, faults);
    demand_positive(reader, close, quote.close, faults);
    if (faults.any()) {
      tell_row(file, faults, name);
      continue;
    }
    auto place = table.find(name);
    if (place == table.end()) place = table.emplace(name, PricedSecurity{}).first;
    place->second.quotes.push_back(quote);
  }
}

// One row of a wide file: a bad cell costs its security the day, nobody else.
void read_wide_row(BookFile& file, const TableReader& reader, std::size_t date, Date day,
                   const std::vector<PricedSecurity*>& columns, std::int64_t line) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string_view text = reader.cells()[i];
    if (i == date || text.empty()) continue;
    Quote quote{.day = day, .line = line};
    inputs::Fault fault = inputs::read_cell(text, quote.close);
    if (!fault && quote.close <= 0.0) fault = inputs::out_of(inputs::Range::positive);
    if (!fault) {
      columns[i]->quotes.push_back(quote);
      continue;
    }
    RowFaults faults;
    faults.start_row(line);
    faults.add(reader.header()[i], text, fault.rule, fault.message);
    tell_row(file, faults, reader.header()[i]);
  }
}

void read_wide(BookFile& file, TableReader& reader, PriceTable& table) {
  const std::size_t date = find_column(reader.header(), {"date"});
  std::vector<PricedSecurity*> columns;
  for (const std::string& name : reader.header()) {
    columns.push_back(columns.size() == date ? nullptr : &table[name]);
  }
  RowFaults faults;
  while (reader.next(faults)) {
    Date day;
    if (!faults.any()) read_into(reader, date, day, faults);
    if (faults.any()) {
      tell_row(file, faults);
    } else {
      read_wide_row(file, reader, date, day, columns, faults.line());
    }
  }
}

// Splits and dividends differ in the names of the number and in whose list it goes.
void read_events(BookFile& file, PriceTable& table, std::string_view number,
                 std::vector<PriceEvent> PricedSecurity::*list) {
  TableReader reader(file);
  if (!reader.usable()) return;
  refuse_repeated_columns(reader);
  const std::size_t id = demand_column(reader, find_id(reader.header()), "security_id");
  const std::size_t date = demand_column(reader, find_column(reader.header(), {"ex_date"}), "ex_date");
  const std::size_t value = demand_column(reader, find_column(reader.header(), {number}), number);
  if (file.report().failure) return;
  inputs::Strangers strangers;
  RowFaults faults;
  while (reader.next(faults)) {
    PriceEvent event{.ex_date = {}, .line = faults.line()};
    std::string_view name;
    read_into(reader, id, name, faults);
    read_into(reader, date, event.ex_date, faults);
    read_into(reader, value, event.value, faults);
    demand_positive(reader, value, event.value, faults);
    const auto place = table.find(name);
    if (faults.any()) {
      tell_row(file, faults, name);
    } else if (place == table.end()) {
      strangers.add(name, event.line);
    } else {
      (place->second.*list).push_back(event);
    }
  }
  strangers.tell(file.report(), reader.header()[id], "the prices");
}

std::string text_at(const TableReader& reader, std::size_t place) {
  return place < reader.cells().size() ? std::string(reader.cells()[place]) : std::string();
}

}  // namespace

void read_daily_prices(BookFile& file, PriceTable& table) {
  TableReader reader(file);
  if (!reader.usable()) return;
  refuse_repeated_columns(reader);
  const auto& header = reader.header();
  demand_column(reader, find_column(header, {"date"}), "date");
  if (file.report().failure) return;
  const bool is_long = find_id(header) != nowhere && find_column(header, {"close"}) != nowhere;
  is_long ? read_long(file, reader, table) : read_wide(file, reader, table);
}

void read_splits(BookFile& file, PriceTable& table) { read_events(file, table, "factor", &PricedSecurity::splits); }

void read_dividends(BookFile& file, PriceTable& table) {
  read_events(file, table, "amount", &PricedSecurity::dividends);
}

void read_descriptions(BookFile& file, PriceTable& table) {
  TableReader reader(file);
  if (!reader.usable()) return;
  refuse_repeated_columns(reader);
  const auto& header = reader.header();
  const std::size_t id = demand_column(reader, find_id(header), "security_id");
  const std::size_t kind = find_column(header, {"kind"});
  const std::size_t asset_class = find_column(header, {"asset_class"});
  const std::size_t sector = find_column(header, {"sector", "gics_sector_last", "gics_sector"});
  if (file.report().failure) return;
  std::map<std::string, std::int64_t, std::less<>> seen;  // by line
  RowFaults faults;
  while (reader.next(faults)) {
    std::string_view name;
    SecurityKind word{};
    read_into(reader, id, name, faults);
    if (kind != nowhere) read_into(reader, kind, word, faults);
    if (faults.any()) {
      tell_row(file, faults, name);
    } else if (const auto [first, fresh] = seen.emplace(name, faults.line()); !fresh) {
      file.report().tell_duplicate(inputs::security_subject(name), header[id], name, faults.line(), first->second);
    } else {
      Description& description = table[std::string(name)].description;
      if (kind != nowhere) description.kind = word;
      description.asset_class = text_at(reader, asset_class);
      description.sector = text_at(reader, sector);
    }
  }
}

}  // namespace lotwright::estimation
