// run/frontier.h — the curve of tax against tracking error of one account: what each dollar of tax buys.
//
// In:       a book, an account's id, how many points.
// Out:      points by falling weight of tax: each a full decision in whole shares with its bound, by the account's own
//           rules and another `tax_weight`; the knee; the account as it is, and as a run decides it.
// Promises: along the points tax never falls and the rest of the objective never rises; orders of one point that serve
//           another better stand there too, and the point says whose they are. A point's bound is of its own weight
//           and holds for whatever orders stand there. Points differ and none is dominated as far as up to four
//           times four further weights find enough of them; `distinct` says how many do. The same bytes for any number
//           of threads.
//           docs/method.md, "The curve of tax and risk".
// Refuses:  an account that is held: the finding that holds it is the Failure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "run/unit_book.h"

namespace lotwright {

struct FrontierPoint {
  double tax_weight = 0.0;
  std::shared_ptr<const AccountResult> result;  // with the orders that stand here
  double found_at = 0.0;          // the weight they were found at; tax_weight, unless another point's serve better
  objective::Parts parts;         // by the account's own settings, as `evaluate` tells them
  double tax = 0.0;               // the tax part of the objective at a weight of one, dollars
  double objective = 0.0;         // at tax_weight
  std::optional<double> bound;    // at tax_weight
  std::optional<double> gap_bps;  // of the investable value
  // Tax and trading over what risk costs less a year; nullopt: nothing is paid, or no risk is gone.
  std::optional<double> break_even_years;
  bool distinct = false;   // not dominated, and the first of those that coincide
  bool dominated = false;  // another point has no more tax and no more tracking error
};

struct Frontier {
  std::string account_id;
  Date as_of;
  UnitBook unit;                       // as it is
  std::vector<AccountResult> earlier;  // the accounts decided before it
  AccountResult present;               // as `run` decides it
  objective::Parts before;             // of the account as it is
  objective::Parts present_parts;
  double present_tax = 0.0;           // at a weight of one
  std::vector<FrontierPoint> points;  // by falling weight: tax ascends
  std::size_t distinct = 0;           // of them: differ in tax or tracking error, and are not dominated
  std::optional<std::size_t> knee;    // place in `points`
};

inline constexpr std::size_t frontier_points_min = 20;

[[nodiscard]] Result<Frontier> frontier(const Book& book, const std::string& account_id, std::size_t points,
                                        int threads = 0);

[[nodiscard]] std::string csv_of(const Frontier& frontier);
[[nodiscard]] std::string json_of(const Frontier& frontier);

}  // namespace lotwright
