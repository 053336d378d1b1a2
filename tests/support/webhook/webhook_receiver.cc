#include "tests/support/webhook/webhook_receiver.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/eventually.h"
#include "tests/support/redis/redis_server.h"

namespace idea::testing {
namespace {

constexpr char kScript[] = IDEA_SOURCE_DIR "/tests/clients/webhook_receiver.mjs";
constexpr char kMailScript[] = IDEA_SOURCE_DIR "/tests/clients/mail_receiver.py";
constexpr char kPython[] = "/usr/bin/python3";

std::vector<nlohmann::json> ReadLines(const std::string& path) {
  std::vector<nlohmann::json> lines;
  std::ifstream log(path);
  for (std::string line; std::getline(log, line);) {
    // The last line may not be complete yet.
    nlohmann::json parsed = nlohmann::json::parse(line, nullptr, false);
    if (!parsed.is_discarded()) lines.push_back(std::move(parsed));
  }
  return lines;
}

[[noreturn]] void Fail(const char* why) {
  std::fprintf(stderr, "webhook receiver for tests: %s\n", why);
  std::abort();
}

}  // namespace

std::string WebhookReceiver::WhyNot() {
  if (!std::filesystem::exists(IDEA_SOURCE_DIR "/tests/clients/node_modules/standardwebhooks"))
    return "the npm package standardwebhooks is not installed in tests/clients: run scripts/install.sh";
  return "";
}

WebhookReceiver::WebhookReceiver() {
  std::string pattern = (std::filesystem::temp_directory_path() / "idea_webhook_XXXXXX").string();
  folder_ = mkdtemp(pattern.data());
  const std::string command =
      "cd " + folder_ +
      " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
      "-subj /CN=receiver -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "
      "tls.key -out tls.crt 2>/dev/null";
  if (std::system(command.c_str()) != 0) Fail("openssl did not make a certificate");
  Trust("/ok", {});
  Start();
}

WebhookReceiver::~WebhookReceiver() {
  Kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void WebhookReceiver::Start() {
  std::filesystem::remove(folder_ + "/port");
  const std::string port = std::to_string(port_);
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execlp("node", "node", kScript, folder_.c_str(), port.c_str(), nullptr);
    _exit(127);
  }
  if (!Eventually([&] { return std::filesystem::exists(folder_ + "/port"); })) Fail("node did not start");
  std::ifstream(folder_ + "/port") >> port_;
}

void WebhookReceiver::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string WebhookReceiver::Url(const std::string& path) const {
  return "https://127.0.0.1:" + std::to_string(port_) + path;
}

void WebhookReceiver::Trust(const std::string& path, const std::vector<std::string>& secrets) {
  secrets_[path] = secrets;
  std::ofstream(folder_ + "/secrets.json.new") << nlohmann::json(secrets_).dump();
  std::filesystem::rename(folder_ + "/secrets.json.new", folder_ + "/secrets.json");
}

void WebhookReceiver::AcceptAnyTime() const { std::ofstream(folder_ + "/any-time") << "any"; }

void WebhookReceiver::SetDown(bool down) const {
  if (down) {
    std::ofstream(folder_ + "/down") << "down";
  } else {
    std::filesystem::remove(folder_ + "/down");
  }
}

std::vector<nlohmann::json> WebhookReceiver::Requests(const std::string& path) const {
  std::vector<nlohmann::json> requests = ReadLines(folder_ + "/requests");
  std::erase_if(requests, [&](const nlohmann::json& request) { return request["path"] != path; });
  return requests;
}

std::string MailReceiver::WhyNot() {
  return std::system((std::string(kPython) + " -c 'import aiosmtpd' 2>/dev/null").c_str()) == 0
             ? ""
             : "the package python3-aiosmtpd is not installed: run scripts/install.sh";
}

MailReceiver::MailReceiver(std::string folder) : folder_(std::move(folder)), port_(FreePort()) {
  const std::string port = std::to_string(port_);
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execl(kPython, "python3", kMailScript, folder_.c_str(), port.c_str(), nullptr);
    _exit(127);
  }
  if (!Eventually([&] { return std::filesystem::exists(folder_ + "/mail.ready"); }))
    Fail("the mail server did not start");
}

MailReceiver::~MailReceiver() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

std::vector<nlohmann::json> MailReceiver::Mails() const { return ReadLines(folder_ + "/mails"); }

}  // namespace idea::testing
