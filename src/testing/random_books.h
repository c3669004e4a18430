// testing/random_books.h — one small household of any shape made by a seed, for properties that must hold on every
// book.
//
// In:       a seed, and a size from 0 to 100: larger ones have more securities, accounts, lots and rules.
// Out:      the rows as drafts, so that a test can shuffle, add, change or leave out some before it builds the Book.
// Promises: the same seed and size make the same rows everywhere, and the rows always build. Accounts are called "A1",
//           "A2" ... in the order they are decided. Among the rows are all modes, requests, restrictions and settings,
//           identical groups, substitutes, washes inside and outside the book, unknown and dual basis, taxes by
//           brackets, frozen accounts, cash that is missing, funds of kind cash, prices and sizes of many magnitudes,
//           and risk that is degenerate.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "testing/book_builder.h"

namespace lotwright {

struct ModelRows {
  std::string id;
  std::vector<std::pair<std::string, std::string>> weights;  // security, weight
};

struct RandomBook {
  std::vector<std::string> factors = {"market"};
  std::vector<double> covariance = {0.0225};
  std::vector<SecurityDraft> securities;
  std::vector<ModelRows> models;
  std::vector<BracketsDraft> brackets;
  std::vector<TaxpayerDraft> taxpayers;
  std::vector<AccountDraft> accounts;
  std::vector<LotDraft> lots;
  std::vector<RestrictionDraft> restrictions;
  std::vector<FundHoldingDraft> fund_holdings;
  std::vector<RequestDraft> requests;
  std::vector<TransactionDraft> transactions;
  std::vector<SubstituteDraft> substitutes;
  std::map<std::string, PolicyLayer> settings;  // by account

  [[nodiscard]] BookBuilder builder() const;
  [[nodiscard]] Book build() const { return builder().build(); }
};

[[nodiscard]] RandomBook random_book(std::uint64_t seed, int size);

}  // namespace lotwright
