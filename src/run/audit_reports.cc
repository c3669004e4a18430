// Exceptions, reasons, what is left and harvests: that each says of the orders and accounts what these say themselves.
#include <algorithm>
#include <array>

#include "book/rules.h"
#include "run/audit_told.h"
#include "units/amounts.h"

namespace lotwright::audited {
namespace {

std::string joined(std::initializer_list<Text> texts) {
  std::string all;
  for (const Text text : texts) (all += text) += '\n';
  return all;
}

// Lines and holds of accounts, of households and of the whole book, given to each account.
void count_exceptions(RunTold& run) {
  struct Shared {
    std::size_t lines = 0, holds = 0;
    std::set<Text> rules;
  };
  std::map<Text, Shared> households;
  Shared book;
  run.each("exceptions", [&](auto cell, auto) {
    const Text severity = cell("severity");
    const bool hold = severity == "hold";
    if (Told* told = run.account(cell("account_id"))) {
      ++told->lines;
      told->own_reviews += severity == "review" ? 1 : 0;
      told->holds += hold ? 1 : 0;
      const bool compared = cell("rule") == rule::data_cash_moved || cell("rule") == rule::data_account_new;
      told->asked = told->asked || (compared && cell("severity") == "review");
      if (hold) told->hold_rules.insert(cell("rule"));
      return;
    }
    if (!cell("account_id").empty()) return;
    Shared& shared = cell("household_id").empty() ? book : households[cell("household_id")];
    ++shared.lines;
    if (!hold || cell("rule").starts_with("gate_")) return;  // a gate stops the run and holds no account
    ++shared.holds;
    shared.rules.insert(cell("rule"));
  });
  for (auto& [id, told] : run.accounts) {
    const Shared& shared = households[told.household];
    told.lines += shared.lines;
    told.holds += shared.holds;
    told.hold_rules.insert(shared.rules.begin(), shared.rules.end());
  }
}

void check_exception_counts(RunTold& run) {
  Check counts(run.audit, "accounts.csv counts the exceptions of each account, under its household");
  for (const auto& [id, told] : run.accounts) {
    counts.that(told.lines == told.exceptions, "account {}: {} lines, {} told", id, told.lines, told.exceptions);
  }
  std::map<std::string, std::size_t> by_severity;
  run.each("exceptions", [&](auto cell, std::int64_t line) {
    ++by_severity[std::string(cell("severity"))];
    const Told* told = run.account(cell("account_id"));
    counts.that(told == nullptr || told->household == cell("household_id"), "line {}: another household", line);
  });
  Check totals(run.audit, "run.json counts the lines of exceptions.csv by severity");
  constexpr std::pair<const char*, const char*> keys[] = {{"hold", "holds"}, {"review", "reviews"}, {"note", "notes"}};
  for (const auto& [severity, key] : keys) {
    totals.that(by_severity[severity] == run.json.at("counts").at(key), "{}: {} lines", key, by_severity[severity]);
  }
}

// Of a review for want of cash, what is missing is at stake.
bool is_of_cash(Text rule) {
  constexpr std::array rules{rule::data_cash_moved, rule::request_too_late, rule::request_cash_short,
                             rule::cash_nothing_to_sell};
  return std::ranges::any_of(rules, [&](const char* one) { return rule == one; });
}

void check_queue(RunTold& run) {
  Check check(run.audit, "exceptions are ranked by the dollars at stake, of a review its account's orders");
  struct Line {
    Millionths stake = 0;
    std::size_t rank = 0;
  };
  std::vector<Line> lines;
  run.each("exceptions", [&](auto cell, std::int64_t line) {
    lines.push_back({run.millionths(cell("dollars_at_stake")), whole(cell("rank"))});
    check.that(!cell("next_step").empty(), "line {} proposes no next step", line);
    const Told* told = run.account(cell("account_id"));
    const bool of_orders = cell("severity") == "review" && !is_of_cash(cell("rule"));
    if (told == nullptr || !of_orders) return;
    check.that(lines.back().stake == told->bought + told->sold, "line {}: {} at stake, orders of {}", line,
               as_text(lines.back().stake), as_text(told->bought + told->sold));
  });
  std::ranges::stable_sort(lines, [](const Line& a, const Line& b) { return a.stake > b.stake; });
  for (std::size_t i = 0; i < lines.size(); ++i) {
    check.that(lines[i].rank == i + 1, "what should have rank {} has {}", i + 1, lines[i].rank);
  }
}

void check_largest(RunTold& run) {
  Check check(run.audit, "run.json's largest exceptions are those of the largest accounts that need a person");
  struct Needs {
    const Told* told = nullptr;
    Text id;
    std::size_t lines = 0, holds = 0;
    std::set<std::string> said;
  };
  std::map<Text, Needs> by_account;
  run.each("exceptions", [&](auto cell, auto) {
    const Told* told = run.account(cell("account_id"));
    if (told == nullptr || cell("severity") == "note") return;
    Needs& needs = by_account[cell("account_id")];
    needs.told = told;
    needs.id = cell("account_id");
    ++needs.lines;
    needs.holds += cell("severity") == "hold" ? 1 : 0;
    needs.said.insert(joined({cell("severity"), cell("rule"), cell("message")}));
  });
  std::vector<const Needs*> largest;
  for (const auto& [id, needs] : by_account) largest.push_back(&needs);
  std::ranges::stable_sort(largest, [](auto* a, auto* b) { return a->told->value > b->told->value; });
  const Json& list = run.json.at("largest_exceptions");
  check.that(list.size() == std::min<std::size_t>(10, largest.size()), "{} of {}", list.size(), largest.size());
  for (std::size_t i = 0; i < std::min(list.size(), largest.size()); ++i) {
    const Json& one = list[i];
    const Needs& needs = *largest[i];
    const std::string severity = one.at("severity"), rule = one.at("rule"), message = one.at("message");
    const bool same = one.at("account_id") == needs.id && near(one.at("value").get<double>(), needs.told->value) &&
                      one.at("others") == needs.lines - 1 && (severity == "hold") == (needs.holds > 0) &&
                      needs.said.contains(joined({severity, rule, message}));
    check.that(same, "number {} is not account {} with its {} lines", i + 1, needs.id, needs.lines);
  }
}

}  // namespace

void check_exceptions(RunTold& run) {
  count_exceptions(run);
  check_exception_counts(run);
  check_queue(run);
  check_largest(run);
}

namespace {

// What was traded, one entry for each purchase and each lot sold: in orders.csv with lot_sales.csv, or in reasons.csv.
using Traded = std::map<std::string, int>;

Traded traded_by_orders(const RunTold& run) {
  Traded traded;
  for (const auto& [id, order] : run.orders) {
    if (order.side == "buy") ++traded[joined({order.account, order.security, "", order.reason})];
  }
  run.each(run.lot_sales_table, [&](auto cell, auto) {
    const auto order = run.orders.find(cell("order_id"));
    const Text reason = order == run.orders.end() ? Text() : order->second.reason;
    ++traded[joined({cell("account_id"), cell("security_id"), cell("lot_id"), reason})];
  });
  return traded;
}

void check_every_order_has_its_reason(RunTold& run, const Traded& by_reasons) {
  Check every(run.audit, "every purchase and every lot sold has its reason, by the order's rule, and no other has one");
  const Traded by_orders = traded_by_orders(run);
  const auto told = [](std::string key) {
    std::ranges::replace(key, '\n', ' ');
    return key;
  };
  for (const auto& [key, count] : by_orders) {
    const auto at = by_reasons.find(key);
    every.that(at != by_reasons.end() && at->second == count, "{}: ordered without a reason", told(key));
  }
  for (const auto& [key, count] : by_reasons) every.that(by_orders.contains(key), "{}: reason of no order", told(key));
}

void check_binding_rules(RunTold& run) {
  struct Sum {
    std::size_t accounts = 0;
    Millionths dollars = 0;
    bool operator==(const Sum&) const = default;
  };
  std::map<std::string, Sum> by_rule;
  run.each("reasons", [&](auto cell, auto) {
    if (cell("decision") != "kept" || !cell("security_id").empty()) return;
    Sum& sum = by_rule[joined({cell("rule"), cell("source")})];
    ++sum.accounts;
    sum.dollars += run.millionths(cell("net"));
  });
  Check check(run.audit, "binding_rules.csv adds up the prices of rules in reasons.csv");
  std::size_t rows = 0;
  run.each("binding_rules", [&](auto cell, std::int64_t line) {
    ++rows;
    const Sum told{whole(cell("accounts")), run.millionths(cell("dollars_max"))};
    const auto sum = by_rule.find(joined({cell("rule"), cell("source")}));
    check.that(sum != by_rule.end() && sum->second == told, "line {}: {} {}", line, cell("rule"),
               as_text(told.dollars));
  });
  check.that(rows == by_rule.size(), "{} rows for {} rules", rows, by_rule.size());
}

}  // namespace

void check_reasons(RunTold& run) {
  Check rows(run.audit, "in each reason net = benefit - tax - cost + funding, of an account of the run");
  Traded by_reasons;
  run.each("reasons", [&](auto cell, std::int64_t line) {
    const Millionths net = run.millionths(cell("net"));
    const Millionths funding = run.millionths(cell("funding"));
    Told* told = run.account(cell("account_id"));
    const Millionths sum = run.millionths(cell("benefit")) - run.millionths(cell("tax")) - run.millionths(cell("cost"));
    rows.that(told != nullptr && net == sum + funding, "line {}", line);
    const Text decision = cell("decision");
    const bool traded = decision == "bought" || decision == "sold";
    if (told == nullptr || (!traded && decision != "cash")) return;
    told->nets += net;
    told->funding += funding;
    if (traded) ++by_reasons[joined({cell("account_id"), cell("security_id"), cell("lot_id"), cell("rule")})];
  });
  Check sums(run.audit,
             "the nets of what was done add up to each account's improvement, to the cent; funding to nothing");
  for (const auto& [id, told] : run.accounts) {
    const auto fallen = static_cast<Millionths>(std::llround((told.objective_before - told.objective_after) * 100));
    sums.that(told.nets == told.improvement && told.funding == 0, "account {}: {} of {}, funding {}", id,
              as_text(told.nets), as_text(told.improvement), as_text(told.funding));
    sums.that(std::abs(told.improvement / 10'000 - fallen) <= 1, "account {}: improvement {}, the objective fell by {}",
              id, as_text(told.improvement), as_text(fallen * 10'000));
  }
  check_every_order_has_its_reason(run, by_reasons);
  check_binding_rules(run);
}

void check_left(RunTold& run) {
  // Drifts by account and figures: those of reasons.csv less those of left.csv.
  std::map<Text, std::map<std::string, int>> drifts;
  std::map<Text, std::size_t> rows, named;
  std::map<Text, std::set<std::size_t>> ranks;
  Check check(run.audit, "left.csv has every account's drifts with the figures of reasons.csv, every held one's hold");
  const auto figures = [](auto cell) {
    return joined({cell("security_id"), cell("rule"), cell("benefit"), cell("tax"), cell("cost"), cell("net")});
  };
  run.each("left", [&](auto cell, std::int64_t line) {
    const Text id = cell("account_id");
    const Told* told = run.account(id);
    if (!check.that(told != nullptr && told->status == cell("status"), "line {}: not the account's status", line))
      return;
    ++rows[id];
    if (!told->decided()) {
      check.that(told->hold_rules.contains(cell("rule")), "line {}: {} holds nothing", line, cell("rule"));
      return;
    }
    check.that(real(cell("tracking_error")) == told->tracking_error_after, "line {}: another tracking error", line);
    if (cell("security_id").empty()) return;
    ++named[id];
    ranks[id].insert(whole(cell("rank")));
    --drifts[id][figures(cell)];
  });
  run.each("reasons", [&](auto cell, auto) {
    const bool not_done = cell("decision") == "kept" || cell("decision") == "not_bought";
    if (not_done && !cell("security_id").empty() && named.contains(cell("account_id")))
      ++drifts[cell("account_id")][figures(cell)];
  });
  for (const auto& [id, told] : run.accounts) {
    if (!told.decided()) check.that(rows[id] == 1, "account {} is {} and has {} rows", id, told.status, rows[id]);
    const bool same = std::ranges::all_of(drifts[id], [](const auto& one) { return one.second == 0; });
    check.that(same, "account {}: other drifts than in reasons.csv", id);
    const std::set<std::size_t>& ranked = ranks[id];
    check.that(
        ranked.size() == named[id] && (ranked.empty() || (*ranked.begin() == 1 && *ranked.rbegin() == named[id])),
        "account {}: its drifts are not ranked from 1 to {}", id, named[id]);
  }
}

namespace {

// Sums of harvests.csv, or of the losses that were sold.
struct Losses {
  std::size_t lots = 0;
  Millionths loss = 0, taken = 0, disallowed = 0, skipped = 0, value = 0;
  bool operator==(const Losses&) const = default;

  void add(const Losses& more) {
    lots += more.lots;
    loss += more.loss;
    taken += more.taken;
    disallowed += more.disallowed;
    skipped += more.skipped;
    value += more.value;
  }
};

// What harvests.csv should say of its status and rule.
bool says_why(Text status, Text rule, const Losses& row) {
  if (status == "scanned") return true;
  if (status == "not_scanned") return !rule.empty() && row == Losses{};
  const bool rest = row.skipped > 0;
  const bool named = status == (!rest ? "taken" : row.taken > 0 ? "partly" : "skipped");
  return named && rest == !rule.empty();
}

// `taxable`: the accounts with a row of their own.
void check_taken(RunTold& run, const std::map<Text, Losses>& taxable,
                 const std::map<std::pair<Text, Text>, Losses>& rows) {
  std::map<std::pair<Text, Text>, Losses> sold;
  run.each("lot_sales", [&](auto cell, auto) {
    const Millionths gain = run.millionths(cell("gain"));
    if (gain >= 0 || !taxable.contains(cell("account_id"))) return;
    Losses& losses = sold[{cell("account_id"), cell("security_id")}];
    losses.taken -= gain;
    losses.disallowed += run.millionths(cell("disallowed"));
  });
  Check check(run.audit, "the losses taken are those of lot_sales.csv, by account and security");
  for (const auto& [key, row] : rows) {
    const Losses& losses = sold[key];
    check.that(row.taken == losses.taken && row.disallowed == losses.disallowed, "account {}, {}: {} told, {} sold",
               key.first, key.second, as_text(row.taken), as_text(losses.taken));
  }
  for (const auto& [key, losses] : sold)
    check.that(rows.contains(key), "account {}, {}: not told", key.first, key.second);
}

}  // namespace

void check_harvests(RunTold& run) {
  std::map<std::pair<Text, Text>, Losses> of_securities;
  std::map<Text, Losses> parts, own;
  std::set<Text> unvalued;
  Check rows(run.audit, "in each row of harvests.csv found = taken + skipped, and what is skipped says why");
  Check sums(run.audit, "each taxable account has one row of its own there, the sum of its securities");
  run.each("harvests", [&](auto cell, std::int64_t line) {
    const Text id = cell("account_id"), security = cell("security_id");
    const Losses row{whole(cell("lots")),
                     run.millionths(cell("loss")),
                     run.millionths(cell("taken")),
                     run.millionths(cell("disallowed")),
                     run.millionths(cell("skipped")),
                     run.millionths(cell("value"))};
    const bool of_account = cell("status") == "scanned" || cell("status") == "not_scanned";
    rows.that(row.loss == row.taken + row.skipped && of_account == security.empty() &&
                  says_why(cell("status"), cell("rule"), row),
              "line {}", line);
    if (!security.empty()) parts[id].add(row);
    const bool first =
        security.empty() ? own.emplace(id, row).second : of_securities.emplace(std::pair(id, security), row).second;
    sums.that(first && run.account(id) != nullptr, "line {}: a row again, or of no account of the run", line);
  });
  for (const auto& [id, row] : own)
    sums.that(row == parts[id], "account {}: {} of {} found", id, as_text(parts[id].loss), as_text(row.loss));
  for (const auto& [id, part] : parts) sums.that(own.contains(id), "account {} has no row of its own", id);
  std::set<std::pair<Text, Text>> positions;
  run.each("state/positions", [&](auto cell, auto) { positions.emplace(cell("account_id"), cell("security_id")); });
  for (const auto& [key, row] : of_securities) {
    const Told* told = run.account(key.first);
    const bool held = positions.contains(key) || told == nullptr || !told->believed();
    sums.that(held, "account {} holds no {}", key.first, key.second);
  }
  run.each("state/accounts", [&](auto cell, auto) {
    const Told* told = run.account(cell("account_id"));
    if (told == nullptr || !told->believed()) return;
    sums.that(own.contains(cell("account_id")) == (cell("tax_treatment") == "taxable"), "account {} is {}",
              cell("account_id"), cell("tax_treatment"));
  });
  if (run.sent) check_taken(run, own, of_securities);
}

void check_state(RunTold& run) {
  std::map<Text, Millionths> prices;
  const std::string as_of = run.json.at("as_of");
  Check check(run.audit,
              "state/ has every decided account as it was that day: its value is its positions and its cash");
  run.each("prices", [&](auto cell, std::int64_t line) {
    prices[cell("security_id")] = run.millionths(cell("close"));
    check.that(cell("date") <= as_of, "prices.csv, line {}: a price of a later day", line);
  });
  struct Held {
    Millionths value = 0;
    std::size_t lines = 0;
  };
  std::map<Text, Held> held;
  run.each("state/positions", [&](auto cell, auto) {
    Held& one = held[cell("account_id")];
    const auto price = prices.find(cell("security_id"));
    if (price == prices.end()) return;
    const Int128 worth = Int128{run.millionths(cell("quantity"))} * price->second;
    one.value += static_cast<Millionths>(worth / 1'000'000);
    ++one.lines;
  });
  std::set<Text> seen;
  run.each("state/accounts", [&](auto cell, auto) {
    const Text id = cell("account_id");
    check.that(seen.insert(id).second, "account {} stands again", id);
    const Told* told = run.account(id);
    if (told == nullptr || !told->believed()) return;
    const Held& positions = held[id];
    const Millionths apart = told->cash_before + positions.value - told->value;
    constexpr Millionths cent = 10'000;
    check.that(std::abs(apart) <= cent * static_cast<Millionths>(positions.lines + 1),
               "account {}: {} and {} are not {}", id, as_text(positions.value), as_text(told->cash_before),
               as_text(told->value));
    check.that(cell("as_of") == as_of && cell("household_id") == told->household &&
                   run.millionths(cell("value")) == told->value,
               "account {} has another day, household or value", id);
  });
  for (const auto& [id, told] : run.accounts)
    check.that(seen.contains(id) || told.asked, "account {} is not there", id);
  run.each("multipliers", [&](auto cell, std::int64_t line) {
    const Told* told = run.account(cell("account_id"));
    check.that(told != nullptr && told->decided() && std::isfinite(real(cell("price"))),
               "multipliers.csv, line {}: of no decided account, or no number", line);
  });
}

}  // namespace lotwright::audited
