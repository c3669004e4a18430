#include "checks/data_tests.h"

#include <algorithm>
#include <iterator>

#include "checks/account_tests.h"
#include "checks/model_moves.h"
#include "checks/position_tests.h"
#include "checks/price_tests.h"
#include "checks/repeated_tests.h"

namespace lotwright {
namespace {

// An account of which this many runs are known has a usual turnover; fewer say nothing.
constexpr std::int64_t runs_min = 5;

void recall_turnover(Book& book, const PreviousRun& previous) {
  for (Account& account : book.accounts) {
    const auto then = previous.account_rows.find(account.id.text);
    if (then == previous.account_rows.end() || then->second.runs < runs_min) continue;
    account.turnover_usual = Weight::of_count(then->second.turnover.count() / then->second.runs);
  }
}

void recall_models(Book& book, const PreviousRun& previous) {
  ModelMoves moves(book, previous);
  for (std::uint32_t i = 0; i < book.accounts.size(); ++i) book.accounts[i].model_moved = moves.of({i}).moved;
}

}  // namespace

bool custodian_counts(const Book& book) {
  const auto is_positions = [](const InputFile& file) { return file.name.starts_with("positions.csv"); };
  return !book.positions.empty() || std::ranges::any_of(book.files, is_positions);
}

DataDoubts test_data(const Book& book, const PreviousRun& previous) {
  Doubts doubts(book, previous);
  test_prices(book, previous, doubts);
  test_bases(book, doubts);
  test_classes(book, doubts);
  test_custodian(book, doubts);
  test_repeated(book, doubts);
  test_moves(book, previous, doubts);
  test_accounts(book, previous, doubts);
  return doubts.take();
}

Book doubted(Book book, PreviousRun& previous) {
  DataDoubts doubts = test_data(book, previous);
  std::ranges::move(doubts.findings, std::back_inserter(book.findings));
  std::ranges::move(doubts.loss_bars, std::back_inserter(book.loss_bars));
  previous.accepted = std::move(doubts.accepted);
  const auto order = [](const LossBar& bar) { return std::pair(bar.taxpayer, bar.group); };
  std::ranges::sort(book.loss_bars, {}, order);
  const auto repeated = std::ranges::unique(book.loss_bars, {}, order);
  book.loss_bars.erase(repeated.begin(), repeated.end());
  recall_turnover(book, previous);
  recall_models(book, previous);
  return book;
}

}  // namespace lotwright
