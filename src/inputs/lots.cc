// lots.csv: by far the largest file, read in one pass; each row goes to its account at once.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "inputs/lot_row.h"
#include "inputs/readers.h"

namespace lotwright::inputs {
namespace {

// Which lot the row is about, as far as it can be read: what one needs to ask the custodian. Empty where nothing can.
std::string lot_in_words(const LotRow& row, const RowFaults& faults) {
  std::string words;
  const auto add = [&](std::string_view before, std::string_view value) {
    if (!value.empty()) words.append(words.empty() ? "" : ", ").append(before).append(quotable(value));
  };
  add("lot ", row.lot);
  add("account ", row.account);
  if (!faults.has("quantity") && row.quantity.is_positive()) add("quantity ", row.quantity.to_string());
  add("security ", row.security);
  if (!faults.has("acquired_on") && row.acquired_on) add("acquired on ", row.acquired_on->to_string());
  return words;
}

// The columns in which two rows of one lot differ: "quantity (100 there, 120 here)"; empty: they say the same.
std::string difference_of(const Book& book, const TaxLot& there, const TaxLot& here) {
  std::string text;
  const auto add = [&](const char* column, const std::string& a, const std::string& b) {
    if (a != b) text += (text.empty() ? "" : ", ") + fmt::format("{} ({} there, {} here)", column, a, b);
  };
  const auto money = [](const std::optional<Money>& amount) { return amount ? amount->to_string(2) : "nothing"; };
  const auto day = [](const std::optional<Date>& date) { return date ? date->to_string() : "nothing"; };
  add("security_id", book.security(there.security).id.text, book.security(here.security).id.text);
  add("quantity", there.quantity.to_string(), here.quantity.to_string());
  add("cost_basis", money(there.cost_basis), money(here.cost_basis));
  add("acquired_on", day(there.acquired_on), day(here.acquired_on));
  add("held_from", day(there.held_from), day(here.held_from));
  add("loss_basis", money(there.loss_basis), money(here.loss_basis));
  add("loss_held_from", day(there.loss_held_from), day(here.loss_held_from));
  return text;
}

class LotReader {
 public:
  LotReader(Draft& draft, FileReport& report)
      : draft_(draft), report_(report), lines_(draft.book.accounts.size()), scattered_(draft.book.accounts.size()) {}

  void add(const LotRow& row, RowFaults& faults);
  void finish();

 private:
  [[nodiscard]] AccountIndex account_of(std::string_view id);
  void check(const LotRow& row, SecurityIndex security, RowFaults& faults) const;
  void refuse(const LotRow& row, AccountIndex account, SecurityIndex security, const RowFaults& faults);
  void set_aside(const LotRow& row, SecurityIndex security, std::int64_t line);
  void bar(AccountIndex account, SecurityIndex security);
  void hand_over_run();
  void settle(AccountIndex account, std::vector<TaxLot>& lots, const std::vector<std::int64_t>& lines);
  static void sort_by_id(std::vector<std::uint32_t>& by_id, const std::vector<TaxLot>& lots,
                         const std::vector<std::int64_t>& lines);
  void tell_twice(const Subject& owner, const TaxLot& here, std::int64_t line, const TaxLot& there,
                  std::int64_t other_line);
  void drop_duplicates(std::vector<std::uint32_t>& by_id, AccountIndex account, const std::vector<TaxLot>& lots,
                       const std::vector<std::int64_t>& lines);

