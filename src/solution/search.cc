#include "solution/search.h"

#include <algorithm>
#include <cmath>

namespace lotwright {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

// A move must lower the cost by more than this, of the scale (1e-4 is a basis point), so that the search ends.
constexpr double least_improvement = 1e-10;
// Pairs tried in a round: this many departures, each with this many answering names.
constexpr std::size_t departures_max = 32;
constexpr std::size_t answers_max = 48;
constexpr std::size_t chain_names_max = 40;
constexpr std::size_t chain_departures_min = 24;
constexpr std::size_t chain_work_max = 1000;
constexpr int chain_passes_max = 3;
constexpr int repairs_max = 12;
constexpr int first_names_max = 4;  // of an identical group

struct Move {
  int name = 0;
  NamePlan next;
  double change = 0.0;
  std::size_t block = 0;
};

class Search {
 public:
  Search(HoldingPlan& plan, double enough)
      : plan_(plan),
        problem_(plan.problem()),
        program_(problem_.program),
        mu_(plan.row_prices()),
        enough_(enough),
        queue_(numerics::queue_of(program_)),
        in_group_(program_.names.size(), false) {
    for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
      const numerics::Range offers = program_.modes[at(program_.blocks[b].modes.begin)].offers;
      for (int o = offers.begin; o < offers.end; ++o) {
        in_group_[at(program_.offers[at(o)].name)] = problem_.block_of_many[b];
      }
    }
  }

  int improve(int passes_max, Depth depth) {
    int passes = 0;
    bool moved = true;
    repair();
    while (passes < passes_max && plan_.cost() > enough_) {
      ++passes;
      moved = moved && sweep();
      if (!moved && (depth == Depth::singles || !(moved = move_pairs() || move_chains()))) break;
    }
    plan_.refresh();
    return passes;
  }

  // Rounding may leave the cash line short or the turnover above its limit: the one name that closes the gap at the
  // least cost does, not the first in order.
  void repair() {
    for (int round = 0; round < repairs_max; ++round) {
      const HoldingPlan::Broken broken = plan_.broken();
      if (broken.cash <= 0.0 && broken.turnover <= 0.0 && broken.goals <= 0.0) return;
      Move best{.name = -1, .next = {}, .change = -least_improvement, .block = 0};
      for (const Choice& choice : all_choices()) {
        for (int b = choice.branches.begin; b < choice.branches.end; ++b) consider_repair(choice.name, b, broken, best);
      }
      if (best.name < 0) return;
      plan_.apply(best.name, best.next);
    }
  }

  void consider_repair(int name, int branch, const HoldingPlan::Broken& broken, Move& best) {
    if (broken.cash > 0.0) {
      consider_raising(name, branch, broken.cash, best);
    } else if (broken.turnover > 0.0) {
      if (plan_.current(name).branch == branch) {
        consider_shift(name, branch, -steps_worth(name, branch, broken.turnover), best);
      }
    } else {
      consider_realizing(name, branch, best);
    }
  }

  // The name sells what the goals still lack, or less where they have too much.
  void consider_realizing(int name, int branch, Move& best) {
    if (problem_.meaning[at(branch)].kind != BranchKind::sell || problem_.must_sell[at(name)]) return;
    for (const Goal& goal : problem_.goals) {
      const Quantity wanted = plan_.quantity_for(goal, name, branch);
      if (wanted.is_positive()) weigh_at_least(name, branch, wanted, best);
    }
  }

  // Whole steps worth at least `dollars`.
  std::int64_t steps_worth(int name, int branch, double dollars) {
    const double step = plan_.weight_of(name, plan_.lattice(branch).step) * problem_.scale;
    return step > 0.0 ? static_cast<std::int64_t>(std::min(std::ceil(dollars / step), 1e12)) : 0;
  }

  // The name sells enough more, or buys enough less, to bring in `gap` dollars.
  void consider_raising(int name, int branch, double gap, Move& best) {
    const NamePlan& now = plan_.current(name);
    switch (problem_.meaning[at(branch)].kind) {
      case BranchKind::hold:
        return;
      case BranchKind::buy:
        if (now.branch == branch) consider_shift(name, branch, -steps_worth(name, branch, gap), best);
        return;
      case BranchKind::sell:
        if (now.x <= 0.0) consider_shift(name, branch, steps_worth(name, branch, gap), best);
        return;
    }
  }

