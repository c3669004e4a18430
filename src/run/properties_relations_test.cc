// What two runs say of each other: a second run after the first finds nothing, ten times the money is ten times the
// orders, a lot in halves and a split share are the same, rules that are tighter never help and a higher basis never
// hurts. Where one book allows all that the other does, its bound must not be above what the other found.

#include <algorithm>
#include <tuple>

#include "run/clean_run.h"
#include "tax/wash_sale.h"
#include "testing/properties.h"

namespace lotwright {
namespace {

using properties::clean_run;
using properties::falls_short;
using properties::gap_of;
using properties::Wrong;

// Decided with nothing to come after it that bears on its tax: no other taxable account of the same unit.
bool decided_alone(const Book& book, AccountIndex index) {
  const Account& account = book.account(index);
  return account.tax_treatment != TaxTreatment::taxable ||
         std::ranges::count_if(book.accounts, [&](const Account& other) {
           return other.tax_treatment == TaxTreatment::taxable && other.taxpayer == account.taxpayer;
         }) == 1;
}

double commissions_of(const AccountResult& result) {
  Money sum;
  for (const Order& order : result.orders) sum += order.trade.commission;
  return sum.to_double();
}

// The most that risk takes from the objective for a dollar traded: lambda x volatility x tracking error, the slope of
// V x lambda / 2 x tracking error^2, which is no more than the objective.
double slope_of_risk(const Book& book, const AccountResult& result) {
  constexpr double volatility = 0.5;
  const double value = result.investable.to_double();
  const double objective = std::max(result.objective_before, result.objective_after);
  if (value <= 0.0 || objective <= 0.0) return 0.0;
  const double aversion = book.account(result.account).effective_policy.risk_aversion;
  return volatility * std::sqrt(2.0 * aversion * objective / value);
}

double worth_of_a_dollar(const Book& book, const AccountResult& result) {
  return std::max(1.0, slope_of_risk(book, result));
}

// Orders rounded to the cent on one side may be this far from the same orders on the other.
double cents_of(const Book& book, const AccountResult& a, const AccountResult& b) {
  const double value = std::max(std::abs(a.value.to_double()), std::abs(b.value.to_double()));
  const double cents = 0.02 * static_cast<double>(2 + a.orders.size() + b.orders.size());
  return cents * std::max(worth_of_a_dollar(book, a), worth_of_a_dollar(book, b)) + 1e-9 * value;
}

// `wide` allows whatever `narrow` does, and values it at `scale` times as much at most: its bound is no higher.
void expect_not_above(const Book& book, const AccountResult& wide, const AccountResult& narrow, double scale,
                      const char* what, Wrong& wrong) {
  if (!wide.bound || !narrow.bound || falls_short(narrow) || falls_short(wide)) return;
  const double reached = scale * narrow.objective_after;
  if (*wide.bound <= reached + scale * cents_of(book, wide, narrow)) return;
  wrong << book.account(wide.account).id.text << ": " << what << ": bound " << *wide.bound << ", yet " << reached
        << " was reached\n";
}

// ── a second run

// The book as the orders leave it, on the same day.
class Aftermath {
 public:
  Aftermath(Book book, const RunResult& run) : book_(std::move(book)) {
    for (const AccountResult& result : run.accounts) apply(result);
    for (Account& account : book_.accounts) {
      std::erase_if(account.lots, [](const TaxLot& lot) { return lot.quantity.is_zero(); });
      std::ranges::sort(account.lots, {}, [](const TaxLot& lot) { return std::tie(lot.security, lot.id); });
    }
    std::ranges::sort(book_.transactions, {},
                      [](const Transaction& row) { return std::tie(row.account, row.trade_date, row.id); });
  }

  [[nodiscard]] const Book& book() const { return book_; }

 private:
  void apply(const AccountResult& result) {
    Account& account = book_.accounts[result.account.value];
    for (const Order& order : result.orders) {
      enter(account, order);
      report(result.account, order);
    }
    account.cash = result.cash_after;
    if (account.tax_treatment == TaxTreatment::taxable) {
      book_.taxpayers[account.taxpayer.value].realized_short_ytd += result.gain_short;
      book_.taxpayers[account.taxpayer.value].realized_long_ytd += result.gain_long;
    }
    std::erase_if(book_.requests, [&](const Request& request) { return pay(request, result.account, account); });
  }

