// tests/fuzz/targets.h — what is fed with any bytes at all: each target returns, whatever they are, or stops the
// program where a promise is broken. The sanitizers look for the rest.
#pragma once

#include <string_view>

namespace lotwright::fuzz {

void csv(std::string_view bytes);      // rows out of a stream
void gunzip(std::string_view bytes);   // text out of a gzip stream
void firm(std::string_view bytes);     // firm.toml
void table(std::string_view bytes);    // the first byte says which file of a book, the rest is its text
void numbers(std::string_view bytes);  // decimals and dates, there and back
void orders(std::string_view bytes);   // somebody's orders, a form feed, their lot sales: to be evaluated
void past(std::string_view bytes);     // a ledger's transactions, a form feed, its corporate actions: to be played
void filter(std::string_view bytes);   // a question to a run's files: its filter
void settle(std::string_view bytes);   // a household and any plan for it: to become exact trades

// Stops the program with `what`, as a fuzzer wants it.
void promise(bool holds, const char* what);

}  // namespace lotwright::fuzz
