#include "inputs/draft.h"

namespace lotwright::inputs {

void bar_losses(const Draft& draft, AccountIndex account, std::optional<GroupIndex> group, FileReport& report) {
  if (account.exists()) {
    for (const TaxpayerIndex taxpayer : draft.book.account(account).wash_taxpayers) report.loss_bars.push_back({taxpayer, group});
    return;
  }
  for (std::uint32_t i = 0; i < draft.book.taxpayers.size(); ++i) report.loss_bars.push_back({TaxpayerIndex{i}, group});
}

}  // namespace lotwright::inputs
