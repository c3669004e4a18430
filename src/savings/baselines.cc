#include "savings/baselines.h"

#include <algorithm>

#include "checks/lots.h"
#include "checks/sale_costs.h"
#include "tax/lot_relief.h"

namespace lotwright::savings {
namespace {

bool stopped(const std::vector<Bar>& bars, Strength weakest) {
  return std::ranges::any_of(bars, [&](const Bar& bar) { return bar.strength <= weakest; });
}

// amount x numerator / denominator, rounded down; nothing is negative and the denominator is positive.
std::int64_t scaled_down(std::int64_t amount, std::int64_t numerator, std::int64_t denominator) {
  return static_cast<std::int64_t>(static_cast<Int128>(amount) * numerator / denominator);
}

Quantity whole_steps(Quantity quantity, Quantity step) {
  return Quantity::of_count(quantity.count() / step.count() * step.count());
}

// The whole steps that `dollars` buy.
Quantity steps_for(Money dollars, Price price, Quantity step) {
  return whole_steps(Quantity::of_count(scaled_down(dollars.count(), Price::scale, price.count())), step);
}

struct Row {
  const CheckedLine* line = nullptr;
  Price price;
  Quantity step;
  Money target;       // dollars
  Quantity saleable;  // at the trader's own discretion
  Quantity forcible;  // where a payment or an order to sell it asks for it
  bool buyable = false;
  bool forced = false;
  Quantity sold;
  Quantity bought;

  [[nodiscard]] Money worth(Quantity quantity) const { return amount_of(quantity, price); }
  [[nodiscard]] Money above_target() const { return value_of(line->held - sold, price) - target; }
  // Never beyond the target; a position that has none goes whole.
  [[nodiscard]] Quantity excess() const {
    if (!target.is_positive()) return saleable;
    const Money above = value_of(line->held, price) - target;
    return above.is_positive() ? std::min(saleable, steps_for(above, price, step)) : Quantity();
  }
};

class Plan {
 public:
  Plan(const Book& book, const CheckedAccount& checked, Baseline baseline)
      : book_(book),
        account_(book.account(checked.account)),
        checked_(checked),
        policy_(account_.effective_policy),
        baseline_(baseline),
        value_(std::max(Money(), checked.investable)) {
    const bool trading_mode =
        policy_.mode == Mode::full || policy_.mode == Mode::buy_only || policy_.mode == Mode::sell_only;
    rebalances_ = trading_mode && checked.discretion && !checked.liquidating && value_.is_positive();
    invests_ = rebalances_ || (policy_.mode == Mode::cash_only && !checked.liquidating && value_.is_positive());
    for (const CheckedLine& line : checked.lines) rows_.push_back(row_of(line));
  }

  AccountTrades trades() {
    for (Row& row : rows_) {
      if (row.forced) row.sold = row.forcible;
    }
    if (rebalances_) rebalance();
    afford_purchases();
    raise_cash();
    if (rebalances_ || (invests_ && sold().is_zero())) invest_cash();
    for (const CheckedBand& band : checked_.bands) keep_below(band);
    return settled();
  }

 private:
  Row row_of(const CheckedLine& line) const {
    const Security& security = book_.security(line.security);
    Row row;
    row.line = &line;
    row.step = security.quantity_step;
    if (!security.price) return row;  // a substitute nobody holds
    row.price = *security.price;
    row.forced = line.sell_all || checked_.liquidating;
    Weight weight = row.forced ? Weight() : line.target;
    if (line.weight_min && !row.forced) weight = std::max(weight, *line.weight_min);
    if (line.weight_max) weight = std::min(weight, *line.weight_max);
    row.target = fraction_of(value_, weight);
    row.saleable = saleable(line, Strength::mode);
    const bool stays = policy_.mode == Mode::hold && !row.forced;  // a payment is then a money fund's to make
    row.forcible = saleable(line, stays ? Strength::mode : Strength::restriction);
    row.buyable = !row.forced && !stopped(line.buy_bars, Strength::mode);
    return row;
  }

