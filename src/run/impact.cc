#include "run/impact.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "run/names.h"

namespace lotwright {
namespace {

using Json = nlohmann::ordered_json;

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

// What the account is told to do, its lots apart: whatever the new files may change.
bool same_orders_given(const Book& present, const Book& coming, AccountIndex account) {
  const auto ours = [&](const auto& rows) {
    return std::ranges::equal_range(rows, account, {}, [](const auto& row) { return row.account; });
  };
  const bool models_asked_for =
      std::ranges::equal(ours(present.requests), ours(coming.requests), [&](const Request& a, const Request& b) {
        return a.id == b.id && same_target(present, a.model_index, coming, b.model_index);
      });
  const bool directed = std::ranges::equal(
      ours(present.directed), ours(coming.directed), [](const DirectedTrade& a, const DirectedTrade& b) {
        return a.security == b.security && a.side == b.side && a.quantity == b.quantity;
      });
  return models_asked_for && directed &&
         same_target(present, present.account(account).model_index, coming, coming.account(account).model_index);
}

// What reading the book found of each account, its household or its taxpayer, by the account's id.
using Told = std::multiset<std::tuple<std::string, Severity, std::string>>;
std::map<std::string, Told> told_of_accounts(const Book& book) {
  std::map<std::pair<SubjectKind, std::string>, Told> told;
  for (const Finding& one : book.findings)
    told[{one.subject.kind, one.subject.id}].emplace(one.rule, one.severity, one.message);
  std::map<std::string, Told> of_accounts;
  const auto add = [&](const Account& account, SubjectKind kind, const std::string& id) {
    if (const auto at = told.find({kind, id}); at != told.end())
      of_accounts[account.id.text].insert(at->second.begin(), at->second.end());
  };
  for (const Account& account : book.accounts) {
    add(account, SubjectKind::account, account.id.text);
    add(account, SubjectKind::household, book.households[account.household.value].id.text);
    if (account.taxpayer.exists()) add(account, SubjectKind::taxpayer, book.taxpayers[account.taxpayer.value].id.text);
  }
  return of_accounts;
}

std::vector<ModelChange> changes_of(const Book& present, const Book& coming) {
  std::map<std::string, std::pair<const Model*, const Model*>> models;
  for (const Model& model : present.models) models[model.id.text].first = &model;
  for (const Model& model : coming.models) models[model.id.text].second = &model;
  std::vector<ModelChange> changes;
  for (const auto& [id, pair] : models) {
    const auto was = weights_of(present, pair.first);
    const auto is = weights_of(coming, pair.second);
    const bool usable = pair.second != nullptr && pair.second->usable;
    if (pair.first != nullptr && pair.second != nullptr && was == is && pair.first->usable == usable) continue;
    ModelChange change{id, pair.first == nullptr, pair.second == nullptr, usable, 0.0, 0, 0};
    for (const auto& [security, weight] : is) {
      const auto before = was.find(security);
      if (before == was.end()) ++change.added;
      change.turnover += 0.5 * std::abs(weight.to_double() - (before == was.end() ? 0.0 : before->second.to_double()));
    }
    for (const auto& [security, weight] : was) {
      if (is.contains(security)) continue;
      ++change.dropped;
      change.turnover += 0.5 * weight.to_double();
    }
    changes.push_back(change);
  }
  return changes;
}

double traded(const AccountResult& result) {
  Money sum;
  for (const Order& order : result.orders) sum += order.trade.amount;
  return sum.to_double();
}

// The worst finding that the account does not have under the present files.
const Finding* new_exception(const AccountResult& present, const AccountResult& coming) {
  const Finding* worst = nullptr;
  for (const Finding& finding : coming.exceptions) {
    if (finding.severity == Severity::note) continue;
    const auto same = [&](const Finding& one) { return one.rule == finding.rule && one.severity >= finding.severity; };
    if (std::ranges::any_of(present.exceptions, same)) continue;
    if (worst == nullptr || finding.severity > worst->severity) worst = &finding;
  }
  return worst;
}

AccountImpact impact_of(const Book& book, const AccountResult& present, const AccountResult& coming) {
  const Account& account = book.account(coming.account);
  AccountImpact one;
  one.account_id = account.id.text;
  one.model_id = account.model;
  one.value = coming.value;
  one.status = coming.status;
  one.orders = coming.orders.size();
  one.traded = traded(coming);
  one.tax = coming.tax;
  one.tax_present = present.tax;
  one.tracking_error_before = coming.tracking_error_before;
  one.tracking_error_after = coming.tracking_error_after;
  if (const Finding* exception = new_exception(present, coming)) {
    one.rule = exception->rule;
    one.severity = exception->severity;
    one.message = exception->message;
  }
  return one;
}

class Comparison {
 public:
  Comparison(const Book& present, const Book& coming, int threads, const Clock& clock,
             const std::function<void(const Progress&)>& on_progress)
      : present_(present), coming_(coming), threads_(threads), clock_(clock), on_progress_(on_progress) {}

