#include "checks/contradictions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "book/rules.h"
#include "checks/findings.h"

namespace lotwright {
namespace {

enum class Covers { line, asset_class, cash };

struct Limit {
  std::string name;  // as a message says it
  std::string id;    // of the restriction; empty: a setting
  Covers covers = Covers::line;
  std::uint32_t of = 0;     // the line, or the number of the asset class
  bool least = false;       // else the most
  std::int64_t weight = 0;  // count of Weight
};

// The account's lines by asset class.
struct Classes {
  std::map<std::string, std::uint32_t> numbers;
  std::vector<std::uint32_t> of_line;
};

Classes classes_of(const Book& book, const CheckedAccount& checked) {
  Classes classes;
  for (const CheckedLine& line : checked.lines) {
    const auto number = static_cast<std::uint32_t>(classes.numbers.size());
    classes.of_line.push_back(
        classes.numbers.try_emplace(book.security(line.security).asset_class, number).first->second);
  }
  return classes;
}

void add_restriction(const Restriction& one, const CheckedAccount& checked, const Classes& classes,
                     std::vector<Limit>& limits) {
  const bool least = one.rule == RestrictionRule::weight_min;
  const bool most = one.rule == RestrictionRule::weight_max || one.rule == RestrictionRule::sell_all;
  if (!least && !most) return;
  if (!one.shares.empty()) return;  // it looks into funds: no limit of a line or a class alone
  if (one.rule != RestrictionRule::sell_all && !one.weight) return;
  const Weight weight = one.rule == RestrictionRule::sell_all ? Weight() : *one.weight;
  Limit limit;
  limit.id = one.id;
  limit.least = least;
  limit.weight = weight.count();
  limit.name = one.rule == RestrictionRule::sell_all
                   ? fmt::format("restriction {} (sell_all of {})", one.id, one.subject_id)
                   : fmt::format("restriction {} ({} {} of {})", one.id, least ? "weight_min" : "weight_max",
                                 weight.to_string(), one.subject_id);
  if (one.subject_kind == RestrictionSubject::asset_class) {
    const auto at = classes.numbers.find(one.subject_id);
    if (at == classes.numbers.end()) return;
    limit.covers = Covers::asset_class;
    limit.of = at->second;
    limits.push_back(limit);
  }
  if (one.subject_kind != RestrictionSubject::security) return;
  for (std::uint32_t i = 0; i < checked.lines.size(); ++i) {
    if (!std::ranges::binary_search(one.securities, checked.lines[i].security)) continue;
    limit.of = i;
    limits.push_back(limit);
  }
}

void add_settings(const Policy& policy, const Classes& classes, std::vector<Limit>& limits) {
  for (const auto& [asset_class, band] : policy.bands) {
    const auto at = classes.numbers.find(asset_class);
    if (at == classes.numbers.end() || band.price) continue;
    const auto add = [&](const std::optional<Weight>& weight, const char* end, bool least) {
      if (!weight) return;
      limits.push_back({fmt::format("band_{}_{} {}", asset_class, end, weight->to_string()), "", Covers::asset_class,
                        at->second, least, weight->count()});
    };
    add(band.min, "min", true);
    add(band.max, "max", false);
  }
  if (policy.cash_min.is_positive())
    limits.push_back({"cash_min " + policy.cash_min.to_string(), "", Covers::cash, 0, true, policy.cash_min.count()});
}

// Whether some weights keep every limit that is `kept`: of the lines, of the classes they sum to, and of the whole.
bool can_hold(const std::vector<Limit>& limits, const std::vector<bool>& kept, const Classes& classes) {
  struct Range {
    std::int64_t least = 0;
    std::int64_t most = Weight::scale;
    void tighten(const Limit& limit) {
      if (limit.least) least = std::max(least, limit.weight);
      if (!limit.least) most = std::min(most, limit.weight);
    }
  };
  std::vector<Range> lines(classes.of_line.size());
  std::vector<Range> groups(classes.numbers.size());
  Range cash;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    if (!kept[i]) continue;
    const Limit& limit = limits[i];
    (limit.covers == Covers::line          ? lines[limit.of]
     : limit.covers == Covers::asset_class ? groups[limit.of]
                                           : cash)
        .tighten(limit);
  }
  std::vector<Int128> least(groups.size());
  std::vector<Int128> most(groups.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].least > lines[i].most) return false;
    least[classes.of_line[i]] += lines[i].least;
    most[classes.of_line[i]] += lines[i].most;
  }
  Int128 whole = cash.least;
  for (std::size_t c = 0; c < groups.size(); ++c) {
    const Int128 low = std::max(least[c], Int128{groups[c].least});
    if (low > std::min(most[c], Int128{groups[c].most})) return false;
    whole += low;
  }
  return whole <= Weight::scale;
}

