// testing/instances.h — invented accounts of a stated size, for measuring and stressing the solver: direct indexes that
// hold part of their model in lots of many dates and costs.
//
// In:       sizes and settings; a seed.
// Out:      a Book of accounts without a common household or taxpayer: each is a decision unit. The same book one
//           trading day later, with orders carried out.
// Promises: the same settings make the same book on every machine (no libm), and account i is the same whatever the
//           number of accounts.
// Example:  const Book book = instances({.names = 500, .accounts = 100});
#pragma once

#include <cstdint>
#include <span>

#include "book/trades.h"

namespace lotwright {

enum class GainsSoFar {
  one_cell,   // the year's gains, or losses carried forward, are so large that no orders leave one convex cell of T
  all_cells,  // both net gains are near zero, where the cells meet
};

// Every account: 35 to 80 % of `names` held in 1 to 5 lots each, costs log-normal about the price (half of the lots
// stand at a loss unless `cost_middle` says otherwise; the older, the farther off), a tenth of them short-term, some
// young; 0 to 4 % in cash; a few names sold at a loss lately. 40.8 % and 23.8 % on gains. The model wants all names.
struct InstanceSettings {
  int names = 200;
  int factors = 20;  // one of them the market
  int accounts = 100;
  std::uint64_t seed = 1;
  double dollars = 1e6;       // an account's value, but for the rounding of its shares
  bool whole_shares = false;  // else steps of a millionth
  bool taxable = true;
  GainsSoFar gains = GainsSoFar::one_cell;
  double trade_min_weight = 0.001;
  double ticket_cost = 1.0;  // dollars
  double risk_aversion = 20.0;
  double cost_middle = 1.0;  // the median cost of a lot, of its price: 0.8 leaves a third of the lots at a loss
  int band_rows = 12;        // half of them bands of asset classes, the others limits on sectors; 0..20
};

[[nodiscard]] Book instances(const InstanceSettings& settings);

// The book on the next weekday: prices moved by the book's own risk model, about 1 % a day, `done` carried out at the
// old prices: lots sold and bought, cash, gains of the year, transactions. `done` may leave out accounts.
[[nodiscard]] Book next_trading_day(const Book& book, std::uint64_t seed, std::span<const AccountTrades> done);

}  // namespace lotwright
