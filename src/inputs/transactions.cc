// transactions.csv: what was bought and sold lately, inside the book and outside it; and corporate_actions.csv.

#include <algorithm>
#include <tuple>

#include "inputs/readers.h"
#include "inputs/table.h"

namespace lotwright::inputs {
namespace {

constexpr int days_kept_min = 61;  // a wash-sale window

struct TransactionRow {
  std::string id, account;
  std::optional<Date> trade_date;
  std::optional<TransactionKind> kind;
  std::string security;
  Quantity quantity;
  Money amount;
  std::optional<Money> gain_short, gain_long;
  bool outside = false;
  std::string taxpayer;
  bool discretionary = true;

  auto operator<=>(const TransactionRow&) const = default;
};

const Table<TransactionRow> transactions_table{
    required<&TransactionRow::id>("transaction_id"),
    required<&TransactionRow::account>("account_id"),
    required<&TransactionRow::trade_date>("trade_date"),
    required<&TransactionRow::kind>("kind"),
    required<&TransactionRow::security>("security_id"),
    required<&TransactionRow::quantity, Range::positive>("quantity"),
    required<&TransactionRow::amount, Range::not_negative>("amount"),
    optional<&TransactionRow::gain_short>("gain_short"),
    optional<&TransactionRow::gain_long>("gain_long"),
    optional<&TransactionRow::outside>("outside"),
    optional<&TransactionRow::taxpayer>("taxpayer_id"),
    unread<TransactionRow>("lot_id"),
    unread<TransactionRow>("method"),
    optional<&TransactionRow::discretionary>("discretionary"),
};

// Older rows decide nothing: neither a wash sale nor when an account may trade again.
int days_kept(const Book& book) {
  int days = days_kept_min;
  for (const Account& account : book.accounts) days = std::max(days, account.effective_policy.rebalance_days_min);
  return days;
}

class TransactionReader {
 public:
  TransactionReader(Draft& draft, FileReport& report)
      : draft_(draft), report_(report), oldest_(draft.as_of() - days_kept(draft.book)) {}

  void add(TransactionRow& row, RowFaults& faults);
  void finish();

 private:
  void check(const TransactionRow& row, RowFaults& faults) const;
  void refuse(const TransactionRow& row, const RowFaults& faults);
  void bar(const TransactionRow& row);
  [[nodiscard]] AccountIndex account_of(const TransactionRow& row) const;
  [[nodiscard]] TaxpayerIndex taxpayer_of(const TransactionRow& row) const;
  [[nodiscard]] Subject subject_of(const TransactionRow& row) const;
  [[nodiscard]] Transaction transaction_of(const TransactionRow& row) const;