// Takes out one by one what the others contradict each other without; what is left cannot spare anything. Settings go
// first, so that a contradiction of restrictions alone is found where there is one.
std::vector<std::size_t> irreducible(const std::vector<Limit>& limits, std::vector<bool> kept, const Classes& classes) {
  for (const bool settings : {true, false}) {
    for (std::size_t i = 0; i < limits.size(); ++i) {
      if (!kept[i] || limits[i].id.empty() != settings) continue;
      kept[i] = false;
      if (can_hold(limits, kept, classes)) kept[i] = true;
    }
  }
  std::vector<std::size_t> members;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    if (kept[i]) members.push_back(i);
  }
  return members;
}

bool is_told(const CheckedAccount& checked, const std::vector<std::string>& ids) {
  return ids.size() == 2 && std::ranges::any_of(checked.findings, [&](const Finding& one) {
           return one.rule == rule::restriction_conflict &&
                  ((one.observed == ids[0] && one.limit == ids[1]) || (one.observed == ids[1] && one.limit == ids[0]));
         });
}

void tell(const Book& book, CheckedAccount& checked, const std::vector<Limit>& limits,
          const std::vector<std::size_t>& members) {
  std::vector<std::string> names;
  std::vector<std::string> ids;
  for (const std::size_t i : members) {
    names.push_back(limits[i].name);
    if (!limits[i].id.empty()) ids.push_back(limits[i].id);
  }
  if (ids.empty()) return;  // told when the settings were read
  const bool equals = ids.size() == names.size();
  if (equals && is_told(checked, ids)) return;
  const std::string all = fmt::format("{}", fmt::join(names, " and "));
  add_finding(book, checked, equals ? rule::restriction_conflict : rule::data_settings_contradict,
              equals ? Severity::hold : Severity::review, ids.front(), names.back(),
              fmt::format("{} cannot hold together{}; end or change any one of them", all,
                          equals ? "" : ", and the weakest yields"));
}

bool keeps(RestrictionRule rule) {
  return rule == RestrictionRule::never_sell || rule == RestrictionRule::freeze ||
         rule == RestrictionRule::lock_quantity;
}

// What is to be sold and kept, and is not there yet: nothing is wrong today, the day it comes in the account is held.
void tell_what_would_conflict(const Book& book, const std::vector<const Restriction*>& all, CheckedAccount& checked) {
  for (const Restriction* one : all) {
    if (one->rule != RestrictionRule::sell_all || one->subject_kind == RestrictionSubject::lot) continue;
    for (const Restriction* other : all) {
      const bool same = one->subject_kind == other->subject_kind && one->subject_id == other->subject_id;
      if (!same || !keeps(other->rule) || is_told(checked, {one->id, other->id})) continue;
      add_finding(book, checked, rule::restriction_conflict, Severity::note, one->id, other->id,
                  fmt::format("restrictions {} and {} contradict each other on {}, of which the account holds nothing; "
                              "end one of them before it does",
                              one->id, other->id, one->subject_id));
    }
  }
}

}  // namespace

void check_limits_together(const BookFacts& facts, CheckedAccount& checked) {
  const Book& book = facts.book();
  const std::vector<const Restriction*> all = facts.restrictions_of(checked.account);
  tell_what_would_conflict(book, all, checked);
  const Classes classes = classes_of(book, checked);
  std::vector<Limit> limits;
  for (const Restriction* one : all) add_restriction(*one, checked, classes, limits);
  if (limits.empty()) return;  // settings alone are told when they are read
  add_settings(book.account(checked.account).effective_policy, classes, limits);
  std::vector<bool> kept(limits.size(), true);
  while (!can_hold(limits, kept, classes)) {
    const std::vector<std::size_t> members = irreducible(limits, kept, classes);
    tell(book, checked, limits, members);
    for (const std::size_t i : members) kept[i] = false;
  }
}

}  // namespace lotwright