  Result<Impact> compare() {
    impact_.firm = coming_.firm.name;
    impact_.as_of = coming_.firm.as_of;
    impact_.changes = changes_of(present_, coming_);
    std::ranges::copy_if(coming_.findings, std::back_inserter(impact_.findings), [&](const Finding& finding) {
      const auto same = [&](const Finding& one) { return one.rule == finding.rule && one.subject == finding.subject; };
      return finding.severity != Severity::note && std::ranges::none_of(present_.findings, same);
    });
    auto now = timed(present_, {}, impact_.seconds_present);
    if (!now) return now.failure();
    const std::vector<std::string> affected = accounts_affected();
    RunResult then = *now;
    then.gates.clear();
    if (!affected.empty()) {
      auto decided = timed(coming_, affected, impact_.seconds_coming);
      if (!decided) return decided.failure();
      impact_.decided = decided->accounts.size();
      for (const AccountResult& result : decided->accounts) then.accounts[result.account.value] = result;
    }
    then.gates = gates_of(coming_, then.accounts, {});
    impact_.present = summarize(present_, *now);
    impact_.coming = summarize(coming_, then);
    for (std::size_t i = 0; i < then.accounts.size(); ++i) add(now->accounts[i], then.accounts[i]);
    rank();
    return std::move(impact_);
  }

 private:
  Result<RunResult> timed(const Book& book, const std::vector<std::string>& accounts, double& seconds) const {
    const double start = clock_.seconds();
    RunOptions options;
    options.threads = threads_;
    options.accounts = accounts;
    options.effort.price_rules = false;
    const std::atomic<bool> never = false;
    auto run = run_book(book, options, engine_steps(book), clock_, on_progress_, never);
    seconds = clock_.seconds() - start;
    return run;
  }

  // The ids of the accounts that are told anything else than now, or of which something else is found.
  std::vector<std::string> accounts_affected() {
    std::vector<std::string> ids;
    is_affected_.resize(coming_.accounts.size());
    auto found_now = told_of_accounts(present_), found_then = told_of_accounts(coming_);
    for (std::uint32_t i = 0; i < coming_.accounts.size(); ++i) {
      const std::string& id = coming_.accounts[i].id.text;
      is_affected_[i] = !same_orders_given(present_, coming_, AccountIndex{i}) || found_now[id] != found_then[id];
      if (is_affected_[i]) ids.push_back(id);
    }
    impact_.affected = ids.size();
    return ids;
  }

  void add(const AccountResult& present, const AccountResult& coming) {
    const AccountImpact one = impact_of(coming_, present, coming);
    ModelImpact& model = impact_.models[one.model_id];
    ++model.accounts;
    model.affected += is_affected_[coming.account.value] ? 1 : 0;
    model.orders_present += present.orders.size();
    model.orders += one.orders;
    model.traded += one.traded;
    model.tax += one.tax;
    model.tax_present += present.tax;
    const double investable = std::max(0.0, coming.investable.to_double());
    model.turnover += coming.turnover * investable;
    if (coming.status == ResultStatus::traded || coming.status == ResultStatus::no_trade) {
      model.investable += investable;
      model.tracking_error_before += investable * coming.tracking_error_before;
      model.tracking_error_after += investable * coming.tracking_error_after;
    }
    if (!one.rule.empty()) {
      ++model.people;
      impact_.exceptions.push_back(one);
    }
    if (is_affected_[coming.account.value] && one.orders > 0) impact_.largest.push_back(one);
  }

