#include "generation/book_files.h"

#include <fmt/format.h>

#include <map>

#include "book/treatment_words.h"

namespace lotwright::generation {
namespace {

const char* text_of(TransactionKind kind) {
  switch (kind) {
    case TransactionKind::buy:
      return "buy";
    case TransactionKind::sell:
      return "sell";
    case TransactionKind::reinvest:
      return "reinvest";
    case TransactionKind::transfer_in:
      return "transfer_in";
    case TransactionKind::transfer_out:
      return "transfer_out";
  }
  return "";
}

// A model that does not exist, or one that is rejected.
std::string model_of(const AccountPlan& account, std::optional<Fault> fault, const std::vector<Target>& targets) {
  if (fault == Fault::model_unknown) return "no_such_model";
  if (fault == Fault::model_sum_wrong) return broken_model::sum;
  if (fault == Fault::model_part_unknown) return broken_model::part;
  if (fault == Fault::model_in_a_circle) return broken_model::circle;
  return targets[account.target].id;
}

std::string taxpayer_of(const AccountPlan& account, std::optional<Fault> fault, const Family& family) {
  if (fault == Fault::taxpayer_missing) return "";
  if (fault == Fault::taxpayer_unknown) return "T-nobody";
  return account.taxpayer == nobody ? "" : family.taxpayers[account.taxpayer].id;
}

bool has_fault(const Family& family, std::size_t taxpayer, Fault fault) {
  for (const AccountPlan& account : family.accounts) {
    if (account.taxpayer == taxpayer && account.fault == fault) return true;
  }
  return false;
}

// The gains of this year that transactions.csv shows, of the taxable accounts of one taxpayer.
std::pair<Money, Money> gains_shown(const FamilyBook& book, std::size_t taxpayer, Date as_of) {
  std::pair<Money, Money> sums;
  for (std::size_t i = 0; i < book.family.accounts.size(); ++i) {
    if (book.family.accounts[i].taxpayer != taxpayer) continue;
    for (const TradeRow& trade : book.holdings[i].trades) {
      if (trade.date.civil().year != as_of.civil().year) continue;
      sums.first += trade.gain_short.value_or(Money());
      sums.second += trade.gain_long.value_or(Money());
    }
  }
  return sums;
}

}  // namespace

BookFiles::BookFiles(const std::string& folder, const std::string& beside, const Market& market,
                     const std::vector<Target>& targets, bool gzip, Day day)
    : market_(market),
      targets_(targets),
      day_(day),
      accounts_file_(folder + "/accounts.csv",
                     "account_id,household_id,taxpayer_id,tax_treatment,model_id,policy_id,cash,status,opened_on"),
      taxpayers_file_(folder + "/taxpayers.csv",
                      "taxpayer_id,rate_short,rate_long,realized_short_ytd,realized_long_ytd,carryforward_short,"
                      "carryforward_long,outside_gains_short,outside_gains_long,gain_budget,tax_budget,"
                      "ordinary_loss_limit,state"),
      lots_file_(folder + "/lots.csv",
                 "account_id,lot_id,security_id,quantity,cost_basis,acquired_on,held_from,loss_basis,loss_held_from",
                 gzip),
      trades_file_(folder + "/transactions.csv",
                   "transaction_id,account_id,trade_date,kind,security_id,quantity,amount,gain_short,gain_long,outside,"
                   "taxpayer_id,lot_id,discretionary",
                   gzip),
      settings_file_(folder + "/account_settings.csv",
                     "account_id,setting,value,effective_from,effective_to,source,scope,scope_id"),
      requests_file_(folder + "/requests.csv", "request_id,account_id,kind,amount,due_on,value,note"),
      restrictions_file_(folder + "/restrictions.csv",
                         "restriction_id,scope,scope_id,rule,subject_kind,subject_id,value,effective_from,effective_to,"
                         "source"),
      faults_file_(beside.empty() ? "" : beside + ".faults.csv", "account_id,fault"),
      reviews_file_(beside.empty() || day != Day::today ? "" : beside + ".reviews.csv", "account_id,fault"),
      positions_file_(day == Day::today ? folder + "/positions.csv" : "", "account_id,security_id,quantity") {}

void BookFiles::write(const FamilyBook& book) {
  ++counts_.families;
  for (std::size_t i = 0; i < book.family.accounts.size(); ++i) {
    const AccountPlan& account = book.family.accounts[i];
    if (!book.delivers(i)) continue;
    write_account(account, book.family, book.holdings[i]);
    write_lots(account, book.holdings[i]);
    if (day_ == Day::today) write_positions(account, book.holdings[i]);
    write_trades(account, book.holdings[i]);
    write_faulty_wishes(account);
  }
  for (const OutsideTrade& trade : book.outside) write_outside_trade(trade, book.family);
  for (std::size_t i = 0; i < book.family.taxpayers.size(); ++i) write_taxpayer(i, book);
  write_wishes(book.wishes);
  if (day_ == Day::before) return;
  for (const auto& [account, fault] : held_accounts(book.family)) {
    const bool held = level_of(fault) == Severity::hold;
    (held ? faults_file_ : reviews_file_).row(book.family.accounts[account].id, name_of(fault));
    if (held) ++counts_.held;
  }
}

void BookFiles::write_account(const AccountPlan& account, const Family& family, const Holdings& holdings) {
  const std::optional<Fault> fault = fault_of(account);
  Date opened_on = market_.days()[static_cast<std::size_t>(account.opened)];
  if (account.joins_today) opened_on = as_of();
  if (fault == Fault::account_appeared) opened_on = market_.days().front();
  const auto row = [&](const std::string& cash) {
    accounts_file_.row(account.id, account.household, taxpayer_of(account, fault, family),
                       fault == Fault::treatment_unknown ? "taxible" : lotwright::name_of(account.tax_treatment),
                       model_of(account, fault, targets_),
                       fault == Fault::policy_unknown ? "no_such_policy" : account.policy, cash,
                       account.frozen ? "frozen" : "active", opened_on);
  };
  row(fault == Fault::cash_unreadable ? "1,234.5x" : holdings.cash.to_string(2));
  if (fault == Fault::account_twice) row((holdings.cash + Money::of_whole(1)).to_string(2));
  ++counts_.accounts;
}

void BookFiles::write_taxpayer(std::size_t taxpayer, const FamilyBook& book) {
  const TaxpayerPlan& plan = book.family.taxpayers[taxpayer];
  const auto shown = gains_shown(book, taxpayer, as_of());
  std::string rate_short = plan.rate_short.to_string(), rate_long = plan.rate_long.to_string();
  const bool sound = day_ == Day::before;
  if (!sound && has_fault(book.family, taxpayer, Fault::tax_rates_reversed)) {
    rate_short = "0.15";
    rate_long = "0.238";
  }
  if (!sound && has_fault(book.family, taxpayer, Fault::taxpayer_unreadable)) rate_short = "24%";
  taxpayers_file_.row(plan.id, rate_short, rate_long, plan.earlier_short + shown.first,
                      plan.earlier_long + shown.second, plan.carryforward_short, plan.carryforward_long,
                      plan.outside_short, plan.outside_long, plan.gain_budget, plan.tax_budget,
                      plan.separate_return ? "1500" : "", plan.state);
}

void BookFiles::write_lot(const AccountPlan& account, const LotRow& lot) {
  lots_file_.row(account.id, lot.id, id_of(lot.security), lot.quantity, lot.cost_basis, lot.acquired_on, lot.held_from,
                 lot.loss_basis, lot.loss_held_from);
  ++counts_.lots;
}

void BookFiles::write_lots(const AccountPlan& account, const Holdings& holdings) {
  for (const LotRow& lot : holdings.lots) write_lot(account, lot);
  if (account.fault) write_faulty_lot(account, *account.fault);
}

// What the custodian holds: as the lots say, but for the faults that are about it.
void BookFiles::write_positions(const AccountPlan& account, const Holdings& holdings) {
  std::map<std::uint32_t, Quantity> sums;
  for (const LotRow& lot : holdings.lots) sums[lot.security] += lot.quantity;
  if (account.fault) {
    if (const auto role = doubtful_security(*account.fault))
      sums[market_.with(*role).front()] += Quantity::of_whole(10);
  }
  for (const auto& [security, quantity] : sums) {
    const bool broken = account.fault == Fault::position_break && security == holdings.lots.back().security;
    positions_file_.row(account.id, id_of(security), broken ? quantity + Quantity::of_whole(3) : quantity);
  }
  if (account.fault != Fault::position_unknown_lots) return;
  for (const std::uint32_t security : market_.with(Role::legacy)) {
    if (sums.contains(security)) continue;
    return positions_file_.row(account.id, id_of(security), "17");
  }
}

void BookFiles::write_faulty_lot(const AccountPlan& account, Fault fault) {
  const std::string& security = id_of(targets_[account.target].weights.front().first);
  const auto faulty = [&](const std::string& id, const char* quantity, const char* basis, const std::string& acquired,
                          const std::string& held_from = "") {
    lots_file_.row(account.id, "F1", id, quantity, basis, acquired, held_from, "", "");
    ++counts_.lots;
  };
  const std::string day = (as_of() - 500).to_string();
  // What a test of bases believes of ten shares whose prices lie between ten and a hundred dollars.
  const char* const base = "400.00";
  if (const auto role = doubtful_security(fault)) {
    faulty(id_of(market_.with(*role).front()), "10", day_ == Day::alone ? "100.00" : base, day);
  }
  if (day_ == Day::before) return;
  switch (fault) {
    case Fault::lot_quantity_unreadable:
      return faulty(security, "12x", "100.00", day);
    case Fault::lot_quantity_negative:
      return faulty(security, "-10", "100.00", day);
    case Fault::lot_date_unreadable:
      return faulty(security, "10", "100.00", "2024-02-30");
    case Fault::lot_in_future:
      return faulty(security, "10", "100.00", (as_of() + 3).to_string());
    case Fault::lot_dates_reversed:
      return faulty(security, "10", "100.00", day, (as_of() - 100).to_string());
    case Fault::lot_security_unknown:
      return faulty("S-nothing", "10", "100.00", day);
    case Fault::lot_basis_unreadable:
      return faulty(security, "10", "1.000,00", day);
    case Fault::lot_duplicate:
      faulty(security, "10", "100.00", day);
      return faulty(security, "11", "100.00", day);
    case Fault::lot_row_short:
      ++counts_.lots;
      return lots_file_.raw(account.id + ",F1," + security + ",10");
    case Fault::lots_of_unknown_basis:
      return faulty(security, "10", "", day);
    default:
      return;
  }
}

void BookFiles::write_trade(const AccountPlan& account, const TradeRow& trade) {
  trades_file_.row(fmt::format("X{:09}", ++trades_), account.id, trade.date, text_of(trade.kind), id_of(trade.security),
                   trade.quantity, trade.amount, trade.gain_short, trade.gain_long, "", "", trade.lot,
                   trade.discretionary ? "" : "no");
  ++counts_.trades;
}

void BookFiles::write_outside_trade(const OutsideTrade& outside, const Family& family) {
  const TradeRow& trade = outside.trade;
  const std::string& taxpayer = family.taxpayers[outside.taxpayer].id;
  trades_file_.row(fmt::format("X{:09}", ++trades_), "elsewhere-" + taxpayer, trade.date, text_of(trade.kind),
                   id_of(trade.security), trade.quantity, trade.amount, trade.gain_short, trade.gain_long, "yes",
                   taxpayer, "", "");
  ++counts_.trades;
}

void BookFiles::write_trades(const AccountPlan& account, const Holdings& holdings) {
  for (const TradeRow& trade : holdings.trades) write_trade(account, trade);
  const std::string& security = id_of(targets_[account.target].weights.front().first);
  const auto faulty = [&](const std::string& id, const char* quantity) {
    trades_file_.row(id, account.id, as_of() - 5, "buy", security, quantity, "100.00", "", "", "", "", "", "");
    ++counts_.trades;
  };
  const std::optional<Fault> fault = fault_of(account);
  if (fault == Fault::trade_quantity_unreadable) faulty(fmt::format("X{:09}", ++trades_), "ten");
  if (fault != Fault::trade_twice) return;
  const std::string twice = fmt::format("X{:09}", ++trades_);
  faulty(twice, "1");
  faulty(twice, "2");
}

void BookFiles::write(const std::vector<RestrictionRow>& restrictions) {
  for (const RestrictionRow& row : restrictions) write_restriction(row);
}

void BookFiles::write_restriction(const RestrictionRow& row) {
  restrictions_file_.row(fmt::format("R{:08}", ++restrictions_), row.scope, row.scope_id, row.rule, row.subject_kind,
                         row.subject_id, row.value, row.period.from, row.period.to,
                         row.scope == "firm" ? "compliance" : "client");
}

void BookFiles::write_request(const RequestRow& row) {
  requests_file_.row(fmt::format("Q{:08}", ++requests_), row.account, row.kind, row.amount, row.due_on, row.value, "");
}

void BookFiles::write_setting(const SettingRow& row) {
  settings_file_.row(row.household ? "" : row.owner, row.setting, row.value, row.period.from, row.period.to, "adviser",
                     row.household ? "household" : "", row.household ? row.owner : "");
}

void BookFiles::write_wishes(const Wishes& wishes) {
  for (const SettingRow& row : wishes.settings) write_setting(row);
  for (const RequestRow& row : wishes.requests) write_request(row);
  for (const RestrictionRow& row : wishes.restrictions) write_restriction(row);
}

void BookFiles::write_faulty_wishes(const AccountPlan& account) {
  if (!fault_of(account)) return;
  const std::string& id = account.id;
  const std::string& security = id_of(targets_[account.target].weights.front().first);
  const auto restrict_to = [&](const char* rule, const std::string& subject, Period period = {}) {
    write_restriction({"account", id, rule, "security", subject, "", period});
  };
  switch (*account.fault) {
    case Fault::setting_unknown:
      return write_setting({false, id, "risk_avversion", "20", {}});
    case Fault::setting_unreadable:
      return write_setting({false, id, "turnover_max", "5 %", {}});
    case Fault::settings_contradict:
      write_setting({false, id, "improvement_min_bps", "1", {}});
      return write_setting({false, id, "improvement_min_bps", "2", {}});
    case Fault::household_setting_unreadable:
      return write_setting({true, account.household_id(), "mode", "aggressive", {}});
    case Fault::lots_of_unknown_basis:
      return write_setting({false, id, "unknown_basis", "hold", {}});
    case Fault::request_without_amount:
      return write_request({id, "cash_out", {}, as_of() + 1, ""});
    case Fault::request_model_unknown:
      return write_request({id, "model_change", {}, as_of(), "no_such_model"});
    case Fault::restriction_security_unknown:
      return restrict_to("never_buy", "S-nothing");
    case Fault::restriction_dates_reversed:
      return restrict_to("never_buy", security, {as_of(), as_of() - 10});
    case Fault::restriction_without_value:
      return restrict_to("weight_max", security);
    case Fault::restrictions_contradict:
      lots_file_.row(id, "F1", security, "10", "100.00", as_of() - 500, "", "", "");
      ++counts_.lots;
      restrict_to("sell_all", security);
      return restrict_to("never_sell", security);
    default:
      return;
  }
}

std::optional<Failure> BookFiles::close() {
  std::optional<Failure> first;
  for (CsvFile* file : {&accounts_file_, &taxpayers_file_, &lots_file_, &trades_file_, &settings_file_, &requests_file_,
                        &restrictions_file_, &faults_file_, &reviews_file_, &positions_file_}) {
    auto failure = file->close();
    if (failure && !first) first = std::move(failure);
  }
  return first;
}

}  // namespace lotwright::generation
