#include "run/foreign_orders.h"

#include <algorithm>
#include <set>
#include <utility>

#include "book/rules.h"
#include "checks/lots.h"
#include "tax/lot_relief.h"
#include "tax/tax_path.h"

namespace lotwright {
namespace {

// Reads the cells of one row; remembers the first fault.
class RowReader {
 public:
  RowReader(const Table& table, const TableRow& row) : table_(table), row_(row) {}

  std::string text(std::string_view column) const { return std::string(table_.cell(row_, column)); }

  template <class Number>
  std::optional<Number> number(std::string_view column) {
    const std::string_view cell = table_.cell(row_, column);
    if (cell.empty()) return std::nullopt;
    const auto parsed = Number::parse(cell);
    if (parsed) return *parsed;
    refuse(column, parsed.failure().rule.c_str(), parsed.failure().message);
    return std::nullopt;
  }

  // The index of the item with the id in `column`; a fault where there is none.
  template <class Items>
  std::uint32_t index(const Items& items, std::string_view column, const char* file) {
    const std::string id = text(column);
    const auto at = std::ranges::lower_bound(items, id, {}, [](const auto& item) { return item.id.text; });
    if (at != items.end() && at->id.text == id) return static_cast<std::uint32_t>(at - items.begin());
    refuse(column, rule::data_reference_unknown, "\"" + id + "\" is not in the book's " + file);
    return Index<void>::nobody;
  }

  void refuse(std::string_view column, const char* rule, const std::string& message) {
    if (fault_) return;
    fault_ = Finding{rule,
                     Severity::review,
                     {SubjectKind::account, text("account_id")},
                     {table_.file, row_.line, std::string(column), text(column)},
                     text(column),
                     {},
                     std::string(column) + ": " + message + "; the row was left out"};
  }

  const std::optional<Finding>& fault() const { return fault_; }

