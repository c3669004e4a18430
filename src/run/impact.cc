#include "run/impact.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "book/model_change.h"
#include "run/peers.h"
#include "units/dollars.h"

namespace lotwright {
namespace {

constexpr std::size_t largest_max = 10;

const Model* model_of(const Book& book, std::uint32_t index) {
  return index < book.models.size() ? &book.models[index] : nullptr;
}

// By the ids of their securities, so that both books may differ in anything.
std::map<std::string, Weight> weights_of(const Book& book, const Model* model) {
  std::map<std::string, Weight> weights;
  if (model == nullptr || !model->usable) return weights;
  for (const ModelWeight& one : model->weights) weights[book.security(one.security).id.text] = one.weight;
  return weights;
}

bool same_target(const Book& present, std::uint32_t before, const Book& coming, std::uint32_t after) {
  const Model* one = model_of(present, before);
  const Model* other = model_of(coming, after);
  if ((one == nullptr) != (other == nullptr)) return false;
  if (one == nullptr) return true;
  if (one->usable != other->usable || one->weights.size() != other->weights.size()) return false;
  return std::ranges::equal(one->weights, other->weights, [&](const ModelWeight& a, const ModelWeight& b) {
    return a.weight == b.weight && present.security(a.security).id == coming.security(b.security).id;
  });
}

// Of models in both books, whether they say the same: most accounts follow one of a few, so each pair is compared once.
class Targets {
 public:
  Targets(const Book& present, const Book& coming) : present_(present), coming_(coming) {}

  [[nodiscard]] bool same(std::uint32_t before, std::uint32_t after) {
    const auto [at, is_new] = known_.try_emplace({before, after}, false);
    if (is_new) at->second = same_target(present_, before, coming_, after);
    return at->second;
  }

 private:
  const Book& present_;
  const Book& coming_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, bool> known_;
};

std::uint32_t model_named(const Book& book, const std::string& id) {
  const auto at = std::ranges::find(book.models, id, [](const Model& model) { return model.id.text; });
  return static_cast<std::uint32_t>(at - book.models.begin());
}

// The model that the accounts of the household are to be like together (run/household_rail.h).
bool same_household_model(const Book& present, const Book& coming, AccountIndex account, Targets& targets) {
  const std::string& named = present.account(account).effective_policy.household_model;
  if (named != coming.account(account).effective_policy.household_model) return false;
  return named.empty() || targets.same(model_named(present, named), model_named(coming, named));
}

// What the account is told to do, its lots apart: whatever the new files may change.
bool same_orders_given(const Book& present, const Book& coming, AccountIndex account, Targets& targets) {
  const auto ours = [&](const auto& rows) {
    return std::ranges::equal_range(rows, account, {}, [](const auto& row) { return row.account; });
  };
  const bool models_asked_for = std::ranges::equal(
      ours(present.requests), ours(coming.requests),
      [&](const Request& a, const Request& b) { return a.id == b.id && targets.same(a.model_index, b.model_index); });
  const bool directed = std::ranges::equal(
      ours(present.directed), ours(coming.directed), [](const DirectedTrade& a, const DirectedTrade& b) {
        return a.security == b.security && a.side == b.side && a.quantity == b.quantity;
      });
  return models_asked_for && directed && same_household_model(present, coming, account, targets) &&
         targets.same(present.account(account).model_index, coming.account(account).model_index);
}

// What reading the book found, by whom it concerns, and of each account what a run takes over (checks/book_facts.h).
class ToldOf {
 public:
  using Told = std::multiset<std::tuple<std::string, Severity, std::string>>;

  explicit ToldOf(const Book& book) : book_(&book) {
    for (const Finding& one : book.findings) {
      if (one.subject.kind == SubjectKind::book && one.severity != Severity::hold) continue;
      Told& told = one.subject.kind == SubjectKind::book ? holds_of_all_ : told_[{one.subject.kind, one.subject.id}];
      told.emplace(one.rule, one.severity, one.message);
    }
  }

  [[nodiscard]] Told account(AccountIndex index) const {
    const Account& account = book_->account(index);
    Told told = holds_of_all_;
    add(SubjectKind::account, account.id.text, told);
    add(SubjectKind::household, book_->households[account.household.value].id.text, told);
    if (account.taxpayer.exists()) add(SubjectKind::taxpayer, book_->taxpayers[account.taxpayer.value].id.text, told);
    const Model* model = model_of(*book_, model_followed(*book_, index));
    add(SubjectKind::model, model == nullptr ? account.model : model->id.text, told);
    return told;
  }

 private:
  void add(SubjectKind kind, const std::string& id, Told& told) const {
    if (const auto at = told_.find({kind, id}); at != told_.end()) told.insert(at->second.begin(), at->second.end());
  }

