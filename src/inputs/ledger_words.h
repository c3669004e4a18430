// inputs/ledger_words.h — the words of the ledger's folder, as they stand in its files.
#pragma once

#include "book/ledger.h"
#include "inputs/words.h"

namespace lotwright::inputs {

template <>
struct Words<LedgerKind> {
  using enum LedgerKind;
  static constexpr WordList<LedgerKind, 8> list{{{"buy", buy},
                                                 {"sell", sell},
                                                 {"reinvest", reinvest},
                                                 {"transfer_in", transfer_in},
                                                 {"transfer_out", transfer_out},
                                                 {"gift_in", gift_in},
                                                 {"inherit", inherit},
                                                 {"spouse_in", spouse_in}}};
};

template <>
struct Words<ReliefMethod> {
  using enum ReliefMethod;
  static constexpr WordList<ReliefMethod, 4> list{
      {{"fifo", fifo}, {"lifo", lifo}, {"hifo", hifo}, {"min_tax", min_tax}}};
};

template <>
struct Words<LedgerActionKind> {
  using enum LedgerActionKind;
  static constexpr WordList<LedgerActionKind, 7> list{{{"split", split},
                                                       {"reverse_split", reverse_split},
                                                       {"stock_dividend", stock_dividend},
                                                       {"merger", merger},
                                                       {"spin_off", spin_off},
                                                       {"symbol_change", symbol_change},
                                                       {"return_of_capital", return_of_capital}}};
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
