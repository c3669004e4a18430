// inputs/words.h — the words docs/data.md gives for each enumerator, as they stand in a firm's files.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "book/book.h"

namespace lotwright::inputs {

template <class Enum>
struct Words;

template <class Enum, std::size_t Count>
using WordList = std::array<std::pair<std::string_view, Enum>, Count>;

template <>
struct Words<bool> {
  static constexpr WordList<bool, 2> list{{{"yes", true}, {"no", false}}};
};

template <>
struct Words<SecurityKind> {
  using enum SecurityKind;
  static constexpr WordList<SecurityKind, 5> list{
      {{"stock", stock}, {"etf", etf}, {"mutual_fund", mutual_fund}, {"bond", bond}, {"cash", cash}}};
};

enum class ComponentKind { security, model };

template <>
struct Words<ComponentKind> {
  using enum ComponentKind;
  static constexpr WordList<ComponentKind, 2> list{{{"security", security}, {"model", model}}};
};

template <>
struct Words<TaxTreatment> {
  using enum TaxTreatment;
  static constexpr WordList<TaxTreatment, 3> list{
      {{"taxable", taxable}, {"tax_deferred", tax_deferred}, {"tax_free", tax_free}}};
};

enum class BracketKind { ordinary, long_term, niit };

template <>
struct Words<BracketKind> {
  using enum BracketKind;
  static constexpr WordList<BracketKind, 3> list{{{"ordinary", ordinary}, {"long_term", long_term}, {"niit", niit}}};
};

template <>
struct Words<AccountStatus> {
  using enum AccountStatus;
  static constexpr WordList<AccountStatus, 2> list{{{"active", active}, {"frozen", frozen}}};
};

enum class SettingScope { household, account };  // the later word is the stronger

template <>
struct Words<SettingScope> {
  using enum SettingScope;
  static constexpr WordList<SettingScope, 2> list{{{"account", account}, {"household", household}}};
};

template <>
struct Words<RestrictionScope> {
  using enum RestrictionScope;
  static constexpr WordList<RestrictionScope, 3> list{{{"firm", firm}, {"household", household}, {"account", account}}};
};

template <>
struct Words<RestrictionRule> {
  using enum RestrictionRule;
  static constexpr WordList<RestrictionRule, 7> list{{{"never_buy", never_buy},
                                                      {"never_sell", never_sell},
                                                      {"freeze", freeze},
                                                      {"sell_all", sell_all},
                                                      {"weight_max", weight_max},
                                                      {"weight_min", weight_min},
                                                      {"lock_quantity", lock_quantity}}};
};

template <>
struct Words<RestrictionSubject> {
  using enum RestrictionSubject;
  static constexpr WordList<RestrictionSubject, 7> list{{{"security", security},
                                                         {"tag", tag},
                                                         {"sector", sector},
                                                         {"industry", industry},
                                                         {"country", country},
                                                         {"asset_class", asset_class},
                                                         {"lot", lot}}};
};

template <>
struct Words<RequestKind> {
  using enum RequestKind;
  static constexpr WordList<RequestKind, 10> list{{{"cash_out", cash_out},
                                                   {"cash_in", cash_in},
                                                   {"liquidate", liquidate},
                                                   {"harvest", harvest},
                                                   {"realize_gains", realize_gains},
                                                   {"preserve_losses", preserve_losses},
                                                   {"model_change", model_change},
                                                   {"set_aside", set_aside},
                                                   {"transfer_out", transfer_out},
                                                   {"freeze", freeze}}};
};

template <>
struct Words<Side> {
  using enum Side;
  static constexpr WordList<Side, 2> list{{{"buy", buy}, {"sell", sell}}};
};

// How often a request comes again.
enum class Recurrence { week, month, quarter, year };

template <>
struct Words<Recurrence> {
  using enum Recurrence;
  static constexpr WordList<Recurrence, 4> list{
      {{"week", week}, {"month", month}, {"quarter", quarter}, {"year", year}}};
};

template <>
struct Words<TransactionKind> {
  using enum TransactionKind;
  static constexpr WordList<TransactionKind, 5> list{{{"buy", buy},
                                                      {"sell", sell},
                                                      {"reinvest", reinvest},
                                                      {"transfer_in", transfer_in},
                                                      {"transfer_out", transfer_out}}};
};

template <>
struct Words<CorporateActionKind> {
  using enum CorporateActionKind;
  static constexpr WordList<CorporateActionKind, 6> list{{{"split", split},
                                                          {"reverse_split", reverse_split},
                                                          {"merger", merger},
                                                          {"spin_off", spin_off},
                                                          {"symbol_change", symbol_change},
                                                          {"return_of_capital", return_of_capital}}};
};

enum class ActionStatus { pending, applied };

template <>
struct Words<ActionStatus> {
  using enum ActionStatus;
  static constexpr WordList<ActionStatus, 2> list{{{"pending", pending}, {"applied", applied}}};
};

template <>
struct Words<ExceptionMeasure> {
  using enum ExceptionMeasure;
  static constexpr WordList<ExceptionMeasure, 12> list{{{"turnover", turnover},
                                                        {"gain", gain},
                                                        {"tax", tax},
                                                        {"orders", orders},
                                                        {"order_weight", order_weight},
                                                        {"tracking_error_rise", tracking_error_rise},
                                                        {"cash_left", cash_left},
                                                        {"against_request", against_request},
                                                        {"turnover_of_usual", turnover_of_usual},
                                                        {"turnover_unexplained", turnover_unexplained},
                                                        {"tax_weight", tax_weight},
                                                        {"tracking_error_of_peers", tracking_error_of_peers}}};
};

template <>
struct Words<Severity> {
  using enum Severity;
  static constexpr WordList<Severity, 3> list{{{"note", note}, {"review", review}, {"hold", hold}}};
};

// The enumerator that `text` names; false where it names none.
template <class Enum>
[[nodiscard]] bool find_word(std::string_view text, Enum& found) {
  for (const auto& [word, value] : Words<Enum>::list) {
    if (word != text) continue;
    found = value;
    return true;
  }
  return false;
}

// The word that stands for `value`.
template <class Enum>
[[nodiscard]] constexpr std::string_view word_of(Enum value) {
  for (const auto& [word, meant] : Words<Enum>::list) {
    if (meant == value) return word;
  }
  return "";
}

// "stock, etf, mutual_fund, bond or cash"
template <class Enum>
[[nodiscard]] std::string words_of() {
  std::string text;
  for (std::size_t i = 0; i < Words<Enum>::list.size(); ++i) {
    if (i > 0) text += i + 1 == Words<Enum>::list.size() ? " or " : ", ";
    text += Words<Enum>::list[i].first;
  }
  return text;
}

}  // namespace lotwright::inputs
