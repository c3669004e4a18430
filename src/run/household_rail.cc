#include "run/household_rail.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "book/rules.h"
#include "objective/objective.h"
#include "problem/problem.h"
#include "run/foreign_orders.h"
#include "tax/wash_sale.h"

namespace lotwright {
namespace {

constexpr std::size_t ends_tried = 20;    // lines of an account that may be sold, and bought
constexpr std::size_t pairs_judged = 12;  // of a household, the most promising
constexpr double least_cost = 1.0;        // dollars: a trade costs a person's look at least

// Accounts of one household that are to be like one model together.
struct Together {
  std::string household;
  std::string model_name;
  const Model* model = nullptr;      // null: there is none that can be used
  double limit = 0.0;                // tracking error
  std::vector<std::size_t> members;  // places in the unit
};

std::vector<Together> households_of(const CheckedUnit& unit) {
  const Book& book = *unit.book;
  std::map<std::pair<std::string, std::string>, Together> found;
  for (std::size_t i = 0; i < unit.accounts.size(); ++i) {
    const Account& account = book.account(unit.accounts[i].account);
    const Policy& policy = account.effective_policy;
    if (policy.household_model.empty() || !policy.household_tracking_error_max) continue;
    const std::string& household = book.households[account.household.value].id.text;
    Together& one = found[{household, policy.household_model}];
    const double limit = policy.household_tracking_error_max->to_double();
    one.limit = one.members.empty() ? limit : std::min(one.limit, limit);
    one.household = household;
    one.model_name = policy.household_model;
    one.members.push_back(i);
    const auto at = std::ranges::find(book.models, one.model_name, [](const Model& model) { return model.id.text; });
    if (at != book.models.end() && at->usable) one.model = &*at;
  }
  std::vector<Together> list;
  for (auto& [key, one] : found) list.push_back(std::move(one));
  return list;
}

Quantity held_after(const CheckedLine& line, const AccountResult& result) {
  Quantity held = line.held;
  for (const Order& order : result.orders) {
    if (order.trade.security != line.security) continue;
    held += order.trade.side == Side::buy ? order.trade.quantity : -order.trade.quantity;
  }
  return held;
}

// What the members hold after their orders, against the model: active weights of all of them together.
struct Holdings {
  double value = 0.0;  // investable dollars
  std::vector<ActiveWeight> active;
};

// Nothing where a price or a risk is missing, or nothing is there to invest.
std::optional<Holdings> holdings_of(const CheckedUnit& unit, const Together& one,
                                    const std::vector<AccountResult>& results) {
  const Book& book = *unit.book;
  if (one.model == nullptr) return std::nullopt;
  std::map<SecurityIndex, double> active;
  Holdings holdings;
  double invested = 0.0;
  for (const std::size_t member : one.members) {
    const CheckedAccount& checked = unit.accounts[member];
    const Account& account = book.account(checked.account);
    holdings.value += checked.investable.to_double();
    invested += checked.investable.to_double() * (1.0 - account.effective_policy.cash_target.to_double());
    for (const CheckedLine& line : checked.lines) {
      const Quantity held = held_after(line, results[member]);
      if (held.is_zero()) continue;
      if (!book.security(line.security).price) return std::nullopt;
      active[line.security] += value_of(held, *book.security(line.security).price).to_double();
    }
  }
  if (holdings.value <= 0.0) return std::nullopt;
  for (const ModelWeight& part : one.model->weights) {
    if (book.security(part.security).kind != SecurityKind::cash)
      active[part.security] -= part.weight.to_double() * invested;
  }
  for (const auto& [security, dollars] : active) {
    if (!unit.risk->covers(security)) return std::nullopt;
    holdings.active.push_back({security, dollars / holdings.value});
  }
  return holdings;
}

// ── the corrective trade

// What a dollar more of one security does to the variance, halved: row of Sigma a.
class Slopes {
 public:
  Slopes(const FactorRisk& risk, const Holdings& holdings)
      : risk_(risk), factors_(static_cast<std::size_t>(risk.factors())) {
    for (const ActiveWeight& one : holdings.active) {
      const auto loadings = risk.loadings(one.security);
      for (std::size_t k = 0; k < factors_.size(); ++k) factors_[k] += loadings[k] * one.weight;
      active_[one.security] = one.weight;
    }
  }

