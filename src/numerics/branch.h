// numerics/branch.h — the exact one-dimensional minimum of one branch at given prices: the inner step of the dual function
// (science.md 4.2), also for non-convex names, because a name tries each of its branches.
#pragma once

#include <vector>

#include "numerics/program.h"

namespace lotwright::numerics {

// A piece at the prices of the moment.
struct PricedPiece {
  double price = 0.0;  // cost + row prices, per unit given up
  int piece = 0;
};

// Where the branch's minimum lies and how it moves with the prices.
struct BranchMinimum {
  double value = 0.0;      // of phi + prices, the name's own curvature and hinge included
  double x = 0.0;
  double give = 0.0;       // dx / d(price of x), <= 0: -1/d strictly inside a smooth stretch, else 0
  int marginal_piece = -1;  // the piece being consumed at x where give < 0; -1: none
};

// Pieces of `branch` sorted for consumption at row prices `mu`: forced first, then by price, ties by index.
void price_pieces(const Program& program, const Branch& branch, const std::vector<double>& mu,
                  std::vector<PricedPiece>& into);

// The least of the branch: `price` is nu'F + name-wide prices per unit of x (branch rows and costs are added here).
[[nodiscard]] BranchMinimum minimize_branch(const Program& program, const Name& name, const Branch& branch, double price,
                                            const std::vector<double>& mu, std::vector<PricedPiece>& scratch);

// Calls visit(piece, amount) for each piece that a decrease of `amount` in all consumes, in the order of `priced`.
template <class Visit>
void consume(const Program& program, const std::vector<PricedPiece>& priced, double amount, const Visit& visit) {
  for (const PricedPiece& p : priced) {
    const double length = program.pieces[static_cast<std::size_t>(p.piece)].length;
    const double taken = amount < length ? amount : length;
    if (taken <= 0.0) return;
    visit(p.piece, taken);
    amount -= taken;
  }
}

}  // namespace lotwright::numerics
