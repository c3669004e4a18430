#include "run/what_if.h"

#include <fmt/format.h>

#include <algorithm>

#include "book/rules.h"
#include "run/outputs.h"

namespace lotwright {
namespace {

using reports::PartFact;
using reports::VariantFacts;

std::vector<PartFact> parts_told(const objective::Parts& was, const objective::Parts& is) {
  return {{"risk", was.risk, is.risk},          {"tax", was.tax, is.tax},
          {"trading", was.trading, is.trading}, {"waiting", was.waiting, is.waiting},
          {"hurdle", was.hurdle, is.hurdle},    {"cash", was.cash, is.cash},
          {"alpha", was.alpha, is.alpha},       {"location", was.location, is.location},
          {"band", was.band, is.band}};
}

// Models that a variant may name, in --model or in a request.
std::vector<std::string> models_named(const std::vector<Variant>& variants) {
  std::vector<std::string> models;
  for (const Variant& variant : variants) {
    models.push_back(variant.model);
    for (const std::string& request : variant.requests) models.push_back(request.substr(request.rfind(':') + 1));
  }
  return models;
}

VariantFacts facts_of(const UnitBook& unit, const RunResult& run) {
  const AccountResult& result = result_of(run, unit.account);
  VariantFacts facts;
  facts.book = &unit.book;
  facts.result = &result;
  facts.model = unit.book.account(unit.account).model;
  facts.exceptions = result.exceptions;
  const AccountAlone alone(unit, run);
  facts.parts = parts_told(alone.before(), alone.after(trades_of(result)));
  for (const AccountResult& other : run.accounts) {
    if (other.account == unit.account) continue;
    facts.beside.push_back({unit.book.account(other.account).id.text, other.orders.size(), other.tax});
  }
  return facts;
}

// What an account holds is then more than its model's name: mix, products and frozen days belong to it.
bool is_customized(const Book& book, const Account& account,
                   const std::vector<std::pair<std::string, std::string>>& settings) {
  const Policy& policy = account.effective_policy;
  return !settings.empty() || !book.products.empty() || !policy.mix.empty() || !policy.products.empty() ||
         policy.model_as_of.has_value();
}

bool changes_model_by_request(const Variant& variant) {
  return std::ranges::any_of(variant.requests,
                             [](const std::string& request) { return request.starts_with("model_change"); });
}

Failure refused_model_change() {
  return {
      rule::data_value_missing,
      "the account has a mix, products or a frozen day that go along to another model: ask with model=MODEL instead "
      "of a request model_change",
      {}};
}

// The unit with the variant's changes; read again where only the reader can make them.
Result<UnitBook> of_variant(const UnitBook& unit, const Variant& variant, const Book& book,
                            const std::vector<std::string>& models, const ReadAgain& read_again) {
  auto settings = settings_for_the_reader(variant);
  const bool customized = is_customized(book, unit.book.account(unit.account), settings);
  if (customized && changes_model_by_request(variant)) return refused_model_change();
  const bool model_too = customized && !variant.model.empty();
  if (settings.empty() && !model_too) return changed(unit, variant, book);
  if (model_too) {
    if (auto refused = changed(unit, {.name = {}, .settings = {}, .model = variant.model, .requests = {}}, book);
        !refused)
      return refused.failure();
    settings.emplace_back("model_id", variant.model);
  }
  const auto read = read_again(settings);
  if (!read) return read.failure();
  const auto again = unit_book(*read, unit.book.account(unit.account).id.text, models);
  if (!again) return again.failure();
  if (!model_too) return changed(*again, variant, *read);
  Variant rest = variant;
  rest.model.clear();
  UnitBook followed = *again;
  forget_model_changes(followed);
  return changed(followed, rest, *read);
}

// The account as it is with no more than so many orders, for each number one column.
void add_few(WhatIf& asked, const AccountAlone& alone, const std::vector<std::size_t>& counts) {
  const UnitBook& unit = *asked.books.front();
  const AccountResult& present = result_of(*asked.runs.front(), unit.account);
  if (held_by(present) != nullptr) {
    for (const std::size_t count : counts) {
      VariantFacts facts = asked.facts.variants.front();
      facts.name = fmt::format("at most {}", count);
      facts.changes = "the account is held, and no number of orders changes that";
      asked.facts.variants.push_back(std::move(facts));
    }
  }
  if (counts.empty() || held_by(present) != nullptr) return;
  asked.few = fewest(unit, *asked.runs.front(), counts);
  const double improvement = present.objective_before - present.objective_after;
  const auto part = [&](double objective) -> std::optional<double> {
    if (improvement <= 0.0) return std::nullopt;
    return (present.objective_before - objective) / improvement;
  };
  asked.facts.variants.front().kept = part(present.objective_after);
  if (present.bound) asked.facts.variants.front().kept_most = part(*present.bound);
  for (const FewOrders& one : asked.few) {
    VariantFacts facts;
    facts.name = fmt::format("at most {}", one.orders_max);
    facts.changes = one.result.orders.size() > one.orders_max ? "more orders are forced by a request or a restriction"
                                                              : std::string();
    facts.book = &unit.book;
    facts.result = &one.result;
    facts.model = unit.book.account(unit.account).model;
    facts.exceptions = one.result.exceptions;
    facts.parts = parts_told(alone.before(), alone.after(trades_of(one.result)));
    facts.objective_by_present = one.result.objective_after;
    facts.kept = part(one.result.objective_after);
    if (one.result.bound) facts.kept_most = part(*one.result.bound);
    asked.facts.variants.push_back(std::move(facts));
  }
}

}  // namespace

Result<WhatIf> what_if(const Book& book, const std::string& account_id, const std::vector<Variant>& variants,
                       const ReadAgain& read_again, const std::vector<std::size_t>& few) {
  const auto unit = unit_book(book, account_id, models_named(variants));
  if (!unit) return unit.failure();
  WhatIf asked;
  asked.facts.account_id = account_id;
  asked.facts.as_of = book.firm.as_of;
  asked.books.push_back(std::make_unique<UnitBook>(*unit));
  for (const Variant& variant : variants) {
    auto other = of_variant(*unit, variant, book, models_named(variants), read_again);
    if (!other) return other.failure();
    asked.books.push_back(std::make_unique<UnitBook>(std::move(other).value()));
  }
  for (const auto& one : asked.books) {
    auto run = decide_unit_book(*one);
    if (!run) return run.failure();
    asked.runs.push_back(std::make_unique<RunResult>(std::move(run).value()));
    asked.facts.variants.push_back(facts_of(*one, *asked.runs.back()));
  }
  const AccountAlone present(*asked.books.front(), *asked.runs.front());
  asked.facts.variants.front().name = "as it is";
  for (std::size_t i = 0; i <= variants.size(); ++i) {
    VariantFacts& facts = asked.facts.variants[i];
    const bool comparable = i == 0 || (variants[i - 1].model.empty() && variants[i - 1].requests.empty() &&
                                       settings_for_the_reader(variants[i - 1]).empty());
    if (comparable) facts.objective_by_present = present.after(trades_of(*facts.result)).total();
    if (i == 0) continue;
    facts.name = variants[i - 1].name;
    facts.changes = text_of(variants[i - 1]);
  }
  add_few(asked, present, few);
  return asked;
}

}  // namespace lotwright
