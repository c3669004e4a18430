#include "tax/lot_relief.h"

#include <algorithm>

#include "base/defect.h"
#include "tax/holding_period.h"

namespace lotwright::tax {

SaleMeasure measure_of(const TaxLot& lot, Quantity quantity, Money proceeds) {
  if (!lot.cost_basis) return {std::nullopt, lot.held_from};
  const Money for_gain = share_of(*lot.cost_basis, quantity, lot.quantity);
  // A loss basis above the cost basis cannot turn a sale at a gain into a loss, nor make a loss larger. The lot's own
  // bases say which it is: of a part so small that both round alike too.
  const bool dual = lot.loss_basis && *lot.loss_basis < *lot.cost_basis;
  if (!dual || proceeds >= for_gain) return {for_gain, lot.held_from};
  const Money for_loss = share_of(*lot.loss_basis, quantity, lot.quantity);
  if (proceeds >= for_loss) return {proceeds, lot.held_from};
  return {for_loss, lot.loss_held_from.value_or(lot.acquired_on)};
}

LotSale sale_of(const TaxLot& lot, std::uint32_t lot_index, Quantity quantity, Money proceeds, Date sold_on) {
  require(quantity.is_positive() && quantity <= lot.quantity, "a lot sale is not within its lot");
  const SaleMeasure measure = measure_of(lot, quantity, proceeds);
  LotSale sale;
  sale.lot = lot_index;
  sale.quantity = quantity;
  sale.proceeds = proceeds;
  sale.cost_basis = measure.basis;
  if (measure.basis) sale.gain = proceeds - *measure.basis;
  sale.term = term_of(measure.held_from, sold_on);
  return sale;
}

std::optional<Money> unrealized_gain(const TaxLot& lot, Price price) {
  const Money proceeds = value_of(lot.quantity, price);
  const SaleMeasure measure = measure_of(lot, lot.quantity, proceeds);
  if (!measure.basis) return std::nullopt;
  return proceeds - *measure.basis;
}

bool is_at_loss(const TaxLot& lot, Price price) {
  const std::optional<Money> gain = unrealized_gain(lot, price);
  return !gain || gain->is_negative();
}

Date held_from_of_sale(const TaxLot& lot, Price price) {
  return measure_of(lot, lot.quantity, value_of(lot.quantity, price)).held_from;
}

Term term_of_sale(const TaxLot& lot, Price price, Date sold_on) {
  return term_of(held_from_of_sale(lot, price), sold_on);
}

std::vector<Money> share_proceeds(const std::vector<Quantity>& quantities, Price price, Money amount) {
  require(!quantities.empty(), "proceeds are to be shared among no lots");
  std::vector<Money> shares;
  Money left = amount;
  for (const Quantity quantity : quantities) {
    shares.push_back(value_of(quantity, price));
    left -= shares.back();
  }
  *std::max_element(shares.begin(), shares.end()) += left;
  return shares;
}

}  // namespace lotwright::tax
