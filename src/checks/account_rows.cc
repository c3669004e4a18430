#include "checks/account_rows.h"

#include <fmt/format.h>

#include <array>

namespace lotwright {

Unread::Unread(const Book& book) {
  constexpr std::array<std::string_view, 3> files{"accounts.csv", "lots.csv", "transactions.csv"};
  for (const Finding& one : book.findings) {
    const std::string_view file = std::string_view(one.place.file).substr(0, one.place.file.rfind(".gz"));
    const bool of_account = one.subject.kind == SubjectKind::account && one.severity == Severity::hold;
    if (of_account && std::ranges::find(files, file) != files.end()) accounts_.insert(one.subject.id);
  }
}

void Unread::tell(Doubts& doubts, const char* rule, Severity severity, const Account& account, Observed observed,
                  std::string limit, const std::string& message, const std::vector<SecurityIndex>& in_doubt) const {
  const bool unread = accounts_.contains(account.id.text);
  doubts.tell(rule, unread ? Severity::note : severity, account, std::move(observed), std::move(limit),
              unread ? "the account is held by rows that could not be read, which may be why: " + message : message,
              in_doubt);
}

std::string quantity_text(double quantity) {
  std::string digits = fmt::format("{:.4f}", quantity);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.ends_with('.')) digits.pop_back();
  return digits;
}

}  // namespace lotwright
