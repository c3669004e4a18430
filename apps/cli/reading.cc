#include "reading.h"

#include <algorithm>
#include <filesystem>
#include <thread>

#include "checks/data_tests.h"
#include "inputs/inputs.h"

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
  return doubted(std::move(book).value(), {});
}

Result<Book> read_otherwise(const std::string& folder, const std::string& as_of, int threads, ReadOptions otherwise,
                            inputs::Origins* origins) {
  auto book = read_with(folder, as_of, threads, origins, std::move(otherwise));
  if (!book) return book;
  return doubted(std::move(book).value(), {});
}

Result<Book> read_untested(const std::string& folder, const std::string& as_of, int threads, inputs::Origins* origins) {
  return read_with(folder, as_of, threads, origins, {});
}

}  // namespace lotwright::cli
