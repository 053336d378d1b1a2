#include "services/notification/subscription/recipient_worker.h"

#include <algorithm>
#include <map>

#include "absl/algorithm/container.h"
#include "common/outbound/event_mail.h"
#include "common/server/registry_client.h"
#include "common/status/status.h"
#include "services/notification/subscription/subscription_store.h"

namespace idea::notification {
namespace {

constexpr std::chrono::seconds kPeerTimeout{10};

}  // namespace

std::vector<std::string> RecipientsOf(const v1::Mail& mail,
                                      const std::vector<registry::v1::Contact>& contacts) {
  std::vector<std::string> addresses;
  for (const registry::v1::Contact& contact : contacts) {
    const bool named = absl::c_linear_search(mail.contacts(), contact.name()) ||
                       std::any_of(contact.roles().begin(), contact.roles().end(),
                                   [&](int role) { return absl::c_linear_search(mail.roles(), role); });
    if (named && outbound::IsMailAddress(contact.email()) &&
        !absl::c_linear_search(addresses, contact.email()))
      addresses.push_back(contact.email());
  }
  return addresses;
}

absl::StatusOr<int> RecipientWorker::Pass() {
  std::vector<v1::Subscription> mails;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(mails, FindMails(db));
    return absl::OkStatus();
  }));
  std::map<std::string, std::vector<registry::v1::Contact>> contacts;
  int changes = 0;
  for (const v1::Subscription& subscription : mails) {
    if (loop_.stopping()) return changes;
    const std::string& entity = subscription.entity();
    if (!contacts.contains(entity)) {
      const rpc::Context context = rpc::NewContext(kPeerTimeout);
      ASSIGN_OR_RETURN(contacts[entity], server::RegistryClient(peers_, context).ListContacts(entity));
    }
    bool changed = false;
    RETURN_IF_ERROR(database_.Write([&](storage::Transaction& db) -> absl::Status {
      changed = false;
      // It may have been changed or deleted since.
      const absl::StatusOr<StoredSubscription> stored = FindSubscription(db, subscription.name());
      if (status::ReasonOf(stored.status()) == status::Reason::ERROR_REASON_NOT_FOUND)
        return absl::OkStatus();
      RETURN_IF_ERROR(stored.status());
      if (!stored->subscription.has_mail()) return absl::OkStatus();
      ASSIGN_OR_RETURN(const std::vector<std::string> before, ReadRecipientsOf(db, subscription.name()));
      const std::vector<std::string> after = RecipientsOf(stored->subscription.mail(), contacts[entity]);
      changed = before != after;
      return changed ? SaveRecipients(db, subscription.name(), after) : absl::OkStatus();
    }));
    changes += changed ? 1 : 0;
  }
  return changes;
}

}  // namespace idea::notification
