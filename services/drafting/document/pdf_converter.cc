#include "services/drafting/document/pdf_converter.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "common/status/status.h"

namespace idea::drafting {
namespace {

using status::Error;
using status::Reason;

constexpr std::chrono::milliseconds kPollInterval{20};

// A folder that is removed with the object.
class Folder {
 public:
  Folder() {
    std::error_code failed;
    std::string name = (std::filesystem::temp_directory_path(failed) / "idea-pdf-XXXXXX").string();
    if (!failed && mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Starts the program in its own process group, without input and output. Returns -1 on failure.
pid_t Start(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  pid_t pid = -1;
  const int failed = posix_spawnp(&pid, argv[0], &files, &attributes, argv.data(), environ);
  if (failed != 0) pid = failed == ENOENT ? 0 : -1;
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return pid;
}

// Waits for the process and kills its group after the timeout. Returns whether it ended with success in time.
bool Finishes(pid_t pid, std::chrono::milliseconds timeout) {
  int state = 0;
  for (std::chrono::milliseconds waited{0};; waited += kPollInterval) {
    const pid_t ended = waitpid(pid, &state, WNOHANG);
    if (ended == pid) return WIFEXITED(state) && WEXITSTATUS(state) == 0;
    if (ended < 0) return false;
    if (waited >= timeout) {
      kill(-pid, SIGKILL);
      waitpid(pid, &state, 0);
      return false;
    }
    std::this_thread::sleep_for(kPollInterval);
  }
}

}  // namespace

absl::StatusOr<std::string> ConvertToPdf(const std::string& docx, std::chrono::milliseconds timeout) {
  static std::mutex& one_at_a_time = *new std::mutex;
  const std::lock_guard lock(one_at_a_time);
  const Folder folder;
  const Error failed(Reason::ERROR_REASON_PDF_FAILED, "LibreOffice did not convert the document to PDF");
  if (folder.path().empty()) return failed;
  const std::string source = folder.path() + "/bucp.docx";
  if (!(std::ofstream(source, std::ios::binary) << docx).flush()) return failed;
  const pid_t pid =
      Start({"soffice", "-env:UserInstallation=file://" + folder.path() + "/profile", "--headless",
             "--norestore", "--convert-to", "pdf", "--outdir", folder.path(), source});
  if (pid == 0) {
    return Error(Reason::ERROR_REASON_PDF_UNAVAILABLE,
                 "this server cannot write PDF: LibreOffice is not installed");
  }
  if (pid < 0 || !Finishes(pid, timeout)) return failed;
  std::ifstream in(folder.path() + "/bucp.pdf", std::ios::binary);
  std::string pdf((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!pdf.starts_with("%PDF-")) return failed;
  return pdf;
}

}  // namespace idea::drafting