  Draft& draft_;
  FileReport& report_;
  Strangers strangers_;
  std::vector<std::vector<std::int64_t>> lines_;  // by account, beside its lots: where each was read
  std::vector<bool> scattered_;                   // by account: its lots stand in several places and are not sorted
  AccountIndex account_;                          // of the row before: files mostly come account by account
  std::vector<TaxLot> run_;                       // its lots since then
  std::vector<std::int64_t> run_lines_;
};

AccountIndex LotReader::account_of(std::string_view id) {
  const bool same = account_.exists() && draft_.book.account(account_).id.text == id;
  if (same) return account_;
  hand_over_run();
  return account_ = draft_.accounts.find(id);
}

void LotReader::check(const LotRow& row, SecurityIndex security, RowFaults& faults) const {
  if (!row.security.empty() && !security.exists()) {
    faults.add("security_id", row.security, rule::data_reference_unknown,
               "is not in securities.csv: add it or correct the name");
  }
  const auto not_after = [&](const char* column, std::optional<Date> date, const char* rule, const char* limited_by,
                             Date limit, const char* remedy) {
    if (!date || *date <= limit) return;
    faults.add(column, date->to_string(), rule,
               "is after " + std::string(limited_by) + " " + limit.to_string() + ": " + remedy);
  };
  const char* future = rule::data_date_after_as_of;
  not_after("acquired_on", row.acquired_on, future, "as_of", draft_.as_of(), "correct the date");
  not_after("loss_held_from", row.loss_held_from, future, "as_of", draft_.as_of(), "correct the date");
  if (row.acquired_on) {
    not_after("held_from", row.held_from, rule::data_dates_reversed, "acquired_on", *row.acquired_on,
              "a holding period can only be longer than the lot was held, correct one of them");
  }
}

// The row holds its account. Its shares may be replacements for anybody's loss sale of the group (all groups where the
// security cannot be read), so those are barred for the account's taxpayers, or for all where the account is
// unreadable.
void LotReader::refuse(const LotRow& row, AccountIndex account, SecurityIndex security, const RowFaults& faults) {
  const std::string words = lot_in_words(row, faults);
  RowFaults told;
  told.start_row(faults.line());
  for (const Failure& fault : faults.all()) {
    told.add(fault.place.column, fault.place.value, fault.rule.c_str(),
             words.empty() ? fault.message : fmt::format("{}; the row is {}", fault.message, words));
  }
  hold_subject(report_, account_subject(account.exists() ? row.account : ""), told);
  bar(account, security);
}

void LotReader::bar(AccountIndex account, SecurityIndex security) {
  const auto group = security.exists() ? std::optional(draft_.book.security(security).group) : std::nullopt;
  bar_losses(draft_, account, group, report_.loss_bars);
}

void LotReader::set_aside(const LotRow& row, SecurityIndex security, std::int64_t line) {
  const AccountIndex meant = set_aside_account(strangers_, draft_, row.account, line);
  if (meant.exists()) bar(meant, security);
}

void LotReader::add(const LotRow& row, RowFaults& faults) {
  const AccountIndex account = account_of(row.account);
  const SecurityIndex security = draft_.securities.find(row.security);
  if (!account.exists() && !row.account.empty()) return set_aside(row, security, faults.line());
  check(row, security, faults);
  if (faults.any()) return refuse(row, account, security, faults);
  run_.push_back(lot_of(row, security));
  run_lines_.push_back(faults.line());
}

// Gives the lots read since the account changed to that account: sorted at once, while they are at hand, or added to
// those of an earlier stretch of the file and sorted at the end.
void LotReader::hand_over_run() {
  if (run_.empty()) return;
  std::vector<TaxLot>& lots = draft_.book.accounts[account_.value].lots;
  if (lots.empty()) {
    settle(account_, run_, run_lines_);
  } else {
    lots.insert(lots.end(), std::make_move_iterator(run_.begin()), std::make_move_iterator(run_.end()));
    lines_[account_.value].insert(lines_[account_.value].end(), run_lines_.begin(), run_lines_.end());
    scattered_[account_.value] = true;
  }
  run_.clear();
  run_lines_.clear();
}

// Gives `lots` to the account by security, then id. A lot id names one lot of the account, whatever the security: of
// several the first by content stays, so that the order of rows decides nothing.
void LotReader::settle(AccountIndex account, std::vector<TaxLot>& lots, const std::vector<std::int64_t>& lines) {
  std::vector<std::uint32_t> by_id(lots.size());
  std::iota(by_id.begin(), by_id.end(), 0U);
  const auto not_before = [](const TaxLot& a, const TaxLot& b) { return a.id >= b.id; };
  const bool ascending = std::adjacent_find(lots.begin(), lots.end(), not_before) == lots.end();
  if (!ascending) {  // most files are: then no id stands twice
    sort_by_id(by_id, lots, lines);
    drop_duplicates(by_id, account, lots, lines);
  }
  std::vector<std::uint64_t> order;  // security, then rank by id
  order.reserve(by_id.size());
  for (std::size_t rank = 0; rank < by_id.size(); ++rank) {
    order.push_back(std::uint64_t{lots[by_id[rank]].security.value} << 32 | rank);
  }
  std::sort(order.begin(), order.end());
  std::vector<TaxLot> sorted;
  std::vector<std::int64_t> sorted_lines;
  sorted.reserve(order.size());
  sorted_lines.reserve(order.size());
  for (const std::uint64_t key : order) {
    const std::uint32_t i = by_id[key & 0xFFFFFFFF];
    sorted.push_back(std::move(lots[i]));
    sorted_lines.push_back(lines[i]);
  }
  draft_.book.accounts[account.value].lots = std::move(sorted);
  lines_[account.value] = std::move(sorted_lines);
}

void LotReader::sort_by_id(std::vector<std::uint32_t>& by_id, const std::vector<TaxLot>& lots,
                           const std::vector<std::int64_t>& lines) {
  std::sort(by_id.begin(), by_id.end(), [&](std::uint32_t a, std::uint32_t b) {
    const auto content = [&](std::uint32_t i) {
      const TaxLot& lot = lots[i];
      return std::tie(lot.id, lot.security, lot.quantity, lot.cost_basis, lot.acquired_on, lot.held_from,
                      lot.loss_basis, lot.loss_held_from, lines[i]);
    };
    return content(a) < content(b);
  });
}

void LotReader::tell_twice(const Subject& owner, const TaxLot& here, std::int64_t line, const TaxLot& there,
                           std::int64_t other_line) {
  const std::string difference = difference_of(draft_.book, there, here);
  report_.tell(Severity::hold, owner, rule::data_key_duplicate, line, "lot_id", here.id.text,
               fmt::format("lot_id \"{}\", {} {} of account {}, stands in line {} too: {}", quotable(here.id.text),
                           here.quantity.to_string(), draft_.book.security(here.security).id.text, owner.id, other_line,
                           difference.empty() ? "the same row twice, remove one"
                                              : "it differs in " + difference + ", keep the true one"));
}

void LotReader::drop_duplicates(std::vector<std::uint32_t>& by_id, AccountIndex account,
                                const std::vector<TaxLot>& lots, const std::vector<std::int64_t>& lines) {
  const Subject owner = account_subject(draft_.book.account(account).id.text);
  const auto same_id = [&](std::uint32_t a, std::uint32_t b) {
    if (lots[a].id != lots[b].id) return false;
    tell_twice(owner, lots[b], lines[b], lots[a], lines[a]);
    for (const std::uint32_t i : {a, b}) {
      bar_losses(draft_, account, draft_.book.security(lots[i].security).group, report_.loss_bars);
    }
    return true;
  };
  by_id.erase(std::unique(by_id.begin(), by_id.end(), same_id), by_id.end());
}

void LotReader::finish() {
  hand_over_run();
  for (std::uint32_t i = 0; i < scattered_.size(); ++i) {
    if (!scattered_[i]) continue;
    std::vector<TaxLot> lots = std::move(draft_.book.accounts[i].lots);
    settle(AccountIndex{i}, lots, std::vector<std::int64_t>(lines_[i]));
  }
  strangers_.tell(report_, "account_id", "accounts.csv");
}

}  // namespace

void read_lots(BookFile& file, Draft& draft) {
  LotReader lots(draft, file.report());
  read_table(file, lots_table, [&](LotRow& row, RowFaults& faults) { lots.add(row, faults); });
  lots.finish();
  tell_no_rows(file.report(), "the file has no rows and every account would own nothing: check the export");
}

}  // namespace lotwright::inputs