  const Book* book_;
  std::map<std::pair<SubjectKind, std::string>, Told> told_;
  Told holds_of_all_;
};

std::vector<ModelChange> changes_of(const Book& present, const Book& coming) {
  std::map<std::string, std::pair<const Model*, const Model*>> models;
  for (const Model& model : present.models) {
    if (model.house.empty()) models[model.id.text].first = &model;
  }
  for (const Model& model : coming.models) {
    if (model.house.empty()) models[model.id.text].second = &model;
  }
  std::vector<ModelChange> changes;
  for (const auto& [id, pair] : models) {
    const auto was = weights_of(present, pair.first);
    const auto is = weights_of(coming, pair.second);
    const bool usable = pair.second != nullptr && pair.second->usable;
    if (pair.first != nullptr && pair.second != nullptr && was == is && pair.first->usable == usable) continue;
    ModelChange change{id, pair.first == nullptr, pair.second == nullptr, usable, 0.0, 0, 0, {}};
    const auto move = [&](const std::string& security, double added) {
      change.turnover += 0.5 * std::abs(added);
      if (added != 0.0) change.moves.emplace_back(security, added);
    };
    for (const auto& [security, weight] : is) {
      const auto before = was.find(security);
      if (before == was.end()) ++change.added;
      move(security, weight.to_double() - (before == was.end() ? 0.0 : before->second.to_double()));
    }
    for (const auto& [security, weight] : was) {
      if (is.contains(security)) continue;
      ++change.dropped;
      move(security, -weight.to_double());
    }
    std::ranges::stable_sort(change.moves,
                             [](const auto& a, const auto& b) { return std::abs(a.second) > std::abs(b.second); });
    changes.push_back(std::move(change));
  }
  return changes;
}

AccountFigures figures_of(const AccountResult& result) {
  AccountFigures figures;
  figures.status = result.status;
  figures.investable = std::max(0.0, result.investable.to_double());
  figures.orders = result.orders.size();
  for (const Order& order : result.orders) figures.traded += order.trade.amount;
  figures.turnover = result.turnover;
  figures.tax = result.tax;
  figures.tracking_error_before = result.tracking_error_before;
  figures.tracking_error_after = result.tracking_error_after;
  for (const Finding& finding : result.exceptions) {
    if (finding.severity == Severity::note) continue;
    Severity& worst = figures.exceptions[finding.rule];
    worst = std::max(worst, finding.severity);
  }
  return figures;
}

// The worst finding that the account does not have under the present files.
const Finding* new_exception(const AccountFigures& present, const AccountResult& coming) {
  const Finding* worst = nullptr;
  for (const Finding& finding : coming.exceptions) {
    if (finding.severity == Severity::note) continue;
    const auto same = present.exceptions.find(finding.rule);
    if (same != present.exceptions.end() && same->second >= finding.severity) continue;
    if (worst == nullptr || finding.severity > worst->severity) worst = &finding;
  }
  return worst;
}

// The firm's model that an account follows, of a customized one the model that it was made of; as typed where there is
// none of that name.
std::string name_of_model(const Book& book, AccountIndex account) {
  const Model* model = model_of(book, model_followed(book, account));
  if (model == nullptr) return book.account(account).model;
  return model->house.empty() ? model->id.text : model->house;
}

AccountImpact impact_of(const Book& book, const AccountResult& present, const AccountResult& coming) {
  const Account& account = book.account(coming.account);
  AccountImpact one;
  one.account_id = account.id.text;
  one.model_id = name_of_model(book, coming.account);
  one.value = coming.value;
  one.present = figures_of(present);
  one.coming = figures_of(coming);
  if (const Finding* exception = new_exception(one.present, coming)) {
    one.rule = exception->rule;
    one.severity = exception->severity;
    one.message = exception->message;
  }
  return one;
}

void add(const AccountFigures& account, ModelFigures& model) {
  model.orders += account.orders;
  model.traded += account.traded.to_double();
  model.turnover += account.turnover * account.investable;
  model.tax += account.tax;
}

// "sells AAA ($12,000), BBB ($900) and 3 others": the largest two.
std::string largest_of(const Book& book, const AccountResult& result, Side side) {
  std::vector<const Order*> orders;
  for (const Order& order : result.orders) {
    if (order.trade.side == side) orders.push_back(&order);
  }
  if (orders.empty()) return side == Side::buy ? "buys nothing" : "sells nothing";
  std::ranges::stable_sort(orders, [](const Order* a, const Order* b) { return a->trade.amount > b->trade.amount; });
  std::string text = side == Side::buy ? "buys" : "sells";
  const std::size_t told = std::min<std::size_t>(orders.size(), 2);
  for (std::size_t i = 0; i < told; ++i) {
    text += fmt::format("{} {} ({})", i == 0 ? "" : ",", book.security(orders[i]->trade.security).id.text,
                        whole_usd(orders[i]->trade.amount));
  }
  const std::size_t others = orders.size() - told;
  return others == 0 ? text : text + fmt::format(" and {} other{}", others, others == 1 ? "" : "s");
}

std::string why_of(const Book& book, const AccountResult& result) {
  return largest_of(book, result, Side::sell) + "; " + largest_of(book, result, Side::buy) + "; " +
         in_words(drivers_of(book, result));
}

// Sums by driver and by rule, over all accounts of one run.
void add(const Book& book, const RunResult& run, DriverFigures DriverImpact::*side,
         std::map<Driver, DriverImpact>& drivers) {
  for (const AccountResult& result : run.accounts) {
    for (const Driven& one : drivers_of(book, result)) {
      DriverFigures& sum = drivers[one.driver].*side;
      sum.sold += one.sold;
      sum.gain += one.gain;
      sum.tax += one.tax;
    }
  }
}

std::vector<DriverImpact> driver_impacts(const Book& present, const RunResult& now, const Book& coming,
                                         const RunResult& then) {
  std::map<Driver, DriverImpact> drivers;
  add(present, now, &DriverImpact::present, drivers);
  add(coming, then, &DriverImpact::coming, drivers);
  std::vector<DriverImpact> sorted;
  for (auto& [driver, one] : drivers) {
    one.driver = driver;
    sorted.push_back(one);
  }
  std::ranges::stable_sort(sorted, [](const auto& a, const auto& b) { return a.coming.sold > b.coming.sold; });
  return sorted;
}

std::vector<RuleImpact> rule_impacts(const std::vector<AccountImpact>& accounts) {
  std::map<std::string, RuleImpact> rules;
  for (const AccountImpact& one : accounts) {
    for (const auto& [rule, severity] : one.present.exceptions) {
      ++rules[rule].present;
      rules[rule].vanished += one.coming.exceptions.contains(rule) ? 0 : 1;
    }
    for (const auto& [rule, severity] : one.coming.exceptions) {
      ++rules[rule].coming;
      rules[rule].appeared += one.present.exceptions.contains(rule) ? 0 : 1;
    }
  }
  std::vector<RuleImpact> sorted;
  for (auto& [rule, one] : rules) {
    one.rule = rule;
    sorted.push_back(one);
  }
  std::ranges::stable_sort(sorted, [](const auto& a, const auto& b) { return a.coming > b.coming; });
  return sorted;
}

// What is left is told by nobody here but the firm's test of peers, bounds by its gate on the gap.
bool compares_peers(const Book& book) {
  return std::ranges::any_of(book.firm.exception_rules, [](const ExceptionRule& rule) {
    return rule.measure == ExceptionMeasure::tracking_error_of_peers;
  });
}

class Comparison {
 public:
  Comparison(const Book& present, const Book& coming, int threads, const Clock& clock,
             const std::function<void(const Progress&)>& on_progress, const PreviousRuns& previous)
      : present_(present),
        coming_(coming),
        threads_(threads),
        clock_(clock),
        on_progress_(on_progress),
        previous_(previous) {}

