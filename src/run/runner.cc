#include "run/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "book/rules.h"
#include "explanation/harvests.h"
#include "run/case_file.h"
#include "run/find_account.h"
#include "run/peers.h"
#include "run/unchecked_gates.h"

namespace lotwright {
namespace {

// Seconds by stage, in the order the stages end.
class Stopwatch {
 public:
  explicit Stopwatch(const Clock& clock) : clock_(clock), last_(clock.seconds()) {}
  void end(const char* stage, std::vector<StageSeconds>& seconds) {
    const double now = clock_.seconds();
    seconds.push_back({stage, now - last_});
    last_ = now;
  }

 private:
  const Clock& clock_;
  double last_;
};

Result<std::vector<DecisionUnit>> units_wanted(const Book& book, const std::vector<std::string>& accounts) {
  std::vector<DecisionUnit> units = decision_units(book);
  if (accounts.empty()) return units;
  std::set<std::string> wanted(accounts.begin(), accounts.end());
  for (const std::string& id : wanted) {
    if (!std::ranges::binary_search(book.accounts, id, {}, [](const Account& one) { return one.id.text; })) {
      return unknown_account(book, id);
    }
  }
  std::erase_if(units, [&](const DecisionUnit& unit) {
    return std::ranges::none_of(unit.accounts,
                                [&](AccountIndex one) { return wanted.contains(book.account(one).id.text); });
  });
  return units;
}

// Units by falling number of lots, so that the last ones to finish are small. Ties by place: the order is always the
// same.
std::vector<std::size_t> largest_first(const Book& book, const std::vector<DecisionUnit>& units) {
  std::vector<std::pair<std::size_t, std::size_t>> sized;
  for (std::size_t i = 0; i < units.size(); ++i) {
    std::size_t lots = 0;
    for (const AccountIndex account : units[i].accounts) lots += book.account(account).lots.size();
    sized.emplace_back(lots, i);
  }
  std::ranges::sort(
      sized, [](const auto& a, const auto& b) { return std::pair(b.first, a.second) < std::pair(a.first, b.second); });
  std::vector<std::size_t> order;
  for (const auto& [lots, i] : sized) order.push_back(i);
  return order;
}

// Runs `work(i)` for every i of `order` on `threads` threads; the results must not depend on who does what when.
class Pool {
 public:
  Pool(std::vector<std::size_t> order, int threads, std::function<void(std::size_t)> work,
       const std::atomic<bool>& stop)
      : order_(std::move(order)), work_(std::move(work)), stop_(stop), running_(threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  }

  // Returns true once all threads are done; false after `patience` without that.
  bool wait_for(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, patience, [this] { return running_ == 0; });
  }

  void rethrow() const {
    if (broken_) std::rethrow_exception(broken_);
  }

 private:
  void run() {
    try {
      while (!stop_ && !given_up_) {
        const std::size_t place = next_++;
        if (place >= order_.size()) break;
        work_(order_[place]);
      }
    } catch (...) {
      given_up_ = true;
      const std::scoped_lock lock(mutex_);
      if (!broken_) broken_ = std::current_exception();
    }
    const std::scoped_lock lock(mutex_);
    --running_;
    ended_.notify_all();
  }

  std::vector<std::size_t> order_;
  std::function<void(std::size_t)> work_;
  const std::atomic<bool>& stop_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> given_up_ = false;
  std::mutex mutex_;
  std::condition_variable ended_;
  int running_;
  std::exception_ptr broken_;
  std::vector<std::jthread> threads_;  // last: joined before anything they use goes away
};

// The run while it is under way.
class BookRun {
 public:
  BookRun(const Book& book, const FactorRisk& risk, const RunOptions& options, const Steps& steps,
          std::vector<DecisionUnit> units)
      : book_(book), risk_(risk), options_(options), steps_(steps), units_(std::move(units)) {
    outcomes_.resize(units_.size());
    refused_.resize(units_.size());
  }

  void decide_all(int threads, const Clock& clock, const std::function<void(const Progress&)>& on_progress,
                  const std::atomic<bool>& stop) {
    std::size_t total = 0;
    for (const DecisionUnit& unit : units_) total += unit.accounts.size();
    std::atomic<std::size_t> done = 0;
    const double start = clock.seconds();
    const auto tell = [&] {
      if (on_progress) on_progress({done, total, clock.seconds() - start});
    };
    const auto work = [&](std::size_t i) {
      decide(i);
      done += units_[i].accounts.size();
    };
    Pool pool(largest_first(book_, units_), threads, work, stop);
    while (!pool.wait_for(std::chrono::milliseconds(100))) tell();
    pool.rethrow();
    tell();
  }

