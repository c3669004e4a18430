#include "inputs/inputs.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <filesystem>
#include <functional>
#include <thread>
#include <tuple>

#include "inputs/magnitudes.h"
#include "inputs/readers.h"

namespace lotwright {
namespace {

using inputs::BookFile;
using inputs::BookFolder;
using inputs::Draft;
using inputs::FileReport;
using inputs::Presence;

// Runs the tasks on up to `threads` threads. Each task writes what no other touches, so the order is of no account.
void run_side_by_side(const std::vector<std::function<void()>>& tasks, int threads) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < tasks.size(); i = next++) tasks[i]();
  };
  std::vector<std::jthread> others;
  for (int i = 1; i < std::min(threads, static_cast<int>(tasks.size())); ++i) others.emplace_back(work);
  work();
}

// By place within one file; the files themselves stay in the order of reading, so that a cause comes before what it
// holds.
void sort(Findings& findings) {
  std::sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    const auto key = [](const Finding& f) {
      return std::tie(f.place.file, f.place.line, f.place.column, f.rule, f.subject.kind, f.subject.id, f.message);
    };
    return key(a) < key(b);
  });
}

// Reads the files of one book and gathers what they report.
class BookReader {
 public:
  BookReader(const std::string& folder, const ReadOptions& options) : folder_(folder), options_(options) {}

  Result<Book> read();
  [[nodiscard]] inputs::Origins origins() && { return std::move(draft_.origins); }

 private:
  BookFile open(const std::string& name, Presence presence);
  [[nodiscard]] const std::optional<Failure>& failure() const;
  [[nodiscard]] FileReport& report_of(const std::string& name);
  void read_foundations();
  void read_the_rest();
  void gather();

  BookFolder folder_;
  const ReadOptions& options_;
  Draft draft_;
  std::deque<FileReport> reports_;  // in the order of opening; they stay where they are
};

BookFile BookReader::open(const std::string& name, Presence presence) {
  const auto other = options_.instead.find(name);
  if (other == options_.instead.end()) return folder_.open(name, presence, reports_.emplace_back());
  FileReport aside;  // the folder's own is nobody's question then
  (void)folder_.open(name, Presence::optional, aside);
  FileReport& report = reports_.emplace_back();
  report.input.name = other->second;
  std::error_code error;
  if (std::filesystem::is_regular_file(other->second, error)) {
    return BookFile(report, other->second, other->second.ends_with(".gz"));
  }
  report.fail(rule::data_file_missing, 0, {},
              std::filesystem::exists(other->second, error) ? "this is no file: name one to read in its place"
                                                            : "there is no such file: check the path");
  return BookFile(report);
}

const std::optional<Failure>& BookReader::failure() const {
  static const std::optional<Failure> none;
  const auto failed =
      std::find_if(reports_.begin(), reports_.end(), [](const FileReport& r) { return r.failure.has_value(); });
  return failed == reports_.end() ? none : failed->failure;
}

// Of a file that was looked for, whether it is there or not.
FileReport& BookReader::report_of(const std::string& name) {
  const auto found = std::find_if(reports_.begin(), reports_.end(),
                                  [&](const FileReport& report) { return report.input.name.starts_with(name); });
  require(found != reports_.end(), "a report is asked for before its file is opened");
  return *found;
}

// What everything else refers to, one after the other.
void BookReader::read_foundations() {
  using enum Presence;
  const auto read = [&](const char* name, Presence presence, auto reader) {
    BookFile file = open(name, presence);
    if (!failure()) reader(file, draft_);
  };
  read("firm.toml", required, [&](BookFile& file, Draft& draft) { inputs::read_firm(file, options_.as_of, draft); });
  read("securities.csv", required, inputs::read_securities);
  read("fund_holdings.csv", optional, inputs::read_fund_holdings);
  read("models.csv", required, inputs::read_models);
  read("products.csv", optional, inputs::read_products);
  read("taxpayers.csv", optional, inputs::read_taxpayers);
  read("brackets.csv", optional, inputs::read_brackets);
  read("accounts.csv", required, inputs::read_accounts);
  read("account_settings.csv", optional,
       [&](BookFile& file, Draft& draft) { inputs::read_settings(file, options_.asked, draft); });
}

