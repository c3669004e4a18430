// reports/report.h — an account's facts in words: sections of sentences with the tables they belong to.
#pragma once

#include <string>
#include <vector>

#include "reports/facts.h"

namespace lotwright::reports {

struct Table {
  std::vector<std::string> columns;
  std::size_t text_columns = 1;  // the first ones are words, the others numbers
  std::vector<std::vector<std::string>> rows;
};

// One thing that is told, with what belongs to it.
struct Item {
  std::string sentence;
  std::vector<std::string> details;
};

struct Section {
  std::string heading;
  Table table;  // without rows: none
  std::vector<Item> items;
  bool quiet = false;  // beside the point: grey on a page
};

struct Report {
  std::string title;
  std::vector<Section> sections;
};

[[nodiscard]] Report report_of(const AccountFacts& facts);

// For a terminal: wrapped at 100 columns, no control characters.
[[nodiscard]] std::string text_of(const Report& report);

// For a program: the facts behind the sentences, and the sentences.
[[nodiscard]] std::string json_of(const AccountFacts& facts, const Report& report);

}  // namespace lotwright::reports
