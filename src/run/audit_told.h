// run/audit_told.h — what the files of a finished run say, read once for all claims of its audit (run/audit.h).
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "run/audit.h"
#include "run/table.h"

namespace lotwright::audited {

using Json = nlohmann::json;
using Text = std::string_view;
using Millionths = std::int64_t;  // of a dollar or a share

// One claim while it is checked.
class Check {
 public:
  Check(Audit& audit, std::string says) : audit_(audit), place_(audit.claims.size()) {
    audit.claims.emplace_back().says = std::move(says);
  }

  // Returns `holds`.
  template <class... Words>
  bool that(bool holds, fmt::format_string<Words...> breach, Words&&... words) {
    constexpr std::size_t breaches_told_max = 5;
    Claim& claim = audit_.claims[place_];
    ++claim.checked;
    if (holds) return true;
    claim.kept = false;
    ++claim.breaches_count;
    if (claim.breaches.size() < breaches_told_max) {
      claim.breaches.push_back(fmt::format(breach, std::forward<Words>(words)...));
    }
    return false;
  }

 private:
  Audit& audit_;
  std::size_t place_;  // among the claims
};

// A row of accounts.csv, and what the other files have of the account.
struct Told {
  std::string status;
  std::string household;
  Millionths value = 0, investable = 0, cash_before = 0, cash_after = 0, gain_short = 0, gain_long = 0;
  Millionths improvement = 0;
  double objective_before = 0.0, objective_after = 0.0, tracking_error_before = 0.0, tracking_error_after = 0.0;
  double turnover = 0.0, tax = 0.0, trading_cost = 0.0, waiting = 0.0;
  Text bound, gap, gap_bps;
  bool taxed = false;
  std::size_t exceptions = 0;
  // Added up from the other files.
  std::size_t orders = 0, lines = 0, holds = 0, own_reviews = 0;
  std::set<Text> hold_rules;
  Millionths bought = 0, sold = 0, commission = 0, sold_short = 0, sold_long = 0, nets = 0, funding = 0;

  bool asked = false;  // what it has, since the run before: state/ keeps what was last believed, or nothing

  [[nodiscard]] bool decided() const { return status != "held" && status != "failed"; }
  // state/ has it as it was that day.
  [[nodiscard]] bool believed() const { return decided() && !asked; }
};

struct OrderTold {
  Text account, security, side, reason;
  Millionths quantity = 0, amount = 0;
  bool review = false;
  Millionths lots = 0, proceeds = 0;  // of its lot sales
};

struct RunTold {
  std::filesystem::path folder;
  Json json;         // run.json
  bool sent = true;  // no gate stopped it
  Audit audit;
  std::optional<Check> numbers;                      // "every amount is a number"
  std::map<std::string, Table, std::less<>> tables;  // "orders", "state/accounts"; of a file not there without rows
  // The tables of what was proposed: where a gate stopped the run they are kept back.
  Text orders_table = "orders", lot_sales_table = "lot_sales";
  std::map<std::string, Told, std::less<>> accounts;
  std::map<std::string, OrderTold, std::less<>> orders;

  // `visit(cell, line)`, where cell("column") is a text.
  template <class Visit>
  void each(Text name, Visit visit) const {
    const Table& table = tables.find(name)->second;
    for (const TableRow& row : table.rows) {
      visit([&](Text column) { return table.cell(row, column); }, row.line);
    }
  }

  // An exact number of a cell; an empty cell is nothing, and so is, once told, what is no number or beyond all sense.
  Millionths millionths(Text text);

  // Null where the run has no such account.
  [[nodiscard]] Told* account(Text id) {
    const auto at = accounts.find(id);
    return at == accounts.end() ? nullptr : &at->second;
  }
};

[[nodiscard]] std::string as_text(Millionths count);
[[nodiscard]] double real(Text text);        // of an empty cell 0; of what is no number NaN, which is near nothing
[[nodiscard]] std::size_t whole(Text text);  // of an empty cell 0; of what is none, more than there can be
// A total that run.json writes as a real number.
[[nodiscard]] bool near(double told, Millionths sum);
[[nodiscard]] bool near(double told, double seen, double slack);

// The claims, each group beside what it reads (audit_orders.cc, audit_reports.cc, audit_totals.cc). Those of accounts
// and orders come first: they fill RunTold.
void check_accounts(RunTold& run);
void check_orders(RunTold& run);
void check_lot_sales(RunTold& run);
void check_exceptions(RunTold& run);
void check_statuses(RunTold& run);
void check_blocks(RunTold& run);
void check_sums(RunTold& run);
void check_reasons(RunTold& run);
void check_left(RunTold& run);
void check_bounds(RunTold& run);
void check_harvests(RunTold& run);
void check_state(RunTold& run);
void check_totals(RunTold& run);

// Those that need more than the run's folder (audit_book.cc).
void check_previous(RunTold& run, const std::string& previous);
void check_book(RunTold& run, const AuditRequest& request);

}  // namespace lotwright::audited
