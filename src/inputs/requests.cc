// requests.csv: what a client or an adviser asked for.

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <tuple>

#include "inputs/readers.h"
#include "inputs/table.h"

namespace lotwright::inputs {
namespace {

struct RequestRow {
  std::string id, account;
  std::optional<RequestKind> kind;
  std::optional<Money> amount;
  std::optional<Date> due_on;
  std::string value, note;
  std::optional<Recurrence> every;
  std::optional<Date> until;

  auto operator<=>(const RequestRow&) const = default;
};

const Table<RequestRow> requests_table{
    required<&RequestRow::id>("request_id"), required<&RequestRow::account>("account_id"),
    required<&RequestRow::kind>("kind"),     optional<&RequestRow::amount, Range::not_negative>("amount"),
    optional<&RequestRow::due_on>("due_on"), optional<&RequestRow::value>("value"),
    optional<&RequestRow::note>("note"),     optional<&RequestRow::every>("every"),
    optional<&RequestRow::until>("until"),
};

// What may stand in `value`: of which losses or gains the amount is.
constexpr std::string_view harvest_words[] = {"", "any", "short"};
constexpr std::string_view gain_words[] = {"", "any", "short", "long", "zero_rate"};

void check_realization(const RequestRow& row, RowFaults& faults) {
  const bool harvest = row.kind == RequestKind::harvest;
  const auto is = [&](std::string_view word) { return word == row.value; };
  if (harvest ? std::ranges::none_of(harvest_words, is) : std::ranges::none_of(gain_words, is)) {
    faults.add("value", row.value, rule::data_word_unknown,
               harvest ? "is not short or any" : "is not short, long, any or zero_rate");
  }
  if (!row.amount && row.value != "zero_rate" && !faults.has("amount")) {
    faults.add("amount", {}, rule::data_value_missing, "is empty: say how many dollars are to be realized");
  }
  if (row.amount && !row.amount->is_positive()) {
    faults.add("amount", row.amount->to_string(), rule::data_number_out_of_range, "is not above 0: end the request");
  }
}

// `every` repeats a cash_out from due_on on, `until` is its last day; the last day of a set_aside may be told too.
void check_recurrence(const RequestRow& row, RowFaults& faults) {
  if (row.every && row.kind != RequestKind::cash_out) {
    faults.add("every", word_of(*row.every), rule::data_word_unknown,
               "may stand beside a cash_out alone: leave it empty");
  }
  if (row.every && !row.due_on && !faults.has("due_on")) {
    faults.add("due_on", {}, rule::data_value_missing, "is empty: say on which day the first of the payments is due");
  }
  if (!row.until) return;
  const std::string until = row.until->to_string();
  if (!row.every && !faults.has("every") && row.kind != RequestKind::set_aside) {
    faults.add("every", {}, rule::data_value_missing,
               "is empty and until is " + until + ": say how often the request comes again, or leave both empty");
  }
  if (row.due_on && *row.until < *row.due_on) {
    faults.add("until", until, rule::data_dates_reversed,
               "is before due_on " + row.due_on->to_string() + ": correct one of them");
  }
}

void check_row(const RequestRow& row, const Draft& draft, RowFaults& faults) {
  if (row.kind == RequestKind::cash_out && !row.amount && !faults.has("amount")) {
    faults.add("amount", {}, rule::data_value_missing, "is empty: say how much cash is to go out");
  }
  if (row.kind == RequestKind::set_aside && !row.amount && !faults.has("amount")) {
    faults.add("amount", {}, rule::data_value_missing, "is empty: say how much cash is to stay");
  }
  if (row.kind) check_recurrence(row, faults);
  if (row.kind == RequestKind::harvest || row.kind == RequestKind::realize_gains) check_realization(row, faults);
  if (row.kind == RequestKind::model_change && !draft.models.find(row.value).exists()) {
    faults.add("value", row.value, rule::data_reference_unknown, "is not in models.csv: name the new model");
  }
}

Request request_of(const RequestRow& row, const Draft& draft) {
  Request request;
  request.id = row.id;
  request.account = draft.accounts.find(row.account);
  request.kind = *row.kind;
  request.amount = row.amount;
  request.due_on = due_on_of(*row.kind, row.due_on, draft.as_of());
  request.value = row.value;
  if (row.kind == RequestKind::model_change) request.model_index = draft.models.find(row.value).value;
  return request;
}

const Date last_day = Date::of(2199, 12, 31);  // of the calendar

Date months_after(Date start, int months) {
  const CivilDay first = start.civil();
  const int count = first.month - 1 + months;
  const int year = first.year + count / 12;
  const int month = count % 12 + 1;
  if (year > last_day.civil().year) return last_day + 1;
  return Date::of(year, month, std::min(first.day, days_in_month(year, month)));
}

// The occurrence of this number, from 0. Months are counted from the first day: 31 January, 28 February, 31 March.
Date occurrence(Date start, Recurrence every, int number) {
  switch (every) {
    case Recurrence::week:
      return start + 7 * number;
    case Recurrence::month:
      return months_after(start, number);
    case Recurrence::quarter:
      return months_after(start, 3 * number);
    case Recurrence::year:
      return months_after(start, 12 * number);
  }
  return start;
}

// A payment is listed a year ahead, and as far as it may be raised.
Date listed_to(const Account& account, Date as_of) {
  constexpr int days_ahead_min = 366;
  return std::min(last_day, as_of + std::max(days_ahead_min, account.effective_policy.cash_raise_days));
}

// A repeated cash_out as one request a day of payment, from as_of on. An occurrence of an earlier day is not raised
// again: whether it was paid nobody here can know, and to pay twice is worse than to tell.
void repeat(const RequestRow& row, std::int64_t line, const Request& first, Draft& draft, FileReport& report) {
  const Date as_of = draft.as_of();
  const Date end = std::min(row.until.value_or(last_day), listed_to(draft.book.account(first.account), as_of));
  std::optional<Date> past;
  std::optional<Date> next;
  for (int number = 0;; ++number) {
    const Date day = occurrence(*row.due_on, *row.every, number);
    if (day > end) break;
    if (day < as_of) {
      past = day;
      continue;
    }
    if (!next) next = day;
    Request& request = draft.book.requests.emplace_back(first);
    request.id = row.id + "@" + day.to_string();
    request.due_on = day;
  }
  if (!past) return;
  report.tell(
      Severity::note, account_subject(row.account), rule::request_scheduled, line, "due_on", past->to_string(),
      fmt::format("request {}: the payments up to {} are taken as paid, {}; give one that was not paid a row of "
                  "its own",
                  row.id, past->to_string(),
                  next ? "the next is due on " + next->to_string() : "and no other follows"));
}

}  // namespace

void read_requests(BookFile& file, Draft& draft) {
  FileReport& report = file.report();
  std::vector<Kept<RequestRow>> rows;
  Strangers strangers;
  read_table(file, requests_table, [&](RequestRow& row, RowFaults& faults) {
    if (is_strangers(strangers, draft, row.account, faults.line())) return;
    check_row(row, draft, faults);
    if (faults.any()) return hold_subject(report, account_subject(row.account), faults);
    rows.push_back({std::move(row), faults.line()});
  });
  sort_unique(
      rows, [](const RequestRow& row) -> const std::string& { return row.id; },
      [&](const auto& kept, const auto& extra) {
        for (const auto& [each, other] : {std::pair(&kept, &extra), std::pair(&extra, &kept)}) {
          report.tell_duplicate(account_subject(each->row.account), "request_id", each->row.id, each->line,
                                other->line);
        }
      });
  std::vector<Request>& requests = draft.book.requests;
  for (const auto& [row, line] : rows) {
    const Request request = request_of(row, draft);
    const bool over = row.until && *row.until < draft.as_of();
    if (row.every) {
      repeat(row, line, request, draft, report);
    } else if (!over) {
      requests.push_back(request);
    }
  }
  std::sort(requests.begin(), requests.end(),
            [](const Request& a, const Request& b) { return std::tie(a.account, a.id) < std::tie(b.account, b.id); });
  strangers.tell(report, "account_id", "accounts.csv", Severity::review);
}

}  // namespace lotwright::inputs
