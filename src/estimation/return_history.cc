#include "estimation/return_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <tuple>

#include "inputs/draft.h"

namespace lotwright::estimation {
namespace {

using inputs::FileReport;

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
// Beyond these a day's growth is taken for a missing split or a wrong price: real days of large companies lie within.
constexpr double growth_min = 0.52;
constexpr double growth_max = 1.90;
constexpr int findings_of_gaps_min = 3;  // days missing within a security's life before it is told

void tell(FileReport& told, Severity severity, const std::string& id, const char* rule, std::int64_t line,
          std::string_view value, const std::string& message) {
  told.tell(severity, inputs::security_subject(id), rule, line, id, value, message);
}

// Sorted, nothing after as_of, one quote a day. Two that differ are both left out: nobody can say which is true.
void settle_quotes(const std::string& id, std::optional<Date> as_of, std::vector<Quote>& quotes, FileReport& told) {
  if (as_of) std::erase_if(quotes, [&](const Quote& quote) { return quote.day > *as_of; });
  std::sort(quotes.begin(), quotes.end());
  std::vector<Quote> settled;
  for (std::size_t i = 0; i < quotes.size();) {
    std::size_t next = i + 1;
    while (next < quotes.size() && quotes[next].day == quotes[i].day) ++next;
    const Quote& last = quotes[next - 1];
    if (last.close == quotes[i].close) settled.push_back(quotes[i]);
    if (next - i > 1) {
      tell(told, Severity::review, id, rule::data_key_duplicate, last.line, quotes[i].day.to_string(),
           fmt::format("{} has {} prices on {}, from {} to {}: {}keep one of them", id, next - i,
                       quotes[i].day.to_string(), quotes[i].close, last.close,
                       last.close == quotes[i].close ? "" : "all are left out; "));
    }
    i = next;
  }
  quotes = std::move(settled);
}

// Sorted; the same row twice counts once.
void settle_events(const std::string& id, std::vector<PriceEvent>& events, FileReport& told) {
  std::sort(events.begin(), events.end());
  const auto same = [](const PriceEvent& a, const PriceEvent& b) {
    return a.ex_date == b.ex_date && a.value == b.value;
  };
  for (std::size_t i = 1; i < events.size(); ++i) {
    if (!same(events[i - 1], events[i])) continue;
    tell(told, Severity::note, id, rule::data_key_duplicate, events[i].line, events[i].ex_date.to_string(),
         fmt::format("{} has the event of {} twice, counted once: keep one of the rows", id,
                     events[i].ex_date.to_string()));
  }
  events.erase(std::unique(events.begin(), events.end(), same), events.end());
}

// Days on which at least half of the securities alive have a price. One stray row must not cost everybody a return.
std::vector<Date> trading_days(const PriceTable& table, FileReport& told) {
  struct Count {
    int priced = 0;
    int change = 0;  // of the number alive: lives that begin, less those that ended on an earlier day
  };
  std::map<Date, Count> counts;
  for (const auto& [id, security] : table) {
    for (const Quote& quote : security.quotes) ++counts[quote.day].priced;
    if (security.quotes.empty()) continue;
    ++counts[security.quotes.front().day].change;
    --counts[security.quotes.back().day + 1].change;
  }
  std::vector<Date> days;
  int alive = 0;
  for (const auto& [day, count] : counts) {
    alive += count.change;
    if (count.priced == 0) continue;
    if (2 * count.priced >= alive) {
      days.push_back(day);
    } else {
      told.tell(Severity::note, {}, rule::data_price_gap, 0, "date", day.to_string(),
                fmt::format("{} has prices of {} securities of {}: it is left aside as no trading day; remove its "
                            "prices or add the others",
                            day.to_string(), count.priced, alive));
    }
  }
  return days;
}

// The product of a security's splits and the sum of its dividends after one day, up to another.
class EventWalk {
 public:
  explicit EventWalk(const std::vector<PriceEvent>& events) : at_(events.begin()), end_(events.end()) {}
  template <class Join>
  double join_to(Date day, double value, Join join) {
    for (; at_ != end_ && at_->ex_date <= day; ++at_) value = join(value, at_->value);
    return value;
  }

