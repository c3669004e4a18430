// book/treatment_words.h — a tax treatment as accounts.csv writes it.
#pragma once

#include "book/book.h"

namespace lotwright {

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

}  // namespace lotwright
