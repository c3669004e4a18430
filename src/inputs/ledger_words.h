// inputs/ledger_words.h — the words of the ledger's folder, as they stand in its files.
#pragma once

#include "book/ledger.h"
#include "book/ledger_words.h"
#include "inputs/words.h"

namespace lotwright::inputs {

template <>
struct Words<LedgerKind> {
  static constexpr auto list = ledger_kind_words;
};

template <>
struct Words<ReliefMethod> {
  static constexpr auto list = relief_method_words;
};

template <>
struct Words<LedgerActionKind> {
  static constexpr auto list = ledger_action_kind_words;
};

template <>
struct Words<Replacement> {
  using enum Replacement;
  static constexpr WordList<Replacement, 3> list{{{"free", free}, {"used", used}, {"never", never}}};
};

template <>
struct Words<WashTacking> {
  using enum WashTacking;
  static constexpr WordList<WashTacking, 3> list{{{"days", days}, {"holding_date", holding_date}, {"later", later}}};
};

template <>
struct Words<WashBoughtBefore> {
  using enum WashBoughtBefore;
  static constexpr WordList<WashBoughtBefore, 2> list{{{"include", include}, {"exclude", exclude}}};
};

template <>
struct Words<WashSpouseBasis> {
  using enum WashSpouseBasis;
  static constexpr WordList<WashSpouseBasis, 2> list{{{"add", add}, {"lost", lost}}};
};

}  // namespace lotwright::inputs
