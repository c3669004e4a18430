// checks/sale_costs.h — what a sale must be worth, whose own commission and ticket come off what it brings.
#pragma once

#include "book/policy.h"
#include "units/amounts.h"

namespace lotwright {

// Worth of the sale from which at least `dollars` arrive; a cent or two more.
[[nodiscard]] inline Money with_its_cost(Money dollars, const Policy& policy) {
  if (policy.commission.is_zero() && policy.ticket_cost.is_zero()) return dollars;
  const auto cost = [&](Money worth) { return commission_of(worth, policy.commission, policy.ticket_cost); };
  constexpr int rounds_max = 64;  // each leaves the rate's part of what was missing before
  Money worth = dollars + cost(dollars + cost(dollars) + cent) + cent;
  for (int round = 0; round < rounds_max && worth - cost(worth) < dollars; ++round)
    worth = dollars + cost(worth) + cent;
  return worth;
}

}  // namespace lotwright
