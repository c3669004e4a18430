// inputs/magnitudes.h — the last look at a book: do its numbers fit together?
#pragma once

#include "inputs/draft.h"

namespace lotwright::inputs {

// Numbers may each be possible and their sums and products leave 64 bits. An account or taxpayer whose numbers add up
// to more than 100,000,000,000 is held and they are taken out, as those of a row that cannot be read; a book of more
// than 4,000,000,000,000 dollars fails `accounts`. To be called when everything is read.
void refuse_magnitudes(Draft& draft, FileReport& accounts, FileReport& taxpayers);

}  // namespace lotwright::inputs
