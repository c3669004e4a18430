#include <fmt/format.h>

#include <map>
#include <memory>
#include <string>

#include "book/rules.h"
#include "commands.h"
#include "reading.h"
#include "run/gifts.h"
#include "writing.h"

namespace lotwright::cli {
namespace {

struct GiftsWords {
  std::string book;
  std::string as_of;
  GiftWishes wishes;
  std::string amount;  // dollars; empty: no limit
  std::string out;     // empty: stdout
  bool json = false;
};

// How many lots stay for which reason; --json names each.
void tell_left_out(const GiftList& list) {
  std::map<std::string, std::size_t> lots;
  for (const KeptLot& kept : list.left_out) ++lots[kept.reason];
  for (const auto& [reason, count] : lots) {
    fmt::print(stderr, "left out: {} {}: {}\n", count, count == 1 ? "lot" : "lots", reason);
  }
}

int gifts(GiftsWords words) {
  if (!words.amount.empty()) {
    const auto amount = Money::parse(words.amount);
    if (!amount || amount->is_negative()) {
      return refuse({rule::data_number_unreadable, "--amount " + words.amount + " is no amount of dollars", {}});
    }
    words.wishes.amount = *amount;
  }
  const auto book = read(words.book, words.as_of, 0);
  if (!book) return refuse(book.failure());
  const auto list = gift_list(*book, words.wishes);
  if (!list) return refuse(list.failure());
  const std::string text = words.json ? json_of(*list, *book) + "\n" : csv_of(*list, *book);
  if (words.out.empty()) {
    fmt::print("{}", text);
  } else if (const auto written = write_over(words.out, text, "list"); !written) {
    return refuse(written.failure());
  }
  if (!words.json) tell_left_out(*list);
  return done;
}

}  // namespace

void add_gifts(CLI::App& app, int& code) {
  CLI::App* command =
      app.add_subcommand("gifts", "The lots whose gift to charity removes the most tax for each dollar given");
  const auto words = std::make_shared<GiftsWords>();
  command->add_option("BOOK", words->book, "the book's folder")->required();
  command->add_option("--account", words->wishes.accounts, "account_id; may be given several times");
  command->add_option("--taxpayer", words->wishes.taxpayers, "taxpayer_id; may be given several times");
  command->add_option("--amount", words->amount, "dollars of value that each taxpayer gives at most");
  command->add_option("--as-of", words->as_of, "YYYY-MM-DD, instead of firm.toml's");
  command->add_flag("--json", words->json, "as JSON, with every lot left out and why");
  command->add_option("--out", words->out, "write the list to this file");
  command->footer(
      R"(Only long-term lots at a gain are listed: they are deducted at their value and their gain is
never taxed (IRC 170(e)). `tax_removed` is what selling the lot would add to T (docs/formulas.md:
the year's tax and the worth of losses carried forward), each lot on top of those above it.

Examples:
  lotwright gifts BOOK --amount 25000                  for every taxpayer
  lotwright gifts BOOK --taxpayer T1 --out gifts.csv   everything that T1 could give
  lotwright gifts BOOK --account A1 --json             with the lots left out)");
  command->callback([words, &code] { code = called([&] { return gifts(*words); }); });
}

}  // namespace lotwright::cli
