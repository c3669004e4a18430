// run/case_file.h — a decided unit as a saved case: for whoever asks for one, and by itself after a refusal by the
// verifier or a broken invariant.
#pragma once

#include <string>
#include <vector>

#include "cases/case.h"
#include "run/rebalance.h"
#include "run/runner.h"

namespace lotwright {

// The unit with what was decided: `results` of its accounts, and the orders the verifier refused on the way.
[[nodiscard]] Case case_of(const Book& book, const DecisionUnit& unit, const Effort& effort,
                           const std::vector<AccountResult>& results, const std::vector<RefusedResults>& refused);

// The rows a run writes about its accounts, as tables "decided_orders", "decided_accounts" and so on.
[[nodiscard]] cases::TextTables decided_tables(const Book& book, const RunResult& run);

// The text of case_of. Where the results are too broken to be saved, a line that says so: a run must end.
[[nodiscard]] std::string case_file_text(const Book& book, const DecisionUnit& unit, const Effort& effort,
                                         const std::vector<AccountResult>& results,
                                         const std::vector<RefusedResults>& refused);

// The id as a file may be called: bytes that do not belong in a file name are written %XX.
[[nodiscard]] std::string name_for_file(const std::string& id);

// "cases/<first account>.txt".
[[nodiscard]] std::string case_name(const Book& book, const DecisionUnit& unit);

// The unit of the account, household or taxpayer of that id. None, or several, is a Failure that names what is near.
[[nodiscard]] Result<DecisionUnit> unit_named(const Book& book, const std::string& id);

}  // namespace lotwright
