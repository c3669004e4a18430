// bench/compare/dump_problem.cc — what the engine makes of invented accounts, as JSON lines for compare.py: the
// mathematical program in full with the engine's own answer, or the answer beside that of every combination of modes.
//
//   dump_problem convex NAMES FACTORS ACCOUNTS SEED free|fixed
//   dump_problem enumerate NAMES ACCOUNTS SEED TRADE_MIN_WEIGHT TICKET one|all
//
// Doubles are written so that they read back to the same bits.

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <exception>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "checks/checks.h"
#include "numerics/ascent.h"
#include "numerics/dual.h"
#include "risk/factor_risk.h"
#include "solution/attempt.h"
#include "testing/instances.h"

namespace lotwright {
namespace {

using nlohmann::json;
using numerics::Program;
using numerics::Range;

constexpr int timed_runs = 5;
constexpr int iterations_max = 300;
constexpr double exact = 1e-13;             // to the end of what doubles tell
constexpr std::size_t candidates_max = 40;  // of a cell, those of the least bounds

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

template <class T>
const T& nth(const std::vector<T>& list, int i) {
  return list[static_cast<std::size_t>(i)];
}

// ── the program as JSON; whoever changes how a branch reaches the rows changes the first of these alone

// What `times` the bundle puts on rows.
json entries_of(const Program& program, int bundle, double times = 1.0) {
  const numerics::Bundle& range = nth(program.bundles, bundle);
  json list = json::array();
  for (int e = range.begin; e < range.end; ++e) {
    list.push_back({nth(program.entries, e).row, times * nth(program.entries, e).coefficient});
  }
  return list;
}

json branch_of(const Program& program, int name, int index) {
  const numerics::Branch& branch = nth(program.branches, index);
  json pieces = json::array();
  for (int p = branch.pieces.begin; p < branch.pieces.end; ++p) {
    const numerics::Piece& piece = nth(program.pieces, p);
    pieces.push_back({{"length", piece.length},
                      {"cost", piece.cost},
                      {"forced", piece.forced},
                      {"rows", entries_of(program, piece.bundle, piece.amount)}});
  }
  return {{"name", name},
          {"lower", branch.lower},
          {"upper", branch.upper},
          {"fixed_cost", branch.fixed_cost},
          {"cost", branch.cost},
          {"rows", entries_of(program, branch.bundle)},
          {"fixed_rows", entries_of(program, branch.fixed_bundle)},
          {"pieces", std::move(pieces)}};
}

json shared_part(const Program& program) {
  json names = json::array();
  for (int n = 0; n < static_cast<int>(program.names.size()); ++n) {
    const numerics::Name& name = nth(program.names, n);
    const double* loadings = program.loadings_of(n);
    names.push_back({{"start", name.start},
                     {"curvature", name.curvature},
                     {"hinge_cost", name.hinge_cost},
                     {"loadings", std::vector<double>(loadings, loadings + program.factors)}});
  }
  json rows = json::array();
  for (const numerics::Row& row : program.rows) {
    rows.push_back({{"start", row.start},
                    {"knots", row.knots},
                    {"slopes", row.slopes},
                    {"value_at_first_knot", row.value_at_first_knot}});
  }
  const auto& start = program.factor_start;
  return {{"risk_aversion", program.risk_aversion},
          {"factor_start", std::vector<double>(start.begin(), start.begin() + program.factors)},
          {"names", std::move(names)},
          {"rows", std::move(rows)}};
}

// ── an account posed

struct Posed {
  FactorRisk risk;
  DecisionUnit unit;
  CheckedUnit checked;
  tax::UnitProgress progress;

