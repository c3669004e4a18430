#include "tax/tax_years.h"

#include <map>

namespace lotwright::tax {

std::vector<TaxYear> tax_years(const LedgerBook& book, const std::vector<SaleRow>& sales, int first, int last) {
  std::map<std::pair<TaxpayerIndex, int>, NetGains> realized;
  for (const SaleRow& sale : sales) {
    const std::optional<Money> gain = sale.gain();
    if (!gain) continue;
    NetGains& year = realized[{book.accounts[sale.account.value].taxpayer, sale.sold_on.civil().year}];
    (sale.term == Term::long_term ? year.long_term : year.short_term) += *gain;
  }
  std::vector<TaxYear> years;
  for (std::uint32_t i = 0; i < book.taxpayers.size(); ++i) {
    const LedgerTaxpayer& taxpayer = book.taxpayers[i];
    if (taxpayer.held) continue;
    Money carried_short = taxpayer.carryforward_short;
    Money carried_long = taxpayer.carryforward_long;
    const bool carries = carried_short.is_positive() || carried_long.is_positive();
    const auto own = realized.lower_bound({TaxpayerIndex{i}, 0});
    const bool sold = own != realized.end() && own->first.first == TaxpayerIndex{i};
    if (!carries && !sold) continue;
    for (int year = carries ? first : own->first.second; year <= last; ++year) {
      const auto found = realized.find({TaxpayerIndex{i}, year});
      const NetGains gains = found == realized.end() ? NetGains{} : found->second;
      const ScheduleD schedule =
          net_year({gains.short_term - carried_short, gains.long_term - carried_long}, taxpayer.ordinary_loss_limit);
      years.push_back({TaxpayerIndex{i}, year, gains, schedule});
      carried_short = schedule.carryforward_short;
      carried_long = schedule.carryforward_long;
    }
  }
  return years;
}

}  // namespace lotwright::tax
