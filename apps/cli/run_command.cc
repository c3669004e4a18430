#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "book/rules.h"
#include "commands.h"
#include "progress.h"
#include "reading.h"
#include "run/disk_folder.h"
#include "run/outputs.h"
#include "run/previous.h"
#include "run/summary.h"
#include "writing.h"

namespace lotwright::cli {
namespace {

struct RunWords {
  std::string book;
  std::string out;
  std::string as_of;  // empty: firm.toml's
  int threads = 0;    // 0: all cores
  std::vector<std::string> accounts;
  DayBefore before;
  bool strict = false;
  bool json = false;
};

std::atomic<bool> stop_wanted = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may set it");

// Ctrl-C and SIGTERM end the run between units; a second one ends the program as it stands.
void stop_on_signals() {
  struct sigaction action = {};
  action.sa_handler = [](int) { stop_wanted = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

class SteadyClock final : public Clock {
 public:
  [[nodiscard]] double seconds() const override {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }
};

void tell_about_previous(const Book& book, const PreviousRun& previous) {
  if (!previous.accounts) return;
  const AccountsChange change = change_of(book, *previous.accounts);
  fmt::print(stderr, "since the previous run: {} accounts are new, {} are gone\n", change.appeared.size(),
             change.vanished.size());
}

Result<bool> write(const Book& book, const RunResult& result, const PreviousRun& previous, const RunWords& words) {
  DiskFolder folder(words.out);
  RunAsked asked{.accounts = words.accounts};
  if (!words.before.folder.empty()) asked.previous_run_sha256 = run_json_sha256(words.before.folder);
  if (auto written = write_outputs(book, result, folder, previous, asked); !written) return written;
  if (stop_wanted) return false;
  return folder.publish();
}

int say_stopped() {
  fmt::print(stderr, "\nlotwright: stopped; nothing was written\n");
  return interrupted;
}

int exit_code(const RunResult& result, const Summary& summary, bool strict) {
  if (!result.gates.empty()) {
    const std::size_t more = result.gates.size() - 1;
    fmt::print(stderr, "lotwright: stopped by {}{}: no order leaves, gates.html says why\n", result.gates.front().rule,
               more == 0 ? std::string() : fmt::format(" and {} more", more));
  }
  for (const SavedCase& saved : result.cases)
    fmt::print(stderr, "lotwright: a defect of the engine: see {}\n", saved.name);
  if (!result.gates.empty()) return gate_stopped;
  if (!summary.nothing_decided.empty()) {
    fmt::print(stderr, "lotwright: {}\n", summary.nothing_decided);
    return nothing_decided;
  }
  return strict && summary.held + summary.failed > 0 ? some_held : done;
}

// What --accept takes is data; orders wait for a release, which is another word.
void tell_about_accepted(const Book& book, const RunResult& result, const RunWords& words) {
  for (const std::string& id : words.before.accepted) {
    const auto of_account = [&](const AccountResult& one) { return book.account(one.account).id.text == id; };
    const auto found = std::ranges::find_if(result.accounts, of_account);
    if (found == result.accounts.end() || !awaits_release(*found) || found->orders.empty()) continue;
    fmt::print(stderr,
               "lotwright: --accept {0} takes its data as they are; its {1} orders still wait for a person: lotwright "
               "release {2} --to DIR --account {0} --by NAME\n",
               id, found->orders.size(), words.out);
  }
}

// The run that is compared with stays as it is: the next correction of this day is compared with it too.
std::optional<Failure> is_the_previous(const RunWords& words) {
  std::error_code none;
  if (!std::filesystem::equivalent(words.out, words.before.folder, none)) return std::nullopt;
  return Failure{rule::output_unwritable,
                 "is the run that --previous names: outputs would overwrite it; give --out another folder",
                 {.file = words.out, .line = 0, .column = {}, .value = {}}};
}

int run(const RunWords& words) {
  for (const auto& wrong : {is_a_book(words.out), is_the_previous(words)}) {
    if (wrong) return refuse(*wrong);
  }
  stop_on_signals();
  const SteadyClock clock;
  const double start = clock.seconds();
  auto untested = read_untested(words.book, words.as_of, words.threads);
  if (!untested) return refuse(untested.failure());
  const double read_seconds = clock.seconds() - start;

  RunOptions options;
  options.threads = words.threads;
  options.accounts = words.accounts;
  auto both = compared(std::move(untested).value(), words.before.folder, words.before.accepted);
  if (!both) return refuse(both.failure());
  options.previous = std::move(both->previous);
  const Book book = std::move(both->book);
  tell_untested(options.previous);
  tell_about_previous(book, options.previous);

  auto decided = run_book(book, options, engine_steps(book), clock, progress_line(), stop_wanted);
  if (!decided) return refuse(decided.failure());
  RunResult result = std::move(decided).value();
  if (result.stopped) return say_stopped();
  result.seconds.insert(result.seconds.begin(), {"read", read_seconds});

  const double written_from = clock.seconds();
  const auto written = write(book, result, options.previous, words);
  if (!written) return refuse(written.failure());
  if (!*written) return say_stopped();
  result.seconds.push_back({"write", clock.seconds() - written_from});

  tell_about_accepted(book, result, words);
  const Summary summary = summarize(book, result);
  fmt::print("{}\n", words.json ? json_of(summary) : text_of(summary));
  return exit_code(result, summary, words.strict);
}

}  // namespace

void add_run(CLI::App& app, int& code) {
  CLI::App* command = app.add_subcommand("run", "Decide every account of a book and write its orders");
  const auto words = std::make_shared<RunWords>();
  command->add_option("BOOK", words->book, "the book's folder")->required();
  command->add_option("--out", words->out, "folder for the outputs; made if it is not there")->required();
  command->add_option("--as-of", words->as_of, "YYYY-MM-DD, instead of firm.toml's");
  command->add_option("--threads", words->threads, "default: all cores")->check(CLI::Range(1, 1024));
  command->add_option("--account", words->accounts, "decide only these accounts, and those decided with them");
  add_day_before(*command, words->before);
  command->add_flag("--strict", words->strict, "exit 1 when any account is held");
  command->add_flag("--json", words->json, "the summary as JSON");
  command->footer(R"(Examples:
  lotwright run BOOK --out OUT                         orders, exceptions, reasons and a summary
  lotwright run BOOK --out OUT --account A1 A2         only these accounts and those decided with them
  lotwright run BOOK --out OUT --previous YESTERDAY    compare with an earlier run's folder)");
  command->callback([words, &code] { code = called([&] { return run(*words); }); });
}

}  // namespace lotwright::cli
