#include <fmt/format.h>

#include <memory>
#include <string>

#include "commands.h"
#include "reading.h"
#include "run/settings_sheet.h"

namespace lotwright::cli {
namespace {

struct SettingsWords {
  std::string book;
  std::string account;
  std::string as_of;
  bool json = false;
};

int settings(const SettingsWords& words) {
  inputs::Origins origins;
  const auto book = read(words.book, words.as_of, 0, &origins);
  if (!book) return refuse(book.failure());
  const auto sheet = settings_of_account(*book, origins, words.account);
  if (!sheet) return refuse(sheet.failure());
  fmt::print("{}", words.json ? json_of(*sheet) + "\n" : text_of(*sheet));
  return done;
}

}  // namespace

void add_settings(CLI::App& app, int& code) {
  CLI::App* command = app.add_subcommand("settings", "Every setting of one account: its value, and who said it");
  const auto words = std::make_shared<SettingsWords>();
  command->add_option("BOOK", words->book, "the book's folder")->required();
  command->add_option("ACCOUNT", words->account, "account_id, as in accounts.csv")->required();
  command->add_option("--as-of", words->as_of, "YYYY-MM-DD, instead of firm.toml's");
  command->add_flag("--json", words->json, "the same as JSON");
  command->footer(R"(The strongest layer first: account, household, policy, what the policy inherits, default. A * marks
what is otherwise than the policy. What begins or ends within 30 days stands below.

Example:
  lotwright settings BOOK A1)");
  command->callback([words, &code] { code = called([&] { return settings(*words); }); });
}

}  // namespace lotwright::cli
