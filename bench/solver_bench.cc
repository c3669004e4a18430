// How long one account takes to decide, and how near to the best its orders are proven: one table over sizes and
// settings, on invented accounts. `attempt` is pose and solve without prices of rules; `solve` is with them.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "apps/cli/numbers.h"
#include "bench/ready.h"
#include "inputs/inputs.h"

namespace lotwright::bench {
namespace {

struct Flags {
  int accounts = 1000;   // at most, of each row
  double seconds = 4.0;  // of processor for each row: it ends early with fewer accounts
  std::uint64_t seed = 1;
  std::string only;  // rows whose title contains it
  bool book = false;
  int book_accounts = 2000;
};

// What is seen of one account.
struct Seen {
  Microseconds attempt;
  Microseconds solve;
  double gap_bp = 0.0;  // to the proven bound, of account value
  int names = 0;
  int factors = 0;
  int trades = 0;
  bool feasible = false;
};

int trades_of(const HoldingPlan& plan) {
  int trades = 0;
  for (int name = 0; name < static_cast<int>(plan.problem().program.names.size()); ++name) {
    trades += plan.current(name).branch >= 0 ? 1 : 0;
  }
  return trades;
}

Seen decide(const ReadyAccount& ready) {
  const Effort effort;
  Seen seen;
  std::unique_ptr<Attempt> made;
  seen.attempt = clocked([&] { made = ready.attempt(effort); });
  seen.solve = clocked([&] { static_cast<void>(ready.solve(effort)); });
  const double cost = made->plan->cost() * made->problem.scale;
  seen.gap_bp = (cost - made->bound) / made->problem.scale * 1e4;
  seen.names = static_cast<int>(made->problem.program.names.size());
  seen.factors = made->problem.program.factors;
  seen.trades = trades_of(*made->plan);
  seen.feasible = made->feasible();
  return seen;
}

struct Row {
  std::string title;
  InstanceSettings settings;
  double near_bp = 0.05;    // proven this near counts as proven
  std::string folder = {};  // of a firm's book, instead of invented accounts
};

// Decides accounts until their number or the time for a row is used up.
class RowRun {
 public:
  explicit RowRun(const Flags& flags) : flags_(flags), left_(flags.seconds * 1e6) {}

  std::vector<Seen> of(const Row& row) {
    if (row.folder.empty()) {
      invented(row.settings);
    } else {
      decide_all(ReadyBook(std::move(*read_book(row.folder))));
    }
    return std::move(seen_);
  }

 private:
  [[nodiscard]] bool done() const { return left_ <= 0.0 || seen_.size() >= static_cast<std::size_t>(flags_.accounts); }

  // In parts, so that large ones fit in memory.
  void invented(InstanceSettings settings) {
    constexpr int part = 20;
    settings.seed = flags_.seed;
    for (int first = 0; first < flags_.accounts && !done(); first += part) {
      settings.first = first;
      settings.accounts = std::min(part, flags_.accounts - first);
      decide_all(ReadyBook(instances(settings)));
    }
  }

  void decide_all(const ReadyBook& ready) {
    if (seen_.empty()) decide(ready.accounts().front());  // pages and caches are warm afterwards, as in a book
    for (const ReadyAccount& account : ready.accounts()) {
      if (done()) break;
      seen_.push_back(decide(account));
      left_ -= seen_.back().attempt.cpu + seen_.back().solve.cpu;
    }
  }

