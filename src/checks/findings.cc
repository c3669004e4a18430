#include "checks/findings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <span>
#include <utility>

namespace lotwright {

void add_finding(const Book& book, CheckedAccount& checked, const char* rule, Severity severity, std::string observed,
                 std::string limit, std::string message) {
  checked.held = checked.held || severity == Severity::hold;
  checked.findings.push_back({rule,
                              severity,
                              {SubjectKind::account, book.account(checked.account).id.text},
                              {},
                              std::move(observed),
                              std::move(limit),
                              std::move(message)});
}

std::string list_of(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 5;
  if (names.size() <= shown) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{} and {} more", fmt::join(std::span(names).first(shown), ", "), names.size() - shown);
}

std::string list_of(const Book& book, const std::vector<SecurityIndex>& securities) {
  std::vector<std::string> names;
  for (const SecurityIndex security : securities) names.push_back(book.security(security).id.text);
  return list_of(names);
}

}  // namespace lotwright
