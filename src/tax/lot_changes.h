// tax/lot_changes.h — what a corporate action makes of a lot, wherever the lot is: in a position or on its way to one.
//
// Promises: shares and basis add up to the millionth over the lots that are changed together.
#pragma once

#include <optional>
#include <vector>

#include "book/ledger.h"

namespace lotwright::tax {

// The most dollars, or shares, that are kept exactly; counts.
inline constexpr Int128 counts_most = static_cast<Int128>(ledger_sum_max) * Money::scale;

// quantity x ratio, to the millionth, half away from zero.
[[nodiscard]] Quantity times(Quantity quantity, Weight ratio);
// Whether the product can be kept exactly.
[[nodiscard]] bool fits(Quantity quantity, Weight ratio);

// The new shares of each lot. The whole is rounded once, and so is every first part of it: they add up to it.
[[nodiscard]] std::vector<Quantity> new_shares(const std::vector<Quantity>& old, Weight ratio);

// The cash of a merger that also brings `shares` (IRC 356): what of it is not taxed comes off the bases. The gain that
// is recognized, >= 0; nullopt where the basis is unknown.
std::optional<Money> take_boot(TaxLot& lot, Quantity shares, const LedgerAction& action);

// A return of capital comes off the bases (IRC 301(c)(2)). What goes beyond the basis, >= 0; nullopt where the basis is
// unknown.
std::optional<Money> return_capital(TaxLot& lot, Price per_share);

// The new lot of a spin-off, of `shares`: it takes the action's fraction of both bases, and the periods.
[[nodiscard]] TaxLot spin_off(TaxLot& lot, Quantity shares, const LedgerAction& action);

// After an action some lots may have no shares: they are of a millionth that the next lot got, and their basis goes
// there; behind the last lot that has shares, to that one. At least one lot has shares; all are in the order in which
// they were shared out. The places of empty lots whose basis is unknown: what they cost is lost.
std::vector<std::size_t> hand_on_basis(const std::vector<TaxLot*>& lots);

}  // namespace lotwright::tax
