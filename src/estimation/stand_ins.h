// estimation/stand_ins.h — rows of the risk model for securities without a history of their own: the mean of the
// nearest group.
#pragma once

#include "estimation/risk_estimate.h"

namespace lotwright::estimation {

// Fills the rows whose origin is not `own` yet and says in `origins` which group served. A security of kind cash has
// no risk. `everybody` serves where no group is large enough.
void fill_stand_ins(const std::vector<Description>& descriptions, RiskEstimate& estimate);

// Whose price is a basket's: told by its kind; where none is told, by what the factors leave of its variance.
[[nodiscard]] bool is_fund(const Description& description, double unexplained);

}  // namespace lotwright::estimation
