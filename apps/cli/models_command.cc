#include <fmt/format.h>

#include <memory>
#include <string>

#include "commands.h"
#include "reading.h"
#include "run/model_sheet.h"

namespace lotwright::cli {
namespace {

struct ModelsWords {
  std::string book;
  std::string account;
  std::string as_of;
  bool json = false;
};

int models(const ModelsWords& words) {
  inputs::Origins origins;
  const auto book = read(words.book, words.as_of, 0, &origins);
  if (!book) return refuse(book.failure());
  if (words.account.empty()) {
    const ModelGraph graph = model_graph(*book, origins);
    fmt::print("{}", words.json ? json_of(graph) + "\n" : text_of(graph));
    return done;
  }
  const auto model = effective_model(*book, origins, words.account);
  if (!model) return refuse(model.failure());
  fmt::print("{}", words.json ? json_of(*model) + "\n" : text_of(*model));
  return done;
}

}  // namespace

void add_models(CLI::App& app, int& code) {
  CLI::App* command = app.add_subcommand("models", "The models as a graph, or one account's weights and their origin");
  const auto words = std::make_shared<ModelsWords>();
  command->add_option("BOOK", words->book, "the book's folder")->required();
  command->add_option("ACCOUNT", words->account, "account_id: its weights instead of the graph");
  command->add_option("--as-of", words->as_of, "YYYY-MM-DD, instead of firm.toml's");
  command->add_flag("--json", words->json, "the same as JSON");
  command->footer(R"(Examples:
  lotwright models BOOK        every model: parts, versions in force and coming, accounts, problems
  lotwright models BOOK A1     what A1 is to hold, each weight with its path, its mix and its product)");
  command->callback([words, &code] { code = called([&] { return models(*words); }); });
}

}  // namespace lotwright::cli
