// What must hold of every report of taxes saved, tried on random small households: sums to the cent, and baselines that
// break no rule but those that care for tax.

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "run/evaluate.h"
#include "run/memory_folder.h"
#include "run/outputs.h"
#include "run/run_fixtures.h"
#include "run/tax_report.h"
#include "testing/properties.h"

namespace lotwright {
namespace {

using properties::Wrong;

TaxReport report_on(const Book& book) {
  RunOptions options;
  options.threads = 1;
  const std::atomic<bool> never = false;
  return tax_report(book, options, {}, StillClock(), never).value();
}

void judge(const savings::Comparison& one, Wrong& wrong) {
  savings::Figures sum;
  std::size_t unknown = 0;
  for (const savings::LotRow& row : one.rows) {
    const savings::Figures& figures = row.figures;
    if (figures.saved != figures.saved_due + figures.saved_carried) wrong << row.lot_id << ": the two parts differ\n";
    if (figures.saved != figures.deferral + figures.harvest + figures.rate_difference + figures.permanent) {
      wrong << row.lot_id << ": the pieces are not the whole\n";
    }
    const double exact = (row.of_run ? -row.rate : row.rate) * row.counted.to_double();
    if (std::abs(figures.saved.to_double() - exact) > 0.0101 + 1e-9 * std::abs(exact)) {
      wrong << row.lot_id << ": saves " << figures.saved.to_string() << ", its rate makes " << exact << '\n';
    }
    if (row.lost > row.disallowed) wrong << row.lot_id << ": more is lost than disallowed\n";
    if (row.gain && row.event == savings::Event::sale && -*row.gain < row.disallowed && row.disallowed.is_positive()) {
      wrong << row.lot_id << ": more is disallowed than there was\n";
    }
    unknown += row.gain ? 0 : 1;
    sum.add(figures);
  }
  if (sum.saved != one.of_baseline.tax - one.of_run.tax) wrong << "rows and years differ\n";
  if (sum.saved_due != one.of_baseline.due - one.of_run.due) wrong << "rows and what is due differ\n";
  if (sum.net_today() != one.total.net_today() || unknown != one.unknown) wrong << "a total is not its rows'\n";
}

TEST(Properties, TaxesSavedAddUpToTheCent) {
  properties::hold(300, [](const RandomBook& rows, Wrong& wrong) {
    const Book book = rows.build();
    for (const savings::Comparison& one : report_on(book).comparisons) judge(one, wrong);
  });
}

bool cares_for_tax(const std::string& rule) {
  for (const char* family : {"wash_sale_", "short_term_", "budget_", "names_max", "band_", "request_"}) {
    if (rule.starts_with(family)) return true;
  }
  return rule == "verification_both_sides" || rule == "restriction_weight_min";
}

using Broken = std::map<std::pair<std::string, std::string>, std::string>;  // account and rule -> message

Broken broken_by(const Book& book, const std::string& orders, const std::string& lot_sales) {
  inputs::MemorySource of_orders(orders);
  inputs::MemorySource of_lots(lot_sales);
  const auto judged =
      evaluate(book, read_table(of_orders, "orders", {}).value(), read_table(of_lots, "lots", {}).value());
  const auto told = nlohmann::json::parse(judged.value().json);
  Broken broken;
  for (const auto& one : told.at("broken_rules")) {
    // A sell_all of a single lot is not acted upon by anybody: the run says so.
    if (one.at("rule") == "restriction_sell_all" && one.at("lot_id") != "") continue;
    broken[{one.at("account_id"), one.at("rule")}] = one.dump();
  }
  return broken;
}

// Mode, turnover and cash minimum yield to a sale that is forced; which sale serves best is no baseline's question.
bool sales_are_forced(const Book& book) {
  const auto sells_all = [](const Restriction& one) { return one.rule == RestrictionRule::sell_all; };
  const auto overdrawn = [](const Account& one) { return one.cash.is_negative(); };
  return !book.requests.empty() || std::ranges::any_of(book.restrictions, sells_all) ||
         std::ranges::any_of(book.accounts, overdrawn);
}

// Where rules of the book contradict each other, the run breaks some too.
TEST(Properties, BaselinesBreakNoRuleThatTheRunKeepsButThoseThatCareForTax) {
  properties::hold(300, [](const RandomBook& rows, Wrong& wrong) {
    const Book book = rows.build();
    MemoryFolder of_run;
    MemoryFolder of_report;
    const RunResult run = run_of(book, engine_steps(book));
    if (!write_outputs(book, run, of_run) || !of_run.publish()) wrong << "the run is not written\n";
    if (!write_tax_report(book, report_on(book), {}, of_report) || !of_report.publish()) wrong << "not written\n";
    const Broken by_run = broken_by(book, of_run.files.at("orders.csv"), of_run.files.at("lot_sales.csv"));
    for (const std::string name : {"snap_fifo", "band_hifo"}) {
      const Broken broken = broken_by(book, of_report.files.at("tax_orders_" + name + ".csv"),
                                      of_report.files.at("tax_lot_sales_" + name + ".csv"));
      for (const auto& [what, message] : broken) {
        const bool yields =
            what.second.starts_with("mode_") || what.second == "turnover_max" || what.second == "cash_min";
        if (yields && sales_are_forced(book)) continue;
        if (!cares_for_tax(what.second) && !by_run.contains(what)) wrong << name << ": " << message << '\n';
      }
    }
  });
}

}  // namespace
}  // namespace lotwright
