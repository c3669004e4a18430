#include "run/release.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "book/rules.h"
#include "inputs/near_names.h"
#include "run/bytes_of.h"
#include "run/csv_writer.h"
#include "run/output_tables.h"
#include "run/previous.h"
#include "run/table.h"
#include "units/dollars.h"

namespace lotwright {
namespace {

using Text = std::string_view;

Failure refused(const char* rule, const std::string& message) { return {rule, message, {}}; }

const query::Table& declared(Text name) { return *std::ranges::find(output_tables(), name, &query::Table::name); }

// A table of the run, or of `place`, a folder in it: whole, since an order that is passed over leaves twice or never.
Result<Table> table_of(const std::string& run, const std::string& place, Text name) {
  std::vector<std::string> columns;
  for (const query::Column& column : declared(name).columns) columns.emplace_back(column.name);
  return read_own_table(run + "/" + place + std::string(name) + ".csv", columns);
}

// The cells of a row in the order of the run's columns; `release` is yes of all that goes.
void copy_row(const Table& from, const TableRow& row, Text name, CsvWriter& to) {
  std::vector<Text> cells;
  for (const query::Column& column : declared(name).columns)
    cells.push_back(column.name == "release" ? Text("yes") : from.cell(row, column.name));
  to.row(cells);
}

struct AccountTold {
  std::string household, status;
  std::set<std::string> reviews, holds;  // rules
};

class Releasing {
 public:
  Releasing(const std::string& run, const ReleaseWords& words, OutputFolder& to) : run_(run), words_(words), to_(to) {}

  Result<Release> release() {
    for (const auto step : {&Releasing::read_accounts, &Releasing::read_gone, &Releasing::choose, &Releasing::sort_out,
                            &Releasing::write_orders, &Releasing::write_lot_sales, &Releasing::write_blocks,
                            &Releasing::write_releases, &Releasing::write_json}) {
      if (const auto done = (this->*step)(); !done) return done.failure();
    }
    return std::move(release_);
  }

 private:
  Result<bool> read_accounts() {
    const auto accounts = table_of(run_, "", "accounts");
    if (!accounts) return accounts.failure();
    for (const TableRow& row : accounts->rows) {
      accounts_[std::string(accounts->cell(row, "account_id"))] = {
          std::string(accounts->cell(row, "household_id")), std::string(accounts->cell(row, "status")), {}, {}};
    }
    const auto exceptions = table_of(run_, "", "exceptions");
    if (!exceptions) return exceptions.failure();
    for (const TableRow& row : exceptions->rows) {
      note(exceptions->cell(row, "account_id"), exceptions->cell(row, "household_id"),
           exceptions->cell(row, "severity"), std::string(exceptions->cell(row, "rule")));
    }
    auto gates = gates_that_stopped(run_);
    if (!gates) return gates.failure();
    gates_ = std::move(gates).value();
    const std::string place = gates_.empty() ? "" : "kept_back/";
    auto orders = table_of(run_, place, "orders");
    if (!orders) return orders.failure();
    orders_ = std::move(orders).value();
    auto sales = table_of(run_, place, "lot_sales");
    if (!sales) return sales.failure();
    sales_ = std::move(sales).value();
    return true;
  }

  // A line of an account, of all of a household, or of all: a hold of the book.
  void note(Text account, Text household, Text severity, const std::string& rule) {
    const auto note_of = [&](AccountTold& told) {
      if (severity == "review") told.reviews.insert(rule);
      if (severity == "hold") told.holds.insert(rule);
    };
    if (!account.empty()) {
      const auto at = accounts_.find(std::string(account));
      if (at != accounts_.end()) note_of(at->second);
      return;
    }
    for (auto& [id, told] : accounts_) {
      if (household.empty() ? severity == "hold" : household == told.household) note_of(told);
    }
  }

  Result<bool> read_gone() {
    release_.run_sha256 = run_json_sha256(run_);
    for (const std::string& folder : words_.after) {
      const auto orders = orders_released_by(folder);
      if (!orders) return orders.failure();
      const auto gone = table_of(folder, "", "orders");
      if (!gone) {
        const Place& at = gone.failure().place;
        return Failure{gone.failure().rule,
                       "--after: " + gone.failure().message,
                       {folder + "/orders.csv", at.line, at.column, {}}};
      }
      if (gone->rows.size() != *orders) {
        return not_after(folder + "/orders.csv", rule::data_file_unreadable,
                         fmt::format("it has {} orders and its release.json says {}: take the file that the release "
                                     "wrote",
                                     gone->rows.size(), *orders));
      }
      for (const TableRow& row : gone->rows) gone_.emplace(gone->cell(row, "order_id"));
    }
    return true;
  }

