// account_settings.csv: what a household or an account wants otherwise than its policy.

#include <algorithm>
#include <set>
#include <tuple>

#include "inputs/readers.h"
#include "inputs/table.h"

namespace lotwright::inputs {
namespace {

struct SettingRow {
  std::string account, setting, value;
  std::optional<Date> effective_from, effective_to;
  std::string source;
  SettingScope scope = SettingScope::account;
  std::string scope_id;

  auto operator<=>(const SettingRow&) const = default;
};

const Table<SettingRow> settings_table{
    optional<&SettingRow::account>("account_id"),
    required<&SettingRow::setting>("setting"),
    required<&SettingRow::value>("value"),
    optional<&SettingRow::effective_from>("effective_from"),
    optional<&SettingRow::effective_to>("effective_to"),
    optional<&SettingRow::source>("source"),
    optional<&SettingRow::scope>("scope"),
    optional<&SettingRow::scope_id>("scope_id"),
};

const std::string& owner_id(const SettingRow& row) {
  const bool by_scope = row.scope == SettingScope::household || row.account.empty();
  return by_scope ? row.scope_id : row.account;
}

Subject subject_of(const SettingRow& row) {
  return {row.scope == SettingScope::household ? SubjectKind::household : SubjectKind::account, owner_id(row)};
}

bool owner_exists(const SettingRow& row, const Draft& draft) {
  return row.scope == SettingScope::household ? draft.households.find(owner_id(row)).exists()
                                              : draft.accounts.find(owner_id(row)).exists();
}

void check_row(const SettingRow& row, RowFaults& faults) {
  if (owner_id(row).empty()) {
    const char* column = row.scope == SettingScope::household ? "scope_id" : "account_id";
    faults.add(column, {}, rule::data_value_missing, "is empty: say whose setting it is");
  }
  if (row.effective_from && row.effective_to && *row.effective_to < *row.effective_from) {
    faults.add("effective_to", row.effective_to->to_string(), rule::data_dates_reversed,
               "is before effective_from " + row.effective_from->to_string() + ": correct one of them");
  }
  if (row.setting.empty() || row.value.empty()) return;
  Policy scratch;
  if (const auto failure = set_policy(scratch, row.setting, row.value)) {
    const bool unknown = failure->rule == rule::data_setting_unknown;
    faults.add(unknown ? "setting" : "value", unknown ? row.setting : row.value,
               unknown ? rule::data_setting_unknown : rule::data_setting_value, "cannot be used: " + failure->message);
  }
}

bool in_force(const SettingRow& row, Date as_of) {
  return (!row.effective_from || *row.effective_from <= as_of) && (!row.effective_to || as_of <= *row.effective_to);
}

SaidSetting said(const Kept<SettingRow>& kept, const std::string& file) {
  const SettingRow& row = kept.row;
  return {row.setting,        row.value,        row.source,
          row.effective_from, row.effective_to, {file, kept.line, "setting", row.setting}};
}

// The same setting of the same owner in force with two values: nobody can say which.
void tell_disputes(const std::vector<Kept<SettingRow>>& rows, FileReport& report) {
  const auto key = [](const SettingRow& row) { return std::tie(row.scope, owner_id(row), row.setting); };
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const SettingRow& row = rows[i].row;
    if (key(rows[i - 1].row) != key(row) || rows[i - 1].row.value == row.value) continue;
    report.tell(Severity::hold, subject_of(row), rule::data_key_duplicate, rows[i].line, "setting", row.setting,
                row.setting + " of " + quotable(owner_id(row)) + " is in force with two values: end one of them");
  }
}

void apply(const SettingRow& row, Draft& draft) {
  const auto set = [&](AccountIndex account) {
    // A value refused here was refused in check_row, with the same words.
    (void)set_policy(draft.book.accounts[account.value].effective_policy, row.setting, row.value);
  };
  if (row.scope == SettingScope::account) return set(draft.accounts.find(owner_id(row)));
  for (const AccountIndex account : draft.book.households[draft.households.find(owner_id(row)).value].accounts)
    set(account);
}

// A household cannot be watched against a model that is not there.
void tell_unknown_household_models(const Draft& draft, FileReport& report) {
  for (const Account& account : draft.book.accounts) {
    const std::string& model = account.effective_policy.household_model;
    if (model.empty() || draft.models.find(model).exists()) continue;
    report.tell(Severity::review, account_subject(account.id.text), rule::data_reference_unknown, 0, "household_model",
                model,
                "household_model \"" + quotable(model) + "\" of " + quotable(account.id.text) +
                    " is not in models.csv: correct the name");
  }
}

// A limit or a preference for an asset class that no security has: mistyped, it would limit nothing.
void tell_unknown_classes(const Draft& draft, FileReport& report) {
  std::set<std::string, std::less<>> classes;
  for (const Security& security : draft.book.securities) classes.insert(security.asset_class);
  const auto tell = [&](const Account& account, const std::string& family, const std::string& asset_class) {
    if (classes.contains(asset_class)) return;
    report.tell(Severity::review, account_subject(account.id.text), rule::data_reference_unknown, 0, "setting",
                family + asset_class,
                family + quotable(asset_class) + " of " + quotable(account.id.text) +
                    " is about an asset class that no security has, so it limits nothing: correct the name");
  };
  for (const Account& account : draft.book.accounts) {
    for (const auto& [asset_class, band] : account.effective_policy.bands) tell(account, "band_", asset_class);
    for (const auto& [asset_class, bps] : account.effective_policy.location) tell(account, "location_", asset_class);
  }
}

// Settings that cannot hold together, from whatever layers they come.
void tell_contradictions(const Book& book, FileReport& report) {
  for (const Account& account : book.accounts) {
    for (const Failure& breach : contradictions_of(account.effective_policy)) {
      const bool workable = breach.rule == rule::data_cash_settings_contradict;
      report.findings.push_back({.rule = breach.rule,
                                 .severity = workable ? Severity::review : Severity::hold,
                                 .subject = account_subject(account.id.text),
                                 .place = {},
                                 .observed = breach.message,
                                 .limit = {},
                                 .message = "the settings of " + quotable(account.id.text) + " (policy " +
                                            quotable(account.policy) + ") contradict: " + breach.message + "."});
    }
  }
}

}  // namespace

