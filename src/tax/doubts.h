// tax/doubts.h — losses that something may disallow which the ledger could not play: rows that cannot be read, and
// shares that left and have not arrived (IRC 1091).
//
// In:       every row that is not played; at the end the losses that still lack replacements.
// Out:      a finding at the row of each such sale.
// Promises: what cannot be read may be anything; a name that is not known concerns nobody.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "tax/on_way.h"
#include "tax/realization.h"

namespace lotwright::tax {

class Doubts {
 public:
  // Outlives it.
  explicit Doubts(const LedgerBook& book) : book_(&book) {}

  void not_played(const LedgerEvent& event);
  void not_played(const OpeningLot& opening);

  // After everything has been played.
  [[nodiscard]] std::vector<Failure> findings(Realization& realization, const OnWay& on_way);

 private:
  // Whose purchase a row may be, and of what; nobody: anybody's, of anything.
  using Key = std::pair<TaxpayerIndex, GroupIndex>;
  struct Days {
    std::vector<std::pair<Date, Origin>> dated;
    std::optional<Origin> undated;
  };
  void add(const std::vector<TaxpayerIndex>& owners, SecurityIndex security, std::optional<Date> day,
           const Origin& origin);
  [[nodiscard]] const Origin* row_near(const WashMatching::Loss& loss, const SaleRow& sale) const;
  [[nodiscard]] const LotOnWay* left_near(const WashMatching::Loss& loss, const SaleRow& sale,
                                          const WashMatching& wash) const;
  void gather(const OnWay& on_way);

  const LedgerBook* book_;
  std::map<Key, Days> unseen_;
  std::map<Key, std::vector<const LotOnWay*>> left_;  // by acquired_on
};

}  // namespace lotwright::tax
