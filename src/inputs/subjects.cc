#include "inputs/subjects.h"

#include <algorithm>

namespace lotwright::inputs {
namespace {

using Holdings = std::vector<FundHolding>;

auto holdings_of(const Holdings& holdings, SecurityIndex fund) {
  return std::ranges::equal_range(holdings, fund, {}, &FundHolding::fund);
}

// Caps count what a fund holds, single names too. What may not be held at all is looked for in funds where it is a
// kind of security; a client who may not own one share wants no fund sold for it. What is kept is kept as it stands.
bool looks_through(RestrictionRule rule, RestrictionSubject kind) {
  switch (rule) {
    case RestrictionRule::weight_max:
    case RestrictionRule::weight_min:
      return kind != RestrictionSubject::lot;
    case RestrictionRule::never_buy:
    case RestrictionRule::sell_all:
      return kind != RestrictionSubject::lot && kind != RestrictionSubject::security;
    case RestrictionRule::never_sell:
    case RestrictionRule::freeze:
    case RestrictionRule::lock_quantity:
      return false;
  }
  return false;
}

}  // namespace

FundOrder order_of_funds(const Holdings& holdings) {
  std::map<SecurityIndex, std::size_t> waits_for;  // funds among its holdings that have no place yet
  for (const FundHolding& row : holdings) waits_for[row.fund] = 0;
  std::map<SecurityIndex, std::vector<SecurityIndex>> held_by;
  for (const FundHolding& row : holdings) {
    if (!waits_for.contains(row.security)) continue;
    ++waits_for[row.fund];
    held_by[row.security].push_back(row.fund);
  }
  FundOrder found;
  for (const auto& [fund, others] : waits_for) {
    if (others == 0) found.order.push_back(fund);
  }
  for (std::size_t next = 0; next < found.order.size(); ++next) {
    for (const SecurityIndex holder : held_by[found.order[next]]) {
      if (--waits_for[holder] == 0) found.order.push_back(holder);
    }
  }
  for (const auto& [fund, others] : waits_for) {
    if (others > 0) found.in_circle.push_back(fund);
  }
  return found;
}

Subjects::Subjects(const Book& book) : book_(&book), funds_(order_of_funds(book.fund_holdings).order) {
  for (std::uint32_t i = 0; i < book.securities.size(); ++i) {
    const Security& security = book.securities[i];
    const auto enter = [&](RestrictionSubject kind, std::string_view id) {
      if (!id.empty()) members_[{kind, id}].push_back(SecurityIndex{i});
    };
    enter(RestrictionSubject::security, security.id.text);
    for (const std::string& tag : security.tags) enter(RestrictionSubject::tag, tag);
    enter(RestrictionSubject::sector, security.sector);
    enter(RestrictionSubject::industry, security.industry);
    enter(RestrictionSubject::country, security.country);
    enter(RestrictionSubject::asset_class, security.asset_class);
  }
}

std::vector<SecurityIndex> Subjects::members(RestrictionSubject kind, std::string_view id) const {
  const auto found = members_.find({kind, id});
  return found == members_.end() ? std::vector<SecurityIndex>() : found->second;
}

Meant Subjects::looked_through(const std::vector<SecurityIndex>& members) const {
  std::map<SecurityIndex, Weight> parts;
  const Weight whole = Weight::of_whole(1);
  for (const SecurityIndex member : members) parts[member] = whole;
  for (const SecurityIndex fund : funds_) {
    if (std::ranges::binary_search(members, fund)) continue;
    Int128 sum = 0;  // in units of Weight::scale squared
    for (const FundHolding& row : holdings_of(book_->fund_holdings, fund)) {
      const auto part = parts.find(row.security);
      if (part != parts.end()) sum += static_cast<Int128>(row.weight.count()) * part->second.count();
    }
    const auto part = static_cast<std::int64_t>((sum + Weight::scale / 2) / Weight::scale);
    if (part > 0) parts[fund] = Weight::of_count(part);
  }
  Meant meant;
  const bool all_whole = parts.size() == members.size();
  for (const auto& [security, part] : parts) {
    meant.securities.push_back(security);
    if (!all_whole) meant.shares.push_back(part);
  }
  return meant;
}

Meant Subjects::meant_by(RestrictionRule rule, RestrictionSubject kind,
                         const std::vector<SecurityIndex>& members) const {
  if (!looks_through(rule, kind)) return {members, {}};
  return looked_through(members);
}

}  // namespace lotwright::inputs
