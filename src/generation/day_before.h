// generation/day_before.h — two days of one family: the sound book of the day before, and what is spoilt or honestly
// happens until the next.
//
// Promises: what happens to an account without a fault is explained by the files: trades, transfers, requests that were
//           announced, a split that is marked applied; whatever else changes stays below what a test may ask about.
#pragma once

#include "generation/book_files.h"

namespace lotwright::generation {

// Securities to which something honest happens between the two days.
struct EventfulStocks {
  std::uint32_t splitting, falling, crashing, rising;
};
[[nodiscard]] EventfulStocks eventful_stocks(const Market& market);

// Shares after that split for each share before.
constexpr int split_ratio = 2;

// The close on the day before, as that day's file has it.
[[nodiscard]] Price price_the_day_before(const Market& market, std::uint32_t security);
// Today's, as it is delivered: of a security in doubt wrong where an account has the fault.
[[nodiscard]] Price price_delivered(const Market& market, std::uint32_t security, const FaultPlan& faults);

// Two days of one family.
struct TwoDays {
  FamilyBook before;
  FamilyBook today;
};

// `book` as it was invented. Faulty accounts first get what their faults need; both days then have it.
[[nodiscard]] TwoDays two_days(Chance& chance, FamilyBook book, const Market& market);

}  // namespace lotwright::generation
