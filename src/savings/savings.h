// savings/savings.h — taxes saved or deferred: what the orders of a run do to a taxpayer's year, against what a
// published baseline would have done on the same day (docs/tax_report.md).
//
// In:       facts of lot sales, the baseline's and the run's; the year's net gains before them; the rates.
// Out:      a Comparison: each row with its rate and its dollars, and the year's tax either way.
// Promises: to the cent, saved = tax of the baseline's year - tax of the run's = the sum of the rows' `saved`; in
//           every row saved = deferral + harvest + rate_difference + permanent = saved_due + saved_carried, and each
//           of the two adds up to the difference of the years' `due` or `carried_value`. Lots sold either way cancel.
//           What is due in later years stands apart, and is never added but at its worth of today.
// Refuses:  forecasts: a later year is taxed at the taxpayer's rate_long; gifts and a step-up at death are nobody's
//           figures, they are a part of what basis_value discounts for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "savings/baselines.h"
#include "savings/washes.h"
#include "tax/netting.h"

namespace lotwright::savings {

enum class Period {
  run,  // today's orders
  year  // what was realized before them since 1 January
};
[[nodiscard]] constexpr const char* name_of(Period period) { return period == Period::run ? "run" : "year"; }

enum class Event {
  sale,          // of a lot, today
  earlier_loss,  // one of the last 30 days that a purchase of today undoes
  sale_before,   // a row of transactions.csv of this year
  not_in_rows    // what the taxpayer's realized gains hold beyond such rows
};
[[nodiscard]] constexpr const char* name_of(Event event) {
  switch (event) {
    case Event::sale:
      return "sale";
    case Event::earlier_loss:
      return "earlier_loss";
    case Event::sale_before:
      return "sale_before";
    case Event::not_in_rows:
      return "not_in_rows";
  }
  return "";
}

// Dollars, whole cents. Positive is better for the client, but in the last two more tax in later years.
struct Figures {
  Money saved;            // of T: never the tax of the year alone, but the sum of the next two
  Money saved_due;        // in tax due for the year
  Money saved_carried;    // in losses carried forward to later years, at what they are worth today
  Money deferral;         // gains not taken, at the rate of later years
  Money harvest;          // losses taken, at the rate used
  Money rate_difference;  // gains not taken, at the rate used less that of later years
  Money permanent;        // losses that the baseline would have lost for good
  Money later_tax;        // what the lower basis costs in later years, in dollars of those years
  Money later_tax_today;  // the same at its worth of today: basis_value of it

  void add(const Figures& other);
  // Both kinds of dollars at today's worth.
  [[nodiscard]] Money net_today() const { return saved - later_tax_today; }
};

// One line of tax_lots.csv.
struct LotRow {
  bool of_run = false;  // else the baseline's
  Event event = Event::sale;
  AccountIndex account;    // nobody: not told by account
  SecurityIndex security;  // may be nobody
  std::string lot_id;      // of a sale before today the transaction's id
  std::optional<Date> acquired_on;
  std::optional<Date> held_from;
  std::optional<Date> sold_on;
  std::optional<Quantity> quantity;
  std::optional<Money> proceeds;
  std::optional<Money> cost_basis;
  std::optional<Money> gain;  // nullopt: unknown, and counted as nothing
  Term term = Term::short_term;
  Money disallowed;    // >= 0, by the wash-sale rule
  Money lost;          // of it, what no basis ever gets
  Money counted;       // what the year's netting sees of it
  Money basis_change;  // by how much the row leaves the taxpayer's basis nearer to the value
  double rate = 0.0;   // dollars of the year's tax a dollar counted: the mean between the two outcomes
  Figures figures;
};

// The year's tax, to the cent.
struct YearTax {
  tax::NetGains gains;  // carryforwards taken off
  Money tax;            // T of docs/formulas.md = due - carried_value
  Money due;            // this year's; negative: what a net loss saves on other income
  Money carried;        // losses left for later years, in their own dollars
  Money carried_value;  // what they are worth today: loss_value x rate_long x carried
};

struct Comparison {
  Period period = Period::run;
  Baseline baseline = Baseline::no_trading;
  TaxpayerIndex taxpayer;
  YearTax of_baseline;
  YearTax of_run;
  double rate_short = 0.0;  // used, by term
  double rate_long = 0.0;
  double rate_carried = 0.0;  // of either, what a dollar of gain takes from the worth of losses carried forward
  Weight rate_later;          // Taxpayer::rate_long
  double loss_value = 0.0;    // by which losses carried forward are priced, of the taxpayer
  std::vector<LotRow> rows;
  Figures total;
  std::size_t unknown = 0;  // rows whose gain nobody knows
};

// One taxpayer and the unit that decides for it.
struct Payer {
  const Book* book = nullptr;
  const DecisionUnit* unit = nullptr;
  TaxpayerIndex index;

  [[nodiscard]] const Taxpayer& facts() const { return book->taxpayers[index.value]; }
  [[nodiscard]] bool owns_taxed(AccountIndex account) const;
  // Whose loss_value counts for the year, and whose basis_value where a row has no account: the policy of the first
  // taxable account by id. A Defect where there is none.
  [[nodiscard]] const Policy& policy() const;
};

// What the orders of one trader did to one taxpayer: its rows of today, in the order of accounts, securities and lots,
// the earlier losses last. `trades` have been through `wash`.
[[nodiscard]] std::vector<LotRow> rows_of(const Payer& payer, const std::vector<AccountTrades>& trades,
                                          const Washes& washes, bool of_run);

// What was realized since 1 January: rows of transactions.csv, and what the taxpayer's figures hold beyond them.
[[nodiscard]] std::vector<LotRow> rows_of_year(const Payer& payer);

// `before`: net gains without any of the rows. Fills the rows' rates and dollars.
[[nodiscard]] Comparison compare(const Payer& payer, Period period, Baseline baseline, tax::NetGains before,
                                 std::vector<LotRow> rows);

// The sum of the rows of one account; `nobody`: of those not told by account.
[[nodiscard]] Figures figures_of(const Comparison& comparison, AccountIndex account);

}  // namespace lotwright::savings
