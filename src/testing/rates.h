// testing/rates.h — rates by brackets, for the tests of tax/.
#pragma once

#include "tax/netting.h"
#include "testing/book_builder.h"

namespace lotwright::tax {

inline TaxRates by_brackets(const BracketsDraft& draft, const std::string& income, const std::string& magi) {
  Taxpayer taxpayer;
  taxpayer.ordinary_income = money(income);
  taxpayer.magi = money(magi);
  taxpayer.rate_long = weight("0.15");
  return bracket_rates(tax_brackets(draft), taxpayer, 0.9);
}

inline TaxRates single(const std::string& income, const std::string& magi) {
  return by_brackets(single_2025(), income, magi);
}

inline TaxRates single(const std::string& income) { return single(income, income); }

}  // namespace lotwright::tax
