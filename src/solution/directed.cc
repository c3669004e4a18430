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
void take_steps(CheckedLine& line, const Security& security, double dollars) {
  const double step = security.quantity_step.to_double() * security.price->to_double();
  const double steps = std::min(std::ceil(dollars / step), 1e12);
  const Quantity less = Quantity::of_count(
      std::min(line.directed.count(), static_cast<std::int64_t>(steps) * security.quantity_step.count()));
  const std::int64_t whole = security.quantity_step.count();
  line.directed = Quantity::of_count((line.directed - less).count() / whole * whole);
}

// By band: the dollars by which the plan goes beyond its most (`over`) or below its least (`under`); of a band that has
// a price neither.
struct Broken {
  double over = 0.0;
  double under = 0.0;
};
std::vector<Broken> broken_bands(const Attempt& made) {
  const Problem& problem = made.problem;
  std::vector<double> values;
  for (const Band& band : problem.bands) values.push_back(band.start);
  for (std::size_t n = 0; n < problem.line_of_name.size(); ++n) {
    const double dollars = made.plan->current(static_cast<int>(n)).x * problem.scale;
    for (const auto& [band, share] : problem.bands_of(problem.line_of_name[n])) {
      values[static_cast<std::size_t>(band)] += share * dollars;
    }
  }
  std::vector<Broken> broken;
  for (std::size_t b = 0; b < values.size(); ++b) {
    const Band& band = problem.bands[b];
    broken.push_back(band.price ? Broken{} : Broken{values[b] - band.max, band.min - values[b]});
  }
  return broken;
}

// Takes from directed trades what the limits that a plan breaks tell.
class Lessening {
 public:
  Lessening(const Book& book, const Attempt& made, CheckedAccount& account)
      : book_(book),
        problem_(made.problem),
        account_(account),
        // Costs of the trades come on top of their amounts.
        cash_(made.broken.cash * (1.0 + problem_.terms.commission) + problem_.terms.ticket_cost),
        bands_(broken_bands(made)) {
    if (made.broken.cash <= least) cash_ = 0.0;
  }

  void lessen_all() {
    for_each(Side::buy, [&](std::size_t i) {
      lessen(i, cash_);
      for (const auto& [band, share] : problem_.bands_of(static_cast<int>(i))) lessen(i, of(band).over / share);
    });
    for_each(Side::sell, [&](std::size_t i) {
      for (const auto& [band, share] : problem_.bands_of(static_cast<int>(i))) lessen(i, of(band).under / share);
    });
    if (cash_ > least) drop_sales_that_cost();
    // What a purchase outside a group costs is sold inside it.
    for_each(Side::buy, [&](std::size_t i) {
      double missing = 0.0;
      for (const Broken& band : bands_) missing = std::max(missing, band.under);
      const double taken = lessen(i, missing);
      for (Broken& band : bands_) band.under -= taken;
    });
  }

 private:
  static constexpr double least = 0.005;

  Broken& of(int band) { return bands_[static_cast<std::size_t>(band)]; }

  void for_each(Side side, const auto& act) {
    for (std::size_t i = account_.lines.size(); i-- > 0;) {
      if (account_.lines[i].directed.is_positive() && account_.lines[i].directed_side == side) act(i);
    }
  }

  // A sale that costs more than it brings is no way to money.
  void drop_sales_that_cost() {
    const Policy& policy = book_.account(account_.account).effective_policy;
    for_each(Side::sell, [&](std::size_t i) {
      CheckedLine& line = account_.lines[i];
      const Money worth = amount_of(line.directed, *book_.security(line.security).price);
      if (worth < commission_of(worth, policy.commission, policy.ticket_cost)) line.directed = {};
    });
  }

  // Dollars taken: whole steps worth at least as much, or all there is.
  double lessen(std::size_t i, double dollars) {
    if (dollars <= least) return 0.0;
    CheckedLine& line = account_.lines[i];
    const Security& security = book_.security(line.security);
    const double before = value_of(line.directed, *security.price).to_double();
    take_steps(line, security, dollars - least);
    const double taken = before - value_of(line.directed, *security.price).to_double();
    const bool buys = line.directed_side == Side::buy;
    if (buys) cash_ -= taken;
    for (const auto& [band, share] : problem_.bands_of(static_cast<int>(i))) {
      of(band).over -= (buys ? share : -share) * taken;
      of(band).under += (buys ? share : -share) * taken;
    }
    return taken;
  }

  const Book& book_;
  const Problem& problem_;
  CheckedAccount& account_;
  double cash_;  // what is missing
  std::vector<Broken> bands_;
};

}  // namespace

bool has_directed(const CheckedAccount& account) {
  return std::ranges::any_of(account.lines, [](const CheckedLine& line) { return line.directed.is_positive(); });
}

CheckedAccount with_less_directed(const Book& book, const CheckedAccount& account, const Attempt& made, bool all) {
  CheckedAccount less = account;
  if (all) {
    for (CheckedLine& line : less.lines) line.directed = {};
  } else {
    Lessening(book, made, less).lessen_all();
  }
  for (std::size_t i = 0; i < less.lines.size(); ++i) {
    if (account.lines[i].directed.is_positive()) bar_what_only_an_order_wanted(book, less, less.lines[i]);
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
  for (CheckedLine& line : free.lines) {
    const bool ordered = line.directed.is_positive();
    line.directed = {};
    if (ordered) bar_what_only_an_order_wanted(*unit.book, account, line);
  }
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
