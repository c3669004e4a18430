#include "tax/waiting.h"

#include <algorithm>
#include <cmath>

#include "numerics/normal.h"

namespace lotwright::tax {
namespace {

constexpr double days_a_year = 365.0;
constexpr int wash_days = 31;  // a security sold at a loss may be bought again on the 31st day after it (IRC 1091)

// The call on a price that moves by `spread` dollars (one standard deviation) and is `ahead` of the strike today.
double call_value(double ahead, double spread) {
  if (spread <= 0.0) return std::max(0.0, ahead);
  const double x = ahead / spread;
  return std::max(0.0, ahead * numerics::normal_distribution(x) + spread * numerics::normal_density(x));
}

double spread_of(const LotOutlook& lot, int days) { return lot.volatility * lot.value * std::sqrt(days / days_a_year); }

double of_gain(const LotOutlook& lot, const TaxSlopes& rates) {
  const double saved = rates.on_short - rates.on_long;
  if (lot.days_to_long_term <= 0 || saved <= 0.0) return 0.0;
  return std::max(0.0, (saved * days_a_year / lot.days_to_long_term - rates.on_short) * lot.gain);
}

// Days for which a larger loss would count as much as this one does: until the year or the better term ends.
int days_of_loss(const LotOutlook& lot, const TaxSlopes& rates) {
  const bool term_matters = lot.days_to_long_term > 0 && rates.on_short > rates.on_long;
  return term_matters ? std::min(lot.days_to_year_end, lot.days_to_long_term) : lot.days_to_year_end;
}

// What keeping a loss for some days more adds to it at best, each day putting off the fresh lots by a day.
double option_kept(const LotOutlook& lot, int days_max) {
  const double fresh = call_value(0.0, spread_of(lot, wash_days));
  const int longest = std::min(days_max, wash_days);
  // A longer option is worth more: of a deep loss even the longest adds less than the first day puts off.
  if (call_value(lot.gain, spread_of(lot, longest)) * wash_days <= fresh) return 0.0;
  double best = 0.0;
  for (int days = 1; days <= longest; ++days) {
    best = std::max(best, call_value(lot.gain, spread_of(lot, days)) - fresh * days / wash_days);
  }
  return best;
}

double of_loss(const LotOutlook& lot, const TaxSlopes& rates) {
  const double rate = std::max(0.0, lot.days_to_long_term > 0 ? rates.on_short : rates.on_long);
  return rate * option_kept(lot, days_of_loss(lot, rates)) + lot.way_back;
}

}  // namespace

double waiting_value(const LotOutlook& lot, const MarginalRates& rates) {
  const double value = lot.gain < 0.0 ? of_loss(lot, rates.on_loss) : of_gain(lot, rates.on_gain);
  return std::min(value, std::max(0.0, lot.value));
}

}  // namespace lotwright::tax
