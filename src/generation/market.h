// generation/market.h — invented securities and their daily prices, made of factors whose true risk is known.
//
// In:       a seed, a number of securities, years, and as_of.
// Out:      securities in the order of their ids, each with a close on every weekday, and the covariance, exposures
//           and specific volatilities that the prices were made with.
// Promises: a market factor whose volatility clusters and which jumps, factors for sectors, styles, rates and
//           countries, fat tails in what the factors leave; prices in whole cents.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "book/book.h"
#include "generation/chance.h"

namespace lotwright::generation {

constexpr int securities_min = 40;

// What a security is for in the book.
enum class Role {
  indexed,           // a stock of the indexes
  legacy,            // a stock in no model: what clients bring along
  fund,              // an ETF, a fund or a bond
  cash_fund,         // kind cash
  unpriced,          // held by faulty accounts only: no price
  stale,             // ... its price is old
  disputed,          // ... two prices of one day
  unreadable_price,  // ... its newest price is no number
  merging,           // ... a merger took effect and is not booked
  without_risk,      // ... no row in risk/
  // of books with a day before: between the two days ...
  hundredfold,  // ... its price is multiplied by 100
  halved,       // ... and halved, as a split would
  of_other,     // ... and becomes another security's
  unmapped,     // ... its asset class is lost
};
constexpr int doubtful_roles_of_one_day = 6;
constexpr int doubtful_roles = 10;

struct Stock {
  std::string id, symbol, name;
  SecurityKind kind = SecurityKind::stock;
  std::string asset_class, sector, industry, country, identical_group, tags;
  Quantity quantity_step = Quantity::of_whole(1);
  BasisPoints half_spread;
  bool tradable = true;
  Role role = Role::indexed;
  double size = 0.0;               // weight in an index before it is scaled
  std::uint32_t group = 0;         // the first security of the identical group
  std::vector<double> exposures;   // by factor
  double specific_volatility = 0;  // annual
};

class Market {
 public:
  Market(std::uint64_t seed, int securities, double years, Date as_of, int doubtful = doubtful_roles_of_one_day);

  [[nodiscard]] const std::vector<Stock>& securities() const { return securities_; }
  [[nodiscard]] const std::vector<Date>& days() const { return days_; }  // weekdays up to as_of, ascending
  [[nodiscard]] int last_day() const { return static_cast<int>(days_.size()) - 1; }
  [[nodiscard]] Price price(std::uint32_t security, int day) const {
    return Price::of_count(cents_[security * days_.size() + static_cast<std::size_t>(day)] * cent.count());
  }
  [[nodiscard]] double dollars(std::uint32_t security, int day) const { return price(security, day).to_double(); }

  [[nodiscard]] static const std::vector<std::string>& factors();
  // Annual; by rows.
  [[nodiscard]] static std::vector<double> covariance();
  // The securities with a role, ascending.
  [[nodiscard]] std::vector<std::uint32_t> with(Role role) const;

 private:
  void draw_prices(std::uint64_t seed);

  std::vector<Stock> securities_;
  std::vector<Date> days_;
  std::vector<std::int64_t> cents_;  // by security, then day
};

// The securities of a market, without prices; the last `doubtful` are held by faulty accounts only.
[[nodiscard]] std::vector<Stock> invent_securities(std::uint64_t seed, int count, int doubtful);

// Places of the factors.
namespace factor {
constexpr std::size_t market = 0, international = 1, rates = 2, value = 3, size = 4, first_sector = 5;
}

// A stock's sector is one of these; its factor is `first_sector` and its place.
[[nodiscard]] const std::vector<std::string>& sector_names();

}  // namespace lotwright::generation
