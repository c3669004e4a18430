// book/concerns.h — whom a restriction is about.
#pragma once

#include "book/book.h"

namespace lotwright {

// By its scope; one of a screen only where the account uses that.
[[nodiscard]] inline bool concerns(const Book& book, const Restriction& restriction, AccountIndex account) {
  switch (restriction.scope) {
    case RestrictionScope::firm:
      return uses_screen_of(restriction, book.account(account).effective_policy);
    case RestrictionScope::household:
      return restriction.household == book.account(account).household;
    case RestrictionScope::account:
      return restriction.account == account;
  }
  return false;
}

}  // namespace lotwright
