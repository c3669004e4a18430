// screens.csv: lists of what some accounts may not hold, by version. Which accounts, and what becomes of their
// holdings, say the settings screen_<screen_id>.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "inputs/readers.h"
#include "inputs/subjects.h"
#include "inputs/table.h"

namespace lotwright::inputs {
namespace {

struct ScreenRow {
  std::string screen;
  std::optional<RestrictionSubject> subject_kind;
  std::string subject_id;
  std::optional<Date> effective_from;  // the version; none: from ever
  std::string source, name;

  auto operator<=>(const ScreenRow&) const = default;
};

const Table<ScreenRow> screens_table{
    required<&ScreenRow::screen>("screen_id"),      required<&ScreenRow::subject_kind>("subject_kind"),
    required<&ScreenRow::subject_id>("subject_id"), optional<&ScreenRow::effective_from>("effective_from"),
    optional<&ScreenRow::source>("source"),         optional<&ScreenRow::name>("name"),
};

void check_row(const ScreenRow& row, const Draft& draft, RowFaults& faults) {
  if (row.subject_kind == RestrictionSubject::lot) {
    faults.add("subject_kind", "lot", rule::data_word_unknown,
               "is one account's, and a screen is for many: name a security, or write a restriction");
  }
  if (row.subject_kind == RestrictionSubject::security && !row.subject_id.empty() &&
      !draft.securities.find(row.subject_id).exists()) {
    faults.add("subject_id", row.subject_id, rule::data_reference_unknown,
               "is not in securities.csv: add it, correct the name or take the row out");
  }
}

class ScreenShelf {
 public:
  ScreenShelf(Draft& draft, FileReport& report) : draft_(draft), report_(report), subjects_(draft.book) {
    for (const Account& account : draft.book.accounts) {
      for (const auto& [screen, use] : account.effective_policy.screens) {
        users_[screen].push_back(account_subject(account.id.text));
        uses_[screen].insert(use);
      }
    }
  }

  // A row that is wrong leaves nobody sure what the screen forbids: it holds whoever uses it.
  void add(ScreenRow& row, RowFaults& faults) {
    check_row(row, draft_, faults);
    if (!faults.any()) return rows_.push_back({std::move(row), faults.line()});
    const auto users = users_.find(row.screen);
    if (users == users_.end()) return report_.find(Severity::review, Subject{}, faults);
    for (const Subject& user : users->second) report_.find(Severity::hold, user, faults);
  }

  void place() {
    sort_unique(
        rows_,
        [](const ScreenRow& row) { return std::tie(row.screen, row.effective_from, row.subject_kind, row.subject_id); },
        [](const auto&, const auto&) {});  // the same said twice is as true as once
    const auto newest = newest_versions();
    for (const auto& [screen, version] : newest) place_version(screen, version);
    for (const auto& [screen, users] : users_) {
      if (newest.contains(screen)) continue;
      for (const Subject& user : users) tell_unknown(screen, user);
    }
    std::ranges::stable_sort(draft_.book.restrictions, {}, &Restriction::id);
  }

 private:
  using Version = std::optional<Date>;

  [[nodiscard]] std::map<std::string, Version> newest_versions() const {
    std::map<std::string, Version> newest;
    for (const auto& [row, line] : rows_) {
      if (row.effective_from && *row.effective_from > draft_.as_of()) continue;
      Version& version = newest.try_emplace(row.screen, row.effective_from).first->second;
      version = std::max(version, row.effective_from);
    }
    return newest;
  }

  // One restriction for each row and each use that is made of the screen, and one for the funds that hold too much of
  // what all rows forbid together.
  void place_version(const std::string& screen, const Version& version) {
    const std::string title =
        version ? fmt::format("screen {} of {}", screen, version->to_string()) : "screen " + screen;
    std::set<SecurityIndex> all;
    for (const auto& [row, line] : rows_) {
      if (row.screen != screen || row.effective_from != version) continue;
      const std::vector<SecurityIndex> members = subjects_.members(*row.subject_kind, row.subject_id);
      if (members.empty()) tell_empty(row, line);
      all.insert(members.begin(), members.end());
      const std::string_view kind = word_of(*row.subject_kind);
      place_row(row, {members, {}}, fmt::format("{} ({} {}", title, kind, row.subject_id));
    }
    const Meant with_funds = subjects_.looked_through({all.begin(), all.end()});
    Meant funds;
    for (std::size_t i = 0; i < with_funds.shares.size(); ++i) {
      if (all.contains(with_funds.securities[i])) continue;
      funds.securities.push_back(with_funds.securities[i]);
      funds.shares.push_back(with_funds.shares[i]);
    }
    ScreenRow of_funds;
    of_funds.screen = screen;
    of_funds.subject_kind = RestrictionSubject::security;
    of_funds.effective_from = version;
    if (!funds.securities.empty()) place_row(of_funds, funds, title + " (within funds");
  }

  void place_row(const ScreenRow& row, const Meant& meant, const std::string& title) {
    const auto uses = uses_.find(row.screen);
    if (uses == uses_.end()) return;
    for (const ScreenUse use : uses->second) {
      const bool divests = use == ScreenUse::divest_now;
      Restriction& one = draft_.book.restrictions.emplace_back();
      one.id = title + (divests ? ")" : ", tax grace)");
      one.scope = RestrictionScope::firm;
      one.rule = divests ? RestrictionRule::sell_all : RestrictionRule::never_buy;
      one.subject_kind = *row.subject_kind;
      one.subject_id = row.subject_id;
      one.securities = meant.securities;
      one.shares = meant.shares;
      one.effective_from = row.effective_from;
      one.screen = row.screen;
      one.source = row.source;
    }
  }

  void tell_empty(const ScreenRow& row, std::int64_t line) {
    report_.tell(Severity::note, Subject{}, rule::restriction_subject_empty, line, "subject_id", row.subject_id,
                 fmt::format("screen \"{}\" names \"{}\", to which no security belongs: check its spelling",
                             quotable(row.screen), quotable(row.subject_id)));
  }

  void tell_unknown(const std::string& screen, const Subject& user) {
    report_.tell(Severity::hold, user, rule::restriction_screen_unknown, 0, "screen_id", screen,
                 fmt::format("account \"{}\" uses screen \"{}\" (setting screen_{}), which has no version in force on "
                             "{} in screens.csv: add it, or set screen_{} to off",
                             quotable(user.id), quotable(screen), quotable(screen), draft_.as_of().to_string(),
                             quotable(screen)));
  }

  Draft& draft_;
  FileReport& report_;
  Subjects subjects_;
  std::map<std::string, std::vector<Subject>, std::less<>> users_;  // by screen: the accounts that name it
  std::map<std::string, std::set<ScreenUse>, std::less<>> uses_;
  std::vector<Kept<ScreenRow>> rows_;
};

}  // namespace

void read_screens(BookFile& file, Draft& draft) {
  ScreenShelf shelf(draft, file.report());
  read_table(file, screens_table, [&](ScreenRow& row, RowFaults& faults) { shelf.add(row, faults); });
  shelf.place();
}

}  // namespace lotwright::inputs
