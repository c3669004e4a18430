// verification/fund_parts.h — what of a position counts towards a restriction, told from fund_holdings.csv anew: the
// shares that a restriction carries are not asked.
#pragma once

#include "verification/account_sheet.h"

namespace lotwright {

// 1 for a security the restriction names, of a fund the part that it is of these; what is not known of it is none.
[[nodiscard]] Weight part_concerned(const AccountSheet& sheet, const Restriction& restriction, SecurityIndex security);

// Whether an order in `security`, or holding it, is what the restriction is about: a fund from a part beyond
// screen_fund_part_max on.
[[nodiscard]] bool concerns(const AccountSheet& sheet, const Restriction& restriction, SecurityIndex security);

}  // namespace lotwright
