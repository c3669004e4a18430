#include "run/binding_rules.h"

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>
#include <utility>

#include "run/output_tables.h"

namespace lotwright {
namespace {

constexpr double basis_points = 1e4;

bool prices_a_rule(const ReasonRow& row) { return row.decision == Decision::kept && row.security_id.empty(); }

// What is summed until all accounts are in.
struct Sums {
  BindingRule rule;
  double invested = 0.0;
};

void enter(const AccountResult& account, const ReasonRow& row, Sums& sums) {
  const double error = row.tracking_error.value_or(0.0);
  const double invested = account.investable.to_double();
  sums.rule.accounts += 1;
  sums.rule.dollars += row.net;
  sums.rule.tracking_error += invested * error;
  sums.rule.tracking_error_max = std::max(sums.rule.tracking_error_max, error);
  sums.invested += invested;
}

}  // namespace

std::vector<BindingRule> binding_rules(const RunResult& run) {
  std::map<std::pair<std::string, std::string>, Sums> found;
  for (const AccountResult& account : run.accounts) {
    for (const ReasonRow& row : account.reasons) {
      if (prices_a_rule(row)) enter(account, row, found[{row.rule, row.source}]);
    }
  }
  std::vector<BindingRule> rules;
  for (auto& [name, sums] : found) {
    std::tie(sums.rule.rule, sums.rule.source) = name;
    if (sums.invested > 0.0) sums.rule.tracking_error /= sums.invested;
    rules.push_back(std::move(sums.rule));
  }
  std::ranges::stable_sort(rules, std::greater{}, &BindingRule::dollars);
  return rules;
}

Result<bool> write_binding_rules(const RunResult& run, OutputFolder& folder) {
  CsvWriter file = writer_of(folder, "binding_rules");
  for (const BindingRule& one : binding_rules(run)) {
    file.row({one.rule, one.source, std::to_string(one.accounts), dollars(one.dollars),
              decimal(basis_points * one.tracking_error, 4), decimal(basis_points * one.tracking_error_max, 4)});
  }
  return file.finish();
}

}  // namespace lotwright