  // How many orders went by an earlier release of this run.
  [[nodiscard]] Result<std::size_t> orders_released_by(const std::string& folder) const {
    const std::string path = folder + "/release.json";
    if (!std::filesystem::exists(path)) {
      return not_after(folder, rule::data_file_missing,
                       "it has no release.json, so no release wrote it whole: name what `release --to` wrote");
    }
    try {
      const auto json = nlohmann::json::parse(bytes_of(path));
      if (json.at("run_sha256").get<std::string>() == release_.run_sha256) return json.at("orders").get<std::size_t>();
    } catch (const nlohmann::json::exception&) {
      return not_after(path, rule::data_file_unreadable, "it is not as a release writes it: copy it anew");
    }
    return not_after(
        folder, rule::data_reference_unknown,
        fmt::format("it is a release of another run than {}, whose orders have the same ids: name releases "
                    "of this run only; what went by another belongs to the book's trades",
                    run_));
  }

  static Failure not_after(const std::string& place, const char* rule, const std::string& message) {
    return {rule, "--after: " + message, {place, 0, {}, {}}};
  }

  // Whom a person releases; who is held cannot be.
  Result<bool> choose() {
    for (const std::string& id : words_.accounts) {
      const auto account = accounts_.find(id);
      if (account == accounts_.end()) return unknown(id);
      const AccountTold& told = account->second;
      if (told.status == "held" || told.status == "failed") {
        return refused(rule::account_unknown,
                       fmt::format("account {} is {} by {}: it has no orders to release; do what its lines of "
                                   "exceptions.csv say and run again",
                                   id, told.status, fmt::join(told.holds, ", ")));
      }
      chosen_.insert(id);
    }
    return true;
  }

  [[nodiscard]] Failure unknown(const std::string& id) const {
    std::vector<Text> known;
    for (const auto& [one, told] : accounts_) known.push_back(one);
    const Text meant = inputs::nearest(id, known);
    return refused(rule::account_unknown, fmt::format("the run has no account {}: {}", id,
                                                      meant.empty() ? "see account_id in its accounts.csv"
                                                                    : fmt::format("did you mean {}?", meant)));
  }

  Result<bool> sort_out() {
    std::map<std::string, ReleasedAccount> released;
    std::set<std::string> waiting, ordered;
    for (const TableRow& row : orders_.rows) {
      const std::string account(orders_.cell(row, "account_id"));
      const bool waits = orders_.cell(row, "release") != "yes";
      ordered.insert(account);
      if (waits && !words_.all && !chosen_.contains(account)) {
        ++release_.orders_waiting;
        waiting.insert(account);
        continue;
      }
      if (gone_.contains(std::string(orders_.cell(row, "order_id")))) {
        ++release_.orders_gone;
        continue;
      }
      leaving_.push_back(&row);
      if (!waits) continue;
      ReleasedAccount& one = released[account];
      ++one.orders;
      one.amount += amount_of(row);
    }
    release_.accounts_waiting = waiting.size();
    for (const std::string& id : chosen_) {
      if (released.contains(id)) continue;
      release_.remarks.push_back(ordered.contains(id)
                                     ? fmt::format("account {}: its orders wait for nobody; they go anyway", id)
                                     : fmt::format("account {} has no orders: nothing to release", id));
    }
    for (auto& [id, one] : released) {
      const std::set<std::string>& rules = accounts_.at(id).reviews;
      one.account = id;
      one.rules.assign(rules.begin(), rules.end());
      release_.orders_released += one.orders;
      release_.released.push_back(std::move(one));
    }
    return true;
  }

  [[nodiscard]] Money amount_of(const TableRow& row) const { return Money::parse(orders_.cell(row, "amount")).value(); }

  Result<bool> write_orders() {
    CsvWriter file = writer_of(to_, "orders");
    for (const TableRow* row : leaving_) {
      copy_row(orders_, *row, "orders", file);
      (orders_.cell(*row, "side") == "buy" ? release_.bought : release_.sold) += amount_of(*row);
    }
    release_.orders = leaving_.size();
    return file.finish();
  }

  Result<bool> write_lot_sales() {
    std::set<Text> leaving;
    for (const TableRow* row : leaving_) leaving.insert(orders_.cell(*row, "order_id"));
    CsvWriter file = writer_of(to_, "lot_sales");
    for (const TableRow& row : sales_.rows) {
      if (leaving.contains(sales_.cell(row, "order_id"))) copy_row(sales_, row, "lot_sales", file);
    }
    return file.finish();
  }

