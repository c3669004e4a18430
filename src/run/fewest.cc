#include "run/fewest.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>
#include <utility>

namespace lotwright {
namespace {

constexpr int halvings = 14;
constexpr int doublings_max = 50;

// The account at one price of an order.
struct Priced {
  double price = 0.0;  // dollars an order
  AccountResult result;
  std::optional<double> bound;  // on the objective and the prices of its orders

  [[nodiscard]] std::size_t orders() const { return result.orders.size(); }
};

class Prices {
 public:
  Prices(const UnitBook& unit, const RunResult& run)
      : book_(without_least_improvement(unit, run)), account_(book_, run) {
    const AccountResult& present = result_of(run, unit.account);
    all_.push_back({0.0, present, present.bound});
  }

  // The price from which on the orders are at most `count`, as near as halving comes; all that is met is remembered.
  void look_for(std::size_t count) {
    if (all_.front().orders() <= count) return;
    double low = 0.0;
    double high = std::max(1.0, all_.front().result.improvement.abs().to_double()) / 64.0;
    for (int i = 0; i < doublings_max && at(high).orders() > count; ++i) {
      if (at(high).orders() == at(4.0 * high).orders() && i > 20) return;  // what is left is forced
      low = std::exchange(high, 2.0 * high);
    }
    for (int i = 0; i < halvings && at(high).orders() != count; ++i) {
      const double middle = low == 0.0 ? high / 8.0 : std::sqrt(low * high);
      (at(middle).orders() > count ? low : high) = middle;
    }
  }

  [[nodiscard]] FewOrders best(std::size_t count) const {
    const Priced* best = nullptr;
    std::optional<double> bound;
    for (const Priced& one : all_) {
      if (one.bound) {
        bound = std::max(bound.value_or(-1e300), *one.bound - one.price * static_cast<double>(count));
      }
      if (best == nullptr || better(one, *best, count)) best = &one;
    }
    FewOrders few{count, best->result};
    if (!bound) return few;
    const double objective = few.result.objective_after;
    const double rounding = 1e-5 + 1e-9 * std::abs(objective);
    require(few.result.orders.size() > count || *bound <= objective + rounding, "so few orders are below their bound");
    few.result.bound = std::min(*bound, objective);  // orders that are forced beyond the number may be better
    return few;
  }

 private:
  static UnitBook without_least_improvement(const UnitBook& unit, const RunResult& run) {
    UnitBook book = unit;
    Account& account = book.book.accounts[unit.account.value];
    account.effective_policy.improvement_min = {};
    account.shadow_prices = result_of(run, unit.account).shadow_prices;
    return book;
  }

  // Few enough is better than too many, fewer of too many better than more; then the objective decides.
  static bool better(const Priced& one, const Priced& other, std::size_t count) {
    const std::size_t beyond = std::max(one.orders(), count);
    const std::size_t other_beyond = std::max(other.orders(), count);
    if (beyond != other_beyond) return beyond < other_beyond;
    return one.result.objective_after < other.result.objective_after;
  }

  const Priced& at(double price) {
    const auto known = std::ranges::find(all_, price, &Priced::price);
    if (known != all_.end()) return *known;
    Priced one{price, account_.decide({}, price), {}};
    if (one.result.bound) one.bound = *one.result.bound + price * static_cast<double>(one.orders());
    return all_.emplace_back(std::move(one));
  }

  UnitBook book_;
  AccountAlone account_;
  std::deque<Priced> all_;  // references stay; the first is the account as the run decides it
};

}  // namespace

std::vector<FewOrders> fewest(const UnitBook& unit, const RunResult& run, const std::vector<std::size_t>& counts) {
  Prices prices(unit, run);
  for (const std::size_t count : counts) prices.look_for(count);
  std::vector<FewOrders> list;
  for (const std::size_t count : counts) list.push_back(prices.best(count));
  return list;
}

}  // namespace lotwright
