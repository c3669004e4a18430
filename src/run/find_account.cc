#include "run/find_account.h"

#include <string>
#include <vector>

#include "book/rules.h"
#include "inputs/near_names.h"

namespace lotwright {
namespace {

constexpr std::size_t near_max = 5;

// Ids that hold the word or are almost it.
std::string ids_like(const Book& book, const std::string& wanted) {
  std::vector<std::string> near;
  for (const Account& account : book.accounts) {
    const std::string& id = account.id.text;
    const bool holds_it = wanted.size() > 2 && id.find(wanted) != std::string::npos;
    if (holds_it || inputs::is_almost(wanted, id)) near.push_back(id);
    if (near.size() == near_max) break;
  }
  std::string text;
  for (const std::string& id : near) text += (text.empty() ? "" : ", ") + id;
  return text;
}

}  // namespace

Failure unknown_account(const Book& book, const std::string& wanted) {
  const std::string near = ids_like(book, wanted);
  return {rule::account_unknown,
          "the book has no account " + wanted + "; " +
              (near.empty() ? "see account_id in accounts.csv" : "did you mean " + near + "?"),
          {}};
}

}  // namespace lotwright
