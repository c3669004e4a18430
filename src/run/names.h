// run/names.h — how statuses, sides and the like are written in files.
#pragma once

#include "orders/orders.h"

namespace lotwright {

[[nodiscard]] constexpr const char* name_of(Side side) { return side == Side::buy ? "buy" : "sell"; }
[[nodiscard]] constexpr const char* name_of(Term term) { return term == Term::long_term ? "long_term" : "short_term"; }
[[nodiscard]] constexpr const char* name_of(AccountStatus status) {
  return status == AccountStatus::active ? "active" : "frozen";
}
[[nodiscard]] constexpr const char* name_of(TaxTreatment treatment) {
  switch (treatment) {
    case TaxTreatment::taxable:
      return "taxable";
    case TaxTreatment::tax_deferred:
      return "tax_deferred";
    case TaxTreatment::tax_free:
      return "tax_free";
  }
  return "";
}
[[nodiscard]] constexpr const char* name_of(ResultStatus status) {
  switch (status) {
    case ResultStatus::traded:
      return "traded";
    case ResultStatus::no_trade:
      return "no_trade";
    case ResultStatus::held:
      return "held";
    case ResultStatus::failed:
      return "failed";
  }
  return "";
}
[[nodiscard]] constexpr const char* name_of(Decision decision) {
  switch (decision) {
    case Decision::bought:
      return "bought";
    case Decision::sold:
      return "sold";
    case Decision::kept:
      return "kept";
    case Decision::not_bought:
      return "not_bought";
    case Decision::cash:
      return "cash";
  }
  return "";
}

[[nodiscard]] constexpr const char* name_of(RequestKind kind) {
  switch (kind) {
    case RequestKind::cash_out:
      return "cash_out";
    case RequestKind::cash_in:
      return "cash_in";
    case RequestKind::liquidate:
      return "liquidate";
    case RequestKind::harvest:
      return "harvest";
    case RequestKind::realize_gains:
      return "realize_gains";
    case RequestKind::preserve_losses:
      return "preserve_losses";
    case RequestKind::model_change:
      return "model_change";
    case RequestKind::set_aside:
      return "set_aside";
    case RequestKind::transfer_out:
      return "transfer_out";
    case RequestKind::freeze:
      return "freeze";
  }
  return "";
}
[[nodiscard]] constexpr const char* name_of(RestrictionRule rule) {
  switch (rule) {
    case RestrictionRule::never_buy:
      return "never_buy";
    case RestrictionRule::never_sell:
      return "never_sell";
    case RestrictionRule::freeze:
      return "freeze";
    case RestrictionRule::sell_all:
      return "sell_all";
    case RestrictionRule::weight_max:
      return "weight_max";
    case RestrictionRule::weight_min:
      return "weight_min";
    case RestrictionRule::lock_quantity:
      return "lock_quantity";
  }
  return "";
}
[[nodiscard]] constexpr const char* name_of(TransactionKind kind) {
  switch (kind) {
    case TransactionKind::buy:
      return "buy";
    case TransactionKind::sell:
      return "sell";
    case TransactionKind::reinvest:
      return "reinvest";
    case TransactionKind::transfer_in:
      return "transfer_in";
    case TransactionKind::transfer_out:
      return "transfer_out";
  }
  return "";
}

}  // namespace lotwright
