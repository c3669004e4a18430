#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "book/rules.h"
#include "commands.h"
#include "generation/generate.h"
#include "numbers.h"
#include "reading.h"
#include "run/disk_folder.h"
#include "run/outputs.h"

namespace lotwright::cli {
namespace {

using namespace generation;

struct GenerateWords {
  BookOrder order;
  std::string as_of, mix_file;
  std::vector<std::string> settings;  // name=value
  std::string faults;                 // a number of accounts, or a share of them
};

std::optional<Failure> read_mix(const GenerateWords& words, Mix& mix) {
  if (!words.mix_file.empty()) {
    std::ifstream file(words.mix_file, std::ios::binary);
    if (!file) return Failure{rule::data_file_unreadable, "cannot be opened", {words.mix_file, 0, {}, {}}};
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (auto failure = set_all(mix, text, words.mix_file)) return failure;
  }
  for (const std::string& setting : words.settings) {
    const std::size_t sign = std::min(setting.find('='), setting.size());
    const std::string value = sign < setting.size() ? setting.substr(sign + 1) : "";
    if (auto failure = set(mix, setting.substr(0, sign), value)) return failure;
  }
  return std::nullopt;
}

// One line that is written over, on a terminal only.
generation::Progress progress_of(int accounts) {
  if (::isatty(STDERR_FILENO) != 1) return nullptr;
  return [accounts, shown = 0](int done) mutable {
    const int hundredths = static_cast<int>(100LL * done / accounts);
    if (hundredths == shown && done != accounts) return;
    shown = hundredths;
    fmt::print(stderr, "\r{} of {} accounts{}", done, accounts, done == accounts ? "\n" : "");
    std::fflush(stderr);
  };
}

// What a run of the day before left, for `run --previous`.
Result<bool> run_the_day_before(std::string out) {
  while (out.size() > 1 && out.back() == '/') out.pop_back();
  const auto book = read(out + ".yesterday", "", 0);
  if (!book) return book.failure();
  const std::atomic<bool> never = false;
  const auto run = run_book(*book, {}, engine_steps(*book), StillClock(), nullptr, never);
  if (!run) return run.failure();
  DiskFolder folder(out + ".previous");
  if (auto written = write_outputs(*book, *run, folder); !written) return written;
  return folder.publish();
}

std::optional<Failure> read_faults(GenerateWords& words) {
  const auto number = Weight::parse(words.faults.empty() ? "0.1" : words.faults);
  const double share = !number                     ? -1.0
                       : number->to_double() < 1.0 ? number->to_double()
                                                   : number->to_double() / std::max(1, words.order.accounts);
  if (share < 0.0 || share > 1.0) {
    return Failure{rule::data_setting_value,
                   "--faults " + words.faults + ": write a number of accounts, or a share of them below 1",
                   {}};
  }
  words.order.mix.faults = share;
  words.order.day_before = true;
  return std::nullopt;
}

int generate_book(GenerateWords& words, bool faults) {
  if (auto failure = read_mix(words, words.order.mix)) return refuse(*failure);
  if (faults) {
    if (auto failure = read_faults(words)) return refuse(*failure);
  }
  if (!words.as_of.empty()) {
    const auto day = Date::parse(words.as_of);
    if (!day) return refuse({day.failure().rule, "--as-of " + words.as_of + ": " + day.failure().message, {}});
    words.order.as_of = *day;
  }
  const auto counts = generate(words.order, progress_of(words.order.accounts));
  if (!counts) return refuse(counts.failure());
  if (words.order.day_before) {
    const auto ran = run_the_day_before(words.order.out);
    if (!ran) return refuse(ran.failure());
  }
  fmt::print("{} accounts of {} families, {} lots, {} trades; {} accounts must be held{}\n", counts->accounts,
             counts->families, counts->lots, counts->trades, counts->held,
             words.order.day_before ? " or reviewed" : "");
  return done;
}

std::string examples_and_settings() {
  std::string text = R"(Examples:
  lotwright generate --accounts 1000 --securities 500 --seed 7 --out firm
  lotwright generate --accounts 60 --securities 100 --seed 1 --out small --set faults=0.2 --set lots=50
  lotwright generate --accounts 100000 --securities 3000 --seed 1 --out large --gzip --mix taxable.toml
  lotwright generate --accounts 500 --securities 150 --seed 1 --out today --faults 70

Beside the folder stands OUT.faults.csv: the accounts that must be held, and why. The same words give the same bytes.

Settings of --set and of the lines of --mix (name = value), with their defaults:
)";
  const Mix defaults;
  for (const MixSetting& setting : mix_settings()) {
    text += fmt::format("  {:<16}{:<8}{}\n", setting.name, defaults.*setting.field, setting.meaning);
  }
  return text;
}

}  // namespace

void add_generate(CLI::App& app, int& code) {
  CLI::App* command = app.add_subcommand("generate", "Invent a firm: a book of any size, with faults told apart");
  const auto words = std::make_shared<GenerateWords>();
  BookOrder& order = words->order;
  command->add_option("--accounts", order.accounts, "how many")->required()->check(CLI::Range(1, 10'000'000));
  command->add_option("--securities", order.securities, "how many, 40 or more")
      ->required()
      ->check(CLI::Range(1, 50'000));
  command->add_option("--seed", order.seed, "another number, another firm")->required()->check(seed());
  command->add_option("--out", order.out, "the book's folder; made if it is not there")->required();
  command->add_option("--as-of", words->as_of, "YYYY-MM-DD, the date of the book; default 2025-06-30");
  command->add_option("--mix", words->mix_file, "a file of settings, one `name = value` a line");
  command->add_option("--set", words->settings, "one setting, name=value; after those of --mix");
  const CLI::Option* faults =
      command
          ->add_option("--faults", words->faults,
                       "also a sound day before, OUT.yesterday, and its run, OUT.previous; OUT then has the faults of "
                       "docs/faults.md in so many accounts, or in this share of them (0.1)")
          ->expected(0, 1);
  command->add_flag("--gzip", order.gzip, "lots and transactions as .csv.gz");
  command->add_flag("--force", order.replace, "replace the book in a folder that is not empty");
  command->footer(examples_and_settings());
  command->callback(
      [words, faults, &code] { code = called([&] { return generate_book(*words, faults->count() > 0); }); });
}

}  // namespace lotwright::cli
