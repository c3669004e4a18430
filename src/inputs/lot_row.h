// inputs/lot_row.h — a row of lots.csv, of a book and of a ledger.
#pragma once

#include <optional>
#include <string_view>

#include "inputs/table.h"

namespace lotwright::inputs {

struct LotRow {
  std::string_view account, lot, security;
  Quantity quantity;
  std::optional<Money> cost_basis;
  std::optional<Date> acquired_on, held_from;
  std::optional<Money> loss_basis;
  std::optional<Date> loss_held_from;
  // What a ledger tells the next one, as it stands in the file: a book does not read it.
  std::string_view parent, first, acquisition, replacement, made, parts;
};

inline const Table<LotRow> lots_table{
    required<&LotRow::account>("account_id"),
    required<&LotRow::lot>("lot_id"),
    required<&LotRow::security>("security_id"),
    required<&LotRow::quantity, Range::positive>("quantity"),
    optional<&LotRow::cost_basis, Range::not_negative>("cost_basis"),
    required<&LotRow::acquired_on>("acquired_on"),
    optional<&LotRow::held_from>("held_from"),
    optional<&LotRow::loss_basis, Range::not_negative>("loss_basis"),
    optional<&LotRow::loss_held_from>("loss_held_from"),
    optional<&LotRow::parent>("parent_lot_id"),
    optional<&LotRow::first>("first_lot_id"),
    optional<&LotRow::acquisition>("acquisition_id"),
    optional<&LotRow::replacement>("replacement"),
    optional<&LotRow::made>("made"),
    optional<&LotRow::parts>("parts"),
};

// What cannot be read of the row is as if it were empty.
[[nodiscard]] inline TaxLot lot_of(const LotRow& row, SecurityIndex security) {
  TaxLot lot;
  lot.id.text = row.lot;
  lot.security = security;
  lot.quantity = row.quantity;
  lot.cost_basis = row.cost_basis;
  lot.acquired_on = row.acquired_on.value_or(Date());
  lot.held_from = row.held_from.value_or(lot.acquired_on);
  lot.loss_basis = row.loss_basis;
  lot.loss_held_from = row.loss_held_from;
  return lot;
}

}  // namespace lotwright::inputs
