// reports/desk_causes.h — the lines of a day by what a person has to do about them. Internal to reports/.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "reports/desk_pages.h"

namespace lotwright::reports {

// Lines that are worked together: one correction ends them all (a price), or they are one question asked of several
// accounts (a firm's own test).
struct Cause {
  std::vector<const ExceptionFacts*> lines;  // most dollars first
  Money at_stake;                            // an account that stands in several lines counts once
  bool one_correction = false;
  std::string subject;  // the security, model or the like that is wrong; empty: the accounts have faults of their own
  [[nodiscard]] const ExceptionFacts& first() const { return *lines.front(); }
  [[nodiscard]] Severity severity() const { return first().finding.severity; }
};

// Of one severity, most dollars first; without the gates, which are causes of the run and of no account.
[[nodiscard]] std::vector<Cause> causes_of(const DeskFacts& facts, Severity severity);

// A few words for a person, and the rule: "A value that must be given is empty (data_value_missing)".
[[nodiscard]] std::string titled(const std::string& rule);

// Paragraphs about gates that are set and were not checked; empty without any.
[[nodiscard]] std::string told_of(const std::vector<UncheckedGate>& gates_unchecked);

// Accounts that stand in the lines; a line of a household or the book is none.
[[nodiscard]] std::size_t accounts_of(const Cause& cause);

// How long a person is at it, in minutes: reading a cause, then what each further line takes.
[[nodiscard]] double minutes_of(const Cause& cause);
// "4 min", "1 h 5 min"
[[nodiscard]] std::string time_in_words(double minutes);
// How minutes_of counts, in a sentence.
[[nodiscard]] std::string how_time_is_counted();

}  // namespace lotwright::reports
