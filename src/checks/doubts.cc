#include "checks/doubts.h"

#include <algorithm>
#include <array>

#include "book/rules.h"

namespace lotwright {

bool may_be_accepted(std::string_view rule) {
  constexpr std::array<std::string_view, 7> rules{
      rule::data_position_moved, rule::data_cash_moved,      rule::data_basis_implausible, rule::data_account_changed,
      rule::data_account_new,    rule::data_cash_flow_twice, rule::data_trade_twice};
  return std::ranges::find(rules, rule) != rules.end();
}

std::optional<Date> Doubts::accepted_on(const char* rule, const Account& account, const std::string& observed) const {
  if (!may_be_accepted(rule)) return std::nullopt;
  const auto fact = std::ranges::find_if(previous_->accepted, [&](const AcceptedFact& one) {
    return one.account == account.id.text && one.rule == rule && one.observed == observed;
  });
  if (fact != previous_->accepted.end()) return fact->accepted_on;
  return previous_->accepting.contains(account.id.text) ? std::optional(book_->firm.as_of) : std::nullopt;
}

void Doubts::tell(const char* rule, Severity severity, const Account& account, std::string observed, std::string limit,
                  std::string message, const std::vector<SecurityIndex>& in_doubt) {
  const std::optional<Date> accepted = accepted_on(rule, account, observed);
  if (accepted && severity != Severity::note) {
    severity = Severity::note;
    message = "accepted by a person on " + accepted->to_string() + " as it is: " + message;
  }
  tell(rule, severity, Subject{SubjectKind::account, account.id.text}, std::move(observed), std::move(limit),
       std::move(message));
  if (accepted) return;
  for (const SecurityIndex security : in_doubt) {
    for (const TaxpayerIndex taxpayer : account.wash_taxpayers)
      found_.loss_bars.push_back({taxpayer, book_->security(security).group});
  }
}

}  // namespace lotwright
