#include "checks/lines.h"

#include <fmt/format.h>

#include <algorithm>

#include "book/rules.h"
#include "checks/directed.h"
#include "checks/findings.h"

namespace lotwright {
namespace {

// Of the dollars invested, what at least has to be investable.
constexpr double invested_part_min = 1e-4;

bool is_cash(const Book& book, SecurityIndex security) { return book.security(security).kind == SecurityKind::cash; }

void sort_unique(std::vector<SecurityIndex>& securities) {
  std::sort(securities.begin(), securities.end());
  securities.erase(std::unique(securities.begin(), securities.end()), securities.end());
}

// A run of Account::lots of one security.
struct Position {
  SecurityIndex security;
  Quantity quantity;
  std::uint32_t lot_begin = 0;
  std::uint32_t lot_end = 0;
};

std::vector<Position> positions_of(const Account& account) {
  std::vector<Position> positions;
  for (std::uint32_t i = 0; i < account.lots.size(); ++i) {
    const TaxLot& lot = account.lots[i];
    if (!lot.security.exists()) continue;  // a finding of loading holds the account
    if (positions.empty() || positions.back().security != lot.security) positions.push_back({lot.security, {}, i, i});
    positions.back().quantity += lot.quantity;
    positions.back().lot_end = i + 1;
  }
  return positions;
}

bool may_never_be_bought(const BookFacts& facts, SecurityIndex security) {
  const auto rows = facts.stands_in_by(security);
  return std::any_of(rows.begin(), rows.end(), [](const Substitute* row) { return !row->buyable; });
}

// A substitute nobody holds yet joins the universe only where nothing is wrong with it: it is not worth holding the
// account for.
bool is_sound_substitute(const BookFacts& facts, const Policy& policy, SecurityIndex security) {
  const Book& book = facts.book();
  const Security& substitute = book.security(security);
  return substitute.tradable && substitute.kind != SecurityKind::cash && substitute.price.has_value() &&
         !price_is_too_old(substitute, book.firm.as_of, policy) && security.value < book.risk.covered.size() &&
         book.risk.covered[security.value] && facts.holds_of(security).empty() &&
         facts.pending_action(security) == nullptr && !may_never_be_bought(facts, security);
}

void add_substitutes(const BookFacts& facts, const Policy& policy, std::vector<SecurityIndex>& universe) {
  const std::size_t held_and_wanted = universe.size();
  for (std::size_t i = 0; i < held_and_wanted; ++i) {
    for (const Substitute& row : facts.substitutes_for(universe[i])) {
      if (row.buyable && is_sound_substitute(facts, policy, row.substitute)) universe.push_back(row.substitute);
    }
  }
  sort_unique(universe);
}

void draw_positions(const Book& book, CheckedAccount& checked) {
  auto line = checked.lines.begin();
  for (const Position& position : positions_of(book.account(checked.account))) {
    if (is_cash(book, position.security)) {
      checked.cash_holdings.push_back(
          {position.security, position.quantity, position.lot_begin, position.lot_end, true});
      continue;
    }
    while (line->security != position.security) ++line;  // every position is in the universe
    line->held = position.quantity;
    line->lot_begin = position.lot_begin;
    line->lot_end = position.lot_end;
  }
}

void draw_targets(const Book& book, CheckedAccount& checked) {
  const Model* model = model_of(book, checked);
  if (model == nullptr) return;
  const Weight invested = Weight::of_whole(1) - book.account(checked.account).effective_policy.cash_target;
  auto line = checked.lines.begin();
  for (const auto& [security, weight] : model->weights) {
    while (line != checked.lines.end() && line->security < security) ++line;
    if (line == checked.lines.end() || line->security != security) continue;  // kind cash, or a weight of zero
    line->target = Weight::of_count(multiply_divide_half_away(weight.count(), invested.count(), Weight::scale));
  }
}

void draw_hurdles(const BookFacts& facts, CheckedAccount& checked) {
  for (CheckedLine& line : checked.lines) {
    for (const Substitute* row : facts.stands_in_by(line.security)) {
      line.hurdle = line.hurdled ? std::min(line.hurdle, row->hurdle) : row->hurdle;
      line.hurdled = true;
    }
  }
}

}  // namespace

const Model* model_of(const Book& book, const CheckedAccount& checked) {
  if (checked.model_index >= book.models.size()) return nullptr;
  const Model& model = book.models[checked.model_index];
  return model.usable ? &model : nullptr;
}

namespace {

std::vector<SecurityIndex> held_or_in_the_model(const Book& book, const CheckedAccount& checked) {
  std::vector<SecurityIndex> securities;
  for (const Position& position : positions_of(book.account(checked.account))) securities.push_back(position.security);
  if (const Model* model = model_of(book, checked)) {
    for (const auto& [security, weight] : model->weights) {
      if (weight.is_positive() && !is_cash(book, security)) securities.push_back(security);
    }
  }
  sort_unique(securities);
  return securities;
}

void add_directed(const Book& book, const CheckedAccount& checked, std::vector<SecurityIndex>& securities) {
  std::ranges::copy(directed_purchases(book, checked.account), std::back_inserter(securities));
  sort_unique(securities);
}

}  // namespace

std::vector<SecurityIndex> held_or_wanted(const Book& book, const CheckedAccount& checked) {
  std::vector<SecurityIndex> securities = held_or_in_the_model(book, checked);
  add_directed(book, checked, securities);
  return securities;
}

bool price_is_too_old(const Security& security, Date as_of, const Policy& policy) {
  return security.price.has_value() && as_of - security.price_date > policy.price_age_days_max;
}

void draw_lines(const BookFacts& facts, CheckedAccount& checked) {
  const Book& book = facts.book();
  std::vector<SecurityIndex> universe = held_or_in_the_model(book, checked);
  add_substitutes(facts, book.account(checked.account).effective_policy, universe);
  add_directed(book, checked, universe);  // nothing stands in for what is ordered by name
  for (const SecurityIndex security : universe) {
    if (is_cash(book, security)) continue;
    checked.lines.emplace_back().security = security;
  }
  draw_positions(book, checked);
  draw_targets(book, checked);
  draw_hurdles(facts, checked);
}

// A payment that leaves some cents: as weights of these the positions are whatever one likes, and the objective, which
// is their square, fits no amount of dollars.
void hold_where_little_is_left(const Book& book, Money invested, CheckedAccount& checked) {
  const double part = checked.investable.to_double() / invested.to_double();
  if (part >= invested_part_min) return;
  checked.held = true;
  add_finding(book, checked, rule::cash_little_to_invest, Severity::hold, checked.investable.to_string(2),
              fmt::format("{:.2f}", invested_part_min * invested.to_double()),
              fmt::format("{} dollars are invested and after what is reserved {} would stay so: change the amount, or "
                          "ask to liquidate the account",
                          invested.to_string(2), checked.investable.to_string(2)));
}

void value_positions(const Book& book, CheckedAccount& checked) {
  const Account& account = book.account(checked.account);
  Money value = account.cash;
  Money cash_line = account.cash;
  bool priced = true;
  for (const Position& position : positions_of(account)) {
    const Security& security = book.security(position.security);
    priced = priced && security.price.has_value();
    if (!security.price) continue;
    const Money worth = value_of(position.quantity, *security.price);
    value += worth;
    if (security.kind == SecurityKind::cash) cash_line += worth;
  }
  checked.cash_line = cash_line;
  if (!priced) return;
  checked.value = value;
  checked.investable = value - checked.reserved;
  if (checked.investable.is_positive()) {
    if (value > cash_line) hold_where_little_is_left(book, value - cash_line, checked);
    return;
  }
  add_finding(book, checked, rule::cash_nothing_to_invest, Severity::note, checked.investable.to_string(2), "0.00",
              fmt::format("{} dollars are worth the account and {} are reserved: it only sells", value.to_string(2),
                          checked.reserved.to_string(2)));
}

void bar_lines(const BookFacts& facts, CheckedAccount& checked) {
  const Book& book = facts.book();
  const Mode mode = book.account(checked.account).effective_policy.mode;
  for (CheckedLine& line : checked.lines) {
    const Security& security = book.security(line.security);
    if (!security.tradable) {
      const Bar bar = {Strength::law, rule::restriction_not_tradable, security.id.text};
      line.buy_bars.push_back(bar);
      line.sell_bars.push_back(bar);
    }
    if (may_never_be_bought(facts, line.security)) {
      line.buy_bars.push_back({Strength::restriction, rule::restriction_substitute_hold_only, security.id.text});
    }
    if (mode == Mode::sell_only) line.buy_bars.push_back({Strength::mode, rule::mode_sell_only, "mode"});
    if (mode == Mode::buy_only) line.sell_bars.push_back({Strength::mode, rule::mode_buy_only, "mode"});
    if (mode == Mode::hold) {
      line.buy_bars.push_back({Strength::mode, rule::mode_hold, "mode"});
      line.sell_bars.push_back({Strength::mode, rule::mode_hold, "mode"});
    }
  }
  for (CashHolding& holding : checked.cash_holdings) {
    holding.may_sell = holding.may_sell && book.security(holding.security).tradable;
  }
}

void tell_residues(const Book& book, CheckedAccount& checked) {
  if (checked.held || checked.frozen) return;
  std::vector<SecurityIndex> residues;
  Money worth;
  for (const CheckedLine& line : checked.lines) {
    const Security& security = book.security(line.security);
    if (!line.held.is_positive() || line.held >= security.quantity_step || line.sell_all || !security.price) continue;
    residues.push_back(line.security);
    worth += value_of(line.held, *security.price);
  }
  if (residues.empty()) return;
  const std::string list = list_of(book, residues);
  add_finding(
      book, checked, rule::trade_min_residue, Severity::note, worth.to_string(2), "",
      fmt::format("less than one step is left of {}, {} dollars in all: it is sold whole, free of the step and of "
                  "the trade minimum, with the next orders of the account that pay for its ticket",
                  list, worth.to_string(2)));
}

}  // namespace lotwright
