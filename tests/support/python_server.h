#ifndef IDEA_TESTS_SUPPORT_PYTHON_SERVER_H_
#define IDEA_TESTS_SUPPORT_PYTHON_SERVER_H_

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace idea::testing {

// A server in Python in another process: `script` of tests/support, which gets its own folder and prints
// the port that it listens at. Killed by the destructor.
class PythonServer {
 public:
  explicit PythonServer(const std::string& script, const std::string& argument = "") {
    std::string pattern = ::testing::TempDir() + "server.XXXXXX";
    folder_ = mkdtemp(pattern.data());
    const std::string path = std::string(IDEA_SOURCE_DIR) + "/tests/support/" + script;
    int ends[2];
    if (pipe(ends) != 0) return;
    child_ = fork();
    if (child_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      dup2(ends[1], STDOUT_FILENO);
      close(ends[0]);
      execl("/usr/bin/python3", "python3", path.c_str(), folder_.c_str(),
            argument.empty() ? nullptr : argument.c_str(), nullptr);
      _exit(127);
    }
    close(ends[1]);
    char digit = 0;
    while (read(ends[0], &digit, 1) == 1 && digit != '\n') port_ += digit;
    close(ends[0]);
  }
  ~PythonServer() {
    if (child_ > 0) {
      kill(child_, SIGKILL);
      waitpid(child_, nullptr, 0);
    }
    std::filesystem::remove_all(folder_);
  }
  PythonServer(const PythonServer&) = delete;
  PythonServer& operator=(const PythonServer&) = delete;

  bool is_running() const { return !port_.empty(); }
  // "127.0.0.1:PORT".
  std::string address() const { return "127.0.0.1:" + port_; }
  // The authority that the script has made for itself.
  std::string ca_file() const { return folder_ + "/ca.pem"; }

 private:
  pid_t child_ = 0;
  std::string folder_, port_;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_PYTHON_SERVER_H_
