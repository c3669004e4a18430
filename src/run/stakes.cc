#include "run/stakes.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <string_view>

#include "book/rules.h"
#include "explanation/idle_cash.h"
#include "reports/desk_pages.h"

namespace lotwright {
namespace {

// Positions at their prices, where there are none at their basis, and cash: also of an account no price could value.
Money worth_of(const Book& book, const Account& account) {
  Money worth = account.cash.is_positive() ? account.cash : Money();
  for (const TaxLot& lot : account.lots) {
    const auto& price = book.security(lot.security).price;
    worth += price ? value_of(lot.quantity, *price) : lot.cost_basis.value_or(Money());
  }
  return worth;
}

Money orders_of(const AccountResult& result) {
  Money amount;
  for (const Order& order : result.orders) amount += order.trade.amount;
  return amount;
}

// The dollars that an observed value is, where it is dollars; else zero.
Money dollars_in(const std::string& text) {
  const auto amount = Money::parse(text);
  return amount ? amount->abs() : Money();
}

class Stakes {
 public:
  Stakes(const Book& book, const RunResult& run, const std::vector<ExceptionLine>& lines) : gates_(run.gates) {
    const auto of_security = [](const ExceptionLine& line) {
      return line.finding.subject.kind == SubjectKind::security;
    };
    if (std::ranges::any_of(lines, of_security)) hold_securities(book);
    for (const AccountResult& result : run.accounts) {
      const Account& account = book.account(result.account);
      const Money worth = worth_of(book, account);
      const Money orders = orders_of(result);
      accounts_[account.id.text] = {worth, orders};
      households_[book.households[account.household.value].id.text] += worth;
      all_ += worth;
      all_orders_ += orders;
    }
  }

  [[nodiscard]] Money of(const ExceptionLine& line) const {
    const Finding& finding = line.finding;
    // All orders wait for all gates: they are told once, at the first.
    if (finding.rule.starts_with("gate_")) return !gates_.empty() && finding == gates_.front() ? all_orders_ : Money();
    if (finding.severity == Severity::note) return of_note(finding);
    if (finding.rule == rule::data_cash_moved || reports::is_missing_cash(finding)) return difference(finding);
    const auto account = accounts_.find(line.account_id);
    if (account != accounts_.end())
      return finding.severity == Severity::hold ? account->second.worth : account->second.orders;
    if (!line.account_id.empty()) return {};
    if (const auto household = households_.find(line.household_id); household != households_.end())
      return household->second;
    return finding.subject.kind == SubjectKind::book ? all_ : of_security(finding);
  }

 private:
  struct OfAccount {
    Money worth, orders;
  };

  // What a wash sale disallows is lost; of other notes nothing is at stake.
  static Money of_note(const Finding& finding) {
    const bool is_loss = finding.rule.starts_with("wash_sale_") && finding.rule != rule::wash_sale_reinvested;
    return is_loss ? dollars_in(finding.observed) : Money();  // of reinvested dividends it is a count
  }
  // Cash that nobody explains, or that is not there for a payment.
  static Money difference(const Finding& finding) {
    const auto seen = Money::parse(finding.observed), expected = Money::parse(finding.limit);
    return seen && expected ? (*seen - *expected).abs() : Money();
  }
  // Of a security nobody in the run depends on, what is held of it.
  [[nodiscard]] Money of_security(const Finding& finding) const {
    if (finding.subject.kind != SubjectKind::security) return {};
    const auto held = held_.find(finding.subject.id);
    return held == held_.end() ? Money() : held->second;
  }

  void hold_securities(const Book& book) {
    std::vector<Money> held(book.securities.size());
    for (const Account& account : book.accounts) {
      for (const TaxLot& lot : account.lots) {
        const auto& price = book.security(lot.security).price;
        if (price) held[lot.security.value] += value_of(lot.quantity, *price);
      }
    }
    for (std::size_t i = 0; i < held.size(); ++i) held_.emplace(book.securities[i].id.text, held[i]);
  }