void BookReader::read_the_rest() {
  using enum Presence;
  std::vector<std::function<void()>> tasks;
  const auto plan = [&](const char* name, Presence presence, void (*reader)(BookFile&, Draft&)) {
    auto file = std::make_shared<BookFile>(open(name, presence));
    tasks.push_back([this, file, reader] { reader(*file, draft_); });
    return file;
  };
  plan("lots.csv", required, inputs::read_lots);  // the largest first
  plan("transactions.csv", optional, inputs::read_transactions);
  plan("prices.csv", required, inputs::read_prices);
  plan("positions.csv", optional, inputs::read_positions);
  plan("alpha.csv", optional, inputs::read_alpha);
  plan("substitutes.csv", optional, inputs::read_substitutes);
  const auto restrictions = std::make_shared<BookFile>(open("restrictions.csv", optional));
  const auto screens = std::make_shared<BookFile>(open("screens.csv", optional));
  tasks.push_back([this, restrictions, screens] {
    inputs::read_restrictions(*restrictions, draft_);
    inputs::read_screens(*screens, draft_);
  });
  plan("requests.csv", optional, inputs::read_requests);
  plan("distributions.csv", optional, inputs::read_distributions);
  plan("directed.csv", optional, inputs::read_directed);
  plan("corporate_actions.csv", optional, inputs::read_corporate_actions);
  plan("multipliers.csv", optional, inputs::read_multipliers);
  auto covariance = std::make_shared<BookFile>(open("risk/factor_covariance.csv", optional));
  auto exposures = std::make_shared<BookFile>(open("risk/exposures.csv", optional));
  auto specific = std::make_shared<BookFile>(open("risk/specific_risk.csv", optional));
  for (BookFile* file : {covariance.get(), exposures.get(), specific.get()}) {
    if (file->source() != nullptr) continue;
    file->report().fail(
        rule::data_risk_unusable, 0, {},
        "the file is missing: make the risk folder with lotwright risk-model --prices FILE --out BOOK/risk");
  }
  tasks.push_back(
      [this, covariance, exposures, specific] { inputs::read_risk(*covariance, *exposures, *specific, draft_); });
  if (failure()) return;
  run_side_by_side(tasks, options_.threads);
  inputs::find_restricted_lots(draft_, restrictions->report());
  inputs::add_distributions(draft_);
  inputs::refuse_magnitudes(draft_, report_of("accounts.csv"), report_of("taxpayers.csv"));
  inputs::customize_models(draft_, report_of("accounts.csv"), options_.fitted_to);
}

void BookReader::gather() {
  Book& book = draft_.book;
  folder_.tell_unknown(reports_.emplace_back(), "book");
  inputs::LossBars loss_bars;
  for (FileReport& report : reports_) {
    report.tell_left_out();
    if (report.present) book.files.push_back(report.input);
    sort(report.findings);
    std::move(report.findings.begin(), report.findings.end(), std::back_inserter(book.findings));
    loss_bars.add(report.loss_bars);
  }
  std::sort(book.files.begin(), book.files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  book.loss_bars = loss_bars.all(book.taxpayers.size());
}

Result<Book> BookReader::read() {
  if (!folder_.exists()) {
    return Failure{rule::data_file_missing, "there is no book folder of this name: check the path", {}};
  }
  if (!folder_.listed()) {
    return Failure{rule::data_file_unreadable, "the folder cannot be listed: check that this user may read it", {}};
  }
  read_foundations();
  if (!failure()) read_the_rest();
  if (failure()) return *failure();
  gather();
  return std::move(draft_.book);
}

}  // namespace

Result<Book> read_book(const std::string& folder, const ReadOptions& options, inputs::Origins* origins) {
  BookReader reader(folder, options);
  Result<Book> book = reader.read();
  if (origins != nullptr) *origins = std::move(reader).origins();
  return book;
}

}  // namespace lotwright
