#include "tax/ledger.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "book/rules.h"
#include "tax/arrival.h"
#include "tax/corporate_actions.h"
#include "tax/event_standing.h"

namespace lotwright::tax {
namespace {

// One step of the play: rows without a day come first of all, as they hold what they concern from the start; on a day
// the corporate actions come before the trades.
struct Step {
  std::optional<Date> date;
  bool is_event = false;
  std::size_t number = 0;  // of the row that stands

  auto operator<=>(const Step&) const = default;
};

std::vector<Step> steps_of(const LedgerBook& book, const Standing& standing) {
  std::vector<Step> steps;
  steps.reserve(standing.events.size() + standing.actions.size());
  for (std::size_t i = 0; i < standing.actions.size(); ++i) {
    const LedgerAction& action = book.actions[standing.actions[i].number];
    const bool faulty = (!action.pending && !action.row.faults.empty()) || standing.actions[i].contradiction;
    if (action.applied || faulty) steps.push_back({action.effective_on, false, i});
  }
  for (std::size_t i = 0; i < standing.events.size(); ++i) {
    steps.push_back({book.events[standing.events[i].number].date, true, i});
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

// All that is wrong with a row, its contradiction included.
std::vector<Failure> faults_of(const LedgerRow& row, const StandingRow& standing) {
  std::vector<Failure> faults = row.faults;
  if (standing.contradiction) faults.push_back(*standing.contradiction);
  return faults;
}

// Of an account outside the ledger only what it buys matters: a replacement whose basis nobody here keeps.
bool is_set_aside(const LedgerEvent& event) {
  return event.outside && event.kind != LedgerKind::buy && event.kind != LedgerKind::reinvest;
}

// The day of the first row that may be played: a sound one, and of those outside the ledger a purchase.
std::optional<Date> first_day(const LedgerBook& book, const Standing& standing, const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    const StandingRow& row = (step.is_event ? standing.events : standing.actions)[step.number];
    const LedgerRow& read = step.is_event ? book.events[row.number].row : book.actions[row.number].row;
    if (!faults_of(read, row).empty()) continue;
    if (step.is_event && is_set_aside(book.events[row.number])) continue;
    return step.date;
  }
  return {};
}

LedgerLot came_in(AccountIndex account, TaxpayerIndex outside_of, TaxLot lot, bool purchased) {
  LedgerLot made;
  made.account = account;
  made.outside_of = outside_of;
  made.lot = std::move(lot);
  made.purchased = purchased;
  return made;
}

class Player {
 public:
  explicit Player(const LedgerBook& book)
      : book_(book),
        lots_(book_.securities.size()),
        realization_(book_, lots_),
        actions_(book_, lots_, realization_),
        accounts_held_(book_.accounts.size()),
        securities_held_(book_.securities.size()) {}

  Ledger play();

 private:
  void open_lots(const std::optional<Date>& first);
  void play_event(const LedgerEvent& event);
  void play_outside(const LedgerEvent& event);
  void play_action(const LedgerAction& action);
  void apply(const LedgerAction& action, AccountIndex account);
  void refuse_position(const LedgerAction& action, AccountIndex account, const std::string& held_by,
                       const Failure& finding);
  void arrive(const LedgerEvent& event);
  [[nodiscard]] std::vector<LedgerLot> parts_arriving(const LedgerEvent& event, TaxLot lot);
  [[nodiscard]] std::vector<std::size_t> on_way_to(const LedgerEvent& event);
  [[nodiscard]] std::vector<TaxpayerIndex> owners_of(AccountIndex account) const;
  [[nodiscard]] std::vector<TaxpayerIndex> senders_to(const LedgerEvent& event) const;
  void leave(const LedgerEvent& event);
  void send(const LedgerEvent& event, const std::vector<LotPart>& parts);
  [[nodiscard]] std::vector<LotPart> parts_of(const LedgerEvent& event);
  void refuse(const LedgerEvent& event, const std::vector<Failure>& faults);
  void refuse(const LedgerAction& action, const std::vector<Failure>& faults);
  void refuse(const LedgerEvent& event, const char* rule, const char* column, const std::string& value,
              const std::string& message);
  void hold(AccountIndex account, SecurityIndex security, bool security_named, const Origin& by);
  [[nodiscard]] std::string held_by(AccountIndex account, SecurityIndex security);
  void played(Date date);
  Ledger gather(const Standing& standing);

  const LedgerBook& book_;
  LotStore lots_;
  Realization realization_;
  CorporateActions actions_;
  std::vector<std::string> accounts_held_;    // by which row; empty: played
  std::vector<std::string> securities_held_;  // likewise
  std::vector<LedgerLot> on_way_;             // left an account and not arrived in another yet, as the lots they were
  std::map<std::tuple<TaxpayerIndex, SecurityIndex, Date>, std::vector<std::size_t>> on_way_by_;  // owner, what, since
  std::vector<Failure> findings_;
  std::optional<Date> first_;
  std::optional<Date> last_;
};

Ledger Player::play() {
  const Standing standing = standing_of(book_);
  const std::vector<Step> steps = steps_of(book_, standing);
  open_lots(first_day(book_, standing, steps));
  for (const StandingRow& row : standing.actions) {
    const LedgerAction& action = book_.actions[row.number];
    if (action.pending && !row.contradiction) {
      findings_.insert(findings_.end(), action.row.faults.begin(), action.row.faults.end());
    }
  }
  for (const Step& step : steps) {
    if (step.is_event) {
      const StandingRow& row = standing.events[step.number];
      const LedgerEvent& event = book_.events[row.number];
      const std::vector<Failure> faults = faults_of(event.row, row);
      faults.empty() ? play_event(event) : refuse(event, faults);
    } else {
      const StandingRow& row = standing.actions[step.number];
      const LedgerAction& action = book_.actions[row.number];
      const std::vector<Failure> faults = faults_of(action.row, row);
      faults.empty() ? play_action(action) : refuse(action, faults);
    }
  }
  return gather(standing);
}

// What is there before everything that is played cannot have been acquired after the first of it.
void Player::open_lots(const std::optional<Date>& first) {
  for (std::size_t i = 0; i < book_.accounts.size(); ++i) {
    if (book_.accounts[i].held) accounts_held_[i] = "its row of accounts.csv";
  }
  for (const OpeningLot& opening : book_.opening_lots) {
    const Origin origin{"opening_lots.csv", opening.row.line};
    std::vector<Failure> faults = opening.row.faults;
    if (faults.empty() && first && opening.lot.acquired_on > *first) {
      faults.push_back(finding_at(origin, rule::ledger_opening_late, "acquired_on", opening.lot.acquired_on.to_string(),
                                  "is after " + first->to_string() + ", the first day that is played: tell in " +
                                      events_file + " how the lot came in, or correct the day"));
    }
    findings_.insert(findings_.end(), faults.begin(), faults.end());
    if (faults.empty()) {
      const bool is_gift = opening.lot.loss_basis.has_value();  // nothing else has two bases
      realization_.wash().purchase(lots_.add(came_in(opening.account, {}, opening.lot, !is_gift)));
    } else {
      hold(opening.account, opening.lot.security, opening.security_named, origin);
    }
  }
}

void Player::played(Date date) {
  first_ = first_ ? std::min(*first_, date) : date;
  last_ = last_ ? std::max(*last_, date) : date;
}

// Holds what a row concerns: its position, the whole account where it names no security, nobody where it names one
// that is not known.
void Player::hold(AccountIndex account, SecurityIndex security, bool security_named, const Origin& by) {
  if (!account.exists() || (!security.exists() && security_named)) return;
  std::string& held = security.exists() ? lots_.position(account, security).held : accounts_held_[account.value];
  if (held.empty()) held = by.text();
}

std::string Player::held_by(AccountIndex account, SecurityIndex security) {
  if (!accounts_held_[account.value].empty()) return accounts_held_[account.value];
  if (!securities_held_[security.value].empty()) return securities_held_[security.value];
  return lots_.position(account, security).held;
}

void Player::refuse(const LedgerEvent& event, const std::vector<Failure>& faults) {
  findings_.insert(findings_.end(), faults.begin(), faults.end());
  hold(event.account, event.security, event.security_named, origin_of(event));
}

void Player::refuse(const LedgerEvent& event, const char* rule, const char* column, const std::string& value,
                    const std::string& message) {
  refuse(event, {finding_at(origin_of(event), rule, column, value, message)});
}

// Whatever an action should have done to a security, nobody knows what its positions are after it.
void Player::refuse(const LedgerAction& action, const std::vector<Failure>& faults) {
  findings_.insert(findings_.end(), faults.begin(), faults.end());
  for (const SecurityIndex security : {action.security, action.new_security}) {
    if (!security.exists() || !securities_held_[security.value].empty()) continue;
    securities_held_[security.value] = origin_of(action).text();
  }
}

void Player::play_event(const LedgerEvent& event) {
  if (event.outside) return play_outside(event);
  const std::string held = held_by(event.account, event.security);
  if (!held.empty()) {
    return refuse(event, rule::ledger_position_held, "security_id", book_.securities[event.security.value].id.text,
                  "is held by " + held + ", and this row is not played: correct that row first");
  }
  brings_shares(event.kind) ? arrive(event) : leave(event);
}

void Player::play_outside(const LedgerEvent& event) {
  if (is_set_aside(event)) {
    findings_.push_back(finding_at(origin_of(event), rule::ledger_outside_row, "outside", "yes",
                                   "and no purchase: of an account outside the ledger nothing else is played"));
    return;
  }
  played(*event.date);
  realization_.wash().purchase(lots_.add(came_in({}, event.taxpayer, arriving_lot(event), true)));
}

void Player::arrive(const LedgerEvent& event) {
  TaxLot lot = arriving_lot(event);
  if (lots_.find(event.account, lot.id.text) != no_lot) {
    return refuse(event, rule::ledger_lot_twice, event.lot.empty() ? "transaction_id" : "lot_id", lot.id.text,
                  "is a lot of the account already: give the new lot an id of its own");
  }
  played(*event.date);
  std::vector<LotNumber> numbers;
  for (LedgerLot& part : parts_arriving(event, std::move(lot))) {
    numbers.push_back(numbers.empty() ? lots_.add(std::move(part)) : lots_.add_child(numbers[0], std::move(part)));
  }
  for (const LotNumber number : numbers) realization_.wash().purchase(number);
}

// Whose the account is: of one that names nobody, whoever it is linked to.
std::vector<TaxpayerIndex> Player::owners_of(AccountIndex account) const {
  const LedgerAccount& of = book_.accounts[account.value];
  return of.taxpayer.exists() ? std::vector{of.taxpayer} : of.wash_taxpayers;
}

// Out of whose accounts the shares may come that a row brings in: the owner's own, of a spouse_in the spouse's.
std::vector<TaxpayerIndex> Player::senders_to(const LedgerEvent& event) const {
  const std::vector<TaxpayerIndex> owners = owners_of(event.account);
  if (event.kind == LedgerKind::transfer_in) return owners;
  std::vector<TaxpayerIndex> spouses;
  if (event.kind != LedgerKind::spouse_in) return spouses;
  for (const TaxpayerIndex owner : owners) {
    const TaxpayerIndex spouse = book_.taxpayers[owner.value].spouse;
    if (spouse.exists()) spouses.push_back(spouse);
  }
  return spouses;
}

// The numbers of what is on its way to the row: shares of its security and acquired_on, first out first.
std::vector<std::size_t> Player::on_way_to(const LedgerEvent& event) {
  std::set<std::size_t> numbers;
  for (const TaxpayerIndex sender : senders_to(event)) {
    const auto found = on_way_by_.find({sender, event.security, *event.acquired_on});
    if (found == on_way_by_.end()) continue;
    std::erase_if(found->second, [this](std::size_t number) { return on_way_[number].is_gone(); });
    numbers.insert(found->second.begin(), found->second.end());
  }
  return {numbers.begin(), numbers.end()};
}

// Shares that left an account of the ledger arrive as the lots they were, whatever the row says of their basis: with
// what wash sales did to them, the acquisition they are of, and the two bases of a gift. What is left of the row has
// come from elsewhere, as the row says.
std::vector<LedgerLot> Player::parts_arriving(const LedgerEvent& event, TaxLot lot) {
  std::vector<LedgerLot> parts;
  Quantity left = lot.quantity;
  for (const std::size_t number : on_way_to(event)) {
    if (left.is_zero()) break;
    LedgerLot part = on_way_[number];
    part.lot = part_off(on_way_[number].lot, std::min(left, part.lot.quantity));
    part.account = event.account;
    part.lot.id = lot.id;
    left -= part.lot.quantity;
    parts.push_back(std::move(part));
  }
  if (left.is_positive()) {
    parts.push_back(came_in(event.account, {}, part_off(lot, left), is_purchase(event.kind)));
  }
  return parts;
}

std::vector<LotPart> Player::parts_of(const LedgerEvent& event) {
  if (!event.lot.empty()) {
    const LotNumber number = lots_.find(event.account, event.lot);
    return number == no_lot ? std::vector<LotPart>() : lots_.relieve_lot(number, event.security, event.quantity);
  }
  Position& position = lots_.position(event.account, event.security);
  const TaxpayerIndex taxpayer = book_.accounts[event.account.value].taxpayer;
  static const LedgerTaxpayer nobody;
  const LedgerTaxpayer& rates = taxpayer.exists() ? book_.taxpayers[taxpayer.value] : nobody;
  return lots_.relieve(
      position, event.method,
      {std::min(event.quantity, position.quantity), event.amount, *event.date, rates.rate_short, rates.rate_long});
}

void Player::leave(const LedgerEvent& event) {
  const std::vector<LotPart> parts = parts_of(event);
  Quantity there;
  for (const LotPart& part : parts) there += part.quantity;
  if (parts.empty() && !event.lot.empty()) {
    return refuse(event, rule::ledger_lot_unknown, "lot_id", event.lot,
                  "is no lot of this account and security that still has shares: correct the id");
  }
  if (there < event.quantity) {
    return refuse(event, rule::ledger_oversold, "quantity", event.quantity.to_string(),
                  "is more than the " + there.to_string() + " that are there: add what is missing before this row");
  }
  played(*event.date);
  if (event.kind == LedgerKind::transfer_out) return send(event, parts);
  realization_.sell(parts, event.amount, *event.date, origin_of(event));
}

void Player::send(const LedgerEvent& event, const std::vector<LotPart>& parts) {
  for (const LotPart& part : parts) {
    LedgerLot sent = lots_.at(part.lot);
    sent.lot = lots_.take(part.lot, part.quantity);
    sent.parent = no_lot;
    sent.children.clear();
    for (const TaxpayerIndex owner : owners_of(event.account)) {
      on_way_by_[{owner, event.security, sent.lot.acquired_on}].push_back(on_way_.size());
    }
    on_way_.push_back(std::move(sent));
  }
}

void Player::play_action(const LedgerAction& action) {
  played(*action.effective_on);
  actions_.announce(action);
  std::vector<AccountIndex> accounts;
  for (const auto& [account, position] : lots_.positions(action.security)) accounts.push_back(account);
  for (const AccountIndex account : accounts) apply(action, account);
  actions_.conclude(action);
}

void Player::apply(const LedgerAction& action, AccountIndex account) {
  Position& position = lots_.position(account, action.security);
  const std::string held = held_by(account, action.security);
  if (held.empty() && position.quantity.is_zero()) return;
  const std::string& security = book_.securities[action.security.value].id.text;
  const std::string of_account = "of account " + book_.accounts[account.value].id.text;
  if (!held.empty()) {
    return refuse_position(action, account, held,
                           finding_at(origin_of(action), rule::ledger_position_held, "security_id", security,
                                      of_account + " is held by " + held +
                                          ", and the action is not played there: correct that row first"));
  }
  const auto why = actions_.obstacle(action, account);
  if (!why) return actions_.apply(action, account);
  refuse_position(action, account, origin_of(action).text(),
                  finding_at(origin_of(action), rule::ledger_action_unplayable, "security_id", security,
                             of_account + " cannot take the action: " + *why));
}

void Player::refuse_position(const LedgerAction& action, AccountIndex account, const std::string& held_by,
                             const Failure& finding) {
  findings_.push_back(finding);
  for (const SecurityIndex security : {action.security, action.new_security}) {
    if (!security.exists()) continue;
    std::string& held = lots_.position(account, security).held;
    if (held.empty()) held = held_by;
  }
}

Ledger Player::gather(const Standing& standing) {
  Ledger ledger;
  for (const LedgerLot& lot : lots_.all()) {
    if (lot.is_gone() || !lot.account.exists()) continue;
    const LotId parent = lot.parent == no_lot ? LotId() : lots_.at(lot.parent).lot.id;
    ledger.lots.push_back({lot.account, lot.lot, parent});
  }
  std::sort(ledger.lots.begin(), ledger.lots.end(), [](const LotLeft& a, const LotLeft& b) {
    return std::tie(a.account, a.lot.security, a.lot.id) < std::tie(b.account, b.lot.security, b.lot.id);
  });
  ledger.sales = realization_.take_sales();
  std::stable_sort(ledger.sales.begin(), ledger.sales.end(),
                   [](const SaleRow& a, const SaleRow& b) { return a.account < b.account; });
  if (first_) ledger.years = tax_years(book_, ledger.sales, first_->civil().year, last_->civil().year);
  for (const auto* some :
       {&book_.findings, &standing.findings, &std::as_const(findings_), &std::as_const(realization_.findings)}) {
    ledger.findings.insert(ledger.findings.end(), some->begin(), some->end());
  }
  std::sort(ledger.findings.begin(), ledger.findings.end(), [](const Failure& a, const Failure& b) {
    return std::tie(a.place.file, a.place.line, a.place.column, a.rule, a.message) <
           std::tie(b.place.file, b.place.line, b.place.column, b.rule, b.message);
  });
  return ledger;
}

}  // namespace

Ledger play(const LedgerBook& book) { return Player(book).play(); }

}  // namespace lotwright::tax
