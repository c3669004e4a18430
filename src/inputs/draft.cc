#include "inputs/draft.h"

#include <bit>
#include <cstring>

namespace lotwright::inputs {
namespace {

// Mixes eight bytes at a time; only lookups depend on it, never a result.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = text.size() * 0x9E3779B97F4A7C15;
  while (!text.empty()) {
    std::uint64_t word = 0;
    const std::size_t taken = std::min(text.size(), sizeof(word));
    std::memcpy(&word, text.data(), taken);
    hash = (hash ^ word) * 0xD6E8FEB86659FD93;
    hash ^= hash >> 32;
    text.remove_prefix(taken);
  }
  return hash;
}

}  // namespace

void TextTable::reserve(std::size_t count) { slots_.assign(std::bit_ceil(2 * count + 1), Slot{}); }

void TextTable::add(std::string_view text, std::uint32_t place) {
  const std::uint64_t hash = hash_of(text);
  std::size_t i = hash & (slots_.size() - 1);
  while (slots_[i].place != nowhere) i = (i + 1) & (slots_.size() - 1);
  require(characters_.size() + text.size() < nowhere, "the ids of one file do not fit 4 GiB");
  slots_[i] = {hash, static_cast<std::uint32_t>(characters_.size()), static_cast<std::uint32_t>(text.size()), place};
  characters_ += text;
}

std::uint32_t TextTable::find(std::string_view text) const {
  const std::uint64_t hash = hash_of(text);
  for (std::size_t i = hash & (slots_.size() - 1); slots_[i].place != nowhere; i = (i + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[i];
    if (slot.hash == hash && std::string_view(characters_).substr(slot.begin, slot.length) == text) return slot.place;
  }
  return nowhere;
}

void bar_losses(const Draft& draft, AccountIndex account, std::optional<GroupIndex> group, LossBars& bars) {
  if (!account.exists()) return bars.bar_everyone(group);
  for (const TaxpayerIndex taxpayer : draft.book.account(account).wash_taxpayers) bars.bar(taxpayer, group);
}

}  // namespace lotwright::inputs
