#include "services/cli/log/log_mirror.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "common/status/status.h"
#include "common/transparency/tile_path.h"
#include "idea/inventory/v1/inventory.pb.h"
#include "services/cli/context/state_file.h"
#include "tests/services/cli/memory_log.h"
#include "tests/support/log_key_file.h"
#include "tests/support/matchers.h"

namespace idea::cli {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::MemoryLog;

const Progress kQuiet = [](int64_t, int64_t) {};

class Mirrors : public ::testing::Test {
 protected:
  Mirrors() {
    std::string pattern = ::testing::TempDir() + "mirror.XXXXXX";
    folder_ = mkdtemp(pattern.data());
    log_.Grow(699);
    other_.Grow(699);
  }
  ~Mirrors() override { std::filesystem::remove_all(folder_); }

  // A server with the first `size` entries of a log. Calls `on_tile` before each tile.
  CallFunction Serve(
      const MemoryLog& log, int64_t size, std::function<void()> on_tile = [] {}) {
    return [&log, size, on_tile](const google::protobuf::Message& request,
                                 google::protobuf::Message* response) -> absl::Status {
      if (auto* head = dynamic_cast<inventory::v1::GetCheckpointResponse*>(response)) {
        head->set_checkpoint(log.Note(size));
        return absl::OkStatus();
      }
      const auto& asked = dynamic_cast<const inventory::v1::GetTileRequest&>(request);
      const auto tile = transparency::ParseTilePath(asked.path());
      on_tile();
      if (!tile || !tile->entries) return absl::InvalidArgumentError(asked.path());
      std::string data;
      for (int64_t i = 0; i < tile->width; ++i) {
        const std::string& entry = log.entries().at(static_cast<size_t>(tile->index * 256 + i));
        data += {static_cast<char>(entry.size() >> 8), static_cast<char>(entry.size() & 255)};
        data += entry;
      }
      dynamic_cast<inventory::v1::GetTileResponse&>(*response).set_data(data);
      return absl::OkStatus();
    };
  }
  absl::StatusOr<std::unique_ptr<LogMirror>> Open() const {
    return LogMirror::Open(folder_, key_.verifier(), false);
  }
  // The findings of an independent reader of the folder on a plain web server.
  std::string ReadOverHttp() const {
    const std::string verifier = folder_ + "-log.pub";
    std::ofstream(verifier) << key_.verifier() << "\n";
    const std::string command =
        "exec 3< <(exec /usr/bin/python3 -u -m http.server 0 --bind 127.0.0.1 --directory " + folder_ +
        " 2>/dev/null); server=$!; read -ru 3 line; port=$(sed 's/.*port \\([0-9]*\\).*/\\1/' <<<\"$line\"); "
        "/usr/bin/python3 -B " +
        std::string(IDEA_SOURCE_DIR) + "/tests/verifier/read_mirror.py " + verifier +
        " http://127.0.0.1:$port/ 2>&1; kill $server";
    FILE* pipe = popen(("bash -c '" + Quoted(command) + "'").c_str(), "r");
    std::string said;
    char part[4096];
    while (const size_t size = fread(part, 1, sizeof part, pipe)) said.append(part, size);
    pclose(pipe);
    std::filesystem::remove(verifier);
    return said;
  }
  static std::string Quoted(const std::string& text) {
    std::string quoted;
    for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
    return quoted;
  }
  std::string Checkpoint() const { return ReadWhole(folder_ + "/checkpoint").value_or(""); }

