// book/ledger_words.h — the words for what happens in a ledger, as its files and the tests of the law write them.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "book/ledger.h"

namespace lotwright {

template <class Enum, std::size_t Count>
using LedgerWords = std::array<std::pair<std::string_view, Enum>, Count>;

inline constexpr LedgerWords<LedgerKind, 8> ledger_kind_words{{{"buy", LedgerKind::buy},
                                                               {"sell", LedgerKind::sell},
                                                               {"reinvest", LedgerKind::reinvest},
                                                               {"transfer_in", LedgerKind::transfer_in},
                                                               {"transfer_out", LedgerKind::transfer_out},
                                                               {"gift_in", LedgerKind::gift_in},
                                                               {"inherit", LedgerKind::inherit},
                                                               {"spouse_in", LedgerKind::spouse_in}}};

inline constexpr LedgerWords<ReliefMethod, 4> relief_method_words{{{"fifo", ReliefMethod::fifo},
                                                                   {"lifo", ReliefMethod::lifo},
                                                                   {"hifo", ReliefMethod::hifo},
                                                                   {"min_tax", ReliefMethod::min_tax}}};

inline constexpr LedgerWords<LedgerActionKind, 7> ledger_action_kind_words{
    {{"split", LedgerActionKind::split},
     {"reverse_split", LedgerActionKind::reverse_split},
     {"stock_dividend", LedgerActionKind::stock_dividend},
     {"merger", LedgerActionKind::merger},
     {"spin_off", LedgerActionKind::spin_off},
     {"symbol_change", LedgerActionKind::symbol_change},
     {"return_of_capital", LedgerActionKind::return_of_capital}}};

}  // namespace lotwright
