#include <fmt/format.h>

#include "commands.h"
#include "reading.h"
#include "run/check_report.h"

namespace lotwright::cli {

int check(const CheckWords& words) {
  const auto book = read(words.book, words.as_of, 0);
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

}  // namespace lotwright::cli
