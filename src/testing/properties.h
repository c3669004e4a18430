// testing/properties.h — a property of books is tried on many random books, and the book that breaks it is made
// as small as it can be before it is printed.
//
// In:       a property: what is wrong with a book, in words; empty where nothing is.
// Out:      a failure of the test with the smallest book found, its rows and RapidCheck's line to see it again.
// Promises: the same books at every run. RC_PARAMS="max_success=5000 seed=7" tries others (`./do properties`).
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <functional>
#include <sstream>
#include <string>
#include <utility>

#include "testing/simpler_books.h"

namespace lotwright {

inline void showValue(const RandomBook& book, std::ostream& out) { out << '\n' << rows_text(book); }

namespace properties {

// What is wrong, gathered: `wrong << "order " << id << " is empty\n"`.
using Wrong = std::ostringstream;

inline rc::Gen<RandomBook> random_books() {
  return rc::Gen<RandomBook>([](const rc::Random& random, int size) {
    rc::Random stream = random;
    return rc::shrinkable::shrinkRecur(random_book(stream.next(), size), [](const RandomBook& book) {
      return rc::seq::fromContainer(simpler_books(book));
    });
  });
}

// A defect of a book that will not even build, or that escapes a run, breaks every property.
inline std::string judge(const std::function<void(const RandomBook&, Wrong&)>& property, const RandomBook& rows) {
  Wrong wrong;
  try {
    property(rows, wrong);
  } catch (const Defect& defect) {
    wrong << "a defect escaped: " << defect.what() << '\n';
  }
  return wrong.str();
}

// Tries the property on `books` of all sizes.
inline void hold(int books, const std::function<void(const RandomBook&, Wrong&)>& property) {
  rc::detail::TestParams params;
  params.maxSuccess = books;
  params.maxSize = 60;
  params.seed = 20250630;
  if (const char* given = std::getenv("RC_PARAMS")) {
    rc::detail::Configuration defaults;
    defaults.testParams = params;
    params = rc::detail::configFromString(given, defaults).testParams;
  }
  const auto result = rc::detail::checkTestable(
      [&property] {
        const RandomBook rows = *random_books();
        const std::string wrong = judge(property, rows);
        if (!wrong.empty()) RC_FAIL(wrong);
      },
      rc::detail::TestMetadata(), params);
  if (result.is<rc::detail::SuccessResult>()) return;
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  ADD_FAILURE() << text.str();
}

}  // namespace properties
}  // namespace lotwright
