// Strange accounts by the thousand through the whole decision: what is wrong with any of them, the slowest and the
// widest gaps, each with the KIND:SEED that makes it again.

#include "run/stress.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "apps/cli/numbers.h"
#include "bench/ready.h"
#include "testing/strange_accounts.h"

namespace lotwright::bench {
namespace {

struct Flags {
  int accounts = 100'000;
  std::uint64_t seed = 1;
  int threads = 2;
  int worst = 12;
  double twice = 0.05;  // share of the books solved a second time with little effort
  std::string kind;
  std::string only;
};

constexpr int heavy_every = 400;    // one book in so many is of a heavy kind
constexpr std::size_t large = 500;  // accounts of more names are timed apart
constexpr double slow_ms = 250.0;

struct Case {
  std::string kind;
  std::uint64_t seed = 0;

  [[nodiscard]] std::string text() const { return fmt::format("{}:{}", kind, seed); }
};

struct Met {
  Case of;
  Stressed seen;
};

double thread_seconds() { return microseconds_of(CLOCK_THREAD_CPUTIME_ID) * 1e-6; }

// What came of all accounts so far; any thread adds to it.
class Record {
 public:
  void add(const Case& of, std::vector<Stressed> accounts) {
    const std::scoped_lock lock(mutex_);
    for (Stressed& seen : accounts) {
      for (const std::string& wrong : seen.wrong) {
        ++wrong_;
        fmt::print("WRONG {} {}: {}\n", of.text(), seen.account, wrong);
        std::fflush(stdout);
      }
      met_.push_back({of, std::move(seen)});
    }
  }

  [[nodiscard]] int wrong() const { return wrong_; }

  void print(int worst) {
    int relaxed = 0;
    int slow = 0;
    for (const Met& met : met_) {
      relaxed += met.seen.relaxed ? 1 : 0;
      slow += met.seen.names <= large && met.seen.seconds * 1e3 > slow_ms ? 1 : 0;
    }
    fmt::print(
        "\n{} accounts solved, {} of them by relaxing a rule; {} things wrong; {} of at most {} names over {} ms\n",
        met_.size(), relaxed, wrong_, slow, large, slow_ms);
    const auto milliseconds = [](const Met& met) { return met.seen.seconds * 1e3; };
    const auto gap = [](const Met& met) { return met.seen.gap_bp; };
    print_buckets("milliseconds of one thread", {0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 250.0, 1000.0}, milliseconds);
    print_buckets("gap in basis points", {1e-4, 1e-3, 0.01, 0.05, 0.2, 1.0, 5.0, 25.0, 100.0, 1000.0}, gap);
    print_worst("slowest", worst, [&](const Met& met) { return met.seen.names <= large ? milliseconds(met) : -1.0; });
    print_worst("slowest of more names", worst / 2,
                [&](const Met& met) { return met.seen.names > large ? milliseconds(met) : -1.0; });
    print_worst("widest gaps", worst, gap);
    print_kinds();
  }

 private:
  template <class Of>
  void print_buckets(const char* title, const std::vector<double>& ends, Of of) const {
    std::vector<std::size_t> counts(ends.size() + 1, 0);
    for (const Met& met : met_) {
      ++counts[static_cast<std::size_t>(std::ranges::lower_bound(ends, of(met)) - ends.begin())];
    }
    fmt::print("\n{}\n", title);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) continue;
      fmt::print("  {:>12} {:>8}\n", i < ends.size() ? fmt::format("to {:g}", ends[i]) : "more", counts[i]);
    }
  }

  // No kind more than twice: one sore spot does not hide the others.
  template <class Of>
  void print_worst(const char* title, int most, Of of) {
    std::ranges::stable_sort(met_, [&](const Met& a, const Met& b) { return of(a) > of(b); });
    fmt::print("\n{}\n", title);
    std::multiset<std::string> kinds;
    for (const Met& met : met_) {
      if (most == 0 || of(met) <= 0.0) break;
      if (kinds.count(met.of.kind) == 2) continue;
      kinds.insert(met.of.kind);
      --most;
      print_one(met);
    }
  }

  // Per kind: how many, median and largest time, median and largest gap.
  void print_kinds() const {
    std::set<std::string> kinds;
    for (const Met& met : met_) kinds.insert(met.of.kind);
    fmt::print("\n{:24} {:>8} {:>10} {:>10} {:>10} {:>10} {:>10}\n", "kind", "accounts", "ms median", "p99", "max",
               "gap p99", "max");
    for (const std::string& kind : kinds) {
      std::vector<double> times;
      std::vector<double> gaps;
      for (const Met& met : met_) {
        if (met.of.kind != kind) continue;
        times.push_back(met.seen.seconds * 1e3);
        gaps.push_back(met.seen.gap_bp);
      }
      fmt::print("{:24} {:>8} {:>10.2f} {:>10.2f} {:>10.2f} {:>10.4f} {:>10.3f}\n", kind, times.size(),
                 quantile(times, 0.5), quantile(times, 0.99), quantile(times, 1.0), quantile(gaps, 0.99),
                 quantile(gaps, 1.0));
    }
  }

