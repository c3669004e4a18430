// The ledger's securities.csv, taxpayers.csv, accounts.csv and ledger_settings.csv: of the book's columns those that
// the past depends on.

#include <algorithm>

#include "inputs/ledger_readers.h"

namespace lotwright::inputs {
namespace {

struct SecurityRow {
  std::string id, identical_group;
  Quantity quantity_step = Quantity::of_whole(1);

  auto operator<=>(const SecurityRow&) const = default;
};

const Table<SecurityRow> securities_table{
    required<&SecurityRow::id>("security_id"),
    unread<SecurityRow>("symbol"),
    unread<SecurityRow>("name"),
    unread<SecurityRow>("kind"),
    unread<SecurityRow>("asset_class"),
    unread<SecurityRow>("sector"),
    unread<SecurityRow>("industry"),
    unread<SecurityRow>("country"),
    optional<&SecurityRow::identical_group>("identical_group"),
    unread<SecurityRow>("tags"),
    optional<&SecurityRow::quantity_step, Range::positive>("quantity_step"),
    unread<SecurityRow>("half_spread_bps"),
    unread<SecurityRow>("tradable"),
};

struct TaxpayerRow {
  std::string id;
  Weight rate_short, rate_long;
  Money carryforward_short, carryforward_long;
  Money ordinary_loss_limit = Money::of_whole(3000);
  std::string spouse;

  auto operator<=>(const TaxpayerRow&) const = default;
};

const Table<TaxpayerRow> taxpayers_table{
    required<&TaxpayerRow::id>("taxpayer_id"),
    optional<&TaxpayerRow::rate_short, Range::fraction>("rate_short"),
    optional<&TaxpayerRow::rate_long, Range::fraction>("rate_long"),
    unread<TaxpayerRow>("realized_short_ytd"),
    unread<TaxpayerRow>("realized_long_ytd"),
    optional<&TaxpayerRow::carryforward_short, Range::not_negative>("carryforward_short"),
    optional<&TaxpayerRow::carryforward_long, Range::not_negative>("carryforward_long"),
    unread<TaxpayerRow>("outside_gains_short"),
    unread<TaxpayerRow>("outside_gains_long"),
    unread<TaxpayerRow>("gain_budget"),
    unread<TaxpayerRow>("tax_budget"),
    optional<&TaxpayerRow::ordinary_loss_limit, Range::not_negative>("ordinary_loss_limit"),
    unread<TaxpayerRow>("filing_status"),
    unread<TaxpayerRow>("ordinary_income"),
    unread<TaxpayerRow>("magi"),
    unread<TaxpayerRow>("state"),
    optional<&TaxpayerRow::spouse>("spouse_id"),
};

struct AccountRow {
  std::string id, household, taxpayer;
  TaxTreatment tax_treatment = TaxTreatment::taxable;

  auto operator<=>(const AccountRow&) const = default;
};

const Table<AccountRow> accounts_table{
    required<&AccountRow::id>("account_id"),
    optional<&AccountRow::household>("household_id"),
    optional<&AccountRow::taxpayer>("taxpayer_id"),
    required<&AccountRow::tax_treatment>("tax_treatment"),
    unread<AccountRow>("model_id"),
    unread<AccountRow>("policy_id"),
    unread<AccountRow>("cash"),
    unread<AccountRow>("status"),
    unread<AccountRow>("opened_on"),
};

// A row of these files: what its faults mean is settled when the file is read.
template <class Row>
struct Read {
  Row row;
  std::int64_t line = 0;
  bool faulty = false;