  Result<Impact> compare() {
    impact_.firm = coming_.firm.name;
    impact_.as_of = coming_.firm.as_of;
    impact_.changes = changes_of(present_, coming_);
    const auto key_of = [](const Finding& one) {
      return std::tuple(one.rule, one.subject.kind, one.subject.id, one.message);
    };
    std::set<std::tuple<std::string, SubjectKind, std::string, std::string>> found_now;
    for (const Finding& one : present_.findings) found_now.insert(key_of(one));
    std::ranges::copy_if(coming_.findings, std::back_inserter(impact_.findings), [&](const Finding& finding) {
      return finding.severity != Severity::note && !found_now.contains(key_of(finding));
    });
    auto now = timed(present_, {}, previous_.present, impact_.seconds_present);
    if (!now) return now.failure();
    auto then = decide_coming(*now);
    if (!then) return then.failure();
    impact_.present = summarize(present_, *now);
    impact_.coming = summarize(coming_, *then);
    for (std::size_t i = 0; i < then->accounts.size(); ++i) add(now->accounts[i], then->accounts[i]);
    impact_.drivers = driver_impacts(present_, *now, coming_, *then);
    impact_.rules = rule_impacts(impact_.accounts);
    rank();
    for (const std::size_t place : impact_.largest)
      impact_.accounts[place].why = why_of(coming_, then->accounts[place]);
    return std::move(impact_);
  }

