// bench/ready.h — accounts ready to be decided, clocks and quantiles: what the programs of this folder share.
#pragma once

#include <time.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "checks/book_facts.h"
#include "checks/checks.h"
#include "problem/problem.h"
#include "solution/attempt.h"
#include "solution/solution.h"
#include "testing/instances.h"

namespace lotwright::bench {

struct ReadyAccount {
  const CheckedUnit* unit = nullptr;
  const CheckedAccount* account = nullptr;
  const tax::UnitProgress* progress = nullptr;  // nothing was decided before

  // As solve() poses the account first.
  [[nodiscard]] PoseOptions options() const {
    const Policy& policy = unit->book->account(account->account).effective_policy;
    return {.relaxed = {},
            .needs_only = policy.mode == Mode::cash_only || !account->discretion,
            .losses_count = policy.harvest};
  }
  [[nodiscard]] Problem posed() const { return pose(*unit, *account, *progress, options()); }
  // `improvement_min`: dollars that orders must bring, or the account may end quiet by yesterday's prices.
  [[nodiscard]] std::unique_ptr<Attempt> attempt(const Effort& effort, double improvement_min = 0.0) const {
    return lotwright::attempt(*unit, *account, *progress, options(), effort, improvement_min);
  }
  [[nodiscard]] Solution solve(const Effort& effort) const {
    return lotwright::solve(*unit, *account, *progress, effort);
  }
};

// A book with its units checked. Stays where it is made: the accounts point into it.
class ReadyBook {
 public:
  explicit ReadyBook(Book book)
      : book_(std::move(book)),
        risk_(std::move(*FactorRisk::of(book_.risk, book_.securities.size()))),
        units_(decision_units(book_)) {
    const BookFacts facts(book_);
    checked_.reserve(units_.size());
    progress_.reserve(units_.size());
    for (const DecisionUnit& unit : units_) {
      checked_.push_back(check(facts, risk_, unit));
      progress_.emplace_back(book_, unit);
      for (const CheckedAccount& account : checked_.back().accounts) {
        if (account.trades()) accounts_.push_back({&checked_.back(), &account, &progress_.back()});
      }
    }
  }
  ReadyBook(const ReadyBook&) = delete;
  ReadyBook& operator=(const ReadyBook&) = delete;

  // Those that may trade.
  [[nodiscard]] const std::vector<ReadyAccount>& accounts() const { return accounts_; }

 private:
  Book book_;
  FactorRisk risk_;
  std::vector<DecisionUnit> units_;
  std::vector<CheckedUnit> checked_;
  std::vector<tax::UnitProgress> progress_;
  std::vector<ReadyAccount> accounts_;
};

inline double microseconds_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
}

struct Microseconds {
  double cpu = 0.0;  // of this thread: what others do on the machine shows less
  double wall = 0.0;
};

template <class Work>
Microseconds clocked(const Work& work) {
  const double wall = microseconds_of(CLOCK_MONOTONIC);
  const double cpu = microseconds_of(CLOCK_THREAD_CPUTIME_ID);
  work();
  return {microseconds_of(CLOCK_THREAD_CPUTIME_ID) - cpu, microseconds_of(CLOCK_MONOTONIC) - wall};
}

// The value that `share` of the others do not exceed; 0 of nothing.
inline double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0.0;
  const auto last = static_cast<double>(values.size() - 1);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * last + 0.5);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace lotwright::bench
