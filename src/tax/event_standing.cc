#include "tax/event_standing.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "book/rules.h"

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

template <class Row>
void tell_contradictions(const Gathered<Row>& gathered, const char* file, const char* column, std::vector<Row>& rows) {
  for (const Told& told : gathered.told) {
    if (!told.contradicts) continue;
    for (const std::size_t i : told.rows) {
      const std::int64_t other = rows[told.rows[i == told.rows.front() ? 1 : 0]].row.line;
      rows[i].row.faults.push_back({rule::data_key_duplicate,
                                    std::string(column) + " \"" + rows[i].id + "\" stands in line " +
                                        std::to_string(other) +
                                        " too and says something else: keep the true row, or give them two ids",
                                    {.file = file, .line = rows[i].row.line, .column = column, .value = rows[i].id}});
    }
  }
}

Failure of_reversal(const LedgerEvent& row, const char* rule, const std::string& message) {
  return {rule,
          "reverses \"" + row.reverses + "\" " + message,
          {.file = "transactions.csv", .line = row.row.line, .column = "reverses", .value = row.reverses}};
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

// Of a contradiction every row, since each is a fault of its own.
std::vector<std::size_t> standing_rows(const std::vector<Told>& all) {
  std::vector<std::size_t> rows;
  for (const Told& told : all) {
    if (told.taken_back) continue;
    rows.insert(rows.end(), told.rows.begin(), told.contradicts ? told.rows.end() : told.rows.begin() + 1);
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace

Standing standing_of(LedgerBook& book) {
  Gathered<LedgerEvent> events(book.events);
  Gathered<LedgerAction> actions(book.actions);
  Standing standing;
  Reversals(book.events, events, actions).settle(standing.findings);
  tell_contradictions(events, "transactions.csv", "transaction_id", book.events);
  tell_contradictions(actions, "corporate_actions.csv", "action_id", book.actions);
  standing.events = standing_rows(events.told);
  standing.actions = standing_rows(actions.told);
  std::erase_if(standing.events, [&book](std::size_t i) {
    return !book.events[i].reverses.empty() && book.events[i].row.faults.empty();
  });
  return standing;
}

}  // namespace lotwright::tax