  Result<bool> write_blocks() {
    struct Sum {
      Quantity quantity;
      std::size_t orders = 0;
    };
    std::map<std::pair<Text, Text>, Sum> blocks;  // by security, then side: "buy" sorts first
    for (const TableRow* row : leaving_) {
      Sum& sum = blocks[{orders_.cell(*row, "security_id"), orders_.cell(*row, "side")}];
      sum.quantity += Quantity::parse(orders_.cell(*row, "quantity")).value();
      ++sum.orders;
    }
    CsvWriter file = writer_of(to_, "blocks");
    for (const auto& [key, sum] : blocks) {
      const auto& [security, side] = key;
      file.row({fmt::format("{}-{}", security, side), security, side, sum.quantity.to_string(),
                std::to_string(sum.orders), "0"});
    }
    release_.blocks = blocks.size();
    return file.finish();
  }

  Result<bool> write_releases() {
    if (!gates_.empty())
      release_.released.insert(release_.released.begin(),
                               {"", gates_, release_.orders, release_.bought + release_.sold});
    CsvWriter file(to_, "releases.csv", {"account_id", "rules", "orders", "amount", "by", "reason"});
    for (const ReleasedAccount& one : release_.released) {
      file.row({one.account, fmt::format("{}", fmt::join(one.rules, "; ")), std::to_string(one.orders),
                dollars(one.amount), words_.by, words_.why});
    }
    return file.finish();
  }

  Result<bool> write_json() { return to_.write("release.json", json_of(release_) + "\n"); }

  const std::string& run_;
  const ReleaseWords& words_;
  OutputFolder& to_;
  std::vector<std::string> gates_;
  std::map<std::string, AccountTold> accounts_;
  Table orders_, sales_;
  std::set<std::string> gone_;    // ids of orders
  std::set<std::string> chosen_;  // accounts
  std::vector<const TableRow*> leaving_;
  Release release_;
};

}  // namespace

Result<std::vector<std::string>> gates_that_stopped(const std::string& run) {
  const auto json = nlohmann::json::parse(bytes_of(run + "/run.json"), nullptr, false);
  std::vector<std::string> gates;
  try {
    for (const auto& gate : json.at("stopped_by")) {
      const std::string name = gate.at("rule");
      if (std::ranges::find(gates, name) == gates.end()) gates.push_back(name);
    }
  } catch (const nlohmann::json::exception&) {
    return Failure{rule::data_file_unreadable, "run.json is not as a run writes it", {run + "/run.json", 0, {}, {}}};
  }
  return gates;
}

Result<Release> release_orders(const std::string& run, const ReleaseWords& words, OutputFolder& to) {
  return Releasing(run, words, to).release();
}

std::string text_of(const Release& release) {
  std::string text = fmt::format("{} orders may go, in {} blocks: bought {}, sold {}\n", release.orders, release.blocks,
                                 usd(release.bought), usd(release.sold));
  if (!release.released.empty()) text += fmt::format("  {} of them released now:\n", release.orders_released);
  for (const ReleasedAccount& one : release.released) {
    text += fmt::format("    {:<16} {:>5} orders {:>18}  {}\n", one.account.empty() ? "(the run)" : one.account,
                        one.orders, usd(one.amount), fmt::join(one.rules, ", "));
  }
  if (release.orders_gone > 0) text += fmt::format("  {} are left out: they have gone before\n", release.orders_gone);
  return text + fmt::format("{} orders of {} accounts still wait for a person", release.orders_waiting,
                            release.accounts_waiting);
}

std::string json_of(const Release& release) {
  nlohmann::ordered_json json;
  json["run_sha256"] = release.run_sha256;
  json["orders"] = release.orders;
  json["orders_released"] = release.orders_released;
  json["orders_gone"] = release.orders_gone;
  json["orders_waiting"] = release.orders_waiting;
  json["accounts_waiting"] = release.accounts_waiting;
  json["blocks"] = release.blocks;
  json["bought"] = release.bought.to_double();
  json["sold"] = release.sold.to_double();
  json["released"] = nlohmann::ordered_json::array();
  for (const ReleasedAccount& one : release.released) {
    json["released"].push_back({{"account_id", one.account},
                                {"rules", one.rules},
                                {"orders", one.orders},
                                {"amount", one.amount.to_double()}});
  }
  json["remarks"] = release.remarks;
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace lotwright
