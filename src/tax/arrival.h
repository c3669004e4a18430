// tax/arrival.h — the lot that an event brings in: its basis and from when it counts (IRC 1012, 1014, 1015, 1041,
// 1223).
#pragma once

#include "book/ledger.h"

namespace lotwright::tax {

// Of a sound event of a kind that brings shares in; its date and, where the kind needs them, acquired_on and fair_value
// are there. The id is the event's lot, or else its own id.
//   buy, reinvest: the full cost.
//   transfer_in: what the firm says; acquired_on is the day of the purchase. Neither it nor spouse_in counts for shares
//     that left another account of the ledger: tax/ledger.h.
//   gift_in: the donor's basis and period; where the fair value was lower it is the basis for a loss, and the period
//     then begins with the gift (IRC 1015(a), 1223(2)).
//   spouse_in: the spouse's basis and period, whatever the value (IRC 1041(b)).
//   inherit: the fair value, always long-term (IRC 1014(a), 1223(9)): held_from is the last day that makes a sale on
//     acquired_on long-term.
// A basis that is not given is unknown.
[[nodiscard]] TaxLot arriving_lot(const LedgerEvent& event);

// Whether shares that come in this way were purchased, so that they may replace others (IRC 1091(a)).
[[nodiscard]] bool is_purchase(LedgerKind kind);

[[nodiscard]] bool brings_shares(LedgerKind kind);

}  // namespace lotwright::tax
