#include "solution/lifted.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "book/rules.h"

namespace lotwright {
namespace {

const std::string& id_of(const Book& book, const CheckedLine& line) { return book.security(line.security).id.text; }

void relax(PoseOptions& options, Strength strength) {
  if (!options.relaxed.has(strength)) options.relaxed.strengths.push_back(strength);
  std::ranges::sort(options.relaxed.strengths);
}

// A restriction, or a screen, that wants the whole position sold.
bool drives_out(std::string_view rule) {
  return rule == rule::restriction_sell_all || rule == rule::restriction_screen;
}

void lift_from_line(const Book& book, const NamedRule& name, CheckedLine& line) {
  const auto lifted = [&](const Bar& bar) { return bar.rule == name.first && bar.source == name.second; };
  const bool forced = std::erase_if(line.buy_bars, lifted) > 0 && drives_out(name.first);
  const bool by_another = std::ranges::any_of(line.buy_bars, [](const Bar& bar) { return drives_out(bar.rule); });
  if (forced && !by_another && drives_out(line.sell_all_rule)) line.sell_all = false;
  std::erase_if(line.sell_bars, lifted);
  if (line.weight_max && cap_of(book, line) == name) line.weight_max.reset();
  if (name == NamedRule{rule::restriction_weight_min, id_of(book, line)}) line.weight_min.reset();
  if (name == NamedRule{rule::restriction_lock_quantity, id_of(book, line)}) line.locked = {};
}

// With a limit on a sum goes what it let each line weigh alone.
void lift_bands(const NamedRule& name, CheckedAccount& freed) {
  const auto lifted = [&](const CheckedBand& band) { return band.rule == name.first && band.source == name.second; };
  for (const CheckedBand& band : freed.bands) {
    if (!lifted(band)) continue;
    for (const std::uint32_t i : band.lines) {
      if (freed.lines[i].weight_max_strength == band.strength) freed.lines[i].weight_max.reset();
    }
  }
  std::erase_if(freed.bands, lifted);
}

}  // namespace

NamedRule cap_of(const Book& book, const CheckedLine& line) {
  if (line.weight_max_strength == Strength::position) return {rule::position_weight_max, ""};
  return {rule::restriction_weight_max, id_of(book, line)};
}

void lift(const CheckedUnit& unit, const NamedRule& name, CheckedAccount& freed, PoseOptions& options) {
  const Book& book = *unit.book;
  const auto lifted = [&](const Bar& bar) { return bar.rule == name.first && bar.source == name.second; };
  for (CheckedLine& line : freed.lines) lift_from_line(book, name, line);
  const std::vector<TaxLot>& lots = book.account(freed.account).lots;
  for (std::size_t i = 0; i < freed.lots.size(); ++i) {
    const bool freed_now = std::erase_if(freed.lots[i].bars, lifted) > 0;
    if (freed_now && name.first == rule::restriction_lock_quantity) freed.lots[i].saleable = lots[i].quantity;
  }
  // Which rule keeps a fund is not told: it is let go in any case, which can only lower the bound.
  for (CashHolding& fund : freed.cash_holdings) fund.may_sell = book.security(fund.security).tradable;
  lift_bands(name, freed);
  if (name.first == rule::budget_gain) freed.gain_budget.reset();
  if (name.first == rule::budget_tax) freed.tax_budget.reset();
  if (name.first == rule::turnover_max) relax(options, Strength::turnover);
  if (name.first == rule::names_max) relax(options, Strength::position);
  if (name.second == "mode") {
    relax(options, Strength::mode);
    options.needs_only = false;
  }
}

}  // namespace lotwright
