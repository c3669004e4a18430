#include "explanation/harvests.h"

#include <algorithm>
#include <cmath>

#include "book/rules.h"
#include "explanation/cents.h"
#include "explanation/obstacles.h"

namespace lotwright {
namespace {

bool is_taxable(const Account& account) { return account.tax_treatment == TaxTreatment::taxable; }

// A lot at a loss, and what the orders made of it.
struct LossLot {
  std::uint32_t lot = 0;
  Money taken;
  Money disallowed;
  Quantity left;  // shares
  Money skipped;  // their loss
};

// The losses of one security, row by row as they are found.
struct Losses {
  SecurityIndex security;
  std::vector<LossLot> lots;
  HarvestRow row;
};

using Sales = std::map<std::uint32_t, const LotSale*>;

Sales sales_of(const AccountTrades& trades) {
  Sales sales;
  for (const Trade& trade : trades.trades) {
    for (const LotSale& sale : trade.lots) sales[sale.lot] = &sale;
  }
  return sales;
}

// Empty: neither at a loss by today's price, nor sold at one by an order's rounding.
std::optional<LossLot> loss_of(const TaxLot& lot, std::uint32_t index, const CheckedLot& checked, const LotSale* sale) {
  const bool at_loss = checked.gain && checked.gain->is_negative();
  LossLot loss{.lot = index, .taken = {}, .disallowed = {}, .left = lot.quantity, .skipped = {}};
  if (sale != nullptr) {
    loss.taken = std::max(Money(), -sale->gain.value_or(Money()));
    loss.disallowed = sale->disallowed;
    loss.left -= sale->quantity;
  }
  if (!at_loss && !loss.taken.is_positive()) return std::nullopt;
  if (at_loss) loss.skipped = share_of(-*checked.gain, loss.left, lot.quantity);
  return loss;
}

void count(HarvestRow& row, const LossLot& loss) {
  ++row.lots;
  row.taken += loss.taken;
  row.disallowed += loss.disallowed;
  row.skipped += loss.skipped;
  row.loss += loss.taken + loss.skipped;
}

HarvestStatus status_of(const HarvestRow& row) {
  if (row.skipped.is_zero()) return HarvestStatus::taken;
  return row.taken.is_positive() ? HarvestStatus::partly : HarvestStatus::skipped;
}

// By security, as the lots are sorted.
std::vector<Losses> losses_of(const Book& book, const CheckedAccount& checked, const AccountTrades& trades) {
  const std::vector<TaxLot>& lots = book.account(checked.account).lots;
  const Sales sales = sales_of(trades);
  std::vector<Losses> found;
  for (std::size_t begin = 0, end = 0; begin < lots.size(); begin = end) {
    Losses losses{lots[begin].security, {}, {}};
    losses.row.security_id = book.security(losses.security).id.text;
    for (end = begin; end < lots.size() && lots[end].security == losses.security; ++end) {
      const auto index = static_cast<std::uint32_t>(end);
      const auto sale = sales.find(index);
      if (!lots[end].cost_basis) ++losses.row.lots_unknown_basis;
      const auto loss = loss_of(lots[end], index, checked.lots[end], sale == sales.end() ? nullptr : sale->second);
      if (!loss) continue;
      losses.lots.push_back(*loss);
      count(losses.row, *loss);
    }
    if (losses.lots.empty()) continue;
    losses.row.status = status_of(losses.row);
    found.push_back(std::move(losses));
  }
  return found;
}

HarvestRow row_of_account(const Book& book, const CheckedAccount& checked, const std::vector<Losses>& found) {
  HarvestRow row;
  for (const TaxLot& lot : book.account(checked.account).lots) row.lots_unknown_basis += lot.cost_basis ? 0 : 1;
  for (const Losses& losses : found) {
    row.lots += losses.row.lots;
    row.loss += losses.row.loss;
    row.taken += losses.row.taken;
    row.disallowed += losses.row.disallowed;
    row.skipped += losses.row.skipped;
  }
  return row;
}

// What is skipped of these lots, as gains.
struct Gains {
  double short_term = 0.0;
  double long_term = 0.0;
};

Gains skipped_gains(const CheckedAccount& checked, const std::vector<LossLot>& lots) {
  Gains gains;
  for (const LossLot& lot : lots) {
    (checked.lots[lot.lot].term == Term::long_term ? gains.long_term : gains.short_term) -= lot.skipped.to_double();
  }
  return gains;
}

// What the tax part says of all that was skipped, on top of the gains of the orders, shared out by the mean slopes of T
// along the straight path there, as reasons are.
void enter_values(const CheckedAccount& checked, const objective::Terms& terms, const Gains& done, HarvestRow& account,
                  std::vector<Losses>& found) {
  if (!terms.taxable) return;  // without a taxpayer there are no rates
  objective::Terms then = terms;
  then.lines.clear();
  then.short_before += done.short_term;
  then.long_before += done.long_term;
  std::vector<Gains> gains;
  Gains all;
  for (const Losses& losses : found) {
    gains.push_back(skipped_gains(checked, losses.lots));
    all.short_term += gains.back().short_term;
    all.long_term += gains.back().long_term;
  }
  const tax::TaxSlopes slopes = objective::mean_tax_slopes(then, all.short_term, all.long_term);
  std::vector<double> saved;
  for (const Gains& one : gains) saved.push_back(-slopes.on_short * one.short_term - slopes.on_long * one.long_term);
  account.value = to_cents(-objective::tax_part(then, all.short_term, all.long_term));
  const std::vector<Money> shares = apportion(saved, *account.value);
  for (std::size_t i = 0; i < found.size(); ++i) found[i].row.value = shares[i];
}

// What a loss is worth is not known where the account is held for its taxpayer's rates.
bool rates_in_doubt(const CheckedAccount& checked) {
  return std::ranges::any_of(checked.findings, [](const Finding& one) {
    const bool of_rates = one.subject.kind == SubjectKind::taxpayer || one.rule == rule::data_tax_rates_reversed ||
                          one.place.file.starts_with("taxpayers.csv") || one.place.file.starts_with("brackets.csv");
    return one.severity == Severity::hold && of_rates;
  });
}

std::vector<HarvestRow> rows_of(HarvestRow account, std::vector<Losses> found) {
  std::vector<HarvestRow> rows = {std::move(account)};
  for (Losses& losses : found) rows.push_back(std::move(losses.row));
  return rows;
}

// ── why the rest was skipped

bool buys(const DecidedAccount& decided, GroupIndex group) {
  return std::ranges::any_of(decided.solution.trades.trades, [&](const Trade& trade) {
    return trade.side == Side::buy && decided.book().security(trade.security).group == group;
  });
}

// What taking the rest of these lots gives up by not waiting.
Money waiting_of(const DecidedAccount& decided, const std::vector<LossLot>& lots) {
  double waiting = 0.0;
  for (const LossLot& lot : lots) waiting += objective::waiting_a_share(decided.terms, lot.lot) * lot.left.to_double();
  return to_cents(waiting);
}

// The step that takes the rest of the free lots by itself, and what it would bring if nothing could wait.
Money net_of_taking(const DecidedAccount& decided, std::size_t i, const std::vector<LossLot>& free, double dollars) {
  const Gains gains = skipped_gains(decided.account, free);
  return to_cents(benefit_of_moving(decided, i, -dollars) - tax_on_top(decided, gains.short_term, gains.long_term) -
                  cost_of_moving(decided, i, Side::sell, dollars) + funding_of_moving(decided, i, Side::sell, dollars));
}

// Of lots that no rule keeps by itself: what stops the account, else what the dollars say.
Obstacle bar_of_taking(const DecidedAccount& decided, std::size_t i, const std::vector<LossLot>& free) {
  const CheckedLine& line = decided.account.lines[i];
  const Security& security = decided.book().security(line.security);
  if (Obstacle bar = bar_of_discretion(decided, true); !bar.empty()) return bar;
  if (!decided.holder().effective_policy.harvest) return {rule::harvest_no, "harvest"};
  if (buys(decided, security.group)) return {rule::bought_in_run, {}};
  Quantity quantity;
  for (const LossLot& lot : free) quantity += lot.left;
  const Quantity held = held_after(decided, i);
  quantity = std::min(quantity, held - line.locked);
  if (quantity < security.quantity_step && quantity != held) return {rule::trade_min_quantity_step, {}};
  const double dollars = value_of(quantity, *security.price).to_double();
  if (below_trade_min(decided, i, quantity == held, dollars)) return {rule::trade_min_amount, {}};
  const Money waiting = waiting_of(decided, free);
  return {rule_of_dollars(decided, net_of_taking(decided, i, free, dollars) - waiting, waiting), {}};
}

// The obstacle that keeps most dollars; of equal ones the first.
Obstacle largest(const std::map<Obstacle, Money>& kept) {
  const auto most =
      std::ranges::max_element(kept, {}, [](const std::pair<const Obstacle, Money>& one) { return one.second; });
  return most == kept.end() ? Obstacle{} : most->first;
}

// The rule that keeps most of the rest. Securities of kind cash are sold only when money is needed.
Obstacle bar_of_rest(const DecidedAccount& decided, const Losses& losses, const tax::SoldByLot& sold) {
  const std::vector<CheckedLine>& lines = decided.account.lines;
  const auto line = std::ranges::lower_bound(lines, losses.security, {}, &CheckedLine::security);
  const bool is_line = line != lines.end() && line->security == losses.security;
  const auto i = static_cast<std::size_t>(line - lines.begin());
  if (is_line) {
    if (Obstacle bar = bar_of_line(decided, i); !bar.empty()) return bar;
  }
  std::map<Obstacle, Money> kept;
  std::vector<LossLot> free;
  Money free_loss;
  for (const LossLot& lot : losses.lots) {
    if (!lot.skipped.is_positive()) continue;
    const Obstacle bar = bar_of_lot(decided, lot.lot, sold);
    if (!bar.empty()) {
      kept[bar] += lot.skipped;
    } else {
      free.push_back(lot);
      free_loss += lot.skipped;
    }
  }
  if (!free.empty()) kept[is_line ? bar_of_taking(decided, i, free) : Obstacle{rule::cash_line, {}}] += free_loss;
  return largest(kept);
}

// ── what stands in the place of what was sold

void enter_swap(const DecidedAccount& decided, Losses& losses) {
  const Trade* sale = trade_of(decided, losses.security);
  const bool has_risk = decided.book().security(losses.security).kind != SecurityKind::cash;
  if (!losses.row.taken.is_positive() || !has_risk || decided.terms.investable <= 0.0) return;
  const std::vector<double> moved = swap_of(decided, *sale);
  losses.row.replacement_tracking_error = tracking_error_of(decided, moved);
  losses.row.tracking_error_added = tracking_error_added(decided, moved);
}

}  // namespace

std::vector<double> swap_of(const DecidedAccount& decided, const Trade& sale) {
  const std::vector<CheckedLine>& lines = decided.account.lines;
  std::vector<double> moved(lines.size(), 0.0);
  double sold = 0.0;
  double bought = 0.0;
  for (const Trade& trade : decided.solution.trades.trades) {
    const auto line = std::ranges::lower_bound(lines, trade.security, {}, &CheckedLine::security);
    if (line == lines.end() || line->security != trade.security) continue;  // of kind cash
    const double worth = value_of(trade.quantity, trade.price).to_double();
    const bool buys = trade.side == Side::buy;
    if (!buys && trade.security != sale.security) continue;
    (buys ? bought : sold) += worth;
    moved[static_cast<std::size_t>(line - lines.begin())] = buys ? worth : -worth;
  }
  const double part = bought > sold ? sold / bought : 1.0;
  for (double& dollars : moved) {
    if (dollars > 0.0) dollars *= part;
  }
  return moved;
}

double tracking_error_of(const DecidedAccount& decided, const std::vector<double>& moved) {
  if (decided.terms.investable <= 0.0) return 0.0;
  std::vector<ActiveWeight> active;
  for (std::size_t i = 0; i < moved.size(); ++i) {
    if (moved[i] == 0.0) continue;
    active.push_back({decided.account.lines[i].security, moved[i] / decided.terms.investable});
  }
  return std::sqrt(decided.unit.risk->variance(active));
}

double tracking_error_added(const DecidedAccount& decided, const std::vector<double>& moved) {
  objective::Outcome undone = decided.after;
  for (std::size_t i = 0; i < moved.size(); ++i) undone.dollars[i] -= moved[i];
  return decided.parts_after.tracking_error - objective::parts_of(decided.terms, undone).tracking_error;
}

std::vector<HarvestRow> harvests_of(const DecidedAccount& decided) {
  if (!is_taxable(decided.holder())) return {};
  const tax::SoldByLot sold = tax::sold_by_lot(decided.solution.trades);
  std::vector<Losses> found = losses_of(decided.book(), decided.account, decided.solution.trades);
  for (Losses& losses : found) {
    enter_swap(decided, losses);
    if (losses.row.skipped.is_zero()) continue;
    Obstacle bar = bar_of_rest(decided, losses, sold);
    losses.row.rule = std::move(bar.rule);
    losses.row.source = std::move(bar.source);
  }
  HarvestRow account = row_of_account(decided.book(), decided.account, found);
  enter_values(decided.account, decided.terms, {decided.after.gain_short, decided.after.gain_long}, account, found);
  return rows_of(std::move(account), std::move(found));
}

std::vector<HarvestRow> not_scanned(const Account& account, const std::string& rule) {
  if (!is_taxable(account)) return {};
  HarvestRow row;
  row.status = HarvestStatus::not_scanned;
  row.rule = rule;
  return {row};
}

std::vector<HarvestRow> harvests_untouched(const CheckedUnit& unit, const CheckedAccount& checked,
                                           const objective::Terms& terms, const std::string& rule) {
  const Book& book = *unit.book;
  if (!checked.lots_doubted_by.empty()) return not_scanned(book.account(checked.account), checked.lots_doubted_by);
  if (!is_taxable(book.account(checked.account))) return {};
  std::vector<Losses> found = losses_of(book, checked, {});
  HarvestRow account = row_of_account(book, checked, found);
  account.rule = rule;
  for (Losses& losses : found) losses.row.rule = rule;
  if (!rates_in_doubt(checked)) enter_values(checked, terms, {}, account, found);
  return rows_of(std::move(account), std::move(found));
}

void take_back(std::vector<HarvestRow>& rows, const std::string& rule) {
  if (rows.empty() || rows.front().status == HarvestStatus::not_scanned) return;
  const bool any_taken = rows.front().taken.is_positive();
  for (HarvestRow& row : rows) {
    if (row.loss.is_zero() && !row.security_id.empty()) continue;  // a loss of no cent: nothing to take back
    if (!row.security_id.empty()) row.status = HarvestStatus::skipped;
    row.skipped = row.loss;
    row.taken = row.disallowed = Money();
    row.rule = rule;
    row.source.clear();
    if (any_taken) row.value.reset();
    row.replacement_tracking_error.reset();
    row.tracking_error_added.reset();
  }
}

}  // namespace lotwright
