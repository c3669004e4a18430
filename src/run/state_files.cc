#include "run/state_files.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "book/model_change.h"
#include "book/rules.h"
#include "book/treatment_words.h"
#include "run/csv_writer.h"
#include "run/find_account.h"

namespace lotwright {
namespace {

// An account as today's book has it, or as it was when it was last believed.
struct AccountState {
  PreviousAccount row;
  bool believed = true;                     // false: it never was; the row has its id alone
  std::vector<PreviousPosition> positions;  // sorted by security
  std::vector<StrangerPosition> strangers;
};

void add_transactions(const Book& book, AccountIndex index, AccountState& state) {
  std::map<SecurityIndex, Quantity> traded;
  const Date since = state.row.as_of - PreviousRun::traded_days;
  for (const Transaction& row : std::ranges::equal_range(book.transactions, index, {}, &Transaction::account)) {
    if (row.trade_date < since || !row.security.exists()) continue;
    add_unless_overflow(traded[row.security], leaves(row.kind) ? -row.quantity : row.quantity);
    if (book.security(row.security).kind == SecurityKind::cash) continue;
    if (row.kind == TransactionKind::sell) add_unless_overflow(state.row.traded, row.amount);
    if (row.kind == TransactionKind::buy) add_unless_overflow(state.row.traded, -row.amount);
  }
  for (const auto& [security, quantity] : traded) {
    const auto at = std::ranges::lower_bound(state.positions, security, {}, &PreviousPosition::security);
    if (at != state.positions.end() && at->security == security) {
      at->traded = quantity;
    } else {
      PreviousPosition gone;
      gone.account = index;
      gone.security = security;
      gone.traded = quantity;
      state.positions.insert(at, gone);
    }
  }
}

AccountState state_of(const Book& book, const AccountResult& result) {
  const Account& account = book.account(result.account);
  AccountState state;
  state.row.id = account.id.text;
  state.row.as_of = book.firm.as_of;
  state.row.household = book.households[account.household.value].id.text;
  if (account.taxpayer.exists()) state.row.taxpayer = book.taxpayers[account.taxpayer.value].id.text;
  state.row.tax_treatment = name_of(account.tax_treatment);
  const std::uint32_t followed = model_followed(book, result.account);
  if (followed < book.models.size()) state.row.model = book.models[followed].id.text;
  state.row.cash = account.cash;
  state.row.value = result.value;
  for (const TaxLot& lot : account.lots) {
    if (state.positions.empty() || state.positions.back().security != lot.security) {
      state.positions.emplace_back().account = result.account;
      state.positions.back().security = lot.security;
    }
    PreviousPosition& position = state.positions.back();
    position.quantity += lot.quantity;
    if (lot.cost_basis) {
      position.cost_basis = position.cost_basis.value_or(Money()) + *lot.cost_basis;
    } else {
      ++position.lots_of_unknown_basis;
    }
    const Security& security = book.security(lot.security);
    if (security.kind == SecurityKind::cash && security.price)
      state.row.cash += value_of(lot.quantity, *security.price);
  }
  add_transactions(book, result.account, state);
  return state;
}

// What an account is held for that only a comparison with the day before can see, or that spoils the next one: rows of
// it that could not be read are missing in it. What stands in firm.toml says nothing of its holdings.
bool doubtful(const AccountResult& result) {
  return std::ranges::any_of(result.exceptions, [](const Finding& finding) {
    const bool of_firm = finding.subject.kind == SubjectKind::firm || finding.place.file == "firm.toml";
    return finding.severity == Severity::hold && !of_firm &&
           (finding.rule == rule::data_position_moved || finding.rule == rule::data_account_changed ||
            finding.rule == rule::data_basis_implausible || finding.rule == rule::data_position_break ||
            !finding.place.file.empty());
  });
}

// What only a comparison with the day before can see and a person is asked: the next run asks again, until the data are
// right or the person accepts them.
bool asks(const AccountResult& result, const char* rule) {
  return std::ranges::any_of(result.exceptions, [rule](const Finding& finding) {
    return finding.rule == rule && finding.severity == Severity::review;
  });
}

bool keeps_former_row(const AccountResult& result) { return doubtful(result) || asks(result, rule::data_cash_moved); }

// As the run before left it.
AccountState former_state(const Book& book, const std::string& id, const PreviousRun& previous) {
  AccountState state;
  const auto then = previous.account_rows.find(id);
  state.believed = then != previous.account_rows.end();
  state.row.id = id;
  if (!state.believed) return state;
  state.row = then->second;
  const auto index = find_account(book, id);
  if (!index || !previous.positions) return state;
  const auto rows = std::ranges::equal_range(*previous.positions, *index, {}, &PreviousPosition::account);
  state.positions.assign(rows.begin(), rows.end());
  std::ranges::copy_if(previous.strangers, std::back_inserter(state.strangers),
                       [&](const StrangerPosition& one) { return one.account == id; });
  return state;
}

AccountState believed_state(const Book& book, const AccountResult& result, const PreviousRun& previous) {
  const std::string& id = book.account(result.account).id.text;
  if (keeps_former_row(result)) {
    AccountState former = former_state(book, id, previous);
    former.row.doubted = doubtful(result);
    return former;
  }
  AccountState state = state_of(book, result);
  const auto then = previous.account_rows.find(id);
  const bool known = then != previous.account_rows.end();
  state.row.runs = known ? then->second.runs : 0;
  state.row.turnover = known ? then->second.turnover : Weight();
  if (known && then->second.as_of == book.firm.as_of) return state;  // the day is counted already
  if (result.status == ResultStatus::traded || result.status == ResultStatus::no_trade) {
    ++state.row.runs;
    constexpr double turnover_max = 1000.0;  // of one run: more says nothing
    const double turnover = std::min(result.turnover, turnover_max);
    add_unless_overflow(state.row.turnover,
                        Weight::of_count(static_cast<std::int64_t>(turnover * static_cast<double>(Weight::scale))));
  }
  return state;
}

// Accounts that this run did not decide (`run --account`) stay as the run before left them, by id.
std::vector<AccountState> undecided_states(const RunResult& run, const Book& book, const PreviousRun& previous) {
  std::vector<AccountState> states;
  if (run.accounts.size() == book.accounts.size() || !previous.accounts) return states;
  for (const std::string& id : *previous.accounts) {
    const auto index = find_account(book, id);
    if (index && std::ranges::binary_search(run.accounts, *index, {}, &AccountResult::account)) continue;
    states.push_back(former_state(book, id, previous));
  }
  return states;
}

Result<bool> write_accounts_and_positions(const Book& book, const RunResult& run, const PreviousRun& previous,
                                          OutputFolder& folder) {
  CsvWriter accounts(folder, "state/accounts.csv",
                     {"account_id", "as_of", "household_id", "taxpayer_id", "tax_treatment", "model_id", "cash",
                      "traded", "value", "runs", "turnover", "doubted"});
  CsvWriter positions(folder, "state/positions.csv",
                      {"account_id", "security_id", "quantity", "traded", "cost_basis", "lots_unknown_basis"});
  const auto write = [&](const AccountState& state) {
    const PreviousAccount& row = state.row;
    if (!state.believed) return accounts.row({row.id, "", "", "", "", "", "", "", "", "", "", ""});
    accounts.row({row.id, row.as_of.to_string(), row.household, row.taxpayer, row.tax_treatment, row.model,
                  dollars(row.cash), dollars(row.traded), dollars(row.value), std::to_string(row.runs),
                  row.turnover.to_string(), row.doubted ? "yes" : ""});
    const auto position = [&](const std::string& security, const auto& line) {
      positions.row({row.id, security, line.quantity.to_string(), line.traded.to_string(), dollars(line.cost_basis),
                     std::to_string(line.lots_of_unknown_basis)});
    };
    for (const PreviousPosition& line : state.positions) position(book.security(line.security).id.text, line);
    for (const StrangerPosition& line : state.strangers) position(line.security, line);
  };
  const std::vector<AccountState> undecided = undecided_states(run, book, previous);
  auto next = undecided.begin();
  for (const AccountResult& result : run.accounts) {
    for (; next != undecided.end() && next->row.id < book.account(result.account).id.text; ++next) write(*next);
    if (!asks(result, rule::data_account_new)) write(believed_state(book, result, previous));
  }
  for (; next != undecided.end(); ++next) write(*next);
  if (auto written = accounts.finish(); !written) return written;
  return positions.finish();
}

// Of an account that keeps its former row, the flows which that row was before.
Result<bool> write_flows(const Book& book, const RunResult& run, const PreviousRun& previous, OutputFolder& folder) {
  CsvWriter file(folder, "state/flows.csv", {"request_id", "account_id", "kind", "amount", "due_on"});
  const auto keeps_its_row = [&](AccountIndex account) {
    const auto result = std::ranges::lower_bound(run.accounts, account, {}, &AccountResult::account);
    const bool decided = result != run.accounts.end() && result->account == account;
    return (!decided || keeps_former_row(*result)) && previous.account_rows.contains(book.account(account).id.text);
  };
  for (const Request& request : book.requests) {
    const auto kind = std::ranges::find(flow_kinds, request.kind, [](const auto& one) { return one.first; });
    if (kind == flow_kinds.end() || keeps_its_row(request.account)) continue;
    file.row({request.id, book.account(request.account).id.text, kind->second, dollars(request.amount),
              request.due_on.to_string()});
  }
  for (const PreviousFlow& flow : previous.flows) {
    const auto account = find_account(book, flow.account);
    if (!account || !keeps_its_row(*account)) continue;
    const auto kind = std::ranges::find(flow_kinds, flow.kind, [](const auto& one) { return one.first; });
    file.row({flow.request, flow.account, kind->second, dollars(flow.amount), flow.due_on.to_string()});
  }
  return file.finish();
}

Result<bool> write_prices(const Book& book, const PreviousRun& previous, OutputFolder& folder) {
  std::set<std::string> questioned;
  for (const Finding& finding : book.findings) {
    if (finding.subject.kind == SubjectKind::security && finding.severity == Severity::hold)
      questioned.insert(finding.subject.id);
  }
  CsvWriter file(folder, "state/prices.csv", {"date", "security_id", "close", "doubted"});
  for (const Security& security : book.securities) {
    const auto before = previous.believed.find(security.id.text);
    if (questioned.contains(security.id.text)) {
      if (before == previous.believed.end()) continue;
      file.row({before->second.second.to_string(), security.id.text, before->second.first.to_string(2), "yes"});
    } else if (security.price) {
      file.row({security.price_date.to_string(), security.id.text, security.price->to_string(2), ""});
    }
  }
  return file.finish();
}

Result<bool> write_actions(const Book& book, const PreviousRun& previous, OutputFolder& folder) {
  CsvWriter file(folder, "state/actions.csv", {"action_id", "seen_on"});
  for (const CorporateAction& action : book.corporate_actions) {
    if (!action.applied || action.effective_on > book.firm.as_of) continue;
    const auto seen = previous.actions.find(action.id);
    const Date seen_on = seen == previous.actions.end() ? book.firm.as_of : seen->second;
    file.row({action.id, seen_on.to_string()});
  }
  return file.finish();
}

Result<bool> write_models(const Book& book, OutputFolder& folder) {
  CsvWriter file(folder, "state/models.csv", {"model_id", "security_id", "weight"});
  for (const Model& model : book.models) {
    for (const ModelWeight& part : model.weights)
      file.row({model.id.text, book.security(part.security).id.text, part.weight.to_string()});
  }
  return file.finish();
}

Result<bool> write_accepted(const PreviousRun& previous, OutputFolder& folder) {
  CsvWriter file(folder, "state/accepted.csv", {"account_id", "rule", "observed", "fact", "accepted_on"});
  for (const AcceptedFact& one : previous.accepted)
    file.row({one.account, one.rule, one.observed, one.fact, one.accepted_on.to_string()});
  return file.finish();
}

}  // namespace

Result<bool> write_state(const Book& book, const RunResult& run, const PreviousRun& previous, OutputFolder& folder) {
  for (const auto& write : std::initializer_list<std::function<Result<bool>()>>{
           [&] { return write_accounts_and_positions(book, run, previous, folder); },
           [&] { return write_flows(book, run, previous, folder); },
           [&] { return write_prices(book, previous, folder); },
           [&] { return write_actions(book, previous, folder); },
           [&] { return write_models(book, folder); },
           [&] { return write_accepted(previous, folder); },
       }) {
    if (auto written = write(); !written) return written;
  }
  return true;
}

}  // namespace lotwright
