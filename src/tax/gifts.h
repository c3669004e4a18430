// tax/gifts.h — what giving appreciated lots to charity takes off a year's tax: long-term property is deducted at its
// value and its gain is never taxed (IRC 170(b)(1)(C), 170(e)(1)).
//
// In:       long-term lots with their value and gain, the taxpayer's net gains without them, the rates.
// Out:      the lots in the order to give them, each with the tax that goes with it.
// Promises: lots are priced one on top of the other, as the sale of all would be taxed: the parts add up to
//           T(S, L + all gains) - T(S, L), across the edges of brackets and of netting.
#pragma once

#include <vector>

#include "tax/netting.h"

namespace lotwright::tax {

struct Gift {
  Money value;             // > 0: what is deducted
  Money gain;              // > 0, long-term: what is never taxed
  std::size_t source = 0;  // the caller's own number of it; breaks ties
};

// Most gain per dollar of value first: T never falls as gains rise, so that no other lots of a given value remove more.
void sort_for_giving(std::vector<Gift>& gifts);

// The tax that each gift of the list removes, on top of those before it; to the cent, and so is every sum.
[[nodiscard]] std::vector<Money> tax_removed(const std::vector<Gift>& gifts, NetGains before, const TaxRates& rates);

}  // namespace lotwright::tax
