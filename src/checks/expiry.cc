#include "checks/expiry.h"

#include <fmt/format.h>

#include <algorithm>

#include "book/concerns.h"
#include "book/rules.h"
#include "checks/findings.h"

namespace lotwright {
namespace {

// What a restriction keeps from happening.
const char* what_it_forbids(RestrictionRule rule) {
  switch (rule) {
    case RestrictionRule::never_buy:
      return "buying";
    case RestrictionRule::never_sell:
    case RestrictionRule::lock_quantity:
      return "selling";
    case RestrictionRule::freeze:
      return "buying and selling";
    case RestrictionRule::sell_all:
      return "keeping and buying";
    case RestrictionRule::weight_max:
      return "holding more than its weight_max of";
    case RestrictionRule::weight_min:
      return "holding less than its weight_min of";
  }
  return "";
}

std::string in_days(int days) {
  if (days == 0) return "today";
  return days == 1 ? "in 1 day" : fmt::format("in {} days", days);
}

std::string name_of_subject(const Restriction& restriction) {
  return restriction.subject_id.empty() ? "" : " on " + restriction.subject_id;
}

// What it is about, as the account has it: "AAA (120 held)", a lot by its id; empty where it has none of it.
std::vector<std::string> subjects_in(const Book& book, const CheckedAccount& checked, const Restriction& restriction) {
  std::vector<std::string> names;
  for (const CheckedLine& line : checked.lines) {
    if (!std::ranges::binary_search(restriction.securities, line.security)) continue;
    const std::string& id = book.security(line.security).id.text;
    names.push_back(line.held.is_positive() ? fmt::format("{} ({} held)", id, line.held.to_string()) : id);
  }
  if (restriction.subject_kind != RestrictionSubject::lot) return names;
  for (const TaxLot& lot : book.account(checked.account).lots) {
    if (lot.id.text != restriction.subject_id) continue;
    names.push_back(fmt::format("lot {} of {} ({} held)", lot.id.text, book.security(lot.security).id.text,
                                lot.quantity.to_string()));
  }
  return names;
}

}  // namespace

void tell_what_ends_or_begins(const BookFacts& facts, CheckedAccount& checked) {
  const Book& book = facts.book();
  const int days = book.account(checked.account).effective_policy.expiry_notice_days;
  if (days == 0) return;
  const Date today = book.firm.as_of;
  for (const Restriction* one : facts.restrictions_of(checked.account)) {
    if (!one->effective_to || *one->effective_to - today > days) continue;
    const std::vector<std::string> subjects = subjects_in(book, checked, *one);
    if (subjects.empty()) continue;
    add_finding(book, checked, rule::restriction_expires, Severity::note, one->effective_to->to_string(), one->id,
                fmt::format("restriction {}{} ends with {}, {}: it forbids {} {} until then and no longer; "
                            "prolong it if that is not meant",
                            one->id, name_of_subject(*one), one->effective_to->to_string(),
                            in_days(*one->effective_to - today), what_it_forbids(one->rule), list_of(subjects)));
  }
  for (const Restriction& one : book.restrictions_ahead) {
    if (!concerns(book, one, checked.account) || *one.effective_from - today > days) continue;
    const std::vector<std::string> subjects = subjects_in(book, checked, one);
    if (subjects.empty()) continue;
    add_finding(book, checked, rule::restriction_begins, Severity::note, one.effective_from->to_string(), one.id,
                fmt::format("restriction {}{} begins on {}, {}: from then on it forbids {} {}", one.id,
                            name_of_subject(one), one.effective_from->to_string(), in_days(*one.effective_from - today),
                            what_it_forbids(one.rule), list_of(subjects)));
  }
}

}  // namespace lotwright