  // So many steps more (or less) of the branch than now; below its least the name holds, above its most it goes as far
  // as it can.
  void consider_shift(int name, int branch, std::int64_t steps, Move& best) {
    if (steps == 0 || problem_.must_sell[at(name)]) return;
    const NamePlan& now = plan_.current(name);
    const Lattice& lattice = plan_.lattice(branch);
    const std::int64_t from = now.branch == branch ? now.quantity.count() / lattice.step.count() : 0;
    const std::int64_t to = std::max<std::int64_t>(from + steps, 0);
    const Quantity wanted = Quantity::of_count(to * lattice.step.count());
    if (steps < 0) {
      if (wanted >= lattice.least && wanted <= lattice.most) {
        weigh(name, plan_.plan_of(name, branch, wanted), best);
      } else if (!in_group_[at(name)]) {  // a group's mode may not let it hold
        weigh(name, NamePlan{}, best);
      }
      return;
    }
    weigh_at_least(name, branch, wanted, best);
  }

  // This quantity or the next that the branch allows; above its most as much as it can.
  void weigh_at_least(int name, int branch, Quantity wanted, Move& best) {
    const Lattice& lattice = plan_.lattice(branch);
    const std::int64_t step = lattice.step.count();
    const std::int64_t steps = wanted.count() / step + (wanted.count() % step == 0 ? 0 : 1);
    const Quantity more = std::max(Quantity::of_count(steps * step), lattice.least);
    if (more <= lattice.most) {
      weigh(name, plan_.plan_of(name, branch, more), best);
    } else if (lattice.whole.is_positive()) {
      weigh(name, plan_.plan_of(name, branch, lattice.whole), best);
    } else if (lattice.most >= lattice.least) {
      weigh(name, plan_.plan_of(name, branch, lattice.most), best);
    }
  }

