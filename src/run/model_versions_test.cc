#include "run/model_versions.h"

#include <gtest/gtest.h>

#include "testing/book_builder.h"

namespace lotwright {
namespace {

const Date first = Date::parse("2025-01-01").value();
const Date second = Date::parse("2025-04-01").value();
const Date later = Date::parse("2025-08-01").value();

// Model M, all AAA from the first day, all BBB from the second.
inputs::ModelLibrary library() {
  inputs::ModelHistory history;
  history.id = "M";
  const Weight whole = Weight::parse("1").value();
  history.versions = {{.effective_on = first, .parts = {{false, 0, whole}}, .rejections = {}},
                      {.effective_on = second, .parts = {{false, 1, whole}}, .rejections = {}}};
  return {history};
}

TEST(ModelVersions, RowsOfAVersionThatAnotherHasReplacedChangeNothing) {
  const Book book = BookBuilder().security({.id = "AAA"}).security({.id = "BBB"}).account({.id = "A"}).build();
  EXPECT_TRUE(sleeping_versions(book, library(), book, library()).empty());

  inputs::ModelLibrary changed = library();
  changed[0].versions[0].parts[0].place = 1;
  const auto sleeping = sleeping_versions(book, library(), book, changed);
  ASSERT_EQ(sleeping.size(), 1U);
  EXPECT_EQ(
      in_words(sleeping[0], book.firm.as_of),
      "M: its version of 2025-01-01 differs, but on 2025-06-30 that of 2025-04-01 is in force: change its rows, or "
      "give the new ones a later effective_on");

  changed = library();
  changed[0].versions[1].parts[0].place = 0;
  EXPECT_TRUE(sleeping_versions(book, library(), book, changed).empty()) << "the one in force";

  changed = library();
  changed[0].versions.push_back(changed[0].versions[0]);
  changed[0].versions[2].effective_on = later;
  ASSERT_EQ(sleeping_versions(book, library(), book, changed).size(), 1U);
  EXPECT_EQ(in_words(sleeping_versions(book, library(), book, changed)[0], book.firm.as_of),
            "M: its version of 2025-08-01 differs, and comes into force on that day: --as-of 2025-08-01 tells what it "
            "does");
}

}  // namespace
}  // namespace lotwright
