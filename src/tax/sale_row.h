// tax/sale_row.h — one line of Form 8949: what one event sold of one lot, and what came of it for the tax.
#pragma once

#include <optional>
#include <string>

#include "book/book.h"

namespace lotwright::tax {

struct SaleRow {
  AccountIndex account;  // taxable
  LotId lot;
  SecurityIndex security;
  Quantity quantity;
  Date acquired_on;
  Date sold_on;
  Term term = Term::short_term;
  Money proceeds;
  std::optional<Money> cost_basis;  // nullopt: unknown, and the sale counts nowhere
  Money disallowed;                 // >= 0: code W, the part of the loss that a wash sale sets aside

  std::optional<Date> open_until;  // purchases up to this day may still disallow more; nullopt: it is settled

  // proceeds - cost_basis + disallowed: what counts on Schedule D.
  [[nodiscard]] std::optional<Money> gain() const {
    if (!cost_basis) return std::nullopt;
    return proceeds - *cost_basis + disallowed;
  }

  bool operator==(const SaleRow&) const = default;
};

}  // namespace lotwright::tax