  void enter(Account& account, const Order& order) const {
    const Trade& trade = order.trade;
    for (const LotSale& sale : trade.lots) {
      TaxLot& lot = account.lots[sale.lot];
      for (std::optional<Money>* basis : {&lot.cost_basis, &lot.loss_basis}) {
        if (*basis) **basis -= share_of(**basis, sale.quantity, lot.quantity);
      }
      lot.quantity -= sale.quantity;
    }
    if (trade.side == Side::sell) return;
    TaxLot bought;
    bought.id = LotId("N-" + order.id);
    bought.security = trade.security;
    bought.quantity = trade.quantity;
    bought.cost_basis = trade.amount;
    bought.acquired_on = bought.held_from = book_.firm.as_of;
    account.lots.push_back(bought);
  }

  // One row for a purchase, one for each lot sold: a gain of another lot must not hide a loss.
  void report(AccountIndex account, const Order& order) {
    const Trade& trade = order.trade;
    Transaction row;
    row.id = "N-" + order.id;
    row.account = account;
    row.taxpayer = book_.account(account).taxpayer;
    row.trade_date = book_.firm.as_of;
    row.kind = trade.side == Side::buy ? TransactionKind::buy : TransactionKind::sell;
    row.security = trade.security;
    row.quantity = trade.quantity;
    row.amount = trade.amount;
    if (trade.side == Side::buy) book_.transactions.push_back(row);
    for (const LotSale& sale : trade.lots) {
      row.quantity = sale.quantity;
      row.amount = sale.proceeds;
      row.gain_short = sale.term == Term::short_term ? sale.gain : std::nullopt;
      row.gain_long = sale.term == Term::long_term ? sale.gain : std::nullopt;
      book_.transactions.push_back(row);
    }
  }

  // What was reserved is paid; a later payment waits for its day.
  bool pay(const Request& request, AccountIndex index, Account& account) const {
    const Date due_until = book_.firm.as_of + account.effective_policy.cash_raise_days;
    if (request.account != index || request.kind != RequestKind::cash_out || request.due_on > due_until ||
        account.cash < *request.amount) {
      return false;
    }
    account.cash -= *request.amount;
    return true;
  }

