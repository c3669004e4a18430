// tax/lot_store.h — the lots of a ledger while it is played: found by position and by id, split, sold and moved.
//
// In:       lots as they come in; the day's events in their order.
// Out:      the same lots with what was done to them; which lots a sell takes (Reg. 1.1012-1(c)).
// Promises: parts add up: what a split or a sale takes from a lot's quantity and basis, the rest has no more. A lot's
//           number is the order of its making and never changes; lots that are gone stay, empty.
// Refuses:  taking more than there is: a Defect, since whoever asks looks at the total before.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "book/ledger.h"

namespace lotwright::tax {

using LotNumber = std::uint32_t;
inline constexpr LotNumber no_lot = 0xFFFFFFFFU;

struct LedgerLot {
  AccountIndex account;      // nobody: an account outside the ledger, of which only the purchases are known
  TaxpayerIndex outside_of;  // whose that account is
  TaxLot lot;                // quantity zero: gone
  LotNumber parent = no_lot;
  std::vector<LotNumber> children;
  std::size_t first_child = 0;  // of `children`: those before it are gone with all that was made of them
  std::uint32_t parts = 0;      // the number in the id of the last child
  // By its id; the same object for all shares of one acquisition, wherever they are. Outlives the lots.
  const std::string* acquisition = nullptr;
  bool purchased = false;  // may be a replacement (IRC 1091(a): by purchase, or a taxable exchange)
  bool used = false;       // has disallowed a loss: never another one (Reg. 1.1091-1(e))

  [[nodiscard]] bool is_gone() const { return lot.quantity.is_zero(); }
};

// So many shares of a lot.
struct LotPart {
  LotNumber lot = no_lot;
  Quantity quantity;
};

struct Position {
  std::vector<LotNumber> lots;  // by acquired_on, then number; gone ones may still stand in it
  Quantity quantity;            // of all of them
  std::size_t gone = 0;         // of `lots`
  std::size_t first = 0;        // of `lots`: those before it are gone
  std::string held;             // why nothing of it is played any more; empty: it is played
};

// What a method needs to know of a sell.
struct SellTerms {
  Quantity quantity;
  Money amount;  // net proceeds
  Date on;
  Weight rate_short;
  Weight rate_long;
};

// Takes `quantity` shares and their share of both bases off a lot that has as many; it keeps the rest.
TaxLot part_off(TaxLot& lot, Quantity quantity);

class LotStore {
 public:
  explicit LotStore(std::size_t securities) : positions_(securities), outside_(securities) {}

  // The lot's account and id must be new together (`find`). A lot outside the ledger is in no position, nor is one
  // that is empty from the start: the parent of others, gone before the ledger begins.
  LotNumber add(LedgerLot lot);
  // The same; no_lot, and nothing done, where they are not new.
  LotNumber add_new(LedgerLot lot);
  // A lot of the account was split off another before the ledger began.
  void adopt(LotNumber parent, LotNumber child);
  [[nodiscard]] LotNumber find(AccountIndex account, const std::string& id) const;  // no_lot: there is none

  [[nodiscard]] const LedgerLot& at(LotNumber number) const { return lots_[number]; }
  // To change it, at once; but for its id, parts and position, and its quantity where it is in one.
  [[nodiscard]] LedgerLot& change(LotNumber number) {
    facts_[number].known = false;
    return lots_[number];
  }
  [[nodiscard]] const std::vector<LedgerLot>& all() const { return lots_; }
  // By acquired_on, then in order of making.
  [[nodiscard]] bool is_earlier(LotNumber a, LotNumber b) const {
    return std::pair(lots_[a].lot.acquired_on, a) < std::pair(lots_[b].lot.acquired_on, b);
  }

  [[nodiscard]] Position& position(AccountIndex account, SecurityIndex security) {
    return positions_[security.value][account];
  }
  // Every account that has or had the security.
  [[nodiscard]] std::map<AccountIndex, Position>& positions(SecurityIndex security) {
    return positions_[security.value];
  }
  // All that came in outside the ledger.
  [[nodiscard]] std::vector<LotNumber>& outside(SecurityIndex security) { return outside_[security.value]; }
  // The lots that are there, earliest first.
  [[nodiscard]] std::vector<LotNumber> lots_of(Position& position) const;

  // Takes `quantity` shares and their basis off the lot, which keeps the rest; what was taken, as the lot is.
  TaxLot take(LotNumber number, Quantity quantity);
  // A lot like this one without children, in no account's books yet.
  [[nodiscard]] LedgerLot like(LotNumber number);
  // A lot that becomes a child of another of its account: under the parent's next free number.
  LotNumber add_child(LotNumber parent, LedgerLot child);
  // Makes a lot of its own of `quantity` shares, fewer than the lot has, with their share of basis.
  LotNumber split(LotNumber number, Quantity quantity);
  // A child that takes no shares of the lot: the new security of a spin-off, which was not purchased.
  LotNumber add_spun_off(LotNumber number, TaxLot fresh);
  // Another number of shares of the same lot, of the same basis.
  void set_quantity(LotNumber number, Quantity quantity);
  // What is left of the position becomes one of another security of the account, lot by lot.
  void exchange(AccountIndex account, SecurityIndex from, SecurityIndex to);

  // The lots a sell takes, in the order in which it takes them. The position holds at least `terms.quantity`.
  [[nodiscard]] std::vector<LotPart> relieve(Position& position, ReliefMethod method, const SellTerms& terms) const;
  // The same of one lot and then of what was made out of it, in order of making, as far as it is of the security;
  // fewer shares than wanted where there are fewer.
  [[nodiscard]] std::vector<LotPart> relieve_lot(LotNumber number, SecurityIndex security, Quantity quantity);

 private:
  void take_by_rank(const Position& position, ReliefMethod method, const SellTerms& terms,
                    std::vector<LotPart>& parts) const;
  [[nodiscard]] bool is_dead(LotNumber number) const;
  void add_descendants(LotNumber number, std::vector<LotNumber>& numbers) const;
  [[nodiscard]] std::size_t child_from(LotNumber parent, std::size_t place);
  void enter(LotNumber number);
  void forget_gone(Position& position) const;

  // What a sell that chooses by basis looks at, close together: it may choose from tens of thousands of lots.
  struct Facts {
    bool known = false;  // the rest is as the lot is
    bool plain = false;  // one basis, and it is known
    Date held_from;
    double shares = 0.0;  // counts
    double basis = 0.0;   // dollars a share
  };
  [[nodiscard]] const Facts& facts_of(LotNumber number) const;

  std::vector<LedgerLot> lots_;
  mutable std::vector<Facts> facts_;  // by lot
  // Some lot has a lower number than what it was split off before the ledger began.
  bool parts_come_first_ = false;
  std::vector<std::map<AccountIndex, Position>> positions_;  // by security
  std::vector<std::vector<LotNumber>> outside_;              // likewise
  std::unordered_map<std::string, LotNumber> by_id_;         // looked up, never walked
};

}  // namespace lotwright::tax
