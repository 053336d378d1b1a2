#ifndef IDEA_TESTS_SUPPORT_WEBHOOK_WEBHOOK_RECEIVER_H_
#define IDEA_TESTS_SUPPORT_WEBHOOK_WEBHOOK_RECEIVER_H_

#include <sys/types.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace idea::testing {

// A real receiver of webhooks for one test: tests/clients/webhook_receiver.mjs, with its own certificate.
class WebhookReceiver {
 public:
  // Starts it. Returns when it listens.
  WebhookReceiver();
  ~WebhookReceiver();

  // Why it cannot run here; empty if it can.
  static std::string WhyNot();

  // "https://127.0.0.1:<port>" and a path, which selects the answer.
  std::string Url(const std::string& path) const;
  int port() const { return port_; }
  const std::string& folder() const { return folder_; }
  // The certificate of its authority.
  std::string ca_file() const { return folder_ + "/tls.crt"; }
  // Requests to the path are verified with each of these secrets.
  void Trust(const std::string& path, const std::vector<std::string>& secrets);

  // Accepts requests of any time, for senders whose clock a test moves.
  void AcceptAnyTime() const;

  void Start();
  void Kill();
  // Whether the path /down fails.
  void SetDown(bool down) const;

  // All requests to the path, oldest first.
  std::vector<nlohmann::json> Requests(const std::string& path) const;

 private:
  std::string folder_;
  int port_ = 0;
  pid_t pid_ = -1;
  std::map<std::string, std::vector<std::string>> secrets_;
};

// A real mail server for one test: tests/clients/mail_receiver.py, which requires STARTTLS and the user
// "idea" with the password "secret".
class MailReceiver {
 public:
  // Uses the certificate in this folder.
  explicit MailReceiver(std::string folder);
  ~MailReceiver();
  static std::string WhyNot();

  // "smtp://127.0.0.1:<port>".
  std::string Url() const { return "smtp://127.0.0.1:" + std::to_string(port_); }
  // All mails, oldest first.
  std::vector<nlohmann::json> Mails() const;

 private:
  const std::string folder_;
  const int port_;
  pid_t pid_ = -1;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_WEBHOOK_WEBHOOK_RECEIVER_H_
