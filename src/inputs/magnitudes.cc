#include "inputs/magnitudes.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "units/amounts.h"

namespace lotwright::inputs {
namespace {

// Far beyond any account, and so far below what 64 bits hold that the sums of a book fit as well.
constexpr std::int64_t owner_max = 100'000'000'000;   // dollars and shares together
constexpr std::int64_t book_max = 4'000'000'000'000;  // the same

// What one owner has to do with, added up without a limit, and the largest part of it by name.
class Tally {
 public:
  // In millionths. `what` is put into words where it is the largest, which few of a book's lots are.
  void add(Int128 count, std::string_view what, std::string_view of = {}, std::string_view id = {}) {
    const Int128 size = count < 0 ? -count : count;
    sum_ += size;
    if (size <= largest_) return;
    largest_ = size;
    what_ = what;
    if (!of.empty()) what_ += fmt::format(" of {} \"{}\"", of, quotable(id));
  }
  void add(Money money, std::string_view what, std::string_view of = {}, std::string_view id = {}) {
    add(Int128{money.count()}, what, of, id);
  }
  void add(const std::optional<Money>& money, std::string_view what, std::string_view of = {},
           std::string_view id = {}) {
    add(money.value_or(Money()), what, of, id);
  }

  [[nodiscard]] Int128 sum() const { return sum_; }
  [[nodiscard]] bool too_large(std::int64_t most) const { return sum_ > Int128{most} * Money::scale; }
  [[nodiscard]] std::string message(const std::string& whose) const {
    return fmt::format("the numbers of {} add up to more than {}, the largest is {}: correct it", whose, owner_max,
                       what_);
  }

 private:
  Int128 sum_ = 0;
  Int128 largest_ = 0;
  std::string what_;
};

void add_lot(const Book& book, const TaxLot& lot, Tally& tally) {
  const std::string& id = lot.id.text;
  const auto& price = book.security(lot.security).price;
  tally.add(Int128{lot.quantity.count()}, "the quantity", "lot", id);
  if (price) tally.add(Int128{lot.quantity.count()} * price->count() / Price::scale, "the value", "lot", id);
  tally.add(lot.cost_basis, "the cost_basis", "lot", id);
  tally.add(lot.loss_basis, "the loss_basis", "lot", id);
}

void add_transaction(const Transaction& row, Tally& tally) {
  tally.add(Int128{row.quantity.count()}, "the quantity", "transaction", row.id);
  tally.add(row.amount, "the amount", "transaction", row.id);
  tally.add(row.gain_short, "gain_short", "transaction", row.id);
  tally.add(row.gain_long, "gain_long", "transaction", row.id);
}

std::vector<Tally> tallies_of_accounts(const Book& book) {
  std::vector<Tally> tallies(book.accounts.size());
  for (std::size_t i = 0; i < book.accounts.size(); ++i) {
    tallies[i].add(book.accounts[i].cash, "cash");
    for (const TaxLot& lot : book.accounts[i].lots) add_lot(book, lot, tallies[i]);
  }
  for (const Request& request : book.requests)
    tallies[request.account.value].add(request.amount, "the amount", "request", request.id);
  for (const Transaction& row : book.transactions) {
    if (row.account.exists()) add_transaction(row, tallies[row.account.value]);
  }
  return tallies;
}

std::vector<Tally> tallies_of_taxpayers(const Book& book) {
  std::vector<Tally> tallies(book.taxpayers.size());
  for (std::size_t i = 0; i < book.taxpayers.size(); ++i) {
    const Taxpayer& one = book.taxpayers[i];
    tallies[i].add(one.realized_short_ytd, "realized_short_ytd");
    tallies[i].add(one.realized_long_ytd, "realized_long_ytd");
    tallies[i].add(one.carryforward_short, "carryforward_short");
    tallies[i].add(one.carryforward_long, "carryforward_long");
    tallies[i].add(one.outside_gains_short, "outside_gains_short");
    tallies[i].add(one.outside_gains_long, "outside_gains_long");
    tallies[i].add(one.gain_budget, "gain_budget");
    tallies[i].add(one.tax_budget, "tax_budget");
    tallies[i].add(one.ordinary_loss_limit, "ordinary_loss_limit");
    tallies[i].add(one.ordinary_income, "ordinary_income");
    tallies[i].add(one.magi, "magi");
  }
  for (const Transaction& row : book.transactions) {
    if (!row.account.exists() && row.taxpayer.exists()) add_transaction(row, tallies[row.taxpayer.value]);
  }
  return tallies;
}

// The account is held; its numbers are taken out, like those of a row that cannot be read.
void refuse_account(AccountIndex index, const Tally& tally, Draft& draft, FileReport& report) {
  Account& account = draft.book.accounts[index.value];
  report.tell(Severity::hold, account_subject(account.id.text), rule::data_number_out_of_range, 0, {}, {},
              tally.message("account \"" + quotable(account.id.text) + "\""));
  bar_losses(draft, index, std::nullopt, report.loss_bars);
  account.cash = Money();
  account.lots.clear();
  std::erase_if(draft.book.requests, [index](const Request& one) { return one.account == index; });
  std::erase_if(draft.book.transactions, [index](const Transaction& one) { return one.account == index; });
}

void refuse_taxpayer(TaxpayerIndex index, const Tally& tally, Draft& draft, FileReport& report) {
  Taxpayer& taxpayer = draft.book.taxpayers[index.value];
  report.tell(Severity::hold, {SubjectKind::taxpayer, taxpayer.id.text}, rule::data_number_out_of_range, 0, {}, {},
              tally.message("taxpayer \"" + quotable(taxpayer.id.text) + "\""));
  Taxpayer without;
  without.id = taxpayer.id;
  without.rate_short = taxpayer.rate_short;
  without.rate_long = taxpayer.rate_long;
  without.state = taxpayer.state;
  taxpayer = without;
  std::erase_if(draft.book.transactions,
                [index](const Transaction& one) { return !one.account.exists() && one.taxpayer == index; });
}

}  // namespace

void refuse_magnitudes(Draft& draft, FileReport& accounts, FileReport& taxpayers) {
  const std::vector<Tally> of_accounts = tallies_of_accounts(draft.book);
  const std::vector<Tally> of_taxpayers = tallies_of_taxpayers(draft.book);
  Int128 total = 0;
  for (std::uint32_t i = 0; i < of_accounts.size(); ++i) {
    const bool too_large = of_accounts[i].too_large(owner_max);
    if (too_large) refuse_account(AccountIndex{i}, of_accounts[i], draft, accounts);
    if (!too_large) total += of_accounts[i].sum();
  }
  for (std::uint32_t i = 0; i < of_taxpayers.size(); ++i) {
    const bool too_large = of_taxpayers[i].too_large(owner_max);
    if (too_large) refuse_taxpayer(TaxpayerIndex{i}, of_taxpayers[i], draft, taxpayers);
    if (!too_large) total += of_taxpayers[i].sum();
  }
  if (total <= Int128{book_max} * Money::scale) return;
  accounts.fail(rule::data_number_out_of_range, 0, {},
                fmt::format("the accounts together come to more than {}: check the unit of the numbers", book_max));
}

}  // namespace lotwright::inputs
