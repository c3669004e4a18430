#include "inputs/draft.h"

#include <bit>
#include <cstring>

namespace lotwright::inputs {
namespace {

template <class Word>
std::uint64_t load(const char* at) {
  Word word = 0;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

// Mixes eight bytes at a time, the last eight overlapping; only lookups depend on it, never a result.
std::uint64_t hash_of(std::string_view text) {
  const char* const at = text.data();
  const std::size_t size = text.size();
  std::uint64_t hash = size;
  const auto mix = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * 0xD6E8FEB86659FD93;
    hash ^= hash >> 32;
  };
  if (size >= 8) {
    for (std::size_t i = 0; i + 8 < size; i += 8) mix(load<std::uint64_t>(at + i));
    mix(load<std::uint64_t>(at + size - 8));
  } else if (size >= 4) {
    mix(load<std::uint32_t>(at) << 32 | load<std::uint32_t>(at + size - 4));
  } else {
    for (const char c : text) mix(static_cast<unsigned char>(c));
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
