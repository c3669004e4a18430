#include "explanation/cents.h"
#include "explanation/reasons.h"

namespace lotwright {

std::vector<ReasonRow> reasons_rules(const DecidedAccount& decided) {
  std::vector<ReasonRow> rows;
  for (const RulePrice& price : decided.solution.rule_prices) {
    ReasonRow row;
    row.decision = Decision::kept;
    row.rule = price.rule;
    row.source = price.source;
    row.benefit = row.net = up_to_cents(price.at_most);
    row.tracking_error = objective::tracking_error_worth(decided.terms.risk_aversion, decided.terms.investable,
                                                         decided.parts_after.tracking_error, price.at_most);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace lotwright