  void rank() {
    for (auto& [id, model] : impact_.models) {
      if (model.investable <= 0.0) continue;
      model.tracking_error_before /= model.investable;
      model.tracking_error_after /= model.investable;
    }
    std::ranges::stable_sort(impact_.largest, [](const auto& a, const auto& b) { return a.traded > b.traded; });
    if (impact_.largest.size() > largest_max) impact_.largest.resize(largest_max);
    std::ranges::stable_sort(impact_.exceptions, [](const auto& a, const auto& b) { return a.value > b.value; });
  }

  const Book& present_;
  const Book& coming_;
  int threads_;
  const Clock& clock_;
  const std::function<void(const Progress&)>& on_progress_;
  Impact impact_;
  std::vector<bool> is_affected_;
};

Json json_of(const AccountImpact& one) {
  return {{"account_id", one.account_id},
          {"model_id", one.model_id},
          {"value", one.value.to_double()},
          {"status", name_of(one.status)},
          {"orders", one.orders},
          {"traded", one.traded},
          {"tax", one.tax},
          {"tax_present", one.tax_present},
          {"tracking_error_before", one.tracking_error_before},
          {"tracking_error_after", one.tracking_error_after},
          {"rule", one.rule},
          {"severity", one.rule.empty() ? "" : name_of(one.severity)},
          {"message", one.message}};
}

Json json_of(const ModelImpact& one) {
  return {{"accounts", one.accounts},
          {"affected", one.affected},
          {"orders_present", one.orders_present},
          {"orders", one.orders},
          {"traded", one.traded},
          {"turnover", one.turnover},
          {"tax", one.tax},
          {"tax_present", one.tax_present},
          {"investable_value", one.investable},
          {"tracking_error_before", one.tracking_error_before},
          {"tracking_error_after", one.tracking_error_after},
          {"accounts_with_new_exceptions", one.people}};
}

Json list_of(const std::vector<AccountImpact>& accounts) {
  Json list = Json::array();
  for (const AccountImpact& one : accounts) list.push_back(json_of(one));
  return list;
}

// Of a run's summary without what its clock says.
Json totals_of(const Summary& summary) {
  Json json = Json::parse(json_of(summary));
  for (const char* key : {"seconds", "accounts_a_second", "threads", "firm", "as_of"}) json.erase(key);
  return json;
}

}  // namespace

Result<Impact> impact(const Book& present, const Book& coming, int threads, const Clock& clock,
                      const std::function<void(const Progress&)>& on_progress) {
  require(present.accounts.size() == coming.accounts.size(), "an impact compares two readings of the same accounts");
  return Comparison(present, coming, threads, clock, on_progress).compare();
}

std::string json_of(const Impact& impact) {
  Json json;
  json["firm"] = impact.firm;
  json["as_of"] = impact.as_of.to_string();
  json["accounts_affected"] = impact.affected;
  json["accounts_decided_again"] = impact.decided;
  json["models_changed"] = Json::array();
  for (const ModelChange& change : impact.changes) {
    json["models_changed"].push_back({{"model_id", change.model_id},
                                      {"new", change.is_new},
                                      {"gone", change.is_gone},
                                      {"usable", change.usable},
                                      {"turnover", change.turnover},
                                      {"securities_added", change.added},
                                      {"securities_dropped", change.dropped}});
  }
  json["present"] = totals_of(impact.present);
  json["coming"] = totals_of(impact.coming);
  json["by_model"] = Json::object();
  for (const auto& [id, model] : impact.models) json["by_model"][id] = json_of(model);
  json["largest"] = list_of(impact.largest);
  json["exceptions"] = list_of(impact.exceptions);
  json["findings"] = Json::array();
  for (const Finding& finding : impact.findings) {
    json["findings"].push_back(
        {{"rule", finding.rule}, {"severity", name_of(finding.severity)}, {"message", finding.message}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lotwright
