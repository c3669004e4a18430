// checks/doubts.h — where the tests of data put what they find.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checks/data_tests.h"

namespace lotwright {

// What a test saw in an account: as a person reads it, and all of it. An acceptance is of all of it.
struct Observed {
  std::string shown;
  std::string whole;

  Observed(std::string both) : shown(std::move(both)), whole(shown) {}  // NOLINT: a text is what it shows
  Observed(std::string part, std::string all) : shown(std::move(part)), whole(std::move(all)) {}
  // The first few names, and all.
  [[nodiscard]] static Observed of(const std::vector<std::string>& names);
};

class Doubts {
 public:
  Doubts(const Book& book, const PreviousRun& previous) : book_(&book), previous_(&previous) {}

  void tell(const char* rule, Severity severity, Subject subject, std::string observed, std::string limit,
            std::string message) {
    found_.findings.push_back(
        {rule, severity, std::move(subject), {}, std::move(observed), std::move(limit), std::move(message)});
  }
  // `in_doubt`: records of these securities are; nobody of the account's taxpayers takes a loss in their groups. What a
  // person has accepted becomes a note that says when.
  void tell(const char* rule, Severity severity, const Account& account, Observed observed, std::string limit,
            std::string message, const std::vector<SecurityIndex>& in_doubt = {});
  [[nodiscard]] DataDoubts take() { return std::move(found_); }

 private:
  [[nodiscard]] std::optional<Date> accepted_on(const char* rule, const Account& account,
                                                const std::string& fact) const;

  const Book* book_;
  const PreviousRun* previous_;
  DataDoubts found_;
};

}  // namespace lotwright
