// run/transition_path.h — one account on one way into the future: the engine's decision of a day, then the next day's
// book. What run/transition.h makes a fan of.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "run/future.h"

namespace lotwright {

struct TransitionWishes {
  int years = 5;       // 1..30
  Money budget;        // dollars a calendar year; the account's own holds where it is tighter
  bool gains = false;  // of net gain; else of tax
  int paths = 20;      // 1..1000
  std::uint64_t seed = 1;
  int decisions_a_year = 252;  // 1, 2, 4, 12, 52 or 252: units/trading_days.h
  double drift = 0.05;         // of every price, a year
  int threads = 0;             // 0: all cores
};

// stuck: something keeps what is left, whatever time brings. rests: the account's own settings want no more than this.
enum class Pace { moves, slow, stuck, rests };

// How one path stands on one of the plan's dates, after the day's orders.
struct Standing {
  int year = 0;            // of the plan; 0: before the first decision
  bool ends_year = false;  // the year's last decision
  Date decided_on;
  double tracking_error = 0.0;
  double distance = 0.0;  // half the sum of the active weights
  double moved = 0.0;     // 1 - distance over that of the first day
  double unrealized_gain = 0.0;
  double tax = 0.0;
  double gain = 0.0;
  double value = 0.0;
  double budget_used = 0.0;  // of the calendar year
  double wanted = 0.0;       // where a year ends: what a decision without the budget would take beyond this one
  Pace pace = Pace::moves;   // where a year ends
  // Of a stuck path: budget (of nothing), or restriction, request, limit, data_hold, other_hold as run/left.h has them;
  // of one that rests wash_sale, minimum, tax, trading, setting.
  std::string cause;
};

// What holds the account whatever a plan says: its own budget or its taxpayer's, the tighter.
struct OwnBudget {
  Money budget;  // a calendar year
  bool of_taxpayer = false;
};
[[nodiscard]] std::optional<OwnBudget> own_budget(const UnitBook& unit, bool gains);

// The plan's budget, or the account's own where it is tighter.
[[nodiscard]] Money budget_in_force(const UnitBook& unit, const TransitionWishes& wishes);
void set_budget(UnitBook& unit, const TransitionWishes& wishes);
// Takes the account's own and its taxpayer's away: of gain, or of tax.
void forget_budget(UnitBook& unit, bool gains);

// The account's decision of one day, and how far it brings it.
struct DayDecided {
  AccountResult result;
  double distance_before = 0.0;
  double distance_after = 0.0;
  double added = 0.0;        // tax or gain of the orders, whichever the budget limits
  double used_before = 0.0;  // of the calendar year's budget, before the orders
};
// What is left is told for judge_pace, and for nobody else.
[[nodiscard]] DayDecided decide_day(const UnitBook& unit, bool gains, Told told);

// Tax or gain that the account takes today where no budget holds it.
[[nodiscard]] double wanted_without_budget(const UnitBook& unit, bool gains);

// Whether a word of Standing::cause keeps what the account wants; else it does not want it.
[[nodiscard]] bool is_an_obstacle(std::string_view cause);

// Says of `standing`, whose account moved by `moved_since` of the way in the last year, whether it moves, is slow,
// is stuck or rests, and by what. `arrived`: it wants no more than the budget gives.
void judge_pace(const TransitionWishes& wishes, const AccountResult& result, double moved_since, bool arrived,
                Standing& standing);

// What is left to want is next to nothing beside what was wanted at once.
[[nodiscard]] bool has_arrived(double wanted, double wanted_at_once);

// The path of this number, from the account as it is.
[[nodiscard]] std::vector<Standing> walk(const UnitBook& start, const TransitionWishes& wishes, double wanted_at_once,
                                         std::uint64_t number, std::atomic<std::size_t>* decided);

}  // namespace lotwright
