// checks/restrictions.h — the restrictions of firm, household and account as bars, forced sales and limits on lines.
#pragma once

#include "checks/book_facts.h"
#include "checks/checks.h"

namespace lotwright {

// Enters every restriction on securities into lines, cash holdings and bands. Those on lots are entered by judge_lots.
void restrict_lines(const BookFacts& facts, CheckedAccount& checked);

// The policy's asset-class bands and position_weight_max. A restriction on the same line stands where it is as tight.
void limit_lines_by_policy(const Book& book, CheckedAccount& checked);

// Two restrictions that contradict each other hold the account: they are of one rank, whatever their scope.
void check_conflicts(const BookFacts& facts, CheckedAccount& checked);

// A due liquidation: every line is to be sold and none bought.
void liquidate_lines(CheckedAccount& checked);

// After lots are judged: takes back forced sales that a stronger rule forbids altogether, and says what stays and why.
void tell_what_stays(const Book& book, CheckedAccount& checked);

}  // namespace lotwright
