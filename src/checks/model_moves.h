// checks/model_moves.h — how the weights that accounts follow moved since the run before.
//
// In:       the book, and what the run before left; both outlive the object.
// Promises: an account that followed another model then is compared with that one. Who is new to the book and asks for
//           another model by a request that is due is compared with the model of its own row.
// Example:  moves.of(account).moved
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "book/book.h"
#include "book/previous_run.h"

namespace lotwright {

struct ModelMove {
  Weight moved;                             // half the sum of the changes: how much of an account they move, 0..1
  bool known = true;                        // false: nobody knows what it followed, and all of it moves
  std::map<SecurityIndex, Weight> changes;  // weight now less weight then, without those that stayed

  // The change of the security's weight; zero where it stayed.
  [[nodiscard]] Weight change_of(SecurityIndex security) const;
};

class ModelMoves {
 public:
  ModelMoves(const Book& book, const PreviousRun& previous) : book_(&book), previous_(&previous) {}

  [[nodiscard]] const ModelMove& of(AccountIndex index);

 private:
  using Weights = std::vector<ModelWeight>;
  const ModelMove& between(const Weights& then, Weight gone, const Weights& now);

  const Book* book_;
  const PreviousRun* previous_;
  ModelMove none_;
  ModelMove all_{Weight::of_whole(1), false, {}};
  std::map<std::pair<const Weights*, const Weights*>, ModelMove> moves_;  // many accounts follow one model
};

}  // namespace lotwright
