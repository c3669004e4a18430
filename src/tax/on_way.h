// tax/on_way.h — shares that left an account and have not arrived in another yet, as the lots they were.
//
// In:       what leaves, in its order; the corporate actions of the meantime.
// Out:      what arrives: found by owner, security and acquired_on, first out first.
// Promises: what wash sales and corporate actions made of a lot arrives with it. Nothing is sold on the way.
#pragma once

#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "tax/lot_store.h"

namespace lotwright::tax {

struct LotOnWay {
  LedgerLot lot;             // its account is the one that it left
  bool cash_untold = false;  // an action paid cash for it on the way, whose gain stands nowhere
};

class OnWay {
 public:
  // Outlives it.
  explicit OnWay(const LedgerBook& book) : book_(&book), of_security_(book.securities.size()) {}

  void leave(LedgerLot lot);
  // The number of the lot that arrives next out of the accounts of `owners`: one acquired on the day; behind these one
  // that was not purchased and is held from it, as a gift is from the donor's day. nullopt: there is none.
  [[nodiscard]] std::optional<std::size_t> next(const std::vector<TaxpayerIndex>& owners, SecurityIndex security,
                                                Date day);
  [[nodiscard]] const LotOnWay& at(std::size_t number) const { return lots_[number]; }
  // Takes shares and their basis off the lot, at most as many as it has: they have arrived.
  [[nodiscard]] LotOnWay arrive(std::size_t number, Quantity quantity);

  // An action is applied: what it makes of the lots on their way. They are shared out by account left and day acquired.
  // The lots of unknown basis that it left, or brought, no shares.
  std::vector<LedgerLot> follow(const LedgerAction& action);

  [[nodiscard]] const std::vector<LotOnWay>& all() const { return lots_; }  // those that arrived are gone

 private:
  using Key = std::tuple<TaxpayerIndex, SecurityIndex, Date>;
  struct Queue {
    std::vector<std::size_t> numbers;  // ascending, but for what an action has just brought in
    std::size_t first = 0;
  };
  using Queues = std::map<Key, Queue>;
  using Group = std::vector<std::size_t>;  // numbers of lots that are shared out together
  void enter(std::size_t number);
  void enter(Queues& queues, const Key& key, std::size_t number);
  [[nodiscard]] std::optional<std::size_t> first_of(Queues& queues, const Key& key);
  [[nodiscard]] std::vector<Group> groups_of(SecurityIndex security);
  using SpunOff = std::pair<std::size_t, LedgerLot>;  // number of the parent, the new lot
  [[nodiscard]] std::optional<std::vector<Quantity>> shares_of(const LedgerAction& action, const Group& group) const;
  void change(const LedgerAction& action, const Group& group, const std::vector<Quantity>& shares);
  void spin_off_from(const LedgerAction& action, const Group& group, const std::vector<Quantity>& shares,
                     std::vector<SpunOff>& spun_off);
  void hand_on(const std::vector<LedgerLot*>& lots);
  void note_gain(LotOnWay& on_way, const std::optional<Money>& gain) const;

  const LedgerBook* book_;
  std::vector<LedgerLot> without_basis_;               // of the action that is followed
  std::vector<LotOnWay> lots_;                         // in the order in which they left
  std::vector<std::vector<std::size_t>> of_security_;  // numbers; those of another security now, or gone, among them
  Queues acquired_;                                    // by owner, security, acquired_on
  Queues given_;                                       // by held_from, of what was not purchased
};

// Whose the account is: of one that names nobody, whoever it is linked to.
[[nodiscard]] std::vector<TaxpayerIndex> owners_of(const LedgerBook& book, AccountIndex account);

}  // namespace lotwright::tax