  // Every block to its best single move.
  bool sweep() {
    bool moved = false;
    for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
      moved |= problem_.block_of_many[b] ? move_group(b) : move_single(b);
    }
    plan_.refresh();
    return moved;
  }

 private:
  // The quantities worth trying on a branch: around the exact one-dimensional optimum, the ends, the whole.
  std::vector<Quantity> quantities(int name, int branch) {
    const Lattice& lattice = plan_.lattice(branch);
    std::vector<Quantity> result;
    if (lattice.whole.is_positive()) result.push_back(lattice.whole);
    if (lattice.most < lattice.least || !lattice.most.is_positive()) return result;
    const double wanted = optimum(name, branch);
    const auto& security_step = lattice.step;
    const double step_weight = plan_.weight_of(name, security_step);
    const double steps = step_weight > 0.0 ? wanted / step_weight : 0.0;
    const double cap = static_cast<double>(lattice.most.count() / security_step.count());
    const auto low = static_cast<std::int64_t>(std::clamp(steps, 0.0, cap));
    for (const std::int64_t n : {low, low + 1}) {
      const Quantity quantity = Quantity::of_count(n * security_step.count());
      result.push_back(std::clamp(quantity, lattice.least, lattice.most));
    }
    return result;
  }

  // |x| of the branch's minimum with every other name where it is: the factor risk adds its own curvature.
  double optimum(int name, int branch) {
    numerics::Name own = program_.names[at(name)];
    const double extra = plan_.factor_curvature(name);
    const double price = plan_.risk_price(name) - extra * (plan_.current(name).x + own.start);
    own.curvature += extra;
    const numerics::Branch& shape = program_.branches[at(branch)];
    return std::abs(numerics::minimize_branch(program_, own, shape, price, mu_, queue_).x);
  }

  void consider(int name, int branch, Move& best) {
    if (branch >= 0 && problem_.meaning[at(branch)].kind != BranchKind::hold) {
      for (const Quantity quantity : quantities(name, branch)) {
        if (plan_.current(name).branch == branch && plan_.current(name).quantity == quantity) continue;
        weigh(name, plan_.plan_of(name, branch, quantity), best);
      }
      consider_realizing(name, branch, best);
    } else if (plan_.current(name).branch >= 0) {
      weigh(name, NamePlan{}, best);
    }
  }

  void weigh(int name, NamePlan next, Move& best) {
    const double change = plan_.change(name, next);
    if (change < best.change) best = {name, std::move(next), change, 0};
  }

  bool move_single(std::size_t block, int fixed = -1) {
    Move best{.name = -1, .next = {}, .change = -least_improvement, .block = 0};
    const numerics::Range modes = program_.blocks[block].modes;
    for (int m = modes.begin; m < modes.end; ++m) {
      if (problem_.bound_only[at(m)]) continue;
      const numerics::Offer& offer = program_.offers[at(program_.modes[at(m)].offers.begin)];
      if (offer.name == fixed) return false;
      for (int b = offer.branches.begin; b < offer.branches.end; ++b) consider(offer.name, b, best);
    }
    if (best.name < 0) return false;
    plan_.apply(best.name, best.next);
    return true;
  }

  // Several names choose one mode together: each mode is tried from "all hold", name by name, and the best kept. The
  // name that goes first takes what twins would share, so every one is the first once.
  bool move_group(std::size_t block) {
    const numerics::Range modes = program_.blocks[block].modes;
    const numerics::Range names = program_.modes[at(modes.begin)].offers;
    const auto for_names = [&](const auto& visit) {
      for (int o = names.begin; o < names.end; ++o) visit(program_.offers[at(o)].name);
    };
    std::vector<NamePlan> start;
    for_names([&](int name) { start.push_back(plan_.current(name)); });
    std::vector<NamePlan> best = start;
    double best_change = -least_improvement;
    const auto put = [&](const std::vector<NamePlan>& plans) {
      std::size_t i = 0;
      for_names([&](int name) { plan_.apply(name, plans[i++]); });
    };
    for (int m = modes.begin; m < modes.end; ++m) {
      if (problem_.bound_only[at(m)]) continue;
      const numerics::Range offers = program_.modes[at(m)].offers;
      for (int first = offers.begin; first < std::min(offers.end, offers.begin + first_names_max); ++first) {
        const double change = settle_offers(offers, first);
        if (change < best_change) {
          best_change = change;
          best.clear();
          for_names([&](int name) { best.push_back(plan_.current(name)); });
        }
        put(start);
      }
    }
    put(best);
    return best_change < -least_improvement;
  }

  // The names of a mode from "all hold" each to its best branch: `first`, then the others in order.
  double settle_offers(numerics::Range offers, int first) {
    double change = 0.0;
    for (int o = offers.begin; o < offers.end; ++o) {
      const int name = program_.offers[at(o)].name;
      change += plan_.change(name, {});
      plan_.apply(name, {});
    }
    change += settle_offer(program_.offers[at(first)]);
    for (int o = offers.begin; o < offers.end; ++o) {
      if (o != first) change += settle_offer(program_.offers[at(o)]);
    }
    return change;
  }

  // Puts one name of a group (holding now) on the best of the offered branches; a name without "hold" must trade.
  double settle_offer(const numerics::Offer& offer) {
    bool may_hold = false;
    Move best{.name = -1, .next = {}, .change = 1e300, .block = 0};
    for (int b = offer.branches.begin; b < offer.branches.end; ++b) {
      may_hold |= problem_.meaning[at(b)].kind == BranchKind::hold;
      consider(offer.name, b, best);
    }
    if (best.name < 0 || (may_hold && best.change >= 0.0)) return 0.0;
    plan_.apply(offer.name, best.next);
    return best.change;
  }

  // Every small departure of a name from where it stands: a step or two more or less, its branches' best, hold, the
  // whole.
  void add_departures(int name, numerics::Range branches, std::vector<Move>& moves) {
    const NamePlan& now = plan_.current(name);
    const auto add = [&](NamePlan next) {
      if (next.branch == now.branch && next.quantity == now.quantity) return;
      const double change = plan_.change(name, next) + cash_priced(now, next);
      moves.push_back({name, std::move(next), change, 0});
    };
    for (int b = branches.begin; b < branches.end; ++b) {
      if (problem_.meaning[at(b)].kind == BranchKind::hold) {
        add(NamePlan{});
        continue;
      }
      std::vector<Quantity> tried = quantities(name, b);
      const Lattice& lattice = plan_.lattice(b);
      const std::int64_t step = lattice.step.count();
      const std::int64_t from = now.branch == b ? now.quantity.count() / step : 0;
      for (const std::int64_t n : {from - 2, from - 1, from + 1, from + 2}) {
        const Quantity quantity = Quantity::of_count(std::max<std::int64_t>(n, 0) * step);
        if (quantity >= lattice.least && quantity <= lattice.most) tried.push_back(quantity);
      }
      if (lattice.most >= lattice.least && lattice.least.is_positive()) tried.push_back(lattice.least);
      std::sort(tried.begin(), tried.end());
      tried.erase(std::unique(tried.begin(), tried.end()), tried.end());
      for (const Quantity quantity : tried) add(plan_.plan_of(name, b, quantity));
    }
  }

  // What ranks a departure apart from the cash limit it may break alone: the limit's penalty out, the dual's price of
  // cash in.
  double cash_priced(const NamePlan& now, const NamePlan& next) {
    const double cash = next.cash - now.cash;
    const double before = std::max(0.0, problem_.limits.line_min - plan_.cash_line());
    const double after = std::max(0.0, problem_.limits.line_min - (plan_.cash_line() + cash));
    const auto at_all = [](double gap) { return gap > HoldingPlan::forgiven ? HoldingPlan::broken_at_all : 0.0; };
    return (HoldingPlan::penalty * (before - after) + mu_[at(problem_.cash_row)] * cash) / problem_.scale +
           at_all(before) - at_all(after);
  }

  // A name, and branches it may go over to while the others of its block stay as they are.
  struct Choice {
    std::size_t block = 0;
    int name = 0;
    numerics::Range branches;
  };

  // May the other names of the mode's block stay where they are, if `name` takes what the mode offers it?
  bool others_may_stay(const numerics::Mode& mode, int name) {
    for (int o = mode.offers.begin; o < mode.offers.end; ++o) {
      const numerics::Offer& offer = program_.offers[at(o)];
      if (offer.name == name) continue;
      const int now = plan_.current(offer.name).branch;
      bool offered = false;
      for (int b = offer.branches.begin; b < offer.branches.end; ++b) {
        offered |= b == now || (now < 0 && problem_.meaning[at(b)].kind == BranchKind::hold);
      }
      if (!offered) return false;
    }
    return true;
  }

  std::vector<Choice> all_choices() {
    std::vector<Choice> choices;
    for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
      for (int m = program_.blocks[b].modes.begin; m < program_.blocks[b].modes.end; ++m) {
        if (problem_.bound_only[at(m)]) continue;
        const numerics::Mode& mode = program_.modes[at(m)];
        for (int o = mode.offers.begin; o < mode.offers.end; ++o) {
          const numerics::Offer& offer = program_.offers[at(o)];
          if (others_may_stay(mode, offer.name)) choices.push_back({b, offer.name, offer.branches});
        }
      }
    }
    return choices;
  }

  // The departures of every name, most promising first.
  std::vector<Move> all_departures(const std::vector<Choice>& choices) {
    std::vector<Move> departures;
    for (const Choice& choice : choices) {
      const std::size_t before = departures.size();
      add_departures(choice.name, choice.branches, departures);
      for (std::size_t i = before; i < departures.size(); ++i) departures[i].block = choice.block;
    }
    std::sort(departures.begin(), departures.end(), [](const Move& a, const Move& b) {
      if (a.change != b.change) return a.change < b.change;
      if (a.name != b.name) return a.name < b.name;
      return a.next.quantity < b.next.quantity;
    });
    return departures;
  }

  // Where whole shares are coarse or cash binds, no single move helps: the most promising departures are tried together
  // with the best answer of another name.
  bool move_pairs() {
    const std::vector<Choice> choices = all_choices();
    std::vector<Move> departures = all_departures(choices);
    std::vector<int> answering;  // names, most promising first
    for (const Move& move : departures) {
      if (answering.size() >= answers_max) break;
      if (std::find(answering.begin(), answering.end(), move.name) == answering.end()) answering.push_back(move.name);
    }
    if (departures.size() > departures_max) departures.resize(departures_max);
    for (const Move& first : departures) {
      if (answer(first, choices, answering)) return true;
    }
    return false;
  }

  // Makes `first`, then the best single move of another name; keeps both if together they pay.
  bool answer(const Move& first, const std::vector<Choice>& choices, const std::vector<int>& answering) {
    const NamePlan was = plan_.current(first.name);
    const double opening = plan_.change(first.name, first.next);
    plan_.apply(first.name, first.next);
    const HoldingPlan::Broken broken = plan_.broken();
    Move best{.name = -1, .next = {}, .change = -opening - least_improvement, .block = 0};
    for (const Choice& choice : choices) {
      if (choice.block == first.block) continue;
      if (std::find(answering.begin(), answering.end(), choice.name) == answering.end()) continue;
      for (int b = choice.branches.begin; b < choice.branches.end; ++b) {
        consider(choice.name, b, best);
        if (broken.cash > 0.0) consider_raising(choice.name, b, broken.cash, best);
      }
    }
    if (best.name < 0) {
      plan_.apply(first.name, was);
      return false;
    }
    plan_.apply(best.name, best.next);
    return true;
  }

  // Small accounts of coarse shares: a departure is kept while every other name answers in turn, as long as any does.
  bool move_chains() {
    if (program_.names.empty() || program_.names.size() > chain_names_max) return false;
    const std::vector<Choice> choices = all_choices();
    std::vector<Move> departures = all_departures(choices);
    const std::size_t most = std::clamp(chain_work_max / program_.names.size(), chain_departures_min, chain_work_max);
    if (departures.size() > most) departures.resize(most);
    std::vector<NamePlan> start;
    for (std::size_t n = 0; n < program_.names.size(); ++n) start.push_back(plan_.current(static_cast<int>(n)));
    const double cost = plan_.cost();
    for (const Move& departure : departures) {
      plan_.apply(departure.name, departure.next);
      answer_in_turn(departure.name);
      answer_in_turn(-1);
      if (plan_.cost() < cost - least_improvement) return true;
      for (std::size_t n = 0; n < start.size(); ++n) plan_.apply(static_cast<int>(n), start[n]);
      plan_.refresh();
    }
    return false;
  }

  bool holds_name(std::size_t block, int name) {
    const numerics::Range offers = program_.modes[at(program_.blocks[block].modes.begin)].offers;
    for (int o = offers.begin; o < offers.end; ++o) {
      if (program_.offers[at(o)].name == name) return true;
    }
    return false;
  }

  void answer_in_turn(int fixed) {
    bool moved = true;
    for (int pass = 0; moved && pass < chain_passes_max; ++pass) {
      moved = false;
      for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
        moved |= problem_.block_of_many[b] ? !holds_name(b, fixed) && move_group(b) : move_single(b, fixed);
      }
    }
  }

  HoldingPlan& plan_;
  const Problem& problem_;
  const numerics::Program& program_;
  const std::vector<double>& mu_;
  const double enough_;
  numerics::Queue queue_;
  std::vector<bool> in_group_;  // by name: several names choose together
};

