// savings/baselines.h — what simple traders would do with an account on the same day: the published rules that a run's
// tax is compared with (docs/tax_report.md).
//
// In:       a checked account: its lines, targets, lots, prices, payments due and bars.
// Out:      exact trades with lots relieved by the trader's own order.
// Promises: the same targets, prices, whole steps, costs and cash flows as the engine. Law but for wash sales,
//           restrictions, requests for cash, mode, cash minimum, turnover_max, weight limits and the trade minimum are
//           kept. Cash of the account gets no further below zero.
// Refuses:  care for tax: short-term stops, budgets, wash sales, and requests to harvest or to realize gains are not
//           looked at; nor are names_max and the least weight of a band.
// Example:  baseline_trades(book, checked, Baseline::snap_fifo)
#pragma once

#include "checks/checks.h"

namespace lotwright::savings {

enum class Baseline {
  snap_fifo,  // every line to its target, oldest lots first
  band_hifo,  // lines outside their band to their target, lots of the highest cost a share first
  no_trading  // nothing
};

inline constexpr Baseline baselines[] = {Baseline::snap_fifo, Baseline::band_hifo, Baseline::no_trading};

// As in files.
[[nodiscard]] constexpr const char* name_of(Baseline baseline) {
  switch (baseline) {
    case Baseline::snap_fifo:
      return "snap_fifo";
    case Baseline::band_hifo:
      return "band_hifo";
    case Baseline::no_trading:
      return "no_trading";
  }
  return "";
}

// A line is outside its band where it is off its target by more than this of the investable value, or by more than
// this part of its target, whichever is less. What is not in the target has a band of nothing.
inline constexpr Weight band_of_value = Weight::of_count(50'000'000'000);    // 0.05
inline constexpr Weight band_of_target = Weight::of_count(250'000'000'000);  // 0.25

// Nothing for an account that is held or frozen.
[[nodiscard]] AccountTrades baseline_trades(const Book& book, const CheckedAccount& checked, Baseline baseline);

}  // namespace lotwright::savings