 private:
  std::vector<PriceEvent>::const_iterator at_;
  std::vector<PriceEvent>::const_iterator end_;
};

// The returns of one security on the given days, into `column`.
void fill_returns(const std::string& id, const PricedSecurity& security, const std::vector<Date>& days,
                  Eigen::Ref<Eigen::VectorXd> column, FileReport& told) {
  EventWalk splits(security.splits);
  EventWalk dividends(security.dividends);
  auto quote = security.quotes.begin();
  double previous = nothing;
  int gaps = 0;
  for (std::size_t t = 0; t < days.size() && quote != security.quotes.end(); ++t) {
    while (quote != security.quotes.end() && quote->day < days[t]) ++quote;
    const double split = splits.join_to(days[t], 1.0, std::multiplies<>());
    const double dividend = dividends.join_to(days[t], 0.0, std::plus<>());
    const bool priced = quote != security.quotes.end() && quote->day == days[t];
    const bool begun = quote != security.quotes.begin();
    if (!priced && begun && quote != security.quotes.end()) ++gaps;
    if (priced && std::isfinite(previous)) {
      const double growth = quote->close * split / previous / (1.0 - std::min(dividend * split / previous, 0.99));
      if (growth < growth_min || growth > growth_max) {
        tell(told, Severity::review, id, rule::data_price_implausible, quote->line, days[t].to_string(),
             fmt::format("{} on {}: {} after {} is a total return of {:+.1f} %, left out: check the price, or add the "
                         "split or dividend that explains it",
                         id, days[t].to_string(), quote->close, previous, 100.0 * (growth - 1.0)));
      } else {
        column[static_cast<Eigen::Index>(t)] = growth - 1.0;
      }
    }
    previous = priced ? quote->close : nothing;
  }
  if (gaps < findings_of_gaps_min) return;
  tell(told, Severity::note, id, rule::data_price_gap, 0, std::to_string(gaps),
       fmt::format("{} has no price on {} trading days between its first and last: the moves over them are left out; "
                   "add the prices",
                   id, gaps));
}

Failure too_short(std::size_t days, int days_min) {
  return {rule::data_history_unusable,
          fmt::format("the prices have {} trading days up to as_of, at least {} are needed: give a longer history or "
                      "a later --as-of",
                      days, days_min),
          {}};
}

// Opens files one after the other and keeps what they report.
class FileShelf {
 public:
  void read(const std::string& path, PriceTable& table, void (*reader)(inputs::BookFile&, PriceTable&)) {
    if (failure()) return;
    FileReport& report = reports_.emplace_back();
    report.input.name = path;
    inputs::BookFile file(report, path, path.ends_with(".gz"));
    reader(file, table);
  }
  FileReport& history() { return history_; }
  [[nodiscard]] const std::optional<Failure>& failure() const {
    static const std::optional<Failure> none;
    return reports_.empty() ? none : reports_.back().failure;
  }
  void hand_over(LoadedHistory& loaded) {
    for (FileReport& report : reports_) {
      loaded.files.push_back(report.input);
      take(report, loaded.findings);
    }
    take(history_, loaded.findings);
  }

 private:
  static void take(FileReport& report, Findings& findings) {
    report.tell_left_out();
    std::move(report.findings.begin(), report.findings.end(), std::back_inserter(findings));
  }
  std::deque<FileReport> reports_;
  FileReport history_;
};

}  // namespace

ReturnHistory total_returns(PriceTable table, std::optional<Date> as_of, FileReport& told) {
  for (auto& [id, security] : table) {
    settle_quotes(id, as_of, security.quotes, told);
    settle_events(id, security.splits, told);
    settle_events(id, security.dividends, told);
  }
  ReturnHistory history;
  history.days = trading_days(table, told);
  history.returns.setConstant(static_cast<Eigen::Index>(history.days.size()), static_cast<Eigen::Index>(table.size()),
                              nothing);
  Eigen::Index i = 0;
  for (const auto& [id, security] : table) {
    fill_returns(id, security, history.days, history.returns.col(i++), told);
    history.ids.push_back(id);
    history.descriptions.push_back(security.description);
  }
  return history;
}

Result<LoadedHistory> load_history(const HistoryFiles& files, std::optional<Date> as_of) {
  constexpr int days_min = 64;
  PriceTable table;
  FileShelf shelf;
  for (const std::string& path : files.prices) shelf.read(path, table, read_daily_prices);
  for (const std::string& path : files.splits) shelf.read(path, table, read_splits);
  for (const std::string& path : files.dividends) shelf.read(path, table, read_dividends);
  if (!files.securities.empty()) shelf.read(files.securities, table, read_descriptions);
  if (shelf.failure()) return *shelf.failure();
  shelf.history().input.name = files.prices.front();
  LoadedHistory loaded;
  loaded.history = total_returns(std::move(table), as_of, shelf.history());
  if (loaded.history.days.size() < days_min) return too_short(loaded.history.days.size(), days_min);
  shelf.hand_over(loaded);
  return loaded;
}

}  // namespace lotwright::estimation
