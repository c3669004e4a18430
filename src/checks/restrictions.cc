#include "checks/restrictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "book/rules.h"
#include "checks/findings.h"

namespace lotwright {
namespace {

bool limits_weight(const Restriction& restriction) {
  return restriction.rule == RestrictionRule::weight_max || restriction.rule == RestrictionRule::weight_min;
}

// A fund is forbidden whole or not at all: as far as the policy cares for what is in it.
bool counts(const Restriction& restriction, Weight share, const Policy& policy) {
  return limits_weight(restriction) || share == Weight::of_whole(1) || share > policy.screen_fund_part_max;
}

bool is_subject(const Restriction& restriction, SecurityIndex security, const Policy& policy) {
  const auto found = std::ranges::lower_bound(restriction.securities, security);
  if (found == restriction.securities.end() || *found != security) return false;
  return counts(restriction, restriction.share(static_cast<std::size_t>(found - restriction.securities.begin())),
                policy);
}

// A line the restriction is about, and how much of it.
struct Concerned {
  std::uint32_t line = 0;
  Weight share;
};

// Ascending.
std::vector<Concerned> concerned_by(const CheckedAccount& checked, const Policy& policy,
                                    const Restriction& restriction) {
  std::vector<Concerned> found;
  auto line = checked.lines.begin();
  for (std::size_t i = 0; i < restriction.securities.size(); ++i) {
    const SecurityIndex security = restriction.securities[i];
    line = std::lower_bound(line, checked.lines.end(), security,
                            [](const CheckedLine& one, SecurityIndex wanted) { return one.security < wanted; });
    if (line == checked.lines.end()) break;
    const Weight share = restriction.share(i);
    if (line->security != security || !counts(restriction, share, policy)) continue;
    found.push_back({static_cast<std::uint32_t>(line - checked.lines.begin()), share});
  }
  return found;
}

void tighten_max(CheckedLine& line, Weight max, Strength strength) {
  if (line.weight_max && *line.weight_max <= max) return;
  line.weight_max = max;
  line.weight_max_strength = strength;
}

const char* sell_all_rule_of(const Restriction& restriction) {
  return restriction.screen.empty() ? rule::restriction_sell_all : rule::restriction_screen;
}

void restrict_line(const Restriction& restriction, CheckedLine& line) {
  const auto bar = [&](const char* rule) { return Bar{Strength::restriction, rule, restriction.id}; };
  switch (restriction.rule) {
    case RestrictionRule::never_buy:
      line.buy_bars.push_back(
          bar(restriction.screen.empty() ? rule::restriction_never_buy : rule::restriction_screen_grace));
      break;
    case RestrictionRule::never_sell:
      line.sell_bars.push_back(bar(rule::restriction_never_sell));
      break;
    case RestrictionRule::freeze:
      line.buy_bars.push_back(bar(rule::restriction_freeze));
      line.sell_bars.push_back(bar(rule::restriction_freeze));
      break;
    case RestrictionRule::sell_all:
      line.buy_bars.push_back(bar(sell_all_rule_of(restriction)));
      if (!line.held.is_positive()) break;
      line.sell_all = true;
      line.sell_all_rule = sell_all_rule_of(restriction);
      line.sell_all_strength = Strength::restriction;
      break;
    case RestrictionRule::lock_quantity:
      line.locked = std::max(line.locked, std::min(restriction.quantity.value_or(line.held), line.held));
      break;
    case RestrictionRule::weight_max:
      if (restriction.weight) tighten_max(line, *restriction.weight, Strength::restriction);
      break;
    case RestrictionRule::weight_min:
      if (restriction.weight) line.weight_min = std::max(line.weight_min.value_or(Weight()), *restriction.weight);
      break;
  }
}

// A weight limit on a tag, sector, industry, country or asset class, or on a security that funds hold too: on the sum
// of its lines. What all may weigh together one alone may not exceed, even where the sum does already; a fund in part
// the sum alone limits.
void restrict_sum(const Restriction& restriction, const std::vector<Concerned>& lines, CheckedAccount& checked) {
  CheckedBand band;
  const bool is_max = restriction.rule == RestrictionRule::weight_max;
  for (const auto& [i, share] : lines) {
    const bool whole = share == Weight::of_whole(1);
    if (whole && is_max && restriction.weight) {
      tighten_max(checked.lines[i], *restriction.weight, Strength::restriction);
    }
    band.lines.push_back(i);
    if (!restriction.shares.empty()) band.shares.push_back(share);
  }
  band.rule = is_max ? rule::restriction_weight_max : rule::restriction_weight_min;
  band.source = restriction.id;
  band.strength = Strength::restriction;
  (is_max ? band.max : band.min) = restriction.weight;
  checked.bands.push_back(std::move(band));
}

bool limits_a_sum(const Restriction& restriction) {
  return limits_weight(restriction) &&
         (restriction.subject_kind != RestrictionSubject::security || !restriction.shares.empty());
}

bool keeps_shares(const Restriction& restriction) {
  return restriction.rule == RestrictionRule::never_sell || restriction.rule == RestrictionRule::freeze ||
         restriction.rule == RestrictionRule::lock_quantity;
}

bool means_a_lot_of(const Restriction& restriction, const Account& account, const CashHolding& holding) {
  if (restriction.subject_kind != RestrictionSubject::lot) return false;
  return std::any_of(account.lots.begin() + holding.lot_begin, account.lots.begin() + holding.lot_end,
                     [&](const TaxLot& lot) { return lot.id.text == restriction.subject_id; });
}

// A fund is kept or sold as one: what is said of one of its lots is said of all.
void restrict_cash_holdings(const Restriction& restriction, const Account& account, CheckedAccount& checked) {
  for (CashHolding& holding : checked.cash_holdings) {
    if (!is_subject(restriction, holding.security, account.effective_policy) &&
        !means_a_lot_of(restriction, account, holding))
      continue;
    holding.may_sell = holding.may_sell && !keeps_shares(restriction);
    holding.sell_all = holding.sell_all || restriction.rule == RestrictionRule::sell_all;
  }
}

// The held securities whose shares the restriction is about, a lot's included.
std::vector<SecurityIndex> held_subjects(const Account& account, const CheckedAccount& checked,
                                         const Restriction& restriction) {
  std::vector<SecurityIndex> held;
  if (restriction.subject_kind == RestrictionSubject::lot) {
    for (const TaxLot& lot : account.lots) {
      if (lot.id.text == restriction.subject_id) held.push_back(lot.security);
    }
    std::sort(held.begin(), held.end());
    return held;
  }
  for (const auto& [i, share] : concerned_by(checked, account.effective_policy, restriction)) {
    if (checked.lines[i].held.is_positive()) held.push_back(checked.lines[i].security);
  }
  for (const CashHolding& holding : checked.cash_holdings) {
    if (is_subject(restriction, holding.security, account.effective_policy)) held.push_back(holding.security);
  }
  std::sort(held.begin(), held.end());
  return held;
}

bool wants_shares(const Restriction& restriction) {
  return keeps_shares(restriction) ||
         (restriction.rule == RestrictionRule::weight_min && restriction.subject_kind == RestrictionSubject::security &&
          restriction.weight.value_or(Weight()).is_positive());
}

bool crosses(const Restriction& least, const Restriction& most) {
  return least.rule == RestrictionRule::weight_min && most.rule == RestrictionRule::weight_max &&
         least.subject_kind == most.subject_kind && least.subject_id == most.subject_id && least.weight &&
         most.weight && *least.weight > *most.weight;
}

void add_conflict(const Book& book, CheckedAccount& checked, const Restriction& one, const Restriction& other,
                  const std::string& about) {
  add_finding(
      book, checked, rule::restriction_conflict, Severity::hold, one.id, other.id,
      fmt::format("restrictions {} and {} contradict each other on {}; end one of them", one.id, other.id, about));
}

// Why a line that is to be sold whole cannot be: the first bar that is stronger than what forces the sale, a lock, or a
// lot that stays. nullptr: nothing in the way.
const char* what_keeps(const CheckedAccount& checked, const Account& account, const CheckedLine& line) {
  const auto stronger = [&](const std::vector<Bar>& bars) -> const Bar* {
    const auto found =
        std::find_if(bars.begin(), bars.end(), [&](const Bar& bar) { return bar.strength < line.sell_all_strength; });
    return found == bars.end() ? nullptr : &*found;
  };
  if (const Bar* bar = stronger(line.sell_bars)) return bar->rule.c_str();
  if (line.locked.is_positive()) return rule::restriction_lock_quantity;
  const bool least_holds = line.sell_all_strength > Strength::restriction && checked.investable.is_positive();
  if (line.weight_min && least_holds) return rule::restriction_weight_min;
  for (std::uint32_t i = line.lot_begin; i < line.lot_end; ++i) {
    if (const Bar* bar = stronger(checked.lots[i].bars)) return bar->rule.c_str();
    if (checked.lots[i].saleable < account.lots[i].quantity) return rule::restriction_lock_quantity;
  }
  return nullptr;
}

bool is_barred_whole(const CheckedLine& line) {
  return std::any_of(line.sell_bars.begin(), line.sell_bars.end(),
                     [&](const Bar& bar) { return bar.strength < line.sell_all_strength; });
}

// A frozen account sells nothing, whatever is to go.
void tell_what_is_frozen(const Book& book, CheckedAccount& checked) {
  std::vector<SecurityIndex> kept;
  bool restricted = false;
  for (const CheckedLine& line : checked.lines) {
    if (!line.sell_all) continue;
    kept.push_back(line.security);
    restricted |= line.sell_all_strength == Strength::restriction;
  }
  for (const CashHolding& holding : checked.cash_holdings) {
    if (!holding.sell_all) continue;
    kept.push_back(holding.security);
    restricted = true;
  }
  if (checked.liquidating && !kept.empty()) {
    add_finding(book, checked, rule::request_liquidation_left, Severity::review, "", "",
                "a liquidation is due and the account is frozen: lift the one or the other");
  }
  if (!restricted) return;
  const std::string list = list_of(book, kept);
  add_finding(book, checked, rule::restriction_yielded, Severity::review, list, "frozen",
              fmt::format("{} asks for a sale and the account is frozen: {}; lift the one or the other",
                          rule::restriction_sell_all, list));
}

}  // namespace

void restrict_lines(const BookFacts& facts, CheckedAccount& checked) {
  const Account& account = facts.book().account(checked.account);
  for (const Restriction* restriction : facts.restrictions_of(checked.account)) {
    restrict_cash_holdings(*restriction, account, checked);
    const std::vector<Concerned> lines = concerned_by(checked, account.effective_policy, *restriction);
    if (lines.empty()) continue;
    if (limits_a_sum(*restriction)) {
      restrict_sum(*restriction, lines, checked);
      continue;
    }
    for (const auto& [i, share] : lines) restrict_line(*restriction, checked.lines[i]);
  }
}

void limit_lines_by_policy(const Book& book, CheckedAccount& checked) {
  const Policy& policy = book.account(checked.account).effective_policy;
  if (policy.position_weight_max) {
    for (CheckedLine& line : checked.lines) tighten_max(line, *policy.position_weight_max, Strength::position);
  }
  for (const auto& [asset_class, limits] : policy.bands) {
    CheckedBand band;
    band.rule = "band_" + asset_class;
    band.source = band.rule;
    band.min = limits.min;
    band.max = limits.max;
    band.price = limits.price;
    for (std::uint32_t i = 0; i < checked.lines.size(); ++i) {
      if (book.security(checked.lines[i].security).asset_class == asset_class) band.lines.push_back(i);
    }
    if (!band.lines.empty()) checked.bands.push_back(std::move(band));
  }
}

void check_conflicts(const BookFacts& facts, CheckedAccount& checked) {
  const Book& book = facts.book();
  const Account& account = book.account(checked.account);
  const std::vector<const Restriction*> all = facts.restrictions_of(checked.account);
  for (const Restriction* one : all) {
    if (one->rule == RestrictionRule::weight_min) {
      for (const Restriction* other : all) {
        if (crosses(*one, *other) && !concerned_by(checked, account.effective_policy, *one).empty()) {
          add_conflict(book, checked, *one, *other, one->subject_id);
        }
      }
    }
    if (one->rule != RestrictionRule::sell_all || one->subject_kind == RestrictionSubject::lot) continue;
    const std::vector<SecurityIndex> sold = held_subjects(account, checked, *one);
    for (const Restriction* other : all) {
      if (sold.empty() || !wants_shares(*other)) continue;
      const std::vector<SecurityIndex> kept = held_subjects(account, checked, *other);
      std::vector<SecurityIndex> both;
      std::set_intersection(sold.begin(), sold.end(), kept.begin(), kept.end(), std::back_inserter(both));
      if (!both.empty()) add_conflict(book, checked, *one, *other, list_of(book, both));
    }
  }
}

void liquidate_lines(CheckedAccount& checked) {
  if (!checked.liquidating) return;
  for (CheckedLine& line : checked.lines) {
    line.buy_bars.push_back({Strength::request, rule::request_liquidate, ""});
    if (line.sell_all || !line.held.is_positive()) continue;
    line.sell_all = true;
    line.sell_all_rule = rule::request_liquidate;
    line.sell_all_strength = Strength::request;
  }
}

void tell_what_stays(const Book& book, CheckedAccount& checked) {
  if (checked.frozen) return tell_what_is_frozen(book, checked);
  const Account& account = book.account(checked.account);
  // By what forces the sale and what keeps it back, so that one finding tells of all lines of a kind.
  std::map<std::pair<std::string, std::string>, std::vector<SecurityIndex>> kept;
  for (CheckedLine& line : checked.lines) {
    if (!line.sell_all) continue;
    const char* keeper = what_keeps(checked, account, line);
    if (keeper == nullptr) continue;
    kept[{line.sell_all_rule, keeper}].push_back(line.security);
    if (is_barred_whole(line)) line.sell_all = false;
  }
  for (const CashHolding& holding : checked.cash_holdings) {
    if (!holding.sell_all || holding.may_sell) continue;
    kept[{rule::restriction_sell_all, rule::restriction_not_tradable}].push_back(holding.security);
  }
  for (const auto& [why, securities] : kept) {
    const auto& [forced_by, kept_by] = why;
    const char* rule =
        forced_by == rule::request_liquidate ? rule::request_liquidation_left : rule::restriction_yielded;
    add_finding(book, checked, rule, Severity::review, list_of(book, securities), kept_by,
                fmt::format("{} asks for a sale that {} forbids, in whole or in part: {}; lift the one or the other",
                            forced_by, kept_by, list_of(book, securities)));
  }
}

}  // namespace lotwright
