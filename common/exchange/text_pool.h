#ifndef IDEA_COMMON_EXCHANGE_TEXT_POOL_H_
#define IDEA_COMMON_EXCHANGE_TEXT_POOL_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "common/listing/words.h"

namespace idea::exchange {

// Memory that only grows. Texts are copied into it and never move.
class Arena {
 public:
  std::string_view Keep(std::string_view text) {
    if (text.empty()) return {};
    if (text.size() > left_) {
      const size_t size = text.size() > kChunk / 4 ? text.size() : kChunk;
      chunks_.push_back(std::make_unique<char[]>(size));
      bytes_ += size;
      if (size != kChunk) return Copy(text, chunks_.back().get());
      at_ = chunks_.back().get();
      left_ = kChunk;
    }
    char* const to = at_;
    at_ += text.size();
    left_ -= text.size();
    return Copy(text, to);
  }
  size_t bytes() const { return bytes_; }

 private:
  static constexpr size_t kChunk = size_t{256} * 1024;
  static std::string_view Copy(std::string_view text, char* to) {
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* at_ = nullptr;
  size_t left_ = 0;
  size_t bytes_ = 0;
};

// Stores equal texts once and numbers them from 0.
class TextPool {
 public:
  uint32_t Add(std::string_view text) {
    if (const auto known = Find(text)) return *known;
    const std::string_view kept = arena_.Keep(text);
    const auto number = static_cast<uint32_t>(texts_.size());
    texts_.push_back(kept);
    numbers_.emplace(absl::string_view(kept.data(), kept.size()), number);
    return number;
  }
  std::optional<uint32_t> Find(std::string_view text) const {
    const auto found = numbers_.find(absl::string_view(text.data(), text.size()));
    if (found == numbers_.end()) return std::nullopt;
    return found->second;
  }
  std::string_view Text(uint32_t number) const { return texts_[number]; }
  size_t bytes() const {
    return arena_.bytes() + texts_.capacity() * sizeof(std::string_view) +
           numbers_.capacity() * (sizeof(std::pair<absl::string_view, uint32_t>) + 1);
  }

 private:
  Arena arena_;
  std::vector<std::string_view> texts_;
  absl::flat_hash_map<absl::string_view, uint32_t> numbers_;
};

// Stores names once and numbers them from 0. Spellings that differ only in case and in surrounding white
// space have the same number.
class NamePool {
 public:
  uint32_t Add(std::string_view name) {
    if (const auto known = numbers_.find(View(name)); known != numbers_.end()) return known->second;
    const std::string key = listing::NameKey(name);
    const auto same = numbers_.find(View(key));
    const uint32_t number = same == numbers_.end() ? count_++ : same->second;
    if (same == numbers_.end()) numbers_.emplace(View(arena_.Keep(key)), number);
    if (key != name) numbers_.emplace(View(arena_.Keep(name)), number);
    return number;
  }
  // Finds a spelling that was added with one lookup. Another one takes its key and a second lookup.
  std::optional<uint32_t> Find(std::string_view name) const {
    auto found = numbers_.find(View(name));
    if (found == numbers_.end()) found = numbers_.find(View(listing::NameKey(name)));
    if (found == numbers_.end()) return std::nullopt;
    return found->second;
  }
  size_t bytes() const {
    return arena_.bytes() + numbers_.capacity() * (sizeof(std::pair<absl::string_view, uint32_t>) + 1);
  }

 private:
  static absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

  Arena arena_;
  uint32_t count_ = 0;
  absl::flat_hash_map<absl::string_view, uint32_t> numbers_;
};

}  // namespace idea::exchange

#endif  // IDEA_COMMON_EXCHANGE_TEXT_POOL_H_
