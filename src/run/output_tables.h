// run/output_tables.h — the columns of a run's files, each with what its cells mean: written by run/outputs.cc, read by
// `lotwright query`. The one place that lists them.
#pragma once

#include "query/table.h"
#include "run/csv_writer.h"

namespace lotwright {

// Of these files rows can be asked for (run/query_files.h), the first where none is named.
[[nodiscard]] std::span<const query::Table> output_tables();

// A writer of the file of this table, its header written: "accounts" for accounts.csv, in `place` ("kept_back/"; empty:
// the folder itself). Another name is a Defect.
[[nodiscard]] CsvWriter writer_of(OutputFolder& folder, std::string_view table, std::string_view place = "");

}  // namespace lotwright
