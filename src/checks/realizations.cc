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
  Realization of_short{.losses = losses, .term = Term::short_term, .amount = {}, .requests = {}};
  Realization of_long{.losses = losses, .term = Term::long_term, .amount = {}, .requests = {}};
  Realization of_either{.losses = losses, .term = std::nullopt, .amount = {}, .requests = {}};
  bool open = false;  // a request leaves the term open
  for (const Request& request : facts.requests_of(checked.account)) {
    if (!is_due(facts.book(), request, kind)) continue;
    if (request.value == "zero_rate") {
      add_finding(facts.book(), checked, rule::request_unsupported, Severity::review, request.value, "",
                  fmt::format("request {} asks for gains up to the top of the zero rate: write the dollars as amount",
                              request.id));
      continue;
    }
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