 public:
  static void print_one(const Met& met) {
    const Stressed& seen = met.seen;
    fmt::print("  {:32} {:4} names {:6} lots {:>10.2f} ms  gap {:>12.5f} bp{}\n",
               met.of.text() + (seen.account.starts_with("A0") ? "" : " " + seen.account), seen.names, seen.lots,
               seen.seconds * 1e3, seen.gap_bp, seen.relaxed ? "  relaxed" : "");
  }

 private:
  std::mutex mutex_;
  std::vector<Met> met_;
  int wrong_ = 0;
};

// The cases of a seed: all light kinds in turn, now and then a heavy one.
Case case_of(std::size_t number, const Flags& flags) {
  static const std::vector<StrangeKind> kinds = strange_kinds();
  std::vector<std::string_view> light;
  std::vector<std::string_view> heavy;
  for (const StrangeKind& kind : kinds) (kind.heavy ? heavy : light).push_back(kind.name);
  const std::uint64_t seed = flags.seed * 1'000'000 + number;
  if (!flags.kind.empty()) return {flags.kind, seed};
  const bool is_heavy = number % heavy_every == heavy_every - 1;
  const auto& among = is_heavy ? heavy : light;
  return {std::string(among[(is_heavy ? number / heavy_every : number) % among.size()]), seed};
}

std::vector<Stressed> decided(const Case& of, bool twice) {
  const Book book = strange_book(of.kind, of.seed);
  return Stress(book, {.twice = twice, .seconds = thread_seconds}).decide_all();
}

// Books are handed out by number, so that an account is the same whatever the threads; how many books are met depends
// on them a little.
void stress(const Flags& flags, Record& record) {
  std::atomic<std::size_t> next = 0;
  std::atomic<int> left = flags.accounts;
  const auto every = static_cast<std::size_t>(flags.twice > 0.0 ? 1.0 / flags.twice : 0.0);
  std::vector<std::jthread> pool;
  for (int t = 0; t < flags.threads; ++t) {
    pool.emplace_back([&] {
      while (left > 0) {
        const std::size_t number = next++;
        const Case of = case_of(number, flags);
        std::vector<Stressed> seen = decided(of, every > 0 && number % every == 0);
        left -= static_cast<int>(std::max<std::size_t>(1, seen.size()));
        record.add(of, std::move(seen));
      }
    });
  }
}

// KIND:SEED, decided again and told.
int replay(const std::string& text, Record& record) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) {
    fmt::print(stderr, "--only wants KIND:SEED, as the lists print it\n");
    return 2;
  }
  const std::string number = text.substr(colon + 1);
  if (const std::string wrong = cli::seed()(number); !wrong.empty()) {
    fmt::print(stderr, "--only {}: {}\n", text, wrong);
    return 2;
  }
  const Case of{text.substr(0, colon), std::stoull(number)};
  std::vector<Stressed> seen = decided(of, true);
  for (const Stressed& one : seen) Record::print_one({of, one});
  record.add(of, std::move(seen));
  return record.wrong() > 0 ? 1 : 0;
}

}  // namespace
}  // namespace lotwright::bench

int main(int argc, char** argv) {
  using namespace lotwright::bench;
  Flags flags;
  CLI::App app("strange accounts through the whole decision; exits 1 where anything is wrong");
  app.add_option("--accounts", flags.accounts)->capture_default_str();
  app.add_option("--seed", flags.seed)->capture_default_str()->check(lotwright::cli::seed());
  app.add_option("--threads", flags.threads)->capture_default_str();
  app.add_option("--worst", flags.worst, "how many of the worst to list")->capture_default_str();
  app.add_option("--twice", flags.twice, "share solved again with little effort, to compare bounds")
      ->capture_default_str();
  app.add_option("--kind", flags.kind, "accounts of one kind only");
  app.add_option("--only", flags.only, "one account again: KIND:SEED");
  CLI11_PARSE(app, argc, argv);
  Record record;
  if (!flags.only.empty()) return replay(flags.only, record);
  stress(flags, record);
  record.print(flags.worst);
  return record.wrong() > 0 ? 1 : 0;
}
