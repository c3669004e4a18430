#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "book/rules.h"
#include "commands.h"
#include "reading.h"
#include "reports/plain_page.h"
#include "run/what_if.h"
#include "timing.h"
#include "writing.h"

namespace lotwright::cli {
namespace {

struct WhatIfWords {
  std::string book;
  std::string account;
  std::string as_of;
  DayBefore before;
  std::vector<std::string> settings;  // of the one variant that needs no name
  std::string model;
  std::vector<std::string> requests;
  std::vector<std::string> variants;
  std::vector<std::size_t> orders;
  std::string html;
  bool json = false;
};

Result<std::vector<Variant>> variants_of(const WhatIfWords& words) {
  std::vector<Variant> variants;
  Variant plain;
  for (const std::string& setting : words.settings) {
    if (auto refused = add_change(plain, setting)) return *refused;
  }
  if (!words.model.empty()) plain.model = words.model;
  plain.requests.insert(plain.requests.end(), words.requests.begin(), words.requests.end());
  plain.name = "what if";
  if (!plain.empty()) variants.push_back(std::move(plain));
  for (const std::string& text : words.variants) {
    auto variant = read_variant(text);
    if (!variant) return variant.failure();
    variants.push_back(std::move(variant).value());
  }
  const std::size_t asked = variants.size() + words.orders.size();
  if (asked == 0) {
    return Failure{rule::data_value_missing,
                   "nothing is changed: give --set NAME=VALUE, --model MODEL, --request KIND:AMOUNT, --variant or "
                   "--orders N",
                   {}};
  }
  if (asked > variants_max) {
    return Failure{rule::data_number_out_of_range,
                   fmt::format("{} variants are more than {}: ask in two commands", asked, variants_max),
                   {}};
  }
  return variants;
}

int what_if(const WhatIfWords& words) {
  if (is_no_page(words.html)) return refuse_no_page(words.html);
  const auto variants = variants_of(words);
  if (!variants) return refuse(variants.failure());
  const Stopwatch reading;
  const auto book = read(words.book, words.as_of, 0, words.before);
  if (!book) return refuse(book.failure());
  const double read_seconds = reading.seconds();
  const Stopwatch deciding;
  const auto read_again = [&](const std::vector<std::pair<std::string, std::string>>& settings) {
    ReadOptions options;
    for (const auto& [name, value] : settings) options.asked.push_back({words.account, name, value});
    return read_otherwise(words.book, words.as_of, 0, std::move(options), words.before);
  };
  const auto asked = lotwright::what_if(*book, words.account, *variants, read_again, words.orders);
  if (!asked) return refuse(asked.failure());
  tell_seconds(read_seconds, deciding.seconds());
  const reports::Report report = reports::report_of(asked->facts);
  if (!words.html.empty()) {
    const auto written = write_over(words.html, reports::plain_page(report), "page");
    if (!written) return refuse(written.failure());
  }
  fmt::print("{}\n", words.json ? reports::json_of(asked->facts) : reports::text_of(report));
  return done;
}

}  // namespace

void add_what_if(CLI::App& app, int& code) {
  CLI::App* command =
      app.add_subcommand("what-if", "One account with other settings, another model or requests, side by side");
  const auto words = std::make_shared<WhatIfWords>();
  command->add_option("BOOK", words->book, "the book's folder")->required();
  command->add_option("ACCOUNT", words->account, "account_id, as in accounts.csv")->required();
  command->add_option("--set", words->settings, "NAME=VALUE, a policy setting; may be given several times");
  command->add_option("--model", words->model, "follow this model of models.csv instead");
  command->add_option("--request", words->requests,
                      "KIND[:AMOUNT[:DUE_ON[:VALUE]]], as in requests.csv, besides the account's own");
  command
      ->add_option("--variant", words->variants,
                   "\"NAME: KEY=VALUE, ...\", a variant of its own; KEY is a setting, model or request")
      ->allow_extra_args(false);
  command
      ->add_option("--orders", words->orders,
                   "N,N ...: the account as it is with no more than N orders, and what that keeps of the improvement")
      ->delimiter(',')
      ->check(CLI::Range(0, 100000));
  command->add_option("--as-of", words->as_of, "YYYY-MM-DD, instead of firm.toml's");
  add_day_before(*command, words->before);
  command->add_flag("--json", words->json, "everything as JSON, all orders with their lots");
  command->add_option("--html", words->html, "also write a page to this file");
  command->footer(
      R"(The first column is the account as `run` decides it. --set, --model and --request together are
one variant; each --variant and each number of --orders is another, up to five in all. Nothing is written
to the book, which is read again for a variant with mix_, product_, screen_ settings or model_as_of.
--orders says how much of the improvement so few orders keep, and how much at most any so few could.

Examples:
  lotwright what-if BOOK A1 --set risk_aversion=40 tax_weight=0.5
  lotwright what-if BOOK A1 --set mix_bonds=0.4 screen_FAITH=tax_grace
  lotwright what-if BOOK A1 --model GROWTH --request cash_out:5000:2025-07-15
  lotwright what-if BOOK A1 --orders 1,2,6
  lotwright what-if BOOK A1 --variant "keen: risk_aversion=80" --variant "calm: risk_aversion=5, harvest=no" --json)");
  command->callback([words, &code] { code = called([&] { return what_if(*words); }); });
}

}  // namespace lotwright::cli
