// opening_lots.csv, transactions.csv, corporate_actions.csv and dividends.csv of the ledger's folder.

#include <algorithm>
#include <unordered_map>

#include "inputs/ledger_readers.h"
#include "inputs/lot_row.h"

namespace lotwright::inputs {
namespace {

constexpr const char* means_nothing = "is given and means nothing for this kind: take it out";
constexpr const char* not_given = "is empty and must be given: fill it in";

// Periods are counted a year ahead and, of what is inherited, back.
void check_day(const std::optional<Date>& day, const char* column, RowFaults& faults) {
  if (!day || (*day >= Date::of(1902, 1, 1) && *day <= Date::of(2198, 12, 31))) return;
  faults.add(column, day->to_string(), rule::data_number_out_of_range,
             "must lie in the years 1902 to 2198: correct it");
}

// The noun of the name, or the one that must have been meant, which is a fault of the row that then concerns it.
template <class IndexType, class Noun>
IndexType found_by(std::string_view id, const Names<IndexType>& names, const std::vector<Noun>& nouns,
                   const char* column, const char* file, RowFaults& faults) {
  const IndexType found = names.find(id);
  if (found.exists() || id.empty()) return found;
  const IndexType meant = names.find_meant(id);
  faults.add(column, id, rule::data_reference_unknown,
             meant.exists() ? "is not in " + std::string(file) + ", where \"" + nouns[meant.value].id.text +
                                  "\" is: write it the same in both"
                            : "is not in " + std::string(file) + ": add it or correct the name");
  return meant;
}

SecurityIndex security_of(std::string_view id, const LedgerDraft& draft, const char* column, RowFaults& faults) {
  return found_by(id, draft.securities, draft.book.securities, column, "securities.csv", faults);
}

AccountIndex account_of(std::string_view id, const LedgerDraft& draft, RowFaults& faults) {
  return found_by(id, draft.accounts, draft.book.accounts, "account_id", "accounts.csv", faults);
}

// ── opening_lots.csv

void check_lot(const LotRow& row, RowFaults& faults) {
  if (row.acquired_on && row.held_from && *row.held_from > *row.acquired_on) {
    faults.add("held_from", row.held_from->to_string(), rule::data_dates_reversed,
               "is after acquired_on: a holding period can only be longer than the lot was held");
  }
  check_day(row.acquired_on, "acquired_on", faults);
  check_day(row.held_from, "held_from", faults);
  check_day(row.loss_held_from, "loss_held_from", faults);
}

// A whole number from 1 on; nullopt: empty, or a fault.
std::optional<std::int64_t> number_in(std::string_view text, const char* column, RowFaults& faults) {
  std::int64_t number = 0;
  if (text.empty()) return {};
  if (const char* refusal = read_decimal(text, 0, number)) {
    faults.add(column, text, rule::data_number_unreadable, refusal);
  } else if (number < 1 || number > lot_number_max) {
    faults.add(column, text, rule::data_number_out_of_range, "must be a number from 1 to 1000000000: correct it");
  } else {
    return number;
  }
  return {};
}

OpeningLot opening_of(const LotRow& row, const LedgerDraft& draft, RowFaults& faults) {
  OpeningLot opening;
  opening.account = account_of(row.account, draft, faults);
  opening.account_named = !row.account.empty();
  opening.security_named = !row.security.empty();
  opening.dated = row.acquired_on.has_value();
  opening.lot = lot_of(row, security_of(row.security, draft, "security_id", faults));
  opening.parent = row.parent;
  opening.first = row.first;
  opening.acquisition = row.acquisition;
  if (!row.replacement.empty()) {
    const Fault fault = read_cell(row.replacement, opening.replacement);
    if (fault) faults.add("replacement", row.replacement, fault.rule, fault.message);
  }
  opening.made = number_in(row.made, "made", faults);
  opening.parts = static_cast<std::uint32_t>(number_in(row.parts, "parts", faults).value_or(0));
  return opening;
}

class OpeningReader {
 public:
  OpeningReader(LedgerDraft& draft, FileReport& report) : draft_(draft), report_(report) {}

  void add(const LotRow& row, RowFaults& faults) {
    OpeningLot opening = opening_of(row, draft_, faults);
    check_lot(row, faults);
    std::vector<OpeningLot>& lots = draft_.book.opening_lots;
    const auto [first, is_new] = by_id_.emplace(key_of(opening.account, row.account, opening.lot.id.text), lots.size());
    if (!is_new && !row.lot.empty()) {
      faults.add("lot_id", row.lot, rule::data_key_duplicate, "stands twice in the account: keep one of the rows");
      spoil(lots[first->second], "lot_id", std::string(row.lot), rule::data_key_duplicate,
            "stands twice in the account: keep one of the rows");
    }
    opening.row = {faults.line(), report_.failures_of(faults)};
    lots.push_back(std::move(opening));
  }

