#include "checks/realizations.h"

#include <fmt/format.h>

#include "book/rules.h"
#include "checks/findings.h"

namespace lotwright {
namespace {

bool is_due(const Book& book, const Request& request, RequestKind kind) {
  return request.kind == kind && request.due_on <= book.firm.as_of;
}

void add_to(Realization& realization, const Request& request) {
  realization.amount += request.amount.value_or(Money());
  realization.requests.push_back(request.id);
}

// The term that the request's value names; nullopt: any.
std::optional<Term> term_of(const Request& request) {
  if (request.value == "short") return Term::short_term;
  if (request.value == "long") return Term::long_term;
  return std::nullopt;
}

// The due requests of one kind: of short-term, of long-term, of either.
std::vector<Realization> asked_for(const BookFacts& facts, CheckedAccount& checked, RequestKind kind) {
  const bool losses = kind == RequestKind::harvest;
  Realization of_short{.losses = losses, .term = Term::short_term, .amount = {}, .requests = {}, .zero_rate = false};
  Realization of_long{.losses = losses, .term = Term::long_term, .amount = {}, .requests = {}, .zero_rate = false};
  Realization of_either{.losses = losses, .term = std::nullopt, .amount = {}, .requests = {}, .zero_rate = false};
  bool open = false;  // a request leaves the term open
  for (const Request& request : facts.requests_of(checked.account)) {
    if (!is_due(facts.book(), request, kind)) continue;
    if (request.value == "zero_rate") continue;
    const std::optional<Term> term = term_of(request);
    if (term) add_to(*term == Term::short_term ? of_short : of_long, request);
    add_to(of_either, request);
    open |= !term;
  }
  std::vector<Realization> asked;
  for (const Realization* one : {&of_short, &of_long, &of_either}) {
    if (one->amount.is_positive() && (one->term || open)) asked.push_back(*one);
  }
  return asked;
}

// The due requests for gains up to the top of the zero rate as one; without brackets nobody knows where that is.
void gather_zero_rate(const BookFacts& facts, CheckedAccount& checked, std::vector<Realization>& all) {
  const Book& book = facts.book();
  const TaxpayerIndex taxpayer = book.account(checked.account).taxpayer;
  Realization zone{.losses = false, .term = Term::long_term, .amount = {}, .requests = {}, .zero_rate = true};
  for (const Request& request : facts.requests_of(checked.account)) {
    if (!is_due(book, request, RequestKind::realize_gains) || request.value != "zero_rate") continue;
    if (taxpayer.exists() && !book.taxpayers[taxpayer.value].brackets.exists()) {
      add_finding(
          book, checked, rule::request_unsupported, Severity::review, request.value, "",
          fmt::format("request {} asks for gains up to the top of the zero rate and taxpayer {} has no brackets: "
                      "fill filing_status and ordinary_income, or write the dollars as amount and long as value",
                      request.id, book.taxpayers[taxpayer.value].id.text));
      continue;
    }
    zone.amount += request.amount.value_or(std::max(Money(), checked.value));  // no gain is more than all there is
    zone.requests.push_back(request.id);
  }
  if (zone.amount.is_positive()) all.push_back(zone);
}

// Why nothing the account sells can count; empty: it can.
std::string hindrance(const Book& book, const CheckedAccount& checked) {
  if (book.account(checked.account).tax_treatment != TaxTreatment::taxable) {
    return "the account is not taxed, its gains and losses count for nobody: end the request";
  }
  return checked.frozen ? "the account is frozen: lift the one or the other" : "";
}

}  // namespace

const char* Realization::rule() const { return losses ? rule::request_harvest : rule::request_realize_gains; }

const char* Realization::short_rule() const {
  return losses ? rule::request_harvest_short : rule::request_realize_gains_short;
}

void gather_realizations(const BookFacts& facts, CheckedAccount& checked) {
  const Book& book = facts.book();
  std::vector<Realization> all = asked_for(facts, checked, RequestKind::harvest);
  std::ranges::move(asked_for(facts, checked, RequestKind::realize_gains), std::back_inserter(all));
  gather_zero_rate(facts, checked, all);
  const std::string why_not = hindrance(book, checked);
  if (why_not.empty()) {
    checked.realizations = std::move(all);
    return;
  }
  for (const Realization& one : all) {
    add_finding(
        book, checked, one.short_rule(), Severity::review, "0.00", one.amount.to_string(2),
        fmt::format("{}: {} dollars are asked for and {}", list_of(one.requests), one.amount.to_string(2), why_not));
  }
}

}  // namespace lotwright
