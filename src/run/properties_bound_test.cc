// No orders that the verifier allows may beat the bound. Where enumeration_test.cc tries every order of plain accounts
// against rules written down once more, here orders of accounts of every shape are drawn at random, and the verifier
// alone says which may leave: sales of any lots, purchases of any size, ours with some of them left out or changed.

#include <algorithm>
#include <random>

#include "problem/problem.h"
#include "run/clean_run.h"
#include "testing/orders_by_hand.h"
#include "testing/properties.h"

namespace lotwright {
namespace {

using properties::Wrong;

// Orders of the account that is decided first, so that nothing decided before bears on them.
class OrdersAtRandom {
 public:
  OrdersAtRandom(const Book& book, const AccountResult& ours)
      : book_(book), account_(book.accounts.front()), ours_(ours), random_(20250630) {}

  std::vector<OrderByHand> next() {
    std::vector<OrderByHand> orders;
    const bool near_ours = pick(3) == 0;
    for (std::uint32_t i = 0; i < book_.securities.size(); ++i) {
      const SecurityIndex security{i};
      if (near_ours && pick(4) > 0) {
        if (const Order* order = ours_for(security)) orders.push_back(by_hand(*order));
        continue;
      }
      if (pick(2) == 0) continue;
      if (pick(2) == 0) {
        add_purchase(security, orders);
      } else {
        add_sale(security, orders);
      }
    }
    return orders;
  }

 private:
  std::int64_t pick(std::int64_t n) {
    return n < 1 ? 0 : static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(n));
  }

  const Order* ours_for(SecurityIndex security) const {
    const auto found =
        std::ranges::find_if(ours_.orders, [&](const Order& order) { return order.trade.security == security; });
    return found == ours_.orders.end() ? nullptr : &*found;
  }

  OrderByHand by_hand(const Order& order) const {
    const Trade& trade = order.trade;
    OrderByHand copy{
        account_.id.text, trade.side, book_.security(trade.security).id.text, trade.quantity.to_string(), {}};
    for (const LotSale& sale : trade.lots) {
      copy.lots.emplace_back(account_.lots[sale.lot].id.text, sale.quantity.to_string());
    }
    return copy;
  }

  void add_purchase(SecurityIndex index, std::vector<OrderByHand>& orders) {
    const Security& security = book_.security(index);
    const double worth = std::max(0.0, ours_.value.to_double()) / static_cast<double>(1 + pick(20));
    const double steps = worth / security.price->to_double() / security.quantity_step.to_double();
    if (steps < 1.0 || steps > 1e12) return;
    const auto count = 1 + pick(static_cast<std::int64_t>(steps));
    orders.push_back(buy(account_.id.text, security.id.text,
                         Quantity::of_count(count * security.quantity_step.count()).to_string()));
  }

  // Whole lots, or a part of one in steps.
  void add_sale(SecurityIndex index, std::vector<OrderByHand>& orders) {
    const Security& security = book_.security(index);
    std::vector<std::pair<std::string, std::string>> lots;
    Quantity sum;
    for (const TaxLot& lot : account_.lots) {
      if (lot.security != index || pick(3) == 0) continue;
      Quantity taken = lot.quantity;
      const std::int64_t step = security.quantity_step.count();
      if (pick(3) == 0) taken = Quantity::of_count(pick(lot.quantity.count() / step) * step);
      if (!taken.is_positive()) continue;
      lots.emplace_back(lot.id.text, taken.to_string());
      sum += taken;
    }
    if (!lots.empty()) orders.push_back(sell(account_.id.text, security.id.text, sum.to_string(), lots));
  }

  const Book& book_;
  const Account& account_;
  const AccountResult& ours_;
  std::mt19937_64 random_;
};

// An unknown basis is decided by rules of its own, not by what these orders state.
bool all_known(const Book& book) {
  const auto priced = [](const Security& security) { return security.price && security.price->is_positive(); };
  const auto known = [](const TaxLot& lot) { return lot.cost_basis.has_value(); };
  return std::ranges::all_of(book.securities, priced) && std::ranges::all_of(book.accounts.front().lots, known);
}

// The rounding of an order may turn a loss of less than a cent into none, which a bound does not reckon with; and the
// verifier forgives such a loss.
bool takes_parts_of_a_cent(const AccountResult& result) {
  return std::ranges::any_of(result.orders, [](const Order& order) {
    return std::ranges::any_of(order.trade.lots,
                               [](const LotSale& sale) { return sale.gain && sale.gain->abs() < cent; });
  });
}

TEST(Properties, NoOrdersTheVerifierAllowsBeatTheBound) {
  int allowed = 0;
  properties::hold(600, [&allowed](const RandomBook& rows, Wrong& wrong) {
    const Book book = rows.build();
    const AccountResult ours = properties::clean_run(book, wrong).accounts.front();
    if (!ours.bound || !all_known(book)) return;
    const std::vector<DecisionUnit> units = decision_units(book);
    const FactorRisk risk = FactorRisk::of(book.risk, book.securities.size()).value();
    const CheckedUnit unit = check(book, risk, units.front());
    const tax::UnitProgress progress(book, units.front());
    const objective::Terms terms = terms_of(unit, unit.accounts.front(), progress);
    const BookIndex index(book);
    OrdersAtRandom random(book, ours);
    for (int i = 0; i < 40; ++i) {
      const AccountResult other = honest_results(book, random.next()).front();
      if (!verify_orders(index, units.front(), {&other}).empty() || takes_parts_of_a_cent(other)) continue;
      // To leave an overdraft breaks no rule of an order; the bound is of what must be done about it.
      if (other.cash_after.is_negative()) continue;
      ++allowed;
      // Limits are kept to the cent: each order may gain what some cents more are worth.
      const double cents = 0.05 + 0.02 * static_cast<double>(other.orders.size());
      const double reached = objective::parts_of(terms, objective::outcome_of(terms, book, trades_of(other))).total();
      if (*ours.bound <= reached + cents + 1e-9 * std::abs(reached)) continue;
      wrong << "orders reach " << reached << ", below the bound " << *ours.bound << "; ours reach "
            << ours.objective_after << ":\n";
      for (const Order& order : other.orders) {
        wrong << "  " << (order.trade.side == Side::buy ? "buy " : "sell ") << order.trade.quantity.to_string() << " "
              << book.security(order.trade.security).id.text << '\n';
      }
      return;
    }
  });
  EXPECT_GT(allowed, 600) << "hardly any of the orders drawn may leave: the test looks at nothing";
}

}  // namespace
}  // namespace lotwright
