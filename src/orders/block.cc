#include <map>
#include <utility>

#include "orders/orders.h"

namespace lotwright {

std::vector<Block> block(const Book& book, const std::vector<AccountResult>& results) {
  std::map<std::pair<SecurityIndex, Side>, Block> joined;  // Side::buy sorts first
  for (const AccountResult& result : results) {
    for (const Order& one : result.orders) {
      Block& block = joined[{one.trade.security, one.trade.side}];
      block.quantity += one.trade.quantity;
      ++block.orders;
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
