#include "run/unchecked_gates.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace lotwright {

std::vector<UncheckedGate> unchecked_gates(const Book& book, const std::vector<AccountResult>& results,
                                           const PreviousRun& previous) {
  const Gates& gates = book.firm.gates;
  std::vector<UncheckedGate> unchecked;
  const auto needs = [&](bool is_set, const char* setting, bool is_there, const char* lacks) {
    if (is_set && !is_there) unchecked.push_back({setting, lacks});
  };
  const char* no_run = "no earlier run to compare with: name its folder with --previous";
  const bool prices_age = !previous.prices_comparable(book.firm.as_of);
  const std::string too_old =
      fmt::format("the earlier run is more than {} days old, and prices that far apart say little about each other",
                  PreviousRun::prices_days);
  needs(gates.price_move_max.has_value(), "price_move_max", !previous.prices.empty() && !prices_age,
        prices_age ? too_old.c_str() : no_run);
  needs(gates.accounts_change_max.has_value(), "accounts_change_max", previous.accounts.has_value(), no_run);
  needs(gates.share_breaks_max.has_value(), "share_breaks_max", !book.positions.empty(),
        "the book has no positions.csv of the custodian");
  std::set<SecurityIndex> ordered;
  for (const AccountResult& result : results) {
    for (const Order& order : result.orders) ordered.insert(order.trade.security);
  }
  const auto without =
      std::ranges::count_if(ordered, [&](SecurityIndex one) { return !book.security(one).daily_volume.has_value(); });
  const std::string no_volume = fmt::format(
      "{} of the {} securities with orders have no daily_volume in securities.csv", without, ordered.size());
  needs(gates.share_of_volume_max.has_value(), "share_of_volume_max", without == 0, no_volume.c_str());
  needs(gates.accounts_in_one_name_max.has_value(), "accounts_in_one_name_max", previous.models.has_value(), no_run);
  needs(gates.gap_rise_bps_max.has_value(), "gap_rise_bps_max", previous.gap.has_value(), no_run);
  return unchecked;
}

}  // namespace lotwright
