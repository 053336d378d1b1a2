#ifndef IDEA_TESTS_SUPPORT_LOG_KEY_FILE_H_
#define IDEA_TESTS_SUPPORT_LOG_KEY_FILE_H_

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/escaping.h"

namespace idea::testing {

// The private Ed25519 key made of 32 bytes, as PKCS#8 in PEM.
inline std::string Ed25519Pem(const std::string& seed) {
  const std::string der = absl::HexStringToBytes("302e020100300506032b657004220420") + seed;
  return "-----BEGIN PRIVATE KEY-----\n" + absl::Base64Escape(der) + "\n-----END PRIVATE KEY-----\n";
}

// A key of RFC 8032 section 7.1, by default the first one, in a temporary file that is removed with this
// object.
class LogKeyFile {
 public:
  static constexpr char kPem[] =
      "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
      "-----END PRIVATE KEY-----\n";

  static constexpr char kSecondPem[] =
      "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
      "-----END PRIVATE KEY-----\n";

  explicit LogKeyFile(const std::string& pem = kPem)
      : path_((std::filesystem::temp_directory_path() / "idea-log-key-XXXXXX").string()) {
    close(mkstemp(path_.data()));
    Write(pem);
  }
  ~LogKeyFile() { std::filesystem::remove(path_); }
  LogKeyFile(const LogKeyFile&) = delete;
  LogKeyFile& operator=(const LogKeyFile&) = delete;

  void Write(const std::string& pem, mode_t mode = 0600) const {
    std::ofstream(path_) << pem;
    EXPECT_EQ(chmod(path_.c_str(), mode), 0);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_LOG_KEY_FILE_H_
