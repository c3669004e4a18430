#include "run/case_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "book/rules.h"
#include "cases/part.h"
#include "inputs/file_report.h"
#include "inputs/near_names.h"
#include "run/memory_folder.h"
#include "run/outputs.h"

namespace lotwright {
namespace {

// The files of a run that speak of its accounts.
constexpr auto files = std::to_array<std::string_view>({"accounts", "orders", "lot_sales", "exceptions", "reasons"});

std::vector<AccountResult> in_part(const Part& part, const std::vector<AccountResult>& results) {
  std::vector<AccountResult> moved;
  for (const AccountResult& result : results) moved.push_back(in_part(part, result));
  return moved;
}

// Tables of `wanted` files of the run, their names behind `prefix`.
cases::TextTables tables_of(const Book& book, const RunResult& run, std::string_view prefix,
                            std::span<const std::string_view> wanted) {
  MemoryFolder folder;
  const auto written = write_outputs(book, run, folder);
  require(written.ok() && folder.publish().ok(), "memory refused a file");
  cases::TextTables tables;
  for (const std::string_view file : wanted) {
    const std::string name(file);
    tables.push_back(cases::table_of_csv(std::string(prefix) + name, folder.files.at(name + ".csv")));
  }
  return tables;
}

cases::TextTable breaches_of(const Book& book, const std::vector<RefusedResults>& refused) {
  cases::TextTable table{"breaches", 0, {"account_id", "rule", "security_id", "lot_id", "message"}, {}};
  for (const RefusedResults& attempt : refused) {
    for (const Breach& breach : attempt.breaches) {
      table.rows.push_back({0,
                            {book.accounts.at(breach.account.value).id.text, breach.rule, breach.security_id,
                             breach.lot_id, breach.message}});
    }
  }
  return table;
}

// What the verifier said, and the orders it first said it of.
cases::TextTables refusals_of(const Book& book, const Part& part, const std::vector<RefusedResults>& refused) {
  if (refused.empty()) return {};
  RunResult first;
  first.accounts = in_part(part, refused.front().accounts);
  cases::TextTables tables = tables_of(part.book, first, "refused_", std::span(files).subspan(1, 2));
  tables.insert(tables.begin(), breaches_of(book, refused));
  return tables;
}

// An id by which a unit may be called.
struct UnitName {
  const char* kind;
  std::string_view id;
  AccountIndex account;  // one of the unit
};

std::vector<UnitName> unit_names(const Book& book) {
  std::vector<UnitName> names;
  for (std::uint32_t i = 0; i < book.accounts.size(); ++i) {
    const Account& account = book.accounts[i];
    names.push_back({"account", account.id.text, {i}});
    names.push_back({"household", book.households.at(account.household.value).id.text, {i}});
    if (account.taxpayer.exists())
      names.push_back({"taxpayer", book.taxpayers.at(account.taxpayer.value).id.text, {i}});
  }
  return names;
}

Failure unknown_unit(const std::vector<UnitName>& names, const std::string& id) {
  constexpr std::size_t told_max = 3;
  std::set<std::string> told;
  for (const UnitName& name : names) {
    if (told.size() < told_max && inputs::is_almost(id, name.id)) told.insert(fmt::format("{} {}", name.kind, name.id));
  }
  const std::string remedy =
      told.empty() ? "see account_id in accounts.csv" : fmt::format("did you mean {}?", fmt::join(told, " or "));
  return {rule::case_unit_unknown,
          fmt::format("the book has no account, household or taxpayer {}: {}", inputs::quotable(id), remedy),
          {}};
}

}  // namespace

Case case_of(const Book& book, const DecisionUnit& unit, const Effort& effort,
             const std::vector<AccountResult>& results, const std::vector<RefusedResults>& refused) {
  Part part = part_of(book, unit);
  RunResult run;
  run.accounts = in_part(part, results);
  cases::TextTables decided = decided_tables(part.book, run);
  cases::TextTables breaches = refusals_of(book, part, refused);
  return {engine_version(), effort, std::move(part.book), std::move(decided), std::move(breaches)};
}

cases::TextTables decided_tables(const Book& book, const RunResult& run) {
  return tables_of(book, run, "decided_", files);
}

std::string case_file_text(const Book& book, const DecisionUnit& unit, const Effort& effort,
                           const std::vector<AccountResult>& results, const std::vector<RefusedResults>& refused) {
  try {
    return case_text(case_of(book, unit, effort, results, refused));
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& broken) {
    return fmt::format("the case could not be saved: {}\n", broken.what());
  }
}

std::string name_for_file(const std::string& id) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  std::string name;
  for (const char letter : id) {
    if (plain.find(letter) != std::string_view::npos) {
      name += letter;
    } else {
      name += fmt::format("%{:02X}", static_cast<unsigned char>(letter));
    }
  }
  return name;
}

std::string case_name(const Book& book, const DecisionUnit& unit) {
  return "cases/" + name_for_file(book.account(unit.accounts.front()).id.text) + ".txt";
}

Result<DecisionUnit> unit_named(const Book& book, const std::string& id) {
  const std::vector<UnitName> names = unit_names(book);
  std::vector<DecisionUnit> meant;
  std::string kinds;
  for (DecisionUnit& unit : decision_units(book)) {
    const auto calls = [&](const UnitName& name) {
      return name.id == id && std::ranges::binary_search(unit.accounts, name.account);
    };
    const auto found = std::ranges::find_if(names, calls);
    if (found == names.end()) continue;
    kinds += fmt::format("{}the {} {} decided with account {}", kinds.empty() ? "" : " and ", found->kind, id,
                         book.account(unit.accounts.front()).id.text);
    meant.push_back(std::move(unit));
  }
  if (meant.empty()) return unknown_unit(names, id);
  if (meant.size() == 1) return std::move(meant.front());
  return Failure{rule::case_unit_unknown, id + " may be " + kinds + ": name an account of the one you mean", {}};
}

}  // namespace lotwright