  Posed(const Book& book, const DecisionUnit& of)
      : risk(FactorRisk::of(book.risk, book.securities.size()).value()),
        unit(of),
        checked(check(book, risk, unit)),
        progress(book, unit) {
    if (!checked.accounts[0].trades()) throw std::runtime_error("an invented account does not trade");
  }
  [[nodiscard]] const CheckedAccount& account() const { return checked.accounts[0]; }
  [[nodiscard]] Problem pose() const { return lotwright::pose(checked, account(), progress, {}); }
};

std::vector<int> any_mode(const Program& program) { return std::vector<int>(program.blocks.size(), -1); }

numerics::Ascent cold(const Program& program, const std::vector<int>& modes) {
  return numerics::Climber(program).ascend(numerics::zero_multipliers(program), modes,
                                           {.iterations_max = iterations_max, .tolerance = exact});
}

// ── convex

// No lot stands at a loss: what a sale costs then rises with every dollar sold, and the account is convex as it is.
void take_losses_away(Book& book) {
  for (Account& account : book.accounts) {
    for (TaxLot& lot : account.lots) {
      const Money value = value_of(lot.quantity, *book.security(lot.security).price);
      lot.cost_basis = std::min(*lot.cost_basis, Money::of_count(value.count() / 50 * 49));
    }
  }
}

// The branches that stay in play: of a block held to a mode its own, else all but the ones that hold.
json branches_in_play(const Program& program, const std::vector<int>& modes) {
  json list = json::array();
  for (std::size_t b = 0; b < program.blocks.size(); ++b) {
    const Range all = program.blocks[b].modes;
    const Range kept = modes[b] < 0 ? all : Range{modes[b], modes[b] + 1};
    for (int m = kept.begin; m < kept.end; ++m) {
      const Range offers = nth(program.modes, m).offers;
      for (int o = offers.begin; o < offers.end; ++o) {
        const numerics::Offer& offer = nth(program.offers, o);
        if (modes[b] >= 0 && offer.branches.size() != 1) throw std::runtime_error("a mode offers a choice");
        for (int i = offer.branches.begin; i < offer.branches.end; ++i) {
          const numerics::Branch& branch = nth(program.branches, i);
          if (branch.lower != 0.0 || branch.upper != 0.0) list.push_back(branch_of(program, offer.name, i));
        }
      }
    }
  }
  return list;
}

std::vector<int> modes_at(const Program& program, const numerics::Multipliers& at) {
  std::vector<numerics::BlockChoice> choices;
  numerics::Dual(program).choose(at, any_mode(program), choices);
  std::vector<int> modes;
  for (const numerics::BlockChoice& choice : choices) modes.push_back(choice.mode);
  return modes;
}

json convex_case(const Posed& posed, bool fixed) {
  Problem problem = posed.pose();
  enter_cell(problem, problem.cells[0], TurnoverSide::unlimited);
  const Program& program = problem.program;
  std::vector<int> modes = any_mode(program);
  if (fixed) modes = modes_at(program, cold(program, modes).multipliers);
  numerics::Ascent answer;
  std::vector<double> seconds;
  for (int i = 0; i < timed_runs; ++i) {
    const double begun = thread_seconds();
    answer = cold(program, modes);
    seconds.push_back(thread_seconds() - begun);
  }
  json all = shared_part(program);
  all["branches"] = branches_in_play(program, modes);
  all["bound"] = answer.bound;
  all["iterations"] = answer.iterations;
  all["seconds"] = median(seconds);
  all["factor_prices"] =
      std::vector<double>(answer.multipliers.factor.begin(), answer.multipliers.factor.begin() + program.factors);
  all["row_prices"] = answer.multipliers.row;
  return all;
}

void print_convex(const InstanceSettings& settings, bool fixed) {
  Book book = instances(settings);
  if (!fixed) take_losses_away(book);
  for (const DecisionUnit& unit : decision_units(book)) {
    json line = convex_case(Posed(book, unit), fixed);
    line["account"] = book.account(unit.accounts[0]).id.text;
    std::printf("%s\n", line.dump().c_str());
  }
}

// ── enumeration

// The program in which a mode says what each of its names does: every combination of the branches that a mode offers
// becomes a mode of its own.
Program with_one_branch_a_mode(const Program& program) {
  Program result = program;
  result.offers.clear();
  result.modes.clear();
  for (numerics::Block& block : result.blocks) {
    const Range old = block.modes;
    block.modes.begin = static_cast<int>(result.modes.size());
    for (int m = old.begin; m < old.end; ++m) {
      const Range offers = nth(program.modes, m).offers;
      int combinations = 1;
      for (int o = offers.begin; o < offers.end; ++o) combinations *= nth(program.offers, o).branches.size();
      for (int c = 0; c < combinations; ++c) {
        const int begin = static_cast<int>(result.offers.size());
        int rest = c;
        for (int o = offers.begin; o < offers.end; ++o) {
          const numerics::Offer& offer = nth(program.offers, o);
          const int branch = offer.branches.begin + rest % offer.branches.size();
          rest /= offer.branches.size();
          result.offers.push_back({offer.name, {branch, branch + 1}});
        }
        result.modes.push_back({{begin, static_cast<int>(result.offers.size())}});
      }
    }
    block.modes.end = static_cast<int>(result.modes.size());
  }
  return result;
}

// A combination of modes whose convex rest may be better than the plan, as far as the climb could tell.
struct Candidate {
  std::vector<int> modes;
  double bound = 0.0;
};

// Every combination of modes: the climb of its convex rest ends as soon as it is proven no better than the plan. Who
// is not proven so is a candidate, for a solver that is exact.
class Combinations {
 public:
  Combinations(const Program& program, double plan) : program_(program), plan_(plan), climber_(program) {}

