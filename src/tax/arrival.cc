#include "tax/arrival.h"

#include "tax/holding_period.h"

namespace lotwright::tax {
namespace {

void set_gift(const LedgerEvent& event, TaxLot& lot) {
  lot.cost_basis = event.cost_basis;
  lot.held_from = *event.acquired_on;
  if (event.kind != LedgerKind::gift_in || !event.cost_basis || *event.fair_value >= *event.cost_basis) return;
  lot.loss_basis = event.fair_value;
  lot.loss_held_from = *event.date;
}

}  // namespace

bool brings_shares(LedgerKind kind) { return kind != LedgerKind::sell && kind != LedgerKind::transfer_out; }

bool is_purchase(LedgerKind kind) {
  return kind == LedgerKind::buy || kind == LedgerKind::reinvest || kind == LedgerKind::transfer_in;
}

TaxLot arriving_lot(const LedgerEvent& event) {
  TaxLot lot;
  lot.id.text = event.lot.empty() ? event.id : event.lot;
  lot.security = event.security;
  lot.quantity = event.quantity;
  lot.acquired_on = *event.date;
  lot.held_from = *event.date;
  switch (event.kind) {
    case LedgerKind::gift_in:
    case LedgerKind::spouse_in:
      set_gift(event, lot);
      break;
    case LedgerKind::inherit:
      lot.acquired_on = event.acquired_on.value_or(*event.date);
      lot.held_from = last_long_term_from(lot.acquired_on);
      lot.cost_basis = event.fair_value;
      break;
    case LedgerKind::transfer_in:
      lot.acquired_on = *event.acquired_on;
      lot.held_from = *event.acquired_on;
      lot.cost_basis = event.cost_basis;
      break;
    default:
      lot.cost_basis = event.amount;
  }
  return lot;
}

}  // namespace lotwright::tax
