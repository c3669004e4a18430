// base/result.h — how a function says that it could not do what was asked.
//
// In:       a value, or a Failure that names what was wrong and where.
// Out:      Result<T>: exactly one of the two, and the compiler complains if it is dropped.
//           Loaded<T>: the good values together with one Failure for each bad row.
// Promises: a failure keeps the facts (file, line, column, value) apart from the sentence.
// Refuses:  reading the value of a failed Result is a Defect.
// Example:  if (auto cash = Money::parse(text); !cash) return cash.failure();
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/defect.h"

namespace lotwright {

// Where a fact was read. `line` counts from 1 (the header is line 1); 0 means the file as a whole.
struct Place {
  std::string file;
  std::int64_t line = 0;
  std::string column;
  std::string value;  // the text as it stood in the file, shortened to 200 bytes

  bool operator==(const Place&) const = default;
};

// What went wrong: `rule` is a stable name (book/rules.def), `message` says it in words with the remedy.
struct Failure {
  std::string rule;
  std::string message;
  Place place;

  bool operator==(const Failure&) const = default;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}            // NOLINT: by design
  Result(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}  // NOLINT: by design

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  [[nodiscard]] const T& value() const& {
    require(ok(), "the value of a failed Result was read");
    return std::get<0>(state_);
  }
  [[nodiscard]] T&& value() && {
    require(ok(), "the value of a failed Result was read");
    return std::get<0>(std::move(state_));
  }
  const T& operator*() const& { return value(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] const Failure& failure() const {
    require(!ok(), "the failure of a good Result was read");
    return std::get<1>(state_);
  }

 private:
  std::variant<T, Failure> state_;
};

template <class T>
struct Loaded {
  T values;
  std::vector<Failure> failures;
};

}  // namespace lotwright
