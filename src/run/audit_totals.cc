// run.json's own numbers: each is the sum, count or rank of rows that stand in the other files.
#include <algorithm>
#include <vector>

#include "run/audit_told.h"

namespace lotwright::audited {
namespace {

void check_counts(RunTold& run, Check& check) {
  std::map<std::string, std::size_t> statuses;
  for (const auto& [id, told] : run.accounts) ++statuses[told.status];
  const Json& counts = run.json.at("counts");
  check.that(counts.at("accounts") == run.accounts.size(), "{} accounts", run.accounts.size());
  for (const char* status : {"traded", "no_trade", "held", "failed"}) {
    check.that(counts.at(status) == statuses[status], "{}: {} rows", status, statuses[status]);
  }
  check.that(counts.at("proven_quiet") <= statuses["no_trade"], "proven_quiet: {} are quiet", statuses["no_trade"]);
  check.that(counts.at("orders") == run.orders.size(), "{} orders", run.orders.size());
  check.that(statuses["failed"] == 0 || !run.json.at("cases").empty(), "accounts failed, and no case is saved");
}

// Sums over the decided accounts, and what each row's rounding may add up to.
struct Sums {
  Millionths bought = 0, sold = 0, gain_short = 0, gain_long = 0;
  double turnover = 0.0, tax = 0.0, trading = 0.0, before = 0.0, after = 0.0;
  double invested = 0.0, error_before = 0.0, error_after = 0.0;
  double rounding = 1e-6;

