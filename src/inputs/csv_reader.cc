#include "inputs/csv_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace lotwright::inputs {
namespace {

constexpr std::size_t block_bytes = 256 * 1024;
constexpr std::size_t lanes = 16;  // the scanner looks at so many bytes at once, and may look that far past the end

// Bit i of each: whether byte i behind `at` ends a plain cell (comma, newline or quote), and whether it is not ASCII.
struct Marks {
  unsigned stops = 0;
  unsigned high = 0;
};

#if defined(__SSE2__)

Marks marks_of(const char* at) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const auto equal = [&](char wanted) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted)); };
  const __m128i stops = _mm_or_si128(_mm_or_si128(equal(','), equal('\n')), equal('"'));
  return {static_cast<unsigned>(_mm_movemask_epi8(stops)), static_cast<unsigned>(_mm_movemask_epi8(bytes))};
}

#else

Marks marks_of(const char* at) {
  Marks marks;
  for (std::size_t i = 0; i < lanes; ++i) {
    marks.stops |= (at[i] == ',' || at[i] == '\n' || at[i] == '"') ? 1U << i : 0U;
    marks.high |= (static_cast<unsigned char>(at[i]) & 0x80U) != 0 ? 1U << i : 0U;
  }
  return marks;
}

#endif

// The comma, newline or quote at or behind `at`; null where there is none before `end`. `high` gathers bytes beyond
// ASCII.
inline const char* find_stop(const char* at, const char* end, unsigned& high) {
  for (; at < end; at += lanes) {
    const Marks marks = marks_of(at);
    high |= marks.high;
    if (marks.stops == 0) continue;
    at += std::countr_zero(marks.stops);
    return at < end ? at : nullptr;
  }
  return nullptr;
}

