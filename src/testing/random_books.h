// testing/random_books.h — small firms made by a seed, for properties that must hold on every book.
//
// In:       a seed and whether fractions of a share may be traded.
// Out:      the rows as drafts, so that a test can shuffle, add or change some before it builds the Book.
// Promises: the same seed makes the same rows everywhere. Each taxpayer "T1", "T2" ... has an untaxed account "1-A",
//           which is decided first, and a taxable one "1-B"; some have a second taxable one, "1-C". Among the rows are
//           gains and losses of both terms, recent purchases and loss sales inside and outside the book, identical
//           groups, restrictions, due cash_outs, budgets, turnover limits and, where trading costs no commission, a
//           fund of kind cash.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "testing/book_builder.h"

namespace lotwright {

struct RandomBook {
  std::vector<SecurityDraft> securities;
  std::vector<std::pair<std::string, std::string>> model;  // security, weight
  std::vector<TaxpayerDraft> taxpayers;
  std::vector<AccountDraft> accounts;
  std::vector<LotDraft> lots;
  std::vector<RestrictionDraft> restrictions;
  std::vector<RequestDraft> requests;
  std::vector<TransactionDraft> transactions;
  std::vector<SubstituteDraft> substitutes;
  std::map<std::string, Policy> policies;  // by account

  [[nodiscard]] Book build() const;
};

enum class Fractions { no, yes };

[[nodiscard]] RandomBook random_book(std::uint64_t seed, Fractions fractions);

}  // namespace lotwright