Quantity nearest(const HoldingPlan& plan, int name, int branch, double x) {
  const Lattice& lattice = plan.lattice(branch);
  if (lattice.most < lattice.least || !lattice.most.is_positive()) return lattice.whole;
  const double step_weight = plan.weight_of(name, lattice.step);
  const double steps = step_weight > 0.0 ? std::abs(x) / step_weight : 0.0;
  const double cap = static_cast<double>(lattice.most.count() / lattice.step.count());
  const auto count = static_cast<std::int64_t>(std::clamp(steps + 0.5, 0.0, cap));
  const Quantity quantity = std::clamp(Quantity::of_count(count * lattice.step.count()), lattice.least, lattice.most);
  const double whole_weight = lattice.whole.is_positive() ? plan.weight_of(name, lattice.whole) : -1.0;
  const bool all = lattice.whole.is_positive() && std::abs(x) >= whole_weight - 0.5 * step_weight;
  return all ? lattice.whole : quantity;
}

}  // namespace

void round_choices(HoldingPlan& plan, const std::vector<numerics::BlockChoice>& choices) {
  for (const numerics::BlockChoice& choice : choices) {
    for (const numerics::NameChoice& name : choice.names) {
      const bool trades = plan.problem().meaning[at(name.branch)].kind != BranchKind::hold &&
                          !plan.problem().bound_only[at(choice.mode)];
      const Quantity quantity = trades ? nearest(plan, name.name, name.branch, name.minimum.x) : Quantity{};
      plan.apply(name.name, plan.plan_of(name.name, name.branch, quantity));
    }
  }
  plan.refresh();
}

int improve(HoldingPlan& plan, double enough, int passes_max, Depth depth) {
  return Search(plan, enough).improve(passes_max, depth);
}

}  // namespace lotwright