  const Findings& gates_;
  std::map<std::string, OfAccount> accounts_;
  std::map<std::string, Money> households_;
  std::map<std::string, Money> held_;  // by security, in the whole book; empty where no line asks
  Money all_, all_orders_;
};

struct Step {
  std::string_view rule;  // of a rule's name, or of its beginning where it ends with an underscore
  std::string_view text;
};

// The first that fits.
constexpr Step steps[] = {
    {rule::data_position_moved,
     "Compare with the custodian's activity since yesterday; correct lots.csv or add the "
     "missing row to transactions.csv, then run again; with --accept ACCOUNT where today's positions are right."},
    {rule::data_position_break, "Ask the custodian which count is right; correct lots.csv, then run again."},
    {rule::data_cash_moved,
     "Look for the deposit, withdrawal or fee; accept the cash (run --accept) where the money is real."},
    {rule::data_cash_flow_twice,
     "Ask the adviser whether both payments are meant; take one row out, or make them one."},
    {rule::data_trade_twice, "Look at the confirmation; take the second row out of transactions.csv."},
    {rule::data_basis_implausible,
     "Get the basis from the custodian's lot report; correct it, leave it empty, or run with --accept ACCOUNT where it "
     "is right."},
    {rule::data_security_unmapped, "Give the security an asset_class in securities.csv: one row releases all of them."},
    {rule::data_account_new,
     "Confirm who owns it and that it does not stand under another id; then accept it (run --accept)."},
    {rule::data_account_vanished, "Ask the custodian for the account's rows before anything of this family trades."},
    {rule::data_account_changed, "Confirm with the account's papers; run with --accept ACCOUNT where it is right."},
    {rule::price_jump, "Look the price up; book the split, correct the price, or write yes under confirmed."},
    {rule::price_missing, "Get the price; one row in prices.csv releases all accounts with the security."},
    {rule::price_too_old, "Get a newer price, or raise price_age_days_max for what trades seldom."},
    {rule::corporate_action_pending, "Book the action in lots.csv and mark it applied: that releases all of them."},
    {rule::data_unknown_basis, "Ask the former custodian for the basis."},
    {rule::data_risk_missing, "Run risk-model again: one row releases all accounts with the security."},
    {rule::data_taxpayer_missing, "Correct the taxpayer's row with the adviser."},
    {"data_", "Correct the row that the message names, then run again."},
    {rule::model_household_drift,
     "Look at the swap that the message names, if any; place it, or release the orders without it."},
    {rule::cash_nothing_to_sell,
     "Read what bars the sales; release what can be done, or agree with the client what may be sold."},
    {"model_", "Correct the model or the account's model_id, then run again."},
    {"price_", "Correct the price, then run again."},
    {rule::request_too_late, "Advance the missing money, or tell the client on which day it comes; release the sales."},
    {rule::request_cash_short,
     "Bring in the missing money or lift what stands in the way; else agree on another sum or day with the client."},
    {"request_", "Read what stands in the way and agree with the client; release, or change the request."},
    {"restriction_", "Agree with the client which of the two holds; release, or change the restriction."},
    {"wash_sale_", "Read what is disallowed; release where the client knows."},
    {"verification_", "Send the saved case to the engine's makers; the account stays as it is."},
    {"gate_", "Read gates.html; nothing leaves before a person has decided."},
    {"", "Read the account's report (explain); release, or change what stands in the way."},
};

// What lets a person change what the firm's own test measures; by what the driver is, the rest is for a person.
const char* step_of(ExceptionMeasure measure) {
  switch (measure) {
    case ExceptionMeasure::turnover:
    case ExceptionMeasure::turnover_of_usual:
    case ExceptionMeasure::turnover_unexplained:
      return "Release where what drove it is meant; else read what fewer orders would do (what-if BOOK ACCOUNT "
             "--orders "
             "20), to tracking error and to cash.";
    case ExceptionMeasure::gain:
      return "Release where the client can bear the gain; else set gain_budget for the account (what-if --set "
             "gain_budget=... shows it first) and run again.";
    case ExceptionMeasure::tax:
    case ExceptionMeasure::tax_weight:
      return "Release where the drift is worth the tax (frontier BOOK ACCOUNT shows what less tax costs); else set "
             "tax_budget for the account and run again.";
    case ExceptionMeasure::orders:
      return "Release where the client does not mind the number; else raise trade_min_usd for the account and run "
             "again.";
    case ExceptionMeasure::order_weight:
      return "Look at the order's price and position; release where they are right.";
    case ExceptionMeasure::tracking_error_rise:
      return "Release where losses or a request are worth the risk (what-if --set harvest=no shows the account "
             "without); "
             "else raise risk_aversion.";
    case ExceptionMeasure::cash_left:
      return "Ask what the money waits for and why nothing is bought (explain: what may not be bought, turnover_max, "
             "the "
             "mode); set it aside by a request, or change what stands in the way.";
    case ExceptionMeasure::against_request:
      return "Read the request beside the orders (explain); release where both are meant.";
    case ExceptionMeasure::tracking_error_of_peers:
      return "Read what keeps the account there; change that, or take the account as it is.";
  }
  throw Defect("a measure of unusual results has no next step");
}

}  // namespace

std::string next_step_of(const Finding& finding, const Firm& firm) {
  if (finding.severity == Severity::note && finding.rule == rule::restriction_expires)
    return "Prolong it if that is not meant.";
  if (finding.severity == Severity::note && !finding.rule.starts_with("gate_")) return "Nothing to do.";
  const auto test = std::ranges::find_if(
      firm.exception_rules, [&](const ExceptionRule& one) { return finding.rule == "unusual_" + one.name; });
  if (test != firm.exception_rules.end()) return step_of(test->measure);
  if (finding.rule == unusual_cash_left) return step_of(ExceptionMeasure::cash_left);
  const auto step = std::ranges::find_if(
      steps, [&](const Step& one) { return std::string_view(finding.rule).starts_with(one.rule); });
  return std::string(step->text);
}

std::vector<Stake> stakes_of(const Book& book, const RunResult& run, const std::vector<ExceptionLine>& lines) {
  const Stakes stakes(book, run, lines);
  std::vector<Stake> all;
  for (const ExceptionLine& line : lines) all.push_back({stakes.of(line), 0, next_step_of(line.finding, book.firm)});
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return all[a].dollars > all[b].dollars; });
  for (std::size_t place = 0; place < order.size(); ++place) all[order[place]].rank = place + 1;
  return all;
}

}  // namespace lotwright
