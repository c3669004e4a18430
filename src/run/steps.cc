#include <memory>

#include "checks/book_facts.h"
#include "run/household_rail.h"
#include "run/rebalance.h"

namespace lotwright {

Steps engine_steps(const Book& book) {
  const auto index = std::make_shared<const BookIndex>(book);
  const auto facts = std::make_shared<const BookFacts>(book);
  Steps steps;
  steps.check = [facts](const FactorRisk& risk, const DecisionUnit& unit) { return check(*facts, risk, unit); };
  steps.solve = solve;
  steps.verify_unit = [index](const DecisionUnit& unit, const std::vector<const AccountResult*>& results) {
    return verify_unit(*index, unit, results);
  };
  steps.verify_book = [index](const std::vector<AccountResult>& results, const std::vector<Block>& blocks) {
    return verify_book(*index, results, blocks);
  };
  steps.watch_households = [index](const CheckedUnit& unit, std::vector<AccountResult>& results) {
    watch_households(*index, unit, results);
  };
  return steps;
}

}  // namespace lotwright
