#include "solution/search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "numerics/branch.h"
#include "numerics/lanes.h"

namespace lotwright {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

// A move must lower the cost by more than this, of the scale (1e-4 is a basis point), so that the search ends.
constexpr double least_improvement = 1e-10;
// Pairs tried in a round: this many departures, each with this many answering names.
constexpr std::size_t departures_max = 32;
constexpr std::size_t answers_max = 48;
// Where estimates do, so many departures are joined to each other, and so many to partners that take up the cash.
constexpr std::size_t joined_max = 128;
constexpr std::size_t sized_max = 12;
constexpr std::size_t chain_names_max = 40;
constexpr std::size_t chain_departures_min = 24;
constexpr std::size_t chain_work_max = 1000;
constexpr int chain_passes_max = 3;
// Few names: moves weighed in all the searches that share a memory, as many of those left as one search may spend on
// pairs and chains, and so many at least.
constexpr std::int64_t deep_moves_max = 400'000;
constexpr std::int64_t deep_moves_part = 4;
constexpr std::int64_t deep_moves_min = 1'000;
constexpr int repairs_max = 12;
constexpr int repairing_pairs_max = 2;  // rounds of them where single moves leave a limit broken
// A sweep of single moves that gains less is the last one: fractions of shares creep towards a point for ever.
constexpr double worthwhile_sweep = 2e-8;
constexpr int first_names_max = 4;  // of an identical group

// A round of pairs that gains less than this part of what is left to gain, and less than a thousandth of a basis point,
// is the last where there are many names.
constexpr double worthwhile_part = 0.01;
constexpr double worthwhile_most = 1e-7;
// Where more than a basis point is left when pairs have gained what they can, answers are tried one by one too.
constexpr double much_left = 1e-4;

struct Move {
  int name = -1;
  NamePlan next;
  double change = 0.0;
  std::size_t block = 0;
};

// A closing sale may hold part of a step more.
Quantity whole_steps(Quantity quantity, Quantity step) {
  return Quantity::of_count(quantity.count() / step.count() * step.count());
}

// A few quantities, none of them twice.
class Quantities {
 public:
  void add(Quantity quantity) {
    if (std::find(begin(), end(), quantity) == end() && size_ < values_.size()) values_[size_++] = quantity;
  }
  [[nodiscard]] const Quantity* begin() const { return values_.data(); }
  [[nodiscard]] const Quantity* end() const { return values_.data() + size_; }

 private:
  std::array<Quantity, 12> values_;
  std::size_t size_ = 0;
};

class Search {
 public:
  Search(HoldingPlan& plan, double enough, SearchMemory& memory)
      : plan_(plan),
        problem_(plan.problem()),
        program_(problem_.program),
        enough_(enough),
        memory_(memory),
        few_(program_.names.size() <= chain_names_max),
        coupled_(problem_.turnover_limited || problem_.limits.names_more_max || problem_.limits.tax_due_max ||
                 !problem_.goals.empty()) {
    memory_.in_group.assign(program_.names.size(), false);
    for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
      const numerics::Range offers = program_.modes[at(program_.blocks[b].modes.begin)].offers;
      for (int o = offers.begin; o < offers.end; ++o) {
        memory_.in_group[at(program_.offers[at(o)].name)] = problem_.block_of_many[b];
      }
    }
    unsettle_all();
  }

  int improve(int passes_max, Depth depth) {
    int passes = 0;
    int repairing_pairs = repairing_pairs_max;
    const std::int64_t left = deep_moves_max - memory_.moves_weighed;
    const std::int64_t moves_max = memory_.moves_weighed + std::max(left / deep_moves_part, deep_moves_min);
    repair();
    double cost = plan_.cost();
    while (passes < passes_max && cost > enough_) {
      ++passes;
      const bool moved = sweep();
      const bool goes_on = few_ || cost - plan_.cost() > worthwhile_sweep;
      if (!moved || !goes_on) {
        if (depth == Depth::singles && (plan_.broken().no_limit() || --repairing_pairs < 0)) break;
        if (few_ && memory_.moves_weighed > moves_max && plan_.broken().no_limit()) break;
        if (!move_pairs() && (depth == Depth::singles || !move_chains())) break;
        const double gained = cost - plan_.cost();
        if (!few_ && gained < std::min(worthwhile_part * (cost - enough_), worthwhile_most)) break;
      }
      cost = plan_.cost();
    }
    plan_.refresh();
    return passes;
  }

