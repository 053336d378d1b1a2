#include "services/notification/notification_service.h"

#include <algorithm>

#include "common/listing/listing.h"
#include "common/status/status.h"
#include "services/notification/inbox/inbox_store.h"

namespace idea::notification {
namespace {

using status::Error;
using status::Reason;

constexpr int kDefaultPage = 100;
constexpr int kWatchBatch = 100;
// The number of times that a watch with a filter searches the inbox at once.
constexpr int kMaxSearches = 50;
constexpr int kMaxTimelineItems = 2000;

// NOT_FOUND unless the inbox is that of the caller's entity.
absl::Status CheckOwn(const rpc::Call& call, const std::string& entity) {
  if (call.caller().entity == entity) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_NOT_FOUND, "the inbox does not exist, or belongs to another entity")
      .With("name", entity);
}

// The scope of page tokens: a token of another inbox or filter is refused.
std::string ScopeOf(const v1::ListInboxRequest& request) {
  return "page " + request.parent() + "\n" + request.filter();
}

std::string InboxScope(const std::string& entity) { return "inbox " + entity; }

// The number of items that fit in a page of about 1 MiB, but at least one if any exists.
template <class Iterator>
size_t CountThatFit(Iterator begin, Iterator end) {
  size_t bytes = 0, count = 0;
  for (; begin != end; ++begin, ++count) {
    bytes += begin->event.ByteSizeLong();
    if (bytes > listing::kMaxPageBytes && count > 0) break;
  }
  return count;
}

// The position after which a watch without a token begins.
absl::StatusOr<int64_t> StartOf(storage::Transaction& db, const v1::WatchInboxRequest& request,
                                const events::Epochs& epochs) {
  if (request.start_now()) return epochs.head();
  if (request.has_start_time())
    return PositionBefore(db, request.parent(), clock::FromProto(request.start_time()));
  return 0;
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
  router.BindWatch(this, &NotificationService::WatchInbox, &NotificationService::SetCheckpoint);
  router.Bind(this, &NotificationService::GetTimeline);
}

absl::StatusOr<v1::ListInboxResponse> NotificationService::ListInbox(rpc::Call& call,
                                                                     const v1::ListInboxRequest& request) {
  RETURN_IF_ERROR(CheckOwn(call, request.parent()));
  ASSIGN_OR_RETURN(const events::Epochs epochs, ReadInboxEpochs(call.db()));
  ASSIGN_OR_RETURN(const int64_t after, epochs.Resolve(request.page_token(), ScopeOf(request), "page_token"));
  const int size = request.page_size() > 0 ? request.page_size() : kDefaultPage;
  // One more item than requested shows whether a next page exists.
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
  ASSIGN_OR_RETURN(int64_t after, epochs.Resolve(from, InboxScope(request.parent()), "resume_token"));
  if (from.empty()) {
    ASSIGN_OR_RETURN(after, StartOf(call.db(), request, epochs));
  }
  InboxPage page{.items = {}, .searched = after, .more = true};
  // A filter that few items match must not delay those that follow.
  for (int i = 0; i < kMaxSearches && page.items.empty() && page.more; ++i) {
    ASSIGN_OR_RETURN(page,
                     SearchInbox(call.db(), request.parent(), page.searched, kWatchBatch, request.filter()));
  }
  std::vector<v1::WatchInboxResponse> responses;
  for (const events::LoggedEvent& item : page.items) {
    v1::WatchInboxResponse& response = responses.emplace_back();
    *response.mutable_item() = ToItem(item, epochs, request.parent());
    response.set_resume_token(response.item().resume_token());
  }
  if (!responses.empty()) responses.front().set_checkpoint(checkpoint_());
  token = epochs.TokenOf(page.searched, InboxScope(request.parent()));
  return responses;
}

absl::Status NotificationService::SetCheckpoint(rpc::Call& /*call*/, v1::WatchInboxResponse& response) {
  response.set_checkpoint(checkpoint_());
  return absl::OkStatus();
}

absl::StatusOr<v1::GetTimelineResponse> NotificationService::GetTimeline(
    rpc::Call& call, const v1::GetTimelineRequest& request) {
  ASSIGN_OR_RETURN(const auto items,
                   ReadTimeline(call.db(), call.caller().entity, request.bucp(), kMaxTimelineItems));
  // A caller without an event of the BUCP gets NOT_FOUND, as from every other read.
  if (items.empty()) {
    return Error(Reason::ERROR_REASON_NOT_FOUND,
                 "nothing about this BUCP has reached the caller's inbox; retry soon if it is new")
        .With("name", request.bucp());
  }
  ASSIGN_OR_RETURN(const events::Epochs epochs, ReadInboxEpochs(call.db()));
  // Keeps the latest items.
  const size_t fits = CountThatFit(items.rbegin(), items.rend());
  v1::GetTimelineResponse response;
  for (size_t i = items.size() - fits; i < items.size(); ++i) {
    *response.add_items() = ToItem(items[i], epochs, call.caller().entity);
  }
  return response;
}

}  // namespace idea::notification
