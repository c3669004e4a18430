// distributions.csv: the required minimum distribution of an account and year, as a cash_out with its day.

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "inputs/readers.h"
#include "inputs/table.h"
#include "tax/required_distribution.h"

namespace lotwright::inputs {
namespace {

struct DistributionRow {
  std::string account;
  std::string year_text;
  std::optional<Date> birth_date;
  std::optional<Money> amount;   // of the whole year; where it is empty it follows from birth date and balance
  std::optional<Money> balance;  // on 31 December of the year before
  Money taken;
  std::optional<Date> pay_on;
  int year = 0;  // read from year_text

  auto operator<=>(const DistributionRow&) const = default;
};

const Table<DistributionRow> distributions_table{
    required<&DistributionRow::account>("account_id"),
    required<&DistributionRow::year_text>("year"),
    optional<&DistributionRow::birth_date>("birth_date"),
    optional<&DistributionRow::amount, Range::not_negative>("amount"),
    optional<&DistributionRow::balance, Range::not_negative>("balance_prior_year_end"),
    optional<&DistributionRow::taken, Range::not_negative>("taken_ytd"),
    optional<&DistributionRow::pay_on>("pay_on"),
};

constexpr int year_max = 2198;  // the first distribution of a life may be paid in the year after

void read_year(DistributionRow& row, RowFaults& faults) {
  const bool digits = row.year_text.size() == 4 && row.year_text.find_first_not_of("0123456789") == std::string::npos;
  row.year = digits ? std::stoi(row.year_text) : 0;
  if (row.year_text.empty()) return;
  if (!digits) {
    faults.add("year", row.year_text, rule::data_number_unreadable, "is not a year of four digits: correct it");
  } else if (row.year < tax::distribution_year_min || row.year > year_max) {
    faults.add("year", row.year_text, rule::data_distribution_unsound,
               fmt::format("is not from {} on, when the table of distribution periods took effect: correct it",
                           tax::distribution_year_min));
  }
}

void check_facts(const DistributionRow& row, const Draft& draft, RowFaults& faults) {
  const Account& account = draft.book.account(draft.accounts.find(row.account));
  if (account.tax_treatment != TaxTreatment::tax_deferred) {
    faults.add("account_id", row.account, rule::data_distribution_unsound,
               fmt::format("is {}: nothing has to be distributed but of a tax_deferred account; take the row out",
                           word_of(account.tax_treatment)));
  }
  if (row.amount) return;
  if (!row.birth_date && !faults.has("birth_date")) {
    faults.add("birth_date", {}, rule::data_value_missing, "is empty and amount too: give the owner's, or the amount");
  }
  if (!row.balance && !faults.has("balance_prior_year_end")) {
    faults.add("balance_prior_year_end", {}, rule::data_value_missing,
               "is empty and amount too: give the account's value at the end of the year before, or the amount");
  }
}

// The year's last day to pay, and the row's own where it has one.
void check_days(const DistributionRow& row, RowFaults& faults) {
  if (row.year == 0) return;
  if (row.birth_date && row.birth_date->civil().year >= row.year) {
    faults.add("birth_date", row.birth_date->to_string(), rule::data_distribution_unsound,
               fmt::format("does not lie before the year {}: correct it", row.year));
    return;
  }
  const Date last =
      row.birth_date ? tax::last_day_to_distribute(*row.birth_date, row.year) : Date::of(row.year, 12, 31);
  if (!row.pay_on || (*row.pay_on >= Date::of(row.year, 1, 1) && *row.pay_on <= last)) return;
  faults.add("pay_on", row.pay_on->to_string(), rule::data_distribution_unsound,
             fmt::format("is not within {}-01-01 and {}, the last day to pay: correct it", row.year, last.to_string()));
}

// How the amount comes about, for a person to check.
std::string origin_of(const DistributionRow& row) {
  if (row.amount) return "as given";
  const int age = row.year - row.birth_date->civil().year;
  const int first = tax::first_distribution_year(*row.birth_date);
  if (row.year < first) return fmt::format("none is due before {}", first);
  const int tenths = tax::distribution_period_tenths(age);
  return fmt::format("{} / {}.{} at {}", row.balance->to_string(2), tenths / 10, tenths % 10, age);
}

void add_distribution(const DistributionRow& row, std::int64_t line, FileReport& report, Draft& draft) {
  const Money required = row.amount ? *row.amount : tax::required_distribution(*row.birth_date, row.year, *row.balance);
  const Money left = std::max(Money(), required - row.taken);
  const Date due_on = row.pay_on.value_or(Date::of(row.year, 12, 31));
  std::string message = fmt::format("the required distribution of {} is {} ({}), {} is taken", row.year,
                                    required.to_string(2), origin_of(row), row.taken.to_string(2));
  if (left.is_positive() && due_on >= draft.as_of()) {
    Request& request = draft.distributions.emplace_back();
    request.id = fmt::format("RMD@{}", row.year);
    request.account = draft.accounts.find(row.account);
    request.kind = RequestKind::cash_out;
    request.amount = left;
    request.due_on = due_on;
    message += fmt::format(": {} is paid on {}", left.to_string(2), due_on.to_string());
  } else if (left.is_positive()) {
    message +=
        fmt::format(": {} had to be paid by {} and is not raised any more; where it was not paid, write a cash_out",
                    left.to_string(2), due_on.to_string());
  }
  const bool missed = left.is_positive() && due_on < draft.as_of();
  report.tell(missed ? Severity::review : Severity::note, account_subject(row.account), rule::request_distribution,
              line, "amount", required.to_string(2), message);
}

}  // namespace

void read_distributions(BookFile& file, Draft& draft) {
  FileReport& report = file.report();
  std::vector<Kept<DistributionRow>> rows;
  Strangers strangers;
  read_table(file, distributions_table, [&](DistributionRow& row, RowFaults& faults) {
    if (is_strangers(strangers, draft, row.account, faults.line())) return;
    read_year(row, faults);
    if (!row.account.empty()) check_facts(row, draft, faults);
    check_days(row, faults);
    if (faults.any()) return hold_subject(report, account_subject(row.account), faults);
    rows.push_back({std::move(row), faults.line()});
  });
  sort_unique(
      rows, [](const DistributionRow& row) { return std::tie(row.account, row.year); },
      [&](const auto& kept, const auto& extra) {
        report.tell_duplicate(account_subject(kept.row.account), "account_id",
                              kept.row.account + " " + kept.row.year_text, kept.line, extra.line);
      });
  for (const auto& [row, line] : rows) add_distribution(row, line, report, draft);
  strangers.tell(report, "account_id", "accounts.csv", Severity::review);
}

void add_distributions(Draft& draft) {
  if (draft.distributions.empty()) return;  // the requests are sorted already
  std::vector<Request>& requests = draft.book.requests;
  std::ranges::move(draft.distributions, std::back_inserter(requests));
  std::ranges::sort(requests, [](const Request& a, const Request& b) {
    return std::tie(a.account, a.id) < std::tie(b.account, b.id);
  });
}

}  // namespace lotwright::inputs
