// run/query_files.h — a question (query/) put to the files of a finished run, and its answer as text, CSV and JSON.
#pragma once

#include <string>

#include "query/question.h"

namespace lotwright {

// Reads only the files that the question is about. A file that is not there, lacks a column or has a cell that no run
// writes is a Failure with its place.
[[nodiscard]] Result<query::Answer> answer_from(const query::Question& question, const std::string& folder);

// For a terminal: `brief_only` leaves out the columns that a person does not look at first.
[[nodiscard]] std::string text_of(const query::Answer& answer, bool brief_only);
[[nodiscard]] std::string csv_of(const query::Answer& answer);
[[nodiscard]] std::string json_of(const query::Answer& answer);

}  // namespace lotwright
