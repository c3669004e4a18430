// multipliers.csv: at what prices an earlier run ended each account. They only say where the search begins: what is
// wrong with them holds nobody, and an account with a faulty row has none.

#include "inputs/multipliers.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <tuple>

#include "inputs/readers.h"
#include "inputs/table.h"

namespace lotwright::inputs {
namespace {

constexpr std::string_view factor_prefix = "factor:";

struct MultiplierRow {
  std::string_view account;
  std::string name;
  double price = 0.0;
};

const Table<MultiplierRow> multipliers_table{
    required<&MultiplierRow::account>("account_id"),
    required<&MultiplierRow::name>("name"),
    required<&MultiplierRow::price>("price"),
};

struct Priced {
  AccountIndex account;
  std::string name;
  double price = 0.0;

  auto operator<=>(const Priced&) const = default;
};

std::string factor_name(std::size_t place) { return fmt::format("{}{}", factor_prefix, place + 1); }

// Rows of accounts that are there, and which accounts have faulty ones.
class Multipliers {
 public:
  Multipliers(BookFile& file, Draft& draft) : file_(file), report_(file.report()), draft_(draft) {}

  void read() {
    read_table(file_, multipliers_table, [&](MultiplierRow& row, RowFaults& faults) { keep(row, faults); });
    sort_unique(
        rows_, [](const Priced& row) { return std::tie(row.account, row.name); },
        [&](const auto& kept, const auto& extra) { tell_twice(kept, extra); });
    for (auto row = rows_.begin(); row != rows_.end();) row = give_to_account(row);
    for (const AccountIndex account : faulty_) account_of(account).shadow_prices = {};
    strangers_.tell(report_, "account_id", "accounts.csv");
  }

 private:
  using Rows = std::vector<Kept<Priced>>;

  Account& account_of(AccountIndex account) { return draft_.book.accounts[account.value]; }
  Subject subject_of(AccountIndex account) {
    return account.exists() ? account_subject(account_of(account).id.text) : Subject{};
  }

  void keep(MultiplierRow& row, const RowFaults& faults) {
    const AccountIndex account = draft_.accounts.find(row.account);
    if (!account.exists() && !row.account.empty()) return strangers_.add(row.account, faults.line());
    if (faults.any()) {
      report_.find(Severity::note, subject_of(account), faults);
      if (account.exists()) faulty_.insert(account);
    } else {
      rows_.push_back({{account, std::move(row.name), row.price}, faults.line()});
    }
  }

  void tell_twice(const Kept<Priced>& kept, const Kept<Priced>& extra) {
    const AccountIndex account = kept.row.account;
    report_.tell(
        Severity::note, subject_of(account), rule::data_key_duplicate, extra.line, "name", extra.row.name,
        fmt::format("name \"{}\" stands in line {} too: keep one of the rows", quotable(extra.row.name), kept.line));
    faulty_.insert(account);
  }

  Rows::iterator give_to_account(Rows::iterator first) {
    const AccountIndex account = first->row.account;
    NamedPrices named;
    auto row = first;
    for (; row != rows_.end() && row->row.account == account; ++row)
      named.emplace_back(std::move(row->row.name), row->row.price);
    if (auto prices = unnamed(std::move(named))) {
      account_of(account).shadow_prices = std::move(*prices);
    } else {
      report_.tell(Severity::note, subject_of(account), rule::data_value_missing, first->line, "name", {},
                   "a factor's row is missing among those of the account: copy the file of the earlier run whole");
    }
    return row;
  }

  BookFile& file_;
  FileReport& report_;
  Draft& draft_;
  Rows rows_;
  std::set<AccountIndex> faulty_;
  Strangers strangers_;
};

}  // namespace

NamedPrices named(const ShadowPrices& prices) {
  NamedPrices rows = prices.rows;
  for (std::size_t f = 0; f < prices.factors.size(); ++f) rows.emplace_back(factor_name(f), prices.factors[f]);
  std::ranges::sort(rows);
  return rows;
}

std::optional<ShadowPrices> unnamed(NamedPrices rows) {
  const auto is_factor = [](const auto& row) { return row.first.starts_with(factor_prefix); };
  const auto factors = std::ranges::find_if(rows, is_factor);
  const auto others = std::find_if_not(factors, rows.end(), is_factor);
  ShadowPrices prices;
  for (std::ptrdiff_t f = 0; f < others - factors; ++f) {
    const std::string name = factor_name(static_cast<std::size_t>(f));
    const auto row = std::lower_bound(factors, others, name, [](const auto& a, const auto& b) { return a.first < b; });
    if (row == others || row->first != name) return std::nullopt;
    prices.factors.push_back(row->second);
  }
  std::move(rows.begin(), factors, std::back_inserter(prices.rows));
  std::move(others, rows.end(), std::back_inserter(prices.rows));
  return prices;
}

void read_multipliers(BookFile& file, Draft& draft) { Multipliers(file, draft).read(); }

}  // namespace lotwright::inputs