 private:
  const Table& table_;
  const TableRow& row_;
  std::optional<Finding> fault_;
};

Money commission(const Book& book, AccountIndex account, Money amount) {
  const Policy& policy = book.account(account).effective_policy;
  return commission_of(amount, policy.commission, policy.ticket_cost);
}

// One row of orders.csv, or the fault it has.
// Dollars that still leave room to add up a book of them exactly.
constexpr double dollars_max = 9e11;

void refuse_beyond_money(RowReader& row, std::optional<Quantity> quantity, std::optional<Price> price) {
  if (quantity && price && quantity->to_double() * price->to_double() > dollars_max) {
    row.refuse("quantity", rule::data_number_out_of_range, "write a quantity worth at most 900 billion dollars");
  }
}

Result<std::pair<AccountIndex, Order>> order_of(const Book& book, RowReader& row, Findings& findings) {
  const AccountIndex account{row.index(book.accounts, "account_id", "accounts.csv")};
  const SecurityIndex security{row.index(book.securities, "security_id", "securities.csv")};
  const auto quantity = row.number<Quantity>("quantity");
  const auto price = row.number<Price>("price");
  const auto amount = row.number<Money>("amount");
  const auto paid = row.number<Money>("commission");
  const std::string side = row.text("side");
  if (side != "buy" && side != "sell") row.refuse("side", rule::data_word_unknown, "write buy or sell");
  if (!quantity || !quantity->is_positive())
    row.refuse("quantity", rule::data_number_out_of_range, "write more than 0");
  if (security.exists() && !price && !book.security(security).price) {
    row.refuse("security_id", rule::price_missing, "the book has no price for it");
  }
  refuse_beyond_money(row, quantity, price);
  if (security.exists()) refuse_beyond_money(row, quantity, book.security(security).price);
  if (row.fault()) {
    findings.push_back(*row.fault());
    return Failure{row.fault()->rule, row.fault()->message, row.fault()->place};
  }
  Order order;
  order.id = row.text("order_id");
  if (order.id.empty()) order.id = book.account(account).id.text + "-" + book.security(security).id.text;
  order.reason = row.text("reason");
  order.trade.security = security;
  order.trade.side = side == "buy" ? Side::buy : Side::sell;
  order.trade.quantity = *quantity;
  order.trade.price = price ? *price : *book.security(security).price;
  order.trade.amount = amount ? *amount : amount_of(*quantity, order.trade.price);
  order.trade.commission = paid ? *paid : commission(book, account, order.trade.amount);
  return std::pair(account, std::move(order));
}

// The sell order that a row of lot_sales.csv belongs to: by order_id where given, else by security.
Order* sell_of(const Book& book, std::vector<Order>& orders, const std::string& order_id, SecurityIndex security) {
  for (Order& order : orders) {
    const bool named = order_id.empty() ? order.trade.security == security : order.id == order_id;
    if (named && order.trade.side == Side::sell && book.security(order.trade.security).id.text.size() > 0)
      return &order;
  }
  return nullptr;
}

// A row of lot_sales.csv: a lot of the account, and the order that sells it; no order where the row has a fault.
struct NamedLot {
  AccountIndex account;
  std::uint32_t lot = 0;
  Quantity quantity;
  Order* order = nullptr;
};

NamedLot named_lot(const Book& book, RowReader& row, ForeignOrders& foreign) {
  NamedLot named;
  named.account = {row.index(book.accounts, "account_id", "accounts.csv")};
  const auto quantity = row.number<Quantity>("quantity");
  if (!quantity || !quantity->is_positive())
    row.refuse("quantity", rule::data_number_out_of_range, "write more than 0");
  if (row.fault()) return named;
  const std::vector<TaxLot>& lots = book.account(named.account).lots;
  const auto lot = std::ranges::find(lots, row.text("lot_id"), [](const TaxLot& one) { return one.id.text; });
  Order* order = nullptr;
  if (lot == lots.end()) {
    row.refuse("lot_id", rule::data_reference_unknown, "the account has no such lot");
  } else if (order = sell_of(book, foreign.orders[named.account], row.text("order_id"), lot->security);
             order == nullptr) {
    row.refuse("lot_id", rule::data_reference_unknown, "there is no sell order that this lot sale belongs to");
  } else {
    refuse_beyond_money(row, quantity, order->trade.price);
  }
  if (row.fault()) return named;
  named.lot = static_cast<std::uint32_t>(lot - lots.begin());
  named.quantity = *quantity;
  named.order = order;
  return named;
}

// Proceeds by line of the rows that state none: the order's amount is to the cent, and so is the sum over its lots.
// Orders whose rows state some, or do not add up to what is sold, are left out.
std::map<std::int64_t, Money> unstated_proceeds(const Book& book, const Table& table, ForeignOrders& foreign) {
  struct Sold {
    const Order* order = nullptr;
    std::vector<Quantity> quantities;
    std::vector<std::int64_t> lines;
    Quantity sum;
    bool stated = false;
  };
  std::vector<Sold> all;
  std::map<const Order*, std::size_t> place;  // looked up, never walked
  for (const TableRow& line : table.rows) {
    RowReader row(table, line);
    const NamedLot named = named_lot(book, row, foreign);
    if (named.order == nullptr) continue;
    const auto [at, fresh] = place.emplace(named.order, all.size());
    if (fresh) all.emplace_back();
    Sold& sold = all[at->second];
    sold.order = named.order;
    sold.quantities.push_back(named.quantity);
    sold.lines.push_back(line.line);
    sold.sum += named.quantity;
    sold.stated |= !row.text("proceeds").empty();
  }
  std::map<std::int64_t, Money> by_line;
  for (const Sold& sold : all) {
    const Trade& trade = sold.order->trade;
    if (sold.stated || sold.sum != trade.quantity) continue;
    const std::vector<Money> shares = tax::share_proceeds(sold.quantities, trade.price, trade.amount);
    for (std::size_t i = 0; i < shares.size(); ++i) by_line[sold.lines[i]] = shares[i];
  }
  return by_line;
}

void fill_claims(const Account& account, RowReader& row, Date as_of, Money unstated, LotSale& sale) {
  const TaxLot lot = lot_as_taxed(account, account.lots[sale.lot]);
  sale.proceeds = row.number<Money>("proceeds").value_or(unstated);
  const LotSale fact = tax::sale_of(lot, sale.lot, std::min(sale.quantity, lot.quantity), sale.proceeds, as_of);
  const auto basis = row.number<Money>("cost_basis");
  const auto gain = row.number<Money>("gain");
  sale.cost_basis = basis ? basis : fact.cost_basis;
  sale.gain = gain ? gain : fact.gain;
  sale.disallowed = row.number<Money>("disallowed").value_or(Money());
  const std::string term = row.text("term");
  sale.term = term == "long_term" ? Term::long_term : term == "short_term" ? Term::short_term : fact.term;
}

void add_lot_sales(const Book& book, const Table& table, ForeignOrders& foreign) {
  const std::map<std::int64_t, Money> unstated = unstated_proceeds(book, table, foreign);
  for (const TableRow& line : table.rows) {
    RowReader row(table, line);
    const NamedLot named = named_lot(book, row, foreign);
    if (named.order != nullptr) {
      LotSale sale;
      sale.lot = named.lot;
      sale.quantity = named.quantity;
      const auto shared = unstated.find(line.line);
      const Money proceeds =
          shared != unstated.end() ? shared->second : value_of(named.quantity, named.order->trade.price);
      fill_claims(book.account(named.account), row, book.firm.as_of, proceeds, sale);
      if (!row.fault()) named.order->trade.lots.push_back(sale);
    }
    if (row.fault()) foreign.findings.push_back(*row.fault());
  }
}

// Tax a dollar of proceeds costs when the lot is sold; lots of unknown basis come last.
double tax_per_dollar(const Book& book, const Account& account, const TaxLot& of_book, Price price) {
  if (account.tax_treatment != TaxTreatment::taxable || !account.taxpayer.exists()) return 0.0;
  const TaxLot lot = lot_as_taxed(account, of_book);
  const auto gain = tax::unrealized_gain(lot, price);
  if (!gain) return 1e9;
  const Taxpayer& payer = book.taxpayers[account.taxpayer.value];
  const bool long_term = tax::term_of_sale(lot, price, book.firm.as_of) == Term::long_term;
  const tax::TaxSlopes rates =  // of the first dollar of gain
      tax::slopes_at(0.0, 0.0, tax::rates_of(book, payer, account.effective_policy.loss_value));
  return (long_term ? rates.on_long : rates.on_short) * gain->to_double() / value_of(lot.quantity, price).to_double();
}

// Lots for sales that name none: the least tax per dollar first, older lots first where that is equal.
void relieve(const Book& book, AccountIndex index, std::vector<Order>& orders) {
  const Account& account = book.account(index);
  std::map<std::uint32_t, Quantity> left;
  for (std::uint32_t i = 0; i < account.lots.size(); ++i) left[i] = account.lots[i].quantity;
  for (Order& order : orders) {
    if (order.trade.side != Side::sell) continue;
    std::vector<std::tuple<double, Date, std::uint32_t>> ranked;
    for (std::uint32_t i = 0; i < account.lots.size(); ++i) {
      const TaxLot& lot = account.lots[i];
      if (lot.security != order.trade.security) continue;
      ranked.emplace_back(tax_per_dollar(book, account, lot, order.trade.price), lot.acquired_on, i);
    }
    std::ranges::sort(ranked);
    Quantity wanted = order.trade.quantity;
    for (const auto& [tax, acquired_on, lot] : ranked) {
      const Quantity taken = std::min(wanted, left[lot]);
      if (!taken.is_positive()) continue;
      order.trade.lots.push_back({lot, taken, {}, {}, {}, Term::short_term, {}});
      left[lot] -= taken;
      wanted -= taken;
    }
    std::ranges::sort(order.trade.lots, {}, &LotSale::lot);
  }
}

// Proceeds, basis, gain and term of a trade's lot sales, by the book.
void settle_lots(const Account& account, Date as_of, Trade& trade) {
  std::vector<Quantity> quantities;
  for (const LotSale& sale : trade.lots) quantities.push_back(sale.quantity);
  if (quantities.empty()) return;
  const std::vector<Money> proceeds = tax::share_proceeds(quantities, trade.price, trade.amount);
  for (std::size_t i = 0; i < trade.lots.size(); ++i) {
    LotSale& sale = trade.lots[i];
    const TaxLot lot = lot_as_taxed(account, account.lots[sale.lot]);
    sale = tax::sale_of(lot, sale.lot, std::min(sale.quantity, lot.quantity), proceeds[i], as_of);
  }
}

}  // namespace

ForeignOrders foreign_orders(const Book& book, const Table& orders, const std::optional<Table>& lot_sales) {
  ForeignOrders foreign;
  foreign.findings = orders.findings;
  for (const TableRow& line : orders.rows) {
    RowReader row(orders, line);
    auto read = order_of(book, row, foreign.findings);
    if (read) foreign.orders[read->first].push_back(read->second);
  }
  if (lot_sales) {
    std::ranges::copy(lot_sales->findings, std::back_inserter(foreign.findings));
    add_lot_sales(book, *lot_sales, foreign);
  }
  for (auto& [account, list] : foreign.orders) {
    std::ranges::stable_sort(list, {}, [](const Order& one) { return one.trade.security; });
    if (lot_sales) continue;
    relieve(book, account, list);
    for (Order& order : list) settle_lots(book.account(account), book.firm.as_of, order.trade);
  }
  return foreign;
}

AccountTrades true_trades(const Book& book, AccountIndex account, const std::vector<Order>& orders) {
  AccountTrades trades{account, {}};
  for (const Order& order : orders) {
    Trade trade = order.trade;
    if (const auto price = book.security(trade.security).price) trade.price = *price;
    trade.amount = amount_of(trade.quantity, trade.price);
    trade.commission = commission(book, account, trade.amount);
    settle_lots(book.account(account), book.firm.as_of, trade);
    trades.trades.push_back(std::move(trade));
  }
  return trades;
}

}  // namespace lotwright
