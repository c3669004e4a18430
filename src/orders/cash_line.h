// orders/cash_line.h — the cash line that an account's orders leave.
#pragma once

#include "orders/orders.h"

namespace lotwright {

// Cash and securities of kind cash after the orders, less what is reserved.
[[nodiscard]] Money cash_line_after(const Book& book, const AccountResult& result);

}  // namespace lotwright
