// numerics/branch.h — the exact one-dimensional minimum of one branch at given prices: the inner step of the dual
// function, also for non-convex names, because a name tries each of its branches.
#pragma once

#include <vector>

#include "numerics/program.h"

namespace lotwright::numerics {

// A piece at the prices of the moment.
struct PricedPiece {
  double price = 0.0;  // cost + row prices, per unit given up
  int piece = 0;
  bool forced = false;
};

// Where the branch's minimum lies and how it moves with the prices.
struct BranchMinimum {
  double value = 0.0;  // of phi + prices, the name's own curvature and hinge included
  double x = 0.0;
  double give = 0.0;        // dx / d(price of x), <= 0: -1/d strictly inside a smooth stretch, else 0
  int marginal_piece = -1;  // the piece being consumed at x where give < 0; -1: none
};

// The queue of a branch: its pieces in the order of consumption, in the same places as in Program::pieces. It keeps the
// order of the last call, which is nearly right for the next one.
using Queue = std::vector<PricedPiece>;
[[nodiscard]] Queue queue_of(const Program& program);

// Prices the pieces of `branch` at row prices `mu` and sorts them: forced first, then by price, ties by index.
void price_pieces(const Program& program, const Branch& branch, const std::vector<double>& mu, Queue& queue);

// The least of the branch: `price` is nu'F + name-wide prices per unit of x (branch rows and costs are added here).
// Leaves the branch's part of `queue` priced.
[[nodiscard]] BranchMinimum minimize_branch(const Program& program, const Name& name, const Branch& branch,
                                            double price, const std::vector<double>& mu, Queue& queue);

// Calls visit(piece, amount) for each piece that a decrease of `amount` in all consumes; the queue is priced.
template <class Visit>
void consume(const Program& program, const Branch& branch, const Queue& queue, double amount, const Visit& visit) {
  for (int i = branch.pieces.begin; i < branch.pieces.end && amount > 0.0; ++i) {
    const int piece = queue[static_cast<std::size_t>(i)].piece;
    const double length = program.pieces[static_cast<std::size_t>(piece)].length;
    const double taken = amount < length ? amount : length;
    visit(piece, taken);
    amount -= taken;
  }
}

}  // namespace lotwright::numerics
