#include "solution/directed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "book/rules.h"
#include "checks/directed.h"
#include "solution/plain_solve.h"

namespace lotwright {
namespace {

// So many shares less, in whole steps, that `dollars` less are traded.
void lessen(CheckedLine& line, const Security& security, double dollars) {
  const double step = security.quantity_step.to_double() * security.price->to_double();
  const double steps = std::min(std::ceil(dollars / step), 1e12);
  const Quantity less = Quantity::of_count(
      std::min(line.directed.count(), static_cast<std::int64_t>(steps) * security.quantity_step.count()));
  const std::int64_t whole = security.quantity_step.count();
  line.directed = Quantity::of_count((line.directed - less).count() / whole * whole);
}

bool is_in_band(const Problem& problem, std::size_t line) { return !problem.bands_of(static_cast<int>(line)).empty(); }

}  // namespace

bool has_directed(const CheckedAccount& account) {
  return std::ranges::any_of(account.lines, [](const CheckedLine& line) { return line.directed.is_positive(); });
}

CheckedAccount with_less_directed(const Book& book, const CheckedAccount& account, const Attempt& made, bool all) {
  CheckedAccount less = account;
  // Costs of the trades come on top of their amounts.
  double cash = made.broken.cash * (1.0 + made.problem.terms.commission) + made.problem.terms.ticket_cost;
  double band = made.broken.band;
  for (std::size_t i = less.lines.size(); i-- > 0;) {
    CheckedLine& line = less.lines[i];
    if (line.directed.is_zero()) continue;
    const Security& security = book.security(line.security);
    const double before = value_of(line.directed, *security.price).to_double();
    const bool buys = line.directed_side == Side::buy;
    if (all) line.directed = {};
    if (buys && made.broken.cash > 0.005 && cash > 0.0) lessen(line, security, cash);
    if (band > 0.005 && is_in_band(made.problem, i)) lessen(line, security, band);
    const double taken = before - value_of(line.directed, *security.price).to_double();
    cash -= taken;
    band -= taken;
  }
  return less;
}

Findings left_of_directed(const Book& book, const CheckedAccount& ordered, const CheckedAccount& fitted) {
  Findings findings;
  for (std::size_t i = 0; i < ordered.lines.size(); ++i) {
    const CheckedLine& line = ordered.lines[i];
    const Quantity made = fitted.lines[i].directed;
    if (made == line.directed) continue;
    const auto limits = [&](const CheckedBand& band) {
      return band.strength == Strength::restriction &&
             std::ranges::binary_search(band.lines, static_cast<std::uint32_t>(i));
    };
    const auto band = std::ranges::find_if(ordered.bands, limits);
    const bool banded = band != ordered.bands.end();
    findings.push_back(directed_left(book, ordered.account, line.security, line.directed_side, line.directed, made,
                                     banded ? band->rule : rule::cash_nothing_to_sell, banded ? band->source : ""));
  }
  return findings;
}

Findings cost_of_directed(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
                          const Effort& effort, const Solution& made) {
  const auto trades = std::ranges::count(made.reasons, rule::request_directed);
  if (trades == 0 || !account.investable.is_positive()) return {};
  CheckedAccount free = account;
  for (CheckedLine& line : free.lines) line.directed = {};
  const double objective = objective_after(unit, free, progress, solve_plainly(unit, free, progress, effort));
  const double objective_with = objective_after(unit, account, progress, made);
  const double cost = objective_with - objective;
  const bool one = trades == 1;
  return {{.rule = rule::request_directed,
           .severity = Severity::note,
           .subject = {SubjectKind::account, unit.book->account(account.account).id.text},
           .place = {},
           .observed = fmt::format("{:.2f}", cost),
           .limit = "",
           .message = fmt::format("{} directed {} made: the objective is {:.2f} with {} and {:.2f} without, {} {:.2f} "
                                  "dollars",
                                  trades, one ? "trade is" : "trades are", objective_with, one ? "it" : "them",
                                  objective, cost < 0.0 ? "a gain of" : "a cost of", std::abs(cost))}};
}

}  // namespace lotwright
