// run/household_rail.h — the guard rail of a household: accounts decided each for itself, and looked at together.
//
// In:       a checked unit and what became of its accounts.
// Out:      one review model_household_drift for each household that is further from household_model than
//           household_tracking_error_max. Its message has the tracking error of the accounts together and, where there
//           is one, the cheapest corrective trade: of one sale and one purchase in one account, the pair that brings
//           most for each dollar of tax and cost. It is proposed to a person, not ordered.
// Promises: the pair breaks no hard rule beside the orders there are (the verifier says so), and touches no security
//           that the account trades today. Orders are left as they are.
#pragma once

#include <vector>

#include "checks/checks.h"
#include "orders/orders.h"
#include "verification/verification.h"

namespace lotwright {

// `results` are those of the unit's accounts, in their order. The review is put into the account of the pair, else into
// the first of the household.
void watch_households(const BookIndex& index, const CheckedUnit& unit, std::vector<AccountResult>& results);

}  // namespace lotwright
