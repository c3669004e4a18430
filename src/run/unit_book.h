// run/unit_book.h — one account, with those that are decided together with it, as a small book of its own: to be
// changed and decided again as often as somebody asks "what if".
//
// In:       a book and an account's id; models that a change may name come along.
// Out:      a UnitBook, and of it the decision of a run with the parts of the objective.
// Promises: unchanged it is decided as in the whole book (cases/part.h). The gates of a whole run are left out: they
//           judge a book, not a household.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "objective/objective.h"
#include "run/runner.h"

namespace lotwright {

struct UnitBook {
  Book book;
  AccountIndex account;  // whom it is about; in `book`
};

// An id that the book does not have is a Failure that names ids like it.
[[nodiscard]] Result<UnitBook> unit_book(const Book& book, const std::string& account_id,
                                         const std::vector<std::string>& models = {});

// A run of the unit, on one thread.
[[nodiscard]] Result<RunResult> decide_unit_book(const UnitBook& unit, const Effort& effort = {});

[[nodiscard]] const AccountResult& result_of(const RunResult& run, AccountIndex account);

// The finding that holds the account, or that its decision failed by; null where it was decided.
[[nodiscard]] const Finding* held_by(const AccountResult& result);

// The account by itself, once the accounts before it in its unit are decided as in `run`: those after it do not exist.
// For whoever asks for many decisions of one account.
class AccountAlone {
 public:
  AccountAlone(const UnitBook& unit, const RunResult& run);
  // The accounts before it do nothing.
  explicit AccountAlone(const UnitBook& unit);
  ~AccountAlone();
  AccountAlone(const AccountAlone&) = delete;
  AccountAlone& operator=(const AccountAlone&) = delete;

  // Decided and explained as a run does it; held where the verifier refuses the orders. With a price on each order
  // (CheckedAccount::order_price) the result is told without it, and its bound is for no more orders than it has.
  // `told` by itself, since a bound may be wanted where nobody asks what is left.
  [[nodiscard]] AccountResult decide(const Effort& effort = {}, double order_price = 0.0,
                                     Told told = Told::everything) const;
  [[nodiscard]] objective::Parts before() const;
  // The parts after these orders, which trade lines of the account only.
  [[nodiscard]] objective::Parts after(const AccountTrades& trades) const;
  [[nodiscard]] const objective::Terms& terms() const;
  // Positions and cash.
  [[nodiscard]] Money value() const;
  // The results of the accounts before it.
  [[nodiscard]] const std::vector<AccountResult>& earlier() const;

 private:
  struct State;
  AccountAlone(const UnitBook& unit, const RunResult* run);
  std::unique_ptr<State> state_;
};

}  // namespace lotwright
