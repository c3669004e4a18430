// testing/simpler_books.h — a book that shows a fault becomes the smallest one that still does, and can be read.
//
// In:       the rows of a random book.
// Out:      books that are one step simpler: an account, lot, rule, request, setting or security fewer, or one value
//           back at its default. A shrinker takes the first that still fails and asks again.
// Promises: every simpler book builds; larger steps come first; a book has only finitely many steps below it.
#pragma once

#include <string>
#include <vector>

#include "testing/random_books.h"

namespace lotwright {

[[nodiscard]] std::vector<RandomBook> simpler_books(const RandomBook& book);

// One line a row with the values that are not the default, as a person would want to read a counterexample.
[[nodiscard]] std::string rows_text(const RandomBook& book);

}  // namespace lotwright
