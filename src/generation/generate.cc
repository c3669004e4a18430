#include "generation/generate.h"

#include <fmt/format.h>

#include <filesystem>

#include "book/rules.h"
#include "generation/book_files.h"
#include "generation/day_before.h"

namespace lotwright::generation {
namespace {

namespace fs = std::filesystem;

Failure refused(std::string message, const std::string& where) {
  return {rule::output_unwritable, std::move(message), {where, 0, {}, {}}};
}

// Without a slash at its end, so that what stands beside the folder has its name.
std::string plain(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::optional<Failure> check(const BookOrder& order, const std::string& out) {
  if (order.securities < securities_min) {
    return Failure{rule::data_number_out_of_range,
                   fmt::format("{} securities are too few: a market of funds and stocks takes at least {}",
                               order.securities, securities_min),
                   {}};
  }
  std::error_code error;
  const bool there = fs::exists(out, error);
  if (there && !fs::is_directory(out, error)) return refused("is a file: name a folder", out);
  if (there && !fs::is_empty(out, error) && !order.replace) {
    return refused("is not empty: name a new folder, or replace the book in it with --force", out);
  }
  return std::nullopt;
}

// Takes away the files of an earlier book, whose optional ones the new one might not have.
void clear(const fs::path& folder) {
  std::error_code error;
  for (const char* name :
       {"accounts", "account_settings", "alpha", "corporate_actions", "lots", "models", "prices", "positions",
        "requests", "restrictions", "securities", "substitutes", "taxpayers", "transactions"}) {
    fs::remove(folder / (std::string(name) + ".csv"), error);
    fs::remove(folder / (std::string(name) + ".csv.gz"), error);
  }
}

// One family after the other; only the market is kept in memory.
std::optional<Failure> write_families(const BookOrder& order, const Market& market, const std::vector<Target>& targets,
                                      const FaultPlan& faults, const Progress& progress, BookFiles& files,
                                      BookFiles* yesterday) {
  files.write(firm_restrictions(order.as_of));
  if (yesterday != nullptr) yesterday->write(firm_restrictions(order.as_of));
  int accounts = 0;
  for (std::uint64_t number = 0; accounts < order.accounts; ++number) {
    FamilyBook book;
    book.family =
        invent_family(order.seed, number, accounts, order.accounts - accounts, order.mix, market, targets, faults);
    const Harvested harvested(order.seed, number, order.mix.selling);
    const HoldingPlan plan{&market, &targets, &order.mix, &harvested};
    for (const AccountPlan& account : book.family.accounts) {
      Chance chance(stream(order.seed, Stream::account, static_cast<std::uint64_t>(account.number)));
      book.holdings.push_back(invent_holdings(chance, plan, account));
    }
    Chance chance(stream(order.seed, Stream::wishes, number));
    book.wishes = invent_wishes(chance, book.family, book.holdings, market, targets, order.mix);
    book.outside = invent_outside_trades(chance, plan, book.family);
    accounts += static_cast<int>(book.family.accounts.size());
    if (yesterday == nullptr) {
      files.write(book);
    } else {
      const TwoDays days = two_days(chance, std::move(book), market);
      yesterday->write(days.before);
      files.write(days.today);
    }
    if (progress) progress(accounts);
  }
  const auto closed = yesterday == nullptr ? std::nullopt : yesterday->close();
  const auto failure = files.close();
  return failure ? failure : closed;
}

}  // namespace

Result<BookCounts> generate(const BookOrder& order, const Progress& progress) {
  const std::string out = plain(order.out), before = out + ".yesterday";
  std::vector<std::string> folders{out};
  if (order.day_before) folders.push_back(before);
  for (const std::string& folder : folders) {
    if (const auto failure = check(order, folder)) return *failure;
    std::error_code error;
    fs::create_directories(folder + "/risk", error);
    if (error) return refused("cannot be made: " + error.message(), folder);
    clear(folder);
  }
  const int doubtful = order.day_before ? doubtful_roles : doubtful_roles_of_one_day;
  const Market market(order.seed, order.securities, order.mix.years, order.as_of, doubtful);
  const std::vector<Target> targets = invent_targets(market);
  const FaultPlan faults(order.seed, order.accounts, order.mix.faults,
                         order.day_before ? fault_kinds : fault_kinds_of_one_day);
  const Day day = order.day_before ? Day::today : Day::alone;
  if (const auto failure = write_firm(out, order, market, targets, faults, day)) return *failure;
  BookFiles files(out, out, market, targets, order.gzip, day);
  std::optional<BookFiles> yesterday;
  if (order.day_before) {
    const FaultPlan none(order.seed, order.accounts, 0.0);
    if (const auto failure = write_firm(before, order, market, targets, none, Day::before)) return *failure;
    yesterday.emplace(before, "", market, targets, order.gzip, Day::before);
  }
  if (const auto failure =
          write_families(order, market, targets, faults, progress, files, yesterday ? &*yesterday : nullptr))
    return *failure;
  return files.counts();
}

}  // namespace lotwright::generation
