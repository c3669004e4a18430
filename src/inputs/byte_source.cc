#include "inputs/byte_source.h"

#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <vector>

#include "book/rules.h"
#include "inputs/sha256.h"

namespace lotwright::inputs {
namespace {

constexpr std::size_t gzip_block = 256 * 1024;

Failure unreadable(const char* why) { return {rule::data_file_unreadable, why, {}}; }

}  // namespace

std::size_t MemorySource::read(char* into, std::size_t size) {
  const std::size_t count = std::min(size, rest_.size());
  std::copy_n(rest_.data(), count, into);
  rest_.remove_prefix(count);
  return count;
}

struct FileSource::State {
  std::FILE* file = nullptr;
  Sha256 hash;
};

FileSource::FileSource(const std::string& path) : state_(std::make_unique<State>()) {
  state_->file = std::fopen(path.c_str(), "rb");
  if (state_->file == nullptr) {
    failure_ = unreadable("cannot be opened: check that it is a file this user may read");
  } else {
    std::setvbuf(state_->file, nullptr, _IONBF, 0);  // callers read large blocks
  }
}

FileSource::~FileSource() {
  if (state_->file != nullptr) std::fclose(state_->file);
}

std::size_t FileSource::read(char* into, std::size_t size) {
  if (failure_) return 0;
  const std::size_t count = std::fread(into, 1, size, state_->file);
  if (count < size && std::ferror(state_->file) != 0) {
    failure_ = unreadable("could not be read to its end: check the disk and try again");
    return 0;
  }
  state_->hash.update({into, count});
  bytes_ += static_cast<std::int64_t>(count);
  return count;
}

std::string FileSource::sha256() const { return state_->hash.hex(); }

struct GunzipSource::State {
  z_stream stream{};
  std::vector<char> block = std::vector<char>(gzip_block);
  bool inside_member = false;
};

GunzipSource::GunzipSource(ByteSource& inner) : inner_(inner), state_(std::make_unique<State>()) {
  constexpr int gzip_only = 15 + 16;
  require(inflateInit2(&state_->stream, gzip_only) == Z_OK, "zlib could not be started");
}

GunzipSource::~GunzipSource() { inflateEnd(&state_->stream); }

// More compressed bytes, unless there are some left. False at the end.
bool GunzipSource::refill() {
  z_stream& stream = state_->stream;
  if (stream.avail_in > 0) return true;
  const std::size_t count = inner_.read(state_->block.data(), state_->block.size());
  failure_ = inner_.failure();
  stream.next_in = reinterpret_cast<Bytef*>(state_->block.data());
  stream.avail_in = static_cast<uInt>(count);
  return count > 0;
}

std::size_t GunzipSource::read(char* into, std::size_t size) {
  z_stream& stream = state_->stream;
  const auto wanted = static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
  stream.next_out = reinterpret_cast<Bytef*>(into);
  stream.avail_out = wanted;
  while (stream.avail_out > 0 && !failure_) {
    if (!refill()) {
      if (state_->inside_member && !failure_) failure_ = unreadable("is a gzip file cut short: copy it again");
      break;
    }
    if (!state_->inside_member) inflateReset(&stream);
    state_->inside_member = true;
    const int status = inflate(&stream, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      state_->inside_member = false;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      failure_ = unreadable("is not a sound gzip file: copy it again");
    }
  }
  return failure_ ? 0 : wanted - stream.avail_out;
}

}  // namespace lotwright::inputs