  [[nodiscard]] double of(SecurityIndex security) const {
    const auto loadings = risk_.loadings(security);
    const auto at = active_.find(security);
    double slope = at == active_.end() ? 0.0 : risk_.specific_variance(security) * at->second;
    for (std::size_t k = 0; k < factors_.size(); ++k) slope += loadings[k] * factors_[k];
    return slope;
  }
  // (e_buy - e_sell)' Sigma (e_buy - e_sell)
  [[nodiscard]] double curvature(SecurityIndex sold, SecurityIndex bought) const {
    const ActiveWeight swap[] = {{sold, -1.0}, {bought, 1.0}};
    return risk_.variance(swap);
  }

 private:
  const FactorRisk& risk_;
  std::vector<double> factors_;
  std::map<SecurityIndex, double> active_;
};

struct Pair {
  std::size_t member = 0;
  SecurityIndex sold, bought;
  double dollars = 0.0;
  double brings = 0.0;  // of tracking error, a dollar of what it seems to cost
};

bool trades_today(const AccountResult& result, SecurityIndex security) {
  return std::ranges::any_of(result.orders, [&](const Order& one) { return one.trade.security == security; });
}

bool has_barred_lot(const CheckedAccount& checked, const CheckedLine& line) {
  return std::any_of(checked.lots.begin() + line.lot_begin, checked.lots.begin() + line.lot_end,
                     [](const CheckedLot& lot) { return !lot.bars.empty(); });
}

// Dollars of tax on a dollar sold, roughly: the long-term rate on the position's gain.
double tax_a_dollar(const CheckedUnit& unit, const CheckedAccount& checked, const CheckedLine& line) {
  const Account& account = unit.book->account(checked.account);
  if (account.tax_treatment != TaxTreatment::taxable || !account.taxpayer.exists()) return 0.0;
  double gain = 0.0;
  for (std::uint32_t i = line.lot_begin; i < line.lot_end; ++i)
    gain += checked.lots[i].gain.value_or(Money()).to_double();
  const double worth = value_of(line.held, *unit.book->security(line.security).price).to_double();
  return std::max(0.0, gain / worth) * unit.book->taxpayers[account.taxpayer.value].rate_long.to_double();
}

void add_pairs(const CheckedUnit& unit, const Slopes& slopes, const Holdings& holdings, double tracking_error,
               std::size_t member, const AccountResult& result, std::vector<Pair>& pairs) {
  const Book& book = *unit.book;
  const CheckedAccount& checked = unit.accounts[member];
  const auto usable = [&](const CheckedLine& line) {
    const Security& security = book.security(line.security);
    return security.price && unit.risk->covers(line.security) && !trades_today(result, line.security);
  };
  std::vector<const CheckedLine*> sells;
  std::vector<const CheckedLine*> buys;
  for (const CheckedLine& line : checked.lines) {
    if (!usable(line)) continue;
    const bool free = line.sell_bars.empty() && line.locked.is_zero() && !has_barred_lot(checked, line);
    if (line.held.is_positive() && free) sells.push_back(&line);
    if (line.buy_bars.empty()) buys.push_back(&line);
  }
  const auto slope = [&](const CheckedLine* line) { return slopes.of(line->security); };
  std::ranges::stable_sort(sells, std::greater(), slope);
  std::ranges::stable_sort(buys, std::less(), slope);
  sells.resize(std::min(sells.size(), ends_tried));
  buys.resize(std::min(buys.size(), ends_tried));
  for (const CheckedLine* sell : sells) {
    for (const CheckedLine* buy : buys) {
      const double falls = slope(sell) - slope(buy);
      const double curvature = slopes.curvature(sell->security, buy->security);
      if (sell == buy || falls <= 0.0 || curvature <= 0.0) continue;
      const double worth = value_of(sell->held, *book.security(sell->security).price).to_double();
      const double dollars = std::min(worth, falls / curvature * holdings.value);
      const double part = dollars / holdings.value;
      const double variance = tracking_error * tracking_error - part * (2.0 * falls - part * curvature);
      const double spread =
          fraction(book.security(sell->security).half_spread) + fraction(book.security(buy->security).half_spread);
      const double cost = least_cost + dollars * (spread + tax_a_dollar(unit, checked, *sell));
      pairs.push_back({member, sell->security, buy->security, dollars,
                       (tracking_error - std::sqrt(std::max(0.0, variance))) / cost});
    }
  }
}

// Both orders of a pair in whole steps, the purchase within what the sale brings; no lot is named yet.
Table orders_of(const Book& book, AccountIndex account, const Pair& pair) {
  const auto steps = [&](SecurityIndex index, double dollars) {
    const Security& security = book.security(index);
    const double step = security.price->to_double() * security.quantity_step.to_double();
    return Quantity::of_count(static_cast<std::int64_t>(dollars / step) * security.quantity_step.count());
  };
  const Quantity sold = steps(pair.sold, pair.dollars);
  const Quantity bought = steps(pair.bought, amount_of(sold, *book.security(pair.sold).price).to_double());
  Table table;
  table.file = "the pair";
  table.columns = {{"account_id", 0}, {"security_id", 1}, {"side", 2}, {"quantity", 3}};
  const std::string& id = book.account(account).id.text;
  table.rows.push_back({1, {id, book.security(pair.sold).id.text, "sell", sold.to_string()}});
  table.rows.push_back({2, {id, book.security(pair.bought).id.text, "buy", bought.to_string()}});
  return table;
}

struct Proposal {
  Pair pair;
  std::vector<Order> orders;  // the two
  double tax = 0.0;           // on the year's gains
  double cost = 0.0;
  double tracking_error = 0.0;  // of the household with it
  double brings = 0.0;
};

class Judge {
 public:
  Judge(const BookIndex& index, const CheckedUnit& unit, const std::vector<AccountResult>& results)
      : index_(index), unit_(unit), results_(results), broken_(breaches_of(results)) {}

