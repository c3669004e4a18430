#include <algorithm>
#include <map>
#include <utility>

#include "orders/orders.h"

namespace lotwright {

bool awaits_release(const AccountResult& result) {
  return std::ranges::any_of(result.exceptions,
                             [](const Finding& finding) { return finding.severity == Severity::review; });
}

std::vector<Block> block(const Book& book, const std::vector<AccountResult>& results) {
  std::map<std::pair<SecurityIndex, Side>, Block> joined;  // Side::buy sorts first
  for (const AccountResult& result : results) {
    const int review = awaits_release(result) ? 1 : 0;
    for (const Order& one : result.orders) {
      Block& block = joined[{one.trade.security, one.trade.side}];
      block.quantity += one.trade.quantity;
      ++block.orders;
      block.orders_review += review;
    }
  }
  std::vector<Block> blocks;
  blocks.reserve(joined.size());
  for (auto& [key, block] : joined) {
    block.security = key.first;
    block.side = key.second;
    block.id = book.security(key.first).id.text + (key.second == Side::buy ? "-buy" : "-sell");
    blocks.push_back(std::move(block));
  }
  return blocks;
}

}  // namespace lotwright
