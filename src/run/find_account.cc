#include "run/find_account.h"

#include <string>
#include <vector>

#include "book/rules.h"
#include "inputs/near_names.h"

namespace lotwright {
namespace {

constexpr std::size_t near_max = 5;

// Ids that are the word but for capitals, spaces and leading zeros; without any, ids that hold it or are almost it.
std::vector<std::string> ids_like(const Book& book, const std::string& wanted) {
  std::vector<std::string> same, near;
  const std::string folded = inputs::folded_id(wanted);
  for (const Account& account : book.accounts) {
    const std::string& id = account.id.text;
    if (inputs::folded_id(id) == folded) same.push_back(id);
    const bool like = id.find(wanted) != std::string::npos || inputs::is_almost(wanted, id);
    if (like && wanted.size() > 2 && near.size() < near_max) near.push_back(id);  // of two letters one slip is half
  }
  return same.empty() ? near : same;
}

}  // namespace

Failure unknown_account(const Book& book, const std::string& wanted) {
  std::string near;
  for (const std::string& id : ids_like(book, wanted)) near += (near.empty() ? "" : ", ") + id;
  return {rule::account_unknown,
          "the book has no account " + wanted + "; " +
              (near.empty() ? "see account_id in accounts.csv" : "did you mean " + near + "?"),
          {}};
}

}  // namespace lotwright
