// inputs/subjects.h — the securities that a restriction or a screen means, and how much of each fund is one of them.
//
// In:       a book's securities and fund_holdings, sorted as in the book.
// Out:      members by kind and id of a subject; beside them the funds that hold some of these.
// Promises: exact: a fund's part is the sum of its holdings' weights that are meant, each level rounded once, half
//           away from zero. What is not known of a fund is not meant.
#pragma once

#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "book/book.h"

namespace lotwright::inputs {

// Funds so that each stands after those it holds. Those left over hold themselves, through whatever others.
struct FundOrder {
  std::vector<SecurityIndex> order;
  std::vector<SecurityIndex> in_circle;  // and those that hold one of them; sorted
};
[[nodiscard]] FundOrder order_of_funds(const std::vector<FundHolding>& holdings);

// Parallel; sorted by security. `shares` is empty where each counts whole.
struct Meant {
  std::vector<SecurityIndex> securities;
  std::vector<Weight> shares;
};

class Subjects {
 public:
  // `book` must outlive this.
  explicit Subjects(const Book& book);

  // Of any kind but lot; empty where no security belongs to it. Sorted.
  [[nodiscard]] std::vector<SecurityIndex> members(RestrictionSubject kind, std::string_view id) const;
  // The members themselves, whole, and every other fund by the part of it that they are.
  [[nodiscard]] Meant looked_through(const std::vector<SecurityIndex>& members) const;
  // The same for a restriction: whether it counts funds by their parts depends on its rule (docs/rules.md).
  [[nodiscard]] Meant meant_by(RestrictionRule rule, RestrictionSubject kind,
                               const std::vector<SecurityIndex>& members) const;

 private:
  const Book* book_;
  std::map<std::pair<RestrictionSubject, std::string_view>, std::vector<SecurityIndex>> members_;
  std::vector<SecurityIndex> funds_;  // each after those it holds
};

}  // namespace lotwright::inputs
