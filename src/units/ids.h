// units/ids.h — names of things that cannot be swapped for one another. An id is the text of the firm's file; an index
// is its place in the sorted book, so that walking by index is walking by id and the order of rows never matters.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>

namespace lotwright {

template <class Kind>
struct Id {
  std::string text;

  Id() = default;
  explicit Id(std::string name) : text(std::move(name)) {}
  [[nodiscard]] bool empty() const { return text.empty(); }
  auto operator<=>(const Id&) const = default;
  bool operator==(const Id&) const = default;
};

using SecurityId = Id<struct SecurityKindTag>;
using AccountId = Id<struct AccountKindTag>;
using HouseholdId = Id<struct HouseholdKindTag>;
using TaxpayerId = Id<struct TaxpayerKindTag>;
using LotId = Id<struct LotKindTag>;
using ModelId = Id<struct ModelKindTag>;
using PolicyId = Id<struct PolicyKindTag>;

template <class Kind>
struct Index {
  static constexpr std::uint32_t nobody = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t value = nobody;

  [[nodiscard]] constexpr bool exists() const { return value != nobody; }
  constexpr auto operator<=>(const Index&) const = default;
};

using SecurityIndex = Index<struct SecurityKindTag>;    // into Book::securities, sorted by id
using AccountIndex = Index<struct AccountKindTag>;      // into Book::accounts, sorted by id
using HouseholdIndex = Index<struct HouseholdKindTag>;  // into Book::households, sorted by id
using TaxpayerIndex = Index<struct TaxpayerKindTag>;    // into Book::taxpayers, sorted by id
using GroupIndex = Index<struct GroupKindTag>;          // identical group; a security without one is its own
using BracketsIndex = Index<struct BracketsKindTag>;    // into Book::brackets, sorted by filing status
using ClassIndex = Index<struct ClassKindTag>;          // asset class

}  // namespace lotwright

template <class Kind>
struct std::hash<lotwright::Id<Kind>> {
  std::size_t operator()(const lotwright::Id<Kind>& id) const noexcept { return std::hash<std::string>{}(id.text); }
};