  void try_all() {
    modes_.assign(program_.blocks.size(), -1);
    last_ = numerics::zero_multipliers(program_);
    from(0);
    std::ranges::sort(candidates_, {}, &Candidate::bound);
  }
  [[nodiscard]] const std::vector<Candidate>& candidates() const { return candidates_; }
  [[nodiscard]] long tried() const { return tried_; }

 private:
  void from(std::size_t block) {
    if (block == program_.blocks.size()) return try_one();
    const Range modes = program_.blocks[block].modes;
    for (int m = modes.begin; m < modes.end; ++m) {
      modes_[block] = m;
      from(block + 1);
    }
  }

  void try_one() {
    const numerics::AscentLimits limits{.iterations_max = iterations_max,
                                        .tolerance = exact,
                                        .start = tried_ > 0 ? numerics::Start::near : numerics::Start::anywhere,
                                        .enough = plan_};
    ++tried_;
    const numerics::Ascent& found = climber_.ascend(last_, modes_, limits);
    last_ = found.multipliers;
    if (found.bound < plan_) candidates_.push_back({modes_, found.bound});
  }

  const Program& program_;
  double plan_;
  numerics::Climber climber_;
  long tried_ = 0;
  std::vector<int> modes_;
  numerics::Multipliers last_;
  std::vector<Candidate> candidates_;
};

json enumerated_case(const Posed& posed) {
  const std::unique_ptr<Attempt> made = attempt(posed.checked, posed.account(), posed.progress, {}, {});
  const double ours = made->plan->cost();
  Problem problem = posed.pose();
  long tried = 0;
  json candidates = json::array();
  for (const tax::TaxCell& cell : problem.cells) {
    enter_cell(problem, cell, TurnoverSide::unlimited);
    const Program single = with_one_branch_a_mode(problem.program);
    Combinations all(single, ours - problem.constant);
    all.try_all();
    tried += all.tried();
    const auto shown = std::min(all.candidates().size(), candidates_max);
    for (std::size_t c = 0; c < shown; ++c) {
      json candidate = shared_part(single);
      candidate["branches"] = branches_in_play(single, all.candidates()[c].modes);
      candidate["bound"] = all.candidates()[c].bound;
      candidates.push_back(std::move(candidate));
    }
  }
  return {{"cells", problem.cells.size()},
          {"combinations", tried},
          {"constant", problem.constant},
          {"bound", made->bound / problem.scale},
          {"ours", ours},
          {"feasible", made->feasible()},
          {"candidates", candidates}};
}

void print_enumerated(const InstanceSettings& settings) {
  const Book book = instances(settings);
  for (const DecisionUnit& unit : decision_units(book)) {
    json line = enumerated_case(Posed(book, unit));
    line["account"] = book.account(unit.accounts[0]).id.text;
    std::printf("%s\n", line.dump().c_str());
    std::fflush(stdout);
  }
}

int usage() {
  std::fprintf(stderr,
               "dump_problem convex NAMES FACTORS ACCOUNTS SEED free|fixed\n"
               "dump_problem enumerate NAMES ACCOUNTS SEED TRADE_MIN_WEIGHT TICKET one|all\n");
  return 2;
}

int run(const std::vector<std::string>& words) {
  if (words.size() == 6 && words[0] == "convex") {
    print_convex({.names = std::stoi(words[1]),
                  .factors = std::stoi(words[2]),
                  .accounts = std::stoi(words[3]),
                  .seed = std::stoull(words[4]),
                  .trade_min_weight = 0.0,
                  .ticket_cost = 0.0},
                 words[5] == "fixed");
    return 0;
  }
  if (words.size() == 7 && words[0] == "enumerate") {
    print_enumerated({.names = std::stoi(words[1]),
                      .factors = 3,
                      .accounts = std::stoi(words[2]),
                      .seed = std::stoull(words[3]),
                      .gains = words[6] == "all" ? GainsSoFar::all_cells : GainsSoFar::one_cell,
                      .trade_min_weight = std::stod(words[4]),
                      .ticket_cost = std::stod(words[5]),
                      .band_rows = 0});
    return 0;
  }
  return usage();
}

}  // namespace
}  // namespace lotwright

int main(int count, char** words) {
  try {
    return lotwright::run(std::vector<std::string>(words + 1, words + count));
  } catch (const std::exception& broken) {
    std::fprintf(stderr, "dump_problem: %s\n", broken.what());
    return 1;
  }
}
