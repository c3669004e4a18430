#include "tax/event_standing.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "book/rules.h"
#include "tax/lot_changes.h"
#include "tax/origin.h"

namespace lotwright::tax {
namespace {

// The same faults, wherever they stood.
bool same_faults(const LedgerRow& a, const LedgerRow& b) {
  return std::equal(a.faults.begin(), a.faults.end(), b.faults.begin(), b.faults.end(),
                    [](const Failure& one, const Failure& other) {
                      return std::tie(one.rule, one.place.column, one.place.value) ==
                             std::tie(other.rule, other.place.column, other.place.value);
                    });
}

auto content_of(const LedgerEvent& row) {
  return std::tie(row.reverses, row.account, row.taxpayer, row.security, row.date, row.kind, row.quantity, row.amount,
                  row.lot, row.method, row.outside, row.acquired_on, row.cost_basis, row.fair_value);
}

auto content_of(const LedgerAction& row) {
  return std::tie(row.security, row.effective_on, row.kind, row.applied, row.new_security, row.ratio,
                  row.cash_per_share, row.basis_fraction, row.fair_value_new);
}

constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

// The rows of one id: one event, unless they say different things.
struct Told {
  std::vector<std::size_t> rows;
  bool contradicts = false;
  bool taken_back = false;
  std::size_t waits_for = 0;  // reversals of it that have not been settled
  std::size_t target = nowhere;
  bool target_is_action = false;
};

template <class Row>
struct Gathered {
  std::vector<Told> told;                                 // in order of the first row
  std::unordered_map<std::string_view, std::size_t> ids;  // looked up, never walked

  explicit Gathered(const std::vector<Row>& rows) {
    ids.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      // A row without an id is nobody's double.
      const auto [at, is_new] = rows[i].id.empty() ? std::pair(ids.end(), true) : ids.emplace(rows[i].id, told.size());
      if (is_new) {
        told.push_back({.rows = {i}});
        continue;
      }
      Told& first = told[at->second];
      const Row& other = rows[first.rows.front()];
      const bool same = content_of(other) == content_of(rows[i]) && same_faults(other.row, rows[i].row);
      first.contradicts = first.contradicts || !same;
      first.rows.push_back(i);
    }
  }

  [[nodiscard]] std::size_t find(const std::string& id) const {
    const auto found = ids.find(id);
    return found == ids.end() ? nowhere : found->second;
  }
};

Failure of_reversal(const LedgerEvent& row, const char* rule, const std::string& message) {
  return finding_at({events_file, row.row.line}, rule, "reverses", row.reverses, message);
}

// Whose reversals are settled. Each row takes back one event at most, so that whatever is left over is a circle.
class Reversals {
 public:
  Reversals(const std::vector<LedgerEvent>& rows, Gathered<LedgerEvent>& events, Gathered<LedgerAction>& actions)
      : rows_(rows), events_(events), actions_(actions) {}

  void settle(std::vector<Failure>& findings) {
    for (Told& told : events_.told) aim(told, findings);
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < events_.told.size(); ++i) {
      if (events_.told[i].waits_for == 0) ready.push_back(i);
    }
    while (!ready.empty()) {
      const std::size_t next = ready.back();
      ready.pop_back();
      take_back(next, ready);
    }
    for (Told& told : events_.told) {
      if (told.waits_for == 0) continue;
      told.taken_back = true;
      findings.push_back(of_reversal(rows_[told.rows.front()], rule::ledger_reversal_circle,
                                     "leads back to this row: take one of these reversals out"));
    }
  }

 private:
  void aim(Told& told, std::vector<Failure>& findings) {
    const LedgerEvent& row = rows_[told.rows.front()];
    if (row.reverses.empty() || told.contradicts || !row.row.faults.empty()) return;
    told.target = events_.find(row.reverses);
    if (told.target != nowhere) {
      ++events_.told[told.target].waits_for;
      return;
    }
    told.target_is_action = true;
    told.target = actions_.find(row.reverses);
    if (told.target == nowhere) {
      findings.push_back(of_reversal(row, rule::data_reference_unknown,
                                     "is the id of no transaction and no corporate action: correct it"));
    }
  }

  void take_back(std::size_t number, std::vector<std::size_t>& ready) {
    const Told& told = events_.told[number];
    if (told.target == nowhere) return;
    if (told.target_is_action) {
      if (!told.taken_back) actions_.told[told.target].taken_back = true;
      return;
    }
    Told& target = events_.told[told.target];
    target.taken_back = target.taken_back || !told.taken_back;
    if (--target.waits_for == 0) ready.push_back(told.target);
  }

  const std::vector<LedgerEvent>& rows_;
  Gathered<LedgerEvent>& events_;
  Gathered<LedgerAction>& actions_;
};

