// tax/tax_years.h — one taxpayer's years, one after the other: what is carried out of one comes into the next (IRC
// 1211, 1212).
#pragma once

#include <vector>

#include "book/ledger.h"
#include "tax/netting.h"
#include "tax/sale_row.h"

namespace lotwright::tax {

struct TaxYear {
  TaxpayerIndex taxpayer;
  int year = 0;
  NetGains gains;      // realized in the year, before what earlier years carry in
  ScheduleD schedule;  // with it
};

// The years from `first` to `last`, of each taxpayer from the first year with a sale, or from `first` where a loss is
// carried in; none for those who have neither. A sale of unknown basis counts nowhere.
[[nodiscard]] std::vector<TaxYear> tax_years(const LedgerBook& book, const std::vector<SaleRow>& sales, int first,
                                             int last);

}  // namespace lotwright::tax
