// testing/households.h — small households whose content stands in the comments, so that a test can say what must
// follow.
//
// Each returns the builder: a test adds what it needs and builds. All are as of 2025-06-30, prices of that day, one
// risk factor "market" (variance 0.0225), specific volatility 0.20, no spreads, policy all defaults.
#pragma once

#include "testing/book_builder.h"

namespace lotwright {

// One taxable account "DI" of taxpayer "T" (35 % short, 15 % long), $400 cash, model "M" = 12.5 % each of eight names.
// Value 39,600 + 400 = 40,000; a full position is 0.125 x 0.99 x 40,000 = 4,950.
//
//   lot  security  shares  price  value  basis  gain    acquired
//   D1   AAA       60      100    6,000  3,000  +3,000  2018-05-01  long     overweight, deep gain
//   D2   BBB       80       50    4,000  5,500  -1,500  2023-03-10  long     underweight, a loss to harvest
//   D3   CCC       100      40    4,000  4,600    -600  2025-02-03  short    underweight, a short-term loss
//   D4   DDD       25      200    5,000  4,900    +100  2025-01-15  short    small short-term gain
//   D5   EEE       200      25    5,000  2,000  +3,000  2024-07-10  short    turns long-term in 10 days
//   D6   FFF       62       80    4,960  4,000    +960  2021-11-22  long
//   D7   GGG       64       75    4,800  4,800       0  2022-08-15  long     neither gain nor loss
//   D8   HHH       12      120    1,440  1,400     +40  2024-05-20  long     \ one position in two lots
//   D9   HHH       36.666666 120  4,399.99992  5,000  -600.00008  2025-04-01  short /
//
// The sum of the positions is 39,599.99992. "BB2" and "CC2" (no position) may stand in for BBB and CCC at 10 bp a year.
[[nodiscard]] BookBuilder direct_index();

// Taxpayer "T" owns a taxable account "TX" and an IRA "IRA" (tax-deferred), one household "H"; $1,000 cash in each.
// Model "M" is half AAA, half BBB. AAA and AAB are substantially identical (group "A-SHARES").
//
//   TX   L1  AAA  100 at 90 = 9,000, basis 12,000, 2023-01-20: a long-term loss of 3,000
//   TX   L2  BBB  100 at 100 = 10,000, basis 8,000, 2022-06-01
//   IRA  L3  AAB   40 at 60 = 2,400, bought 2025-06-10, 20 days ago (in transactions.csv too): a replacement
//   IRA  L4  BBB   50 at 100 = 5,000, basis 4,000, 2020-02-03
//
// So L1's loss may not be taken while L3 is kept: 40 shares' worth, 1,200, would be disallowed.
[[nodiscard]] BookBuilder taxable_and_ira();

// Account "CO" of taxpayer "T", $500 cash, half AAA, half BBB at 100; a cash_out of 5,000 is due on 2025-07-02.
//
//   L1  AAA  100, basis 6,000, 2020-01-15: a long-term gain of 4,000
//   L2  BBB  100, basis 9,900, 2020-01-15: a long-term gain of 100
//
// V = 20,000 + 500 - 5,000 = 15,500; cash must reach 5,000 + 0.005 x 15,500 = 5,077.50, so 4,577.50 is to be raised.
[[nodiscard]] BookBuilder cash_out_due();

// Account "RS" of taxpayer "T", household "H", $200 cash, model = a quarter each of AAA, BBB, CCC, DDD at 100.
//
//   L1  AAA  30, basis 2,000   firm: never_buy tag "tobacco" (AAA)
//   L2  BBB  20, basis 1,000   household: never_sell BBB
//   L3  CCC  10, basis 900     account: weight_max 0.20 on CCC
//   L4  EEE  10, basis 950     account: sell_all EEE (not in the model)
//   L5  FFF  10, basis 950     account: freeze FFF (not in the model)
[[nodiscard]] BookBuilder restricted();

}  // namespace lotwright
