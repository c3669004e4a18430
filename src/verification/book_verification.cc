#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

#include "book/rules.h"
#include "verification/verification.h"
#include "verification/wash_ledger.h"

namespace lotwright {
namespace {

using Breaches = std::vector<Breach>;

void refuse(Breaches& breaches, AccountIndex account, const char* rule, std::string message) {
  breaches.push_back({account, rule, {}, {}, std::move(message)});
}

void one_result_an_account(const BookIndex& index, const std::vector<AccountResult>& results, Breaches& breaches) {
  std::vector<int> seen(index.book().accounts.size(), 0);
  for (const AccountResult& result : results) ++seen[result.account.value];
  for (std::uint32_t i = 0; i < seen.size(); ++i) {
    if (seen[i] == 1) continue;
    refuse(breaches, {i}, rule::verification_results, fmt::format("{} results of one account", seen[i]));
  }
}

void order_ids_are_unique(const std::vector<AccountResult>& results, Breaches& breaches) {
  std::unordered_set<std::string_view> seen;
  for (const AccountResult& result : results) {
    for (const Order& order : result.orders) {
      if (!order.id.empty() && seen.insert(order.id).second) continue;
      refuse(breaches, result.account, rule::verification_order_id, fmt::format("the order id \"{}\" again", order.id));
    }
  }
}

void blocks_join_the_orders(const BookIndex& index, const std::vector<AccountResult>& results,
                            const std::vector<Block>& blocks, Breaches& breaches) {
  struct Sum {
    Quantity quantity;
    int orders = 0;
    bool operator==(const Sum&) const = default;
  };
  using Key = std::pair<SecurityIndex, Side>;
  std::map<Key, Sum> ordered;
  for (const AccountResult& result : results) {
    for (const Order& order : result.orders) {
      Sum& sum = ordered[{order.trade.security, order.trade.side}];
      sum.quantity += order.trade.quantity;
      ++sum.orders;
    }
  }
  std::map<Key, Sum> blocked;
  std::set<std::string_view> ids;
  for (const Block& block : blocks) {
    const bool first = blocked.emplace(Key{block.security, block.side}, Sum{block.quantity, block.orders}).second;
    if (first && !block.id.empty() && ids.insert(block.id).second) continue;
    refuse(breaches, {}, rule::verification_block, fmt::format("the block \"{}\" stands twice", block.id));
  }
  const auto text_of = [&index](const Key& key) {
    return (key.second == Side::buy ? "buys of " : "sells of ") + index.book().security(key.first).id.text;
  };
  for (const auto& [key, sum] : ordered) {
    const auto block = blocked.find(key);
    if (block != blocked.end() && block->second == sum) continue;
    refuse(breaches, {}, rule::verification_block,
           fmt::format("{}: {} orders of {} shares have no such block", text_of(key), sum.orders,
                       sum.quantity.to_string()));
  }
  for (const auto& [key, sum] : blocked) {
    if (!ordered.contains(key)) refuse(breaches, {}, rule::verification_block, text_of(key) + ": a block of no orders");
  }
}

// The places among `results` of each taxpayer's accounts, linked untaxed ones included.
std::map<TaxpayerIndex, std::vector<std::size_t>> places_by_taxpayer(const BookIndex& index,
                                                                     const std::vector<AccountResult>& results) {
  std::map<TaxpayerIndex, std::vector<std::size_t>> places;
  for (std::size_t i = 0; i < results.size(); ++i) {
    for (const TaxpayerIndex taxpayer : index.book().account(results[i].account).wash_taxpayers) {
      places[taxpayer].push_back(i);
    }
  }
  return places;
}

// Whatever units the accounts were decided in, those of one taxpayer are looked at together.
void no_wash_sale_between_accounts(const BookIndex& index, const std::vector<AccountResult>& results,
                                   Breaches& breaches) {
  for (const auto& [taxpayer, places] : places_by_taxpayer(index, results)) {
    if (places.size() < 2) continue;  // its unit has seen all there is
    std::vector<AccountSheet> sheets;
    for (const std::size_t i : places) sheets.push_back(sheet_of(index, results[i]));
    const WashLedger wash(index, sheets);
    for (std::size_t place = 0; place < sheets.size(); ++place) {
      Verdict verdict(sheets[place], breaches);
      wash.refuse_purchases(place, verdict);
      if (!sheets[place].is_excused("wash_sale_")) wash.refuse_loss_sales(place, verdict);
    }
  }
}

}  // namespace

std::vector<Breach> verify_book(const BookIndex& index, const std::vector<AccountResult>& results,
                                const std::vector<Block>& blocks) {
  Breaches breaches;
  one_result_an_account(index, results, breaches);
  order_ids_are_unique(results, breaches);
  blocks_join_the_orders(index, results, blocks, breaches);
  no_wash_sale_between_accounts(index, results, breaches);
  return breaches;
}

}  // namespace lotwright
