// checks/requests.h — what the account's requests ask of it today.
#pragma once

#include "checks/book_facts.h"
#include "checks/checks.h"

namespace lotwright {

// Status and requests: frozen, liquidating, the model after a due model_change, cash reserved for cash_outs.
void follow_requests(const BookFacts& facts, CheckedAccount& checked);

// Once the cash line is known: a cash_out that is due before a sale of today settles, or from a frozen account.
void check_cash_outs(const BookFacts& facts, CheckedAccount& checked);

// Once lots are judged: two requests of which one sells the lots that the other keeps hold the account.
void check_request_conflicts(const Book& book, CheckedAccount& checked);

// The day on which a sale of `trade_date` is settled: T+1 from 2024-05-28, T+2 from 2017-09-05, T+3 before, in
// trading days (units/trading_days.h).
[[nodiscard]] Date settle_date(Date trade_date);

}  // namespace lotwright
