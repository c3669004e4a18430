#include "run/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>

#include "book/rules.h"
#include "inputs/sha256.h"
#include "run/table.h"
#include "units/amounts.h"

namespace lotwright {
namespace {

using Json = nlohmann::json;
using Text = std::string_view;

constexpr std::size_t breaches_told_max = 5;

// One claim while it is checked.
class Check {
 public:
  Check(Audit& audit, std::string says) : audit_(audit), place_(audit.claims.size()) {
    audit.claims.emplace_back().says = std::move(says);
  }

  template <class... Words>
  void that(bool holds, fmt::format_string<Words...> breach, Words&&... words) {
    Claim& claim = audit_.claims[place_];
    ++claim.checked;
    if (holds) return;
    claim.kept = false;
    ++claim.breaches_count;
    if (claim.breaches.size() < breaches_told_max) {
      claim.breaches.push_back(fmt::format(breach, std::forward<Words>(words)...));
    }
  }

 private:
  Audit& audit_;
  std::size_t place_;  // among the claims
};

std::string as_text(std::int64_t count) { return Money::of_count(count).to_string(2); }

double real(Text text) { return text.empty() ? 0.0 : std::strtod(std::string(text).c_str(), nullptr); }

// Half away from zero, without the engine's rounding.
std::int64_t product_to_cent(std::int64_t quantity, std::int64_t price) {
  constexpr Int128 cent_in_product = Int128{10'000} * 1'000'000;
  const Int128 product = Int128{quantity} * price;
  const Int128 cents = (product + cent_in_product / 2) / cent_in_product;
  return static_cast<std::int64_t>(cents * 10'000);
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string sha256_of(const std::filesystem::path& path) {
  inputs::Sha256 hash;
  hash.update(bytes_of(path));
  return hash.hex();
}

// What the files say of one account.
struct Told {
  std::string status;
  std::string household;
  std::int64_t cash_before = 0, cash_after = 0, gain_short = 0, gain_long = 0, improvement = 0;
  double objective_before = 0.0, objective_after = 0.0, tax = 0.0, trading_cost = 0.0;
  Text bound;
  bool taxed = false;
  std::size_t exceptions = 0;
  // Added up from the other files.
  std::size_t orders = 0, lines = 0, holds = 0, rows = 0;
  std::int64_t bought = 0, sold = 0, commission = 0, sold_short = 0, sold_long = 0, nets = 0, funding = 0;
};

struct OrderTold {
  Text account, security, side;
  std::int64_t quantity = 0, amount = 0;
  bool review = false;
  std::int64_t lots = 0, proceeds = 0;
  std::size_t sales = 0;
};

class Auditor {
 public:
  Auditor(std::string folder, std::string book) : folder_(std::move(folder)), book_(std::move(book)) {}

  Result<Audit> audit() {
    if (auto failed = read_all()) return *failed;
    check_files();
    numbers_.emplace(audit_, "every amount is a number, of at most 100,000,000,000");
    if (!book_.empty()) check_book();
    check_accounts();
    check_orders();
    check_lot_sales();
    check_exceptions();
    check_statuses();
    if (sent_) check_blocks();
    check_sums();
    check_reasons();
    check_bounds();
    check_harvests();
    check_totals();
    check_gates();
    return std::move(audit_);
  }

 private:
  std::optional<Failure> read_all() {
    try {
      run_ = Json::parse(bytes_of(folder_ / "run.json"));
      sent_ = run_.at("orders_sent").get<bool>();
    } catch (const Json::exception&) {
      return Failure{rule::data_file_missing,
                     "this is no folder of a finished run: it has no sound run.json",
                     {folder_.string(), 0, {}, {}}};
    }
    for (const char* name : {"accounts", "orders", "lot_sales", "exceptions", "reasons", "harvests", "blocks"}) {
      auto table = read_table((folder_ / (std::string(name) + ".csv")).string(), {});
      if (!table) return table.failure();
      tables_[name] = std::move(table).value();
    }
    return std::nullopt;
  }

  template <class Visit>
  void each(const char* name, Visit visit) const {
    const Table& table = tables_.at(name);
    for (const TableRow& row : table.rows) {
      visit([&](Text column) { return table.cell(row, column); }, row.line);
    }
  }

  // An exact number of a cell, in millionths; an empty cell is nothing, and so is, once told, what is no number.
  std::int64_t millionths(Text text) {
    constexpr std::int64_t most = 100'000'000'000'000'000;  // no account has more (inputs/magnitudes.h)
    if (text.empty()) return 0;
    const auto number = Money::parse(text);
    const bool sound = number && number->count() <= most && number->count() >= -most;
    numbers_->that(sound, "\"{}\" is none", text);
    return sound ? number->count() : 0;
  }

  void check_files() {
    Check check(audit_, "every file is as the run wrote it: the sha256 of run.json");
    check.that(run_.contains("outputs") && !run_["outputs"].empty(), "run.json names no outputs");
    if (!run_.contains("outputs")) return;
    for (const Json& file : run_["outputs"]) {
      const std::string name = file.at("file");
      check.that(sha256_of(folder_ / name) == file.at("sha256"), "{} is missing or was changed", name);
    }
    Check rows(audit_, "every row of every file can be read");
    for (const auto& [name, table] : tables_) {
      rows.that(table.findings.empty(), "{}.csv has {} rows that cannot be read", name, table.findings.size());
    }
  }

  void check_book() {
    Check check(audit_, "the book's files are the ones that the run read");
    for (const Json& file : run_.at("inputs")) {
      const std::string name = file.at("file");
      check.that(sha256_of(std::filesystem::path(book_) / name) == file.at("sha256"), "{} is missing or another one",
                 name);
    }
    const auto asked = run_.value("accounts_asked", std::vector<std::string>());
    Check each_once(audit_, asked.empty()
                                ? "every account of the book is in accounts.csv"
                                : "every account that the run was asked for is in accounts.csv, none but the book's");
    const std::string path = book_ + "/accounts.csv";
    const auto accounts = read_table(path, {"account_id"});
    if (!accounts) return each_once.that(false, "{} cannot be read", path);
    std::set<std::string, std::less<>> told;
    each("accounts", [&](auto cell, auto) { told.emplace(cell("account_id")); });
    std::set<std::string, std::less<>> of_book;
    for (const TableRow& row : accounts->rows) of_book.emplace(accounts->cell(row, "account_id"));
    for (const std::string& id : asked.empty() ? std::vector(of_book.begin(), of_book.end()) : asked) {
      each_once.that(told.contains(id), "account {} is not", id);
    }
    for (const std::string& id : told) each_once.that(of_book.contains(id), "account {} is none of the book", id);
  }

  void check_accounts() {
    Check once(audit_, "each account has one row in accounts.csv");
    each("accounts", [&](auto cell, std::int64_t line) {
      const std::string id(cell("account_id"));
      once.that(!told_.contains(id), "account {} stands again in line {}", id, line);
      Told& told = told_[id];
      told.status = cell("status");
      told.household = cell("household_id");
      told.cash_before = millionths(cell("cash_before"));
      told.cash_after = millionths(cell("cash_after"));
      told.gain_short = millionths(cell("gain_short"));
      told.gain_long = millionths(cell("gain_long"));
      told.improvement = millionths(cell("improvement"));
      told.objective_before = real(cell("objective_before"));
      told.objective_after = real(cell("objective_after"));
      told.tax = real(cell("tax"));
      told.trading_cost = real(cell("trading_cost"));
      told.bound = cell("bound");
      told.taxed = !cell("year_tax_before").empty();
      told.exceptions = static_cast<std::size_t>(real(cell("exceptions")));
    });
  }

  void check_orders() {
    Check check(audit_, "each order has an id of its own, an account of the run and an amount of quantity x price");
    each("orders", [&](auto cell, std::int64_t line) {
      const std::string id(cell("order_id"));
      const auto account = told_.find(cell("account_id"));
      check.that(!orders_.contains(id) && account != told_.end(), "order {} in line {}", id, line);
      OrderTold& order = orders_[id];
      order = {cell("account_id"),
               cell("security_id"),
               cell("side"),
               millionths(cell("quantity")),
               millionths(cell("amount")),
               cell("release") == "review",
               0,
               0,
               0};
      check.that(order.amount == product_to_cent(order.quantity, millionths(cell("price"))),
                 "order {}: {} is not quantity x price", id, as_text(order.amount));
      if (account == told_.end()) return;
      Told& told = account->second;
      ++told.orders;
      (order.side == "buy" ? told.bought : told.sold) += order.amount;
      told.commission += millionths(cell("commission"));
    });
  }

  void check_lot_sales() {
    Check check(audit_, "the lot sales of each sale add up to it: quantity, proceeds, gain = proceeds - basis");
    each("lot_sales", [&](auto cell, std::int64_t line) {
      const auto order = orders_.find(cell("order_id"));
      check.that(order != orders_.end() && order->second.side == "sell", "line {} belongs to no sale", line);
      if (order == orders_.end()) return;
      const std::int64_t proceeds = millionths(cell("proceeds"));
      order->second.lots += millionths(cell("quantity"));
      order->second.proceeds += proceeds;
      ++order->second.sales;
      if (cell("gain").empty()) return;
      const std::int64_t gain = millionths(cell("gain"));
      const Text basis = cell("cost_basis");
      check.that(basis.empty() || gain == proceeds - millionths(basis), "line {}: the gain is not", line);
      const auto account = told_.find(order->second.account);
      if (account == told_.end()) return;  // check_orders has told it
      Told& told = account->second;
      (cell("term") == "long_term" ? told.sold_long : told.sold_short) += gain + millionths(cell("disallowed"));
    });
    for (const auto& [id, order] : orders_) {
      const bool sale = order.side == "sell";
      check.that(!sale || (order.lots == order.quantity && order.proceeds == order.amount),
                 "order {}: lots of {} shares and {} dollars for {} shares and {} dollars", id, as_text(order.lots),
                 as_text(order.proceeds), as_text(order.quantity), as_text(order.amount));
    }
  }

  void check_exceptions() {
    std::map<std::string, std::size_t> by_severity;
    std::map<Text, std::pair<std::size_t, std::size_t>> households;  // lines, holds
    std::size_t book_holds = 0;
    each("exceptions", [&](auto cell, auto) {
      const bool hold = cell("severity") == "hold";
      ++by_severity[std::string(cell("severity"))];
      if (const auto account = told_.find(cell("account_id")); account != told_.end()) {
        ++account->second.lines;
        account->second.holds += hold ? 1 : 0;
      } else if (cell("account_id").empty() && !cell("household_id").empty()) {
        auto& [lines, holds] = households[cell("household_id")];
        ++lines;
        holds += hold ? 1 : 0;
      } else if (hold) {
        ++book_holds;
      }
    });
    Check counts(audit_, "accounts.csv counts the exceptions of each account");
    for (auto& [id, told] : told_) {
      if (const auto shared = households.find(told.household); shared != households.end()) {
        told.lines += shared->second.first;
        told.holds += shared->second.second;
      }
      told.holds += book_holds;
      counts.that(told.lines == told.exceptions, "account {}: {} lines, {} told", id, told.lines, told.exceptions);
    }
    Check totals(audit_, "run.json counts the lines of exceptions.csv by severity");
    constexpr std::pair<const char*, const char*> keys[] = {
        {"hold", "holds"}, {"review", "reviews"}, {"note", "notes"}};
    for (const auto& [severity, key] : keys) {
      totals.that(by_severity[severity] == run_.at("counts").at(key), "{}: {} lines", key, by_severity[severity]);
    }
  }

  void check_statuses() {
    Check held(audit_, "every held or failed account says why by a hold, and has no orders");
    Check quiet(audit_, "accounts that trade have orders, quiet ones have none");
    for (const auto& [id, told] : told_) {
      const bool closed = told.status == "held" || told.status == "failed";
      if (closed)
        held.that(told.holds > 0 && told.orders == 0, "account {}: {} holds, {} orders", id, told.holds, told.orders);
      if (!closed && sent_) {
        quiet.that((told.status == "traded") == (told.orders > 0), "account {} is {} with {} orders", id, told.status,
                   told.orders);
      }
    }
  }

  void check_blocks() {
    struct Sum {
      std::int64_t quantity = 0;
      std::size_t orders = 0, review = 0;
      bool operator==(const Sum&) const = default;
    };
    std::map<std::pair<Text, Text>, Sum> sums;
    for (const auto& [id, order] : orders_) {
      Sum& sum = sums[{order.security, order.side}];
      sum.quantity += order.quantity;
      ++sum.orders;
      sum.review += order.review ? 1 : 0;
    }
    Check check(audit_, "the blocks are the orders, joined by security and side");
    std::size_t blocks = 0;
    each("blocks", [&](auto cell, auto) {
      ++blocks;
      const Sum told{millionths(cell("quantity")), static_cast<std::size_t>(real(cell("orders"))),
                     static_cast<std::size_t>(real(cell("orders_review")))};
      const auto sum = sums.find({cell("security_id"), cell("side")});
      check.that(sum != sums.end() && sum->second == told, "block {}", cell("block_id"));
    });
    check.that(blocks == sums.size(), "{} blocks for {} securities and sides", blocks, sums.size());
  }

  void check_sums() {
    if (!sent_) return;
    Check cash(audit_, "cash after = cash before + sales - purchases - commissions, by account");
    Check gains(audit_,
                "each taxed account's gains are those of its lot sales, disallowed losses as zero; others have none");
    for (const auto& [id, told] : told_) {
      if (told.status == "held" || told.status == "failed") continue;
      const std::int64_t after = told.cash_before + told.sold - told.bought - told.commission;
      cash.that(after == told.cash_after, "account {}: {} told, {} by its orders", id, as_text(told.cash_after),
                as_text(after));
      const std::int64_t gain_short = told.taxed ? told.sold_short : 0;
      const std::int64_t gain_long = told.taxed ? told.sold_long : 0;
      gains.that(gain_short == told.gain_short && gain_long == told.gain_long,
                 "account {}: {} and {} told, {} and {} by its lots", id, as_text(told.gain_short),
                 as_text(told.gain_long), as_text(gain_short), as_text(gain_long));
    }
  }

  void check_reasons() {
    Check rows(audit_, "in each reason net = benefit - tax - cost + funding");
    each("reasons", [&](auto cell, std::int64_t line) {
      const std::int64_t net = millionths(cell("net"));
      const std::int64_t funding = millionths(cell("funding"));
      rows.that(net == millionths(cell("benefit")) - millionths(cell("tax")) - millionths(cell("cost")) + funding,
                "line {}", line);
      const Text decision = cell("decision");
      const bool done = decision == "bought" || decision == "sold" || decision == "cash";
      const auto account = told_.find(cell("account_id"));
      if (!done || account == told_.end()) return;
      account->second.nets += net;
      account->second.funding += funding;
      if (decision != "cash")
        reasoned_.emplace(std::string(cell("account_id")) + "\n" + std::string(cell("security_id")));
    });
    Check sums(audit_,
               "the nets of what was done add up to each account's improvement, to the cent; funding to nothing");
    for (const auto& [id, told] : told_) {
      const auto fallen = static_cast<std::int64_t>(std::llround((told.objective_before - told.objective_after) * 100));
      sums.that(told.nets == told.improvement && told.funding == 0, "account {}: {} of {}, funding {}", id,
                as_text(told.nets), as_text(told.improvement), as_text(told.funding));
      sums.that(std::abs(told.improvement / 10'000 - fallen) <= 1,
                "account {}: improvement {}, the objective fell by {}", id, as_text(told.improvement),
                as_text(fallen * 10'000));
    }
    Check every(audit_, "every order has its reason");
    for (const auto& [id, order] : orders_) {
      every.that(reasoned_.contains(std::string(order.account) + "\n" + std::string(order.security)), "order {}", id);
    }
  }

  void check_bounds() {
    Check check(audit_, "no account's orders are below its bound");
    for (const auto& [id, told] : told_) {
      if (told.bound.empty()) continue;
      const double bound = real(told.bound);
      check.that(bound <= told.objective_after + 1e-5 + 1e-9 * std::abs(bound), "account {}: {} below {}", id,
                 told.objective_after, bound);
    }
  }

  void check_harvests() {
    struct Sums {
      std::int64_t loss = 0, taken = 0, skipped = 0;
      std::size_t own = 0;
    };
    std::map<Text, Sums> of_securities, of_accounts;
    Check rows(audit_, "in each row of harvests.csv found = taken + skipped");
    std::size_t scanned = 0;
    Sums book;
    each("harvests", [&](auto cell, std::int64_t line) {
      const std::int64_t loss = millionths(cell("loss"));
      const std::int64_t taken = millionths(cell("taken"));
      const std::int64_t skipped = millionths(cell("skipped"));
      rows.that(loss == taken + skipped, "line {}", line);
      const bool own = cell("security_id").empty();
      Sums& sums = (own ? of_accounts : of_securities)[cell("account_id")];
      for (Sums* sum : {&sums, own ? &book : nullptr}) {
        if (sum == nullptr) continue;
        sum->loss += loss;
        sum->taken += taken;
        sum->skipped += skipped;
      }
      if (own) ++sums.own;
      if (own && cell("status") == "scanned") ++scanned;
    });
    Check sums(audit_, "each scanned account has one row of its own, the sum of its securities");
    for (const auto& [id, own] : of_accounts) {
      const Sums& parts = of_securities[id];
      sums.that(own.own == 1 && own.loss == parts.loss && own.taken == parts.taken && own.skipped == parts.skipped,
                "account {}: {} of {} found", id, as_text(parts.loss), as_text(own.loss));
    }
    Check totals(audit_, "run.json has the sums of harvests.csv, every taxable account scanned or told why not");
    const Json& harvest = run_.at("harvest");
    totals.that(harvest.at("accounts_taxable") == of_accounts.size(), "{} accounts have a row", of_accounts.size());
    totals.that(harvest.at("scanned") == scanned, "{} accounts are scanned", scanned);
    const std::pair<const char*, std::int64_t> dollars[] = {
        {"loss", book.loss}, {"taken", book.taken}, {"skipped", book.skipped}};
    for (const auto& [key, sum] : dollars) {
      totals.that(near(harvest.at(key).get<double>(), sum), "{}: {} in the rows", key, as_text(sum));
    }
  }

  // A total that run.json writes as a real number.
  static bool near(double told, std::int64_t sum) {
    const double exact = static_cast<double>(sum) / 1e6;
    return std::abs(told - exact) <= 1e-6 + 1e-12 * std::abs(exact);
  }

  void check_totals() {
    std::map<std::string, std::size_t> statuses;
    std::int64_t bought = 0, sold = 0, gain_short = 0, gain_long = 0;
    double tax = 0.0, trading = 0.0, size = 0.0;
    for (const auto& [id, told] : told_) {
      ++statuses[told.status];
      bought += told.bought;
      sold += told.sold;
      if (told.status == "held" || told.status == "failed") continue;
      gain_short += told.gain_short;
      gain_long += told.gain_long;
      tax += told.tax;
      trading += told.trading_cost;
      size += std::abs(told.tax) + std::abs(told.trading_cost) + 1.0;
    }
    Check check(audit_, "run.json's counts and totals are those of the rows");
    const Json& counts = run_.at("counts");
    const Json& totals = run_.at("totals");
    check.that(counts.at("accounts") == told_.size(), "{} accounts", told_.size());
    for (const char* status : {"traded", "no_trade", "held", "failed"}) {
      check.that(counts.at(status) == statuses[status], "{}: {} rows", status, statuses[status]);
    }
    check.that(near(totals.at("gain_short"), gain_short), "gain_short: {} in the rows", as_text(gain_short));
    check.that(near(totals.at("gain_long"), gain_long), "gain_long: {} in the rows", as_text(gain_long));
    check.that(std::abs(totals.at("tax").get<double>() - tax) <= 1e-6 * size, "tax: {} in the rows", tax);
    check.that(std::abs(totals.at("trading_cost").get<double>() - trading) <= 1e-6 * size,
               "trading_cost: {} in the rows", trading);
    if (!sent_) return;
    check.that(counts.at("orders") == orders_.size(), "{} orders", orders_.size());
    check.that(near(totals.at("bought"), bought), "bought: {} in the rows", as_text(bought));
    check.that(near(totals.at("sold"), sold), "sold: {} in the rows", as_text(sold));
  }

  void check_gates() {
    Check check(audit_, "a run that a gate stopped sends nothing");
    check.that(run_.at("stopped_by").empty() == sent_, "orders_sent and stopped_by contradict each other");
    if (sent_) return;
    for (const char* name : {"orders", "lot_sales", "blocks"}) {
      check.that(tables_.at(name).rows.empty(), "{}.csv has {} rows", name, tables_.at(name).rows.size());
    }
  }

  std::filesystem::path folder_;
  std::string book_;
  Audit audit_;
  std::optional<Check> numbers_;
  Json run_;
  bool sent_ = true;
  std::map<std::string, Table> tables_;
  std::map<std::string, Told, std::less<>> told_;
  std::map<std::string, OrderTold, std::less<>> orders_;
  std::set<std::string> reasoned_;
};

}  // namespace

bool Audit::kept() const { return std::ranges::all_of(claims, &Claim::kept); }

Result<Audit> audit_run(const std::string& folder, const std::string& book) {
  try {
    return Auditor(folder, book).audit();
  } catch (const Json::exception& broken) {
    return Failure{rule::data_file_unreadable,
                   std::string("run.json is not as a run writes it: ") + broken.what(),
                   {folder + "/run.json", 0, {}, {}}};
  }
}

std::string text_of(const Audit& audit) {
  std::string text;
  for (const Claim& claim : audit.claims) {
    text += fmt::format("{:<7} {} ({} checked)\n", claim.kept ? "ok" : "FAILED", claim.says, claim.checked);
    for (const std::string& breach : claim.breaches) text += "          " + breach + "\n";
    if (claim.breaches_count > claim.breaches.size()) {
      text += fmt::format("          and {} more\n", claim.breaches_count - claim.breaches.size());
    }
  }
  const auto kept = std::ranges::count_if(audit.claims, &Claim::kept);
  return text + fmt::format("{} of {} claims hold", kept, audit.claims.size());
}

std::string json_of(const Audit& audit) {
  nlohmann::ordered_json json;
  json["kept"] = audit.kept();
  json["claims"] = nlohmann::ordered_json::array();
  for (const Claim& claim : audit.claims) {
    json["claims"].push_back({{"claim", claim.says},
                              {"kept", claim.kept},
                              {"checked", claim.checked},
                              {"breaches", claim.breaches},
                              {"breaches_count", claim.breaches_count}});
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace lotwright
