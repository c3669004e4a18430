#include "checks/model_moves.h"

#include <algorithm>
#include <cstdint>

#include "book/model_change.h"

namespace lotwright {

Weight ModelMove::change_of(SecurityIndex security) const {
  const auto at = changes.find(security);
  return at == changes.end() ? Weight() : at->second;
}

const ModelMove& ModelMoves::of(AccountIndex index) {
  const Account& account = book_->account(index);
  const std::uint32_t followed = model_followed(*book_, index);
  if (followed >= book_->models.size()) return none_;  // held: it follows a model that is not there
  const Weights& now = book_->models[followed].weights;
  const auto row = previous_->account_rows.find(account.id.text);
  if (row == previous_->account_rows.end()) {
    if (followed == account.model_index) return none_;
    const bool known = account.model_index < book_->models.size() && book_->models[account.model_index].usable;
    return known ? between(book_->models[account.model_index].weights, Weight(), now) : all_;
  }
  if (!previous_->models) return none_;
  const auto then = previous_->models->find(row->second.model);
  return then == previous_->models->end() ? all_ : between(then->second.weights, then->second.gone, now);
}

const ModelMove& ModelMoves::between(const Weights& then, Weight gone, const Weights& now) {
  const auto [at, fresh] = moves_.try_emplace({&then, &now});
  ModelMove& move = at->second;
  if (!fresh) return move;
  for (const ModelWeight& part : now) move.changes[part.security] += part.weight;
  for (const ModelWeight& part : then) move.changes[part.security] -= part.weight;
  std::erase_if(move.changes, [](const auto& change) { return change.second.is_zero(); });
  Weight sum = gone;
  for (const auto& [security, change] : move.changes) sum += change.is_negative() ? -change : change;
  move.moved = std::min(Weight::of_whole(1), Weight::of_count(sum.count() / 2));
  return move;
}

}  // namespace lotwright
