#include <fmt/format.h>

#include <memory>
#include <string>

#include "commands.h"
#include "reading.h"
#include "run/check_report.h"

namespace lotwright::cli {
namespace {

struct CheckWords {
  std::string book;
  std::string as_of;
  DayBefore before;
  bool json = false;
};

int check(const CheckWords& words) {
  const auto book = read(words.book, words.as_of, 0, words.before);
  if (!book) return refuse(book.failure());
  const auto report = check_book(*book);
  if (!report) return refuse(report.failure());
  if (words.json) {
    fmt::print("{}\n", json_of(*report));
  } else {
    fmt::print("{}", text_of(*report));
  }
  return done;
}

}  // namespace

void add_check(CLI::App& app, int& code) {
  CLI::App* command = app.add_subcommand("check", "Read a book and print everything that is wrong with it");
  const auto words = std::make_shared<CheckWords>();
  command->add_option("BOOK", words->book, "the book's folder")->required();
  command->add_option("--as-of", words->as_of, "YYYY-MM-DD, instead of firm.toml's");
  add_day_before(*command, words->before);
  command->add_flag("--json", words->json, "the findings as JSON");
  command->footer(R"(Examples:
  lotwright check BOOK                         every fault with its file, line, column and remedy
  lotwright check BOOK --previous YESTERDAY    and what changed since that run without a reason)");
  command->callback([words, &code] { code = called([&] { return check(*words); }); });
}

}  // namespace lotwright::cli
