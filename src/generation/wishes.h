// generation/wishes.h — what clients ask for: settings, requests and restrictions, with dates that are over or to come.
//
// Promises: no two wishes of an account contradict each other so that it would have to be held. A family either wants
//           shares kept or wants shares gone, never both.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "generation/holdings.h"

namespace lotwright::generation {

struct Period {
  std::optional<Date> from, to;
};

struct SettingRow {
  bool household = false;
  std::string owner, setting, value;
  Period period;
};

struct RequestRow {
  std::string account, kind;
  std::optional<Money> amount;
  std::optional<Date> due_on;
  std::string value;
};

struct RestrictionRow {
  std::string scope, scope_id, rule, subject_kind, subject_id, value;
  Period period;
};

struct Wishes {
  std::vector<SettingRow> settings;
  std::vector<RequestRow> requests;
  std::vector<RestrictionRow> restrictions;
};

// `holdings` beside the family's accounts.
[[nodiscard]] Wishes invent_wishes(Chance& chance, const Family& family, const std::vector<Holdings>& holdings,
                                   const Market& market, const std::vector<Target>& targets, const Mix& mix);

// The firm's own: no shares of some companies, and limits nobody comes near.
[[nodiscard]] std::vector<RestrictionRow> firm_restrictions(Date as_of);

}  // namespace lotwright::generation
