// checks/actions.h — what chosen corporate actions made of shares.
//
// Example:  const SplitsAndMore since(book, [&](const CorporateAction& one) { return one.effective_on > then; });
#pragma once

#include <map>
#include <set>

#include "book/book.h"

namespace lotwright {

class SplitsAndMore {
 public:
  // Of those that `counts(action)` and that took effect by as_of.
  template <class Counts>
  SplitsAndMore(const Book& book, const Counts& counts) {
    for (const CorporateAction& action : book.corporate_actions) {
      if (action.effective_on > book.firm.as_of || !action.security.exists() || !counts(action)) continue;
      const bool split = action.kind == CorporateActionKind::split || action.kind == CorporateActionKind::reverse_split;
      if (split && action.ratio) {
        const auto [at, fresh] = ratios_.try_emplace(action.security, 1.0);
        at->second *= action.ratio->to_double();
      } else {
        remade_.insert(action.security);
        if (action.new_security.exists()) remade_.insert(action.new_security);
      }
    }
  }
  // Shares after for each share before, by splits alone.
  [[nodiscard]] double ratio(SecurityIndex security) const {
    const auto found = ratios_.find(security);
    return found == ratios_.end() ? 1.0 : found->second;
  }
  // What a merger, spin-off or the like left, no test of shares and basis can tell.
  [[nodiscard]] bool remade(SecurityIndex security) const { return remade_.contains(security); }
  [[nodiscard]] bool any_of(SecurityIndex security) const { return remade(security) || ratios_.contains(security); }

 private:
  std::map<SecurityIndex, double> ratios_;
  std::set<SecurityIndex> remade_;
};

}  // namespace lotwright
