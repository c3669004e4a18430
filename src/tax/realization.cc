#include "tax/realization.h"

#include <algorithm>

#include "book/rules.h"
#include "tax/holding_period.h"
#include "tax/lot_relief.h"
#include "tax/wash_sale.h"

namespace lotwright::tax {

void Realization::tell_unknown_basis(const LedgerLot& lot, const Origin& origin) {
  findings.push_back(finding_at(origin, rule::ledger_basis_unknown, "lot_id", lot.lot.id.text,
                                "has no known basis: its gain is left empty and counts nowhere; give its basis where "
                                "it came in"));
}

SaleRow Realization::row_of(const LedgerLot& lot, Quantity quantity, Money proceeds, Date on) {
  return {.account = lot.account,
          .lot = lot.lot.id,
          .security = lot.lot.security,
          .quantity = quantity,
          .acquired_on = lot.lot.acquired_on,
          .sold_on = on,
          .term = term_of(lot.lot.held_from, on),
          .proceeds = proceeds,
          .cost_basis = std::nullopt,
          .disallowed = {},
          .open_until = std::nullopt};
}

void Realization::report(SaleRow row, const Origin& origin) {
  sales_.push_back(std::move(row));
  origins_.push_back(origin);
}

std::vector<SaleRow> Realization::take_sales(Date last) {
  for (const WashMatching::Loss& loss : wash_.losses()) {
    SaleRow& sale = sales_[loss.row];
    if (loss.is_open() && sale.sold_on + wash_sale_days > last) sale.open_until = sale.sold_on + wash_sale_days;
  }
  return std::move(sales_);
}

void Realization::sell_part(const LotPart& part, Money proceeds, Date on, const Origin& origin,
                            std::vector<Loss>& losses) {
  const LedgerLot& sold = lots_->at(part.lot);
  const SaleMeasure measure = measure_of(sold.lot, part.quantity, proceeds);
  if (is_taxed(sold.account)) {
    SaleRow row = row_of(sold, part.quantity, proceeds, on);
    row.term = term_of(measure.held_from, on);
    row.cost_basis = measure.basis;
    report(std::move(row), origin);
    if (!measure.basis) tell_unknown_basis(sold, origin);
    if (measure.basis && proceeds < *measure.basis) losses.push_back({sales_.size() - 1, part.lot, measure.held_from});
  }
  lots_->take(part.lot, part.quantity);
}

// After all lots of the event are gone: shares sold by the same event replace nothing. In which order one event sold
// its lots nobody can tell: then the order in which they were acquired counts (Reg. 1.1091-1(b)).
void Realization::wash(std::vector<Loss> losses) {
  std::sort(losses.begin(), losses.end(),
            [this](const Loss& a, const Loss& b) { return lots_->is_earlier(a.lot, b.lot); });
  for (const Loss& loss : losses) wash_.loss_sale(loss.row, loss.lot, loss.held_from);
}

void Realization::sell(const std::vector<LotPart>& parts, Money amount, Date on, const Origin& origin) {
  Quantity left;
  for (const LotPart& part : parts) left += part.quantity;
  std::vector<Loss> losses;
  for (const LotPart& part : parts) {
    const Money proceeds = share_of(amount, part.quantity, left);
    amount -= proceeds;
    left -= part.quantity;
    sell_part(part, proceeds, on, origin, losses);
  }
  wash(std::move(losses));
}

void Realization::sell_at(const std::vector<LotPart>& parts, Price price, Date on, const Origin& origin) {
  std::vector<Loss> losses;
  for (const LotPart& part : parts) sell_part(part, value_of(part.quantity, price), on, origin, losses);
  wash(std::move(losses));
}

void Realization::cash_received(LotNumber number, Money cash, Money gain, Date on, const Origin& origin) {
  const LedgerLot& lot = lots_->at(number);
  if (!is_taxed(lot.account)) return;
  report(row_of(lot, lot.lot.quantity, cash, on), origin);
  sales_.back().cost_basis = cash - gain;
}

void Realization::cash_of_unknown_basis(LotNumber number, Money cash, Date on, const Origin& origin) {
  const LedgerLot& lot = lots_->at(number);
  if (!is_taxed(lot.account)) return;
  report(row_of(lot, lot.lot.quantity, cash, on), origin);
  tell_unknown_basis(lot, origin);
}

}  // namespace lotwright::tax
