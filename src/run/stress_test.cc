// Nothing that an account is like may stop its decision, or make a bound of what is none. `./do stress` does the same
// to as many accounts as one wants.
#include "run/stress.h"

#include <gtest/gtest.h>

#include "testing/strange_accounts.h"

namespace lotwright {
namespace {

TEST(Stress, StrangeAccountsAreDecidedWithAProof) {
  int solved = 0;
  for (const StrangeKind& kind : strange_kinds()) {
    for (std::uint64_t seed = 1; !kind.heavy && seed <= 6; ++seed) {
      const Book book = strange_book(kind.name, seed);
      for (const Stressed& seen : Stress(book, {.twice = true}).decide_all()) {
        ++solved;
        for (const std::string& wrong : seen.wrong) {
          ADD_FAILURE() << kind.name << ":" << seed << " " << seen.account << ": " << wrong;
        }
      }
    }
  }
  EXPECT_GT(solved, 150) << "hardly any account is solved: the test looks at nothing";
}

std::vector<std::string> wrong_where(const Stress::Solver& solver) {
  const Book book = strange_book("plain", 1);
  return Stress(book, {.solver = solver}).decide_all().front().wrong;
}

TEST(Stress, WhatIsWrongIsSeen) {
  EXPECT_TRUE(wrong_where(solve).empty());
  const auto spoiled = [](const std::function<void(Solution&)>& spoil) {
    return wrong_where([spoil](const auto& unit, const auto& account, const auto& progress, const Effort& effort) {
      Solution solution = solve(unit, account, progress, effort);
      spoil(solution);
      return solution;
    });
  };
  EXPECT_FALSE(spoiled([](Solution& solution) { solution.bound = *solution.bound + 1e6; }).empty());
  EXPECT_FALSE(spoiled([](Solution& solution) { solution.bound.reset(); }).empty());
  EXPECT_FALSE(spoiled([](Solution& solution) { solution.cash_shadow_price = 0.0 / 0.0; }).empty());
  EXPECT_FALSE(spoiled([](Solution&) { throw Defect("broken"); }).empty());
}

}  // namespace
}  // namespace lotwright