  const testing::LogKeyFile key_file_;
  const transparency::LogKey key_ = *transparency::LogKey::Load(key_file_.path(), "example.org/log");
  MemoryLog log_{key_, "first"}, other_{key_, "another first"};
  std::string folder_;
};

TEST_F(Mirrors, AreReadByAnyTileClientOverAPlainWebServer) {
  if (std::system("/usr/bin/python3 -c 'import cryptography' 2>/dev/null") != 0)
    GTEST_SKIP() << "python3-cryptography is not installed";
  const auto mirror = Open();
  ASSERT_THAT(mirror, IsOk());
  for (const int64_t size : {1, 255, 256, 257, 512, 700}) {
    ASSERT_THAT((*mirror)->Follow(Serve(log_, size), kQuiet), IsOk());
    EXPECT_EQ((*mirror)->tree().size, size);
    EXPECT_EQ(ReadOverHttp(), std::to_string(size) + "\n");
  }
  EXPECT_EQ((*mirror)->EntriesFrom(697)->front(), "entry 697");
  // A reader refuses a file that was changed.
  std::string tile = *ReadWhole(folder_ + "/tile/entries/001");
  tile.back() ^= 1;
  std::ofstream(folder_ + "/tile/entries/001", std::ios::binary) << tile;
  EXPECT_THAT(ReadOverHttp(), HasSubstr("FAULT"));
}

TEST_F(Mirrors, SurviveAKillAtEveryTile) {
  for (int killed_at = 1; killed_at <= 3; ++killed_at) {
    std::filesystem::remove_all(folder_);
    ASSERT_THAT((*Open())->Follow(Serve(log_, 10), kQuiet), IsOk());
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      int tiles = 0;
      const auto mirror = Open();
      if (mirror.ok())
        (*mirror)
            ->Follow(Serve(log_, 700,
                           [&] {
                             if (++tiles == killed_at) raise(SIGKILL);
                           }),
                     kQuiet)
            .IgnoreError();
      _exit(0);
    }
    int result = 0;
    ASSERT_EQ(waitpid(child, &result, 0), child);
    ASSERT_TRUE(WIFSIGNALED(result));
    // The files of the old checkpoint are complete, and the next pass continues.
    EXPECT_EQ(Checkpoint(), log_.Note(10));
    const auto mirror = Open();
    ASSERT_THAT(mirror, IsOk());
    int tiles = 0;
    ASSERT_THAT((*mirror)->Follow(Serve(log_, 700, [&] { ++tiles; }), kQuiet), IsOk());
    // The second bundle, once written, is not read again. The first one had begun before.
    EXPECT_EQ(tiles, killed_at == 3 ? 2 : 3);
    EXPECT_EQ(Checkpoint(), log_.Note(700));
  }
}

TEST_F(Mirrors, StayAsTheyAreWhenTheLogContradictsThem) {
  const auto mirror = Open();
  ASSERT_THAT((*mirror)->Follow(Serve(log_, 300), kQuiet), IsOk());
  const struct {
    const MemoryLog& log;
    int64_t size;
    const char* text;
  } cases[] = {{other_, 300, "forked"}, {other_, 700, "forked"}, {log_, 299, "cut off"}};
  for (const auto& each : cases) {
    const absl::Status refused = (*mirror)->Follow(Serve(each.log, each.size), kQuiet);
    EXPECT_TRUE(absl::IsDataLoss(refused)) << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr(each.text));
    EXPECT_EQ(Checkpoint(), log_.Note(300));
  }
  ASSERT_THAT((*mirror)->Follow(Serve(log_, 700), kQuiet), IsOk());
  EXPECT_EQ(Checkpoint(), log_.Note(700));
}

TEST_F(Mirrors, AreOfOneProcessAndNotDamaged) {
  {
    const auto mirror = Open();
    ASSERT_THAT((*mirror)->Follow(Serve(log_, 300), kQuiet), IsOk());
    EXPECT_THAT(std::string(Open().status().message()), HasSubstr("another process"));
  }
  std::ofstream(folder_ + "/tile/0/001.p/44", std::ios::binary) << std::string(size_t{44} * 32, 'x');
  EXPECT_THAT(std::string(Open().status().message()), HasSubstr("is damaged"));
}

TEST_F(Mirrors, OutliveALogThatDoesNotAnswer) {
  const auto mirror = Open();
  int tiles = 0;
  const CallFunction failing = [&](const google::protobuf::Message& request,
                                   google::protobuf::Message* response) {
    if (dynamic_cast<const inventory::v1::GetTileRequest*>(&request) != nullptr && ++tiles == 2)
      return absl::UnavailableError("away");
    return Serve(log_, 700)(request, response);
  };
  EXPECT_TRUE(absl::IsUnavailable((*mirror)->Follow(failing, kQuiet)));
  EXPECT_EQ(Checkpoint(), "");
  ASSERT_THAT((*mirror)->Follow(failing, kQuiet), IsOk());
  EXPECT_EQ(Checkpoint(), log_.Note(700));
  // The first bundle was not read again.
  EXPECT_EQ(tiles, 4);
}

}  // namespace
}  // namespace idea::cli
