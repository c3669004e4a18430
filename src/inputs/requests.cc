// requests.csv: what a client or an adviser asked for.

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

  auto operator<=>(const RequestRow&) const = default;
};

const Table<RequestRow> requests_table{
    required<&RequestRow::id>("request_id"), required<&RequestRow::account>("account_id"),
    required<&RequestRow::kind>("kind"),     optional<&RequestRow::amount, Range::not_negative>("amount"),
    optional<&RequestRow::due_on>("due_on"), optional<&RequestRow::value>("value"),
    optional<&RequestRow::note>("note"),
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

void check_row(const RequestRow& row, const Draft& draft, RowFaults& faults) {
  if (row.kind == RequestKind::cash_out && !row.amount && !faults.has("amount")) {
    faults.add("amount", {}, rule::data_value_missing, "is empty: say how much cash is to go out");
  }
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

}  // namespace

void read_requests(BookFile& file, Draft& draft) {
  FileReport& report = file.report();
  std::vector<Kept<RequestRow>> rows;
  Strangers strangers;
  read_table(file, requests_table, [&](RequestRow& row, RowFaults& faults) {
    if (!row.account.empty() && !draft.accounts.find(row.account).exists())
      return (void)set_aside_account(strangers, draft, row.account, faults.line());
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
  for (const auto& kept : rows) requests.push_back(request_of(kept.row, draft));
  std::sort(requests.begin(), requests.end(),
            [](const Request& a, const Request& b) { return std::tie(a.account, a.id) < std::tie(b.account, b.id); });
  strangers.tell(report, "account_id", "accounts.csv", Severity::review);
}

}  // namespace lotwright::inputs
