#include "testing/simpler_books.h"

#include <algorithm>
#include <string_view>
#include <type_traits>
#include <utility>

namespace lotwright {
namespace {

// The fields of each kind of row, in the order they are printed; what a simpler book may put back to its default.
template <class Visit>
void visit_fields(SecurityDraft& row, Visit visit) {
  visit("id", row.id);
  visit("price", row.price);
  visit("priced_on", row.price_date);
  visit("kind", row.kind);
  visit("group", row.group);
  visit("asset_class", row.asset_class);
  visit("sector", row.sector);
  visit("industry", row.industry);
  visit("country", row.country);
  visit("tags", row.tags);
  visit("quantity_step", row.quantity_step);
  visit("half_spread_bps", row.half_spread_bps);
  visit("tradable", row.tradable);
  visit("exposures", row.exposures);
  visit("volatility", row.volatility);
  visit("alpha", row.alpha);
}
template <class Visit>
void visit_fields(TaxpayerDraft& row, Visit visit) {
  visit("id", row.id);
  visit("rate_short", row.rate_short);
  visit("rate_long", row.rate_long);
  visit("realized_short_ytd", row.realized_short_ytd);
  visit("realized_long_ytd", row.realized_long_ytd);
  visit("carryforward_short", row.carryforward_short);
  visit("carryforward_long", row.carryforward_long);
  visit("outside_gains_short", row.outside_gains_short);
  visit("outside_gains_long", row.outside_gains_long);
  visit("gain_budget", row.gain_budget);
  visit("tax_budget", row.tax_budget);
  visit("filing_status", row.filing_status);
  visit("ordinary_income", row.ordinary_income);
  visit("magi", row.magi);
}
template <class Visit>
void visit_fields(AccountDraft& row, Visit visit) {
  visit("id", row.id);
  visit("household", row.household);
  visit("taxpayer", row.taxpayer);
  visit("tax_treatment", row.treatment);
  visit("model", row.model);
  visit("cash", row.cash);
  visit("status", row.status);
}
template <class Visit>
void visit_fields(LotDraft& row, Visit visit) {
  visit("account", row.account);
  visit("id", row.id);
  visit("security", row.security);
  visit("quantity", row.quantity);
  visit("cost_basis", row.cost_basis);
  visit("acquired_on", row.acquired_on);
  visit("held_from", row.held_from);
  visit("loss_basis", row.loss_basis);
  visit("loss_held_from", row.loss_held_from);
}
template <class Visit>
void visit_fields(RestrictionDraft& row, Visit visit) {
  visit("id", row.id);
  visit("scope", row.scope);
  visit("scope_id", row.scope_id);
  visit("rule", row.rule);
  visit("subject_kind", row.subject_kind);
  visit("subject_id", row.subject_id);
  visit("value", row.value);
  visit("screen", row.screen);
  visit("effective_from", row.effective_from);
  visit("effective_to", row.effective_to);
}
template <class Visit>
void visit_fields(FundHoldingDraft& row, Visit visit) {
  visit("fund", row.fund);
  visit("security", row.security);
  visit("weight", row.weight);
}
template <class Visit>
void visit_fields(RequestDraft& row, Visit visit) {
  visit("account", row.account);
  visit("kind", row.kind);
  visit("amount", row.amount);
  visit("due_on", row.due_on);
  visit("value", row.value);
}
template <class Visit>
void visit_fields(TransactionDraft& row, Visit visit) {
  visit("account", row.account);
  visit("taxpayer", row.taxpayer);
  visit("trade_date", row.trade_date);
  visit("kind", row.kind);
  visit("security", row.security);
  visit("quantity", row.quantity);
  visit("amount", row.amount);
  visit("gain_short", row.gain_short);
  visit("gain_long", row.gain_long);
  visit("outside", row.outside);
  visit("discretionary", row.discretionary);
}
template <class Visit>
void visit_fields(SubstituteDraft& row, Visit visit) {
  visit("security", row.security);
  visit("substitute", row.substitute);
  visit("hurdle_bps", row.hurdle_bps);
  visit("buyable", row.buyable);
}

// Fields that say what a row is, or without which it would not build.
bool may_reset(std::string_view field) {
  for (const char* fixed :
       {"id",     "account",  "security",   "substitute", "household",     "model",        "scope",      "scope_id",
        "rule",   "kind",     "fund",       "weight",     "screen",        "subject_kind", "subject_id", "value",
        "amount", "quantity", "trade_date", "cost_basis", "tax_treatment", "outside"}) {
    if (field == fixed) return false;
  }
  return true;
}

using Books = std::vector<RandomBook>;

template <class Row>
void without_each(const RandomBook& book, std::vector<Row> RandomBook::*rows, Books& simpler) {
  for (std::size_t i = 0; i < (book.*rows).size(); ++i) {
    RandomBook fewer = book;
    (fewer.*rows).erase((fewer.*rows).begin() + static_cast<std::ptrdiff_t>(i));
    simpler.push_back(std::move(fewer));
  }
}

// All rows of a kind gone at once: the fastest way down where they do not matter.
template <class Row>
void without_all(const RandomBook& book, std::vector<Row> RandomBook::*rows, Books& simpler) {
  if ((book.*rows).size() < 2) return;
  simpler.push_back(book);
  (simpler.back().*rows).clear();
}

template <class Row>
void with_defaults(const RandomBook& book, std::vector<Row> RandomBook::*rows, Books& simpler) {
  for (std::size_t i = 0; i < (book.*rows).size(); ++i) {
    Row row = (book.*rows)[i];
    Row defaults;
    std::vector<Row> variants;
    visit_fields(row, [&](std::string_view name, auto& value) {
      if (!may_reset(name)) return;
      visit_fields(defaults, [&](std::string_view other, auto& plain) {
        if constexpr (std::is_same_v<decltype(value), decltype(plain)>) {
          if (other != name || value == plain) return;
          auto was = std::exchange(value, plain);
          variants.push_back(row);
          value = std::move(was);
        }
      });
    });
    for (Row& variant : variants) {
      simpler.push_back(book);
      (simpler.back().*rows)[i] = std::move(variant);
    }
  }
}

void drop_account(RandomBook& book, const std::string& id) {
  const auto is_its = [&](const auto& row) { return row.account == id; };
  std::erase_if(book.accounts, [&](const AccountDraft& row) { return row.id == id; });
  std::erase_if(book.lots, is_its);
  std::erase_if(book.requests, is_its);
  std::erase_if(book.transactions, is_its);
  std::erase_if(book.restrictions, [&](const RestrictionDraft& row) { return row.scope_id == id; });
  book.settings.erase(id);
}

// What the models gave it goes to their first remaining security.
void drop_security(RandomBook& book, const std::string& id) {
  const auto is_it = [&](const auto& row) { return row.security == id; };
  std::erase_if(book.securities, [&](const SecurityDraft& row) { return row.id == id; });
  std::erase_if(book.lots, is_it);
  std::erase_if(book.transactions, is_it);
  std::erase_if(book.fund_holdings, [&](const FundHoldingDraft& row) { return row.fund == id || row.security == id; });
  std::erase_if(book.substitutes,
                [&](const SubstituteDraft& row) { return row.security == id || row.substitute == id; });
  for (ModelRows& model : book.models) {
    std::erase_if(model.weights, [&](const auto& part) { return part.first == id; });
    Weight others;
    for (const auto& part : model.weights) others += weight(part.second);
    const std::string rest = (Weight::of_whole(1) - others).to_string();
    if (model.weights.empty()) {
      model.weights.emplace_back(book.securities.front().id, rest);
    } else {
      std::string& first = model.weights.front().second;
      first = (weight(first) + weight(rest)).to_string();
    }
  }
}

void without_accounts(const RandomBook& book, Books& simpler) {
  for (const AccountDraft& account : book.accounts) {
    if (book.accounts.size() == 1) return;
    simpler.push_back(book);
    drop_account(simpler.back(), account.id);
  }
}

void without_securities(const RandomBook& book, Books& simpler) {
  for (const SecurityDraft& security : book.securities) {
    if (book.securities.size() == 1) return;
    simpler.push_back(book);
    drop_security(simpler.back(), security.id);
  }
}

void with_one_factor(const RandomBook& book, Books& simpler) {
  if (book.factors.size() == 1) return;
  simpler.push_back(book);
  RandomBook& one = simpler.back();
  one.factors = RandomBook().factors;
  one.covariance = RandomBook().covariance;
  for (SecurityDraft& security : one.securities) security.exposures.clear();
}

// An account without a taxpayer would be a taxable one of nobody: taxpayers go only when nobody names them.
void without_taxpayers(const RandomBook& book, Books& simpler) {
  for (std::size_t i = 0; i < book.taxpayers.size(); ++i) {
    const std::string& id = book.taxpayers[i].id;
    const auto names_it = [&](const auto& row) { return row.taxpayer == id; };
    if (std::ranges::any_of(book.accounts, names_it) || std::ranges::any_of(book.transactions, names_it)) continue;
    simpler.push_back(book);
    simpler.back().taxpayers.erase(simpler.back().taxpayers.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void without_settings(const RandomBook& book, Books& simpler) {
  for (const auto& [account, layer] : book.settings) {
    if (layer.size() > 1) {
      simpler.push_back(book);
      simpler.back().settings.at(account).clear();
    }
    for (const auto& [name, value] : layer) {
      simpler.push_back(book);
      simpler.back().settings.at(account).erase(name);
    }
  }
}

// Numbers with fewer digits, never larger, so that this ends.
void with_round_numbers(const RandomBook& book, Books& simpler) {
  const auto rounded = [](const std::string& text) {
    const std::size_t point = text.find('.');
    if (point != std::string::npos) return text.substr(0, point);
    const std::size_t digit = text.find_first_of("123456789");
    if (digit == std::string::npos) return text;
    return text.substr(0, digit + 1) + std::string(text.size() - digit - 1, '0');
  };
  const auto try_field = [&](auto rows, auto field) {
    for (std::size_t i = 0; i < (book.*rows).size(); ++i) {
      const std::string& was = (book.*rows)[i].*field;
      const std::string round = rounded(was);
      if (round == was || round == "0" || round == "-0" || round.empty()) continue;
      simpler.push_back(book);
      (simpler.back().*rows)[i].*field = round;
    }
  };
  try_field(&RandomBook::lots, &LotDraft::quantity);
  try_field(&RandomBook::lots, &LotDraft::cost_basis);
  try_field(&RandomBook::accounts, &AccountDraft::cash);
  try_field(&RandomBook::requests, &RequestDraft::amount);
}

std::string text_of(const std::string& value) { return value.empty() ? "(empty)" : value; }
std::string text_of(bool value) { return value ? "yes" : "no"; }
std::string text_of(double value) { return std::to_string(value); }
template <class Enum>
requires std::is_enum_v<Enum> std::string text_of(Enum value) { return "#" + std::to_string(static_cast<int>(value)); }
template <class Item>
std::string text_of(const std::vector<Item>& values) {
  std::string text;
  for (const Item& value : values) text += (text.empty() ? "" : ";") + text_of(value);
  return text;
}

template <class Row>
std::string text_of_rows(const char* kind, const std::vector<Row>& rows) {
  std::string text;
  for (Row row : rows) {
    text += kind;
    Row defaults;
    visit_fields(row, [&](std::string_view name, auto& value) {
      visit_fields(defaults, [&](std::string_view other, auto& plain) {
        if constexpr (std::is_same_v<decltype(value), decltype(plain)>) {
          if (other == name && value != plain) text += " " + std::string(name) + "=" + text_of(value);
        }
      });
    });
    text += "\n";
  }
  return text;
}

}  // namespace

std::vector<RandomBook> simpler_books(const RandomBook& book) {
  Books simpler;
  without_accounts(book, simpler);
  without_all(book, &RandomBook::transactions, simpler);
  without_all(book, &RandomBook::restrictions, simpler);
  without_all(book, &RandomBook::requests, simpler);
  without_securities(book, simpler);
  without_settings(book, simpler);
  without_each(book, &RandomBook::lots, simpler);
  without_each(book, &RandomBook::transactions, simpler);
  without_each(book, &RandomBook::restrictions, simpler);
  without_each(book, &RandomBook::requests, simpler);
  without_each(book, &RandomBook::substitutes, simpler);
  without_each(book, &RandomBook::fund_holdings, simpler);
  without_taxpayers(book, simpler);
  with_one_factor(book, simpler);
  with_defaults(book, &RandomBook::securities, simpler);
  with_defaults(book, &RandomBook::taxpayers, simpler);
  with_defaults(book, &RandomBook::accounts, simpler);
  with_defaults(book, &RandomBook::lots, simpler);
  with_defaults(book, &RandomBook::transactions, simpler);
  with_defaults(book, &RandomBook::substitutes, simpler);
  with_round_numbers(book, simpler);
  return simpler;
}

std::string rows_text(const RandomBook& book) {
  std::string text = "factors " + text_of(book.factors) + ", covariance " + text_of(book.covariance) + "\n";
  text += text_of_rows("security", book.securities);
  for (const ModelRows& model : book.models) {
    text += "model " + model.id;
    for (const auto& [security, part] : model.weights) text += " " + security + "=" + part;
    text += "\n";
  }
  for (const BracketsDraft& brackets : book.brackets) {
    text += "brackets " + brackets.filing_status;
    for (const auto* list : {&brackets.ordinary, &brackets.long_term, &brackets.niit}) {
      for (const auto& [over, rate] : *list) text += " " + over + ":" + rate;
      text += ";";
    }
    text += "\n";
  }
  text += text_of_rows("taxpayer", book.taxpayers) + text_of_rows("account", book.accounts);
  for (const auto& [account, layer] : book.settings) {
    for (const auto& [name, value] : layer) text += "setting " + account + " " + name + "=" + value + "\n";
  }
  text += text_of_rows("lot", book.lots) + text_of_rows("restriction", book.restrictions);
  text += text_of_rows("request", book.requests) + text_of_rows("transaction", book.transactions);
  return text + text_of_rows("substitute", book.substitutes) + text_of_rows("fund_holding", book.fund_holdings);
}

}  // namespace lotwright
