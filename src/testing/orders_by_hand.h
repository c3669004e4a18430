// testing/orders_by_hand.h — the orders a person writes down, completed to what a correct engine would
// state about them, so that a test can then spoil one thing.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "orders/orders.h"
#include "testing/book_builder.h"

namespace lotwright {

struct OrderByHand {
  std::string account;
  Side side = Side::buy;
  std::string security;
  std::string quantity;
  std::vector<std::pair<std::string, std::string>> lots;  // of a sell: lot id and quantity
};

[[nodiscard]] OrderByHand buy(std::string account, std::string security, std::string quantity);
// All of `quantity` from one lot.
[[nodiscard]] OrderByHand sell(std::string account, std::string security, std::string quantity, std::string lot);
[[nodiscard]] OrderByHand sell(std::string account, std::string security, std::string quantity,
                               std::vector<std::pair<std::string, std::string>> lots);

using Results = std::vector<AccountResult>;

// A book, orders in it, and what is done to the results before they are verified.
struct Scene {
  BookBuilder book;
  std::vector<OrderByHand> orders;
  std::vector<std::function<void(Results&)>> spoiled;

  Scene with(const std::function<void(BookBuilder&)>& change) const;
  Scene with_orders(std::vector<OrderByHand> others) const;
  Scene spoil(std::function<void(Results&)> change) const;
  // An exception on the account whose results stand at `place`.
  Scene with_exception(std::string rule, Severity severity, std::size_t place = 0) const;
};

// Honest results of every account of the book, sorted by account: exact trades, lot facts by tax/, stated sums.
[[nodiscard]] Results honest_results(const Book& book, const std::vector<OrderByHand>& orders);

}  // namespace lotwright
