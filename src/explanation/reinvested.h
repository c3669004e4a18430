// explanation/reinvested.h — dividends reinvested beside losses: each is a purchase like any other (IRC 1091).
//
// In:       a DecidedAccount.
// Out:      one note that names each identical group with reinvested dividends of the taxpayer, in which the account
//           sells at a loss now, has sold at a loss in the last 30 days, or keeps a loss that the reinvestment bars.
// Promises: tells only; which sales are barred is the wash-sale window's business (tax/wash_sale.h).
#pragma once

#include "explanation/reasons.h"

namespace lotwright {

[[nodiscard]] Findings reinvested_beside_losses(const DecidedAccount& decided);

}  // namespace lotwright
