// Targets that decide: anybody's orders are evaluated, any plan becomes exact trades.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <string>

#include "checks/checks.h"
#include "inputs/byte_source.h"
#include "inputs/csv_reader.h"
#include "inputs/ledger_readers.h"
#include "problem/problem.h"
#include "query/filter.h"
#include "run/evaluate.h"
#include "run/output_tables.h"
#include "solution/search.h"
#include "solution/settle.h"
#include "targets.h"
#include "tax/ledger.h"
#include "testing/random_books.h"

namespace lotwright::fuzz {
namespace {

const Book& small_book() {
  static const Book book = BookBuilder()
                               .security({.id = "AAA", .price = "50", .group = "G"})
                               .security({.id = "BBB", .price = "0.25", .group = "G", .quantity_step = "0.000001"})
                               .account({.id = "A", .cash = "1000"})
                               .account({.id = "B", .treatment = TaxTreatment::tax_deferred, .cash = "5"})
                               .lot({.account = "A", .security = "AAA", .quantity = "20", .cost_basis = "900"})
                               .lot({.account = "A", .security = "BBB", .quantity = "7.5", .cost_basis = "90"})
                               .lot({.account = "B", .security = "AAA", .quantity = "3"})
                               .build();
  return book;
}

Result<Table> table_of(std::string_view text, const char* name, const std::vector<std::string>& required) {
  inputs::MemorySource source(text);
  return read_table(source, name, required);
}

// The bytes one number after the other; zeros at the end.
class Numbers {
 public:
  explicit Numbers(std::string_view bytes) : rest_(bytes) {}

  template <class Number>
  Number next() {
    Number number{};
    const std::size_t count = std::min(sizeof number, rest_.size());
    std::memcpy(&number, rest_.data(), count);
    rest_.remove_prefix(count);
    return number;
  }
  int below(int n) { return n < 2 ? 0 : next<std::uint8_t>() % n; }
  // A change of weight; any finite one.
  double real() {
    const auto number = next<double>();
    return std::isfinite(number) ? number : 0.0;
  }

