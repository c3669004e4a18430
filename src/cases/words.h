// cases/words.h — the words of enumerators that stand in a saved case and in no file of a book.
#pragma once

#include "inputs/words.h"

namespace lotwright::inputs {

template <>
struct Words<SubjectKind> {
  using enum SubjectKind;
  static constexpr WordList<SubjectKind, 7> list{{{"book", book},
                                                  {"firm", firm},
                                                  {"household", household},
                                                  {"taxpayer", taxpayer},
                                                  {"account", account},
                                                  {"security", security},
                                                  {"model", model}}};
};

template <>
struct Words<Mode> {
  using enum Mode;
  static constexpr WordList<Mode, 6> list{{{"full", full},
                                           {"buy_only", buy_only},
                                           {"sell_only", sell_only},
                                           {"cash_only", cash_only},
                                           {"harvest_only", harvest_only},
                                           {"hold", hold}}};
};

template <>
struct Words<UnknownBasis> {
  using enum UnknownBasis;
  static constexpr WordList<UnknownBasis, 3> list{{{"exclude", exclude}, {"hold", hold}, {"zero", zero}}};
};

template <>
struct Words<ScreenUse> {
  using enum ScreenUse;
  static constexpr WordList<ScreenUse, 2> list{{{"divest_now", divest_now}, {"tax_grace", tax_grace}}};
};

template <>
struct Words<ShortTermGains> {
  using enum ShortTermGains;
  static constexpr WordList<ShortTermGains, 2> list{{{"allow", allow}, {"avoid", avoid}}};
};

}  // namespace lotwright::inputs
