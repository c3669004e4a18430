// Accounts that may only serve needs: every set of orders over a grid is tried, and none that the verifier allows may
// beat the bound. The rules stand in the verifier alone; properties_bound_test.cc draws at random, which finds such
// narrow gates too rarely.

#include <gtest/gtest.h>

#include "problem/problem.h"
#include "solution/solution.h"
#include "testing/orders_by_hand.h"
#include "verification/verification.h"

namespace lotwright {
namespace {

// Losses that are worth something, a gain, a name that is wanted; nothing of it may be sold or bought for its own sake.
BookBuilder small_book(const char* cash) {
  return BookBuilder()
      .security({.id = "AAA", .price = "50"})
      .security({.id = "BBB"})
      .security({.id = "CCC"})
      .security({.id = "DEAR", .price = "5000"})
      .security({.id = "FUND", .price = "1", .kind = SecurityKind::cash})
      .model("M", {{"AAA", "0.5"}, {"BBB", "0.3"}, {"CCC", "0.2"}})
      .taxpayer({.rate_short = "0.4", .rate_long = "0.2", .realized_short_ytd = "50000"})
      .account({.id = "A", .cash = cash})
      .policy("A", "cash_min", "0")
      .policy("A", "cash_target", "0")
      .policy("A", "cash_max", "0.02")
      .policy("A", "risk_aversion", "1")
      .policy("A", "trade_min_usd", "10")
      .policy("A", "trade_min_weight", "0")
      .lot({.account = "A",
            .id = "L1",
            .security = "AAA",
            .quantity = "60",
            .cost_basis = "9000",
            .acquired_on = "2025-03-05"})
      .lot({.account = "A", .id = "L2", .security = "BBB", .quantity = "10", .cost_basis = "500"});
}

BookBuilder with_dear(BookBuilder builder) {
  return builder.lot({.account = "A", .id = "L3", .security = "DEAR", .quantity = "1", .cost_basis = "5000"});
}

BookBuilder with_fund(BookBuilder builder, const char* dollars) {
  return builder.lot({.account = "A", .id = "L4", .security = "FUND", .quantity = dollars, .cost_basis = dollars});
}

BookBuilder paying(BookBuilder builder, const char* amount) {
  return builder.request({.account = "A", .kind = RequestKind::cash_out, .amount = amount});
}

struct Allowed {
  int orders = 0;  // sets of orders that the verifier allows
  double least = 1e300;
};

// Sales of the two held names and of the fund, and purchases of the name that is wanted.
Allowed enumerate(const Book& book, const objective::Terms& terms, const DecisionUnit& unit) {
  const BookIndex index(book);
  const Account& account = book.accounts.front();
  Quantity in_fund;
  for (const TaxLot& lot : account.lots) {
    if (lot.id.text == "L4") in_fund = lot.quantity;
  }
  std::vector<Quantity> of_fund = {Quantity()};
  for (const std::int64_t part : {100, 10, 3, 2, 1}) {
    const Quantity sold = Quantity::of_whole(in_fund.count() / Quantity::scale / part);
    if (sold.is_positive() && sold != of_fund.back()) of_fund.push_back(sold);
  }
  Allowed allowed;
  for (int a = 0; a <= 60; ++a) {
    for (int b = 0; b <= 10; b += 2) {
      for (const Quantity& fund : of_fund) {
        for (int c = 0; c <= 30; c += 3) {
          std::vector<OrderByHand> orders;
          if (a > 0) orders.push_back(sell("A", "AAA", std::to_string(a), "L1"));
          if (b > 0) orders.push_back(sell("A", "BBB", std::to_string(b), "L2"));
          if (c > 0) orders.push_back(buy("A", "CCC", std::to_string(c)));
          if (fund.is_positive()) orders.push_back(sell("A", "FUND", fund.to_string(), "L4"));
          const AccountResult result = honest_results(book, orders).front();
          if (!verify_orders(index, unit, {&result}).empty()) continue;
          ++allowed.orders;
          const objective::Outcome outcome = objective::outcome_of(terms, book, trades_of(result));
          allowed.least = std::min(allowed.least, objective::parts_of(terms, outcome).total());
        }
      }
    }
  }
  return allowed;
}

AccountResult result_of(const Solution& solution) {
  AccountResult result;
  result.account = solution.trades.account;
  result.status = solution.trades.trades.empty() ? ResultStatus::no_trade : ResultStatus::traded;
  result.exceptions = solution.findings;
  for (const Trade& trade : solution.trades.trades) result.orders.push_back({.id = {}, .trade = trade, .reason = {}});
  return result;
}

void expect_no_orders_beat_the_bound(const char* what, const BookBuilder& builder) {
  const Book book = builder.build();
  const std::vector<DecisionUnit> units = decision_units(book);
  const FactorRisk risk = FactorRisk::of(book.risk, book.securities.size()).value();
  const CheckedUnit unit = check(book, risk, units.front());
  const tax::UnitProgress progress(book, units.front());
  const Solution solution = solve(unit, unit.accounts.front(), progress, {});
  ASSERT_TRUE(solution.bound.has_value()) << what;
  const AccountResult ours = result_of(solution);
  for (const Breach& breach : verify_orders(BookIndex(book), units.front(), {&ours})) {
    ADD_FAILURE() << what << ": ours: " << breach.rule << ": " << breach.message;
  }
  const objective::Terms terms = terms_of(unit, unit.accounts.front(), progress);
  const Allowed allowed = enumerate(book, terms, units.front());
  EXPECT_GT(allowed.orders, 0) << what;
  constexpr double cents = 0.15;  // limits are kept to the cent
  EXPECT_LE(*solution.bound, allowed.least + cents)
      << what << ": ours reach "
      << objective::parts_of(terms, objective::outcome_of(terms, book, solution.trades)).total();
}

TEST(NeedsEnumeration, NoOrdersTheVerifierAllowsBeatTheBound) {
  const auto untradable = [](BookBuilder builder) {
    return builder.adjust([](Book& book) { book.securities[security_index(book, "DEAR").value].tradable = false; });
  };
  const auto never_sold = [](BookBuilder builder) {
    return builder.restriction({.scope_id = "A", .rule = RestrictionRule::never_sell, .subject_id = "DEAR"});
  };
  const auto ticket = [](BookBuilder builder, const char* dollars) {
    return builder.policy("A", "ticket_cost_usd", dollars);
  };
  const auto asked = [](BookBuilder builder, RequestKind kind, const char* amount) {
    return builder.request({.account = "A", .kind = kind, .amount = amount});
  };
  const struct {
    const char* what;
    BookBuilder book;
  } cases[] = {
      {"a dear name that is not tradable", untradable(with_dear(paying(small_book("0"), "105")))},
      {"a dear name that is never sold", never_sold(with_dear(paying(small_book("0"), "105")))},
      {"a dear name that could be sold", with_dear(paying(small_book("0"), "105"))},
      {"a harvest", asked(small_book("50"), RequestKind::harvest, "100")},
      {"a harvest beside a payment", asked(paying(small_book("50"), "105"), RequestKind::harvest, "100")},
      {"gains", asked(small_book("50"), RequestKind::realize_gains, "100")},
      {"a fund nobody needs to sell", ticket(with_fund(paying(small_book("1000"), "1000"), "10"), "20")},
      {"a fund whose ticket is due", ticket(with_fund(paying(small_book("500"), "1000"), "510"), "20")},
      {"a fund that pays", ticket(with_fund(paying(small_book("500"), "1000"), "900"), "20")},
      {"a fund that is set aside",
       asked(with_fund(paying(small_book("100"), "100"), "3000"), RequestKind::set_aside, "3500")
           .policy("A", "commission_bps", "1000")},
  };
  for (const auto& c : cases) {
    BookBuilder cash_only = c.book;
    expect_no_orders_beat_the_bound(c.what, cash_only.policy("A", "mode", "cash_only"));
    BookBuilder resting = c.book;
    resting.policy("A", "rebalance_days_min", "30")
        .transaction({.account = "A", .trade_date = "2025-06-20", .security = "BBB", .quantity = "1", .amount = "100"});
    expect_no_orders_beat_the_bound(c.what, resting);
  }
}

}  // namespace
}  // namespace lotwright