template <class Row>
Failure contradiction(const Told& told, std::size_t number, const std::vector<Row>& rows, const Origin& origin,
                      const char* column) {
  const std::int64_t other = rows[told.rows[number == told.rows.front() ? 1 : 0]].row.line;
  return finding_at(origin, rule::data_key_duplicate, column, rows[number].id,
                    "stands in line " + std::to_string(other) +
                        " too and says something else: keep the true row, or give them two ids");
}

bool is_pending(const LedgerEvent&) { return false; }
bool is_pending(const LedgerAction& row) { return row.pending; }

// Of a contradiction every row, since each is a fault of its own.
template <class Row>
std::vector<StandingRow> standing_rows(const Gathered<Row>& gathered, const std::vector<Row>& rows, const char* file,
                                       const char* column) {
  std::vector<StandingRow> standing;
  standing.reserve(gathered.told.size());
  for (const Told& told : gathered.told) {
    if (told.taken_back) continue;
    if (!told.contradicts) {
      standing.push_back({told.rows.front(), std::nullopt, !is_pending(rows[told.rows.front()])});
      continue;
    }
    const bool holds = std::any_of(told.rows.begin(), told.rows.end(), [&](auto i) { return !is_pending(rows[i]); });
    for (const std::size_t i : told.rows) {
      standing.push_back({i, contradiction(told, i, rows, {file, rows[i].row.line}, column), holds});
    }
  }
  std::sort(standing.begin(), standing.end(),
            [](const StandingRow& a, const StandingRow& b) { return a.number < b.number; });
  return standing;
}

// What all rows that can be played bring in, so that whatever adds them up stays within 64 bits.
class Sums {
 public:
  explicit Sums(const std::vector<LedgerTaxpayer>& taxpayers) {
    for (const LedgerTaxpayer& taxpayer : taxpayers) {
      dollars_ += taxpayer.carryforward_short.count();
      dollars_ += taxpayer.carryforward_long.count();
    }
  }

  // The first cell of the row that a sum has no room for; then nothing of the row counts.
  std::optional<Failure> add(const OpeningLot& opening) {
    const TaxLot& lot = opening.lot;
    return told(origin_of(opening), [&] {
      return beyond(shares_, "quantity", std::optional(lot.quantity)) ||
             beyond(dollars_, "cost_basis", lot.cost_basis) || beyond(dollars_, "loss_basis", lot.loss_basis);
    });
  }
  std::optional<Failure> add(const LedgerEvent& event) {
    return told(origin_of(event), [&] {
      return beyond(shares_, "quantity", std::optional(event.quantity)) ||
             beyond(dollars_, "amount", std::optional(event.amount)) ||
             beyond(dollars_, "cost_basis", event.cost_basis) || beyond(dollars_, "fair_value", event.fair_value);
    });
  }

 private:
  template <class Number>
  bool beyond(Int128& sum, const char* column, const std::optional<Number>& number) {
    if (!number) return false;
    sum += number->count();
    if (sum <= counts_most) return false;
    column_ = column;
    value_ = number->to_string();
    return true;
  }
  template <class AddRow>
  std::optional<Failure> told(const Origin& origin, AddRow add_row) {
    const Int128 dollars = dollars_;
    const Int128 shares = shares_;
    if (!add_row()) return std::nullopt;
    dollars_ = dollars;
    shares_ = shares;
    return finding_at(origin, rule::data_number_out_of_range, column_, value_,
                      "brings the sum of all rows beyond 4,000,000,000,000: correct the number, or part the ledger");
  }

  const char* column_ = "";
  std::string value_;
  Int128 dollars_ = 0;
  Int128 shares_ = 0;
};

void check_sums(const LedgerBook& book, Standing& standing) {
  Sums sums(book.taxpayers);
  for (StandingRow& row : standing.opening_lots) {
    const OpeningLot& opening = book.opening_lots[row.number];
    if (opening.row.faults.empty()) row.fault = sums.add(opening);
  }
  for (StandingRow& row : standing.events) {
    const LedgerEvent& event = book.events[row.number];
    if (event.row.faults.empty() && !row.fault) row.fault = sums.add(event);
  }
}

}  // namespace

Standing standing_of(const LedgerBook& book) {
  Gathered<LedgerEvent> events(book.events);
  Gathered<LedgerAction> actions(book.actions);
  Standing standing;
  Reversals(book.events, events, actions).settle(standing.findings);
  standing.events = standing_rows(events, book.events, events_file, "transaction_id");
  standing.actions = standing_rows(actions, book.actions, actions_file, "action_id");
  std::erase_if(standing.events, [&book](const StandingRow& row) {
    const LedgerEvent& event = book.events[row.number];
    return !event.reverses.empty() && event.row.faults.empty() && !row.fault;
  });
  for (std::size_t i = 0; i < book.opening_lots.size(); ++i) standing.opening_lots.push_back({i, std::nullopt});
  check_sums(book, standing);
  return standing;
}

}  // namespace lotwright::tax
