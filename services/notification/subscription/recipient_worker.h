#ifndef IDEA_SERVICES_NOTIFICATION_SUBSCRIPTION_RECIPIENT_WORKER_H_
#define IDEA_SERVICES_NOTIFICATION_SUBSCRIPTION_RECIPIENT_WORKER_H_

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/context.h"
#include "common/rpc/peer_client.h"
#include "common/server/background_loop.h"
#include "common/storage/database.h"
#include "idea/notification/v1/subscription.pb.h"
#include "idea/registry/v1/contact.pb.h"

namespace idea::notification {

// The addresses of the contacts whom the mail names, by name or by role, each once.
std::vector<std::string> RecipientsOf(const v1::Mail& mail,
                                      const std::vector<registry::v1::Contact>& contacts);

// Keeps the addresses of the recipients of mails: contacts come and go, and change their addresses. While the
// registry does not answer, the last addresses stay.
class RecipientWorker {
 public:
  RecipientWorker(rpc::PeerClient peers, storage::Database& database)
      : peers_(std::move(peers)),
        database_(database),
        loop_({.name = "recipients", .service = "notification", .interval = kInterval},
              [this] { return Pass(); }) {}

  void Start() { loop_.Start(); }
  void Stop() { loop_.Stop(); }

  // One pass, as Start repeats it. Returns the number of subscriptions whose addresses have changed.
  absl::StatusOr<int> Pass();

 private:
  // How late a mail may follow a change of the contacts.
  static constexpr std::chrono::seconds kInterval{60};

  const rpc::PeerClient peers_;
  storage::Database& database_;
  server::BackgroundLoop loop_;
};

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_SUBSCRIPTION_RECIPIENT_WORKER_H_