  friend auto operator<=>(const Read&, const Read&) = default;
};

// All rows with an id, sorted by it; of one id the first stays, faulty, as nobody can say which row is true.
template <class Row>
std::vector<Read<Row>> read_nouns(BookFile& file, const Table<Row>& table, SubjectKind kind, const char* key,
                                  const std::function<void(const Row&, RowFaults&)>& check) {
  FileReport& report = file.report();
  std::vector<Read<Row>> rows;
  read_table(file, table, [&](Row& row, RowFaults& faults) {
    check(row, faults);
    if (faults.any()) hold_subject(report, {kind, row.id}, faults);
    if (!row.id.empty()) rows.push_back({std::move(row), faults.line(), faults.any()});
  });
  std::sort(rows.begin(), rows.end());
  std::vector<Read<Row>> kept;
  for (Read<Row>& each : rows) {
    if (kept.empty() || kept.back().row.id != each.row.id) {
      kept.push_back(std::move(each));
      continue;
    }
    kept.back().faulty = true;
    report.tell_duplicate({kind, each.row.id}, key, each.row.id, each.line, kept.back().line);
  }
  return kept;
}

const std::string& group_of(const SecurityRow& row) {
  return row.identical_group.empty() ? row.id : row.identical_group;
}

void link_spouses(const std::vector<Read<TaxpayerRow>>& rows, LedgerDraft& draft, FileReport& report) {
  std::vector<LedgerTaxpayer>& taxpayers = draft.book.taxpayers;
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    const std::string& name = rows[i].row.spouse;
    if (name.empty()) continue;
    const TaxpayerIndex spouse = draft.taxpayers.find(name);
    const auto may_be = [](TaxpayerIndex now, TaxpayerIndex then) { return !now.exists() || now == then; };
    const bool sound = spouse.exists() && spouse.value != i && may_be(taxpayers[i].spouse, spouse) &&
                       may_be(taxpayers[spouse.value].spouse, TaxpayerIndex{i});
    if (!sound) {
      report.tell(Severity::hold, {SubjectKind::taxpayer, rows[i].row.id}, rule::data_reference_unknown, rows[i].line,
                  "spouse_id", name,
                  "spouse_id \"" + quotable(name) + "\" is no other taxpayer, or somebody else's spouse: correct it");
      taxpayers[i].held = true;
      continue;
    }
    taxpayers[i].spouse = spouse;
    taxpayers[spouse.value].spouse = TaxpayerIndex{i};
  }
}

// The taxpayers and their spouses, sorted, each once.
std::vector<TaxpayerIndex> with_spouses(std::vector<TaxpayerIndex> all, const LedgerBook& book) {
  const std::size_t own = all.size();
  for (std::size_t i = 0; i < own; ++i) {
    const TaxpayerIndex spouse = book.taxpayers[all[i].value].spouse;
    if (spouse.exists()) all.push_back(spouse);
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

void check_account(const AccountRow& row, const LedgerDraft& draft, RowFaults& faults) {
  if (row.taxpayer.empty() && row.tax_treatment == TaxTreatment::taxable && !faults.has("tax_treatment")) {
    faults.add("taxpayer_id", row.taxpayer, rule::data_taxpayer_missing,
               "is empty and the account is taxable: name its taxpayer");
  }
  if (!row.taxpayer.empty() && !draft.taxpayers.find(row.taxpayer).exists()) {
    faults.add("taxpayer_id", row.taxpayer, rule::data_reference_unknown,
               "is not in taxpayers.csv: add it or correct the name");
  }
}

void link_accounts(const std::vector<Read<AccountRow>>& rows, LedgerBook& book, FileReport& report) {
  std::map<std::string, std::vector<TaxpayerIndex>> by_household;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const TaxpayerIndex taxpayer = book.accounts[i].taxpayer;
    const std::string& household = rows[i].row.household;
    if (taxpayer.exists() && !household.empty()) by_household[household].push_back(taxpayer);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    LedgerAccount& account = book.accounts[i];
    if (account.taxpayer.exists()) {
      account.wash_taxpayers = with_spouses({account.taxpayer}, book);
      continue;
    }
    if (account.tax_treatment == TaxTreatment::taxable || !rows[i].row.taxpayer.empty()) continue;
    account.wash_taxpayers = with_spouses(by_household[rows[i].row.household], book);
    if (account.wash_taxpayers.empty()) continue;
    report.tell(Severity::note, account_subject(account.id.text), rule::wash_sale_linked_by_household, rows[i].line,
                "taxpayer_id", {},
                quotable(account.id.text) +
                    " has no taxpayer_id: for wash sales it counts as an account of every "
                    "taxpayer of its household; name the owner to narrow that");
  }
}

struct SettingRow {
  std::string setting, value;
};

const Table<SettingRow> settings_table{
    required<&SettingRow::setting>("setting"),
    required<&SettingRow::value>("value"),
};

// Reads the value into the switch of that name; false where there is no such switch.
bool turn(const SettingRow& row, LedgerPolicy& policy, RowFaults& faults) {
  const auto read = [&](auto& field) {
    if (const Fault fault = read_cell(row.value, field)) faults.add("value", row.value, fault.rule, fault.message);
    return true;
  };
  if (row.setting == "wash_tacking") return read(policy.wash_tacking);
  if (row.setting == "wash_bought_before") return read(policy.wash_bought_before);
  if (row.setting == "wash_spouse_basis") return read(policy.wash_spouse_basis);
  return false;
}

// All together have to leave room for what the ledger adds to them.
void check_sum(Int128& dollars, Money amount, const char* column, RowFaults& faults) {
  dollars += amount.count();
  if (dollars <= static_cast<Int128>(ledger_sum_max) * Money::scale) return;
  dollars -= amount.count();
  faults.add(column, amount.to_string(), rule::data_number_out_of_range,
             "brings the sum of all rows beyond 4,000,000,000,000: correct the number, or part the ledger");
}

}  // namespace

void read_ledger_securities(BookFile& file, LedgerDraft& draft) {
  const auto rows = read_nouns<SecurityRow>(file, securities_table, SubjectKind::security, "security_id",
                                            [](const SecurityRow&, RowFaults&) {});
  std::vector<std::string>& groups = draft.book.groups;
  for (const auto& each : rows) groups.push_back(group_of(each.row));
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  for (const auto& each : rows) {
    const auto group = std::lower_bound(groups.begin(), groups.end(), group_of(each.row)) - groups.begin();
    LedgerSecurity security;
    security.id = SecurityId(each.row.id);
    security.group = GroupIndex{static_cast<std::uint32_t>(group)};
    security.quantity_step = each.row.quantity_step;
    draft.book.securities.push_back(std::move(security));
  }
  draft.securities = Names<SecurityIndex>(draft.book.securities);
}

void read_ledger_taxpayers(BookFile& file, LedgerDraft& draft) {
  Int128 dollars = 0;
  const auto rows = read_nouns<TaxpayerRow>(file, taxpayers_table, SubjectKind::taxpayer, "taxpayer_id",
                                            [&](const TaxpayerRow& row, RowFaults& faults) {
                                              check_sum(dollars, row.carryforward_short, "carryforward_short", faults);
                                              check_sum(dollars, row.carryforward_long, "carryforward_long", faults);
                                            });
  for (const auto& [row, line, faulty] : rows) {
    LedgerTaxpayer taxpayer;
    taxpayer.id = TaxpayerId(row.id);
    taxpayer.rate_short = row.rate_short;
    taxpayer.rate_long = row.rate_long;
    taxpayer.carryforward_short = row.carryforward_short;
    taxpayer.carryforward_long = row.carryforward_long;
    taxpayer.ordinary_loss_limit = row.ordinary_loss_limit;
    taxpayer.held = faulty;
    draft.book.taxpayers.push_back(std::move(taxpayer));
  }
  draft.taxpayers = Names<TaxpayerIndex>(draft.book.taxpayers);
  link_spouses(rows, draft, file.report());
}

void read_ledger_accounts(BookFile& file, LedgerDraft& draft) {
  const auto rows =
      read_nouns<AccountRow>(file, accounts_table, SubjectKind::account, "account_id",
                             [&](const AccountRow& row, RowFaults& faults) { check_account(row, draft, faults); });
  for (const auto& [row, line, faulty] : rows) {
    LedgerAccount account;
    account.id = AccountId(row.id);
    account.taxpayer = draft.taxpayers.find(row.taxpayer);
    account.tax_treatment = row.tax_treatment;
    account.held = faulty;
    draft.book.accounts.push_back(std::move(account));
  }
  draft.accounts = Names<AccountIndex>(draft.book.accounts);
  link_accounts(rows, draft.book, file.report());
}

void read_ledger_settings(BookFile& file, LedgerDraft& draft) {
  read_table(file, settings_table, [&](SettingRow& row, RowFaults& faults) {
    if (!faults.any() && !turn(row, draft.book.policy, faults)) {
      faults.add("setting", row.setting, rule::data_setting_unknown,
                 "is no switch: write wash_tacking, wash_bought_before or wash_spouse_basis");
    }
    file.report().find(Severity::hold, {}, faults);
  });
}

}  // namespace lotwright::inputs
