#include "verification/fund_parts.h"

#include <algorithm>

namespace lotwright {
namespace {

// Deeper than funds hold funds; a circle was refused when the book was read.
constexpr int depth_max = 100;

// Named as such, not for what is in it.
bool is_named(const Restriction& restriction, SecurityIndex security) {
  const auto found = std::ranges::lower_bound(restriction.securities, security);
  if (found == restriction.securities.end() || *found != security) return false;
  if (restriction.shares.empty()) return true;
  return restriction.shares[static_cast<std::size_t>(found - restriction.securities.begin())] == Weight::of_whole(1);
}

// By the restriction, or where it is of a screen by any of its rows.
bool is_named_by_all(const AccountSheet& sheet, const Restriction& restriction, SecurityIndex security) {
  if (restriction.screen.empty()) return is_named(restriction, security);
  return std::ranges::any_of(sheet.restrictions, [&](const Restriction* row) {
    return row->screen == restriction.screen && is_named(*row, security);
  });
}

Weight part_within(const AccountSheet& sheet, const Restriction& restriction, SecurityIndex security, int depth) {
  if (is_named_by_all(sheet, restriction, security)) return Weight::of_whole(1);
  Weight part;
  if (depth == 0) return part;
  const auto holdings = std::ranges::equal_range(sheet.book->fund_holdings, security, {}, &FundHolding::fund);
  for (const FundHolding& row : holdings) {
    const Weight inner = part_within(sheet, restriction, row.security, depth - 1);
    part = part + Weight::of_count(multiply_divide_half_away(row.weight.count(), inner.count(), Weight::scale));
  }
  return part;
}

}  // namespace

Weight part_concerned(const AccountSheet& sheet, const Restriction& restriction, SecurityIndex security) {
  if (is_named(restriction, security)) return Weight::of_whole(1);
  return restriction.shares.empty() ? Weight() : part_within(sheet, restriction, security, depth_max);
}

bool concerns(const AccountSheet& sheet, const Restriction& restriction, SecurityIndex security) {
  const Weight part = part_concerned(sheet, restriction, security);
  return part == Weight::of_whole(1) || part > sheet.policy->screen_fund_part_max;
}

}  // namespace lotwright
