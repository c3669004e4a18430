#include "checks/doubts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "book/rules.h"
#include "checks/findings.h"

namespace lotwright {

namespace {

// A person may accept what these tests find in an account (`run --accept`): the facts are lawful and rare.
bool may_be_accepted(std::string_view rule) {
  constexpr std::array<std::string_view, 7> rules{
      rule::data_position_moved, rule::data_cash_moved,      rule::data_basis_implausible, rule::data_account_changed,
      rule::data_account_new,    rule::data_cash_flow_twice, rule::data_trade_twice};
  return std::ranges::find(rules, rule) != rules.end();
}

// FNV-1a of 64 bits: the same on every machine and in every version.
std::string fingerprint_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

}  // namespace

Observed Observed::of(const std::vector<std::string>& names) {
  return {list_of(names), fmt::format("{}", fmt::join(names, "\n"))};
}

std::optional<Date> Doubts::accepted_on(const char* rule, const Account& account, const std::string& fact) const {
  if (!may_be_accepted(rule)) return std::nullopt;
  const auto known = std::ranges::find_if(previous_->accepted, [&](const AcceptedFact& one) {
    return one.account == account.id.text && one.rule == rule && one.fact == fact;
  });
  if (known != previous_->accepted.end()) return known->accepted_on;
  return previous_->accepting.contains(account.id.text) ? std::optional(book_->firm.as_of) : std::nullopt;
}

void Doubts::tell(const char* rule, Severity severity, const Account& account, Observed observed, std::string limit,
                  std::string message, const std::vector<SecurityIndex>& in_doubt) {
  const std::string fact = fingerprint_of(observed.whole);
  const std::optional<Date> accepted = accepted_on(rule, account, fact);
  if (accepted && severity != Severity::note) {
    severity = Severity::note;
    message = "accepted by a person on " + accepted->to_string() + " as it is: " + message;
    found_.accepted.push_back({account.id.text, rule, observed.shown, fact, *accepted});
  }
  tell(rule, severity, Subject{SubjectKind::account, account.id.text}, std::move(observed.shown), std::move(limit),
       std::move(message));
  if (accepted) return;
  for (const SecurityIndex security : in_doubt) {
    for (const TaxpayerIndex taxpayer : account.wash_taxpayers)
      found_.loss_bars.push_back({taxpayer, book_->security(security).group});
  }
}

}  // namespace lotwright
