#include "inputs/file_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "inputs/csv_reader.h"

namespace lotwright::inputs {
namespace {

constexpr std::size_t quoted_bytes_max = 200;

// "lots.csv line 7", or the file alone for line 0.
std::string where(const Place& place) {
  return place.line == 0 ? place.file : fmt::format("{} line {}", place.file, place.line);
}

// "quantity "-1" must be above zero"
std::string sentence_of(const Failure& fault) {
  const std::string cell =
      fault.place.column.empty() ? "the row" : fmt::format("{} \"{}\"", fault.place.column, fault.place.value);
  return fmt::format("{} {}", cell, fault.message);
}

}  // namespace

std::string quotable(std::string_view text) {
  std::string copy(text.substr(0, quoted_bytes_max));
  const auto inside_character = [&] { return (static_cast<unsigned char>(text[copy.size()]) & 0xC0U) == 0x80U; };
  while (!copy.empty() && copy.size() < text.size() && inside_character()) copy.pop_back();
  const bool readable = is_utf8(copy);
  const auto is_unprintable = [readable](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F || (!readable && byte >= 0x80);
  };
  std::replace_if(copy.begin(), copy.end(), is_unprintable, '?');
  return copy;
}

void RowFaults::add(std::string_view column, std::string_view value, const char* rule, std::string message) {
  const Place place{.file = {}, .line = line_, .column = std::string(column), .value = quotable(value)};
  faults_.push_back({rule, std::move(message), place});
}

bool RowFaults::has(std::string_view column) const {
  return std::any_of(faults_.begin(), faults_.end(), [&](const Failure& f) { return f.place.column == column; });
}

void LossBars::add(const LossBars& other) {
  bars_.insert(other.bars_.begin(), other.bars_.end());
  everyone_.insert(other.everyone_.begin(), other.everyone_.end());
}

std::vector<LossBar> LossBars::all(std::size_t taxpayers) const {
  constexpr std::size_t groups_max = 100;
  const bool every_group = everyone_.contains(std::nullopt) || everyone_.size() > groups_max;
  auto bars = bars_;
  for (const Group group : every_group ? std::set<Group>{std::nullopt} : everyone_) {
    for (std::uint32_t i = 0; i < taxpayers; ++i) bars.emplace(TaxpayerIndex{i}, group);
  }
  std::vector<LossBar> all;
  for (const auto& [taxpayer, group] : bars) all.push_back({taxpayer, group});
  return all;
}

void FileReport::find(Severity severity, const Subject& subject, const RowFaults& faults) {
  for (const Failure& fault : faults.all()) {
    tell(severity, subject, fault.rule.c_str(), fault.place.line, fault.place.column, fault.place.value,
         sentence_of(fault));
  }
}

std::vector<Failure> FileReport::failures_of(const RowFaults& faults) const {
  std::vector<Failure> failures = faults.all();
  for (Failure& fault : failures) {
    fault.place.file = input.name;
    fault.message = fmt::format("{}: {}.", where(fault.place), sentence_of(fault));
  }
  return failures;
}

void FileReport::tell(Severity severity, const Subject& subject, const char* rule, std::int64_t line,
                      std::string_view column, std::string_view value, const std::string& message) {
  if (++told_[{severity, subject.kind, subject.id}] > findings_max) return;
  Place place{.file = input.name, .line = line, .column = std::string(column), .value = quotable(value)};
  findings.push_back({.rule = rule,
                      .severity = severity,
                      .subject = subject,
                      .place = place,
                      .observed = place.value,
                      .limit = {},
                      .message = fmt::format("{}: {}.", where(place), message)});
}

void FileReport::fail(const char* rule, std::int64_t line, std::string_view column, const std::string& message) {
  if (failure) return;
  const Place place{.file = input.name, .line = line, .column = std::string(column), .value = {}};
  failure = Failure{rule, message, place};
}

void FileReport::tell_left_out() {
  const auto told = std::move(told_);
  told_.clear();
  for (const auto& [key, count] : told) {
    const auto& [severity, kind, id] = key;
    if (count <= findings_max) continue;
    tell(Severity::note, {kind, id}, rule::data_findings_left_out, 0, {}, {},
         fmt::format("further findings, {} of severity {}, are left out: correct the first {} and check again",
                     count - findings_max, name_of(severity), findings_max));
  }
}

void FileReport::tell_duplicate(const Subject& subject, std::string_view column, std::string_view key,
                                std::int64_t line, std::int64_t other_line) {
  tell(Severity::hold, subject, rule::data_key_duplicate, line, column, key,
       fmt::format("{} \"{}\" stands in line {} too: keep one of the rows", column, quotable(key), other_line));
}

void Strangers::add(std::string_view id, std::int64_t line) {
  ++rows_;
  if (!first_lines_.contains(id)) first_lines_.emplace(id, line);
}

void Strangers::add_meant(const Subject& known, std::string_view id, std::int64_t line) {
  const bool again = !meant_.empty() && meant_.back().known == known && meant_.back().id == id;
  if (!again) meant_.push_back({known, std::string(id), line});
}

void Strangers::tell(FileReport& report, std::string_view column, std::string_view elsewhere, Severity severity) const {
  for (const auto& [known, id, line] : meant_) {
    report.tell(Severity::hold, known, rule::data_reference_unknown, line, column, id,
                fmt::format("{} \"{}\" is not in {}, where \"{}\" is: write it the same in both", column, quotable(id),
                            elsewhere, quotable(known.id)));
  }
  if (rows_ == 0) return;
  const auto& [id, line] = *first_lines_.begin();
  const std::string others = first_lines_.size() == 1   ? ""
                             : first_lines_.size() == 2 ? " and 1 other"
                                                        : fmt::format(" and {} others", first_lines_.size() - 1);
  report.tell(severity, {}, rule::data_reference_unknown, line, column, id,
              fmt::format("{} \"{}\"{} not in {}: {} left aside; add what belongs to the book", column, quotable(id),
                          others + (others.empty() ? " is" : " are"), elsewhere,
                          rows_ == 1 ? "1 row" : fmt::format("{} rows", rows_)));
}

}  // namespace lotwright::inputs
