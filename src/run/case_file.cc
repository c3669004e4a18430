#include "run/case_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>

#include "run/names.h"

namespace lotwright {
namespace {

using Out = std::back_insert_iterator<std::string>;

std::string text_of(const std::optional<Money>& amount) { return amount ? amount->to_string(2) : "unknown"; }

void write_breaches(Out out, const Book& book, const std::vector<Breach>& breaches) {
  for (const Breach& breach : breaches) {
    fmt::format_to(out, "breach {} {} security={} lot={}: {}\n", book.account(breach.account).id.text, breach.rule,
                   breach.security_id, breach.lot_id, breach.message);
  }
}

void write_result(Out out, const Book& book, const AccountResult& result) {
  const Account& account = book.account(result.account);
  fmt::format_to(
      out, "account {} status={} value={} investable={} cash_before={} cash_after={} gain_short={} gain_long={}\n",
      account.id.text, name_of(result.status), result.value.to_string(2), result.investable.to_string(2),
      result.cash_before.to_string(2), result.cash_after.to_string(2), result.gain_short.to_string(2),
      result.gain_long.to_string(2));
  for (const Finding& finding : result.exceptions) {
    fmt::format_to(out, "exception {} {} {}: {}\n", account.id.text, finding.rule, name_of(finding.severity),
                   finding.message);
  }
  for (const Order& order : result.orders) {
    const Trade& trade = order.trade;
    fmt::format_to(out, "order {} {} quantity={} price={} amount={} commission={} reason={}\n", order.id,
                   name_of(trade.side), trade.quantity.to_string(), trade.price.to_string(), trade.amount.to_string(2),
                   trade.commission.to_string(2), order.reason);
    for (const LotSale& sale : trade.lots) {
      fmt::format_to(out, "lot_sale {} lot={} quantity={} proceeds={} cost_basis={} gain={} term={} disallowed={}\n",
                     order.id, account.lots[sale.lot].id.text, sale.quantity.to_string(), sale.proceeds.to_string(2),
                     text_of(sale.cost_basis), text_of(sale.gain), name_of(sale.term), sale.disallowed.to_string(2));
    }
  }
}

void write_account(Out out, const Book& book, const Account& account) {
  const bool taxed = account.taxpayer.exists();
  fmt::format_to(out, "given {} household={} taxpayer={} treatment={} model={} policy={} cash={} status={}\n",
                 account.id.text, book.households[account.household.value].id.text,
                 taxed ? book.taxpayers[account.taxpayer.value].id.text : "", name_of(account.tax_treatment),
                 account.model, account.policy, account.cash.to_string(2), name_of(account.status));
  for (const TaxLot& lot : account.lots) {
    const Security& security = book.security(lot.security);
    fmt::format_to(out, "lot {} {} {} quantity={} cost_basis={} acquired_on={} held_from={} price={}\n",
                   account.id.text, lot.id.text, security.id.text, lot.quantity.to_string(), text_of(lot.cost_basis),
                   lot.acquired_on.to_string(), lot.held_from.to_string(),
                   security.price ? security.price->to_string() : "unknown");
  }
}

void write_taxpayers(Out out, const Book& book, const std::set<TaxpayerIndex>& taxpayers) {
  for (const TaxpayerIndex index : taxpayers) {
    const Taxpayer& payer = book.taxpayers[index.value];
    fmt::format_to(out,
                   "taxpayer {} rate_short={} rate_long={} realized_ytd={}/{} carryforward={}/{} outside_gains={}/{} "
                   "gain_budget={} tax_budget={}\n",
                   payer.id.text, payer.rate_short.to_string(), payer.rate_long.to_string(),
                   payer.realized_short_ytd.to_string(2), payer.realized_long_ytd.to_string(2),
                   payer.carryforward_short.to_string(2), payer.carryforward_long.to_string(2),
                   payer.outside_gains_short.to_string(2), payer.outside_gains_long.to_string(2),
                   payer.gain_budget ? payer.gain_budget->to_string(2) : "none",
                   payer.tax_budget ? payer.tax_budget->to_string(2) : "none");
  }
}

void write_around(Out out, const Book& book, const std::set<AccountIndex>& accounts,
                  const std::set<TaxpayerIndex>& taxpayers) {
  for (const Request& request : book.requests) {
    if (!accounts.contains(request.account)) continue;
    fmt::format_to(out, "request {} {} kind={} amount={} due_on={} value={}\n", request.id,
                   book.account(request.account).id.text, name_of(request.kind),
                   request.amount ? request.amount->to_string(2) : "none", request.due_on.to_string(), request.value);
  }
  for (const Restriction& one : book.restrictions) {
    const bool ours = one.scope == RestrictionScope::firm || accounts.contains(one.account) ||
                      std::ranges::any_of(accounts, [&](AccountIndex account) {
                        return one.household.exists() && book.account(account).household == one.household;
                      });
    if (!ours) continue;
    fmt::format_to(out, "restriction {} rule={} subject={} value={}{}\n", one.id, name_of(one.rule), one.subject_id,
                   one.weight ? one.weight->to_string() : "", one.quantity ? one.quantity->to_string() : "");
  }
  for (const Transaction& one : book.transactions) {
    const bool ours = accounts.contains(one.account) || taxpayers.contains(one.taxpayer);
    if (!ours || one.trade_date + 61 < book.firm.as_of || !one.security.exists()) continue;
    fmt::format_to(out, "transaction {} {} {} kind={} {} quantity={} amount={} gain={}/{}\n", one.id,
                   one.account.exists() ? book.account(one.account).id.text : "outside", one.trade_date.to_string(),
                   name_of(one.kind), book.security(one.security).id.text, one.quantity.to_string(),
                   one.amount.to_string(2), text_of(one.gain_short), text_of(one.gain_long));
  }
}

}  // namespace

std::string case_text(const Book& book, const std::vector<AccountResult>& results,
                      const std::vector<Breach>& breaches) {
  std::string text;
  const Out out = std::back_inserter(text);
  std::set<AccountIndex> accounts;
  std::set<TaxpayerIndex> taxpayers;
  fmt::format_to(out, "case as_of={}\n", book.firm.as_of.to_string());
  write_breaches(out, book, breaches);
  for (const AccountResult& result : results) {
    accounts.insert(result.account);
    for (const TaxpayerIndex payer : book.account(result.account).wash_taxpayers) taxpayers.insert(payer);
    write_result(out, book, result);
  }
  for (const AccountIndex account : accounts) write_account(out, book, book.account(account));
  write_taxpayers(out, book, taxpayers);
  write_around(out, book, accounts, taxpayers);
  return text;
}

std::string case_name(const Book& book, const DecisionUnit& unit) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  std::string name = "cases/";
  for (const char letter : book.account(unit.accounts.front()).id.text) {
    if (plain.find(letter) != std::string_view::npos) {
      name += letter;
    } else {
      name += fmt::format("%{:02X}", static_cast<unsigned char>(letter));
    }
  }
  return name + ".txt";
}

}  // namespace lotwright