  // Rounding may leave the cash line short or the turnover above its limit: the one name that closes the gap at the
  // least cost does, not the first in order.
  void repair() {
    for (int round = 0; round < repairs_max; ++round) {
      const HoldingPlan::Broken broken = plan_.broken();
      if (broken.cash <= 0.0 && broken.turnover <= 0.0 && broken.budget <= 0.0 && broken.goals <= 0.0) return;
      Move best = no_move();
      list_choices();
      for (const BranchChoice& choice : memory_.choices) {
        look_at(choice.name);
        for (int b = choice.branches.begin; b < choice.branches.end; ++b) consider_repair(choice.name, b, broken, best);
      }
      if (best.name < 0) return;
      make(best);
    }
  }

  void consider_repair(int name, int branch, const HoldingPlan::Broken& broken, Move& best) {
    if (broken.cash > 0.0) {
      consider_raising(name, branch, broken.cash, best);
    } else if (broken.turnover > 0.0) {
      if (plan_.current(name).branch == branch) {
        consider_shift(name, branch, -steps_worth(name, branch, broken.turnover), best);
      }
    } else if (broken.budget > 0.0) {
      consider_shift(name, branch, -steps_of_gain(name, branch, broken.budget), best);
    } else {
      consider_realizing(name, branch, best);
    }
  }

