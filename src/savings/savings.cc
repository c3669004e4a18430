#include "savings/savings.h"

#include <algorithm>
#include <cmath>

#include "explanation/cents.h"
#include "tax/tax_path.h"

namespace lotwright::savings {
namespace {

LotRow row_of_sale(const Account& account, AccountIndex index, const Trade& trade, const LotSale& sale, Date sold_on) {
  const TaxLot& lot = account.lots[sale.lot];
  LotRow row;
  row.account = index;
  row.security = trade.security;
  row.lot_id = lot.id.text;
  row.acquired_on = lot.acquired_on;
  const bool by_loss_basis = sale.gain && sale.gain->is_negative() && lot.loss_basis.has_value();
  row.held_from = by_loss_basis ? lot.loss_held_from.value_or(lot.acquired_on) : lot.held_from;
  row.sold_on = sold_on;
  row.quantity = sale.quantity;
  row.proceeds = sale.proceeds;
  row.cost_basis = sale.cost_basis;
  row.gain = sale.gain;
  row.term = sale.term;
  row.disallowed = sale.disallowed;
  return row;
}

void count(LotRow& row) {
  row.counted = row.gain.value_or(Money()) + row.disallowed;
  row.basis_change = row.counted - row.lost;
}

LotRow row_of_earlier(const EarlierLoss& earlier) {
  const Transaction& sale = *earlier.sale;
  LotRow row;
  row.event = Event::earlier_loss;
  row.account = sale.account;
  row.security = sale.security;
  row.lot_id = sale.id;
  row.sold_on = sale.trade_date;
  row.quantity = sale.quantity;
  row.term = earlier.term;
  row.disallowed = earlier.disallowed;
  row.lost = earlier.lost;
  row.gain = Money();  // it was counted on its day; today only takes it back
  count(row);
  return row;
}

LotRow row_of_transaction(const Transaction& sale, std::optional<Money> gain, Term term) {
  LotRow row;
  row.of_run = true;
  row.event = Event::sale_before;
  row.account = sale.account;
  row.security = sale.security;
  row.lot_id = sale.id;
  row.sold_on = sale.trade_date;
  row.quantity = sale.quantity;
  row.proceeds = sale.amount;
  row.gain = gain;
  row.term = term;
  count(row);
  return row;
}

tax::NetGains gains_after(tax::NetGains before, const std::vector<LotRow>& rows, bool of_run) {
  for (const LotRow& row : rows) {
    if (row.of_run == of_run) (row.term == Term::long_term ? before.long_term : before.short_term) += row.counted;
  }
  return before;
}

// A setting as an exact fraction: policies hold basis_value and loss_value in double.
Weight exact(double fraction) { return Weight::of_count(std::llround(fraction * static_cast<double>(Weight::scale))); }

// `amount` x `fraction` to the cent, half away from zero, in one rounding.
Money cents_of(Money amount, Weight fraction) {
  const std::int64_t cents = multiply_divide_half_away(amount.count(), fraction.count(), Weight::scale * cent.count());
  return Money::of_count(cents * cent.count());
}

YearTax year_tax(tax::NetGains gains, const tax::TaxRates& rates) {
  const tax::ScheduleD netted = tax::net_year(gains, rates.ordinary_loss_limit);
  const Money due = tax::tax_of_year(gains, rates);
  YearTax year;
  year.gains = gains;
  year.carried = netted.carryforward_short + netted.carryforward_long;
  const Money worth = fraction_of(fraction_of(year.carried, rates.rate_long), exact(rates.loss_value));
  year.tax = round_to_cent(due - worth);
  year.due = round_to_cent(due);
  year.carried_value = year.due - year.tax;
  return year;
}

// The part of both mean rates that is not due this year but taken from losses carried forward. These fall by a dollar
// for each dollar of net gain or not at all, so that the part is the same for either term.
double carried_rate(const Comparison& comparison, const tax::TaxRates& rates) {
  const tax::NetGains& from = comparison.of_run.gains;
  const tax::NetGains& to = comparison.of_baseline.gains;
  const Money change = to.short_term + to.long_term - from.short_term - from.long_term;
  const double worth = rates.loss_value * rates.rate_long.to_double();
  if (change.is_zero()) return comparison.of_run.carried.is_zero() ? 0.0 : worth;
  const Money less = comparison.of_run.carried - comparison.of_baseline.carried;
  return worth * (less.to_double() / change.to_double());
}

// What each row saves, in all and by its two parts, with cents that add up to the years' differences.
void share_out(const Comparison& comparison, std::vector<LotRow>& rows) {
  constexpr double rounding_of_rates = 1e-12;
  std::vector<double> in_all;
  std::vector<double> in_carried;
  for (const LotRow& row : rows) {
    const double counted = row.of_run ? -row.counted.to_double() : row.counted.to_double();
    const bool all_carried = std::abs(row.rate - comparison.rate_carried) < rounding_of_rates;
    in_all.push_back(row.rate * counted);
    in_carried.push_back((all_carried ? row.rate : comparison.rate_carried) * counted);
  }
  const YearTax& baseline = comparison.of_baseline;
  const YearTax& run = comparison.of_run;
  const std::vector<Money> saved = apportion(in_all, baseline.tax - run.tax);
  const std::vector<Money> carried = apportion(in_carried, run.carried_value - baseline.carried_value);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].figures.saved = saved[i];
    rows[i].figures.saved_carried = carried[i];
    rows[i].figures.saved_due = saved[i] - carried[i];
  }
}

