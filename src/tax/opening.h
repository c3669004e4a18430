// tax/opening.h — the lots that are there before everything else: as they stand, or as an earlier ledger left them.
//
// In:       the sound rows of opening_lots.csv.
// Out:      their lots in the store, with parents and acquisitions.
// Promises: lots.csv of one ledger goes on in the next: order of making, what was split off what, which shares are of
//           one acquisition (Rev. Rul. 56-602) and which have served as replacements.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "tax/lot_store.h"

namespace lotwright::tax {

class Opening {
 public:
  // Both outlive it, and it outlives the lots, whose acquisitions it names.
  Opening(const LedgerBook& book, LotStore& lots) : book_(&book), lots_(&lots) {}

  // Adds the lots of these rows, all sound: numbers into the book's opening lots, in file order. The lots they became,
  // in order of making.
  std::vector<LotNumber> add(std::vector<std::size_t> rows);

 private:
  [[nodiscard]] LotNumber known(AccountIndex account, const std::string& id);
  [[nodiscard]] bool is_above(LotNumber above, LotNumber below) const;
  void add_ancestors(const OpeningLot& row);
  void name_acquisition(LotNumber number);
  const std::string* named(const std::string& id);

  const LedgerBook* book_;
  LotStore* lots_;
  std::map<std::string, const std::string*> acquisitions_;
  std::deque<std::string> names_;
};

}  // namespace lotwright::tax
