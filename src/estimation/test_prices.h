// estimation/test_prices.h — price files for the tests of this floor: generated from known factors, read from memory.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "estimation/return_history.h"

namespace lotwright::estimation {

// A normal number from bits alone: the sum of twelve uniform ones.
inline double normal(std::mt19937_64& chance) {
  double sum = -6.0;
  for (int i = 0; i < 12; ++i) sum += static_cast<double>(chance() >> 11) * 0x1.0p-53;
  return sum;
}

struct Market {
  std::vector<std::string> ids;
  std::vector<Date> days;
  Eigen::MatrixXd closes;    // days x securities
  Eigen::MatrixXd loadings;  // annual, against independent factors of variance 1
  double specific = 0.2;     // annual
};

// Securities S000, S001, ... on weekdays from 2010-01-04: a market, two halves against each other, specific noise.
inline Market known_market(int securities, int days, std::uint64_t seed = 7) {
  std::mt19937_64 chance(seed);
  Market market;
  market.closes.resize(days, securities);
  market.loadings.resize(securities, 2);
  Date day = Date::of(2010, 1, 4);
  for (int i = 0; i < securities; ++i) {
    market.ids.push_back(fmt::format("S{:03}", i));
    market.loadings.row(i) << 0.2, (i % 2 == 0 ? 0.1 : -0.1);
  }
  Eigen::VectorXd close = Eigen::VectorXd::Constant(securities, 100.0);
  for (int t = 0; t < days; ++t) {
    market.days.push_back(day);
    day = day + (day.weekday() == 4 ? 3 : 1);
    market.closes.row(t) = close.transpose();
    const double daily = 1.0 / std::sqrt(252.0);
    const Eigen::Vector2d factors(normal(chance) * daily, normal(chance) * daily);
    for (int i = 0; i < securities; ++i) {
      close[i] *= 1.0 + market.loadings.row(i).dot(factors) + market.specific * daily * normal(chance);
    }
  }
  return market;
}

inline std::vector<std::size_t> in_order(const Market& market) {
  std::vector<std::size_t> order(market.ids.size());
  std::iota(order.begin(), order.end(), 0U);
  return order;
}

inline std::string wide_csv(const Market& market, const std::vector<std::size_t>& order) {
  std::string text = "date";
  for (const std::size_t i : order) text += ',' + market.ids[i];
  for (std::size_t t = 0; t < market.days.size(); ++t) {
    text += '\n' + market.days[t].to_string();
    for (const std::size_t i : order)
      text += fmt::format(",{:.6f}", market.closes(static_cast<Eigen::Index>(t), static_cast<Eigen::Index>(i)));
  }
  return text + '\n';
}

inline std::string wide_csv(const Market& market) { return wide_csv(market, in_order(market)); }

// Newest day first, to show that order is of no account.
inline std::string long_csv(const Market& market) {
  std::string text = "date,security_id,close\n";
  for (std::size_t t = market.days.size(); t-- > 0;) {
    for (std::size_t i = 0; i < market.ids.size(); ++i)
      text += fmt::format("{},{},{:.6f}\n", market.days[t].to_string(), market.ids[i],
                          market.closes(static_cast<Eigen::Index>(t), static_cast<Eigen::Index>(i)));
  }
  return text;
}

struct Texts {
  std::string prices;
  std::string splits = {};
  std::string dividends = {};
  std::string securities = {};
};

struct ReadTexts {
  ReturnHistory history;
  Findings findings;
  std::optional<Failure> failure;
};

inline ReadTexts read_texts(const Texts& texts, std::optional<Date> as_of = std::nullopt) {
  ReadTexts result;
  PriceTable table;
  const auto read = [&](const char* name, const std::string& text, void (*reader)(inputs::BookFile&, PriceTable&)) {
    if (text.empty() || result.failure) return;
    inputs::FileReport report;
    report.input.name = name;
    inputs::MemorySource source(text);
    inputs::BookFile file(report, source);
    reader(file, table);
    result.failure = report.failure;
    std::move(report.findings.begin(), report.findings.end(), std::back_inserter(result.findings));
  };
  read("prices.csv", texts.prices, read_daily_prices);
  read("splits.csv", texts.splits, read_splits);
  read("dividends.csv", texts.dividends, read_dividends);
  read("securities.csv", texts.securities, read_descriptions);
  inputs::FileReport told;
  result.history = total_returns(std::move(table), as_of, told);
  std::move(told.findings.begin(), told.findings.end(), std::back_inserter(result.findings));
  return result;
}

inline int count_of(const Findings& findings, const std::string& rule) {
  return static_cast<int>(
      std::count_if(findings.begin(), findings.end(), [&](const Finding& one) { return one.rule == rule; }));
}

}  // namespace lotwright::estimation