// Splits what the row saves into its pieces.
void divide(const Payer& payer, const Comparison& comparison, LotRow& row) {
  const Policy& policy = row.account.exists() ? payer.book->account(row.account).effective_policy : payer.policy();
  const auto signed_by_trader = [&](Money amount) { return row.of_run ? -amount : amount; };
  Figures& figures = row.figures;
  const bool loss =
      row.event == Event::earlier_loss || row.counted.is_negative() || (row.gain && row.gain->is_negative());
  if (row.event == Event::earlier_loss) {
    figures.permanent = signed_by_trader(to_cents(row.rate * row.lost.to_double()));
  } else if (!loss) {
    figures.deferral = signed_by_trader(cents_of(row.counted, comparison.rate_later));
  }
  (loss ? figures.harvest : figures.rate_difference) = figures.saved - figures.deferral - figures.permanent;
  figures.later_tax = signed_by_trader(cents_of(row.basis_change, comparison.rate_later));
  figures.later_tax_today = cents_of(figures.later_tax, exact(policy.basis_value));
}

}  // namespace

void Figures::add(const Figures& other) {
  saved += other.saved;
  saved_due += other.saved_due;
  saved_carried += other.saved_carried;
  deferral += other.deferral;
  harvest += other.harvest;
  rate_difference += other.rate_difference;
  permanent += other.permanent;
  later_tax += other.later_tax;
  later_tax_today += other.later_tax_today;
}

bool Payer::owns_taxed(AccountIndex account) const {
  const Account& one = book->account(account);
  return one.taxpayer == index && one.tax_treatment == TaxTreatment::taxable;
}

const Policy& Payer::policy() const {
  const auto own = std::ranges::find_if(unit->accounts, [&](AccountIndex account) { return owns_taxed(account); });
  require(own != unit->accounts.end(), "a taxpayer without a taxable account is compared");
  return book->account(*own).effective_policy;
}

std::vector<LotRow> rows_of(const Payer& payer, const std::vector<AccountTrades>& trades, const Washes& washes,
                            bool of_run) {
  const Book& book = *payer.book;
  std::vector<LotRow> rows;
  for (const AccountTrades& one : trades) {
    if (!payer.owns_taxed(one.account)) continue;
    for (const Trade& trade : one.trades) {
      for (const LotSale& sale : trade.lots) {
        rows.push_back(row_of_sale(book.account(one.account), one.account, trade, sale, book.firm.as_of));
        const auto lost = washes.lost.find({one.account, sale.lot});
        if (lost != washes.lost.end()) rows.back().lost = lost->second;
        count(rows.back());
      }
    }
  }
  for (const EarlierLoss& earlier : washes.earlier) {
    if (earlier.sale->taxpayer == payer.index) rows.push_back(row_of_earlier(earlier));
  }
  for (LotRow& row : rows) row.of_run = of_run;
  return rows;
}

