#include "orders/cash_line.h"

namespace lotwright {

Money cash_line_after(const Book& book, const AccountResult& result) {
  const auto worth = [&](SecurityIndex i, Quantity quantity) {
    const Security& security = book.security(i);
    return security.kind == SecurityKind::cash && security.price ? value_of(quantity, *security.price) : Money{};
  };
  Money line = result.cash_after - (result.value - result.investable);
  for (const TaxLot& lot : book.account(result.account).lots) line += worth(lot.security, lot.quantity);
  for (const Order& order : result.orders) {
    const Money moved = worth(order.trade.security, order.trade.quantity);
    line = order.trade.side == Side::buy ? line + moved : line - moved;
  }
  return line;
}

}  // namespace lotwright