  void add(const Told& told) {
    constexpr double of_a_cell = 1e-6;  // of money; a turnover has eight decimals
    const double investable = std::max(0.0, static_cast<double>(told.investable) / 1e6);
    bought += told.bought;
    sold += told.sold;
    gain_short += told.gain_short;
    gain_long += told.gain_long;
    turnover += told.turnover * investable;
    tax += told.tax;
    trading += told.trading_cost;
    before += told.objective_before;
    after += told.objective_after;
    invested += investable;
    error_before += investable * told.tracking_error_before;
    error_after += investable * told.tracking_error_after;
    const double size = std::abs(told.objective_before) + std::abs(told.objective_after) + std::abs(told.tax);
    rounding += of_a_cell + 1e-8 * investable + 1e-12 * size;
  }
};

void check_sums_of_run(RunTold& run, Check& check) {
  Sums sums;
  for (const auto& [id, told] : run.accounts) {
    if (told.decided()) sums.add(told);
  }
  const Json& totals = run.json.at("totals");
  const auto total = [&](const char* key) { return totals.at(key).get<double>(); };
  const std::pair<const char*, Millionths> exact[] = {{"gain_short", sums.gain_short}, {"gain_long", sums.gain_long}};
  for (const auto& [key, sum] : exact) check.that(near(total(key), sum), "{}: {} in the rows", key, as_text(sum));
  const std::pair<const char*, Millionths> ordered[] = {{"bought", sums.bought}, {"sold", sums.sold}};
  for (const auto& [key, sum] : ordered) check.that(near(total(key), sum), "{}: {} in the rows", key, as_text(sum));
  const double size = 1e-6 * static_cast<double>(run.accounts.size() + 1);
  const std::pair<const char*, double> rounded[] = {{"tax", sums.tax},
                                                    {"trading_cost", sums.trading},
                                                    {"objective_before", sums.before},
                                                    {"objective_after", sums.after}};
  for (const auto& [key, sum] : rounded) {
    const double slack = size + 1e-12 * (std::abs(sums.before) + std::abs(sums.after) + std::abs(sum));
    check.that(near(total(key), sum, slack), "{}: {} in the rows", key, sum);
  }
  check.that(near(total("turnover"), sums.turnover, sums.rounding), "turnover: {} in the rows", sums.turnover);
  check.that(near(total("investable_value"), sums.invested, size), "investable_value: {} in the rows", sums.invested);
  if (sums.invested <= 0.0) return;
  const std::pair<const char*, double> errors[] = {{"tracking_error_before", sums.error_before},
                                                   {"tracking_error_after", sums.error_after}};
  for (const auto& [key, sum] : errors) {
    const double mean = sum / sums.invested;
    check.that(near(total(key), mean, 1e-9), "{}: {} in the rows", key, mean);
  }
}

void check_gaps(RunTold& run) {
  Check check(run.audit, "run.json's gaps are the median, 99th percentile and largest of accounts.csv");
  std::vector<double> all, large;
  for (const auto& [id, told] : run.accounts) {
    if (told.gap_bps.empty()) continue;
    constexpr Millionths large_account = 250'000'000'000;
    all.push_back(real(told.gap_bps));
    if (told.value > large_account) large.push_back(all.back());
  }
  const std::pair<const char*, std::vector<double>*> keys[] = {{"gap", &all}, {"gap_above_250000", &large}};
  for (const auto& [key, gaps] : keys) {
    const Json& told = run.json.at(key);
    std::ranges::sort(*gaps);
    const auto rank = [&, list = gaps](double share) {
      if (list->empty()) return 0.0;
      const auto place = static_cast<std::size_t>(std::ceil(share * static_cast<double>(list->size())));
      return (*list)[std::max<std::size_t>(place, 1) - 1];
    };
    check.that(told.at("accounts") == gaps->size(), "{}: {} accounts", key, gaps->size());
    const std::pair<const char*, double> figures[] = {
        {"median_bps", rank(0.5)}, {"p99_bps", rank(0.99)}, {"max_bps", rank(1.0)}};
    for (const auto& [name, figure] : figures) {
      check.that(near(told.at(name).get<double>(), figure, 1e-6 + 1e-9 * std::abs(figure)), "{}: {} {}", key, name,
                 figure);
    }
  }
}

void check_left_totals(RunTold& run) {
  struct Cause {
    std::set<Text> accounts, unknown;
    std::size_t lines = 0;
    Millionths dollars = 0;
  };
  std::map<std::string, Cause> causes;
  run.each("left", [&](auto cell, auto) {
    Cause& cause = causes[std::string(cell("cause"))];
    cause.accounts.insert(cell("account_id"));
    if (cell("dollars").empty()) cause.unknown.insert(cell("account_id"));
    cause.lines += whole(cell("lines"));
    cause.dollars += run.millionths(cell("dollars"));
  });
  Check check(run.audit, "run.json adds up left.csv by cause");
  const Json& told = run.json.at("left");
  check.that(told.size() == causes.size(), "{} causes in the rows", causes.size());
  for (const auto& [name, cause] : causes) {
    const bool same = told.contains(name) && told[name].at("accounts") == cause.accounts.size() &&
                      told[name].at("accounts_unknown") == cause.unknown.size() &&
                      told[name].at("lines") == cause.lines &&
                      near(told[name].at("dollars").get<double>(), cause.dollars);
    check.that(same, "{}: {} in {} accounts", name, as_text(cause.dollars), cause.accounts.size());
  }
}

template <class Amount, class Same>
void check_by_rule(const Json& told, const std::map<std::string, Amount>& rows, const char* key, Same same,
                   Check& check) {
  check.that(told.size() == rows.size(), "{}: {} rules in the rows", key, rows.size());
  for (const auto& [rule, amount] : rows) {
    check.that(told.contains(rule) && same(told[rule].template get<double>(), amount), "{}: {}", key, rule);
  }
}

void check_harvest_totals(RunTold& run) {
  std::size_t scanned = 0, not_scanned = 0, lots = 0, unknown = 0;
  std::map<std::string, Millionths> sums, skipped_by;
  std::map<std::string, std::size_t> not_scanned_by;
  run.each("harvests", [&](auto cell, auto) {
    const std::string rule(cell("rule"));
    if (!cell("security_id").empty()) {
      if (const Millionths skipped = run.millionths(cell("skipped")); skipped > 0) skipped_by[rule] += skipped;
      return;
    }
    const bool seen = cell("status") == "scanned";
    ++(seen ? scanned : not_scanned);
    if (!seen) ++not_scanned_by[rule];
    lots += whole(cell("lots"));
    unknown += whole(cell("lots_unknown_basis"));
    for (const char* key : {"loss", "taken", "disallowed", "skipped"}) sums[key] += run.millionths(cell(key));
  });
  Check check(run.audit, "run.json has the sums of harvests.csv, every taxable account scanned or told why not");
  const Json& told = run.json.at("harvest");
  const std::pair<const char*, std::size_t> counts[] = {{"accounts_taxable", scanned + not_scanned},
                                                        {"scanned", scanned},
                                                        {"not_scanned", not_scanned},
                                                        {"lots", lots},
                                                        {"lots_unknown_basis", unknown}};
  for (const auto& [key, count] : counts) check.that(told.at(key) == count, "{}: {} in the rows", key, count);
  for (const auto& [key, sum] : sums)
    check.that(near(told.at(key).get<double>(), sum), "{}: {} in the rows", key, as_text(sum));
  check_by_rule(
      told.at("skipped_by"), skipped_by, "skipped_by", [](double a, Millionths b) { return near(a, b); }, check);
  check_by_rule(
      told.at("not_scanned_by"), not_scanned_by, "not_scanned_by",
      [](double a, std::size_t b) { return a == static_cast<double>(b); }, check);
}

void check_gates(RunTold& run) {
  Check check(run.audit, "a run that a gate stopped sends nothing, and exceptions.csv has the gate");
  const Json& gates = run.json.at("stopped_by");
  check.that(gates.empty() == run.sent, "orders_sent and stopped_by contradict each other");
  std::multiset<std::string> told, rows;
  for (const Json& gate : gates)
    told.insert(gate.at("rule").get<std::string>() + ": " + gate.at("message").get<std::string>());
  run.each("exceptions", [&](auto cell, auto) {
    if (!cell("rule").starts_with("gate_")) return;
    rows.insert(std::string(cell("rule")) + ": " + std::string(cell("message")));
    check.that(cell("severity") == "hold", "{} is no hold", cell("rule"));
  });
  check.that(told == rows, "{} gates in run.json, {} in exceptions.csv", told.size(), rows.size());
  if (run.sent) return;
  for (const char* name : {"orders", "lot_sales", "blocks"}) {
    const std::size_t lines = run.tables.find(name)->second.rows.size();
    check.that(lines == 0, "{}.csv has {} rows", name, lines);
  }
}

}  // namespace

void check_totals(RunTold& run) {
  check_harvest_totals(run);
  check_left_totals(run);
  check_gaps(run);
  Check check(run.audit, "run.json's counts and totals are those of the rows");
  check_counts(run, check);
  check_sums_of_run(run, check);
  check_gates(run);
}

}  // namespace lotwright::audited