 private:
  Result<RunResult> timed(const Book& book, const std::vector<std::string>& accounts, const PreviousRun& previous,
                          double& seconds) const {
    const double start = clock_.seconds();
    RunOptions options;
    options.threads = threads_;
    options.accounts = accounts;
    options.effort.price_rules = false;
    options.effort.tell_what_is_left = compares_peers(book) || (book.firm.gates.gap_rise_bps_max && previous.gap);
    options.previous = previous;
    const std::atomic<bool> never = false;
    auto run = run_book(book, options, engine_steps(book), clock_, on_progress_, never);
    seconds = clock_.seconds() - start;
    return run;
  }

  // The whole book under the new files: what they reach decided again, the rest as it is now.
  Result<RunResult> decide_coming(const RunResult& now) {
    RunResult then;
    const std::vector<std::string> affected = accounts_affected();
    if (!affected.empty()) {
      auto decided = timed(coming_, affected, previous_.coming, impact_.seconds_coming);
      if (!decided) return decided.failure();
      then = std::move(decided).value();
    }
    impact_.decided = then.accounts.size();
    std::vector<AccountResult> again = std::move(then.accounts);
    then.accounts.clear();
    for (const AccountResult& result : now.accounts) {
      const auto at = std::ranges::lower_bound(again, result.account, {}, &AccountResult::account);
      const bool is_again = at != again.end() && at->account == result.account;
      then.accounts.push_back(is_again ? std::move(*at) : result);
    }
    compare_peers(coming_, then.accounts);  // of the whole book, not of those decided again
    judge_gates(coming_, previous_.coming, then);
    return then;
  }

  // The ids of the accounts that are told anything else than now, or of which something else is found.
  std::vector<std::string> accounts_affected() {
    std::vector<std::string> ids;
    is_affected_.resize(coming_.accounts.size());
    const ToldOf found_now(present_), found_then(coming_);
    Targets targets(present_, coming_);
    for (std::uint32_t i = 0; i < coming_.accounts.size(); ++i) {
      is_affected_[i] = !same_orders_given(present_, coming_, AccountIndex{i}, targets) ||
                        found_now.account({i}) != found_then.account({i});
      if (is_affected_[i]) ids.push_back(coming_.accounts[i].id.text);
    }
    impact_.affected = ids.size();
    return ids;
  }

  void add(const AccountResult& present, const AccountResult& coming) {
    AccountImpact one = impact_of(coming_, present, coming);
    one.affected = is_affected_[coming.account.value];
    ModelImpact& model = impact_.models[one.model_id];
    ++model.accounts;
    model.affected += one.affected ? 1 : 0;
    lotwright::add(one.present, model.present);
    lotwright::add(one.coming, model.coming);
    if (is_decided(one.coming)) {
      model.investable += one.coming.investable;
      model.tracking_error_before += one.coming.investable * one.coming.tracking_error_before;
      model.tracking_error_after += one.coming.investable * one.coming.tracking_error_after;
    }
    model.people += one.rule.empty() ? 0 : 1;
    impact_.accounts.push_back(std::move(one));
  }

  void rank() {
    for (auto& [id, model] : impact_.models) {
      if (model.investable <= 0.0) continue;
      model.tracking_error_before /= model.investable;
      model.tracking_error_after /= model.investable;
    }
    const std::vector<AccountImpact>& accounts = impact_.accounts;
    for (std::size_t i = 0; i < accounts.size(); ++i) {
      if (!accounts[i].rule.empty()) impact_.exceptions.push_back(i);
      if (accounts[i].affected && accounts[i].coming.orders > 0) impact_.largest.push_back(i);
    }
    std::ranges::stable_sort(impact_.largest, [&](std::size_t a, std::size_t b) {
      return accounts[a].coming.traded > accounts[b].coming.traded;
    });
    if (impact_.largest.size() > largest_max) impact_.largest.resize(largest_max);
    std::ranges::stable_sort(impact_.exceptions,
                             [&](std::size_t a, std::size_t b) { return accounts[a].value > accounts[b].value; });
  }

  const Book& present_;
  const Book& coming_;
  int threads_;
  const Clock& clock_;
  const std::function<void(const Progress&)>& on_progress_;
  const PreviousRuns& previous_;
  Impact impact_;
  std::vector<bool> is_affected_;
};

}  // namespace

bool has_faults(const Impact& impact) {
  return std::ranges::find(impact.findings, Severity::hold, &Finding::severity) != impact.findings.end();
}

bool is_decided(const AccountFigures& account) {
  return account.status == ResultStatus::traded || account.status == ResultStatus::no_trade;
}

Result<Impact> impact(const Book& present, const Book& coming, int threads, const Clock& clock,
                      const std::function<void(const Progress&)>& on_progress, const PreviousRuns& previous) {
  require(present.accounts.size() == coming.accounts.size(), "an impact compares two readings of the same accounts");
  return Comparison(present, coming, threads, clock, on_progress, previous).compare();
}

}  // namespace lotwright
