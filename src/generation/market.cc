#include "generation/market.h"

#include <algorithm>
#include <cmath>

namespace lotwright::generation {
namespace {

constexpr double trading_days = 252;
constexpr double market_variance = 1.0e-4;  // of a day, in the long run
constexpr double drift = 3.0e-4;            // of the market, a day
constexpr double jump_share = 0.003;        // of days
constexpr double jump_low = -0.06, jump_high = 0.02;
constexpr double international_volatility = 0.006;
constexpr double rates_volatility = 0.0030;
constexpr double style_volatility = 0.0035;
constexpr double sector_volatility = 0.0060;  // its own part
constexpr double cycle_volatility = 0.0040;   // shared: what is cyclical rises when the rest falls
constexpr double cent_price_min = 100;        // no share falls below a dollar

constexpr double square(double x) { return x * x; }

// E(j²) of a jump between the two ends, all equally likely.
constexpr double jump_variance = jump_share * (square(jump_high) + jump_high * jump_low + square(jump_low)) / 3.0;

// How much a sector moves with the cycle.
double cycle_of(std::size_t sector) { return sector % 2 == 0 ? 1.0 : -0.6; }

using Returns = std::vector<std::vector<double>>;  // by factor, then day

// Volatility that clusters, and jumps; `calm` tells how far a day is from the long run, for the other factors.
void draw_market(Chance& chance, std::vector<double>& returns, std::vector<double>& calm) {
  constexpr double reaction = 0.09, memory = 0.89;
  double variance = market_variance;
  for (std::size_t day = 0; day < returns.size(); ++day) {
    const double shock = std::sqrt(variance) * chance.normal();
    calm[day] = std::sqrt(variance / market_variance);
    returns[day] = drift + shock + (chance.hits(jump_share) ? chance.uniform(jump_low, jump_high) : 0.0);
    variance = market_variance * (1.0 - reaction - memory) + memory * variance + reaction * square(shock);
  }
}

Returns draw_factors(std::uint64_t seed, std::size_t days) {
  Chance chance(stream(seed, Stream::market, 0));
  Returns returns(Market::factors().size(), std::vector<double>(days, 0.0));
  std::vector<double> calm(days);
  draw_market(chance, returns[factor::market], calm);
  for (std::size_t day = 0; day < days; ++day) {
    returns[factor::international][day] = international_volatility * calm[day] * chance.normal();
    returns[factor::rates][day] = rates_volatility * chance.normal();
    returns[factor::value][day] = style_volatility * calm[day] * chance.normal();
    returns[factor::size][day] = style_volatility * calm[day] * chance.normal();
    const double cycle = cycle_volatility * calm[day] * chance.normal();
    for (std::size_t sector = 0; sector < sector_names().size(); ++sector) {
      returns[factor::first_sector + sector][day] =
          sector_volatility * calm[day] * chance.normal() + cycle_of(sector) * cycle;
    }
  }
  return returns;
}

std::vector<Date> weekdays_until(Date as_of, double years) {
  std::vector<Date> days;
  const int back = static_cast<int>(years * 365.25);
  for (Date day = as_of - back; day <= as_of; day = day + 1) {
    if (day.weekday() < 5) days.push_back(day);
  }
  return days;
}

// Mostly quiet days and a few loud ones, of variance 1 together.
double fat_tailed(Chance& chance) {
  constexpr double loud_share = 0.03, loud = 3.5;
  static const double scale = 1.0 / std::sqrt(1.0 - loud_share + loud_share * square(loud));
  const double quiet = chance.normal() * scale;
  return chance.hits(loud_share) ? quiet * loud : quiet;
}

}  // namespace

Market::Market(std::uint64_t seed, int securities, double years, Date as_of, int doubtful)
    : securities_(invent_securities(seed, securities, doubtful)), days_(weekdays_until(as_of, years)) {
  draw_prices(seed);
}

void Market::draw_prices(std::uint64_t seed) {
  const Returns returns = draw_factors(seed, days_.size());
  const double daily = 1.0 / std::sqrt(trading_days);
  cents_.reserve(securities_.size() * days_.size());
  for (std::size_t i = 0; i < securities_.size(); ++i) {
    const Stock& stock = securities_[i];
    Chance chance(stream(seed, Stream::security, i));
    double path = stock.role == Role::cash_fund ? 100.0 : 1000.0 + 9000.0 * square(chance.uniform());
    for (std::size_t day = 0; day < days_.size(); ++day) {
      double change = stock.specific_volatility * daily * fat_tailed(chance);
      for (std::size_t f = 0; f < returns.size(); ++f) change += stock.exposures[f] * returns[f][day];
      path = std::max(path * (1.0 + std::max(change, -0.6)), cent_price_min);
      cents_.push_back(static_cast<std::int64_t>(path + 0.5));
    }
  }
}

const std::vector<std::string>& Market::factors() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all{"market", "international", "rates", "value", "size"};
    for (std::size_t sector = 0; sector < sector_names().size(); ++sector) {
      all.push_back((sector < 9 ? "sector_0" : "sector_") + std::to_string(sector + 1));
    }
    return all;
  }();
  return names;
}

std::vector<double> Market::covariance() {
  const std::size_t k = factors().size();
  std::vector<double> covariance(k * k, 0.0);
  const auto own = [&](std::size_t f) -> double& { return covariance[f * k + f]; };
  own(factor::market) = trading_days * (market_variance + jump_variance);
  own(factor::international) = trading_days * square(international_volatility);
  own(factor::rates) = trading_days * square(rates_volatility);
  own(factor::value) = own(factor::size) = trading_days * square(style_volatility);
  for (std::size_t i = factor::first_sector; i < k; ++i) {
    for (std::size_t j = factor::first_sector; j < k; ++j) {
      covariance[i * k + j] = trading_days * square(cycle_volatility) * cycle_of(i - factor::first_sector) *
                              cycle_of(j - factor::first_sector);
    }
    own(i) += trading_days * square(sector_volatility);
  }
  return covariance;
}

std::vector<std::uint32_t> Market::with(Role role) const {
  std::vector<std::uint32_t> found;
  for (std::uint32_t i = 0; i < securities_.size(); ++i) {
    if (securities_[i].role == role) found.push_back(i);
  }
  return found;
}

}  // namespace lotwright::generation
