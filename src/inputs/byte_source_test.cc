#include "inputs/byte_source.h"

#include <gtest/gtest.h>

#include "inputs/test_book.h"

namespace lotwright::inputs {
namespace {

struct Drained {
  std::string text;
  bool failed = false;
};

Drained drain(ByteSource& source, std::size_t block) {
  Drained drained;
  std::string buffer(block, '\0');
  while (const std::size_t count = source.read(buffer.data(), block)) drained.text.append(buffer, 0, count);
  drained.failed = source.failure().has_value();
  return drained;
}

Drained gunzip(const std::string& packed, std::size_t block = 1000) {
  MemorySource inner(packed);
  GunzipSource source(inner);
  return drain(source, block);
}

TEST(GunzipSource, unpacks_one_member_or_several) {
  const std::string text(100'000, 'z');
  EXPECT_EQ(gunzip(gzip(text)).text, text);
  EXPECT_EQ(gunzip(gzip("one,") + gzip("") + gzip("two\n"), 3).text, "one,two\n");
  EXPECT_FALSE(gunzip(gzip("one,") + gzip("two\n")).failed);
  EXPECT_FALSE(gunzip("").failed);
}

TEST(GunzipSource, refuses_what_is_damaged_cut_short_or_followed_by_other_bytes) {
  const std::string packed = gzip("account_id,lot_id\nA,B\n");
  std::string damaged = packed;
  damaged[packed.size() - 6] ^= 1;  // in the checksum
  EXPECT_TRUE(gunzip(damaged).failed);
  EXPECT_TRUE(gunzip(packed.substr(0, packed.size() - 1)).failed);
  EXPECT_TRUE(gunzip(packed.substr(0, 5)).failed);
  EXPECT_TRUE(gunzip(packed + "rest").failed);
  EXPECT_TRUE(gunzip("plain text").failed);
}

TEST(FileSource, hashes_the_bytes_on_disk_and_says_what_cannot_be_read) {
  const FolderOnDisk folder({{"abc", "abc"}, {"empty", ""}});
  FileSource abc(folder.path() + "/abc");
  EXPECT_EQ(drain(abc, 2).text, "abc");
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(abc.sha256(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(abc.bytes(), 3);
  FileSource empty(folder.path() + "/empty");
  EXPECT_EQ(drain(empty, 2).text, "");
  EXPECT_EQ(empty.sha256(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  FileSource missing(folder.path() + "/missing");
  EXPECT_TRUE(drain(missing, 2).failed);
  FileSource directory(folder.path());
  EXPECT_TRUE(drain(directory, 2).failed);
}

}  // namespace
}  // namespace lotwright::inputs
