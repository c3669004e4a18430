// The pieces of a decision, each by itself, on one invented account of n names and k factors: the time of each is a
// part of what solver_bench measures as a whole.

#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <utility>

#include "bench/ready.h"
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
  posed.at = numerics::ascend(posed.problem.program, numerics::zero_multipliers(posed.problem.program), posed.free,
                              {.iterations_max = 8})
                 .multipliers;
  return posed;
}

numerics::Smoothing smoothing_of(const numerics::Program& program) {
  numerics::Smoothing smoothing;
  for (const numerics::Row& row : program.rows) smoothing.row_center.push_back(row.start);
  return smoothing;
}

void pose_account(benchmark::State& state) {
  const ReadyAccount& ready = posed(state).ready();
  for (auto _ : state) {
    benchmark::DoNotOptimize(ready.posed());
  }
}

void dual_bound(benchmark::State& state) {
  Posed& account = posed(state);
  numerics::Dual dual(account.problem.program);
  for (auto _ : state) benchmark::DoNotOptimize(dual.bound(account.at, account.free));
}

void dual_with_curvature(benchmark::State& state) {
  Posed& account = posed(state);
  numerics::Dual dual(account.problem.program);
  const numerics::Smoothing smoothing = smoothing_of(account.problem.program);
  for (auto _ : state) benchmark::DoNotOptimize(dual.climb(account.at, smoothing, account.free));
}

void newton_direction(benchmark::State& state) {
  Posed& account = posed(state);
  numerics::Dual dual(account.problem.program);
  dual.climb(account.at, smoothing_of(account.problem.program), account.free);
  for (auto _ : state) benchmark::DoNotOptimize(dual.newton_direction(1e-9));
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
  const std::vector<numerics::BlockChoice> choices = dual.choices(account.at, account.free);
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
BENCHMARK(dual_with_curvature)->Apply(sizes);
BENCHMARK(newton_direction)->Apply(sizes);
BENCHMARK(cholesky)->Apply(sizes);
BENCHMARK(search_pass)->Apply(sizes);

}  // namespace
}  // namespace lotwright::bench

BENCHMARK_MAIN();