  Quantity saleable(const CheckedLine& line, Strength weakest) const {
    if (stopped(line.sell_bars, weakest)) return {};
    Quantity of_lots;
    for (std::uint32_t lot = line.lot_begin; lot < line.lot_end; ++lot) of_lots += saleable_of_lot(lot, weakest);
    const Quantity free = std::min(of_lots, line.held - line.locked);
    return free == line.held ? free : whole_steps(free, book_.security(line.security).quantity_step);
  }

  Quantity saleable_of_lot(std::uint32_t lot, Strength weakest) const {
    const CheckedLot& facts = checked_.lots[lot];
    return stopped(facts.bars, weakest) ? Quantity() : facts.saleable;
  }

  // ── towards the target

  [[nodiscard]] bool outside_band(const Row& row) const {
    if (baseline_ == Baseline::snap_fifo) return true;
    const Money band = std::min(fraction_of(value_, band_of_value), fraction_of(row.target, band_of_target));
    return row.above_target().abs() > band;
  }

  void rebalance() {
    for (Row& row : rows_) {
      if (row.forced || !row.price.is_positive() || !outside_band(row)) continue;
      const Money above = row.above_target();
      if (above.is_positive()) row.sold = row.excess();
      if (above.is_negative() && row.buyable) row.bought = steps_for(-above, row.price, row.step);
      drop_if_small(row);
    }
    keep_turnover();
  }

  [[nodiscard]] Money least_order() const {
    return std::max({cent, policy_.trade_min, fraction_of(value_, policy_.trade_min_weight)});
  }

  void drop_if_small(Row& row) const {
    if (row.worth(row.bought) < least_order()) row.bought = Quantity();
    if (row.sold != row.line->held && !row.forced && row.worth(row.sold) < least_order()) row.sold = Quantity();
  }

  [[nodiscard]] Money bought() const {
    Money sum;
    for (const Row& row : rows_) sum += row.worth(row.bought);
    return sum;
  }
  [[nodiscard]] Money sold() const {
    Money sum;
    for (const Row& row : rows_) sum += row.worth(row.sold);
    return sum;
  }

  // A cent a line is what rounding its order may add.
  [[nodiscard]] Money turnover_limit() const {
    const Money rounding = Money::of_count(cent.count() * static_cast<std::int64_t>(rows_.size()));
    return fraction_of(value_, *policy_.turnover_max) - rounding;
  }

  // What turnover_max leaves of either side, trades of the last 30 days taken off; may be negative.
  [[nodiscard]] Money left_to_buy() const { return turnover_limit() - checked_.bought_recently - bought(); }
  [[nodiscard]] Money left_to_sell() const { return turnover_limit() - checked_.sold_recently - sold(); }

  // The smaller of buys and sells is within the limit once either is: all but what is forced shrinks in proportion, by
  // the side that asks for less of that.
  void keep_turnover() {
    if (!policy_.turnover_max || !left_to_buy().is_negative() || !left_to_sell().is_negative()) return;
    const Money buys = bought();
    const Money sells = sold();
    const Money room_to_buy = std::max(Money(), left_to_buy() + buys);
    const Money room_to_sell = std::max(Money(), left_to_sell() + sells);
    const bool by_buys = sells.is_zero() || static_cast<Int128>(room_to_buy.count()) * sells.count() >
                                                static_cast<Int128>(room_to_sell.count()) * buys.count();
    if (by_buys && buys.is_zero()) return;
    const Money room = by_buys ? room_to_buy : room_to_sell;
    const Money wanted = by_buys ? buys : sells;
    for (Row& row : rows_) {
      if (row.forced) continue;
      row.bought = part_of(row, row.bought, room, wanted);
      row.sold = part_of(row, row.sold, room, wanted);
      drop_if_small(row);
    }
  }

  static Quantity part_of(const Row& row, Quantity quantity, Money part, Money whole) {
    const std::int64_t count = scaled_down(quantity.count(), part.count(), whole.count());
    return whole_steps(Quantity::of_count(count), row.step);
  }

