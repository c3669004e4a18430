#include "numerics/branch.h"

#include <algorithm>
#include <cstddef>

namespace lotwright::numerics {
namespace {

// The convex function of one branch along |x|: its slope is known on each stretch, and the walk stops where it turns
// positive. `direction` is +1 for increases, -1 for decreases; `amount` = |x|.
struct Walk {
  const Name& name;
  double direction;
  double price;  // of a unit of x
  double least;  // amounts allowed
  double most;
  double value = 0.0;
  double amount = 0.0;
  double give = 0.0;

  // Smooth slope at `a` along the amount, hinge apart.
  [[nodiscard]] double slope(double a) const {
    return direction * (price + name.curvature * (name.start + direction * a));
  }
  // Extends the walk over [amount, end], where a unit more costs `unit` beside the smooth part. False: the minimum was
  // met.
  bool extend(double end, double unit);
  bool stretch(double end, double unit);
};

bool Walk::stretch(double end, double unit) {
  // Below `least` the walk has no choice.
  if (amount < least) {
    const double forced_end = std::min(end, least);
    value += (forced_end - amount) * (unit + 0.5 * (slope(amount) + slope(forced_end)));
    amount = forced_end;
    if (amount >= end) return true;
  }
  const double at_start = slope(amount) + unit;
  if (at_start >= 0.0) return false;
  double stop = end;
  const double at_end = slope(end) + unit;
  if (at_end > 0.0) stop = std::min(end, amount - at_start / name.curvature);  // at_end > at_start: curvature > 0
  value += (stop - amount) * (unit + 0.5 * (slope(amount) + slope(stop)));
  amount = stop;
  if (at_end > 0.0) {
    give = -1.0 / name.curvature;
    return false;
  }
  return true;
}

bool Walk::extend(double end, double unit) {
  end = std::min(end, most);
  if (end <= amount) return amount < most;
  if (name.hinge_cost == 0.0) return stretch(end, unit);
  // The hinge costs while z = start + direction * amount is positive: split there.
  const double split = -direction * name.start;
  const bool positive_now = name.start + direction * amount > 0.0 || (direction > 0.0 && split <= amount);
  const double hinge = direction * name.hinge_cost;
  if (split > amount && split < end) {
    if (!stretch(split, unit + (positive_now ? hinge : 0.0))) return false;
    return stretch(end, unit + (positive_now ? 0.0 : hinge));
  }
  return stretch(end, unit + (positive_now ? hinge : 0.0));
}

}  // namespace

Queue queue_of(const Program& program) {
  Queue queue(program.pieces.size());
  for (std::size_t i = 0; i < queue.size(); ++i) queue[i].piece = static_cast<int>(i);
  return queue;
}

void price_pieces(const Program& program, const Branch& branch, const std::vector<double>& mu, Queue& queue) {
  for (int i = branch.pieces.begin; i < branch.pieces.end; ++i) {
    PricedPiece& p = queue[static_cast<std::size_t>(i)];
    const Piece& piece = program.pieces[static_cast<std::size_t>(p.piece)];
    p.price = piece.cost + piece.amount * price_of(program, piece.bundle, mu);
    p.forced = piece.forced;
  }
  // Insertion sort: the order of the last call is nearly right.
  const auto before = [](const PricedPiece& a, const PricedPiece& b) {
    if (a.forced != b.forced) return a.forced;
    return a.price != b.price ? a.price < b.price : a.piece < b.piece;
  };
  for (int i = branch.pieces.begin + 1; i < branch.pieces.end; ++i) {
    const PricedPiece moving = queue[static_cast<std::size_t>(i)];
    int j = i;
    for (; j > branch.pieces.begin && before(moving, queue[static_cast<std::size_t>(j - 1)]); --j) {
      queue[static_cast<std::size_t>(j)] = queue[static_cast<std::size_t>(j - 1)];
    }
    queue[static_cast<std::size_t>(j)] = moving;
  }
}

BranchMinimum minimize_branch(const Program& program, const Name& name, const Branch& branch, double price,
                              const std::vector<double>& mu, Queue& queue) {
  price += branch.cost + price_of(program, branch.bundle, mu);
  const double at_rest = 0.5 * name.curvature * name.start * name.start + name.hinge_cost * std::max(0.0, name.start);
  const double fixed = branch.fixed_cost + price_of(program, branch.fixed_bundle, mu) + at_rest;
  BranchMinimum result;
  if (branch.lower == 0.0 && branch.upper == 0.0) {
    result.value = fixed;
    return result;
  }
  const double direction = branch.upper > 0.0 ? 1.0 : -1.0;
  const double least = direction > 0.0 ? branch.lower : -branch.upper;
  const double most = direction > 0.0 ? branch.upper : -branch.lower;
  Walk walk{.name = name, .direction = direction, .price = price, .least = least, .most = most};
  if (direction > 0.0) {
    walk.extend(most, 0.0);
  } else {
    price_pieces(program, branch, mu, queue);
    double end = 0.0;
    for (int i = branch.pieces.begin; i < branch.pieces.end; ++i) {
      const PricedPiece& p = queue[static_cast<std::size_t>(i)];
      end += program.pieces[static_cast<std::size_t>(p.piece)].length;
      // In full, also where the sum of such lengths is a rounding above the branch's least.
      if (p.forced) walk.least = std::max(walk.least, std::min(end, most));
      const bool goes_on = walk.extend(end, p.price);
      if (walk.give < 0.0) result.marginal_piece = p.piece;
      if (!goes_on) break;
    }
  }
  result.value = fixed + walk.value;
  result.x = direction * walk.amount;
  result.give = walk.give;
  return result;
}

}  // namespace lotwright::numerics
