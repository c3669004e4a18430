// tax/lot_relief.h — what selling part of one lot means (Reg. 1.1012-1; IRC 1015 for gifts with dual basis).
#pragma once

#include "book/trades.h"

namespace lotwright::tax {

// What the law compares the proceeds of a sale with, and from when it counts the period.
struct SaleMeasure {
  std::optional<Money> basis;  // nullopt: unknown
  Date held_from;
};
[[nodiscard]] SaleMeasure measure_of(const TaxLot& lot, Quantity quantity, Money proceeds);

// The sale of `quantity` shares of `lot` (index `lot_index`) for `proceeds` on `sold_on`: basis share, gain and term.
// Dual basis: a gain is counted from cost_basis, a loss from loss_basis with its own period (from acquired_on where
// loss_held_from is not given), and between the two there is neither: the basis reported is then the proceeds, so that
// gain = proceeds - cost_basis in every sale. An unknown basis leaves cost_basis and gain empty. `disallowed` is zero:
// tax/wash_sale.h sets it. Requires 0 < quantity <= the lot's.
[[nodiscard]] LotSale sale_of(const TaxLot& lot, std::uint32_t lot_index, Quantity quantity, Money proceeds,
                              Date sold_on);

// The gain of selling the whole lot at `price`, before any wash-sale rule; nullopt where the basis is unknown.
[[nodiscard]] std::optional<Money> unrealized_gain(const TaxLot& lot, Price price);

// Is the lot worth less than its basis at `price`, or its basis unknown and it therefore perhaps so? What is true of
// the lot is true of any part of it: an order's rounding to the cent makes no loss of a gain, nor a gain of a loss.
[[nodiscard]] bool is_at_loss(const TaxLot& lot, Price price);

// From when such a sale counts its period: held_from, or loss_held_from where the loss basis decides.
[[nodiscard]] Date held_from_of_sale(const TaxLot& lot, Price price);

// The term such a sale would have.
[[nodiscard]] Term term_of_sale(const TaxLot& lot, Price price, Date sold_on);

// Shares `amount` (the order's, to the cent) out over the sales in `quantities` at `price`: each gets quantity x price
// to the millionth, and the rounding of the whole goes to the largest, so that the parts sum to `amount` exactly.
[[nodiscard]] std::vector<Money> share_proceeds(const std::vector<Quantity>& quantities, Price price, Money amount);

}  // namespace lotwright::tax