  // ── the cash line

  [[nodiscard]] Money commission(Money amount) const {
    return amount.is_zero() ? Money() : commission_of(amount, policy_.commission, policy_.ticket_cost);
  }

  // What the orders add to the account's cash.
  [[nodiscard]] Money cash_flow() const {
    Money flow;
    for (const Row& row : rows_) {
      const Money in = row.worth(row.sold);
      const Money out = row.worth(row.bought);
      flow += in - out - commission(in) - commission(out);
    }
    return flow;
  }

  [[nodiscard]] Money cash_line() const { return checked_.cash_line + cash_flow(); }
  [[nodiscard]] Money line_min() const {
    return std::min(fraction_of(value_, policy_.cash_min) + promised(), std::max(checked_.cash_line, promised()));
  }
  // Reserved, and what there is of the money set aside.
  [[nodiscard]] Money promised() const {
    return checked_.reserved + std::clamp(checked_.cash_line, Money(), checked_.set_aside);
  }
  [[nodiscard]] Money line_target() const { return fraction_of(value_, policy_.cash_target) + promised(); }

  // What the orders need beyond the money there is: for the cash line, and in the account's own cash, which securities
  // of kind cash fill up only as far as they may be sold.
  [[nodiscard]] Money lacking() const {
    Money funds = account_.cash + cash_flow();
    for (const CashHolding& holding : checked_.cash_holdings) {
      const Money worth = amount_of(free_of(holding), book_.security(holding.security).price.value_or(Price()));
      funds += worth - std::min(worth, commission(worth));
    }
    return std::max(line_min() + fund_costs() - cash_line(), std::min(Money(), account_.cash) - funds);
  }

  // What selling funds takes from the cash line.
  [[nodiscard]] Money fund_costs() const {
    Money costs;
    for (const auto& [holding, quantity] : fund_sales(account_.cash + cash_flow()))
      costs += commission(amount_of(quantity, *book_.security(holding->security).price));
    return costs;
  }

  // Securities of kind cash belong to the cash line and are sold as far as the account's own cash falls short.
  [[nodiscard]] std::vector<std::pair<const CashHolding*, Quantity>> fund_sales(Money cash) const {
    std::vector<std::pair<const CashHolding*, Quantity>> sales;
    const Money cash_min = std::min(Money(), account_.cash);
    for (const CashHolding& holding : checked_.cash_holdings) {
      const Security& security = book_.security(holding.security);
      const Money missing = cash_min - cash;
      if (!security.price || !(missing.is_positive() || holding.sell_all)) continue;
      const Quantity free = free_of(holding);
      const bool whole = holding.sell_all || checked_.liquidating;
      const Money least = std::max(with_its_cost(std::max(Money(), missing), policy_), least_order());
      const Quantity wanted = whole ? free : least_quantity_worth(least, *security.price, security.quantity_step);
      const Quantity quantity = std::min(free, wanted);
      if (!quantity.is_positive()) continue;
      sales.emplace_back(&holding, quantity);
      const Money amount = amount_of(quantity, *security.price);
      cash += amount - commission(amount);
    }
    return sales;
  }

  Quantity free_of(const CashHolding& holding) const {
    Quantity free;
    for (std::uint32_t lot = holding.lot_begin; holding.may_sell && lot < holding.lot_end; ++lot) {
      free += saleable_of_lot(lot, Strength::restriction);
    }
    return free;
  }

  // Purchases in proportion, as far as the money goes.
  void afford_purchases() {
    while (bought().is_positive() && lacking().is_positive()) {
      const Money before = bought();
      const Money without = std::min(before, lacking());
      for (Row& row : rows_) {
        row.bought = part_of(row, row.bought, before - without, before);
        drop_if_small(row);
      }
    }
  }

