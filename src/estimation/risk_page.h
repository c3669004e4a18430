// estimation/risk_page.h — the validation as one page with two charts that needs nothing besides itself.
#pragma once

#include "estimation/risk_files.h"

namespace lotwright::estimation {

[[nodiscard]] std::string validation_page(const ReportParts& parts);

}  // namespace lotwright::estimation
