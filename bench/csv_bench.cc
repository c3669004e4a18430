// How fast lots.csv is read, in bytes of text a second on one core: the cells alone, the cells as lots, the same from
// gzip, and from a file with its SHA-256. Targets: 200 MB/s plain, 100 MB/s of text out of gzip.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <zlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "inputs/csv_reader.h"
#include "inputs/readers.h"

namespace lotwright::inputs {
namespace {

constexpr int accounts = 40'000;
constexpr int lots_an_account = 100;
constexpr int securities = 3'000;

std::string account_name(int i) { return fmt::format("A{:06}", i); }
std::string security_name(int i) { return fmt::format("S{:04}", i); }

// Some 190 MB: four million lots, account by account, as a custodian's extract comes.
const std::string& lots_csv() {
  static const std::string text = [] {
    std::string made = "account_id,lot_id,security_id,quantity,cost_basis,acquired_on,held_from\n";
    for (int a = 0; a < accounts; ++a) {
      for (int l = 0; l < lots_an_account; ++l) {
        const int mixed = (a * 7919 + l * 104'729) % 1'000'003;
        made += fmt::format("{},L{:05},{},{},{}.{:02},20{:02}-{:02}-{:02},\n", account_name(a), l,
                            security_name(mixed % securities), 1 + mixed % 5000, mixed * 3L, mixed % 100,
                            5 + mixed % 15, 1 + mixed % 12, 1 + mixed % 28);
      }
    }
    return made;
  }();
  return text;
}

// The same text as one gzip member.
const std::string& lots_csv_gz() {
  static const std::string bytes = [] {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string packed(deflateBound(&stream, lots_csv().size()), '\0');
    std::string text = lots_csv();
    stream.next_in = reinterpret_cast<Bytef*>(text.data());
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
  }();
  return bytes;
}

// A book that has the accounts and securities of the file.
Draft draft_for_lots() {
  Draft draft;
  draft.book.firm.as_of = Date::of(2025, 6, 30);
  for (int i = 0; i < securities; ++i) draft.book.securities.emplace_back().id = SecurityId(security_name(i));
  for (int i = 0; i < accounts; ++i) draft.book.accounts.emplace_back().id = AccountId(account_name(i));
  draft.securities = Names<SecurityIndex>(draft.book.securities);
  draft.accounts = Names<AccountIndex>(draft.book.accounts);
  return draft;
}

void count_bytes(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * lots_csv().size()));
}

void cut_cells(benchmark::State& state) {
  lots_csv();
  for (auto _ : state) {
    MemorySource source(lots_csv());
    CsvReader csv(source);
    std::size_t cells = 0;
    while (csv.next()) cells += csv.cells().size();
    benchmark::DoNotOptimize(cells);
  }
  count_bytes(state);
}

// Reads lots from whatever `open` makes of the report.
template <class Open>
void read_lots_of(benchmark::State& state, Open open) {
  for (auto _ : state) {
    state.PauseTiming();
    Draft draft = draft_for_lots();
    FileReport report;
    state.ResumeTiming();
    open(report, [&](BookFile& file) { read_lots(file, draft); });
    if (!report.findings.empty() || draft.book.accounts.back().lots.size() != lots_an_account) {
      state.SkipWithError("the lots were not read");
    }
    state.PauseTiming();
    draft = Draft();
    state.ResumeTiming();
  }
  count_bytes(state);
}

void lots_plain(benchmark::State& state) {
  lots_csv();
  read_lots_of(state, [](FileReport& report, const auto& read) {
    MemorySource source(lots_csv());
    BookFile file(report, source);
    read(file);
  });
}

void lots_gzip(benchmark::State& state) {
  lots_csv_gz();
  read_lots_of(state, [](FileReport& report, const auto& read) {
    MemorySource packed(lots_csv_gz());
    GunzipSource source(packed);
    BookFile file(report, source);
    read(file);
  });
}

void lots_file_with_hash(benchmark::State& state) {
  const std::string path = (std::filesystem::temp_directory_path() / "lotwright_csv_bench.csv").string();
  std::ofstream(path, std::ios::binary) << lots_csv();
  read_lots_of(state, [&](FileReport& report, const auto& read) {
    BookFile file(report, path, false);
    read(file);
  });
  std::filesystem::remove(path);
}

BENCHMARK(cut_cells)->Unit(benchmark::kMillisecond);
BENCHMARK(lots_plain)->Unit(benchmark::kMillisecond);
BENCHMARK(lots_gzip)->Unit(benchmark::kMillisecond);
BENCHMARK(lots_file_with_hash)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace lotwright::inputs

BENCHMARK_MAIN();