  const Flags& flags_;
  double left_;  // microseconds
  std::vector<Seen> seen_;
};

std::vector<double> each(const std::vector<Seen>& all, const std::function<double(const Seen&)>& of) {
  std::vector<double> values;
  for (const Seen& one : all) values.push_back(of(one));
  return values;
}

std::vector<double> attempt_cpu(const std::vector<Seen>& all) {
  return each(all, [](const Seen& one) { return one.attempt.cpu; });
}

double mean(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return values.empty() ? 0.0 : sum / static_cast<double>(values.size());
}

std::vector<double> gaps(const std::vector<Seen>& all) {
  std::vector<double> values;
  for (const Seen& one : all) {
    if (one.feasible) values.push_back(one.gap_bp);
  }
  return values;
}

struct Column {
  const char* head;
  int width;
  std::function<std::string(const Row&, const std::vector<Seen>&)> cell;
};

std::string whole(double value) { return fmt::format("{:.0f}", value); }

std::vector<Column> columns() {
  const auto wall = [](const Seen& one) { return one.attempt.wall; };
  const auto solve_cpu = [](const Seen& one) { return one.solve.cpu; };
  const auto names = [](const Seen& one) { return static_cast<double>(one.names); };
  const auto factors = [](const Seen& one) { return static_cast<double>(one.factors); };
  const auto trades = [](const Seen& one) { return static_cast<double>(one.trades); };
  const auto proven = [](const Row& row, const std::vector<Seen>& all) {
    const std::vector<double> of = gaps(all);
    const auto near = std::ranges::count_if(of, [&](double gap) { return gap <= row.near_bp; });
    return fmt::format("{:.1f}", of.empty() ? 0.0 : 100.0 * static_cast<double>(near) / static_cast<double>(of.size()));
  };
  return {
      {"n", 5,
       [=](const Row& row, const auto& all) {
         return whole(row.folder.empty() ? row.settings.names : quantile(each(all, names), 0.5));
       }},
      {"k", 3, [=](const Row&, const auto& all) { return whole(quantile(each(all, factors), 0.5)); }},
      {"acc", 5, [](const Row&, const auto& all) { return std::to_string(all.size()); }},
      {"inf", 4, [](const Row&, const auto& all) { return std::to_string(all.size() - gaps(all).size()); }},
      {"trades", 6, [=](const Row&, const auto& all) { return whole(quantile(each(all, trades), 0.5)); }},
      {"median", 8, [](const Row&, const auto& all) { return whole(quantile(attempt_cpu(all), 0.5)); }},
      {"p99", 8, [](const Row&, const auto& all) { return whole(quantile(attempt_cpu(all), 0.99)); }},
      {"max", 8, [](const Row&, const auto& all) { return whole(quantile(attempt_cpu(all), 1.0)); }},
      {"mean", 8, [](const Row&, const auto& all) { return whole(mean(attempt_cpu(all))); }},
      {"p99/md", 6,
       [](const Row&, const auto& all) {
         const std::vector<double> cpu = attempt_cpu(all);
         return fmt::format("{:.1f}", quantile(cpu, 0.99) / quantile(cpu, 0.5));
       }},
      {"wall", 8, [=](const Row&, const auto& all) { return whole(quantile(each(all, wall), 0.5)); }},
      {"solve", 8, [=](const Row&, const auto& all) { return whole(quantile(each(all, solve_cpu), 0.5)); }},
      {"p99", 8, [=](const Row&, const auto& all) { return whole(quantile(each(all, solve_cpu), 0.99)); }},
      {"near", 5, [](const Row& row, const auto&) { return fmt::format("{:.2f}", row.near_bp); }},
      {"proven%", 7, proven},
      {"gap md", 8, [](const Row&, const auto& all) { return fmt::format("{:.4f}", quantile(gaps(all), 0.5)); }},
      {"p99", 8, [](const Row&, const auto& all) { return fmt::format("{:.3f}", quantile(gaps(all), 0.99)); }},
      {"max", 8, [](const Row&, const auto& all) { return fmt::format("{:.2f}", quantile(gaps(all), 1.0)); }},
  };
}

constexpr int sizes[] = {50, 200, 500, 1000};
constexpr int factor_counts[] = {20, 60};

// Books made from real prices, where they stand beside the checkout.
std::vector<std::string> found_books() {
  const std::filesystem::path folder = "../shared/data/books";
  std::vector<std::string> found;
  if (!std::filesystem::is_directory(folder)) return found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (std::filesystem::exists(entry.path() / "firm.toml")) found.push_back(entry.path().string());
  }
  std::ranges::sort(found);
  return found;
}

std::vector<Row> rows() {
  std::vector<Row> list;
  for (const int factors : factor_counts) {
    for (const int names : sizes) list.push_back({"fractional, one cell", {.names = names, .factors = factors}});
  }
  for (const int factors : factor_counts) {
    for (const int names : sizes) {
      list.push_back({"whole shares, all cells",
                      {.names = names, .factors = factors, .whole_shares = true, .gains = GainsSoFar::all_cells}});
    }
  }
  list.push_back({"hard: 0.5 % least, $20 a ticket", {.trade_min_weight = 0.005, .ticket_cost = 20.0}, 0.2});
  for (const int names : {50, 200, 500}) list.push_back({"few losses", {.names = names, .cost_middle = 0.65}});
  list.push_back({"untaxed", {.taxable = false}});
  for (const int names : {50, 200, 500}) {
    list.push_back({"whole shares, one cell, $100k", {.names = names, .dollars = 1e5, .whole_shares = true}});
    list.push_back({"whole shares, one cell, $1M", {.names = names, .dollars = 1e6, .whole_shares = true}});
    list.push_back({"whole shares, one cell, $10M", {.names = names, .dollars = 1e7, .whole_shares = true}});
  }
  for (const std::string& folder : found_books()) {
    list.push_back({std::filesystem::path(folder).filename().string(), {}, 0.05, folder});
  }
  return list;
}

// Seconds for 100,000 such accounts on two cores that do nothing else.
double extrapolated(const std::vector<Seen>& all) { return mean(attempt_cpu(all)) * 1e-6 * 100'000 / 2; }

bool is_extrapolated(const Row& row) {
  return row.title == "fractional, one cell" && row.settings.factors == 20 &&
         (row.settings.names == 200 || row.settings.names == 500);
}

void print_table(const Flags& flags) {
  fmt::print(
      "microseconds of one thread's processor time a decision (wall: of the clock), cold; gaps to the proven\n"
      "bound in basis points of account value; inf: accounts whose rules cannot all be kept\n\n{:32}",
      "");
  const std::vector<Column> list = columns();
  for (const Column& column : list) fmt::print(" {:>{}}", column.head, column.width);
  std::vector<std::string> after;
  for (const Row& row : rows()) {
    if (row.title.find(flags.only) == std::string::npos) continue;
    const std::vector<Seen> all = RowRun(flags).of(row);
    fmt::print("\n{:32}", row.title);
    for (const Column& column : list) fmt::print(" {:>{}}", column.cell(row, all), column.width);
    std::fflush(stdout);
    if (is_extrapolated(row)) {
      after.push_back(fmt::format("100,000 accounts of n = {} on two cores, from the mean: {:.0f} s",
                                  row.settings.names, extrapolated(all)));
    }
  }
  fmt::print("\n\n");
  for (const std::string& line : after) fmt::print("{}\n", line);
}

// The day after: the orders carried out, prices moved, every account decided without the prices of the day before and
// with them.
void print_next_day(int names, const Flags& flags) {
  constexpr double improvement_min = 1e-4;  // of the account's value
  const InstanceSettings settings{.names = names, .accounts = std::min(flags.accounts, 200), .seed = flags.seed};
  Book book = instances(settings);
  std::vector<AccountTrades> done;
  const ReadyBook today(book);
  for (const ReadyAccount& ready : today.accounts()) {
    Solution solution = ready.solve({});
    done.push_back(std::move(solution.trades));
    book.accounts[ready.account->account.value].shadow_prices = std::move(solution.shadow_prices);
  }
  const Book warm_book = next_trading_day(book, flags.seed, done);
  Book cold_book = warm_book;
  for (Account& account : cold_book.accounts) account.shadow_prices = {};
  const ReadyBook warm(warm_book);
  const ReadyBook cold(cold_book);
  std::vector<double> cold_all;
  std::vector<double> warm_all;
  std::vector<double> cold_solved;
  std::vector<double> warm_solved;
  for (std::size_t i = 0; i < warm.accounts().size(); ++i) {
    std::unique_ptr<Attempt> made;
    const double least = improvement_min * settings.dollars;
    cold_all.push_back(clocked([&] { made = cold.accounts()[i].attempt({}, least); }).cpu);
    warm_all.push_back(clocked([&] { made = warm.accounts()[i].attempt({}, least); }).cpu);
    if (made->proven_quiet) continue;
    cold_solved.push_back(cold_all.back());
    warm_solved.push_back(warm_all.back());
  }
  fmt::print(
      "next day, n = {:4}: median {:5.0f} us without yesterday's prices, {:5.0f} with; {} of {} accounts proven "
      "quiet; of the others {:5.0f} and {:5.0f}\n",
      names, quantile(cold_all, 0.5), quantile(warm_all, 0.5), warm_all.size() - warm_solved.size(), warm_all.size(),
      quantile(cold_solved, 0.5), quantile(warm_solved, 0.5));
  std::fflush(stdout);
}

// Really decides so many accounts on two threads; reading, checking and writing are not in it.
void run_book(int names, const Flags& flags) {
  constexpr int threads = 2;
  const ReadyBook ready(instances({.names = names, .accounts = flags.book_accounts, .seed = flags.seed}));
  std::atomic<std::size_t> next = 0;
  const Microseconds taken = clocked([&] {
    std::vector<std::jthread> pool;
    for (int t = 0; t < threads; ++t) {
      pool.emplace_back([&] {
        const Effort effort;
        for (std::size_t i = next++; i < ready.accounts().size(); i = next++) {
          static_cast<void>(ready.accounts()[i].attempt(effort));
        }
      });
    }
    pool.clear();  // waits for all
  });
  const double seconds = taken.wall * 1e-6;
  fmt::print("{} accounts of n = {} on {} threads: {:.2f} s of the clock; 100,000 would take {:.0f} s\n",
             flags.book_accounts, names, threads, seconds, seconds * 100'000 / flags.book_accounts);
  std::fflush(stdout);
}

}  // namespace
}  // namespace lotwright::bench

int main(int argc, char** argv) {
  using namespace lotwright::bench;
  Flags flags;
  bool quick = false;
  CLI::App app("how long an account takes to decide, and how near to the best it is proven");
  app.add_option("--accounts", flags.accounts, "at most so many of each row")->capture_default_str();
  app.add_option("--seconds", flags.seconds, "of processor for each row at most")->capture_default_str();
  app.add_option("--seed", flags.seed)->capture_default_str()->check(lotwright::cli::seed());
  app.add_option("--only", flags.only, "rows whose title has this in it");
  app.add_flag("--quick", quick, "25 accounts and one second a row");
  bool next_day = false;
  app.add_flag("--next-day", next_day, "instead: the day after, with and without yesterday's prices");
  app.add_flag("--book", flags.book, "instead: decide a book of n = 200 and one of n = 500 on two threads");
  app.add_option("--book-accounts", flags.book_accounts)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (quick) {
    flags.accounts = 25;
    flags.seconds = 1.0;
  }
  if (next_day) {
    for (const int names : {50, 200, 500}) print_next_day(names, flags);
    return 0;
  }
  if (!flags.book) {
    print_table(flags);
    return 0;
  }
  for (const int names : {200, 500}) run_book(names, flags);
}
