// taxpayers.csv and accounts.csv: whose money it is, and which accounts belong together.

#include <fmt/format.h>

#include <algorithm>

#include "inputs/readers.h"
#include "inputs/table.h"

namespace lotwright::inputs {
namespace {

struct TaxpayerRow {
  std::string id;
  Weight rate_short, rate_long;
  Money realized_short_ytd, realized_long_ytd, carryforward_short, carryforward_long;
  Money outside_gains_short, outside_gains_long;
  std::optional<Money> gain_budget, tax_budget;
  Money ordinary_loss_limit = Money::of_whole(3000);
  std::string filing_status;
  std::optional<Money> ordinary_income, magi;
  std::string state;

  auto operator<=>(const TaxpayerRow&) const = default;
};

const Table<TaxpayerRow> taxpayers_table{
    required<&TaxpayerRow::id>("taxpayer_id"),
    required<&TaxpayerRow::rate_short, Range::fraction>("rate_short"),
    required<&TaxpayerRow::rate_long, Range::fraction>("rate_long"),
    optional<&TaxpayerRow::realized_short_ytd>("realized_short_ytd"),
    optional<&TaxpayerRow::realized_long_ytd>("realized_long_ytd"),
    optional<&TaxpayerRow::carryforward_short, Range::not_negative>("carryforward_short"),
    optional<&TaxpayerRow::carryforward_long, Range::not_negative>("carryforward_long"),
    optional<&TaxpayerRow::outside_gains_short>("outside_gains_short"),
    optional<&TaxpayerRow::outside_gains_long>("outside_gains_long"),
    optional<&TaxpayerRow::gain_budget>("gain_budget"),
    optional<&TaxpayerRow::tax_budget, Range::not_negative>("tax_budget"),
    optional<&TaxpayerRow::ordinary_loss_limit, Range::not_negative>("ordinary_loss_limit"),
    optional<&TaxpayerRow::filing_status>("filing_status"),
    optional<&TaxpayerRow::ordinary_income>("ordinary_income"),
    optional<&TaxpayerRow::magi>("magi"),
    optional<&TaxpayerRow::state>("state"),
};

struct AccountRow {
  std::string id, household, taxpayer;
  TaxTreatment tax_treatment = TaxTreatment::taxable;
  std::string model;
  std::string policy = "default";
  Money cash;
  AccountStatus status = AccountStatus::active;
  std::optional<Date> opened_on;

