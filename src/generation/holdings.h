// generation/holdings.h — what an account owns and how it came by it: lots bought at past closes, and the trades of the
// last 61 days that left them so.
//
// Promises: every purchase of the last 61 days has its trade, and every lot bought in them is one; a sale's gain is its
//           amount less what its shares cost; where a family lately sold a group at a loss, none of it bought any of
//           that group in the 30 days before or after.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "generation/families.h"

namespace lotwright::generation {

constexpr int trade_window_days = 61;  // calendar days of transactions.csv, as_of counted in
constexpr int wash_days = 30;

struct LotRow {
  std::string id;
  std::uint32_t security = 0;
  Quantity quantity;
  std::optional<Money> cost_basis;
  Date acquired_on;
  std::optional<Date> held_from;
  std::optional<Money> loss_basis;
  std::optional<Date> loss_held_from;
};

struct TradeRow {
  Date date;
  TransactionKind kind = TransactionKind::buy;
  std::uint32_t security = 0;
  Quantity quantity;
  Money amount;
  std::optional<Money> gain_short, gain_long;
  std::string lot;
  bool discretionary = true;
};

struct Holdings {
  std::vector<LotRow> lots;
  std::vector<TradeRow> trades;
  Money value;  // of the lots
  Money cash;
  std::optional<std::uint32_t> from;  // the target it followed until today, of an account in transition
  bool concentrated = false;          // one large old position
};

// The security groups that a family sold at a loss in the last 61 days. A fact of the seed: its accounts need not be
// looked at.
class Harvested {
 public:
  Harvested(std::uint64_t seed, std::uint64_t family, double share);
  [[nodiscard]] bool operator()(std::uint32_t group) const;

 private:
  std::uint64_t key_;
  double share_;
};

struct HoldingPlan {
  const Market* market;
  const std::vector<Target>* targets;
  const Mix* mix;
  const Harvested* harvested;
};

// Trades that a taxpayer of the family made in accounts of other firms: seldom any.
struct OutsideTrade {
  std::size_t taxpayer = 0;  // in the family
  TradeRow trade;
};
[[nodiscard]] std::vector<OutsideTrade> invent_outside_trades(Chance& chance, const HoldingPlan& plan,
                                                              const Family& family);

[[nodiscard]] Holdings invent_holdings(Chance& chance, const HoldingPlan& plan, const AccountPlan& account);

}  // namespace lotwright::generation
