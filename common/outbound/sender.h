#ifndef IDEA_COMMON_OUTBOUND_SENDER_H_
#define IDEA_COMMON_OUTBOUND_SENDER_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/outbound/address_rules.h"

namespace idea::outbound {

// A POST over HTTPS, or with `recipients` a mail over SMTP.
struct Request {
  std::string url = {};
  // "name: value". Only for a POST.
  std::vector<std::string> headers = {};
  // The body of the POST, or the whole mail with its header.
  std::string body = {};
  // The mail addresses of the sender and of the recipients.
  std::string from = {};
  std::vector<std::string> recipients = {};
};

// The outcome of a request.
struct Answer {
  // The status of HTTP or SMTP; 0 without an answer.
  int status = 0;
  // The beginning of the body of an HTTP answer, in printable characters.
  std::string text = {};
  // Why the request failed; empty after a success. An HTTP status of 2xx is a success.
  std::string error = {};
  // The pause that the receiver asked for (Retry-After); zero without one.
  std::chrono::seconds retry_after{0};
  std::chrono::milliseconds duration{0};
};

// Sends requests to addresses that others choose, any number at once on one thread. Follows no redirect and
// uses no proxy. Checks each address when it connects, so a name that resolves to another address later
// cannot circumvent the rules. Reads at most kMaxAnswerBytes of an answer. Thread-safe.
class Sender {
 public:
  struct Options {
    // For HTTPS.
    AddressRules rules = {};
    // Authorities of receivers in addition to the system's, in PEM; empty: none.
    std::string ca_file = {};
    std::chrono::milliseconds timeout{10'000};
    std::chrono::milliseconds connect_timeout{5'000};
    // For SMTP.
    std::string smtp_user = {};
    // Read for each mail, so that the password may change.
    std::string smtp_password_file = {};
    std::string smtp_ca_file = {};
  };
  explicit Sender(Options options);
  // Cancels the requests in progress without calling `done`.
  ~Sender();

  // `done` is called once on the thread of the sender and must not block, unless the sender is destroyed
  // before.
  using Done = std::function<void(const Answer&)>;
  void Send(Request request, Done done);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Limit: bytes that are read of the body of an answer, and of its header.
inline constexpr size_t kMaxAnswerBytes = 64 << 10;

// OK if the URL may be the target of a request: https, a host, no user, no fragment, no address that the
// rules forbid in whatever notation. Otherwise the text says what is expected.
absl::Status CheckUrl(const std::string& url, const AddressRules& rules);

}  // namespace idea::outbound

#endif  // IDEA_COMMON_OUTBOUND_SENDER_H_
