// checks/doubts.h — where the tests of data put what they find.
#pragma once

#include <string>

#include "checks/data_tests.h"

namespace lotwright {

class Doubts {
 public:
  explicit Doubts(const Book& book) : book_(&book) {}

  void tell(const char* rule, Severity severity, Subject subject, std::string observed, std::string limit,
            std::string message) {
    found_.findings.push_back(
        {rule, severity, std::move(subject), {}, std::move(observed), std::move(limit), std::move(message)});
  }
  void tell(const char* rule, Severity severity, const Account& account, std::string observed, std::string limit,
            std::string message) {
    tell(rule, severity, Subject{SubjectKind::account, account.id.text}, std::move(observed), std::move(limit),
         std::move(message));
  }
  // The records of this security are in doubt: nobody of the account's taxpayers takes a loss in its group.
  void bar_losses(const Account& account, SecurityIndex security) {
    for (const TaxpayerIndex taxpayer : account.wash_taxpayers)
      found_.loss_bars.push_back({taxpayer, book_->security(security).group});
  }
  [[nodiscard]] DataDoubts take() { return std::move(found_); }

 private:
  const Book* book_;
  DataDoubts found_;
};

}  // namespace lotwright