  Draft& draft_;
  FileReport& report_;
  Date oldest_;
  std::vector<Kept<TransactionRow>> rows_;
  Strangers strangers_;
};

AccountIndex TransactionReader::account_of(const TransactionRow& row) const {
  return row.outside ? AccountIndex{} : draft_.accounts.find(row.account);
}

TaxpayerIndex TransactionReader::taxpayer_of(const TransactionRow& row) const {
  const AccountIndex account = account_of(row);
  return account.exists() ? draft_.book.account(account).taxpayer : draft_.taxpayers.find(row.taxpayer);
}

Subject TransactionReader::subject_of(const TransactionRow& row) const {
  if (account_of(row).exists()) return account_subject(row.account);
  if (taxpayer_of(row).exists()) return {SubjectKind::taxpayer, row.taxpayer};
  return {SubjectKind::account, ""};
}

void TransactionReader::check(const TransactionRow& row, RowFaults& faults) const {
  if (row.trade_date && *row.trade_date > draft_.as_of()) {
    faults.add("trade_date", row.trade_date->to_string(), rule::data_date_after_as_of,
               "is after as_of " + draft_.as_of().to_string() + ": correct the date");
  }
  if (!row.security.empty() && !draft_.securities.find(row.security).exists()) {
    faults.add("security_id", row.security, rule::data_reference_unknown,
               "is not in securities.csv: add it or correct the name");
  }
  if (row.outside && row.taxpayer.empty()) {
    faults.add("taxpayer_id", {}, rule::data_value_missing,
               "is empty and the account is outside the book: say whose it is");
  }
  if (!row.outside && !row.taxpayer.empty() && account_of(row).exists() &&
      draft_.book.account(account_of(row)).taxpayer != draft_.taxpayers.find(row.taxpayer)) {
    faults.add("taxpayer_id", row.taxpayer, rule::data_reference_unknown,
               "is not the taxpayer of the account in accounts.csv: correct one of them");
  }
  if (!row.outside && !row.account.empty() && !account_of(row).exists()) {
    faults.add("account_id", row.account, rule::data_reference_unknown,
               "is not in accounts.csv: add it, or mark the row as outside");
  }
}

// Like a lot that cannot be read: the shares bought, or the loss taken, may wash a sale of the same group.
void TransactionReader::bar(const TransactionRow& row) {
  const SecurityIndex security = draft_.securities.find(row.security);
  const auto group = security.exists() ? std::optional(draft_.book.security(security).group) : std::nullopt;
  const AccountIndex account = account_of(row);
  if (!account.exists() && taxpayer_of(row).exists()) {
    report_.loss_bars.bar(taxpayer_of(row), group);
  } else {
    bar_losses(draft_, account, group, report_.loss_bars);
  }
}

void TransactionReader::refuse(const TransactionRow& row, const RowFaults& faults) {
  hold_subject(report_, subject_of(row), faults);
  bar(row);
}

void TransactionReader::add(TransactionRow& row, RowFaults& faults) {
  if (row.trade_date && *row.trade_date < oldest_ && !faults.any()) return;
  const bool names_nobody = !row.account.empty() && !account_of(row).exists() && !taxpayer_of(row).exists() &&
                            (!row.outside || !row.taxpayer.empty());
  if (names_nobody) {
    const AccountIndex meant = set_aside_account(strangers_, draft_, row.account, faults.line());
    if (meant.exists()) bar_losses(draft_, meant, std::nullopt, report_.loss_bars);
    return;
  }
  check(row, faults);
  if (faults.any()) return refuse(row, faults);
  rows_.push_back({std::move(row), faults.line()});
}

Transaction TransactionReader::transaction_of(const TransactionRow& row) const {
  Transaction transaction;
  transaction.id = row.id;
  transaction.account = account_of(row);
  transaction.taxpayer = taxpayer_of(row);
  transaction.trade_date = *row.trade_date;
  transaction.kind = *row.kind;
  transaction.security = draft_.securities.find(row.security);
  transaction.quantity = row.quantity;
  transaction.amount = row.amount;
  transaction.gain_short = row.gain_short;
  transaction.gain_long = row.gain_long;
  transaction.outside = row.outside;
  transaction.discretionary = row.discretionary;
  return transaction;
}

void TransactionReader::finish() {
  sort_unique(
      rows_, [](const TransactionRow& row) -> const std::string& { return row.id; },
      [&](const auto& kept, const auto& extra) {
        for (const auto& [each, other] : {std::pair(&kept, &extra), std::pair(&extra, &kept)}) {
          report_.tell_duplicate(subject_of(each->row), "transaction_id", each->row.id, each->line, other->line);
          bar(each->row);
        }
      });
  std::vector<Transaction>& transactions = draft_.book.transactions;
  transactions.reserve(rows_.size());
  for (const auto& kept : rows_) transactions.push_back(transaction_of(kept.row));
  std::sort(transactions.begin(), transactions.end(), [](const Transaction& a, const Transaction& b) {
    return std::tie(a.account, a.trade_date, a.id) < std::tie(b.account, b.trade_date, b.id);
  });
  strangers_.tell(report_, "account_id", "accounts.csv");
}

// Without the trades of the last 61 days nobody can say which loss sale would be a wash sale.
void tell_missing(const Draft& draft, FileReport& report) {
  const auto taxable = std::count_if(draft.book.accounts.begin(), draft.book.accounts.end(),
                                     [](const Account& one) { return one.tax_treatment == TaxTreatment::taxable; });
  if (report.failure || taxable == 0) return;
  report.loss_bars.bar_everyone(std::nullopt);
  report.tell(Severity::review, {}, rule::data_transactions_missing, 0, {}, {},
              "the file is missing and " + std::to_string(taxable) +
                  " accounts are taxable: no losses are taken; add the trades of the last 61 days, or the header alone "
                  "where there were none");
}

struct ActionRow {
  std::string id, security;
  std::optional<Date> effective_on;
  std::optional<CorporateActionKind> kind;
  std::optional<ActionStatus> status;
  std::string new_security;
  std::optional<Quantity> ratio;

  auto operator<=>(const ActionRow&) const = default;
};

const Table<ActionRow> actions_table{
    required<&ActionRow::id>("action_id"),
    required<&ActionRow::security>("security_id"),
    required<&ActionRow::effective_on>("effective_on"),
    required<&ActionRow::kind>("kind"),
    required<&ActionRow::status>("status"),
    optional<&ActionRow::new_security>("new_security_id"),
    optional<&ActionRow::ratio, Range::positive>("ratio"),
    unread<ActionRow>("cash_per_share"),
    unread<ActionRow>("basis_fraction"),
};

}  // namespace

void read_transactions(BookFile& file, Draft& draft) {
  if (file.source() == nullptr) return tell_missing(draft, file.report());
  TransactionReader transactions(draft, file.report());
  read_table(file, transactions_table, [&](TransactionRow& row, RowFaults& faults) { transactions.add(row, faults); });
  transactions.finish();
}

void read_corporate_actions(BookFile& file, Draft& draft) {
  FileReport& report = file.report();
  std::vector<Kept<ActionRow>> rows;
  Strangers strangers;
  read_table(file, actions_table, [&](ActionRow& row, RowFaults& faults) {
    const bool known = draft.securities.find(row.security).exists();
    if (!known && !row.security.empty()) return (void)set_aside_security(strangers, draft, row.security, faults.line());
    if (faults.any()) return hold_subject(report, security_subject(row.security), faults);
    rows.push_back({std::move(row), faults.line()});
  });
  sort_unique(
      rows, [](const ActionRow& row) -> const std::string& { return row.id; },
      [&](const auto& kept, const auto& extra) {
        for (const auto& [each, other] : {std::pair(&kept, &extra), std::pair(&extra, &kept)}) {
          report.tell_duplicate(security_subject(each->row.security), "action_id", each->row.id, each->line,
                                other->line);
        }
      });
  for (const auto& [row, line] : rows) {
    draft.book.corporate_actions.push_back({.id = row.id,
                                            .security = draft.securities.find(row.security),
                                            .effective_on = *row.effective_on,
                                            .kind = *row.kind,
                                            .applied = *row.status == ActionStatus::applied,
                                            .new_security = draft.securities.find(row.new_security),
                                            .ratio = row.ratio});
  }
  strangers.tell(report, "security_id", "securities.csv");
}

}  // namespace lotwright::inputs
