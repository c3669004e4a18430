#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "book/rules.h"
#include "commands.h"
#include "reading.h"
#include "run/case_file.h"
#include "run/play.h"
#include "run/runner.h"

namespace lotwright::cli {
namespace {

struct SaveWords {
  std::string book;
  std::string unit;
  std::string file;
  std::string as_of;
  DayBefore before;
};

struct PlayWords {
  std::string file;
  bool json = false;
};

class StoppedClock final : public Clock {
 public:
  [[nodiscard]] double seconds() const override { return 0.0; }
};

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

Failure file_failure(const char* rule, const std::string& file, const char* what) {
  return {
      rule, fmt::format("{}: {}", what, std::strerror(errno)), {.file = file, .line = 0, .column = {}, .value = {}}};
}

Result<std::string> text_in(const std::string& path) {
  const File file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return file_failure(rule::data_file_unreadable, path, "cannot be opened");
  std::string text;
  std::string piece(1 << 16, '\0');
  while (const std::size_t read = std::fread(piece.data(), 1, piece.size(), file.get())) text.append(piece, 0, read);
  if (std::ferror(file.get()) != 0) return file_failure(rule::data_file_unreadable, path, "cannot be read");
  return text;
}

Result<bool> write_text(const std::string& path, const std::string& text) {
  File file(std::fopen(path.c_str(), "wbx"), std::fclose);
  if (!file) return file_failure(rule::output_unwritable, path, "cannot be made");
  const bool written = std::fwrite(text.data(), 1, text.size(), file.get()) == text.size();
  if (std::fclose(file.release()) != 0 || !written)
    return file_failure(rule::output_unwritable, path, "cannot be written");
  return true;
}

// The unit as the whole book decides it.
Result<Case> decided_case(const Book& book, const DecisionUnit& unit) {
  const std::atomic<bool> stop = false;
  RunOptions options;
  options.accounts = {book.account(unit.accounts.front()).id.text};
  const auto run = run_book(book, options, engine_steps(book), StoppedClock(), nullptr, stop);
  if (!run) return run.failure();
  return case_of(book, unit, options.effort, run->accounts, {});
}

Result<Played> play_text(const std::string& text, const std::string& file) {
  const auto saved = read_case(text, file);
  if (!saved) return saved.failure();
  return lotwright::play(*saved, engine_steps(saved->book));
}

// A case that is saved is played once, so that nobody sends one that does not show what it should.
int save(const SaveWords& words) {
  const auto book = read(words.book, words.as_of, 0, words.before);
  if (!book) return refuse(book.failure());
  const auto unit = unit_named(*book, words.unit);
  if (!unit) return refuse(unit.failure());
  const auto saved = decided_case(*book, *unit);
  if (!saved) return refuse(saved.failure());
  const std::string text = case_text(*saved);
  const auto written = write_text(words.file, text);
  if (!written) return refuse(written.failure());
  if (const auto again = play_text(text, words.file); !again || !again->same()) {
    fmt::print(stderr, "lotwright: a defect of the engine: {} does not play as it was decided; send it with the book\n",
               words.file);
    return unusable;
  }
  fmt::print("{} accounts decided together, saved in {}\n", unit->accounts.size(), words.file);
  return done;
}

int play(const PlayWords& words) {
  const auto text = text_in(words.file);
  if (!text) return refuse(text.failure());
  const auto played = play_text(*text, words.file);
  if (!played) return refuse(played.failure());
  if (played->saved_by != played->played_by) {
    fmt::print(stderr, "lotwright: the case was saved by version {} and is played by {}: orders may differ\n",
               played->saved_by, played->played_by);
  }
  fmt::print("{}\n", words.json ? json_of(*played) : text_of(*played));
  return played->same() ? done : differs;
}

void add_save(CLI::App& app, int& code) {
  CLI::App* command = app.add_subcommand("save", "Write all that the decision of one unit reads, and what it decides");
  const auto words = std::make_shared<SaveWords>();
  command->add_option("BOOK", words->book, "the book's folder")->required();
  command->add_option("UNIT", words->unit, "an account of the unit, its household or its taxpayer")->required();
  command->add_option("FILE", words->file, "the file to be made; one that is there is not overwritten")->required();
  command->add_option("--as-of", words->as_of, "YYYY-MM-DD, instead of firm.toml's");
  add_day_before(*command, words->before);
  command->callback([words, &code] { code = called([&] { return save(*words); }); });
}

void add_play(CLI::App& app, int& code) {
  CLI::App* command = app.add_subcommand("play", "Decide a saved case again and compare; exit 1 where it differs");
  const auto words = std::make_shared<PlayWords>();
  command->add_option("FILE", words->file, "a saved case")->required();
  command->add_flag("--json", words->json, "the orders and the differences as JSON");
  command->callback([words, &code] { code = called([&] { return play(*words); }); });
}

}  // namespace

void add_case(CLI::App& app, int& code) {
  CLI::App* command = app.add_subcommand("case", "Save one decision with everything it reads, and play it again");
  command->require_subcommand(1);
  command->footer(R"(Examples:
  lotwright case save BOOK A1 a1.case    the unit of account A1 in one text file
  lotwright case play a1.case            decide it again, without the book)");
  add_save(*command, code);
  add_play(*command, code);
}

}  // namespace lotwright::cli