  // What is missing is sold of the lines furthest above their targets, as far as these go, each whole before the next;
  // then of the largest positions. Below the trade minimum only where a payment or an overdraft needs it.
  void raise_cash() {
    const Money band_begins = fraction_of(value_, policy_.cash_min) + promised();
    const Money least = least_order();
    const bool may_turn_over = !policy_.turnover_max || !left_to_buy().is_negative();
    // In mode cash_only a line below cash_min is no reason to sell.
    if (rebalances_ && may_turn_over && cash_line() < band_begins) {
      sell_down(line_target(), &Row::saleable, above, least);
    }
    if (!lacking().is_positive()) return;
    const Money enough = cash_line() + lacking();
    sell_down(enough, &Row::forcible, above, least);
    sell_down(enough, &Row::forcible, held, least);
    sell_down(enough, &Row::forcible, held, cent);
  }

  static Money above(const Row& row) { return std::max(Money(), row.above_target()); }
  static Money held(const Row& row) { return value_of(row.line->held - row.sold, row.price); }

  void sell_down(Money goal, Quantity Row::*free, Money (*offer)(const Row&), Money least) {
    std::vector<Row*> order;
    for (Row& row : rows_) {
      const bool may = row.price.is_positive() && row.bought.is_zero() && (row.*free - row.sold).is_positive();
      if (may && offer(row).is_positive()) order.push_back(&row);
    }
    std::ranges::stable_sort(order, std::greater{}, [&](const Row* row) { return offer(*row); });
    for (Row* row : order) {
      const Money missing = goal - cash_line();
      if (!missing.is_positive()) return;
      const Quantity wanted = least_quantity_worth(std::max(missing, least), row->price, row->step);
      const Quantity offered =
          offer == held ? row->*free - row->sold : std::max(row->step, steps_for(offer(*row), row->price, row->step));
      const Quantity more = std::min({wanted, offered, row->*free - row->sold});
      const bool closes = row->sold + more == row->line->held;
      if (closes || row->worth(row->sold + more) >= least) row->sold += more;
    }
  }

  // Beyond the largest weight of cash: into the lines furthest below their targets, each to its target before the next.
  void invest_cash() {
    const Money band_ends = fraction_of(value_, policy_.cash_max) + promised();
    if (cash_line() <= band_ends) return;
    const auto room = [](const Row& row) { return -row.above_target() - row.worth(row.bought); };
    std::vector<Row*> order;
    for (Row& row : rows_) {
      if (row.buyable && row.sold.is_zero() && row.price.is_positive() && room(row).is_positive())
        order.push_back(&row);
    }
    std::ranges::stable_sort(order, std::greater{}, [&](const Row* row) { return room(*row); });
    Money surplus = cash_line() - (rebalances_ ? line_target() : band_ends);
    if (policy_.turnover_max && left_to_sell().is_negative()) surplus = std::min(surplus, left_to_buy());
    for (Row* row : order) {
      const Quantity more = steps_for(std::max(Money(), std::min(surplus, room(*row))), row->price, row->step);
      if (row->worth(row->bought + more) < least_order()) continue;
      row->bought += more;
      surplus -= row->worth(more);
    }
    afford_purchases();
  }

  // A group's largest weight, or what it weighs before where that is more: its purchases shrink in proportion.
  void keep_below(const CheckedBand& band) {
    if (!band.max || band.price) return;
    Money before;
    Money buys;
    Money sells;
    for (std::size_t i = 0; i < band.lines.size(); ++i) {
      const Row& row = rows_[band.lines[i]];
      const Weight share = band.shares.empty() ? Weight::of_whole(1) : band.shares[i];
      before += fraction_of(value_of(row.line->held, row.price), share);
      buys += fraction_of(row.worth(row.bought), share);
      sells += fraction_of(row.worth(row.sold), share);
    }
    const Money most = std::max(fraction_of(value_, *band.max), before);
    const Money room = std::max(Money(), most - before + sells);
    if (buys <= room) return;
    for (const std::uint32_t line : band.lines) {
      rows_[line].bought = part_of(rows_[line], rows_[line].bought, room, buys);
      drop_if_small(rows_[line]);
    }
  }

  // ── lots