  // The name sells what the goals still lack, or less where they have too much.
  void consider_realizing(int name, int branch, Move& best) {
    if (problem_.meaning[at(branch)].kind != BranchKind::sell || problem_.is_fixed(name)) return;
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

  // Whole steps, given up of the branch's sale, that take so many dollars of gain away; none where they would not.
  std::int64_t steps_of_gain(int name, int branch, double dollars) {
    if (plan_.current(name).branch != branch) return 0;
    const double gain = plan_.marginal_gain(name) * plan_.lattice(branch).step.to_double();
    return gain > 0.0 ? static_cast<std::int64_t>(std::min(std::ceil(dollars / gain), 1e9)) : 0;
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
    if (steps == 0 || problem_.is_fixed(name)) return;
    const NamePlan& now = plan_.current(name);
    const Lattice& lattice = plan_.lattice(branch);
    const std::int64_t from = now.branch == branch ? now.quantity.count() / lattice.step.count() : 0;
    const std::int64_t to = std::max<std::int64_t>(from + steps, 0);
    const Quantity wanted = Quantity::of_count(to * lattice.step.count());
    if (steps < 0) {
      if (wanted >= lattice.least && wanted <= lattice.most) {
        weigh(name, branch, wanted, best);
      } else if (!memory_.in_group[at(name)]) {  // a group's mode may not let it hold
        weigh(name, -1, Quantity(), best);
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
      weigh(name, branch, more, best);
    } else if (lattice.whole.is_positive()) {
      weigh(name, branch, lattice.whole, best);
    } else if (lattice.most >= lattice.least) {
      weigh(name, branch, lattice.most, best);
    }
  }

  // Every block to its best single move.
  bool sweep() {
    bool moved = false;
    for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
      moved |= problem_.block_of_many[b] ? move_group(b) : move_single(b);
    }
    if (moved) plan_.refresh();
    return moved;
  }

 private:
  static Move no_move() { return {.name = -1, .next = {}, .change = -least_improvement, .block = 0}; }

  void put(int name, const NamePlan& plan) {
    memory_.settled[at(name)].margin = -1.0;
    plan_.apply(name, plan);
  }
  void make(const Move& move) { put(move.name, move.next); }

  // From here on it is this name that is weighed.
  void look_at(int name) {
    risk_price_ = plan_.risk_price(name);
    margin_ = std::numeric_limits<double>::infinity();
    reach_ = 0.0;
  }

  // The quantities worth trying on a branch: around the exact one-dimensional optimum, the ends, the whole.
  Quantities quantities(int name, int branch) {
    const Lattice& lattice = plan_.lattice(branch);
    Quantities result;
    if (lattice.most < lattice.least || !lattice.most.is_positive()) {
      if (lattice.whole.is_positive()) result.add(lattice.whole);
      return result;
    }
    const double step_weight = plan_.weight_of(name, lattice.step);
    const double cap = static_cast<double>(lattice.most.count()) / static_cast<double>(lattice.step.count());
    const double steps = step_weight > 0.0 ? plan_.optimum(name, branch, risk_price_) / step_weight : 0.0;
    const auto low = static_cast<std::int64_t>(std::clamp(steps, 0.0, cap));
    const Quantity quantity = Quantity::of_count(low * lattice.step.count());
    result.add(std::clamp(quantity, lattice.least, lattice.most));
    if (quantity < lattice.most && (few_ || quantity >= lattice.least)) {
      result.add(std::clamp(quantity + lattice.step, lattice.least, lattice.most));
    }
    // Where that breaks a limit, as far as the limit lets it go.
    const HoldingPlan::Steps kept = plan_.kept(name, branch, steps);
    if (steps > kept.most || steps < kept.least) add_within(kept, cap, lattice, steps, result);
    // To close a position pays where nearly all of it goes, and where names are counted.
    const bool nearly_all = quantity + lattice.step >= lattice.most;
    if (lattice.whole.is_positive() && (nearly_all || few_ || coupled_)) result.add(lattice.whole);
    return result;
  }

  // The quantity nearest to `steps` of those that keep the limits, as far as the branch goes.
  static void add_within(const HoldingPlan::Steps& kept, double cap, const Lattice& lattice, double steps,
                         Quantities& result) {
    const double nearest = steps > kept.most ? std::floor(kept.most) : std::ceil(kept.least);
    if (nearest < 1.0) return;
    const auto whole = static_cast<std::int64_t>(std::min(nearest, cap));
    const Quantity quantity = Quantity::of_count(whole * lattice.step.count());
    if (quantity >= lattice.least && quantity <= lattice.most) result.add(quantity);
  }

  void consider(int name, int branch, Move& best) {
    if (branch >= 0 && problem_.meaning[at(branch)].kind != BranchKind::hold) {
      for (const Quantity quantity : quantities(name, branch)) {
        if (plan_.current(name).branch == branch && plan_.current(name).quantity == quantity) continue;
        weigh(name, branch, quantity, best);
      }
      consider_realizing(name, branch, best);
    } else if (plan_.current(name).branch >= 0) {
      weigh(name, -1, Quantity(), best);
    }
  }

  // Keeps the move if it is better than the best. Only what an estimate does not rule out is priced to the cent.
  void weigh(int name, int branch, Quantity quantity, Move& best) {
    ++memory_.moves_weighed;
    const Departure departure = plan_.departure(name, branch, quantity);
    const Estimate estimate = plan_.estimate(departure, risk_price_);
    margin_ = std::min(margin_, estimate.local ? estimate.change - estimate.cash : -1.0);
    reach_ = std::max(reach_, std::fabs(departure.x));
    if (plan_.others_kept() && estimate.change >= best.change) return;
    const NamePlan next = plan_.plan_of(name, branch, quantity);
    const double change = plan_.change(name, next, risk_price_);
    if (change < best.change) best = {name, next, change, 0};
  }

  void unsettle_all() {
    memory_.settled.assign(program_.names.size(), LastLook());
    tax_piece_ = plan_.tax_piece();
  }

  // Has nothing changed since the name was looked at that could make it move? Cash that is free has no price, and a
  // move that shortens it only costs more.
  bool is_settled(int name) {
    if (tax_piece_ != plan_.tax_piece()) unsettle_all();
    const LastLook& settled = memory_.settled[at(name)];
    if (few_ || settled.margin < 0.0 || plan_.cash_cost() > 0.0 || !plan_.others_kept()) return false;
    const double risk_price = plan_.risk_price(name);
    return settled.margin > std::fabs(risk_price - settled.risk_price) * settled.reach;
  }

  bool move_single(std::size_t block, int fixed = -1) {
    const numerics::Range modes = program_.blocks[block].modes;
    const int name = program_.offers[at(program_.modes[at(modes.begin)].offers.begin)].name;
    if (name == fixed || is_settled(name)) return false;
    Move best = no_move();
    look_at(name);
    for (int m = modes.begin; m < modes.end; ++m) {
      if (problem_.bound_only[at(m)]) continue;
      const numerics::Offer& offer = program_.offers[at(program_.modes[at(m)].offers.begin)];
      for (int b = offer.branches.begin; b < offer.branches.end; ++b) consider(name, b, best);
    }
    memory_.settled[at(name)] = {.risk_price = risk_price_, .margin = margin_, .reach = reach_};
    if (best.name < 0) return false;
    make(best);
    return true;
  }

  // Several names choose one mode together: each mode is tried from "all hold", name by name, and the best kept. The
  // name that goes first takes what twins would share, so every one is the first once.
  bool move_group(std::size_t block) {
    const numerics::Range modes = program_.blocks[block].modes;
    const numerics::Range names = program_.modes[at(modes.begin)].offers;
    if (no_reason_to_move(modes)) return false;
    std::vector<NamePlan>& start = memory_.group_start;
    std::vector<NamePlan>& best = memory_.group_best;
    keep_group(names, start);
    best = start;
    double best_change = -least_improvement;
    for (int m = modes.begin; m < modes.end; ++m) {
      if (problem_.bound_only[at(m)]) continue;
      const numerics::Range offers = program_.modes[at(m)].offers;
      for (int first = offers.begin; first < std::min(offers.end, offers.begin + first_names_max); ++first) {
        const double change = settle_offers(offers, first);
        if (change < best_change) {
          best_change = change;
          keep_group(names, best);
        }
        put_group(names, start);
      }
    }
    put_group(names, best);
    return best_change < -least_improvement;
  }

  // Identical names move the same factors, so that together they gain no more than one by one: where all hold, and no
  // name by itself would gain, cash apart, all go on holding.
  bool no_reason_to_move(numerics::Range modes) {
    if (few_ || plan_.cash_cost() > 0.0 || !plan_.others_kept()) return false;
    Move any{.name = -1, .next = {}, .change = -std::numeric_limits<double>::infinity(), .block = 0};
    for (int m = modes.begin; m < modes.end; ++m) {
      const numerics::Range offers = program_.modes[at(m)].offers;
      for (int o = offers.begin; o < offers.end; ++o) {
        const numerics::Offer& offer = program_.offers[at(o)];
        if (plan_.current(offer.name).branch >= 0) return false;
        look_at(offer.name);
        for (int b = offer.branches.begin; b < offer.branches.end; ++b) consider(offer.name, b, any);
        if (margin_ < 0.0) return false;
      }
    }
    return true;
  }

  void keep_group(numerics::Range offers, std::vector<NamePlan>& plans) {
    plans.clear();
    for (int o = offers.begin; o < offers.end; ++o) plans.push_back(plan_.current(program_.offers[at(o)].name));
  }
  void put_group(numerics::Range offers, const std::vector<NamePlan>& plans) {
    for (int o = offers.begin; o < offers.end; ++o) {
      const int name = program_.offers[at(o)].name;
      if (!is_same(plan_.current(name), plans[at(o - offers.begin)])) put(name, plans[at(o - offers.begin)]);
    }
  }
  static bool is_same(const NamePlan& a, const NamePlan& b) { return a.branch == b.branch && a.quantity == b.quantity; }

  // The names of a mode from "all hold" each to its best branch: `first`, then the others in order.
  double settle_offers(numerics::Range offers, int first) {
    double change = 0.0;
    for (int o = offers.begin; o < offers.end; ++o) {
      const int name = program_.offers[at(o)].name;
      if (plan_.current(name).branch < 0) continue;
      change += plan_.change(name, {});
      put(name, {});
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
    for (int b = offer.branches.begin; b < offer.branches.end; ++b) {
      may_hold |= problem_.meaning[at(b)].kind == BranchKind::hold;
    }
    Move best{.name = -1, .next = {}, .change = may_hold ? 0.0 : 1e300, .block = 0};
    look_at(offer.name);
    for (int b = offer.branches.begin; b < offer.branches.end; ++b) consider(offer.name, b, best);
    if (best.name < 0) return 0.0;
    make(best);
    return best.change;
  }

  // Every small departure of a name from where it stands: a step or two more or less, its branches' best, hold, the
  // whole.
  void add_departures(const BranchChoice& choice) {
    const NamePlan& now = plan_.current(choice.name);
    look_at(choice.name);
    for (int b = choice.branches.begin; b < choice.branches.end; ++b) {
      if (problem_.meaning[at(b)].kind == BranchKind::hold) {
        if (now.branch >= 0) add_departure(choice, -1, Quantity());
        continue;
      }
      Quantities tried = quantities(choice.name, b);
      const Lattice& lattice = plan_.lattice(b);
      const Quantity step = lattice.step;
      const Quantity from = now.branch == b ? whole_steps(now.quantity, step) : Quantity();
      const auto add = [&](Quantity quantity) {
        if (quantity >= lattice.least && quantity <= lattice.most) tried.add(quantity);
      };
      add(from + step);
      add(from + step + step);
      add(from - step);
      add(from - step - step);
      if (lattice.least.is_positive()) add(lattice.least);
      if (budget_broken_ > 0.0) {
        add(from - Quantity::of_count(steps_of_gain(choice.name, b, budget_broken_) * step.count()));
      }
      for (const Quantity quantity : tried) {
        if (now.branch != b || now.quantity != quantity) add_departure(choice, b, quantity);
      }
    }
  }

  void add_departure(const BranchChoice& choice, int branch, Quantity quantity) {
    Departure departure = plan_.departure(choice.name, branch, quantity);
    departure.block = choice.block;
    price(departure);
    memory_.departures.push_back(departure);
  }

  // What ranks a departure: the cash limit that it may break alone is left out, the dual's price of cash put in.
  void price(Departure& departure) {
    const double cash = departure.cash * cash_price_;
    if (priced_exactly()) {
      const NamePlan next = plan_.plan_of(departure.name, departure.branch, departure.quantity);
      const double in_cash = next.cash - plan_.current(departure.name).cash;
      const double alone = plan_.cash_cost(plan_.cash_line() + in_cash, 0.0) - plan_.cash_cost();
      departure.priced = plan_.change(departure.name, next, risk_price_) - alone + cash;
      return;
    }
    const Estimate estimate = plan_.estimate(departure, risk_price_);
    departure.factors = std::sqrt(0.5 * plan_.factor_curvature(departure.name)) * std::fabs(departure.x);
    departure.priced = estimate.change - estimate.cash - departure.factors * departure.factors + cash;
  }

  // Few names: every answer is tried at its price to the cent. So it is where limits tie names together that estimates
  // do not see.
  [[nodiscard]] bool priced_exactly() const { return few_ || coupled_ || !plan_.others_kept(); }

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

  void list_choices() {
    memory_.choices.clear();
    for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
      for (int m = program_.blocks[b].modes.begin; m < program_.blocks[b].modes.end; ++m) {
        if (problem_.bound_only[at(m)]) continue;
        const numerics::Mode& mode = program_.modes[at(m)];
        if (!problem_.block_of_many[b]) {
          const numerics::Offer& offer = program_.offers[at(mode.offers.begin)];
          memory_.choices.push_back({b, offer.name, offer.branches});
          continue;
        }
        for (int o = mode.offers.begin; o < mode.offers.end; ++o) {
          const numerics::Offer& offer = program_.offers[at(o)];
          if (others_may_stay(mode, offer.name)) memory_.choices.push_back({b, offer.name, offer.branches});
        }
      }
    }
  }

  // The departures of every name, most promising first.
  void list_departures() {
    budget_broken_ = plan_.broken().budget;
    cash_price_ = plan_.row_prices()[at(problem_.cash_row)] / problem_.scale;
    list_choices();
    memory_.departures.clear();
    for (const BranchChoice& choice : memory_.choices) add_departures(choice);
    if (!priced_exactly()) drop_hopeless();
    std::sort(memory_.departures.begin(), memory_.departures.end(), [](const Departure& a, const Departure& b) {
      if (a.priced != b.priced) return a.priced < b.priced;
      if (a.name != b.name) return a.name < b.name;
      return a.quantity != b.quantity ? a.quantity < b.quantity : a.branch < b.branch;
    });
  }

  // Where whole shares are coarse or cash binds, no single move helps: the most promising departures are tried together
  // with the best answer of another name.
  bool move_pairs() {
    list_departures();
    list_answering();
    if (!priced_exactly()) {
      const bool joined = join_departures();
      if (joined || plan_.cost() - enough_ < much_left) return joined;
    }
    if (memory_.departures.size() > departures_max) memory_.departures.resize(departures_max);
    for (const Departure& first : memory_.departures) {
      if (answer(first)) return true;
    }
    return false;
  }

  // Names, most promising first.
  void list_answering() {
    std::vector<Answering>& names = memory_.answering;
    names.clear();
    memory_.answers.assign(program_.names.size(), false);
    for (const Departure& departure : memory_.departures) {
      if (names.size() >= answers_max) break;
      if (memory_.answers[at(departure.name)]) continue;
      memory_.answers[at(departure.name)] = true;
      const auto choice = std::ranges::find(memory_.choices, departure.name, &BranchChoice::name);
      names.push_back({.name = departure.name,
                       .priced = departure.priced,
                       .choice = static_cast<std::size_t>(choice - memory_.choices.begin())});
    }
  }

  // Makes `first`, then the best single move of another name; keeps both if together they pay.
  bool answer(const Departure& first) {
    const NamePlan was = plan_.current(first.name);
    const NamePlan next = plan_.plan_of(first.name, first.branch, first.quantity);
    const double opening = plan_.change(first.name, next);
    put(first.name, next);
    const HoldingPlan::Broken broken = plan_.broken();
    Move best{.name = -1, .next = {}, .change = -opening - least_improvement, .block = 0};
    for (const BranchChoice& choice : memory_.choices) {
      if (choice.block == first.block) continue;
      if (!memory_.answers[at(choice.name)]) continue;
      look_at(choice.name);
      for (int b = choice.branches.begin; b < choice.branches.end; ++b) {
        consider(choice.name, b, best);
        if (broken.cash > 0.0) consider_raising(choice.name, b, broken.cash, best);
      }
    }
    if (best.name < 0) {
      put(first.name, was);
      return false;
    }
    make(best);
    return true;
  }

  // What the cash line costs together with the dual's price of what is moved: convex in `cash`.
  [[nodiscard]] double cash_apart(double cash) const {
    return plan_.cash_cost(plan_.cash_line() + cash) - plan_.cash_cost() - cash_price_ * cash;
  }

  // The least that `cash_apart` can be: what the cash is worth that lies idle.
  [[nodiscard]] double idle_cash() const {
    const double line = plan_.cash_line();
    const double most = std::min(problem_.limits.line_max, problem_.terms.cash_max * problem_.terms.investable);
    const double least = problem_.limits.line_min;
    double worth = 0.0;
    if (least > -1e299) worth = std::min(worth, cash_apart(least - HoldingPlan::cash_slack - line));
    if (most < 1e299) worth = std::min(worth, cash_apart(most - line));
    return worth;
  }

  // Two departures change the cost by the sum of their prices, what they bring to the factors together (never less than
  // nothing) and `cash_apart`. So a departure that with the best of all would gain nothing has no part in any pair.
  void drop_hopeless() {
    double least = 0.0;
    for (const Departure& departure : memory_.departures) least = std::min(least, departure.priced);
    const double most = -least_improvement - least - idle_cash();
    std::erase_if(memory_.departures, [&](const Departure& departure) { return departure.priced >= most; });
  }

  // What two departures of different blocks change the cost by; more than `enough` where that can be seen at once.
  [[nodiscard]] double together(const Departure& a, const Departure& b, double enough) const {
    const double unequal = a.factors - b.factors;
    double change = a.priced + b.priced + cash_apart(a.cash + b.cash) + unequal * unequal;
    if (change >= enough) return change;
    const double cross = program_.risk_aversion * a.x * b.x *
                         numerics::dot(program_.loadings_of(a.name), program_.loadings_of(b.name), program_.stride);
    return change + 2.0 * a.factors * b.factors + cross;
  }

  // The best partner of each promising departure, then the best of these pairs, one after the other.
  bool join_departures() {
    memory_.pairs.clear();
    const double idle = idle_cash();
    const std::size_t count = std::min(memory_.departures.size(), joined_max);
    for (std::size_t i = 0; i < count; ++i) {
      Pair best{.first = i, .second = i, .change = -least_improvement};
      for (std::size_t j = 0; j < i; ++j) {
        const Departure& a = memory_.departures[i];
        const Departure& b = memory_.departures[j];
        if (a.priced + b.priced + idle >= best.change) break;
        if (a.block == b.block) continue;
        const double change = together(a, b, best.change);
        if (change < best.change) best = {.first = i, .second = j, .change = change};
      }
      if (i < sized_max) join_sized(i, idle, best);
      if (best.second != best.first) memory_.pairs.push_back(best);
    }
    std::sort(memory_.pairs.begin(), memory_.pairs.end(), [](const Pair& a, const Pair& b) {
      return a.change != b.change ? a.change < b.change : a.first < b.first;
    });
    // What the names were before the round is what their departures start from.
    memory_.touched.assign(program_.blocks.size(), false);
    bool moved = false;
    for (const Pair& pair : memory_.pairs) {
      const std::size_t a = memory_.departures[pair.first].block;
      const std::size_t b = memory_.departures[pair.second].block;
      if (memory_.touched[a] || memory_.touched[b] || !make_pair(pair)) continue;
      memory_.touched[a] = memory_.touched[b] = moved = true;
    }
    return moved;
  }

  // A partner that takes as many shares as the cash pays for which the departure and what lies idle leave.
  void join_sized(std::size_t i, double idle, Pair& best) {
    const Departure first = memory_.departures[i];
    const double spare = plan_.cash_line() + first.cash - problem_.limits.line_min;
    for (const Answering& one : memory_.answering) {
      if (first.priced + one.priced + idle >= best.change) break;
      if (memory_.choices[one.choice].block == first.block) continue;
      look_at(one.name);
      for (std::size_t c = one.choice; c < memory_.choices.size() && memory_.choices[c].name == one.name; ++c) {
        const BranchChoice& choice = memory_.choices[c];
        for (int b = choice.branches.begin; b < choice.branches.end; ++b) {
          const std::optional<Quantity> quantity = sized(one.name, b, spare);
          if (!quantity) continue;
          Departure answer = plan_.departure(one.name, quantity->is_zero() ? -1 : b, *quantity);
          answer.block = choice.block;
          price(answer);
          const double change = together(first, answer, best.change);
          if (change >= best.change) continue;
          best = {.first = i, .second = memory_.departures.size(), .change = change};
          memory_.departures.push_back(answer);
        }
      }
    }
  }

  // What the branch may trade instead of now so that the name takes up `spare` dollars, or raises what is missing.
  std::optional<Quantity> sized(int name, int branch, double spare) {
    const BranchKind kind = problem_.meaning[at(branch)].kind;
    const NamePlan& now = plan_.current(name);
    if (kind == BranchKind::hold || problem_.is_fixed(name) || (now.branch >= 0 && now.branch != branch)) {
      return std::nullopt;
    }
    const Lattice& lattice = plan_.lattice(branch);
    const double step = plan_.weight_of(name, lattice.step) * problem_.scale;
    const double steps = std::floor(spare / step);
    if (!(std::fabs(steps) < 1e9) || steps == 0.0) return std::nullopt;
    const auto more = static_cast<std::int64_t>(kind == BranchKind::buy ? steps : -steps);
    const Quantity from = now.branch == branch ? whole_steps(now.quantity, lattice.step) : Quantity();
    const Quantity quantity = from + Quantity::of_count(more * lattice.step.count());
    const bool held = quantity.is_zero() && now.branch >= 0 && !memory_.in_group[at(name)];
    if (held || (quantity >= lattice.least && quantity <= lattice.most)) return quantity;
    return std::nullopt;
  }

  // Both departures, if at their prices to the cent they still pay.
  bool make_pair(const Pair& pair) {
    const Departure& a = memory_.departures[pair.first];
    const Departure& b = memory_.departures[pair.second];
    const NamePlan was = plan_.current(a.name);
    const NamePlan first = plan_.plan_of(a.name, a.branch, a.quantity);
    const double opening = plan_.change(a.name, first);
    put(a.name, first);
    const NamePlan second = plan_.plan_of(b.name, b.branch, b.quantity);
    if (opening + plan_.change(b.name, second) < -least_improvement) {
      put(b.name, second);
      return true;
    }
    put(a.name, was);
    return false;
  }

  // Small accounts of coarse shares: a departure is kept while every other name answers in turn, as long as any does.
  bool move_chains() {
    if (program_.names.empty() || !few_) return false;
    list_departures();
    std::vector<Departure>& departures = memory_.departures;
    const std::size_t most = std::clamp(chain_work_max / program_.names.size(), chain_departures_min, chain_work_max);
    if (departures.size() > most) departures.resize(most);
    std::vector<NamePlan>& start = memory_.start;
    start.clear();
    for (std::size_t n = 0; n < program_.names.size(); ++n) start.push_back(plan_.current(static_cast<int>(n)));
    const double cost = plan_.cost();
    for (const Departure& departure : departures) {
      put(departure.name, plan_.plan_of(departure.name, departure.branch, departure.quantity));
      answer_in_turn(departure.name);
      answer_in_turn(-1);
      if (plan_.cost() < cost - least_improvement) return true;
      for (std::size_t n = 0; n < start.size(); ++n) {
        if (!is_same(plan_.current(static_cast<int>(n)), start[n])) put(static_cast<int>(n), start[n]);
      }
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
  const double enough_;
  SearchMemory& memory_;
  const bool few_;              // names: the search goes as far as it can
  const bool coupled_;          // limits that tie names together beside cash and gains
  int tax_piece_ = 0;           // of the plan when names were last unsettled
  double cash_price_ = 0.0;     // a dollar, / scale
  double budget_broken_ = 0.0;  // dollars, when departures were listed
  // Of the name looked at:
  double risk_price_ = 0.0;
  double margin_ = 0.0;
  double reach_ = 0.0;
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
      const Quantity quantity = trades ? nearest(plan, name.name, name.branch, name.x) : Quantity{};
      plan.place(name.name, plan.plan_of(name.name, name.branch, quantity));
    }
  }
  plan.refresh();
}

int improve(HoldingPlan& plan, double enough, int passes_max, Depth depth, SearchMemory& memory) {
  return Search(plan, enough, memory).improve(passes_max, depth);
}

int improve(HoldingPlan& plan, double enough, int passes_max, Depth depth) {
  SearchMemory memory;
  return improve(plan, enough, passes_max, depth, memory);
}

}  // namespace lotwright
