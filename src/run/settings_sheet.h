// run/settings_sheet.h — `lotwright settings`: what holds for one account, who said it, what weaker layers said.
//
// In:       a book, where everything in it was said (inputs/origins.h), an account's id.
// Out:      every setting with its layers, the strongest first; what changes soon.
// Promises: the value shown is the one a run uses. A word is compared as what it means: 0.10 and 0.1 are the same.
#pragma once

#include <string>
#include <vector>

#include "book/book.h"
#include "inputs/origins.h"

namespace lotwright {

// One layer's word on one setting.
struct SettingLayer {
  std::string layer;  // "account A", "household H", "policy careful", "default"
  inputs::SaidSetting said;
};

struct EffectiveSetting {
  std::string name;
  std::vector<SettingLayer> layers;  // strongest first; never empty
  bool deviates = false;             // household or account say otherwise than the policy

  [[nodiscard]] const SettingLayer& strongest() const { return layers.front(); }
};

// A word of household or account that begins or ends within the next days.
struct SettingChange {
  static constexpr int days_ahead = 30;

  Date day;             // the first day on which it is otherwise
  bool begins = false;  // else it has ended
  std::string name;
  SettingLayer layer;
};

struct SettingsSheet {
  std::string account;
  std::string household;
  std::string policy;
  Date as_of;
  std::vector<EffectiveSetting> settings;  // in the order of docs/data.md; families by name behind them
  std::vector<SettingChange> changes;      // by day, then name
  Findings findings;                       // of these settings: what is wrong with them
};

// An unknown account is a Failure that names ids like it.
[[nodiscard]] Result<SettingsSheet> settings_of_account(const Book& book, const inputs::Origins& origins,
                                                        const std::string& account_id);

// "account A: account_settings.csv line 2, from 2025-04-15 to 2025-07-31, source trustees"
[[nodiscard]] std::string text_of(const SettingLayer& layer);
// Deviations from the policy have a *.
[[nodiscard]] std::string text_of(const SettingsSheet& sheet);
[[nodiscard]] std::string json_of(const SettingsSheet& sheet);

}  // namespace lotwright