void read_settings(BookFile& file, const std::vector<AskedSetting>& asked, Draft& draft) {
  FileReport& report = file.report();
  std::vector<Kept<SettingRow>> rows;
  Strangers strangers;
  Strangers no_households;
  read_table(file, settings_table, [&](SettingRow& row, RowFaults& faults) {
    check_row(row, faults);
    if (!owner_id(row).empty() && !owner_exists(row, draft)) {
      return row.scope == SettingScope::household
                 ? (void)set_aside(no_households, draft.households, draft.book.households, SubjectKind::household,
                                   owner_id(row), faults.line())
                 : (void)set_aside_account(strangers, draft, owner_id(row), faults.line());
    }
    if (faults.any()) return hold_subject(report, subject_of(row), faults);
    rows.push_back({std::move(row), faults.line()});
  });
  // Households before accounts, so that an account's own word is the last.
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    const auto key = [](const Kept<SettingRow>& kept) {
      return std::tie(kept.row.scope, owner_id(kept.row), kept.row.setting, kept.row.value, kept.line);
    };
    return key(a) < key(b);
  });
  for (const auto& kept : rows)
    draft.origins.settings[{kept.row.scope, owner_id(kept.row)}].push_back(said(kept, report.input.name));
  std::erase_if(rows, [&](const auto& kept) { return !in_force(kept.row, draft.as_of()); });
  tell_disputes(rows, report);
  for (const auto& kept : rows) apply(kept.row, draft);
  for (const auto& [asking, setting, value] : asked) {
    const AccountIndex found = draft.accounts.find(asking);
    if (!found.exists()) continue;
    Account& account = draft.book.accounts[found.value];
    if (setting == "model_id") {
      account.model = value;
      account.model_index = draft.models.find(value).value;
    } else {
      (void)set_policy(account.effective_policy, setting, value);
    }
  }
  strangers.tell(report, "account_id", "accounts.csv");
  no_households.tell(report, "scope_id", "accounts.csv");
  tell_contradictions(draft.book, report);
  tell_unknown_household_models(draft, report);
  tell_unknown_classes(draft, report);
}

}  // namespace lotwright::inputs
