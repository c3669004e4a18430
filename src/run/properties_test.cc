// What must hold of every run by itself, tried on random small households: nothing the verifier objects to, money and
// shares conserved, reasons that add up, the order of rows and the number of threads without effect.

#include "testing/properties.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "checks/lots.h"
#include "run/clean_run.h"
#include "run/summary.h"
#include "tax/lot_relief.h"

namespace lotwright {
namespace {

using properties::clean_run;
using properties::Wrong;

// ── conservation

Money paid(const Trade& trade) { return (trade.side == Side::buy ? trade.amount : -trade.amount) + trade.commission; }

void judge_lot(const Account& account, const Trade& trade, const LotSale& sale, Wrong& wrong) {
  if (sale.lot >= account.lots.size()) {
    wrong << "a lot that is not there is sold\n";
    return;
  }
  const TaxLot& lot = account.lots[sale.lot];
  if (lot.security != trade.security) wrong << lot.id.text << " is of another security\n";
  if (!sale.quantity.is_positive() || sale.quantity > lot.quantity) {
    wrong << lot.id.text << ": " << sale.quantity.to_string() << " of " << lot.quantity.to_string() << " sold\n";
  }
  if (sale.gain && sale.cost_basis && *sale.gain != sale.proceeds - *sale.cost_basis) {
    wrong << lot.id.text << ": the gain is not proceeds less basis\n";
  }
  const bool whole = sale.quantity == lot.quantity && !lot.loss_basis;
  if (whole && sale.cost_basis && lot.cost_basis && sale.cost_basis != lot.cost_basis) {
    wrong << lot.id.text << ": the whole lot is sold and its whole basis is not\n";
  }
}

void judge_trade(const Book& book, const Account& account, const Trade& trade, Wrong& wrong) {
  const std::string& id = book.security(trade.security).id.text;
  if (trade.price != book.security(trade.security).price) wrong << id << ": not the book's price\n";
  if (trade.amount != amount_of(trade.quantity, trade.price)) wrong << id << ": not the amount of its quantity\n";
  if (!trade.quantity.is_positive()) wrong << id << ": an order for nothing\n";
  Quantity sold;
  Money proceeds;
  std::set<std::uint32_t> seen;
  for (const LotSale& sale : trade.lots) {
    judge_lot(account, trade, sale, wrong);
    if (!seen.insert(sale.lot).second) wrong << id << ": a lot is sold twice\n";
    sold += sale.quantity;
    proceeds += sale.proceeds;
  }
  if (trade.side == Side::buy && !trade.lots.empty()) wrong << id << ": a purchase sells lots\n";
  if (trade.side == Side::sell && sold != trade.quantity) wrong << id << ": lots do not make up the order\n";
  if (trade.side == Side::sell && proceeds != trade.amount) wrong << id << ": proceeds do not make up the amount\n";
}

void judge_account(const Book& book, const AccountResult& result, Wrong& wrong) {
  const Account& account = book.account(result.account);
  Money cash = account.cash;
  Money gain;
  std::set<SecurityIndex> traded;
  for (const Order& order : result.orders) {
    const Trade& trade = order.trade;
    if (!traded.insert(trade.security).second) wrong << order.id << ": two orders for one security\n";
    judge_trade(book, account, trade, wrong);
    cash -= paid(trade);
    for (const LotSale& sale : trade.lots) gain += sale.gain ? *sale.gain + sale.disallowed : Money();
  }
  const std::string& id = account.id.text;
  if (result.cash_before != account.cash || result.cash_after != cash) {
    wrong << id << ": cash " << result.cash_after.to_string() << " is not what the orders leave, " << cash.to_string()
          << '\n';
  }
  if (cash < std::min(Money(), account.cash)) wrong << id << ": cash is below zero and below what it was\n";
  if (account.tax_treatment == TaxTreatment::taxable && result.gain_short + result.gain_long != gain) {
    wrong << id << ": the gains are not those of its lots\n";
  }
}

TEST(Properties, MoneyAndSharesAreConserved) {
  properties::hold(1000, [](const RandomBook& rows, Wrong& wrong) {
    const Book book = rows.build();
    for (const AccountResult& result : clean_run(book, wrong).accounts) judge_account(book, result, wrong);
  });
}

// ── reasons

TEST(Properties, ReasonsAddUpToTheCent) {
  properties::hold(500, [](const RandomBook& rows, Wrong& wrong) {
    const Book book = rows.build();
    for (const AccountResult& result : clean_run(book, wrong).accounts) {
      Money net;
      Money funding;
      for (const ReasonRow& row : result.reasons) {
        if (row.net != row.benefit - row.tax - row.cost + row.funding) wrong << row.security_id << ": a false sum\n";
        if (row.decision != Decision::bought && row.decision != Decision::sold && row.decision != Decision::cash)
          continue;
        net += row.net;
        funding += row.funding;
      }
      if (result.orders.empty()) continue;
      const std::string& id = book.account(result.account).id.text;
      const double improvement = result.objective_before - result.objective_after;
      if (std::abs(net.to_double() - improvement) > 0.0051 + 1e-12 * std::abs(result.objective_before)) {
        wrong << id << ": reasons make " << net.to_string() << ", the objective fell by " << improvement << '\n';
      }
      if (!funding.is_zero()) wrong << id << ": funding makes " << funding.to_string() << '\n';
    }
  });
}

// ── losses

// The lots at a loss by the book alone: known basis, today's price. An untaxed account has none.
std::map<std::string, int> loss_lots(const Book& book, const Account& account) {
  std::map<std::string, int> lots;
  for (const TaxLot& lot : account.lots) {
    const Security& security = book.security(lot.security);
    const TaxLot taxed = lot_as_taxed(account, lot);
    const auto gain = tax::unrealized_gain(taxed, *security.price);
    if (gain && gain->is_negative()) ++lots[security.id.text];
  }
  return lots;
}

void judge_harvests(const Book& book, const AccountResult& result, Wrong& wrong) {
  const Account& account = book.account(result.account);
  const std::vector<HarvestRow>& rows = result.harvests;
  const std::string& id = account.id.text;
  const auto own = std::ranges::count(rows, std::string(), &HarvestRow::security_id);
  if (own != (account.tax_treatment == TaxTreatment::taxable ? 1 : 0))
    wrong << id << ": " << own << " rows of its own\n";
  if (rows.empty() || rows.front().status == HarvestStatus::not_scanned) return;
  std::map<std::string, Money> taken;
  for (const Order& order : result.orders) {
    for (const LotSale& sale : order.trade.lots) {
      if (sale.gain && sale.gain->is_negative()) taken[book.security(order.trade.security).id.text] -= *sale.gain;
    }
  }
  std::map<std::string, int> lots = loss_lots(book, account);
  HarvestRow sum;
  Money value;
  for (const HarvestRow& row : rows) {
    if (row.loss != row.taken + row.skipped)
      wrong << id << ' ' << row.security_id << ": found is not taken and skipped\n";
    if (row.security_id.empty()) continue;
    if (row.skipped.is_positive() != !row.rule.empty())
      wrong << id << ' ' << row.security_id << ": skipped in silence\n";
    if (row.taken != taken[row.security_id]) wrong << id << ' ' << row.security_id << ": taken is not what was sold\n";
    if (row.lots < lots[row.security_id]) wrong << id << ' ' << row.security_id << ": a lot is not counted\n";
    taken.erase(row.security_id);
    lots.erase(row.security_id);
    sum.loss += row.loss;
    sum.taken += row.taken;
    sum.disallowed += row.disallowed;
    sum.skipped += row.skipped;
    sum.lots += row.lots;
    value += row.value.value_or(Money());
  }
  for (const auto& [security, count] : lots) wrong << id << ' ' << security << ": " << count << " lots have no row\n";
  for (const auto& [security, loss] : taken) wrong << id << ' ' << security << ": taken and not told\n";
  const HarvestRow& all = rows.front();
  if (sum.loss != all.loss || sum.taken != all.taken || sum.disallowed != all.disallowed ||
      sum.skipped != all.skipped || sum.lots != all.lots || value != all.value.value_or(Money())) {
    wrong << id << ": the securities do not add up to the account\n";
  }
}

void judge_harvest_figures(const HarvestFigures& figures, Wrong& wrong) {
  Money skipped;
  for (const auto& [rule, amount] : figures.skipped_by) skipped += amount;
  if (figures.accounts != figures.scanned + figures.not_scanned) wrong << "an account was dropped\n";
  if (figures.loss != figures.taken + figures.skipped) wrong << "found is not taken and skipped\n";
  if (figures.skipped != skipped) wrong << "the rules do not add up to what was skipped\n";
}

// Also of runs that are not clean: what the verifier refuses is skipped with its name.
TEST(Properties, NoLossIsPassedOverInSilence) {
  properties::hold(500, [](const RandomBook& rows, Wrong& wrong) {
    const Book book = rows.build();
    const RunResult run = run_of(book, engine_steps(book));
    for (const AccountResult& result : run.accounts) judge_harvests(book, result, wrong);
    judge_harvest_figures(summarize(book, run).harvest, wrong);
  });
}

// ── order of rows, threads, other units

void expect_same(const AccountResult& a, const AccountResult& b, Wrong& wrong) {
  const bool same = trades_of(a) == trades_of(b) && a.status == b.status && a.objective_before == b.objective_before &&
                    a.objective_after == b.objective_after && a.bound == b.bound && a.exceptions == b.exceptions;
  if (!same) wrong << "account " << a.account.value << " is decided otherwise\n";
}

template <class Row>
void shuffle(std::vector<Row>& rows, std::mt19937_64& random) {
  for (std::size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[random() % i]);
}

// Requests and transactions take their ids from their order: they stay.
RandomBook shuffled(RandomBook book) {
  std::mt19937_64 random(7);
  for (ModelRows& model : book.models) shuffle(model.weights, random);
  shuffle(book.securities, random);
  shuffle(book.models, random);
  shuffle(book.taxpayers, random);
  shuffle(book.accounts, random);
  shuffle(book.lots, random);
  shuffle(book.restrictions, random);
  shuffle(book.substitutes, random);
  return book;
}

TEST(Properties, TheOrderOfRowsAndTheNumberOfThreadsChangeNothing) {
  properties::hold(300, [](const RandomBook& rows, Wrong& wrong) {
    const RunResult run = clean_run(rows.build(), wrong);
    const RunResult other = clean_run(shuffled(rows).build(), wrong, 3);
    for (std::size_t i = 0; i < run.accounts.size(); ++i) expect_same(run.accounts[i], other.accounts[i], wrong);
  });
}

// A second household just like the first, with a firm's restrictions for both.
RandomBook with_a_twin(RandomBook book) {
  const auto again = [](auto& rows, auto rename) {
    for (std::size_t i = 0, n = rows.size(); i < n; ++i) {
      rows.push_back(rows[i]);
      rename(rows.back());
    }
  };
  const auto twin = [](std::string& id) {
    if (!id.empty()) id = "twin-" + id;
  };
  again(book.taxpayers, [&](TaxpayerDraft& row) { twin(row.id); });
  again(book.accounts, [&](AccountDraft& row) { twin(row.id), twin(row.household), twin(row.taxpayer); });
  again(book.lots, [&](LotDraft& row) { twin(row.account); });
  again(book.requests, [&](RequestDraft& row) { twin(row.account); });
  again(book.transactions, [&](TransactionDraft& row) { twin(row.account), twin(row.taxpayer); });
  std::vector<RestrictionDraft> own = book.restrictions;
  std::erase_if(own, [](const RestrictionDraft& row) { return row.scope == RestrictionScope::firm; });
  for (RestrictionDraft& row : own) {
    twin(row.id), twin(row.scope_id);
    book.restrictions.push_back(row);
  }
  for (const auto& [account, layer] : std::map(book.settings)) book.settings["twin-" + account] = layer;
  return book;
}

TEST(Properties, AHouseholdIsDecidedAsIfItWereAlone) {
  properties::hold(300, [](const RandomBook& rows, Wrong& wrong) {
    const RunResult alone = clean_run(rows.build(), wrong);
    const RunResult both = clean_run(with_a_twin(rows).build(), wrong, 2);
    for (std::size_t i = 0; i < alone.accounts.size(); ++i) {
      for (const std::size_t j : {i, i + alone.accounts.size()}) {
        AccountResult other = both.accounts.at(j);
        const AccountResult& one = alone.accounts[i];
        const bool same = trades_of(one).trades == trades_of(other).trades && one.status == other.status &&
                          one.objective_after == other.objective_after && one.bound == other.bound;
        if (!same) wrong << "account " << i << " is decided otherwise beside a twin, as " << j << '\n';
      }
    }
  });
}

}  // namespace
}  // namespace lotwright