  auto operator<=>(const AccountRow&) const = default;
};

const Table<AccountRow> accounts_table{
    required<&AccountRow::id>("account_id"),
    optional<&AccountRow::household>("household_id"),
    optional<&AccountRow::taxpayer>("taxpayer_id"),
    required<&AccountRow::tax_treatment>("tax_treatment"),
    required<&AccountRow::model>("model_id"),
    optional<&AccountRow::policy>("policy_id"),
    required<&AccountRow::cash>("cash"),
    optional<&AccountRow::status>("status"),
    optional<&AccountRow::opened_on>("opened_on"),
};

Taxpayer taxpayer_of(const TaxpayerRow& row) {
  Taxpayer taxpayer;
  taxpayer.id = TaxpayerId(row.id);
  taxpayer.rate_short = row.rate_short;
  taxpayer.rate_long = row.rate_long;
  taxpayer.realized_short_ytd = row.realized_short_ytd;
  taxpayer.realized_long_ytd = row.realized_long_ytd;
  taxpayer.carryforward_short = row.carryforward_short;
  taxpayer.carryforward_long = row.carryforward_long;
  taxpayer.outside_gains_short = row.outside_gains_short;
  taxpayer.outside_gains_long = row.outside_gains_long;
  taxpayer.gain_budget = row.gain_budget;
  taxpayer.tax_budget = row.tax_budget;
  taxpayer.ordinary_loss_limit = row.ordinary_loss_limit;
  taxpayer.filing_status = row.filing_status;
  taxpayer.ordinary_income = row.ordinary_income.value_or(Money());
  taxpayer.magi = row.magi.value_or(taxpayer.ordinary_income);
  taxpayer.state = row.state;
  return taxpayer;
}

const std::string& household_name(const AccountRow& row) { return row.household.empty() ? row.id : row.household; }

void check_references(const AccountRow& row, const Draft& draft, RowFaults& faults) {
  if (row.taxpayer.empty() && row.tax_treatment == TaxTreatment::taxable && !faults.has("tax_treatment")) {
    faults.add("taxpayer_id", row.taxpayer, rule::data_taxpayer_missing,
               "is empty and the account is taxable: name its taxpayer");
  }
  if (!row.taxpayer.empty() && !draft.taxpayers.find(row.taxpayer).exists()) {
    faults.add("taxpayer_id", row.taxpayer, rule::data_reference_unknown,
               "is not in taxpayers.csv: add it or correct the name");
  }
  if (!row.model.empty() && !draft.models.find(row.model).exists()) {
    faults.add("model_id", row.model, rule::model_unknown, "is not in models.csv: add it or correct the name");
  }
  const auto policy = draft.policies.find(row.policy);
  if (policy == draft.policies.end()) {
    faults.add("policy_id", row.policy, rule::data_reference_unknown,
               "is no policy of firm.toml: add it or correct the name");
  } else if (!policy->second.usable) {
    faults.add("policy_id", row.policy, rule::data_policy_rejected,
               "is a policy of firm.toml that cannot be used: correct it there");
  }
}

// A row without an account id still says whose it was, if it names a taxpayer or a household.
Subject subject_of(const AccountRow& row, const Draft& draft) {
  if (!row.id.empty()) return account_subject(row.id);
  if (draft.taxpayers.find(row.taxpayer).exists()) return {SubjectKind::taxpayer, row.taxpayer};
  return {SubjectKind::household, row.household};
}

Account account_of(const AccountRow& row, const Draft& draft) {
  Account account;
  account.id = AccountId(row.id);
  account.household = draft.households.find(household_name(row));
  account.taxpayer = draft.taxpayers.find(row.taxpayer);
  account.tax_treatment = row.tax_treatment;
  account.model = row.model;
  account.model_index = draft.models.find(row.model).value;
  account.policy = row.policy;
  account.cash = row.cash;
  account.status = row.status;
  account.opened_on = row.opened_on;
  const auto policy = draft.policies.find(row.policy);
  account.effective_policy = (policy == draft.policies.end() ? draft.policies.find("default") : policy)->second.policy;
  return account;
}

void make_households(const std::vector<Kept<AccountRow>>& rows, Draft& draft) {
  std::map<std::string, std::vector<AccountIndex>> members;
  for (std::uint32_t i = 0; i < rows.size(); ++i) members[household_name(rows[i].row)].push_back(AccountIndex{i});
  for (auto& [name, accounts] : members) draft.book.households.push_back({HouseholdId(name), std::move(accounts)});
  draft.households = Names<HouseholdIndex>(draft.book.households);
}

// The taxpayers of the accounts of each household, sorted.
std::vector<std::vector<TaxpayerIndex>> taxpayers_by_household(const Book& book) {
  std::vector<std::vector<TaxpayerIndex>> result(book.households.size());
  for (const Account& account : book.accounts) {
    if (account.taxpayer.exists()) result[account.household.value].push_back(account.taxpayer);
  }
  for (auto& taxpayers : result) {
    std::sort(taxpayers.begin(), taxpayers.end());
    taxpayers.erase(std::unique(taxpayers.begin(), taxpayers.end()), taxpayers.end());
  }
  return result;
}

void link_wash_taxpayers(const std::vector<Kept<AccountRow>>& rows, Book& book, FileReport& report) {
  const auto by_household = taxpayers_by_household(book);
  for (std::size_t i = 0; i < book.accounts.size(); ++i) {
    Account& account = book.accounts[i];
    if (account.taxpayer.exists()) {
      account.wash_taxpayers = {account.taxpayer};
    } else if (account.tax_treatment != TaxTreatment::taxable && rows[i].row.taxpayer.empty()) {
      account.wash_taxpayers = by_household[account.household.value];
      if (account.wash_taxpayers.empty()) continue;
      report.tell(Severity::note, account_subject(account.id.text), rule::wash_sale_linked_by_household, rows[i].line,
                  "taxpayer_id", {},
                  fmt::format("{} has no taxpayer_id: for wash sales it counts as an account of every taxpayer of its "
                              "household, here {}; name the owner to narrow that",
                              quotable(account.id.text), account.wash_taxpayers.size()));
    }
  }
}

}  // namespace

void read_taxpayers(BookFile& file, Draft& draft) {
  FileReport& report = file.report();
  std::vector<Kept<TaxpayerRow>> rows;
  const auto subject = [](const TaxpayerRow& row) { return Subject{SubjectKind::taxpayer, row.id}; };
  read_table(file, taxpayers_table, [&](TaxpayerRow& row, RowFaults& faults) {
    if (!row.filing_status.empty() && !row.ordinary_income && !faults.has("ordinary_income")) {
      faults.add("ordinary_income", {}, rule::data_value_missing,
                 "is empty and the taxpayer has a filing_status: give the income that the brackets begin with");
    }
    if (faults.any()) hold_subject(report, subject(row), faults);
    if (!row.id.empty()) rows.push_back({std::move(row), faults.line()});
  });
  sort_unique(
      rows, [](const TaxpayerRow& row) -> const std::string& { return row.id; },
      [&](const auto& kept, const auto& extra) {
        report.tell_duplicate(subject(extra.row), "taxpayer_id", extra.row.id, extra.line, kept.line);
      });
  for (const auto& kept : rows) draft.book.taxpayers.push_back(taxpayer_of(kept.row));
  draft.taxpayers = Names<TaxpayerIndex>(draft.book.taxpayers);
}

void read_accounts(BookFile& file, Draft& draft) {
  FileReport& report = file.report();
  std::vector<Kept<AccountRow>> rows;
  read_table(file, accounts_table, [&](AccountRow& row, RowFaults& faults) {
    check_references(row, draft, faults);
    if (faults.any()) hold_subject(report, subject_of(row, draft), faults);
    if (!row.id.empty()) rows.push_back({std::move(row), faults.line()});
  });
  sort_unique(
      rows, [](const AccountRow& row) -> const std::string& { return row.id; },
      [&](const auto& kept, const auto& extra) {
        report.tell_duplicate(account_subject(extra.row.id), "account_id", extra.row.id, extra.line, kept.line);
      });
  tell_no_rows(report, "the file has no rows, so there is nothing to decide: check the export");
  make_households(rows, draft);
  for (const auto& kept : rows) draft.book.accounts.push_back(account_of(kept.row, draft));
  draft.accounts = Names<AccountIndex>(draft.book.accounts);
  link_wash_taxpayers(rows, draft.book, report);
}

}  // namespace lotwright::inputs
