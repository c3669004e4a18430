#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "book/rules.h"
#include "commands.h"
#include "generation/generate.h"

namespace lotwright::cli {
namespace {

using namespace generation;

struct GenerateWords {
  BookOrder order;
  std::string as_of, mix_file;
  std::vector<std::string> settings;  // name=value
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
Progress progress_of(int accounts) {
  if (::isatty(STDERR_FILENO) != 1) return nullptr;
  return [accounts, shown = 0](int done) mutable {
    const int hundredths = static_cast<int>(100LL * done / accounts);
    if (hundredths == shown && done != accounts) return;
    shown = hundredths;
    fmt::print(stderr, "\r{} of {} accounts{}", done, accounts, done == accounts ? "\n" : "");
    std::fflush(stderr);
  };
}

int generate_book(GenerateWords& words) {
  if (auto failure = read_mix(words, words.order.mix)) return refuse(*failure);
  if (!words.as_of.empty()) {
    const auto day = Date::parse(words.as_of);
    if (!day) return refuse({day.failure().rule, "--as-of " + words.as_of + ": " + day.failure().message, {}});
    words.order.as_of = *day;
  }
  const auto counts = generate(words.order, progress_of(words.order.accounts));
  if (!counts) return refuse(counts.failure());
  fmt::print("{} accounts of {} families, {} lots, {} trades; {} accounts must be held\n", counts->accounts,
             counts->families, counts->lots, counts->trades, counts->held);
  return done;
}

std::string examples_and_settings() {
  std::string text = R"(Examples:
  lotwright generate --accounts 1000 --securities 500 --seed 7 --out firm
  lotwright generate --accounts 60 --securities 100 --seed 1 --out small --set faults=0.2 --set lots=50
  lotwright generate --accounts 100000 --securities 3000 --seed 1 --out large --gzip --mix taxable.toml

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
  command->add_option("--seed", order.seed, "another number, another firm")->required();
  command->add_option("--out", order.out, "the book's folder; made if it is not there")->required();
  command->add_option("--as-of", words->as_of, "YYYY-MM-DD, the date of the book; default 2025-06-30");
  command->add_option("--mix", words->mix_file, "a file of settings, one `name = value` a line");
  command->add_option("--set", words->settings, "one setting, name=value; after those of --mix");
  command->add_flag("--gzip", order.gzip, "lots and transactions as .csv.gz");
  command->add_flag("--force", order.replace, "replace the book in a folder that is not empty");
  command->footer(examples_and_settings());
  command->callback([words, &code] { code = called([&] { return generate_book(*words); }); });
}

}  // namespace lotwright::cli
