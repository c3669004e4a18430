// What must hold of every report of taxes saved, tried on random small households: sums to the cent, and baselines that
// break no rule but those that care for tax.

#include <cmath>
#include <nlohmann/json.hpp>

#include "run/evaluate.h"
#include "run/memory_folder.h"
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
  if (sum.net_today() != one.total.net_today() || unknown != one.unknown) wrong << "a total is not its rows'\n";
}

TEST(Properties, TaxesSavedAddUpToTheCent) {
  properties::hold(300, [](const RandomBook& rows, Wrong& wrong) {
    const Book book = rows.build();
    for (const savings::Comparison& one : report_on(book).comparisons) judge(one, wrong);
  });
}

bool may_be_broken(const std::string& rule) {
  for (const char* family : {"wash_sale_", "short_term_", "budget_", "names_max", "band_", "request_"}) {
    if (rule.starts_with(family)) return true;
  }
  return rule == "verification_both_sides" || rule == "restriction_weight_min";
}

TEST(Properties, BaselinesBreakNoRuleButThoseThatCareForTax) {
  properties::hold(300, [](const RandomBook& rows, Wrong& wrong) {
    const Book book = rows.build();
    MemoryFolder folder;
    if (!write_tax_report(book, report_on(book), {}, folder) || !folder.publish()) wrong << "not written\n";
    for (const std::string name : {"snap_fifo", "band_hifo"}) {
      inputs::MemorySource orders(folder.files.at("tax_orders_" + name + ".csv"));
      inputs::MemorySource lots(folder.files.at("tax_lot_sales_" + name + ".csv"));
      const auto judged =
          evaluate(book, read_table(orders, "orders", {}).value(), read_table(lots, "lots", {}).value());
      for (const auto& broken : nlohmann::json::parse(judged.value().json).at("broken_rules")) {
        if (!may_be_broken(broken.at("rule"))) wrong << name << ": " << broken.dump() << '\n';
      }
    }
  });
}

}  // namespace
}  // namespace lotwright
