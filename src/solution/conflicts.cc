#include "solution/conflicts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "book/concerns.h"
#include "book/rules.h"
#include "solution/plain_solve.h"

namespace lotwright {
namespace {

constexpr std::size_t sets_max = 3;    // of rules that are each too much for one request
constexpr std::size_t priced_max = 4;  // rules of an account, each a re-solve

const NamedRule wash_rule{rule::wash_sale_window, ""};

// All that is weaker than a request has yielded; no wash sale is forced for a harvest.
PoseOptions yielded(const Wish& wish, const std::vector<NamedRule>& lifted) {
  PoseOptions options;
  options.relaxed.strengths = {Strength::mode,     Strength::short_term, Strength::budget, Strength::cash_min,
                               Strength::turnover, Strength::position,   Strength::band,   Strength::trade_min};
  options.relaxed.wash = wish.kind != Wish::Kind::goal || std::ranges::find(lifted, wash_rule) != lifted.end();
  return options;
}

// The most that sales can bring of something; `brings(line, branch)` tells what one of them does. A name takes one
// branch, a block one mode.
template <class Brings>
double most_of(const Problem& problem, Brings brings) {
  const numerics::Program& program = problem.program;
  const auto of_offer = [&](const numerics::Offer& offer) {
    double most = 0.0;
    for (int b = offer.branches.begin; b < offer.branches.end; ++b) {
      if (problem.meaning[numerics::at(b)].kind != BranchKind::sell) continue;
      most = std::max(most, brings(problem.line_of_name[numerics::at(offer.name)], b));
    }
    return most;
  };
  double sum = 0.0;
  for (const numerics::Block& block : program.blocks) {
    double most = 0.0;
    for (int m = block.modes.begin; m < block.modes.end; ++m) {
      if (problem.bound_only[numerics::at(m)]) continue;
      const numerics::Range offers = program.modes[numerics::at(m)].offers;
      double of_mode = 0.0;
      for (int o = offers.begin; o < offers.end; ++o) of_mode += of_offer(program.offers[numerics::at(o)]);
      most = std::max(most, of_mode);
    }
    sum += most;
  }
  return sum;
}

double sold_by(const Problem& problem, int branch) {
  return -problem.program.branches[numerics::at(branch)].lower * problem.scale;
}

double counted_by(const Problem& problem, const Realization& what, int branch) {
  const numerics::Range pieces = problem.program.branches[numerics::at(branch)].pieces;
  double counted = 0.0;
  for (int p = pieces.begin; p < pieces.end; ++p) {
    counted += what.counted(problem.term_of_piece[numerics::at(p)], problem.true_gain_of_piece[numerics::at(p)]) *
               problem.program.pieces[numerics::at(p)].length * problem.scale;
  }
  return counted;
}

// Of what could be sold, what the least of a group of lines keeps. (Groups that overlap are looked at one by one.)
double kept_by_groups(const Problem& problem) {
  double kept = 0.0;
  for (const Band& band : problem.bands) {
    if (band.price) continue;  // outside it is paid for
    const double sold = most_of(problem, [&](int line, int branch) {
      const bool inside = std::ranges::binary_search(band.lines, static_cast<std::uint32_t>(line));
      return inside ? sold_by(problem, branch) : 0.0;
    });
    kept += std::max(0.0, sold - (band.start - band.min));
  }
  return kept;
}

Reach reach_in(const Problem& problem, const CheckedAccount& account, const Wish& wish) {
  const objective::Terms& terms = problem.terms;
  switch (wish.kind) {
    case Wish::Kind::cash: {
      const double raised = most_of(problem, [&](int, int branch) {
        return sold_by(problem, branch) * (1.0 - terms.commission) - terms.ticket_cost;
      });
      return {terms.reserved + terms.cash_line_before + raised - kept_by_groups(problem) * (1.0 - terms.commission),
              terms.reserved + problem.limits.line_min};
    }
    case Wish::Kind::liquidation: {
      double held = 0.0;
      for (std::size_t i = 0; i < account.lines.size(); ++i) {
        if (account.lines[i].held.is_positive()) held += terms.lines[i].dollars_before;
      }
      const double sold = most_of(problem, [&](int, int branch) { return sold_by(problem, branch); });
      return {sold - kept_by_groups(problem), held};
    }
    case Wish::Kind::goal: {
      const Goal& goal = problem.goals[wish.goal];
      return {most_of(problem, [&](int, int branch) { return counted_by(problem, goal.realization, branch); }),
              goal.asked};
    }
  }
  return {};
}

// ── rules by name

bool limits_one_line(const Restriction& restriction) {
  return restriction.rule == RestrictionRule::lock_quantity ||
         (restriction.rule == RestrictionRule::weight_min && restriction.subject_kind == RestrictionSubject::security);
}

NamedRule name_of(const Restriction& restriction) {
  const bool locks = restriction.rule == RestrictionRule::lock_quantity;
  return {locks ? rule::restriction_lock_quantity : rule::restriction_weight_min, restriction.id};
}

// The restrictions of the account that keep a part of one position.
std::vector<const Restriction*> keepers(const Book& book, AccountIndex account, SecurityIndex security) {
  std::vector<const Restriction*> found;
  for (const Restriction& one : book.restrictions) {
    if (limits_one_line(one) && concerns(book, one, account) && std::ranges::binary_search(one.securities, security)) {
      found.push_back(&one);
    }
  }
  return found;
}

// What keeps a part of a position is told by restriction here, and the tightest of those that are left holds.
void lift_all(const CheckedUnit& unit, const std::vector<NamedRule>& names, CheckedAccount& freed,
              PoseOptions& options) {
  const auto funds = freed.cash_holdings;
  for (const NamedRule& name : names) lift(unit, name, freed, options);
  freed.cash_holdings = funds;
  for (CheckedLine& line : freed.lines) {
    if (line.locked.is_zero() && !line.weight_min) continue;
    line.locked = {};
    line.weight_min.reset();
    for (const Restriction* one : keepers(*unit.book, freed.account, line.security)) {
      if (std::ranges::find(names, name_of(*one)) != names.end()) continue;
      if (one->rule == RestrictionRule::lock_quantity) {
        line.locked = std::max(line.locked, std::min(one->quantity.value_or(line.held), line.held));
      } else if (one->weight) {
        line.weight_min = std::max(line.weight_min.value_or(Weight()), *one->weight);
      }
    }
  }
}

void take(const std::vector<Bar>& bars, std::set<NamedRule>& rules) {
  for (const Bar& bar : bars) {
    if (bar.strength <= Strength::request) rules.emplace(bar.rule, bar.source);
  }
}

// ── words

std::string joined(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

std::string in_words(const NamedRule& name) {
  const auto& [rule, source] = name;
  constexpr std::string_view family = "restriction_";
  const std::string kind = rule.starts_with(family) ? rule.substr(family.size()) : rule;
  if (rule == rule::wash_sale_window) return "the wash-sale window (shares bought in the last 30 days)";
  if (rule == rule::restriction_not_tradable) return fmt::format("{}, which is not tradable", source);
  if (rule == rule::request_preserve_losses) return fmt::format("request {} (preserve_losses)", source);
  if (rule == rule::data_unknown_basis_excluded) return "setting unknown_basis (lots without a basis are not sold)";
  return source.empty() ? rule : fmt::format("restriction {} ({})", source, kind);
}

bool can_be_given_up(const NamedRule& name) {
  return name.first != rule::wash_sale_window && name.first != rule::restriction_not_tradable;
}

// ── what is unmet

bool tells(const Findings& findings, const char* rule) {
  return std::ranges::any_of(findings,
                             [&](const Finding& one) { return one.rule == rule && one.severity >= Severity::review; });
}

const char* told_by(const Wish& wish) {
  if (wish.kind == Wish::Kind::cash) return rule::request_cash_short;
  if (wish.kind == Wish::Kind::liquidation) return rule::request_liquidation_left;
  return wish.rule == rule::request_harvest ? rule::request_harvest_short : rule::request_realize_gains_short;
}

bool is_unmet(const CheckedAccount& account, const Solution& made, const Wish& wish) {
  return tells(made.findings, told_by(wish)) || tells(account.findings, told_by(wish));
}

std::vector<std::string> ids_of_due(const Book& book, const CheckedAccount& account, RequestKind kind, int ahead) {
  std::vector<std::string> ids;
  for (const Request& request : std::ranges::equal_range(book.requests, account.account, {}, &Request::account)) {
    if (request.kind == kind && request.due_on <= book.firm.as_of + ahead) ids.push_back(request.id);
  }
  return ids;
}

std::vector<Wish> wishes_of(const Book& book, const CheckedAccount& account) {
  std::vector<Wish> wishes;
  if (account.liquidating) {
    wishes.push_back(
        {Wish::Kind::liquidation, 0, rule::request_liquidate, ids_of_due(book, account, RequestKind::liquidate, 0)});
  } else if (account.cash_due) {
    const int ahead = book.account(account.account).effective_policy.cash_raise_days;
    wishes.push_back(
        {Wish::Kind::cash, 0, rule::request_cash_out, ids_of_due(book, account, RequestKind::cash_out, ahead)});
  }
  if (account.liquidating) return wishes;
  for (std::size_t i = 0; i < account.realizations.size(); ++i) {
    const Realization& what = account.realizations[i];
    if (!what.zero_rate) wishes.push_back({Wish::Kind::goal, i, what.rule(), what.requests});
  }
  return wishes;
}

// What an account is worth to its objective without a rule, and whether the wish is met then.
class Prices {
 public:
  Prices(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
         const Effort& effort, double objective)
      : unit_(unit), checked_(account), progress_(progress), effort_(effort), objective_(objective) {}

  // Of giving up these rules together.
  std::string of(const std::vector<NamedRule>& names, const Wish& wish) {
    std::vector<std::string> words;
    for (const NamedRule& name : names) words.push_back(in_words(name));
    const auto lawful = std::ranges::find_if_not(names, can_be_given_up);
    if (lawful != names.end()) return in_words(*lawful) + " cannot be given up";
    const std::string without = fmt::format("without {}", fmt::join(words, " and "));
    if (!reach_of(unit_, checked_, progress_, wish, names).enough()) return without + " alone it still falls short";
    if (left_ == 0) return {};
    --left_;
    CheckedAccount freed = checked_;
    PoseOptions ignored;
    lift_all(unit_, names, freed, ignored);
    drive_out_again(freed);
    const Solution solution = solve_plainly(unit_, freed, progress_, effort_);
    const double change = objective_after(unit_, freed, progress_, solution) - objective_;
    return fmt::format("{} it is met, at {} {:.2f} dollars of the objective", without,
                       change < 0.0 ? "a gain of" : "a cost of", std::abs(change));
  }

 private:
  // A liquidated line that the rule barred as a whole goes now.
  static void drive_out_again(CheckedAccount& freed) {
    if (!freed.liquidating) return;
    for (CheckedLine& line : freed.lines) {
      const bool barred =
          std::ranges::any_of(line.sell_bars, [&](const Bar& bar) { return bar.strength < line.sell_all_strength; });
      if (line.held.is_positive() && !line.sell_all_rule.empty() && !barred) line.sell_all = true;
    }
  }

  const CheckedUnit& unit_;
  const CheckedAccount& checked_;
  const tax::UnitProgress& progress_;
  const Effort& effort_;
  const double objective_;
  std::size_t left_ = priced_max;
};

Finding told(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
             const Wish& wish, Prices& prices) {
  const Book& book = *unit.book;
  const Reach reach = reach_of(unit, account, progress, wish, {});
  std::vector<NamedRule> rules = rules_in_the_way(unit, account);
  const Reach most = reach_of(unit, account, progress, wish, rules);
  std::string message = fmt::format("{} ({}) asks for {:.2f} dollars and rules leave {:.2f} within reach",
                                    joined(wish.requests), wish.rule, reach.asked, reach.reached);
  std::string costs;
  const auto price = [&](const std::vector<NamedRule>& names) {
    if (const std::string cost = prices.of(names, wish); !cost.empty()) costs += "; " + cost;
  };
  std::vector<NamedRule> one_of_each;
  for (std::size_t set = 0; set < sets_max; ++set) {
    const std::vector<NamedRule> conflict = smallest_conflict(unit, account, progress, wish, rules);
    if (conflict.empty()) break;
    std::vector<std::string> names;
    for (const NamedRule& name : conflict) {
      names.push_back(in_words(name));
      std::erase(rules, name);
      price({name});
    }
    one_of_each.push_back(conflict.front());
    message += fmt::format("; {}{}: {}", set == 0 ? "" : "and ",
                           names.size() == 1 ? "this alone makes it impossible"
                                             : "these together make it impossible, and no fewer of them",
                           joined(names));
  }
  if (one_of_each.size() > 1) price(one_of_each);
  if (!most.enough()) message += fmt::format("; without any rule {:.2f} are all there is", most.reached);
  message += costs;
  return {.rule = rule::request_impossible,
          .severity = Severity::review,
          .subject = {SubjectKind::account, book.account(account.account).id.text},
          .place = {},
          .observed = fmt::format("{:.2f}", reach.reached),
          .limit = fmt::format("{:.2f}", reach.asked),
          .message = std::move(message)};
}

}  // namespace

Reach reach_of(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
               const Wish& wish, const std::vector<NamedRule>& lifted) {
  CheckedAccount freed = account;
  PoseOptions options = yielded(wish, lifted);
  lift_all(unit, lifted, freed, options);
  for (CheckedLine& line : freed.lines) {
    if (wish.kind == Wish::Kind::liquidation) line.sell_all = false;  // what could go, not what has to
    line.directed = {};
  }
  return reach_in(pose(unit, freed, progress, options), freed, wish);
}

std::vector<NamedRule> rules_in_the_way(const CheckedUnit& unit, const CheckedAccount& account) {
  const Book& book = *unit.book;
  std::set<NamedRule> rules;
  for (const CheckedLine& line : account.lines) {
    if (!line.held.is_positive()) continue;
    take(line.sell_bars, rules);
    if (line.locked.is_positive() || line.weight_min) {
      for (const Restriction* one : keepers(book, account.account, line.security)) rules.insert(name_of(*one));
    }
    for (std::uint32_t i = line.lot_begin; i < line.lot_end; ++i) take(account.lots[i].bars, rules);
  }
  for (const CheckedBand& band : account.bands) {
    if (band.min && band.strength <= Strength::request) rules.emplace(band.rule, band.source);
  }
  rules.insert(wash_rule);
  return {rules.begin(), rules.end()};
}

std::vector<NamedRule> smallest_conflict(const CheckedUnit& unit, const CheckedAccount& account,
                                         const tax::UnitProgress& progress, const Wish& wish,
                                         const std::vector<NamedRule>& rules) {
  const std::vector<NamedRule> all = rules_in_the_way(unit, account);
  // With the rules of `in_force` alone.
  const auto reach = [&](const std::vector<NamedRule>& in_force) {
    std::vector<NamedRule> lifted = all;
    std::erase_if(lifted, [&](const NamedRule& name) { return std::ranges::find(in_force, name) != in_force.end(); });
    return reach_of(unit, account, progress, wish, lifted);
  };
  if (!reach({}).enough() || reach(rules).enough()) return {};
  // Those that take least go first: what is left are few.
  std::vector<std::pair<double, NamedRule>> by_effect;
  for (const NamedRule& name : rules) by_effect.emplace_back(-reach({name}).reached, name);
  std::ranges::sort(by_effect);
  std::vector<NamedRule> set = rules;
  for (const auto& [effect, name] : by_effect) {
    std::vector<NamedRule> fewer = set;
    std::erase(fewer, name);
    if (!reach(fewer).enough()) set = std::move(fewer);
  }
  return set;
}

Findings conflicts_of(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
                      const Effort& effort, const Solution& made) {
  std::vector<Wish> wishes = wishes_of(*unit.book, account);
  std::erase_if(wishes, [&](const Wish& wish) { return !is_unmet(account, made, wish); });
  if (wishes.empty()) return {};
  Findings findings;
  Prices prices(unit, account, progress, effort, objective_after(unit, account, progress, made));
  for (const Wish& wish : wishes) {
    if (!reach_of(unit, account, progress, wish, {}).enough()) {
      findings.push_back(told(unit, account, progress, wish, prices));
    }
  }
  return findings;
}

}  // namespace lotwright
