#include "run/disk_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace lotwright {
namespace {

namespace fs = std::filesystem;

class DiskFolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    home_ = fs::temp_directory_path() / ("lotwright-disk-" + std::to_string(::getpid()));
    fs::create_directories(home_);
  }
  void TearDown() override { fs::remove_all(home_); }

  std::vector<std::string> names(const fs::path& folder) const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder)) found.push_back(entry.path().filename().string());
    std::ranges::sort(found);
    return found;
  }
  static std::string text(const fs::path& path) {
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
  }
  static void put(const fs::path& path, const std::string& words) { std::ofstream(path) << words; }

  fs::path home_;
};

TEST_F(DiskFolderTest, NothingIsThereBeforePublish) {
  DiskFolder folder((home_ / "out").string());
  ASSERT_TRUE(folder.write("orders.csv", "a\n").ok());
  EXPECT_FALSE(fs::exists(home_ / "out"));
  ASSERT_TRUE(folder.write("orders.csv", "b\n").ok());
  ASSERT_TRUE(folder.write("cases/A1.txt", "c\n").ok());
  ASSERT_TRUE(folder.publish().ok());
  EXPECT_EQ(text(home_ / "out" / "orders.csv"), "a\nb\n");
  EXPECT_EQ(text(home_ / "out" / "cases" / "A1.txt"), "c\n");
  EXPECT_EQ(names(home_), std::vector<std::string>{"out"});
}

TEST_F(DiskFolderTest, WithoutPublishNothingIsLeft) {
  {
    DiskFolder folder((home_ / "out").string());
    ASSERT_TRUE(folder.write("orders.csv", "a\n").ok());
  }
  EXPECT_TRUE(names(home_).empty());
}

TEST_F(DiskFolderTest, AnEarlierRunIsReplacedAndOtherPeoplesFilesStay) {
  fs::create_directories(home_ / "out");
  put(home_ / "out" / "notes.txt", "mine");
  put(home_ / "out" / "orders.csv", "old");
  put(home_ / "out" / "run.json", "old");
  DiskFolder folder((home_ / "out/").string());
  ASSERT_TRUE(folder.write("run.json", "new").ok());
  ASSERT_TRUE(folder.write("orders.csv", "new").ok());
  EXPECT_EQ(text(home_ / "out" / "orders.csv"), "old");
  ASSERT_TRUE(folder.publish().ok());
  EXPECT_EQ(text(home_ / "out" / "orders.csv"), "new");
  EXPECT_EQ(text(home_ / "out" / "run.json"), "new");
  EXPECT_EQ(text(home_ / "out" / "notes.txt"), "mine");
}

TEST_F(DiskFolderTest, APublishThatFailsMidwayLeavesNoRunJson) {
  fs::create_directories(home_ / "out" / "orders.csv" / "in the way");
  put(home_ / "out" / "run.json", "old");
  DiskFolder folder((home_ / "out").string());
  ASSERT_TRUE(folder.write("orders.csv", "new").ok());
  ASSERT_TRUE(folder.write("run.json", "new").ok());
  EXPECT_FALSE(folder.publish().ok());
  EXPECT_FALSE(fs::exists(home_ / "out" / "run.json")) << "a folder with run.json holds one whole run";
}

TEST_F(DiskFolderTest, AFolderThatCannotBeMadeIsAFailureWithItsPath) {
  put(home_ / "file", "x");
  DiskFolder folder((home_ / "file" / "out").string());
  const auto written = folder.write("orders.csv", "a\n");
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.failure().rule, "output_unwritable");
  EXPECT_NE(written.failure().place.file.find("file"), std::string::npos);
}

}  // namespace
}  // namespace lotwright
