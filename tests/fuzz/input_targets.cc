// Targets that read a firm's files.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "inputs/csv_reader.h"
#include "inputs/readers.h"
#include "targets.h"

namespace lotwright::fuzz {

using inputs::BookFile;
using inputs::Draft;
using inputs::FileReport;
using inputs::MemorySource;

void promise(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

void csv(std::string_view bytes) {
  MemorySource source(bytes);
  inputs::CsvReader reader(source);
  std::int64_t line = 0;
  std::size_t cells = 0;
  while (reader.next()) {
    promise(reader.line() > line, "rows come in the order of their lines");
    line = reader.line();
    for (const std::string_view cell : reader.cells()) {
      if (reader.problem() == inputs::RowProblem::none) promise(inputs::is_utf8(cell), "a cell is UTF-8");
      cells += cell.size() + 1;
    }
    promise(reader.beginning().size() <= bytes.size(), "a row begins within the file");
  }
  promise(cells <= 2 * bytes.size() + 2, "cells are made of the file's bytes");
}

void gunzip(std::string_view bytes) {
  MemorySource inner(bytes);
  inputs::GunzipSource source(inner);
  std::array<char, 4096> text{};
  for (std::size_t total = 0; total < 8'000'000;) {  // a bomb is read on by nobody
    const std::size_t count = source.read(text.data(), text.size());
    promise(count <= text.size(), "no more is read than was asked for");
    if (count == 0) break;
    total += count;
  }
}

namespace {

void look_at(const FileReport& report) {
  for (const Finding& finding : report.findings) {
    promise(!finding.rule.empty() && !finding.message.empty(), "a finding has a rule and a message");
    promise(inputs::is_utf8(finding.message), "a message is UTF-8");
    promise(finding.place.line >= 0, "a finding is on a line");
  }
  if (report.failure) promise(!report.failure->message.empty(), "a failure has a message");
}

void read_text(Draft& draft, std::string_view text, void (*reader)(BookFile&, Draft&)) {
  FileReport report;
  MemorySource source(text);
  BookFile file(report, source);
  reader(file, draft);
  report.tell_left_out();
  look_at(report);
}

void read_firm_now(BookFile& file, Draft& draft) { inputs::read_firm(file, std::nullopt, draft); }

struct Foundation {
  void (*reader)(BookFile&, Draft&);
  const char* text;
};

// What the rows of other files refer to, in the order of reading: each file is read once.
constexpr std::array<Foundation, 4> foundation = {{
    {inputs::read_securities,
     "security_id,kind,identical_group,tags,quantity_step\nAAA,stock,G,tobacco,1\nBBB,stock,G,,0.000001\n"
     "CASH,cash,,,0.01\n"},
    {inputs::read_models, "model_id,component_kind,component_id,weight\nM,security,AAA,0.5\nM,security,BBB,0.5\n"},
    {inputs::read_taxpayers, "taxpayer_id,rate_short,rate_long\nT,0.37,0.2\n"},
    {inputs::read_accounts,
     "account_id,household_id,taxpayer_id,tax_treatment,model_id,policy_id,cash\nA,H,T,taxable,M,P,100\n"
     "B,H,,tax_deferred,M,,5\n"},
}};

// The firm and the files that are read before `reader`'s.
Draft draft_before(void (*reader)(BookFile&, Draft&)) {
  Draft draft;
  read_text(draft, "[firm]\nname = \"F\"\nas_of = 2025-06-30\n[policy.default]\n[policy.P]\n", read_firm_now);
  for (const Foundation& file : foundation) {
    if (file.reader == reader) break;
    read_text(draft, file.text, file.reader);
  }
  return draft;
}

void read_any_risk(BookFile& file, Draft& draft, int which) {
  const std::array<const char*, 3> sound = {"factor,f\nf,0.04\n", "security_id,f\nAAA,1\nBBB,1\n",
                                            "security_id,volatility\nAAA,0.2\nBBB,0.2\n"};
  std::array<FileReport, 3> reports;
  std::array<MemorySource, 3> sources = {MemorySource(sound[0]), MemorySource(sound[1]), MemorySource(sound[2])};
  std::array<BookFile, 3> files = {BookFile(reports[0], sources[0]), BookFile(reports[1], sources[1]),
                                   BookFile(reports[2], sources[2])};
  std::swap(files[static_cast<std::size_t>(which)], file);
  inputs::read_risk(files[0], files[1], files[2], draft);
  std::swap(files[static_cast<std::size_t>(which)], file);
}

constexpr std::array<void (*)(BookFile&, Draft&), 21> readers = {
    inputs::read_securities,
    inputs::read_models,
    inputs::read_taxpayers,
    inputs::read_accounts,
    [](BookFile& file, Draft& draft) { inputs::read_settings(file, {}, draft); },
    inputs::read_prices,
    inputs::read_alpha,
    inputs::read_lots,
    inputs::read_substitutes,
    inputs::read_restrictions,
    inputs::read_requests,
    inputs::read_transactions,
    inputs::read_corporate_actions,
    [](BookFile& file, Draft& draft) { read_any_risk(file, draft, 0); },
    [](BookFile& file, Draft& draft) { read_any_risk(file, draft, 1); },
    [](BookFile& file, Draft& draft) { read_any_risk(file, draft, 2); },
    inputs::read_multipliers,
    inputs::read_distributions,
    inputs::read_directed,
    inputs::read_screens,
    inputs::read_fund_holdings,
};

}  // namespace

void firm(std::string_view bytes) {
  Draft draft;
  read_text(draft, bytes, read_firm_now);
}

void table(std::string_view bytes) {
  if (bytes.empty()) return;
  // '@' is the first reader, 'A' the second: a corpus stays with its readers when one joins at the end.
  const auto letter = static_cast<unsigned char>(bytes.front() - '@');
  const auto reader = readers[letter % readers.size()];
  Draft draft = draft_before(reader);
  read_text(draft, bytes.substr(1), reader);
}

void numbers(std::string_view bytes) {
  if (bytes.empty()) return;
  const int decimals = static_cast<unsigned char>(bytes.front()) % 13;
  const std::string_view text = bytes.substr(1);
  if (const auto count = parse_decimal(text, decimals)) {
    const auto again = parse_decimal(format_decimal(*count, decimals, 0), decimals);
    promise(again && *again == *count, "a decimal is read back as it is written");
  }
  if (const auto date = Date::parse(text)) {
    promise(date->to_string() == text, "a date is written as it was read");
    promise(Date::parse(date->to_string()).value() == *date, "a date is read back as it is written");
  }
}

}  // namespace lotwright::fuzz
