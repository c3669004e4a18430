#include "reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "checks/data_tests.h"
#include "inputs/inputs.h"
#include "run/previous.h"

namespace lotwright::cli {
namespace {

Result<Book> read_with(const std::string& folder, const std::string& as_of, int threads, inputs::Origins* origins,
                       ReadOptions options) {
  options.threads = threads > 0 ? threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  if (!as_of.empty()) {
    const auto day = Date::parse(as_of);
    if (!day) return Failure{day.failure().rule, "--as-of " + as_of + " " + day.failure().message, {}};
    options.as_of = *day;
  }
  auto book = read_book(folder, options, origins);
  if (book) return book;
  Failure named = book.failure();
  const auto is_instead = [&](const auto& one) { return one.second == named.place.file; };
  if (std::ranges::any_of(options.instead, is_instead)) return named;
  named.place.file = named.place.file.empty() ? folder : (std::filesystem::path(folder) / named.place.file).string();
  return named;
}

}  // namespace

Result<Book> read(const std::string& folder, const std::string& as_of, int threads, inputs::Origins* origins) {
  auto book = read_untested(folder, as_of, threads, origins);
  if (!book) return book;
  PreviousRun none;
  return doubted(std::move(book).value(), none);
}

void add_day_before(CLI::App& command, DayBefore& day) {
  command.add_option("--previous", day.folder, "output folder of an earlier run: what changed since is tested");
  command.add_option("--accept", day.accepted, "accounts whose data a person has checked and accepts as they are");
}

void tell_untested(const PreviousRun& previous) {
  for (const std::string& sentence : previous.untested) fmt::print(stderr, "lotwright: {}\n", sentence);
}

Result<Book> read(const std::string& folder, const std::string& as_of, int threads, const DayBefore& day) {
  auto untested = read_untested(folder, as_of, threads);
  if (!untested) return untested;
  auto both = compared(std::move(untested).value(), day.folder, day.accepted);
  if (!both) return both.failure();
  tell_untested(both->previous);
  return std::move(both->book);
}

Result<ComparedBook> read_compared(const std::string& folder, const std::string& as_of, int threads,
                                   ReadOptions otherwise, const DayBefore& day, inputs::Origins* origins) {
  auto book = read_with(folder, as_of, threads, origins, std::move(otherwise));
  if (!book) return book.failure();
  return compared(std::move(book).value(), day.folder, day.accepted);
}

Result<Book> read_otherwise(const std::string& folder, const std::string& as_of, int threads, ReadOptions otherwise,
                            const DayBefore& day, inputs::Origins* origins) {
  auto both = read_compared(folder, as_of, threads, std::move(otherwise), day, origins);
  if (!both) return both.failure();
  tell_untested(both->previous);
  return std::move(both->book);
}

Result<Book> read_untested(const std::string& folder, const std::string& as_of, int threads, inputs::Origins* origins) {
  return read_with(folder, as_of, threads, origins, {});
}

}  // namespace lotwright::cli
