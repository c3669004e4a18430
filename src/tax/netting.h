// tax/netting.h — Schedule D netting, the ordinary-loss limit and carryovers (IRC 1211, 1212), and the value T(S, L) of
// a year's net gains that docs/formulas.md prices, by brackets or by flat rates.
//
// T exists twice: exact in Money for budgets and reports, in double for the optimizer; a test holds them together.
#pragma once

#include "book/book.h"
#include "tax/schedule.h"

namespace lotwright::tax {

// Net short- and long-term results of a year, losses negative, carryforwards already taken off.
struct NetGains {
  Money short_term;
  Money long_term;
  bool operator==(const NetGains&) const = default;
};

// Of the year so far, with what is expected outside the book; carryforwards taken off.
[[nodiscard]] NetGains net_gains_of(const Taxpayer& taxpayer);

struct ScheduleD {
  Money ordinary_offset;     // >= 0: net loss set against ordinary income this year
  Money carryforward_short;  // >= 0: losses carried to next year, by character
  Money carryforward_long;
  bool operator==(const ScheduleD&) const = default;
};

// Netting of the year. The offset is used against short-term losses first; character is kept; nothing expires.
[[nodiscard]] ScheduleD net_year(NetGains gains, Money ordinary_loss_limit);

// What T needs besides the gains.
struct TaxRates {
  Schedule ordinary;          // on net short-term gains; what a net loss saves
  Schedule long_term;         // on net capital gain, on top of all other income (IRC 1(h))
  Schedule net_investment;    // of modified adjusted gross income, on the net gain (IRC 1411)
  Money income;               // y0: taxable ordinary income of the year without these gains
  Money magi;                 // modified adjusted gross income without them
  Money ordinary_loss_limit;  // A: at most so much of a net loss is used this year
  Weight rate_long;           // what a dollar of long-term gain will be taxed at in later years
  double loss_value = 0.0;    // nu of docs/formulas.md
};

inline constexpr Money ordinary_loss_limit_by_law = Money::of_count(3000 * Money::scale);

// One rate for each term, whatever the income.
[[nodiscard]] TaxRates flat_rates(Weight rate_short, Weight rate_long, double loss_value,
                                  Money ordinary_loss_limit = ordinary_loss_limit_by_law);

// Those of a taxpayer with brackets. A loss saves nothing beyond the income there is: the rest is carried forward
// (Schedule D, Capital Loss Carryover Worksheet).
[[nodiscard]] TaxRates bracket_rates(const TaxBrackets& brackets, const Taxpayer& taxpayer, double loss_value);

// By brackets where the taxpayer has some, flat otherwise.
[[nodiscard]] TaxRates rates_of(const Book& book, const Taxpayer& taxpayer, double loss_value);

// The long-term gain that still fits below the first bracket in which such gains are taxed (IRC 1(h)(1)(B)), on top of
// the other income and of the net gain so far. Zero where none is left, and where it would use up a net or a long-term
// loss first, which is not free; the whole of Money where no bracket taxes them.
[[nodiscard]] Money room_at_zero_rate(NetGains before, const TaxRates& rates);

// T(S, L) of docs/formulas.md, dollars; negative where losses have a value.
[[nodiscard]] double tax_value(double net_short, double net_long, const TaxRates& rates);

// What T holds of this year alone, losses carried forward left out: negative where a net loss saves on other income. To
// the millionth, exact but for the rounding of each product.
[[nodiscard]] Money tax_of_year(NetGains gains, const TaxRates& rates);

// max(0, T(S, L)) to the millionth, exact but for the rounding of each product: what tax_budget limits.
[[nodiscard]] Money tax_due(NetGains gains, const TaxRates& rates);

}  // namespace lotwright::tax