  // A lot cannot be a part of its own part.
  void finish() {
    std::vector<OpeningLot>& lots = draft_.book.opening_lots;
    constexpr std::size_t not_seen = 0;
    std::vector<std::size_t> walks(lots.size(), not_seen);  // in which walk up each was seen
    for (std::size_t i = 0; i < lots.size(); ++i) {
      std::size_t at = i;
      while (at < lots.size() && walks[at] == not_seen) {
        walks[at] = i + 1;
        at = parent_of(lots[at]);
      }
      if (at >= lots.size() || walks[at] != i + 1) continue;
      for (std::size_t in = parent_of(lots[at]);; in = parent_of(lots[in])) {
        spoil(lots[in], "parent_lot_id", lots[in].parent, rule::data_reference_unknown,
              "leads back to this lot: correct it");
        if (in == at) break;
      }
    }
  }

 private:
  static std::string key_of(AccountIndex account, std::string_view name, const std::string& lot) {
    return (account.exists() ? std::to_string(account.value) : '\t' + std::string(name)) + '\n' + lot;
  }
  [[nodiscard]] std::size_t parent_of(const OpeningLot& lot) const {
    if (lot.parent.empty()) return draft_.book.opening_lots.size();
    const auto found = by_id_.find(key_of(lot.account, {}, lot.parent));
    return found == by_id_.end() ? draft_.book.opening_lots.size() : found->second;
  }
  void spoil(OpeningLot& lot, const char* column, const std::string& value, const char* rule, const char* message) {
    if (!lot.row.faults.empty()) return;
    RowFaults faults;
    faults.start_row(lot.row.line);
    faults.add(column, value, rule, message);
    lot.row.faults = report_.failures_of(faults);
  }

