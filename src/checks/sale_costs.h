// checks/sale_costs.h — what a sale must be worth, whose own commission and ticket come off what it brings.
#pragma once

#include "book/policy.h"
#include "units/amounts.h"

namespace lotwright {

// Worth of the sale from which at least `dollars` arrive; a cent or two more.
[[nodiscard]] inline Money with_its_cost(Money dollars, const Policy& policy) {
  if (policy.commission.is_zero() && policy.ticket_cost.is_zero()) return dollars;
  const Money gross = dollars + commission_of(dollars, policy.commission, policy.ticket_cost) + cent;
  return dollars + commission_of(gross, policy.commission, policy.ticket_cost) + cent;
}

}  // namespace lotwright
