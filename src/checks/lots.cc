#include "checks/lots.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "book/rules.h"
#include "checks/findings.h"
#include "checks/lines.h"
#include "tax/holding_period.h"
#include "tax/lot_relief.h"

namespace lotwright {
namespace {

bool is_taxable(const Account& account) { return account.tax_treatment == TaxTreatment::taxable; }

// The stops of a taxable account on one lot.
void bar_by_tax(const Account& account, const TaxLot& lot, Date as_of, CheckedLot& judged) {
  const Policy& policy = account.effective_policy;
  if (!lot.cost_basis && policy.unknown_basis == UnknownBasis::exclude) {
    judged.bars.push_back({Strength::law, rule::data_unknown_basis_excluded, "unknown_basis"});
  }
  if (judged.term != Term::short_term || !judged.gain || !judged.gain->is_positive()) return;
  if (policy.short_term_gains == ShortTermGains::avoid) {
    judged.bars.push_back({Strength::short_term, rule::short_term_gains_avoided, "short_term_gains"});
  }
  if (turns_long_term_soon(lot, as_of, policy.long_term_wait_days)) {
    judged.bars.push_back({Strength::short_term, rule::short_term_wait, "long_term_wait_days"});
  }
}

CheckedLot judge(const Book& book, const Account& account, const TaxLot& lot) {
  const Date as_of = book.firm.as_of;
  CheckedLot judged;
  judged.saleable = lot.quantity;
  judged.young = tax::is_young(lot, as_of);
  judged.term = tax::term_of(lot.held_from, as_of);
  if (!lot.security.exists() || !book.security(lot.security).price) return judged;
  const Price price = *book.security(lot.security).price;
  const TaxLot taxed = lot_as_taxed(account, lot);
  judged.gain = tax::unrealized_gain(taxed, price);
  judged.term = tax::term_of_sale(taxed, price, as_of);
  if (is_taxable(account)) bar_by_tax(account, lot, as_of, judged);
  return judged;
}

void restrict_lot(const Restriction& restriction, const TaxLot& lot, CheckedLot& judged) {
  const auto bar = [&](const char* rule) { judged.bars.push_back({Strength::restriction, rule, restriction.id}); };
  if (restriction.rule == RestrictionRule::never_sell) bar(rule::restriction_never_sell);
  if (restriction.rule == RestrictionRule::freeze) bar(rule::restriction_freeze);
  if (restriction.rule != RestrictionRule::lock_quantity) return;
  const Quantity locked = std::min(restriction.quantity.value_or(lot.quantity), lot.quantity);
  judged.saleable = std::min(judged.saleable, lot.quantity - locked);
  if (judged.saleable.is_zero()) bar(rule::restriction_lock_quantity);
}

bool is_understood_of_lots(RestrictionRule rule) {
  return rule == RestrictionRule::never_sell || rule == RestrictionRule::freeze ||
         rule == RestrictionRule::lock_quantity;
}

void restrict_lots(const BookFacts& facts, CheckedAccount& checked) {
  const Account& account = facts.book().account(checked.account);
  for (const Restriction* restriction : facts.restrictions_of(checked.account)) {
    if (restriction->subject_kind != RestrictionSubject::lot) continue;
    for (std::size_t i = 0; i < account.lots.size(); ++i) {
      if (account.lots[i].id.text != restriction->subject_id) continue;
      restrict_lot(*restriction, account.lots[i], checked.lots[i]);
      if (is_understood_of_lots(restriction->rule)) continue;
      add_finding(
          facts.book(), checked, rule::restriction_unsupported, Severity::review, restriction->id, "",
          fmt::format("restriction {} on lot {} is not acted upon: a lot takes never_sell, freeze or lock_quantity",
                      restriction->id, restriction->subject_id));
    }
  }
}

void preserve_losses(const BookFacts& facts, CheckedAccount& checked) {
  const Account& account = facts.book().account(checked.account);
  if (checked.losses_preserved_by.empty() || !is_taxable(account)) return;
  for (std::size_t i = 0; i < account.lots.size(); ++i) {
    if (!checked.lots[i].at_loss()) continue;
    checked.lots[i].bars.push_back({Strength::request, rule::request_preserve_losses, checked.losses_preserved_by});
  }
}

// Lots of unknown basis that do not hold the account are told all the same.
void note_unknown_bases(const Book& book, CheckedAccount& checked) {
  const Account& account = book.account(checked.account);
  const UnknownBasis policy = account.effective_policy.unknown_basis;
  if (!is_taxable(account) || policy == UnknownBasis::hold) return;
  const std::vector<std::string> lots = lots_of_unknown_basis(account);
  if (lots.empty()) return;
  const bool excluded = policy == UnknownBasis::exclude;
  add_finding(book, checked, excluded ? rule::data_unknown_basis_excluded : rule::data_unknown_basis_zero,
              Severity::note, std::to_string(lots.size()), "0",
              fmt::format("lots of unknown basis {}: {}; give their cost_basis in lots.csv",
                          excluded ? "are not sold" : "are taxed as if they had cost nothing", list_of(lots)));
}

bool owns(const Book& book, const Account& account, const std::string& security) {
  return std::ranges::any_of(account.lots, [&](const TaxLot& lot) {
    return lot.security.exists() && book.security(lot.security).id.text == security;
  });
}

// A row that could not be read and says what a lot of the account is, or is worth.
bool bears_on_lots(const Book& book, const Account& account, const Finding& finding) {
  constexpr std::array files = {"lots.csv", "prices.csv", "corporate_actions.csv"};  // plain or compressed
  const auto is_in = [&](const char* file) { return finding.place.file.starts_with(file); };
  if (finding.severity != Severity::hold) return false;
  // Numbers too large to be added up: all that the account has was taken out (inputs/magnitudes.cc).
  if (finding.rule == rule::data_number_out_of_range && finding.place.line == 0) return true;
  if (std::ranges::none_of(files, is_in)) return false;
  return finding.subject.kind != SubjectKind::security || owns(book, account, finding.subject.id);
}

// A price of yesterday, or one that a split has changed already, shows losses that are none.
std::string doubt_of_lots(const BookFacts& facts, const CheckedAccount& checked) {
  const Book& book = facts.book();
  const Account& account = book.account(checked.account);
  for (const Finding& finding : checked.findings) {
    if (bears_on_lots(book, account, finding)) return finding.rule;
  }
  for (const TaxLot& lot : account.lots) {
    if (!lot.security.exists()) return rule::data_reference_unknown;
    const Security& security = book.security(lot.security);
    if (!security.price) return rule::price_missing;
    if (price_is_too_old(security, book.firm.as_of, account.effective_policy)) return rule::price_too_old;
    if (facts.pending_action(lot.security) != nullptr) return rule::corporate_action_pending;
  }
  return {};
}

}  // namespace

std::vector<std::string> lots_of_unknown_basis(const Account& account) {
  std::vector<std::string> lots;
  for (const TaxLot& lot : account.lots) {
    if (!lot.cost_basis) lots.push_back(lot.id.text);
  }
  return lots;
}

TaxLot lot_as_taxed(const Account& account, const TaxLot& lot) {
  TaxLot taxed = lot;
  const bool as_zero = is_taxable(account) && account.effective_policy.unknown_basis == UnknownBasis::zero;
  if (!taxed.cost_basis && as_zero) taxed.cost_basis = Money();
  return taxed;
}

bool turns_long_term_soon(const TaxLot& lot, Date as_of, int wait_days) {
  const int days = tax::days_to_long_term(lot.held_from, as_of);
  return days >= 1 && days <= wait_days;
}

void judge_lots(const BookFacts& facts, CheckedAccount& checked) {
  const Book& book = facts.book();
  const Account& account = book.account(checked.account);
  checked.lots.clear();
  for (const TaxLot& lot : account.lots) checked.lots.push_back(judge(book, account, lot));
  restrict_lots(facts, checked);
  preserve_losses(facts, checked);
  note_unknown_bases(book, checked);
  checked.lots_doubted_by = doubt_of_lots(facts, checked);
}

}  // namespace lotwright
