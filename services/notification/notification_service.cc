#include "services/notification/notification_service.h"

#include <algorithm>

#include "common/listing/listing.h"
#include "common/status/status.h"
#include "services/notification/inbox_store.h"

namespace idea::notification {
namespace {

using status::Error;
using status::Reason;

constexpr int kDefaultPage = 100;
constexpr int kWatchBatch = 100;
constexpr int kMaxTimelineItems = 2000;

// An inbox is its entity's alone: to anyone else it is not there.
absl::Status CheckOwn(const rpc::Call& call, const std::string& entity) {
  if (call.caller().entity == entity) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_NOT_FOUND, "there is no such inbox of the caller's").With("name", entity);
}

// What the tokens of a request are positions in: those of another inbox or filter are refused.
std::string ScopeOf(const v1::ListInboxRequest& request) {
  return "page " + request.parent() + "\n" + request.filter();
}

std::string InboxScope(const std::string& entity) { return "inbox " + entity; }

// How many of the items fit in a page of about 1 MiB; at least one, if there is one.
template <class Iterator>
size_t CountThatFit(Iterator begin, Iterator end) {
  size_t bytes = 0, count = 0;
  for (; begin != end; ++begin, ++count) {
    bytes += begin->event.ByteSizeLong();
    if (bytes > listing::kMaxPageBytes && count > 0) break;
  }
  return count;
}

v1::InboxItem ToItem(const events::LoggedEvent& logged, const events::Epochs& epochs,
                     const std::string& entity) {
  v1::InboxItem item;
  *item.mutable_event() = logged.event;
  item.set_resume_token(epochs.TokenOf(logged.position, InboxScope(entity)));
  return item;
}

}  // namespace

void NotificationService::Bind(rpc::Router& router) {
  router.Bind(this, &NotificationService::ListInbox);
  router.BindWatch(this, &NotificationService::WatchInbox);
  router.Bind(this, &NotificationService::GetTimeline);
}

absl::StatusOr<v1::ListInboxResponse> NotificationService::ListInbox(rpc::Call& call,
                                                                     const v1::ListInboxRequest& request) {
  RETURN_IF_ERROR(CheckOwn(call, request.parent()));
  ASSIGN_OR_RETURN(const events::Epochs epochs, ReadInboxEpochs(call.db()));
  ASSIGN_OR_RETURN(const int64_t after, epochs.Resolve(request.page_token(), ScopeOf(request), "page_token"));
  const int size = request.page_size() > 0 ? request.page_size() : kDefaultPage;
  // One more than asked for tells whether there is a next page.
  ASSIGN_OR_RETURN(auto items, ReadInbox(call.db(), request.parent(), after, size + 1, request.filter()));
  v1::ListInboxResponse response;
  const size_t fits = std::min(static_cast<size_t>(size), CountThatFit(items.begin(), items.end()));
  if (items.size() > fits) {
    items.resize(fits);
    response.set_next_page_token(epochs.TokenOf(items.back().position, ScopeOf(request)));
  }
  for (const events::LoggedEvent& item : items)
    *response.add_items() = ToItem(item, epochs, request.parent());
  return response;
}

absl::StatusOr<std::vector<v1::WatchInboxResponse>> NotificationService::WatchInbox(
    rpc::Call& call, const v1::WatchInboxRequest& request, std::string& token) {
  RETURN_IF_ERROR(CheckOwn(call, request.parent()));
  const std::string& from = token.empty() ? request.resume_token() : token;
  ASSIGN_OR_RETURN(const events::Epochs epochs, ReadInboxEpochs(call.db()));
  ASSIGN_OR_RETURN(const int64_t after, epochs.Resolve(from, InboxScope(request.parent()), "resume_token"));
  ASSIGN_OR_RETURN(const auto items, ReadInbox(call.db(), request.parent(), after, kWatchBatch));
  std::vector<v1::WatchInboxResponse> responses;
  token = epochs.TokenOf(after, InboxScope(request.parent()));
  for (const events::LoggedEvent& item : items) {
    v1::WatchInboxResponse& response = responses.emplace_back();
    *response.mutable_item() = ToItem(item, epochs, request.parent());
    token = response.item().resume_token();
    response.set_resume_token(token);
  }
  return responses;
}

absl::StatusOr<v1::GetTimelineResponse> NotificationService::GetTimeline(
    rpc::Call& call, const v1::GetTimelineRequest& request) {
  ASSIGN_OR_RETURN(const auto items,
                   ReadTimeline(call.db(), call.caller().entity, request.bucp(), kMaxTimelineItems));
  // To anyone who never heard of the BUCP it does not exist, as in every other read.
  if (items.empty()) {
    return Error(Reason::ERROR_REASON_NOT_FOUND,
                 "nothing about this BUCP has reached the caller's inbox; retry soon if it is new")
        .With("name", request.bucp());
  }
  ASSIGN_OR_RETURN(const events::Epochs epochs, ReadInboxEpochs(call.db()));
  // The latest ones.
  const size_t fits = CountThatFit(items.rbegin(), items.rend());
  v1::GetTimelineResponse response;
  for (size_t i = items.size() - fits; i < items.size(); ++i) {
    *response.add_items() = ToItem(items[i], epochs, call.caller().entity);
  }
  return response;
}

}  // namespace idea::notification