// One UTF-8 sequence at the front of `text`: its length, or 0 where it is none (RFC 3629: no overlong forms, no
// surrogates, nothing beyond U+10FFFF).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i, unsigned low, unsigned high) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1, 0x80, 0xBF) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool second = continues(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
    return second && continues(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool second = continues(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
    return second && continues(2, 0x80, 0xBF) && continues(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

// "a""b" without the doubling, in place.
std::string_view undouble(std::string_view cell) {
  char* out = const_cast<char*>(cell.data());  // NOLINT: the cell lies in the reader's own buffer
  const char* const start = out;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    *out++ = cell[i];
    if (cell[i] == '"') ++i;
  }
  return {start, static_cast<std::size_t>(out - start)};
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

CsvReader::CsvReader(ByteSource& source)
    : source_(source),
      buffer_(std::make_unique<char[]>(line_bytes_max + block_bytes + lanes)),
      begin_(buffer_.get()),
      end_(buffer_.get()) {}

std::string_view CsvReader::beginning() const {
  const std::string_view row(begin_, static_cast<std::size_t>((row_end_ != nullptr ? row_end_ : end_) - begin_));
  return row.substr(0, std::min<std::size_t>(200, row.find('\n')));
}

bool CsvReader::next() {
  if (row_end_ != nullptr) begin_ += row_end_ - begin_;
  if (passing_) pass_over_line();
  for (;;) {
    const Scan scan = scan_row();
    if (scan == Scan::complete) {
      const bool blank = cells_.size() == 1 && cells_[0].empty() && *begin_ != '"';
      finish_row();
      if (!blank) return true;
      begin_ += row_end_ - begin_;
    } else if (static_cast<std::size_t>(end_ - begin_) >= line_bytes_max) {
      problem_ = RowProblem::too_long;
      line_ = next_line_++;
      passing_ = true;
      return true;
    } else if (!fill()) {
      return false;
    }
  }
}

// Reads more bytes behind those of the unfinished row. At the end of the source the last line gets the newline it
// may lack, so that every row ends alike.
bool CsvReader::fill() {
  if (at_end_) return false;
  const std::size_t kept = static_cast<std::size_t>(end_ - begin_);
  std::memmove(buffer_.get(), begin_, kept);
  begin_ = buffer_.get();
  end_ = begin_ + kept;
  const std::size_t count = source_.read(end_, block_bytes);
  end_ += count;
  at_end_ = count == 0;
  if (at_end_ && (source_.failure() || kept == 0)) return false;
  if (at_end_) *end_++ = '\n';
  newline_lent_ = at_end_;
  if (first_ && std::string_view(begin_, static_cast<std::size_t>(end_ - begin_)).starts_with("\xEF\xBB\xBF")) {
    begin_ += 3;
  }
  first_ = first_ && end_ - begin_ < 3 && !at_end_;
  return true;
}

void CsvReader::pass_over_line() {
  passing_ = false;
  for (;;) {
    const auto* newline = static_cast<const char*>(std::memchr(begin_, '\n', static_cast<std::size_t>(end_ - begin_)));
    if (newline != nullptr) {
      begin_ += newline + 1 - begin_;
      return;
    }
    begin_ = end_;
    if (!fill()) return;
  }
}

// Cuts the bytes from begin_ into cells up to the row's end. Incomplete where the row goes on behind end_.
CsvReader::Scan CsvReader::scan_row() {
  cells_.clear();
  escaped_.clear();
  row_end_ = nullptr;
  problem_ = RowProblem::none;
  high_bits_ = 0;
  spans_lines_ = false;
  const char* cell = begin_;
  for (;;) {
    if (cell >= end_) return Scan::incomplete;
    const char* stop = *cell == '"' ? scan_quoted(cell) : find_stop(cell, end_, high_bits_);
    if (row_end_ != nullptr) return Scan::complete;  // quotes refused: the row was cut short
    if (stop == nullptr) return Scan::incomplete;
    if (*cell != '"') {
      while (*stop == '"') {  // inside a plain cell
        problem_ = RowProblem::quotes;
        stop = find_stop(stop + 1, end_, high_bits_);
        if (stop == nullptr) return Scan::incomplete;
      }
      const bool carriage_return = *stop == '\n' && stop > cell && stop[-1] == '\r';
      cells_.emplace_back(cell, static_cast<std::size_t>(stop - cell) - (carriage_return ? 1 : 0));
    }
    if (*stop == '\n') {
      row_end_ = stop + 1;
      return Scan::complete;
    }
    cell = stop + 1;
  }
}

// Takes the quoted cell at `cell` and returns the comma or newline behind it; null where that is not read yet.
const char* CsvReader::scan_quoted(const char* cell) {
  bool escaped = false;
  const char* close = cell;
  for (;;) {
    const char* from = close + 1;
    close = static_cast<const char*>(std::memchr(from, '"', static_cast<std::size_t>(end_ - from)));
    const bool ends_here = close == nullptr || close + 1 == end_;  // a quote may still follow
    if (ends_here && (at_end_ || end_ - begin_ >= static_cast<std::ptrdiff_t>(line_bytes_max))) {
      refuse_quotes_at(cell);
      return nullptr;
    }
    if (ends_here) return nullptr;
    if (close[1] != '"') break;
    escaped = true;
    ++close;
  }
  const char* stop = close + 1;
  if (*stop == '\r' && stop + 1 < end_) ++stop;
  const bool carriage_return_last = *stop == '\r' && !at_end_;
  if (carriage_return_last) return nullptr;
  if (*stop != '\n' && (*stop != ',' || stop != close + 1)) {
    refuse_quotes_at(cell);
    return nullptr;
  }
  if (escaped) escaped_.push_back(cells_.size());
  cells_.emplace_back(cell + 1, static_cast<std::size_t>(close - cell - 1));
  spans_lines_ = true;
  for (const char c : cells_.back()) high_bits_ |= static_cast<unsigned char>(c) & 0x80U;
  return stop;
}

// A quote that closes nowhere sensible may be a stray one: the row ends with the line it stands on, so that the lines
// behind it are not swallowed. A line without an end yet is left to grow until it is too long.
void CsvReader::refuse_quotes_at(const char* cell) {
  const auto* newline = static_cast<const char*>(std::memchr(cell, '\n', static_cast<std::size_t>(end_ - cell)));
  if (newline == nullptr) return;
  problem_ = RowProblem::quotes;
  row_end_ = newline + 1;
  spans_lines_ = true;
}

void CsvReader::finish_row() {
  line_ = next_line_++;
  if (spans_lines_) next_line_ = line_ + std::count(static_cast<const char*>(begin_), row_end_, '\n');
  const std::string_view row(begin_, static_cast<std::size_t>(row_end_ - begin_));
  if (high_bits_ != 0 && problem_ == RowProblem::none && !is_utf8(row)) problem_ = RowProblem::not_utf8;
  for (const std::size_t i : escaped_) cells_[i] = undouble(cells_[i]);
}

}  // namespace lotwright::inputs
