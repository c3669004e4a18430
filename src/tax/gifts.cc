#include "tax/gifts.h"

#include <algorithm>
#include <cmath>

namespace lotwright::tax {

void sort_for_giving(std::vector<Gift>& gifts) {
  std::ranges::sort(gifts, [](const Gift& a, const Gift& b) {
    const double of_a = a.gain.to_double() / a.value.to_double();
    const double of_b = b.gain.to_double() / b.value.to_double();
    return of_a != of_b ? of_a > of_b : a.source < b.source;
  });
}

std::vector<Money> tax_removed(const std::vector<Gift>& gifts, NetGains before, const TaxRates& rates) {
  const double net_short = before.short_term.to_double();
  const double start = tax_value(net_short, before.long_term.to_double(), rates);
  std::vector<Money> removed;
  Money net_long = before.long_term;
  Money so_far;
  for (const Gift& gift : gifts) {
    net_long += gift.gain;
    const double all = tax_value(net_short, net_long.to_double(), rates) - start;
    const Money cents = Money::of_count(std::llround(all * 100.0) * cent.count());
    removed.push_back(cents - so_far);
    so_far = cents;
  }
  return removed;
}

}  // namespace lotwright::tax
