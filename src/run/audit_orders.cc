// What the files say of accounts, orders and lot sales, and that it is one and the same.
#include <algorithm>

#include "run/audit_told.h"
#include "units/amounts.h"

namespace lotwright::audited {
namespace {

// Half away from zero, without the engine's rounding.
Millionths product_to_cent(Millionths quantity, Millionths price) {
  constexpr Int128 cent_in_product = Int128{10'000} * 1'000'000;
  const Int128 product = Int128{quantity} * price;
  const Int128 cents = (product + cent_in_product / 2) / cent_in_product;
  return static_cast<Millionths>(cents * 10'000);
}

void enter(const std::string& id, const OrderTold& order, Millionths commission, RunTold& run) {
  if (Told* told = run.account(order.account)) {
    ++told->orders;
    (order.side == "buy" ? told->bought : told->sold) += order.amount;
    told->commission += commission;
  }
  run.orders.emplace(id, order);
}

}  // namespace

void check_accounts(RunTold& run) {
  Check once(run.audit, "each account has one row in accounts.csv");
  run.each("accounts", [&](auto cell, std::int64_t line) {
    const std::string id(cell("account_id"));
    once.that(!id.empty() && !run.accounts.contains(id), "account {} stands again in line {}", id, line);
    Told& told = run.accounts[id];
    told.status = cell("status");
    told.household = cell("household_id");
    told.value = run.millionths(cell("value"));
    told.investable = run.millionths(cell("investable_value"));
    told.cash_before = run.millionths(cell("cash_before"));
    told.cash_after = run.millionths(cell("cash_after"));
    told.gain_short = run.millionths(cell("gain_short"));
    told.gain_long = run.millionths(cell("gain_long"));
    told.improvement = run.millionths(cell("improvement"));
    told.objective_before = real(cell("objective_before"));
    told.objective_after = real(cell("objective_after"));
    told.tracking_error_before = real(cell("tracking_error_before"));
    told.tracking_error_after = real(cell("tracking_error_after"));
    told.turnover = real(cell("turnover"));
    told.tax = real(cell("tax"));
    told.trading_cost = real(cell("trading_cost"));
    told.waiting = real(cell("waiting"));
    told.bound = cell("bound");
    told.gap = cell("gap");
    told.gap_bps = cell("gap_bps");
    told.taxed = !cell("year_tax_before").empty();
    told.exceptions = whole(cell("exceptions"));
  });
}

void check_orders(RunTold& run) {
  std::map<Text, Millionths> prices;
  run.each("prices", [&](auto cell, auto) { prices[cell("security_id")] = run.millionths(cell("close")); });
  Check check(run.audit,
              "each order is the account's only one of its security, at the run's price, quantity x price its amount");
  run.each(run.orders_table, [&](auto cell, std::int64_t line) {
    const std::string id(cell("order_id"));
    const OrderTold order{.account = cell("account_id"),
                          .security = cell("security_id"),
                          .side = cell("side"),
                          .reason = cell("reason"),
                          .quantity = run.millionths(cell("quantity")),
                          .amount = run.millionths(cell("amount")),
                          .review = cell("release") == "review"};
    const std::string named = std::string(order.account) + "-" + std::string(order.security);
    check.that(!run.orders.contains(id) && id == named && run.account(order.account) != nullptr,
               "order {} in line {} is one again, or of no account of the run", id, line);
    const Millionths price = run.millionths(cell("price"));
    const auto of_run = prices.find(order.security);
    check.that(of_run != prices.end() && of_run->second == price, "order {}: not the price of prices.csv", id);
    check.that(order.quantity > 0 && order.amount == product_to_cent(order.quantity, price),
               "order {}: {} is not quantity x price", id, as_text(order.amount));
    const Millionths commission = run.millionths(cell("commission"));
    check.that(commission >= 0, "order {}: a commission below zero", id);
    enter(id, order, commission, run);
  });
}

void check_lot_sales(RunTold& run) {
  Check check(run.audit, "the lot sales of each sale add up to it: its account and security, quantity and proceeds");
  Check gains(run.audit, "each lot is sold once; its gain is proceeds - basis, disallowed at most the loss");
  std::set<std::pair<Text, Text>> lots;
  run.each(run.lot_sales_table, [&](auto cell, std::int64_t line) {
    const auto at = run.orders.find(cell("order_id"));
    const bool known = at != run.orders.end() && at->second.side == "sell" &&
                       at->second.account == cell("account_id") && at->second.security == cell("security_id");
    if (!check.that(known, "line {} belongs to no sale of its account and security", line)) return;
    OrderTold& order = at->second;
    const Millionths quantity = run.millionths(cell("quantity"));
    const Millionths proceeds = run.millionths(cell("proceeds"));
    check.that(quantity > 0, "line {} sells nothing", line);
    order.lots += quantity;
    order.proceeds += proceeds;
    const Text basis = cell("cost_basis");
    const Millionths gain = run.millionths(cell("gain"));
    const Millionths disallowed = run.millionths(cell("disallowed"));
    gains.that(lots.emplace(order.account, cell("lot_id")).second, "line {}: the lot is sold again", line);
    gains.that(basis.empty() ? cell("gain").empty() : gain == proceeds - run.millionths(basis),
               "line {}: the gain is not", line);
    gains.that(disallowed >= 0 && disallowed <= std::max<Millionths>(0, -gain), "line {}: more disallowed than lost",
               line);
    if (Told* told = run.account(order.account))
      (cell("term") == "long_term" ? told->sold_long : told->sold_short) += gain + disallowed;
  });
  for (const auto& [id, order] : run.orders) {
    const bool adds_up = order.side != "sell" || (order.lots == order.quantity && order.proceeds == order.amount);
    check.that(adds_up, "order {}: lots of {} shares and {} dollars for {} shares and {} dollars", id,
               as_text(order.lots), as_text(order.proceeds), as_text(order.quantity), as_text(order.amount));
  }
}

void check_statuses(RunTold& run) {
  Check held(run.audit, "every held or failed account says why by a hold and has no orders; a hold holds");
  Check quiet(run.audit, "accounts that trade have orders, quiet ones have none");
  Check release(run.audit, "orders wait for release exactly where their account has an exception for review");
  for (const auto& [id, told] : run.accounts) {
    const bool kept_back = told.holds > 0 && told.orders == 0;
    held.that(told.decided() ? told.holds == 0 : kept_back, "account {} is {}: {} holds, {} orders", id, told.status,
              told.holds, told.orders);
    if (!told.decided()) continue;
    quiet.that((told.status == "traded") == (told.orders > 0), "account {} is {} with {} orders", id, told.status,
               told.orders);
  }
  for (const auto& [id, order] : run.orders) {
    const Told* told = run.account(order.account);
    release.that(told != nullptr && order.review == (told->own_reviews > 0), "order {}", id);
  }
}

void check_blocks(RunTold& run) {
  if (!run.sent) return;  // there are none: check_gates
  struct Sum {
    Millionths quantity = 0;
    std::size_t orders = 0, review = 0;
    bool operator==(const Sum&) const = default;
  };
  std::map<std::string, Sum> sums;  // by block_id
  for (const auto& [id, order] : run.orders) {
    Sum& sum = sums[std::string(order.security) + "-" + std::string(order.side)];
    sum.quantity += order.quantity;
    ++sum.orders;
    sum.review += order.review ? 1 : 0;
  }
  Check check(run.audit, "the blocks are the orders, joined by security and side");
  std::size_t blocks = 0;
  run.each("blocks", [&](auto cell, auto) {
    ++blocks;
    const Sum told{run.millionths(cell("quantity")), whole(cell("orders")), whole(cell("orders_review"))};
    const std::string id(cell("block_id"));
    const bool named = id == std::string(cell("security_id")) + "-" + std::string(cell("side"));
    const auto sum = sums.find(id);
    check.that(named && sum != sums.end() && sum->second == told, "block {}", id);
  });
  check.that(blocks == sums.size(), "{} blocks for {} securities and sides", blocks, sums.size());
}

void check_sums(RunTold& run) {
  Check cash(run.audit, "cash after = cash before + sales - purchases - commissions, by account");
  Check gains(run.audit,
              "each taxed account's gains are those of its lot sales, disallowed losses as zero; others have none");
  Check same(run.audit, "an account without orders stays as it was: cash, gains, tracking error, objective");
  for (const auto& [id, told] : run.accounts) {
    const Millionths after = told.cash_before + told.sold - told.bought - told.commission;
    cash.that(after == told.cash_after, "account {}: {} told, {} by its orders", id, as_text(told.cash_after),
              as_text(after));
    const Millionths gain_short = told.taxed ? told.sold_short : 0;
    const Millionths gain_long = told.taxed ? told.sold_long : 0;
    gains.that(gain_short == told.gain_short && gain_long == told.gain_long,
               "account {}: {} and {} told, {} and {} by its lots", id, as_text(told.gain_short),
               as_text(told.gain_long), as_text(gain_short), as_text(gain_long));
    if (told.orders > 0) continue;
    same.that(told.turnover == 0.0 && told.tracking_error_after == told.tracking_error_before &&
                  told.objective_after == told.objective_before && told.tax == 0.0 && told.trading_cost == 0.0,
              "account {} is {}, and changed", id, told.status);
  }
}

void check_bounds(RunTold& run) {
  Check check(run.audit, "no account's orders are below its bound; its gap is what lies between them");
  for (const auto& [id, told] : run.accounts) {
    if (told.bound.empty()) {
      check.that(told.gap.empty() && told.gap_bps.empty(), "account {} has a gap and no bound", id);
      continue;
    }
    const double bound = real(told.bound);
    const double between = told.objective_after - bound;
    const double rounding = 1e-5 + 1e-9 * std::abs(bound);
    check.that(told.decided() && between >= -rounding, "account {}: {} below {}", id, told.objective_after, bound);
    const double gap = real(told.gap);
    check.that(!told.gap.empty() && gap >= between - rounding && gap <= between + 0.01 + rounding,
               "account {}: a gap of {}, and {} lies between", id, told.gap, between);
    const double investable = static_cast<double>(told.investable) / 1e6;
    if (!check.that(told.gap_bps.empty() == (investable <= 0.0), "account {}: gap_bps", id) || investable <= 0.0)
      continue;
    check.that(near(real(told.gap_bps), between / investable * 1e4, 1e-6 + 1e4 * rounding / investable),
               "account {}: {} basis points", id, told.gap_bps);
  }
}

}  // namespace lotwright::audited
