// securities.csv, prices.csv and alpha.csv.

#include <algorithm>

#include "inputs/readers.h"
#include "inputs/table.h"

namespace lotwright::inputs {
namespace {

struct SecurityRow {
  std::string id, symbol, name;
  SecurityKind kind = SecurityKind::stock;
  std::string asset_class, sector, industry, country, identical_group, tags;
  Quantity quantity_step = Quantity::of_whole(1);
  BasisPoints half_spread;
  bool tradable = true;
  std::optional<Quantity> daily_volume;

  auto operator<=>(const SecurityRow&) const = default;
};

const Table<SecurityRow> securities_table{
    required<&SecurityRow::id>("security_id"),
    optional<&SecurityRow::symbol>("symbol"),
    optional<&SecurityRow::name>("name"),
    required<&SecurityRow::kind>("kind"),
    optional<&SecurityRow::asset_class>("asset_class"),
    optional<&SecurityRow::sector>("sector"),
    optional<&SecurityRow::industry>("industry"),
    optional<&SecurityRow::country>("country"),
    optional<&SecurityRow::identical_group>("identical_group"),
    optional<&SecurityRow::tags>("tags"),
    optional<&SecurityRow::quantity_step, Range::positive>("quantity_step"),
    optional<&SecurityRow::half_spread, Range::not_negative>("half_spread_bps"),
    optional<&SecurityRow::tradable>("tradable"),
    optional<&SecurityRow::daily_volume, Range::not_negative>("daily_volume"),
};

struct PriceRow {
  std::optional<Date> date;
  std::string_view security;
  Price close;
  bool confirmed = false;
};

const Table<PriceRow> prices_table{
    required<&PriceRow::date>("date"),
    required<&PriceRow::security>("security_id"),
    required<&PriceRow::close, Range::positive>("close"),
    optional<&PriceRow::confirmed>("confirmed"),
};

struct AlphaRow {
  std::string security;
  double alpha = 0.0;