  LedgerDraft& draft_;
  FileReport& report_;
  std::unordered_map<std::string, std::size_t> by_id_;  // looked up, never walked
};

// ── transactions.csv

struct EventRow {
  std::string id, account;
  std::optional<Date> date;
  std::optional<LedgerKind> kind;
  std::string security;
  std::optional<Quantity> quantity;
  std::optional<Money> amount;
  bool outside = false;
  std::string taxpayer, lot;
  ReliefMethod method = ReliefMethod::fifo;
  std::optional<Date> acquired_on;
  std::optional<Money> cost_basis, fair_value;
  std::string reverses;
};

const Table<EventRow> events_table{
    required<&EventRow::id>("transaction_id"),
    required<&EventRow::account>("account_id"),
    required<&EventRow::date>("trade_date"),
    required<&EventRow::kind>("kind"),
    required<&EventRow::security>("security_id"),
    required<&EventRow::quantity, Range::positive>("quantity"),
    optional<&EventRow::amount, Range::not_negative>("amount"),
    unread<EventRow>("gain_short"),
    unread<EventRow>("gain_long"),
    optional<&EventRow::outside>("outside"),
    optional<&EventRow::taxpayer>("taxpayer_id"),
    optional<&EventRow::lot>("lot_id"),
    optional<&EventRow::method>("method"),
    unread<EventRow>("discretionary"),
    optional<&EventRow::acquired_on>("acquired_on"),
    optional<&EventRow::cost_basis, Range::not_negative>("cost_basis"),
    optional<&EventRow::fair_value, Range::not_negative>("fair_value"),
    optional<&EventRow::reverses>("reverses"),
};

void check_needs(const EventRow& row, RowFaults& faults) {
  using enum LedgerKind;
  if (!row.kind || row.outside) return;
  const auto need = [&](const char* column, bool given, std::initializer_list<LedgerKind> kinds) {
    const bool needed = std::find(kinds.begin(), kinds.end(), *row.kind) != kinds.end();
    if (needed && !given && !faults.has(column)) faults.add(column, {}, rule::data_value_missing, not_given);
  };
  need("amount", row.amount.has_value(), {buy, sell, reinvest});
  need("acquired_on", row.acquired_on.has_value(), {transfer_in, gift_in, spouse_in});
  need("fair_value", row.fair_value.has_value(), {gift_in});
  if (row.acquired_on && row.date && *row.acquired_on > *row.date) {
    faults.add("acquired_on", row.acquired_on->to_string(), rule::data_dates_reversed,
               "is after trade_date: correct one of them");
  }
}

void check_owner(const EventRow& row, LedgerEvent& event, const LedgerDraft& draft, RowFaults& faults) {
  event.taxpayer = draft.taxpayers.find(row.taxpayer);
  if (!row.outside) {
    event.account = account_of(row.account, draft, faults);
    const bool another = event.account.exists() && !row.taxpayer.empty() &&
                         draft.book.accounts[event.account.value].taxpayer != event.taxpayer;
    if (another) {
      faults.add("taxpayer_id", row.taxpayer, rule::data_reference_unknown,
                 "is not the taxpayer of the account in accounts.csv: correct one of them");
    }
  } else if (!event.taxpayer.exists()) {
    faults.add("taxpayer_id", row.taxpayer, rule::data_reference_unknown,
               "is not in taxpayers.csv and the account is outside the ledger: say whose it is");
  }
}

LedgerEvent event_of(const EventRow& row) {
  LedgerEvent event;
  event.id = row.id;
  event.reverses = row.reverses;
  event.account_named = !(row.outside ? row.taxpayer : row.account).empty();
  event.security_named = !row.security.empty();
  event.date = row.date;
  event.kind = row.kind.value_or(LedgerKind::buy);
  event.quantity = row.quantity.value_or(Quantity());
  event.amount = row.amount.value_or(Money());
  event.lot = row.lot;
  event.method = row.method;
  event.outside = row.outside;
  event.acquired_on = row.acquired_on;
  event.cost_basis = row.cost_basis;
  event.fair_value = row.fair_value;
  return event;
}

// A row that takes another back needs no more than the two ids.
bool concerns_reversal(const Failure& fault) {
  const std::string& column = fault.place.column;
  return column.empty() || column == "transaction_id" || column == "reverses";
}

LedgerEvent read_event(const EventRow& row, const FileReport& report, LedgerDraft& draft, RowFaults& faults) {
  LedgerEvent event = event_of(row);
  event.row.line = faults.line();
  check_owner(row, event, draft, faults);
  event.security = security_of(row.security, draft, "security_id", faults);
  check_needs(row, faults);
  check_day(row.date, "trade_date", faults);
  check_day(row.acquired_on, "acquired_on", faults);
  if (!faults.any()) return event;
  event.row.faults = report.failures_of(faults);
  if (!row.reverses.empty()) {
    std::erase_if(event.row.faults, [](const Failure& fault) { return !concerns_reversal(fault); });
  }
  return event;
}

// ── corporate_actions.csv

struct ActionRow {
  std::string id, security;
  std::optional<Date> effective_on;
  std::optional<LedgerActionKind> kind;
  std::optional<ActionStatus> status;
  std::string new_security;
  std::optional<Weight> ratio;
  std::optional<Price> cash_per_share;
  std::optional<Weight> basis_fraction;
  std::optional<Price> fair_value_new;
};

const Table<ActionRow> actions_table{
    required<&ActionRow::id>("action_id"),
    required<&ActionRow::security>("security_id"),
    required<&ActionRow::effective_on>("effective_on"),
    required<&ActionRow::kind>("kind"),
    required<&ActionRow::status>("status"),
    optional<&ActionRow::new_security>("new_security_id"),
    optional<&ActionRow::ratio, Range::positive>("ratio"),
    optional<&ActionRow::cash_per_share, Range::positive>("cash_per_share"),
    optional<&ActionRow::basis_fraction, Range::fraction>("basis_fraction"),
    optional<&ActionRow::fair_value_new, Range::positive>("fair_value_new"),
};

// What each kind has to say, and what it must not.
class ActionCheck {
 public:
  ActionCheck(const ActionRow& row, RowFaults& faults) : row_(row), faults_(faults) {}

  void check() {
    using enum LedgerActionKind;
    switch (*row_.kind) {
      case split:
      case stock_dividend:
        same_security();
        ratio_is(true);
        break;
      case reverse_split:
        same_security();
        ratio_is(false);
        break;
      case spin_off:
        need("new_security_id", !row_.new_security.empty());
        another_security();
        need("ratio", row_.ratio.has_value());
        need("basis_fraction", row_.basis_fraction.has_value());
        break;
      case symbol_change:
        need("new_security_id", !row_.new_security.empty());
        if (row_.ratio != Weight::of_whole(1)) refuse("ratio", row_.ratio);
        refuse("cash_per_share", row_.cash_per_share);
        another_security();
        break;
      case return_of_capital:
        need("cash_per_share", row_.cash_per_share.has_value());
        refuse("ratio", row_.ratio);
        same_security();
        break;
      case merger:
        check_merger();
        break;
    }
  }

