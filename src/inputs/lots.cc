// lots.csv: by far the largest file, read in one pass; each row goes to its account at once.

#include <algorithm>
#include <numeric>

#include "inputs/readers.h"
#include "inputs/table.h"

namespace lotwright::inputs {
namespace {

struct LotRow {
  std::string_view account, lot, security;
  Quantity quantity;
  std::optional<Money> cost_basis;
  std::optional<Date> acquired_on, held_from;
  std::optional<Money> loss_basis;
  std::optional<Date> loss_held_from;
};

const Table<LotRow> lots_table{
    required<&LotRow::account>("account_id"),
    required<&LotRow::lot>("lot_id"),
    required<&LotRow::security>("security_id"),
    required<&LotRow::quantity, Range::positive>("quantity"),
    optional<&LotRow::cost_basis, Range::not_negative>("cost_basis"),
    required<&LotRow::acquired_on>("acquired_on"),
    optional<&LotRow::held_from>("held_from"),
    optional<&LotRow::loss_basis, Range::not_negative>("loss_basis"),
    optional<&LotRow::loss_held_from>("loss_held_from"),
};

class LotReader {
 public:
  LotReader(Draft& draft, FileReport& report)
      : draft_(draft), report_(report), lines_(draft.book.accounts.size()) {}

  void add(const LotRow& row, RowFaults& faults);
  void finish();

 private:
  [[nodiscard]] AccountIndex account_of(std::string_view id);
  void check(const LotRow& row, SecurityIndex security, RowFaults& faults) const;
  void refuse(const LotRow& row, AccountIndex account, SecurityIndex security, const RowFaults& faults);
  void sort(AccountIndex account);
  void tell_duplicates(AccountIndex account, const std::vector<std::int64_t>& lines);

  Draft& draft_;
  FileReport& report_;
  Strangers strangers_;
  std::vector<std::vector<std::int64_t>> lines_;  // by account, beside its lots: where each was read
  AccountIndex account_;                          // of the row before: files mostly come account by account
};

AccountIndex LotReader::account_of(std::string_view id) {
  const bool same = account_.exists() && draft_.book.account(account_).id.text == id;
  if (!same) account_ = draft_.accounts.find(id);
  return account_;
}

void LotReader::check(const LotRow& row, SecurityIndex security, RowFaults& faults) const {
  if (!row.security.empty() && !security.exists()) {
    faults.add("security_id", row.security, rule::data_reference_unknown, "is not in securities.csv: add it or correct the name");
  }
  const auto not_after = [&](const char* column, std::optional<Date> date, Date limit, const char* rule, const char* what) {
    if (date && *date > limit) faults.add(column, date->to_string(), rule, what);
  };
  const char* future = "is after as_of: correct the date";
  not_after("acquired_on", row.acquired_on, draft_.as_of(), rule::data_date_after_as_of, future);
  not_after("loss_held_from", row.loss_held_from, draft_.as_of(), rule::data_date_after_as_of, future);
  if (row.acquired_on) {
    not_after("held_from", row.held_from, *row.acquired_on, rule::data_dates_reversed,
              "is after acquired_on: a holding period can only be longer than the lot was held, correct one of them");
  }
}

// The row holds its account. Its shares may be replacements for anybody's loss sale of the group (all groups where the
// security cannot be read), so those are barred for the account's taxpayers, or for all where the account is unreadable.
void LotReader::refuse(const LotRow& row, AccountIndex account, SecurityIndex security, const RowFaults& faults) {
  hold_subject(report_, account_subject(account.exists() ? row.account : ""), faults);
  const auto group = security.exists() ? std::optional(draft_.book.security(security).group) : std::nullopt;
  bar_losses(draft_, account, group, report_);
}

void LotReader::add(const LotRow& row, RowFaults& faults) {
  const AccountIndex account = account_of(row.account);
  if (!account.exists() && !row.account.empty()) return strangers_.add(row.account, faults.line());
  const SecurityIndex security = draft_.securities.find(row.security);
  check(row, security, faults);
  if (faults.any()) return refuse(row, account, security, faults);
  TaxLot& lot = draft_.book.accounts[account.value].lots.emplace_back();
  lot.id.text = row.lot;
  lot.security = security;
  lot.quantity = row.quantity;
  lot.cost_basis = row.cost_basis;
  lot.acquired_on = *row.acquired_on;
  lot.held_from = row.held_from.value_or(*row.acquired_on);
  lot.loss_basis = row.loss_basis;
  lot.loss_held_from = row.loss_held_from;
  lines_[account.value].push_back(faults.line());
}

// Lots of one account by security and id; of two with one id the first by content stays.
void LotReader::sort(AccountIndex account) {
  std::vector<TaxLot>& lots = draft_.book.accounts[account.value].lots;
  std::vector<std::int64_t>& lines = lines_[account.value];
  std::vector<std::uint32_t> order(lots.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto content = [](const TaxLot& lot) {
    return std::tie(lot.security, lot.id, lot.quantity, lot.cost_basis, lot.acquired_on, lot.held_from, lot.loss_basis, lot.loss_held_from);
  };
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (lots[a].security != lots[b].security) return lots[a].security < lots[b].security;
    if (const auto by_id = lots[a].id <=> lots[b].id; by_id != 0) return by_id < 0;
    if (content(lots[a]) != content(lots[b])) return content(lots[a]) < content(lots[b]);
    return lines[a] < lines[b];
  });
  std::vector<TaxLot> sorted;
  std::vector<std::int64_t> sorted_lines;
  sorted.reserve(lots.size());
  sorted_lines.reserve(lots.size());
  for (const std::uint32_t i : order) {
    sorted.push_back(std::move(lots[i]));
    sorted_lines.push_back(lines[i]);
  }
  lots = std::move(sorted);
  tell_duplicates(account, sorted_lines);
  std::vector<std::int64_t>().swap(lines);
}

// A lot id names one lot of the account, whatever the security.
void LotReader::tell_duplicates(AccountIndex account, const std::vector<std::int64_t>& lines) {
  Account& owner = draft_.book.accounts[account.value];
  std::vector<TaxLot>& lots = owner.lots;
  std::vector<std::uint32_t> by_id(lots.size());
  std::iota(by_id.begin(), by_id.end(), 0U);
  std::stable_sort(by_id.begin(), by_id.end(), [&](std::uint32_t a, std::uint32_t b) { return lots[a].id < lots[b].id; });
  std::vector<bool> extra(lots.size(), false);
  for (std::size_t k = 1; k < by_id.size(); ++k) {
    const TaxLot& first = lots[by_id[k - 1]];
    const TaxLot& second = lots[by_id[k]];
    if (first.id != second.id) continue;
    extra[by_id[k]] = true;
    report_.tell_duplicate(account_subject(owner.id.text), "lot_id", second.id.text, lines[by_id[k]]);
    for (const TaxLot* lot : {&first, &second}) bar_losses(draft_, account, draft_.book.security(lot->security).group, report_);
  }
  std::size_t place = 0;
  std::erase_if(lots, [&](const TaxLot&) { return extra[place++]; });
}

void LotReader::finish() {
  for (std::uint32_t i = 0; i < lines_.size(); ++i) sort(AccountIndex{i});
  strangers_.tell(report_, "account_id", "accounts.csv");
}

}  // namespace

void read_lots(BookFile& file, Draft& draft) {
  LotReader lots(draft, file.report());
  read_table(file, lots_table, [&](LotRow& row, RowFaults& faults) { lots.add(row, faults); });
  lots.finish();
}

}  // namespace lotwright::inputs
