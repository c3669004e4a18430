// checks/doubts.h — where the tests of data put what they find.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/data_tests.h"

namespace lotwright {

// A person may accept what these tests find in an account (`run --accept`): the facts are lawful and rare.
[[nodiscard]] bool may_be_accepted(std::string_view rule);

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
  void tell(const char* rule, Severity severity, const Account& account, std::string observed, std::string limit,
            std::string message, const std::vector<SecurityIndex>& in_doubt = {});
  [[nodiscard]] DataDoubts take() { return std::move(found_); }

 private:
  [[nodiscard]] std::optional<Date> accepted_on(const char* rule, const Account& account,
                                                const std::string& observed) const;

  const Book* book_;
  const PreviousRun* previous_;
  DataDoubts found_;
};

}  // namespace lotwright