 private:
  void need(const char* column, bool given) {
    if (!given && !faults_.has(column)) faults_.add(column, {}, rule::data_value_missing, not_given);
  }
  template <class Number>
  void refuse(const char* column, const std::optional<Number>& given) {
    if (given) faults_.add(column, given->to_string(), rule::ledger_action_unplayable, means_nothing);
  }
  void same_security() {
    if (row_.new_security.empty() || row_.new_security == row_.security) return;
    faults_.add("new_security_id", row_.new_security, rule::ledger_action_unplayable, means_nothing);
  }
  void another_security() {
    if (row_.new_security.empty() || row_.new_security != row_.security) return;
    faults_.add("new_security_id", row_.new_security, rule::ledger_action_unplayable,
                "is the security itself: name the one that comes in its place");
  }
  void ratio_is(bool above_one) {
    need("ratio", row_.ratio.has_value());
    if (!row_.ratio || (above_one ? *row_.ratio > Weight::of_whole(1) : *row_.ratio < Weight::of_whole(1))) return;
    faults_.add("ratio", row_.ratio->to_string(), rule::ledger_action_unplayable,
                above_one ? "is new shares for each old one and must be above 1: write 2 for two for one, 1.05 for a "
                            "dividend of 5 %"
                          : "is new shares for each old one and must be below 1: write 0.1 for one for ten");
  }
  void check_merger() {
    const bool shares = !row_.new_security.empty() || row_.ratio;
    if (shares) {
      need("new_security_id", !row_.new_security.empty());
      need("ratio", row_.ratio.has_value());
      if (row_.cash_per_share) need("fair_value_new", row_.fair_value_new.has_value());
      another_security();
    } else {
      need("cash_per_share", row_.cash_per_share.has_value());
    }
  }

  const ActionRow& row_;
  RowFaults& faults_;
};

LedgerAction action_of(const ActionRow& row) {
  LedgerAction action;
  action.id = row.id;
  action.effective_on = row.effective_on;
  action.kind = row.kind.value_or(LedgerActionKind::split);
  action.applied = row.status == ActionStatus::applied;
  action.ratio = action.kind == LedgerActionKind::symbol_change ? std::nullopt : row.ratio;
  action.cash_per_share = row.cash_per_share;
  action.basis_fraction = row.basis_fraction;
  action.fair_value_new = row.fair_value_new;
  return action;
}

struct DividendRow {
  std::string security;
  std::optional<Date> ex_date;
  Price amount;
  std::string qualified;
};

const Table<DividendRow> dividends_table{
    required<&DividendRow::security>("security_id"),
    required<&DividendRow::ex_date>("ex_date"),
    required<&DividendRow::amount, Range::not_negative>("amount"),
    optional<&DividendRow::qualified>("qualified"),
};

}  // namespace

void read_opening_lots(BookFile& file, LedgerDraft& draft) {
  OpeningReader reader(draft, file.report());
  read_table(file, lots_table, [&](LotRow& row, RowFaults& faults) { reader.add(row, faults); });
  reader.finish();
}

void read_ledger_events(BookFile& file, LedgerDraft& draft) {
  read_table(file, events_table, [&](EventRow& row, RowFaults& faults) {
    draft.book.events.push_back(read_event(row, file.report(), draft, faults));
  });
}

void read_ledger_actions(BookFile& file, LedgerDraft& draft) {
  read_table(file, actions_table, [&](ActionRow& row, RowFaults& faults) {
    LedgerAction action = action_of(row);
    action.row.line = faults.line();
    action.security = security_of(row.security, draft, "security_id", faults);
    action.new_security = security_of(row.new_security, draft, "new_security_id", faults);
    check_day(row.effective_on, "effective_on", faults);
    const bool pending = row.status == ActionStatus::pending;
    if (row.kind && !pending) ActionCheck(row, faults).check();
    action.pending = pending;
    action.row.faults = file.report().failures_of(faults);
    draft.book.actions.push_back(std::move(action));
  });
}

void read_ledger_dividends(BookFile& file, LedgerDraft& draft) {
  read_table(file, dividends_table, [&](DividendRow& row, RowFaults& faults) {
    security_of(row.security, draft, "security_id", faults);
    file.report().find(Severity::note, security_subject(row.security), faults);
  });
}

}  // namespace lotwright::inputs