  // Nothing where the pair breaks a rule or cannot be made in whole steps.
  std::optional<Proposal> judge(const Pair& pair, const Together& one, double tracking_error) const;

 private:
  [[nodiscard]] std::size_t breaches_of(const std::vector<AccountResult>& results) const {
    std::vector<const AccountResult*> pointed;
    for (const AccountResult& result : results) pointed.push_back(&result);
    return verify_orders(index_, *unit_.unit, pointed).size();
  }
  [[nodiscard]] std::pair<double, double> tax_and_cost(std::size_t member, const std::vector<Order>& orders) const;

  const BookIndex& index_;
  const CheckedUnit& unit_;
  const std::vector<AccountResult>& results_;
  std::size_t broken_;  // rules that are broken without any pair
};

std::pair<double, double> Judge::tax_and_cost(std::size_t member, const std::vector<Order>& orders) const {
  const Book& book = *unit_.book;
  tax::UnitProgress progress(book, *unit_.unit);
  for (std::size_t i = 0; i < member; ++i) progress.record(book, trades_of(results_[i]));
  const CheckedAccount& checked = unit_.accounts[member];
  const objective::Terms terms = terms_of(unit_, checked, progress);
  AccountTrades trades = true_trades(book, checked.account, orders);
  tax::mark_disallowed(book, progress.wash, trades);
  const objective::Outcome outcome = objective::outcome_of(terms, book, trades);
  return {terms.taxable ? objective::year_tax(terms, outcome.gain_short, outcome.gain_long) : 0.0, outcome.trading};
}

std::optional<Proposal> Judge::judge(const Pair& pair, const Together& one, double tracking_error) const {
  const AccountIndex account = unit_.accounts[pair.member].account;
  ForeignOrders read = foreign_orders(*unit_.book, orders_of(*unit_.book, account, pair), std::nullopt);
  std::vector<Order>& two = read.orders[account];
  if (two.size() != 2 || !read.findings.empty()) return std::nullopt;
  std::vector<AccountResult> tried = results_;
  AccountResult& result = tried[pair.member];
  const std::vector<Order> without = result.orders;
  result.status = ResultStatus::traded;
  result.orders.insert(result.orders.end(), two.begin(), two.end());
  std::ranges::sort(result.orders, {}, [](const Order& order) { return order.trade.security; });
  if (breaches_of(tried) > broken_) return std::nullopt;
  const auto holdings = holdings_of(unit_, one, tried);
  if (!holdings) return std::nullopt;
  const auto [tax, cost] = tax_and_cost(pair.member, result.orders);
  const auto [tax_without, cost_without] = tax_and_cost(pair.member, without);
  Proposal proposal{pair, std::move(two), tax - tax_without, cost - cost_without, 0.0, 0.0};
  proposal.tracking_error = std::sqrt(unit_.risk->variance(holdings->active));
  proposal.brings =
      (tracking_error - proposal.tracking_error) / (least_cost + std::max(0.0, proposal.tax) + proposal.cost);
  return proposal.brings > 0.0 ? std::optional(std::move(proposal)) : std::nullopt;
}

std::optional<Proposal> cheapest(const BookIndex& index, const CheckedUnit& unit, const Together& one,
                                 const Holdings& holdings, double tracking_error,
                                 const std::vector<AccountResult>& results) {
  const Slopes slopes(*unit.risk, holdings);
  std::vector<Pair> pairs;
  for (const std::size_t member : one.members) {
    if (unit.accounts[member].trades())
      add_pairs(unit, slopes, holdings, tracking_error, member, results[member], pairs);
  }
  std::ranges::stable_sort(pairs, std::greater(), &Pair::brings);
  pairs.resize(std::min(pairs.size(), pairs_judged));
  const Judge judge(index, unit, results);
  std::optional<Proposal> best;
  for (const Pair& pair : pairs) {
    auto proposal = judge.judge(pair, one, tracking_error);
    if (proposal && (!best || proposal->brings > best->brings)) best = std::move(proposal);
  }
  return best;
}

// ── what is said

std::string percent(double part) { return fmt::format("{:.2f} %", 100.0 * part); }

void tell(const CheckedUnit& unit, const Together& one, std::size_t member, const std::string& observed,
          const std::string& message, std::vector<AccountResult>& results) {
  results[member].exceptions.push_back(
      {.rule = rule::model_household_drift,
       .severity = Severity::review,
       .subject = {SubjectKind::account, unit.book->account(results[member].account).id.text},
       .place = {},
       .observed = observed,
       .limit = fmt::format("{:.6f}", one.limit),
       .message = message});
}

std::string words_of(const Book& book, AccountIndex account, const Proposal& best) {
  const auto word = [&](Side side) {
    const auto at = std::ranges::find(best.orders, side, [](const Order& order) { return order.trade.side; });
    return fmt::format("{} {}", at->trade.quantity.to_string(), book.security(at->trade.security).id.text);
  };
  return fmt::format(
      "; the cheapest correction: in {} sell {} and buy {}, tax {:.2f} and cost {:.2f} dollars, which leaves {}",
      book.account(account).id.text, word(Side::sell), word(Side::buy), best.tax, best.cost,
      percent(best.tracking_error));
}

}  // namespace

void watch_households(const BookIndex& index, const CheckedUnit& unit, std::vector<AccountResult>& results) {
  for (const Together& one : households_of(unit)) {
    const std::size_t first = one.members.front();
    const auto holdings = holdings_of(unit, one, results);
    if (!holdings) {
      tell(unit, one, first, "",
           fmt::format("how far household {} is from {} cannot be told: the model, a price or a "
                       "risk is missing; see the findings of its accounts",
                       one.household, one.model_name),
           results);
      continue;
    }
    const double tracking_error = std::sqrt(unit.risk->variance(holdings->active));
    if (tracking_error <= one.limit) continue;
    const auto best = cheapest(index, unit, one, *holdings, tracking_error, results);
    const std::size_t member = best ? best->pair.member : first;
    tell(unit, one, member, fmt::format("{:.6f}", tracking_error),
         fmt::format("the accounts of household {} together are {} from {}, more than {}{}", one.household,
                     percent(tracking_error), one.model_name, percent(one.limit),
                     best ? words_of(*unit.book, results[member].account, *best)
                          : "; no single swap in one account would bring them nearer within the rules"),
         results);
  }
}

}  // namespace lotwright