  auto operator<=>(const AlphaRow&) const = default;
};

const Table<AlphaRow> alpha_table{
    required<&AlphaRow::security>("security_id"),
    required<&AlphaRow::alpha>("alpha"),
};

std::vector<std::string> split_tags(std::string_view text) {
  std::vector<std::string> tags;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    if (end > 0) tags.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

const std::string& group_name(const SecurityRow& row) {
  return row.identical_group.empty() ? row.id : row.identical_group;
}

std::vector<std::string> group_names(const std::vector<Kept<SecurityRow>>& rows) {
  std::vector<std::string> names;
  for (const auto& kept : rows) names.push_back(group_name(kept.row));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Security security_of(const SecurityRow& row, const std::vector<std::string>& groups) {
  const auto group = std::lower_bound(groups.begin(), groups.end(), group_name(row)) - groups.begin();
  Security security;
  security.id = SecurityId(row.id);
  security.symbol = row.symbol;
  security.name = row.name;
  security.kind = row.kind;
  security.asset_class = row.asset_class;
  security.sector = row.sector;
  security.industry = row.industry;
  security.country = row.country;
  security.tags = split_tags(row.tags);
  security.group = GroupIndex{static_cast<std::uint32_t>(group)};
  security.quantity_step = row.quantity_step;
  security.half_spread = row.half_spread;
  security.tradable = row.tradable;
  security.daily_volume = row.daily_volume;
  return security;
}

// The newest usable price of one security, and the newest row that could not be used.
struct PriceSoFar {
  std::int64_t line = 0;           // of the price; 0: none yet
  bool disputed = false;           // another row of that day says otherwise
  RowFaults faults;                // of the newest faulty row
  std::optional<Date> fault_date;  // none: unreadable, the row may be of any day
  bool faulty = false;
};

// Keeps what matters of a faulty row: one of unknown date most of all, else the newest.
void enter_fault(PriceSoFar& so_far, const PriceRow& row, const RowFaults& faults) {
  const bool weaker = so_far.faulty && (!so_far.fault_date || (row.date && *row.date <= *so_far.fault_date));
  if (weaker) return;
  so_far.faulty = true;
  so_far.fault_date = row.date;
  so_far.faults = faults;
}

// Of two prices of one day the smaller is kept, whatever the order of rows.
void keep_smaller(std::optional<Price>& kept, Date& kept_on, Price close, Date date) {
  const bool same_day = kept && kept_on == date;
  if (!same_day || close < *kept) kept = close;
  kept_on = date;
}

void enter_price(PriceSoFar& so_far, Security& security, const PriceRow& row, std::int64_t line) {
  const bool older = so_far.line != 0 && *row.date < security.price_date;
  if (older) {
    const bool older_still = security.price_before && *row.date < security.price_before_date;
    if (!older_still) keep_smaller(security.price_before, security.price_before_date, row.close, *row.date);
    return;
  }
  const bool same_day = so_far.line != 0 && *row.date == security.price_date;
  so_far.disputed = same_day && (so_far.disputed || *security.price != row.close);  // it is held
  if (!same_day && so_far.line != 0) {
    security.price_before = security.price;
    security.price_before_date = security.price_date;
  }
  security.price_confirmed = row.confirmed && (!same_day || security.price_confirmed);
  keep_smaller(security.price, security.price_date, row.close, *row.date);
  so_far.line = line;
}

// A faulty row matters only if no newer price makes it history.
void settle_price(const PriceSoFar& so_far, const Security& security, FileReport& report) {
  const bool outdated = so_far.fault_date && so_far.line != 0 && *so_far.fault_date < security.price_date;
  if (so_far.faulty && !outdated) report.find(Severity::hold, security_subject(security.id.text), so_far.faults);
  if (so_far.disputed) {
    report.tell(Severity::hold, security_subject(security.id.text), rule::data_key_duplicate, so_far.line,
                "security_id", security.id.text,
                "there are two different prices of " + security.id.text + " on " + security.price_date.to_string() +
                    ": keep one");
  }
}

}  // namespace

void read_securities(BookFile& file, Draft& draft) {
  FileReport& report = file.report();
  std::vector<Kept<SecurityRow>> rows;
  read_table(file, securities_table, [&](SecurityRow& row, RowFaults& faults) {
    if (faults.any()) hold_subject(report, security_subject(row.id), faults);
    if (!row.id.empty()) rows.push_back({std::move(row), faults.line()});
  });
  sort_unique(
      rows, [](const SecurityRow& row) -> const std::string& { return row.id; },
      [&](const auto& kept, const auto& extra) {
        report.tell_duplicate(security_subject(extra.row.id), "security_id", extra.row.id, extra.line, kept.line);
      });
  Book& book = draft.book;
  book.groups = group_names(rows);
  for (const auto& kept : rows) book.securities.push_back(security_of(kept.row, book.groups));
  draft.securities = Names<SecurityIndex>(book.securities);
}

void read_prices(BookFile& file, Draft& draft) {
  FileReport& report = file.report();
  std::vector<PriceSoFar> so_far(draft.book.securities.size());
  Strangers strangers;
  read_table(file, prices_table, [&](PriceRow& row, RowFaults& faults) {
    if (row.date && *row.date > draft.as_of()) return;  // not known yet on as_of
    const SecurityIndex i = draft.securities.find(row.security);
    if (i.exists() && faults.any()) return enter_fault(so_far[i.value], row, faults);
    if (i.exists()) return enter_price(so_far[i.value], draft.book.securities[i.value], row, faults.line());
    if (row.security.empty()) return hold_subject(report, {}, faults);
    set_aside_security(strangers, draft, row.security, faults.line());
  });
  for (std::size_t i = 0; i < so_far.size(); ++i) settle_price(so_far[i], draft.book.securities[i], report);
  strangers.tell(report, "security_id", "securities.csv");
}

void read_alpha(BookFile& file, Draft& draft) {
  FileReport& report = file.report();
  Strangers strangers;
  std::vector<Kept<AlphaRow>> rows;
  read_table(file, alpha_table, [&](AlphaRow& row, RowFaults& faults) {
    if (faults.any()) return hold_subject(report, security_subject(row.security), faults);
    if (!draft.securities.find(row.security).exists())
      return (void)set_aside_security(strangers, draft, row.security, faults.line());
    rows.push_back({std::move(row), faults.line()});
  });
  sort_unique(
      rows, [](const AlphaRow& row) -> const std::string& { return row.security; },
      [&](const auto& kept, const auto& extra) {
        report.tell_duplicate(security_subject(extra.row.security), "security_id", extra.row.security, extra.line,
                              kept.line);
      });
  for (const auto& kept : rows)
    draft.book.securities[draft.securities.find(kept.row.security).value].alpha = kept.row.alpha;
  strangers.tell(report, "security_id", "securities.csv");
}

}  // namespace lotwright::inputs