  // Blocks, and the pass over the whole book. A breach there holds the accounts it names.
  void verify_all(RunResult& run) {
    for (UnitOutcome& outcome : outcomes_) std::ranges::move(outcome.accounts, std::back_inserter(run.accounts));
    std::ranges::sort(run.accounts, {}, &AccountResult::account);
    do {
      run.blocks = block(book_, run.accounts);
    } while (refuse(run.accounts, steps_.verify_book(run.accounts, run.blocks)));
    // Of some accounts nobody can say what is usual among their peers.
    if (options_.accounts.empty() && compare_peers(book_, run.accounts)) run.blocks = block(book_, run.accounts);
    save_cases(run);
  }

 private:
  void decide(std::size_t i) {
    outcomes_[i] = rebalance(book_, risk_, units_[i], options_.effort, steps_, refused_[i]);
  }

  // Decides the units of the accounts just refused once more, those held. False: nobody new was refused.
  bool refuse(std::vector<AccountResult>& results, const std::vector<Breach>& breaches) {
    bool any = false;
    for (std::size_t i = 0; i < units_.size(); ++i) {
      std::vector<Breach> fresh;
      for (const Breach& breach : breaches) {
        if (!std::ranges::binary_search(units_[i].accounts, breach.account)) continue;
        if (refused_[i].emplace(breach.account, breach.rule + ": " + breach.message).second) fresh.push_back(breach);
      }
      if (fresh.empty()) continue;
      any = true;
      decide_again(i, fresh, results);
    }
    return any;
  }

  void decide_again(std::size_t i, const std::vector<Breach>& breaches, std::vector<AccountResult>& results) {
    std::vector<AccountResult*> mine;
    std::vector<AccountResult> before;
    for (const AccountIndex account : units_[i].accounts) {
      mine.push_back(&*std::ranges::lower_bound(results, account, {}, &AccountResult::account));
      before.push_back(*mine.back());
    }
    std::vector<RefusedResults> refused = std::move(outcomes_[i].refused);
    refused.push_back({std::move(before), breaches});
    decide(i);
    std::vector<RefusedResults>& later = outcomes_[i].refused;
    later.insert(later.begin(), std::make_move_iterator(refused.begin()), std::make_move_iterator(refused.end()));
    for (std::size_t k = 0; k < mine.size(); ++k) *mine[k] = std::move(outcomes_[i].accounts[k]);
  }

  // Units in which something was refused or broke.
  void save_cases(RunResult& run) const {
    for (std::size_t i = 0; i < units_.size(); ++i) {
      const auto result_of = [&](AccountIndex account) -> const AccountResult& {
        return *std::ranges::lower_bound(run.accounts, account, {}, &AccountResult::account);
      };
      const auto failed = [&](AccountIndex one) { return result_of(one).status == ResultStatus::failed; };
      const std::vector<AccountIndex>& accounts = units_[i].accounts;
      if (outcomes_[i].refused.empty() && std::ranges::none_of(accounts, failed)) continue;
      std::vector<AccountResult> results;
      std::ranges::transform(accounts, std::back_inserter(results), result_of);
      run.cases.push_back({case_name(book_, units_[i]),
                           case_file_text(book_, units_[i], options_.effort, results, outcomes_[i].refused)});
    }
  }

  const Book& book_;
  const FactorRisk& risk_;
  const RunOptions& options_;
  const Steps& steps_;
  std::vector<DecisionUnit> units_;
  std::vector<UnitOutcome> outcomes_;  // by unit
  std::vector<Refusals> refused_;      // by unit: what the book-wide verification refused
};

int threads_of(int wanted, std::size_t units) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t asked = wanted > 0 ? static_cast<std::size_t>(wanted) : cores;
  return static_cast<int>(std::clamp<std::size_t>(units, 1, asked));
}

}  // namespace

void judge_gates(const Book& book, const PreviousRun& previous, RunResult& run) {
  run.gates = gates_of(book, run.accounts, previous);
  run.gates_unchecked = unchecked_gates(book, run.accounts, previous);
  if (run.gates.empty()) return;  // else no order leaves, so no loss is taken
  for (AccountResult& one : run.accounts) take_back(one.harvests, run.gates.front().rule);
}

Result<RunResult> run_book(const Book& book, const RunOptions& options, const Steps& steps, const Clock& clock,
                           const std::function<void(const Progress&)>& on_progress, const std::atomic<bool>& stop) {
  Stopwatch watch(clock);
  RunResult result;
  auto units = units_wanted(book, options.accounts);
  if (!units) return units.failure();
  auto risk = FactorRisk::of(book.risk, book.securities.size());
  if (!risk) return risk.failure();
  watch.end("risk", result.seconds);

  result.untested = options.previous.untested;
  result.threads = threads_of(options.threads, units->size());
  BookRun run(book, *risk, options, steps, *units);
  run.decide_all(result.threads, clock, on_progress, stop);
  watch.end("decide", result.seconds);
  if (stop) {
    result.stopped = true;
    return result;
  }
  run.verify_all(result);
  judge_gates(book, options.previous, result);
  watch.end("verify", result.seconds);
  return result;
}

}  // namespace lotwright