namespace {

// A row of transactions.csv has a gain of either term, or of both; a sale without one is of unknown gain.
void add_rows_of(const Transaction& sale, std::vector<LotRow>& rows) {
  const bool is_long = sale.gain_long && !sale.gain_long->is_zero();
  const bool is_short = sale.gain_short && !sale.gain_short->is_zero();
  const bool known = sale.gain_short || sale.gain_long;
  if (is_short || !is_long) {
    const std::optional<Money> gain = known ? std::optional(sale.gain_short.value_or(Money())) : std::nullopt;
    rows.push_back(row_of_transaction(sale, gain, Term::short_term));
  }
  if (!is_long) return;
  rows.push_back(row_of_transaction(sale, sale.gain_long, Term::long_term));
  if (!is_short) return;
  rows.back().quantity = std::nullopt;  // told once, in the row before
  rows.back().proceeds = std::nullopt;
}

}  // namespace

std::vector<LotRow> rows_of_year(const Payer& payer) {
  const Date as_of = payer.book->firm.as_of;
  std::vector<LotRow> rows;
  tax::NetGains left = {payer.facts().realized_short_ytd, payer.facts().realized_long_ytd};
  for (const AccountIndex account : payer.unit->accounts) {
    if (!payer.owns_taxed(account)) continue;
    for (const Transaction& sale : transactions_of(*payer.book, account)) {
      const bool this_year = sale.trade_date <= as_of && sale.trade_date.civil().year == as_of.civil().year;
      if (sale.kind != TransactionKind::sell || sale.outside || !this_year) continue;
      left.short_term -= sale.gain_short.value_or(Money());
      left.long_term -= sale.gain_long.value_or(Money());
      add_rows_of(sale, rows);
    }
  }
  for (const auto& [gain, term] : {std::pair(left.short_term, Term::short_term), {left.long_term, Term::long_term}}) {
    if (gain.is_zero()) continue;
    LotRow& row = rows.emplace_back();
    row.of_run = true;
    row.event = Event::not_in_rows;
    row.gain = gain;
    row.term = term;
    count(row);
  }
  return rows;
}

Comparison compare(const Payer& payer, Period period, Baseline baseline, tax::NetGains before,
                   std::vector<LotRow> rows) {
  const tax::TaxRates rates = tax::rates_of(*payer.book, payer.facts(), payer.policy().loss_value);
  Comparison comparison;
  comparison.period = period;
  comparison.baseline = baseline;
  comparison.taxpayer = payer.index;
  comparison.rate_later = payer.facts().rate_long;
  comparison.loss_value = rates.loss_value;
  comparison.of_baseline = year_tax(gains_after(before, rows, false), rates);
  comparison.of_run = year_tax(gains_after(before, rows, true), rates);
  const tax::NetGains& from = comparison.of_run.gains;
  const tax::NetGains& to = comparison.of_baseline.gains;
  const tax::TaxSlopes slopes = tax::mean_slopes(from.short_term.to_double(), from.long_term.to_double(),
                                                 (to.short_term - from.short_term).to_double(),
                                                 (to.long_term - from.long_term).to_double(), rates);
  comparison.rate_short = slopes.on_short;
  comparison.rate_long = slopes.on_long;

  comparison.rate_carried = carried_rate(comparison, rates);

  for (LotRow& row : rows) {
    row.rate = row.term == Term::long_term ? slopes.on_long : slopes.on_short;
    if (!row.gain) ++comparison.unknown;
  }
  share_out(comparison, rows);
  for (LotRow& row : rows) {
    divide(payer, comparison, row);
    comparison.total.add(row.figures);
  }
  comparison.rows = std::move(rows);
  return comparison;
}

Figures figures_of(const Comparison& comparison, AccountIndex account) {
  Figures sum;
  for (const LotRow& row : comparison.rows) {
    if (row.account == account) sum.add(row.figures);
  }
  return sum;
}

}  // namespace lotwright::savings