  Book book_;
};

// False where the second run goes back on an identical group through another of its securities, which one run may not.
bool could_be_one_run(const Book& book, const AccountResult& first, const AccountResult& second) {
  for (const Order& a : first.orders) {
    for (const Order& b : second.orders) {
      const bool one_group = book.security(a.trade.security).group == book.security(b.trade.security).group;
      if (one_group && a.trade.side != b.trade.side && a.trade.security != b.trade.security) return false;
    }
  }
  return true;
}

// No other account of its taxpayers has orders in either run, whose gains or replacement shares would bear on it.
bool left_alone(const Book& book, AccountIndex index, const RunResult& first, const RunResult& second) {
  const std::vector<TaxpayerIndex>& own = book.account(index).wash_taxpayers;
  const auto bears_on_it = [&](const AccountResult& other) {
    const std::vector<TaxpayerIndex>& theirs = book.account(other.account).wash_taxpayers;
    return other.account != index && !other.orders.empty() && std::ranges::find_first_of(theirs, own) != theirs.end();
  };
  return std::ranges::none_of(first.accounts, bears_on_it) && std::ranges::none_of(second.accounts, bears_on_it);
}

// In mode cash_only one run raises cash or invests it, never both: what a payment's last step brought too much is
// invested by the second.
bool goes_both_ways(const Book& book, const AccountResult& first, const AccountResult& second) {
  const auto has = [](const AccountResult& result, Side side) {
    return std::ranges::any_of(result.orders, [side](const Order& order) { return order.trade.side == side; });
  };
  const bool cash_only = book.account(first.account).effective_policy.mode == Mode::cash_only;
  return cash_only && has(first, Side::sell) && has(second, Side::buy);
}

TEST(Properties, ASecondRunFindsNothingWorthwhile) {
  properties::hold(400, [](const RandomBook& rows, Wrong& wrong) {
    const Book book = rows.build();
    const RunResult first = clean_run(book, wrong);
    const Aftermath aftermath(book, first);
    const RunResult second = clean_run(aftermath.book(), wrong);
    for (std::size_t i = 0; i < first.accounts.size(); ++i) {
      const AccountResult& before = first.accounts[i];
      const AccountResult& after = second.accounts[i];
      if (!before.bound || !after.bound || !left_alone(book, before.account, first, second)) continue;
      if (goes_both_ways(book, before, after)) continue;
      if (falls_short(before) || falls_short(after) || !could_be_one_run(book, before, after)) continue;
      // Both runs' orders together are orders of the first run: they cannot beat its bound.
      const double found = after.objective_before - after.objective_after;
      // Commissions take value away: limits that are weights of it, a band's least say, ask for less the second time.
      const double less_asked = commissions_of(before) * std::max(0.05, slope_of_risk(book, before));
      const double worthwhile = gap_of(before) + cents_of(book, before, after) + less_asked;
      const BasisPoints least = book.account(before.account).effective_policy.improvement_min;
      if (found <= worthwhile + fraction(least) * before.investable.to_double()) continue;
      wrong << book.account(before.account).id.text << ": a second run finds " << found << " more, the gap was "
            << gap_of(before) << '\n';
    }
  });
}

// ── the same book, said otherwise

// Compares what two sayings of one book came to; `scale` times the dollars in the second.
void expect_alike(const Book& book, const RunResult& one, const RunResult& other, double scale, Wrong& wrong) {
  for (std::size_t i = 0; i < one.accounts.size(); ++i) {
    const AccountResult& a = one.accounts[i];
    const AccountResult& b = other.accounts[i];
    const std::string& id = book.account(a.account).id.text;
    if (i > 0 && !decided_alone(book, a.account)) continue;
    // Each lot's value is exact to a millionth of a dollar.
    const double lots = static_cast<double>(book.account(a.account).lots.size());
    const double rounding =
        1e-9 * std::abs(b.objective_before) + 1e-4 + 1e-6 * lots * scale * worth_of_a_dollar(book, a);
    if (std::abs(scale * a.objective_before - b.objective_before) > rounding) {
      wrong << id << ": an objective of " << a.objective_before << " becomes " << b.objective_before << '\n';
    }
    if (a.status == ResultStatus::held || !a.bound || !b.bound) continue;
    expect_not_above(book, b, a, scale, "said otherwise", wrong);
    expect_not_above(book, a, b, 1.0 / scale, "said so", wrong);
  }
}

void times(std::int64_t factor, Money& amount) { amount = Money::of_count(amount.count() * factor); }
void times(std::int64_t factor, std::optional<Money>& amount) {
  if (amount) times(factor, *amount);
}

// Every dollar is ten: prices, cash, basis, budgets. Shares stay.
Book in_dimes(Book book) {
  const auto ten = [](auto&... amounts) { (times(10, amounts), ...); };
  for (Security& one : book.securities) {
    if (one.price) one.price = Price::of_count(one.price->count() * 10);
  }
  for (TaxBrackets& one : book.brackets) {
    for (auto* list : {&one.ordinary, &one.long_term, &one.niit}) {
      for (TaxBracket& bracket : *list) ten(bracket.over);
    }
  }
  for (Taxpayer& one : book.taxpayers) {
    ten(one.ordinary_income, one.magi);
    ten(one.realized_short_ytd, one.realized_long_ytd, one.carryforward_short, one.carryforward_long,
        one.outside_gains_short, one.outside_gains_long, one.ordinary_loss_limit, one.gain_budget, one.tax_budget);
  }
  for (Account& account : book.accounts) {
    Policy& policy = account.effective_policy;
    ten(account.cash, policy.trade_min, policy.ticket_cost, policy.gain_budget, policy.tax_budget,
        policy.wash_sale_disallowed_max);
    for (TaxLot& lot : account.lots) ten(lot.cost_basis, lot.loss_basis);
  }
  for (Request& request : book.requests) ten(request.amount);
  for (Transaction& row : book.transactions) ten(row.amount, row.gain_short, row.gain_long);
  return book;
}

TEST(Properties, TenTimesTheMoneyIsTenTimesTheObjective) {
  properties::hold(250, [](const RandomBook& rows, Wrong& wrong) {
    const Book book = rows.build();
    expect_alike(book, clean_run(book, wrong), clean_run(in_dimes(book), wrong), 10.0, wrong);
  });
}

// Two shares for one: half the price, twice the shares, steps and locks of twice as many.
Book split(Book book) {
  const auto twice = [](Quantity& quantity) { quantity += quantity; };
  for (Security& one : book.securities) {
    if (one.price) one.price = Price::of_count(one.price->count() / 2);
    twice(one.quantity_step);
  }
  for (Account& account : book.accounts) {
    for (TaxLot& lot : account.lots) twice(lot.quantity);
  }
  for (Restriction& restriction : book.restrictions) {
    if (restriction.quantity) twice(*restriction.quantity);
  }
  for (Transaction& row : book.transactions) twice(row.quantity);
  return book;
}

bool has_even_prices(const Book& book) {
  return std::ranges::all_of(book.securities,
                             [](const Security& one) { return one.price && one.price->count() % 2 == 0; });
}

TEST(Properties, TwoSharesForOneAreTheSamePosition) {
  properties::hold(250, [](const RandomBook& rows, Wrong& wrong) {
    const Book book = rows.build();
    if (!has_even_prices(book)) return;
    expect_alike(book, clean_run(book, wrong), clean_run(split(book), wrong), 1.0, wrong);
  });
}

// A recent lot stays whole: the shares of the very lot sold are not their own replacement, its other half's would be.
Book halved(Book book) {
  for (Account& account : book.accounts) {
    std::vector<TaxLot> halves;
    for (TaxLot lot : account.lots) {
      const auto even = [](const std::optional<Money>& basis) { return !basis || basis->count() % 2 == 0; };
      if (lot.quantity.count() % 2 != 0 || !even(lot.cost_basis) || !even(lot.loss_basis) ||
          tax::is_young(lot, book.firm.as_of)) {
        halves.push_back(lot);
        continue;
      }
      const std::string id = lot.id.text;
      lot.quantity = Quantity::of_count(lot.quantity.count() / 2);
      if (lot.cost_basis) lot.cost_basis = Money::of_count(lot.cost_basis->count() / 2);
      if (lot.loss_basis) lot.loss_basis = Money::of_count(lot.loss_basis->count() / 2);
      for (const char* half : {"/1", "/2"}) {
        lot.id = LotId(id + half);
        halves.push_back(lot);
      }
    }
    account.lots = std::move(halves);
  }
  return book;
}

bool restricts_a_lot(const RandomBook& rows) {
  return std::ranges::any_of(
      rows.restrictions, [](const RestrictionDraft& draft) { return draft.subject_kind == RestrictionSubject::lot; });
}

TEST(Properties, ALotInTwoHalvesIsTheSameLot) {
  properties::hold(250, [](const RandomBook& rows, Wrong& wrong) {
    if (restricts_a_lot(rows)) return;
    const Book book = rows.build();
    expect_alike(book, clean_run(book, wrong), clean_run(halved(book), wrong), 1.0, wrong);
  });
}

TEST(Properties, ASecurityNobodyMayTradeChangesNothing) {
  properties::hold(250, [](const RandomBook& rows, Wrong& wrong) {
    RandomBook more = rows;
    more.securities.push_back({.id = "SBB", .tradable = false});
    const RunResult one = clean_run(rows.build(), wrong);
    const RunResult other = clean_run(more.build(), wrong);
    for (std::size_t i = 0; i < one.accounts.size(); ++i) {
      const bool same = one.accounts[i].objective_after == other.accounts[i].objective_after &&
                        one.accounts[i].bound == other.accounts[i].bound &&
                        one.accounts[i].orders.size() == other.accounts[i].orders.size();
      if (!same) wrong << "account " << i << " is decided otherwise\n";
    }
  });
}

// ── more and less

// One more rule for the account that is decided last: those before it do not notice.
struct Tighten {
  const char* name;
  void (*apply)(RandomBook&, const std::string& account);
};

void tighten_fraction(RandomBook& rows, const std::string& account, const char* setting, const char* value) {
  std::string& now = rows.settings[account][setting];
  if (now.empty() || weight(now) > weight(value)) now = value;
}
void tighten_dollars(RandomBook& rows, const std::string& account, const char* setting) {
  rows.settings[account][setting] = "0";
}
void restrict(RandomBook& rows, const std::string& account, RestrictionRule rule, const std::string& security) {
  rows.restrictions.push_back({.id = "R-tight", .scope_id = account, .rule = rule, .subject_id = security});
}

const Tighten ways[] = {
    {"never_sell",
     [](RandomBook& rows, const std::string& account) {
       const auto lot = std::ranges::find(rows.lots, account, &LotDraft::account);
       restrict(rows, account, RestrictionRule::never_sell, lot == rows.lots.end() ? "SA" : lot->security);
     }},
    {"never_buy",
     [](RandomBook& rows, const std::string& account) {
       restrict(rows, account, RestrictionRule::never_buy, rows.models.front().weights.back().first);
     }},
    {"freeze",
     [](RandomBook& rows, const std::string& account) {
       restrict(rows, account, RestrictionRule::freeze, rows.securities.front().id);
     }},
    {"trade_min_usd",
     [](RandomBook& rows, const std::string& account) {
       std::string& now = rows.settings[account]["trade_min_usd"];
       now = (money(now.empty() ? "200" : now) + Money::of_whole(700)).to_string();
     }},
    {"turnover_max",
     [](RandomBook& rows, const std::string& id) { tighten_fraction(rows, id, "turnover_max", "0.01"); }},
    {"position_weight_max",
     [](RandomBook& rows, const std::string& id) { tighten_fraction(rows, id, "position_weight_max", "0.08"); }},
    {"gain_budget", [](RandomBook& rows, const std::string& id) { tighten_dollars(rows, id, "gain_budget"); }},
    {"tax_budget", [](RandomBook& rows, const std::string& id) { tighten_dollars(rows, id, "tax_budget"); }},
    {"short_term_gains",
     [](RandomBook& rows, const std::string& account) { rows.settings[account]["short_term_gains"] = "avoid"; }},
    {"names_max", [](RandomBook& rows, const std::string& account) { rows.settings[account]["names_max"] = "1"; }},
    {"a cap through funds",
     [](RandomBook& rows, const std::string& account) {
       restrict(rows, account, RestrictionRule::weight_max, rows.securities.front().id);
       rows.restrictions.back().value = "0.07";
     }},
    {"location",
     [](RandomBook& rows, const std::string& account) { rows.settings[account]["location_us_equity_bps"] = "400"; }},
    {"a dearer band",
     [](RandomBook& rows, const std::string& account) {
       PolicyLayer& settings = rows.settings[account];
       const auto price = settings.find("band_us_equity_price_bps");
       if (price != settings.end()) price->second = "500";
     }},
};

TEST(Properties, TighterRulesNeverBeatTheBound) {
  properties::hold(120, [](const RandomBook& rows, Wrong& wrong) {
    const std::string& account = rows.accounts.back().id;
    const Book book = rows.build();
    const AccountResult loose = clean_run(book, wrong).accounts.back();
    for (const Tighten& way : ways) {
      RandomBook tighter = rows;
      way.apply(tighter, account);
      expect_not_above(book, loose, clean_run(tighter.build(), wrong).accounts.back(), 1.0, way.name, wrong);
    }
  });
}

// A fund that holds nothing but one security is that security for a cap: as if both had one tag.
TEST(Properties, AFundOfOneSecurityIsCappedLikeIt) {
  properties::hold(100, [](const RandomBook& rows, Wrong& wrong) {
    if (rows.securities.size() < 2) return;
    const std::string& one = rows.securities[0].id;
    const std::string& fund = rows.securities[1].id;
    RandomBook held = rows;
    held.fund_holdings = {{.fund = fund, .security = one, .weight = "1"}};
    held.restrictions = {{.id = "R",
                          .scope = RestrictionScope::firm,
                          .rule = RestrictionRule::weight_max,
                          .subject_id = one,
                          .value = "0.15"}};
    RandomBook tagged = rows;
    tagged.fund_holdings.clear();
    tagged.restrictions = held.restrictions;
    tagged.restrictions[0].subject_kind = RestrictionSubject::tag;
    tagged.restrictions[0].subject_id = "pair";
    for (const std::size_t i : {0U, 1U}) tagged.securities[i].tags.emplace_back("pair");
    const Book book = held.build();
    const RunResult through = clean_run(book, wrong);
    const RunResult plain = clean_run(tagged.build(), wrong);
    for (std::size_t i = 0; i < through.accounts.size(); ++i) {
      if (through.accounts[i].objective_after == plain.accounts[i].objective_after &&
          through.accounts[i].bound == plain.accounts[i].bound)
        continue;
      wrong << book.account(through.accounts[i].account).id.text << " is decided otherwise\n";
    }
  });
}

// A higher basis of lots that still show a gain can only take tax away.
TEST(Properties, AHigherBasisNeverHurts) {
  properties::hold(250, [](const RandomBook& rows, Wrong& wrong) {
    const Book book = rows.build();
    Book higher = book;
    Account& last = higher.accounts.back();
    for (TaxLot& lot : last.lots) {
      const std::optional<Price>& price = higher.security(lot.security).price;
      if (!price || !lot.cost_basis || lot.loss_basis) continue;
      const Money gain = value_of(lot.quantity, *price) - *lot.cost_basis;
      if (gain > Money::of_whole(1)) *lot.cost_basis += Money::of_count(gain.count() / 2);
    }
    const AccountResult was = clean_run(book, wrong).accounts.back();
    expect_not_above(book, clean_run(higher, wrong).accounts.back(), was, 1.0, "a higher basis", wrong);
  });
}

}  // namespace
}  // namespace lotwright