  AccountTrades settled() const {
    AccountTrades done{checked_.account, {}};
    for (const Row& row : rows_) {
      if (row.sold.is_positive()) {
        const Strength weakest = row.sold > row.saleable ? Strength::restriction : Strength::mode;
        done.trades.push_back(sale(row.line->security, row.line->lot_begin, row.line->lot_end, row.sold, weakest));
      }
      if (row.bought.is_positive()) done.trades.push_back(purchase(row));
    }
    cover_overdraft(done);
    std::ranges::sort(done.trades, {}, &Trade::security);
    return done;
  }

  Trade purchase(const Row& row) const {
    Trade trade;
    trade.security = row.line->security;
    trade.side = Side::buy;
    trade.quantity = row.bought;
    trade.price = row.price;
    trade.amount = row.worth(row.bought);
    trade.commission = commission(trade.amount);
    return trade;
  }

  // The lots of [begin, end) in the trader's order.
  [[nodiscard]] std::vector<std::uint32_t> in_order(std::uint32_t begin, std::uint32_t end) const {
    std::vector<std::uint32_t> lots;
    for (std::uint32_t lot = begin; lot < end; ++lot) lots.push_back(lot);
    const auto cost_a_share = [&](std::uint32_t lot) {
      const TaxLot& held = account_.lots[lot];
      return share_of(held.cost_basis.value_or(Money()), Quantity::of_whole(1), held.quantity);
    };
    std::ranges::stable_sort(lots, {}, [&](std::uint32_t lot) { return account_.lots[lot].acquired_on; });
    if (baseline_ == Baseline::band_hifo) std::ranges::stable_sort(lots, std::greater{}, cost_a_share);
    return lots;
  }

  Trade sale(SecurityIndex security, std::uint32_t begin, std::uint32_t end, Quantity quantity,
             Strength weakest) const {
    std::vector<std::pair<std::uint32_t, Quantity>> taken;
    Quantity left = quantity;
    for (const std::uint32_t lot : in_order(begin, end)) {
      const Quantity part = std::min(left, saleable_of_lot(lot, weakest));
      if (part.is_positive()) taken.emplace_back(lot, part);
      left -= part;
    }
    require(left.is_zero(), "a baseline sells more than its lots have");
    std::ranges::sort(taken);
    Trade trade;
    trade.security = security;
    trade.side = Side::sell;
    trade.quantity = quantity;
    trade.price = *book_.security(security).price;
    trade.amount = amount_of(quantity, trade.price);
    trade.commission = commission(trade.amount);
    std::vector<Quantity> quantities;
    for (const auto& [lot, part] : taken) quantities.push_back(part);
    const std::vector<Money> proceeds = tax::share_proceeds(quantities, trade.price, trade.amount);
    for (std::size_t i = 0; i < taken.size(); ++i) {
      const auto [lot, part] = taken[i];
      trade.lots.push_back(
          tax::sale_of(lot_as_taxed(account_, account_.lots[lot]), lot, part, proceeds[i], book_.firm.as_of));
    }
    return trade;
  }

  void cover_overdraft(AccountTrades& done) const {
    Money cash = account_.cash;
    for (const Trade& trade : done.trades) cash += cash_effect(trade);
    for (const auto& [holding, quantity] : fund_sales(cash)) {
      done.trades.push_back(
          sale(holding->security, holding->lot_begin, holding->lot_end, quantity, Strength::restriction));
    }
  }

  const Book& book_;
  const Account& account_;
  const CheckedAccount& checked_;
  const Policy& policy_;
  Baseline baseline_;
  Money value_;  // investable, at least zero
  bool rebalances_ = false;
  bool invests_ = false;
  std::vector<Row> rows_;  // by CheckedAccount::lines
};

}  // namespace

AccountTrades baseline_trades(const Book& book, const CheckedAccount& checked, Baseline baseline) {
  if (baseline == Baseline::no_trading || !checked.trades()) return {checked.account, {}};
  return Plan(book, checked, baseline).trades();
}

}  // namespace lotwright::savings
