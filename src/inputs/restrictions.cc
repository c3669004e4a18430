// restrictions.csv: what may not be bought or sold, and for whom.

#include <fmt/format.h>

#include <algorithm>

#include "inputs/readers.h"
#include "inputs/subjects.h"
#include "inputs/table.h"

namespace lotwright::inputs {
namespace {

struct RestrictionRow {
  std::string id;
  std::optional<RestrictionScope> scope;
  std::string scope_id;
  std::optional<RestrictionRule> rule;
  std::optional<RestrictionSubject> subject_kind;
  std::string subject_id, value;
  std::optional<Date> effective_from, effective_to;
  std::string source;
  // Read from `value` by what the rule means.
  std::optional<Weight> weight;
  std::optional<Quantity> quantity;

  auto operator<=>(const RestrictionRow&) const = default;
};

const Table<RestrictionRow> restrictions_table{
    required<&RestrictionRow::id>("restriction_id"),
    required<&RestrictionRow::scope>("scope"),
    optional<&RestrictionRow::scope_id>("scope_id"),
    required<&RestrictionRow::rule>("rule"),
    required<&RestrictionRow::subject_kind>("subject_kind"),
    required<&RestrictionRow::subject_id>("subject_id"),
    optional<&RestrictionRow::value>("value"),
    optional<&RestrictionRow::effective_from>("effective_from"),
    optional<&RestrictionRow::effective_to>("effective_to"),
    optional<&RestrictionRow::source>("source"),
};

// Whom the row concerns; an empty id where that cannot be said. The firm's restrictions concern the whole book.
std::optional<Subject> subject_of(const RestrictionRow& row, const Draft& draft) {
  if (row.scope == RestrictionScope::firm) return Subject{};
  const bool account = draft.accounts.find(row.scope_id).exists();
  const bool household = draft.households.find(row.scope_id).exists();
  if (account && row.scope != RestrictionScope::household) return account_subject(row.scope_id);
  if (household && row.scope != RestrictionScope::account) return Subject{SubjectKind::household, row.scope_id};
  return std::nullopt;
}

bool is_stranger(const RestrictionRow& row, const Draft& draft) {
  return row.scope && !row.scope_id.empty() && !subject_of(row, draft);
}

void set_aside_owner(Strangers& strangers, const RestrictionRow& row, const Draft& draft, std::int64_t line) {
  if (row.scope == RestrictionScope::household) {
    set_aside(strangers, draft.households, draft.book.households, SubjectKind::household, row.scope_id, line);
  } else {
    set_aside_account(strangers, draft, row.scope_id, line);
  }
}

template <class Number>
void read_value(RestrictionRow& row, std::optional<Number>& number, Range range, RowFaults& faults) {
  if (row.value.empty()) {
    return faults.add("value", row.value, rule::data_value_missing,
                      "is empty and this rule needs a number: fill it in");
  }
  Fault fault = read_cell(row.value, number);
  if (!fault && !within(number, range)) fault = out_of(range);
  if (fault) faults.add("value", row.value, fault.rule, fault.message);
}

void check_row(RestrictionRow& row, const Draft& draft, RowFaults& faults) {
  if (row.scope && row.scope != RestrictionScope::firm && row.scope_id.empty()) {
    faults.add("scope_id", row.scope_id, rule::data_value_missing, "is empty: say whose restriction it is");
  }
  if (row.rule == RestrictionRule::weight_max || row.rule == RestrictionRule::weight_min) {
    read_value(row, row.weight, Range::fraction, faults);
  }
  if (row.rule == RestrictionRule::lock_quantity) read_value(row, row.quantity, Range::not_negative, faults);
  if (row.effective_from && row.effective_to && *row.effective_to < *row.effective_from) {
    faults.add("effective_to", row.effective_to->to_string(), rule::data_dates_reversed,
               "is before effective_from " + row.effective_from->to_string() + ": correct one of them");
  }
  if (row.subject_kind == RestrictionSubject::security && !row.subject_id.empty() &&
      !draft.securities.find(row.subject_id).exists()) {
    faults.add("subject_id", row.subject_id, rule::data_reference_unknown,
               "is not in securities.csv: add it, correct the name or end the restriction");
  }
}

bool in_force(const RestrictionRow& row, Date as_of) {
  return (!row.effective_from || *row.effective_from <= as_of) && (!row.effective_to || as_of <= *row.effective_to);
}

bool begins_within(const RestrictionRow& row, Date as_of, int days) {
  return row.effective_from && *row.effective_from > as_of && *row.effective_from - as_of <= days;
}

// The most days ahead that any account wants to hear of.
int longest_notice(const Book& book) {
  int days = 0;
  for (const Account& account : book.accounts) days = std::max(days, account.effective_policy.expiry_notice_days);
  return days;
}

Restriction restriction_of(const RestrictionRow& row, const Draft& draft, const Subjects& subjects) {
  Restriction restriction;
  restriction.id = row.id;
  restriction.scope = *row.scope;
  if (row.scope == RestrictionScope::household) restriction.household = draft.households.find(row.scope_id);
  if (row.scope == RestrictionScope::account) restriction.account = draft.accounts.find(row.scope_id);
  restriction.rule = *row.rule;
  restriction.subject_kind = *row.subject_kind;
  restriction.subject_id = row.subject_id;
  restriction.weight = row.weight;
  restriction.quantity = row.quantity;
  restriction.source = row.source;
  restriction.effective_from = row.effective_from;
  restriction.effective_to = row.effective_to;
  Meant meant = subjects.meant_by(*row.rule, *row.subject_kind, subjects.members(*row.subject_kind, row.subject_id));
  restriction.securities = std::move(meant.securities);
  restriction.shares = std::move(meant.shares);
  return restriction;
}

// The accounts that the restriction concerns.
std::vector<AccountIndex> accounts_of(const Restriction& restriction, const Book& book) {
  if (restriction.scope == RestrictionScope::account) return {restriction.account};
  if (restriction.scope == RestrictionScope::household) return book.households[restriction.household.value].accounts;
  std::vector<AccountIndex> all;
  for (std::uint32_t i = 0; i < book.accounts.size(); ++i) all.push_back(AccountIndex{i});
  return all;
}

bool owns(const Account& account, const std::string& lot) {
  return std::any_of(account.lots.begin(), account.lots.end(), [&](const TaxLot& one) { return one.id.text == lot; });
}

void tell_empty_subject(const RestrictionRow& row, std::int64_t line, const Subject& subject, FileReport& report) {
  report.tell(Severity::note, subject, rule::restriction_subject_empty, line, "subject_id", row.subject_id,
              fmt::format("restriction \"{}\" names \"{}\", to which no security belongs: check its spelling",
                          quotable(row.id), quotable(row.subject_id)));
}

}  // namespace

void read_restrictions(BookFile& file, Draft& draft) {
  FileReport& report = file.report();
  const int notice_days = longest_notice(draft.book);
  std::vector<Kept<RestrictionRow>> rows;
  Strangers strangers;
  read_table(file, restrictions_table, [&](RestrictionRow& row, RowFaults& faults) {
    if (is_stranger(row, draft)) return set_aside_owner(strangers, row, draft, faults.line());
    check_row(row, draft, faults);
    if (faults.any()) {
      const auto subject = subject_of(row, draft);
      return report.find(subject ? Severity::hold : Severity::review, subject.value_or(Subject{}), faults);
    }
    if (in_force(row, draft.as_of()) || begins_within(row, draft.as_of(), notice_days)) {
      rows.push_back({std::move(row), faults.line()});
    }
  });
  sort_unique(
      rows, [](const RestrictionRow& row) -> const std::string& { return row.id; },
      [&](const auto& kept, const auto& extra) {
        for (const auto& [each, other] : {std::pair(&kept, &extra), std::pair(&extra, &kept)}) {
          report.tell_duplicate(*subject_of(each->row, draft), "restriction_id", each->row.id, each->line, other->line);
        }
      });
  const Subjects subjects(draft.book);
  for (const auto& [row, line] : rows) {
    if (!in_force(row, draft.as_of())) {
      draft.book.restrictions_ahead.push_back(restriction_of(row, draft, subjects));
      continue;
    }
    draft.book.restrictions.push_back(restriction_of(row, draft, subjects));
    const bool empty = draft.book.restrictions.back().securities.empty() && row.subject_kind != RestrictionSubject::lot;
    if (empty) tell_empty_subject(row, line, *subject_of(row, draft), report);
    if (row.subject_kind == RestrictionSubject::lot) {
      draft.restricted_lots.push_back({row.id, row.subject_id, *subject_of(row, draft),
                                       accounts_of(draft.book.restrictions.back(), draft.book), line});
    }
  }
  strangers.tell(report, "scope_id", "accounts.csv", Severity::review);
}

void find_restricted_lots(const Draft& draft, FileReport& report) {
  for (const RestrictedLot& one : draft.restricted_lots) {
    const bool owned = std::any_of(one.accounts.begin(), one.accounts.end(),
                                   [&](AccountIndex account) { return owns(draft.book.account(account), one.lot); });
    if (owned) continue;
    report.tell(Severity::review, one.subject, rule::restriction_subject_empty, one.line, "subject_id", one.lot,
                fmt::format("restriction \"{}\" is on lot \"{}\", which is not in lots.csv there: correct the name or "
                            "end the restriction",
                            quotable(one.restriction), quotable(one.lot)));
  }
}

}  // namespace lotwright::inputs
