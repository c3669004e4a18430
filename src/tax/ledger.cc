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

Origin origin_of(const LedgerEvent& event) { return {events_file, event.row.line}; }
Origin origin_of(const LedgerAction& action) { return {actions_file, action.row.line}; }

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
  // Shares that left an account, until they arrive in another.
  struct OnWay {
    Quantity quantity;
    bool open = false;  // may still replace others
    LotNumber acquisition = no_lot;
  };

  void open_lots();
  void play_event(const LedgerEvent& event);
  void play_outside(const LedgerEvent& event);
  void play_action(const LedgerAction& action);
  void apply(const LedgerAction& action, AccountIndex account);
  void refuse_position(const LedgerAction& action, AccountIndex account, const std::string& held_by,
                       const Failure& finding);
  void arrive(const LedgerEvent& event);
  void carry_over(LotNumber number);
  [[nodiscard]] std::vector<std::size_t> on_way_to(const LedgerLot& lot);
  [[nodiscard]] std::vector<TaxpayerIndex> owners_of(AccountIndex account) const;
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
  std::vector<OnWay> on_way_;
  std::map<std::tuple<TaxpayerIndex, SecurityIndex, Date>, std::vector<std::size_t>> on_way_by_;  // owner, what, since
  std::vector<Failure> findings_;
  std::optional<Date> first_;
  std::optional<Date> last_;
};

Ledger Player::play() {
  const Standing standing = standing_of(book_);
  open_lots();
  for (const StandingRow& row : standing.actions) {
    const LedgerAction& action = book_.actions[row.number];
    if (action.pending && !row.contradiction) {
      findings_.insert(findings_.end(), action.row.faults.begin(), action.row.faults.end());
    }
  }
  for (const Step& step : steps_of(book_, standing)) {
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

void Player::open_lots() {
  for (std::size_t i = 0; i < book_.accounts.size(); ++i) {
    if (book_.accounts[i].held) accounts_held_[i] = "its row of accounts.csv";
  }
  for (const OpeningLot& opening : book_.opening_lots) {
    const LedgerRow& row = opening.row;
    findings_.insert(findings_.end(), row.faults.begin(), row.faults.end());
    if (row.faults.empty()) {
      const bool is_gift = opening.lot.loss_basis.has_value();  // nothing else has two bases
      realization_.wash().purchase(lots_.add(came_in(opening.account, {}, opening.lot, !is_gift)));
    } else {
      hold(opening.account, opening.lot.security, opening.security_named, {"opening_lots.csv", row.line});
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

// Of an account outside the ledger only what it buys matters: a replacement whose basis nobody here keeps.
void Player::play_outside(const LedgerEvent& event) {
  if (event.kind != LedgerKind::buy && event.kind != LedgerKind::reinvest) {
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
  const LotNumber number = lots_.add(came_in(event.account, {}, std::move(lot), is_purchase(event.kind)));
  played(*event.date);
  if (event.kind == LedgerKind::transfer_in) carry_over(number);
  realization_.wash().purchase(number);
}

// Whose the account is: of one that names nobody, whoever it is linked to.
std::vector<TaxpayerIndex> Player::owners_of(AccountIndex account) const {
  const LedgerAccount& of = book_.accounts[account.value];
  return of.taxpayer.exists() ? std::vector{of.taxpayer} : of.wash_taxpayers;
}

// The numbers of what left an account of the same owner with shares of the lot's security and day, first out first.
std::vector<std::size_t> Player::on_way_to(const LedgerLot& lot) {
  std::set<std::size_t> numbers;
  for (const TaxpayerIndex owner : owners_of(lot.account)) {
    const auto found = on_way_by_.find({owner, lot.lot.security, lot.lot.acquired_on});
    if (found == on_way_by_.end()) continue;
    std::erase_if(found->second, [this](std::size_t number) { return on_way_[number].quantity.is_zero(); });
    numbers.insert(found->second.begin(), found->second.end());
  }
  return {numbers.begin(), numbers.end()};
}

// Shares that left another account of the taxpayer are no new purchase: whether they may replace others comes with
// them, and so does the acquisition they are of, where all are of one.
void Player::carry_over(LotNumber number) {
  Quantity left = lots_.at(number).lot.quantity;
  Quantity closed;
  std::set<LotNumber> acquisitions;
  for (const std::size_t each : on_way_to(lots_.at(number))) {
    if (left.is_zero()) break;
    OnWay& on_way = on_way_[each];
    const Quantity taken = std::min(left, on_way.quantity);
    left -= taken;
    on_way.quantity -= taken;
    if (!on_way.open) closed += taken;
    acquisitions.insert(on_way.acquisition);
  }
  if (left.is_zero() && acquisitions.size() == 1) lots_.at(number).acquisition = *acquisitions.begin();
  if (!closed.is_positive()) return;
  const bool whole = closed == lots_.at(number).lot.quantity;
  lots_.at(whole ? number : lots_.split(number, closed)).used = true;
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
    const LedgerLot& lot = lots_.at(part.lot);
    for (const TaxpayerIndex owner : owners_of(event.account)) {
      on_way_by_[{owner, event.security, lot.lot.acquired_on}].push_back(on_way_.size());
    }
    on_way_.push_back({part.quantity, lot.purchased && !lot.used, lot.acquisition});
    lots_.take(part.lot, part.quantity);
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
