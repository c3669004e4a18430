// explanation/drivers.h — what drove an account's orders, in dollars: what a person who is asked wants to know first.
//
// In:       the book and a decided account's result, with the reasons of its orders.
// Out:      dollars sold by kind of cause.
// Promises: `sold` of all adds up to what the orders sell, `gain` to the gains of their lots (disallowed losses as
//           they are), `tax` to the tax of the sold rows of reasons.csv. Securities of kind cash are left out, as in
//           turnover.
#pragma once

#include <string>
#include <vector>

#include "orders/orders.h"

namespace lotwright {

// raise_cash: sales for money that leaves or was missing. model_change: of
// what would be drift, as much as the model's weights moved (Account::model_moved).
enum class Driver { harvest, request, restriction, model_change, raise_cash, drift };

struct Driven {
  Driver driver = Driver::drift;
  Money sold;
  Money gain;
  double tax = 0.0;  // dollars
};

// Those that sell something, most dollars first; ties in the order of Driver.
[[nodiscard]] std::vector<Driven> drivers_of(const Book& book, const AccountResult& result);

// The smaller of purchases and of sales that nobody asked for, over the investable value: sales for drift, purchases
// that no directed trade wants.
[[nodiscard]] double turnover_unexplained(const Book& book, const AccountResult& result);

// "harvesting losses"
[[nodiscard]] const char* in_words(Driver driver);

// "of $38,463 sold: 71 % harvesting losses ($27,310), 29 % correcting drift ($11,153)"; "nothing is sold".
[[nodiscard]] std::string in_words(const std::vector<Driven>& drivers);

}  // namespace lotwright
