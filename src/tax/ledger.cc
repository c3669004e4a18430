#include "tax/ledger.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "book/rules.h"
#include "tax/arrival.h"
#include "tax/corporate_actions.h"
#include "tax/doubts.h"
#include "tax/event_standing.h"
#include "tax/opening.h"

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
    const bool faulty = !action.row.faults.empty() || standing.actions[i].fault;
    if (action.applied || (faulty && standing.actions[i].holds)) steps.push_back({action.effective_on, false, i});
  }
  for (std::size_t i = 0; i < standing.events.size(); ++i) {
    steps.push_back({book.events[standing.events[i].number].date, true, i});
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

// All that is wrong with a row.
std::vector<Failure> faults_of(const LedgerRow& row, const StandingRow& standing) {
  std::vector<Failure> faults = row.faults;
  if (standing.fault) faults.push_back(*standing.fault);
  return faults;
}

// Of an account outside the ledger only what it buys matters: a replacement whose basis nobody here keeps.
bool is_set_aside(const LedgerEvent& event) {
  return event.outside && event.kind != LedgerKind::buy && event.kind != LedgerKind::reinvest;
}

// The days on which something can be played for the first time: sound rows, and of those outside the ledger purchases.
class FirstDays {
 public:
  FirstDays(const LedgerBook& book, const Standing& standing, const std::vector<Step>& steps)
      : book_(book), standing_(standing) {
    const auto first = std::find_if(steps.begin(), steps.end(), [this](const Step& step) { return is_sound(step); });
    if (first == steps.end()) return;
    day_ = first->date;
    for (const OpeningLot& opening : book.opening_lots) {
      if (opening.lot.acquired_on > *day_) positions_[{opening.account, opening.lot.security}];
    }
    if (positions_.empty()) return;
    for (auto step = first; step != steps.end(); ++step) {
      if (is_sound(*step)) note(*step);
    }
  }

  // Of anything.
  [[nodiscard]] const std::optional<Date>& day() const { return day_; }
  // Of the lot's own position, its rows and the actions of its security; only where it is not before all of them.
  [[nodiscard]] std::optional<Date> of(const OpeningLot& opening) const {
    const auto found = positions_.find({opening.account, opening.lot.security});
    if (found == positions_.end()) return {};
    const auto action = actions_.find(opening.lot.security);
    const bool acted = action != actions_.end() && (!found->second || action->second < *found->second);
    return acted ? action->second : found->second;
  }

 private:
  [[nodiscard]] bool is_sound(const Step& step) const {
    const StandingRow& row = (step.is_event ? standing_.events : standing_.actions)[step.number];
    const LedgerRow& read = step.is_event ? book_.events[row.number].row : book_.actions[row.number].row;
    return read.faults.empty() && !row.fault && !(step.is_event && is_set_aside(book_.events[row.number]));
  }
  void note(const Step& step) {
    if (!step.is_event) {
      actions_.emplace(book_.actions[standing_.actions[step.number].number].security, *step.date);
      return;
    }
    const LedgerEvent& event = book_.events[standing_.events[step.number].number];
    const auto found = positions_.find({event.account, event.security});
    if (found != positions_.end() && !found->second) found->second = step.date;
  }

  const LedgerBook& book_;
  const Standing& standing_;
  std::optional<Date> day_;
  std::map<std::pair<AccountIndex, SecurityIndex>, std::optional<Date>> positions_;
  std::map<SecurityIndex, Date> actions_;
};

LedgerLot came_in(const LedgerEvent& event, TaxLot lot) {
  LedgerLot made;
  made.account = event.account;
  if (event.outside) made.outside_of = event.taxpayer;
  made.lot = std::move(lot);
  made.acquisition = &event.id;
  made.purchased = is_purchase(event.kind);
  return made;
}

class Player {
 public:
  explicit Player(const LedgerBook& book)
      : book_(book),
        lots_(book_.securities.size()),
        opening_(book_, lots_),
        on_way_(book_),
        realization_(book_, lots_),
        actions_(book_, lots_, on_way_, realization_),
        doubts_(book_),
        accounts_held_(book_.accounts.size()),
        securities_held_(book_.securities.size()) {}

  Ledger play();

 private:
  void open_lots(const Standing& standing, const std::vector<Step>& steps);
  void enter_late_lots(const std::optional<Date>& upto);
  void tell(const std::vector<Failure>& faults);
  void play_event(const LedgerEvent& event);
  void play_outside(const LedgerEvent& event);
  void play_action(const LedgerAction& action);
  void apply(const LedgerAction& action, AccountIndex account);
  void refuse_position(const LedgerAction& action, AccountIndex account, const std::string& held_by,
                       const Failure& finding);
  void arrive(const LedgerEvent& event);
  [[nodiscard]] std::vector<LedgerLot> parts_arriving(const LedgerEvent& event, TaxLot lot);
  void judge_move(const LedgerEvent& event, const std::vector<LotOnWay>& arrived);
  [[nodiscard]] std::vector<TaxpayerIndex> senders_to(const LedgerEvent& event) const;
  void leave(const LedgerEvent& event);
  void send(const std::vector<LotPart>& parts);
  [[nodiscard]] std::vector<LotPart> parts_of(const LedgerEvent& event);
  void refuse(const LedgerEvent& event, const std::vector<Failure>& faults);
  void refuse(const LedgerAction& action, const std::vector<Failure>& faults);
  void refuse(const LedgerEvent& event, const char* rule, const char* column, const std::string& value,
              const std::string& message);
  void hold(AccountIndex account, SecurityIndex security, bool security_named, const Origin& by);
  [[nodiscard]] std::string held_by(AccountIndex account, SecurityIndex security);
  void played(Date date);
  [[nodiscard]] std::vector<LotLeft> lots_left() const;
  [[nodiscard]] std::vector<HeldPosition> positions_held();
  Ledger gather(const Standing& standing);

  const LedgerBook& book_;
  LotStore lots_;
  Opening opening_;
  OnWay on_way_;
  Realization realization_;
  CorporateActions actions_;
  Doubts doubts_;
  std::vector<std::string> accounts_held_;             // by which row; empty: played
  std::vector<std::string> securities_held_;           // likewise
  std::vector<std::pair<Date, LotNumber>> late_lots_;  // opening lots of later days, latest first
  std::vector<Failure> findings_;
  std::optional<Date> first_;
  std::optional<Date> last_;
};

Ledger Player::play() {
  const Standing standing = standing_of(book_);
  const std::vector<Step> steps = steps_of(book_, standing);
  open_lots(standing, steps);
  for (const StandingRow& row : standing.actions) {
    if (!row.holds) tell(faults_of(book_.actions[row.number].row, row));
  }
  for (const Step& step : steps) {
    if (step.date) enter_late_lots(step.date);
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
  enter_late_lots({});
  return gather(standing);
}

// What is there before its position is played cannot have been acquired later.
void Player::open_lots(const Standing& standing, const std::vector<Step>& steps) {
  for (std::size_t i = 0; i < book_.accounts.size(); ++i) {
    if (book_.accounts[i].held) accounts_held_[i] = "its row of accounts.csv";
  }
  const FirstDays first(book_, standing, steps);
  std::vector<std::size_t> sound;
  for (const StandingRow& row : standing.opening_lots) {
    const OpeningLot& opening = book_.opening_lots[row.number];
    std::vector<Failure> faults = faults_of(opening.row, row);
    const std::optional<Date> played = faults.empty() ? first.of(opening) : std::nullopt;
    if (played && opening.lot.acquired_on > *played) {
      faults.push_back(finding_at(origin_of(opening), rule::ledger_opening_late, "acquired_on",
                                  opening.lot.acquired_on.to_string(),
                                  "is after " + played->to_string() +
                                      ", the first day on which its position plays: "
                                      "tell in " +
                                      events_file + " how the lot came in, or correct the day"));
    }
    if (faults.empty()) {
      sound.push_back(row.number);
      continue;
    }
    tell(faults);
    doubts_.not_played(opening);
    hold(opening.account, opening.lot.security, opening.security_named, origin_of(opening));
  }
  for (const LotNumber number : opening_.add(std::move(sound))) {
    const Date acquired_on = lots_.at(number).lot.acquired_on;
    if (first.day() && acquired_on > *first.day()) {
      late_lots_.emplace_back(acquired_on, number);
    } else {
      realization_.wash().purchase(number);
    }
  }
  std::sort(late_lots_.rbegin(), late_lots_.rend());
}

// Opening lots of other positions may have come in while these were played already: they may replace from their day on,
// before all else of it. Nothing: all that are left.
void Player::enter_late_lots(const std::optional<Date>& upto) {
  while (!late_lots_.empty() && (!upto || late_lots_.back().first <= *upto)) {
    realization_.wash().purchase(late_lots_.back().second);
    late_lots_.pop_back();
  }
}

void Player::tell(const std::vector<Failure>& faults) {
  findings_.insert(findings_.end(), faults.begin(), faults.end());
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
  tell(faults);
  doubts_.not_played(event);
  hold(event.account, event.security, event.security_named, origin_of(event));
}

void Player::refuse(const LedgerEvent& event, const char* rule, const char* column, const std::string& value,
                    const std::string& message) {
  refuse(event, {finding_at(origin_of(event), rule, column, value, message)});
}

// Whatever an action should have done to a security, nobody knows what its positions are after it.
void Player::refuse(const LedgerAction& action, const std::vector<Failure>& faults) {
  tell(faults);
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
  realization_.wash().purchase(lots_.add(came_in(event, arriving_lot(event))));
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

// Out of whose accounts the shares may come that a row brings in: the owner's own, of a spouse_in the spouse's.
std::vector<TaxpayerIndex> Player::senders_to(const LedgerEvent& event) const {
  const std::vector<TaxpayerIndex> owners = owners_of(book_, event.account);
  if (event.kind == LedgerKind::transfer_in) return owners;
  std::vector<TaxpayerIndex> spouses;
  if (event.kind != LedgerKind::spouse_in) return spouses;
  for (const TaxpayerIndex owner : owners) {
    const TaxpayerIndex spouse = book_.taxpayers[owner.value].spouse;
    if (spouse.exists()) spouses.push_back(spouse);
  }
  return spouses;
}

// Shares that left an account of the ledger arrive as the lots they were, whatever the row says of their basis: with
// what wash sales did to them, the acquisition they are of, and the two bases of a gift. What is left of the row has
// come from elsewhere, as the row says.
std::vector<LedgerLot> Player::parts_arriving(const LedgerEvent& event, TaxLot lot) {
  std::vector<LotOnWay> arrived;
  const std::vector<TaxpayerIndex> senders = senders_to(event);
  Quantity left = lot.quantity;
  while (left.is_positive() && !senders.empty()) {
    const auto number = on_way_.next(senders, event.security, *event.acquired_on);
    if (!number) break;
    arrived.push_back(on_way_.arrive(*number, std::min(left, on_way_.at(*number).lot.lot.quantity)));
    left -= arrived.back().lot.lot.quantity;
  }
  judge_move(event, arrived);
  std::vector<LedgerLot> parts;
  for (LotOnWay& each : arrived) {
    each.lot.account = event.account;
    each.lot.lot.id = lot.id;
    parts.push_back(std::move(each.lot));
  }
  if (left.is_positive()) parts.push_back(came_in(event, part_off(lot, left)));
  return parts;
}

// What the law has to say of a move beyond that the lots stay what they were.
void Player::judge_move(const LedgerEvent& event, const std::vector<LotOnWay>& arrived) {
  const bool changes_tax = std::any_of(arrived.begin(), arrived.end(), [&](const LotOnWay& each) {
    return realization_.is_taxed(each.lot.account) != realization_.is_taxed(event.account);
  });
  if (changes_tax) {
    findings_.push_back(finding_at(origin_of(event), rule::ledger_not_judged, "account_id",
                                   book_.accounts[event.account.value].id.text,
                                   "receives shares in kind from an account that is taxed otherwise: whether this is a "
                                   "contribution, a distribution or a sale is not judged, the lots keep their basis"));
  }
  for (const LotOnWay& each : arrived) {
    if (!each.cash_untold) continue;
    findings_.push_back(
        finding_at(origin_of(event), rule::ledger_not_judged, "quantity", each.lot.lot.quantity.to_string(),
                   "of these were on their way from account " + book_.accounts[each.lot.account.value].id.text +
                       " when a corporate action paid cash for them: the gain is on no line of Form "
                       "8949, add it by hand"));
  }
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
  if (event.kind == LedgerKind::transfer_out) return send(parts);
  realization_.sell(parts, event.amount, *event.date, origin_of(event));
}

void Player::send(const std::vector<LotPart>& parts) {
  for (const LotPart& part : parts) {
    TaxLot taken = lots_.take(part.lot, part.quantity);
    LedgerLot sent = lots_.like(part.lot);
    sent.lot = std::move(taken);
    sent.parent = no_lot;
    on_way_.leave(std::move(sent));
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
  std::string held = held_by(account, action.security);
  if (held.empty() && position.quantity.is_zero()) return;
  if (held.empty() && action.new_security.exists()) held = held_by(account, action.new_security);
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

std::vector<LotLeft> Player::lots_left() const {
  std::vector<LotLeft> left;
  std::int64_t made = 0;
  for (const LedgerLot& lot : lots_.all()) {
    if (lot.is_gone() || !lot.account.exists()) continue;
    LotLeft& each = left.emplace_back();
    each.account = lot.account;
    each.lot = lot.lot;
    if (lot.parent != no_lot) {
      LotNumber first = lot.parent;
      each.parent = lots_.at(first).lot.id;
      while (lots_.at(first).parent != no_lot) first = lots_.at(first).parent;
      each.first = lots_.at(first).lot.id;
    }
    each.acquisition = *lot.acquisition;
    each.replacement = !lot.purchased ? Replacement::never : lot.used ? Replacement::used : Replacement::free;
    each.made = ++made;
    each.parts = lot.parts;
  }
  std::sort(left.begin(), left.end(), [](const LotLeft& a, const LotLeft& b) {
    return std::tie(a.account, a.lot.security, a.lot.id) < std::tie(b.account, b.lot.security, b.lot.id);
  });
  return left;
}

std::vector<HeldPosition> Player::positions_held() {
  std::vector<HeldPosition> held;
  for (std::uint32_t i = 0; i < accounts_held_.size(); ++i) {
    if (!accounts_held_[i].empty()) held.push_back({AccountIndex{i}, {}, accounts_held_[i]});
  }
  for (std::uint32_t i = 0; i < securities_held_.size(); ++i) {
    for (const auto& [account, position] : lots_.positions(SecurityIndex{i})) {
      if (!accounts_held_[account.value].empty()) continue;
      const std::string& by = securities_held_[i].empty() ? position.held : securities_held_[i];
      if (!by.empty()) held.push_back({account, SecurityIndex{i}, by});
    }
  }
  std::sort(held.begin(), held.end(), [](const HeldPosition& a, const HeldPosition& b) {
    return std::tie(a.account, a.security) < std::tie(b.account, b.security);
  });
  return held;
}

Ledger Player::gather(const Standing& standing) {
  Ledger ledger;
  ledger.lots = lots_left();
  ledger.held = positions_held();
  tell(doubts_.findings(realization_, on_way_));
  ledger.sales = realization_.take_sales(last_.value_or(Date()));
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
