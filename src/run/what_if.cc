#include "run/what_if.h"

#include <algorithm>

#include "run/outputs.h"

namespace lotwright {
namespace {

using reports::PartFact;
using reports::VariantFacts;

std::vector<PartFact> parts_told(const objective::Parts& was, const objective::Parts& is) {
  return {{"risk", was.risk, is.risk},          {"tax", was.tax, is.tax},          {"trading", was.trading, is.trading},
          {"waiting", was.waiting, is.waiting}, {"hurdle", was.hurdle, is.hurdle}, {"cash", was.cash, is.cash},
          {"alpha", was.alpha, is.alpha}};
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

// The unit with the variant's changes; read again where only the reader can make them.
Result<UnitBook> of_variant(const UnitBook& unit, const Variant& variant, const Book& book,
                            const std::vector<std::string>& models, const ReadAgain& read_again) {
  const auto settings = settings_for_the_reader(variant);
  if (settings.empty()) return changed(unit, variant, book);
  const auto read = read_again(settings);
  if (!read) return read.failure();
  const auto again = unit_book(*read, unit.book.account(unit.account).id.text, models);
  if (!again) return again.failure();
  return changed(*again, variant, *read);
}

}  // namespace

Result<WhatIf> what_if(const Book& book, const std::string& account_id, const std::vector<Variant>& variants,
                       const ReadAgain& read_again) {
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
  return asked;
}

}  // namespace lotwright
