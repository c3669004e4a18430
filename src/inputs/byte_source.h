// inputs/byte_source.h — where the bytes of a file come from: memory, a plain file, or a gzip stream over either.
//
// Promises: bytes are handed over once and in order; a file's SHA-256 and length are of its bytes as they lie on disk.
// Refuses:  a gzip stream that is damaged, cut short or followed by other bytes: what it held cannot be known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lotwright::inputs {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Up to `size` bytes into `into`; 0 at the end, or where `failure()` says what went wrong.
  [[nodiscard]] virtual std::size_t read(char* into, std::size_t size) = 0;

  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }

 protected:
  std::optional<Failure> failure_;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : rest_(bytes) {}
  [[nodiscard]] std::size_t read(char* into, std::size_t size) override;

 private:
  std::string_view rest_;
};

// A file on disk, hashed as it is read.
class FileSource final : public ByteSource {
 public:
  explicit FileSource(const std::string& path);
  ~FileSource() override;
  [[nodiscard]] std::size_t read(char* into, std::size_t size) override;

  [[nodiscard]] std::int64_t bytes() const { return bytes_; }
  // Of the bytes read, in hexadecimal: of the whole file once `read` has returned 0.
  [[nodiscard]] std::string sha256() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::int64_t bytes_ = 0;
};

// The text inside a gzip stream of one or several members. `inner` outlives it.
class GunzipSource final : public ByteSource {
 public:
  explicit GunzipSource(ByteSource& inner);
  ~GunzipSource() override;
  [[nodiscard]] std::size_t read(char* into, std::size_t size) override;

 private:
  struct State;
  bool refill();
  ByteSource& inner_;
  std::unique_ptr<State> state_;
};

}  // namespace lotwright::inputs
