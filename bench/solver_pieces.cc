// The pieces of a decision, each by itself, on one invented account of n names and k factors: the time of each is a
// part of what solver_bench measures as a whole.

#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <utility>

#include "bench/ready.h"
#include "numerics/ascent.h"
#include "numerics/cholesky.h"
#include "numerics/dual.h"
#include "numerics/lanes.h"
#include "solution/search.h"

namespace lotwright::bench {
namespace {

// A posed account half-way up the dual: where most evaluations happen.
struct Posed {
  std::unique_ptr<ReadyBook> book;
  Problem problem;
  numerics::Multipliers at;
  std::vector<int> free;  // modes: every block may choose

  [[nodiscard]] const ReadyAccount& ready() const { return book->accounts().front(); }
};

constexpr double tie_width = 5e-8;

Posed& posed(const benchmark::State& state) {
  static std::map<std::pair<std::int64_t, std::int64_t>, Posed> made;
  const auto [place, is_new] = made.try_emplace({state.range(0), state.range(1)});
  Posed& posed = place->second;
  if (!is_new) return posed;
  posed.book = std::make_unique<ReadyBook>(instances({.names = static_cast<int>(state.range(0)),
                                                      .factors = static_cast<int>(state.range(1)),
                                                      .accounts = 1,
                                                      .whole_shares = true}));
  const ReadyAccount& ready = posed.ready();
  posed.problem = ready.posed();
  enter_cell(posed.problem, posed.problem.cells.front(), TurnoverSide::unlimited);
  posed.free.assign(posed.problem.program.blocks.size(), -1);
  posed.at = numerics::Climber(posed.problem.program)
                 .ascend(numerics::zero_multipliers(posed.problem.program), posed.free, {.iterations_max = 8})
                 .multipliers;
  return posed;
}

// Prices near those of the account, now one and now the other: at the same prices nothing is evaluated anew.
class Prices {
 public:
  explicit Prices(const numerics::Multipliers& at) : places_{at, at} {
    for (double& nu : places_[1].factor) nu *= 1.0 + 1e-9;
    for (double& mu : places_[1].row) mu *= 1.0 + 1e-9;
  }
  const numerics::Multipliers& next() {
    second_ = !second_;
    return places_[second_ ? 1 : 0];
  }

 private:
  numerics::Multipliers places_[2];
  bool second_ = false;
};

void pose_account(benchmark::State& state) {
  const ReadyAccount& ready = posed(state).ready();
  for (auto _ : state) {
    benchmark::DoNotOptimize(ready.posed());
  }
}

void dual_bound(benchmark::State& state) {
  Posed& account = posed(state);
  numerics::Dual dual(account.problem.program);
  Prices prices(account.at);
  for (auto _ : state) benchmark::DoNotOptimize(dual.bound(prices.next(), account.free));
}

void dual_gradient(benchmark::State& state) {
  Posed& account = posed(state);
  numerics::Dual dual(account.problem.program);
  dual.center(account.free);
  Prices prices(account.at);
  for (auto _ : state) {
    dual.climb(prices.next(), tie_width, account.free);
    benchmark::DoNotOptimize(dual.smoothing());
  }
}

void newton_direction(benchmark::State& state) {
  Posed& account = posed(state);
  numerics::Dual dual(account.problem.program);
  dual.center(account.free);
  dual.climb(account.at, tie_width, account.free);
  numerics::Dual::Direction direction;
  for (auto _ : state) {
    dual.newton_direction(1e-9, 0.5, direction);
    benchmark::DoNotOptimize(direction.promise);
  }
}

// Of a matrix as large as the Newton step's.
void cholesky(benchmark::State& state) {
  const int unknowns = numerics::Dual(posed(state).problem.program).unknowns();
  const int stride = numerics::padded(unknowns);
  std::vector<double> matrix(static_cast<std::size_t>(unknowns) * static_cast<std::size_t>(stride), 0.01);
  for (int i = 0; i < unknowns; ++i) matrix[static_cast<std::size_t>(i * stride + i)] = 2.0;
  const std::vector<double> right(static_cast<std::size_t>(stride), 1.0);
  for (auto _ : state) {
    std::vector<double> a = matrix;
    std::vector<double> x = right;
    std::vector<double> room;
    numerics::solve_positive_definite(a, unknowns, stride, x, room);
    benchmark::DoNotOptimize(x.data());
  }
}

// One pass of the share search over the dual's choices, rounded.
void search_pass(benchmark::State& state) {
  Posed& account = posed(state);
  const ReadyAccount& ready = account.ready();
  numerics::Dual dual(account.problem.program);
  std::vector<numerics::BlockChoice> choices;
  dual.choose(account.at, account.free, choices);
  for (auto _ : state) {
    state.PauseTiming();
    HoldingPlan plan(*ready.unit, *ready.account, account.problem, account.at.row);
    round_choices(plan, choices);
    state.ResumeTiming();
    benchmark::DoNotOptimize(improve(plan, -1e300, 1, Depth::singles));
  }
}

void sizes(benchmark::internal::Benchmark* piece) {
  for (const int factors : {20, 60}) {
    for (const int names : {50, 200, 500}) piece->Args({names, factors});
  }
  piece->ArgNames({"n", "k"})->Unit(benchmark::kMicrosecond)->MinTime(0.1);
}

BENCHMARK(pose_account)->Apply(sizes);
BENCHMARK(dual_bound)->Apply(sizes);
BENCHMARK(dual_gradient)->Apply(sizes);
BENCHMARK(newton_direction)->Apply(sizes);
BENCHMARK(cholesky)->Apply(sizes);
BENCHMARK(search_pass)->Apply(sizes);

}  // namespace
}  // namespace lotwright::bench

BENCHMARK_MAIN();