 private:
  std::string_view rest_;
};

// Some mode for each block, one of its branches for each name, and how far to go on it.
std::vector<numerics::BlockChoice> any_choices(const Problem& problem, Numbers& numbers) {
  const numerics::Program& program = problem.program;
  std::vector<numerics::BlockChoice> choices;
  for (const numerics::Block& block : program.blocks) {
    numerics::BlockChoice choice{
        .mode = block.modes.begin + numbers.below(block.modes.size()), .margin = 0, .names = {}};
    const numerics::Mode& mode = program.modes[static_cast<std::size_t>(choice.mode)];
    for (int o = mode.offers.begin; o < mode.offers.end; ++o) {
      const numerics::Offer& offer = program.offers[static_cast<std::size_t>(o)];
      numerics::NameChoice name{.name = offer.name, .branch = 0, .x = 0.0};
      name.branch = offer.branches.begin + numbers.below(offer.branches.size());
      name.x = numbers.real();
      choice.names.push_back(name);
    }
    choices.push_back(choice);
  }
  return choices;
}

void look_at(const Book& book, const Account& account, const Settled& settled) {
  Money cash = account.cash;
  std::map<std::uint32_t, Quantity> sold;
  for (const Trade& trade : settled.trades.trades) {
    promise(trade.quantity.is_positive(), "an order is for something");
    promise(trade.amount == amount_of(trade.quantity, *book.security(trade.security).price), "an amount is exact");
    cash += (trade.side == Side::sell ? trade.amount : -trade.amount) - trade.commission;
    Quantity quantity;
    Money proceeds;
    for (const LotSale& sale : trade.lots) {
      promise(account.lots[sale.lot].security == trade.security, "a lot is of its order's security");
      sold[sale.lot] += sale.quantity;
      quantity += sale.quantity;
      proceeds += sale.proceeds;
    }
    if (trade.side == Side::buy) continue;
    promise(quantity == trade.quantity && proceeds == trade.amount, "lots make up their order");
  }
  for (const auto& [lot, quantity] : sold) promise(quantity <= account.lots[lot].quantity, "no lot is oversold");
  promise(cash == settled.cash_after, "cash is what the orders leave");
}

}  // namespace

void orders(std::string_view bytes) {
  const std::size_t feed = std::min(bytes.find('\f'), bytes.size());
  const auto orders = table_of(bytes.substr(0, feed), "orders.csv", {"account_id", "security_id", "side", "quantity"});
  if (!orders) return;
  std::optional<Table> lot_sales;
  if (feed < bytes.size()) {
    const auto read = table_of(bytes.substr(feed + 1), "lot_sales.csv", {"account_id", "lot_id", "quantity"});
    if (read) lot_sales = *read;
  }
  const auto judged = evaluate(small_book(), *orders, lot_sales);
  promise(judged && judged->json.starts_with('{'), "orders that can be read are judged");
}

namespace {

void read_ledger_text(inputs::LedgerDraft& draft, std::string_view text,
                      void (*reader)(inputs::BookFile&, inputs::LedgerDraft&)) {
  inputs::FileReport report;
  inputs::MemorySource source(text);
  inputs::BookFile file(report, source);
  reader(file, draft);
}

inputs::LedgerDraft ledger_people() {
  inputs::LedgerDraft draft;
  read_ledger_text(draft, "security_id,identical_group,quantity_step\nX,g,1\nY,g,0.000001\nZ,,1\n",
                   inputs::read_ledger_securities);
  read_ledger_text(draft, "taxpayer_id,rate_short,rate_long,spouse_id\nT,0.4,0.2,\nU,0.3,0.1,T\n",
                   inputs::read_ledger_taxpayers);
  read_ledger_text(draft,
                   "account_id,household_id,taxpayer_id,tax_treatment\nA,H,T,taxable\nB,H,U,taxable\n"
                   "I,H,,tax_free\n",
                   inputs::read_ledger_accounts);
  return draft;
}

}  // namespace

void past(std::string_view bytes) {
  static const inputs::LedgerDraft people = ledger_people();
  inputs::LedgerDraft draft = people;
  const std::size_t feed = std::min(bytes.find('\f'), bytes.size());
  read_ledger_text(draft, bytes.substr(0, feed), inputs::read_ledger_events);
  if (feed < bytes.size()) read_ledger_text(draft, bytes.substr(feed + 1), inputs::read_ledger_actions);
  const tax::Ledger ledger = tax::play(draft.book);
  for (const tax::LotLeft& left : ledger.lots) {
    promise(left.lot.quantity.is_positive(), "a lot that is left has shares");
    promise(!left.lot.cost_basis || !left.lot.cost_basis->is_negative(), "no basis is below zero");
  }
  for (const tax::SaleRow& sale : ledger.sales) {
    promise(sale.quantity.is_positive() && !sale.disallowed.is_negative(), "a sale has shares");
    promise(!sale.disallowed.is_positive() || !sale.gain()->is_positive(), "no more than the loss is disallowed");
  }
  for (const Failure& finding : ledger.findings) {
    promise(!finding.rule.empty() && inputs::is_utf8(finding.message), "a finding has a rule and a message");
  }
}

void filter(std::string_view bytes) {
  const query::Tables tables = output_tables();
  const auto read = query::Filter::read(bytes, 0, tables);
  if (!read) {
    const auto character = static_cast<std::size_t>(read.failure().place.line);
    promise(character >= 1 && character <= bytes.size() + 1,
            "a filter is refused at a character that it does not have");
    promise(!query::pointed_at(bytes, character).empty(), "nothing is pointed at");
    return;
  }
  const std::vector<query::Value> nothing(tables[0].columns.size());
  const auto none = [](std::size_t) { return query::Truth::no; };
  const query::Truth truth = read->of(nothing, none);
  const auto negated = query::Filter::read("not (" + std::string(bytes) + ")", 0, tables);
  if (!negated) return;  // a filter of nothing, or one parenthesis too deep
  const query::Truth other = negated->of(nothing, none);
  promise(static_cast<int>(truth) + static_cast<int>(other) == 2, "a filter and its negation agree");
}

void settle(std::string_view bytes) {
  Numbers numbers(bytes);
  const auto seed = numbers.next<std::uint32_t>();
  const Book book = random_book(seed, numbers.below(101)).build();
  const auto risk = FactorRisk::of(book.risk, book.securities.size());
  if (!risk) return;
  const std::vector<DecisionUnit> units = decision_units(book);
  const CheckedUnit unit = check(book, *risk, units.front());
  const CheckedAccount& account = unit.accounts.front();
  if (!account.trades()) return;
  const tax::UnitProgress progress(book, units.front());
  const Problem problem = pose(unit, account, progress, {});
  HoldingPlan plan(unit, account, problem, std::vector<double>(problem.program.rows.size(), 0.0));
  round_choices(plan, any_choices(problem, numbers));
  look_at(book, book.account(account.account), settle(plan, unit, account, progress));
  improve(plan, -1e300, 3, Depth::singles);
  const Settled settled = settle(plan, unit, account, progress);
  look_at(book, book.account(account.account), settled);
  if (plan.broken().none()) {
    promise(settled.cash_after >= std::min(Money(), book.account(account.account).cash) || account.cash_due,
            "a plan within its limits leaves no overdraft");
  }
}

}  // namespace lotwright::fuzz
