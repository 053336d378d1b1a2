#include "services/notification/notification_service.h"

#include <algorithm>
#include <optional>

#include "common/ids/ids.h"
#include "common/listing/listing.h"
#include "common/status/status.h"
#include "services/notification/inbox_store.h"

namespace idea::notification {
namespace {

using status::Error;
using status::Reason;

constexpr int kDefaultPage = 100;
constexpr int kWatchBatch = 100;
constexpr int kLongestTimeline = 2000;

// An inbox is its entity's alone: to anyone else it is not there.
absl::Status CheckOwn(const rpc::Call& call, const std::string& entity) {
  if (call.caller().entity == entity) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_NOT_FOUND, "there is no such inbox of the caller's").With("name", entity);
}

absl::StatusOr<events::Position> ReadToken(const std::string& token) {
  if (token.empty()) return events::Position();
  const std::optional<events::Position> at = events::Position::FromToken(token);
  if (at) return *at;
  return Error(Reason::ERROR_REASON_PAGE_TOKEN_INVALID, "the resume_token must be one that an item carried")
      .Field("resume_token", "the resume_token of an item");
}

// What a page token begins with: the same for the pages of one request. It finds tokens of other requests by
// accident; forging one gains nothing, for it only says where in the caller's own inbox to begin.
std::string SealOf(const v1::ListInboxRequest& request) {
  return ids::Sha256Hex(request.parent() + "\n" + request.filter()).substr(0, 32) + ".";
}

absl::StatusOr<events::Position> ReadPageToken(const v1::ListInboxRequest& request) {
  if (request.page_token().empty()) return events::Position();
  const std::string seal = SealOf(request);
  if (request.page_token().starts_with(seal)) {
    const auto at = events::Position::FromToken(std::string_view(request.page_token()).substr(seal.size()));
    if (at) return *at;
  }
  return Error(Reason::ERROR_REASON_PAGE_TOKEN_INVALID,
               "page_token must be a next_page_token of the same request")
      .Field("page_token", "a next_page_token of the same request");
}

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

v1::InboxItem ToItem(const events::Logged& logged) {
  v1::InboxItem item;
  *item.mutable_event() = logged.event;
  item.set_resume_token(logged.at.ToToken());
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
  ASSIGN_OR_RETURN(const events::Position after, ReadPageToken(request));
  const int size = request.page_size() > 0 ? request.page_size() : kDefaultPage;
  // One more than asked for tells whether there is a next page.
  ASSIGN_OR_RETURN(auto items, ReadInbox(call.db(), request.parent(), after, size + 1, request.filter()));
  v1::ListInboxResponse response;
  const size_t fits = std::min(static_cast<size_t>(size), CountThatFit(items.begin(), items.end()));
  if (items.size() > fits) {
    items.resize(fits);
    response.set_next_page_token(SealOf(request) + items.back().at.ToToken());
  }
  for (const events::Logged& item : items) *response.add_items() = ToItem(item);
  return response;
}

absl::StatusOr<std::vector<v1::WatchInboxResponse>> NotificationService::WatchInbox(
    rpc::Call& call, const v1::WatchInboxRequest& request, std::string& token) {
  RETURN_IF_ERROR(CheckOwn(call, request.parent()));
  ASSIGN_OR_RETURN(const events::Position after, ReadToken(token.empty() ? request.resume_token() : token));
  ASSIGN_OR_RETURN(const auto items, ReadInbox(call.db(), request.parent(), after, kWatchBatch));
  std::vector<v1::WatchInboxResponse> responses;
  token = after.ToToken();
  for (const events::Logged& item : items) {
    token = item.at.ToToken();
    *responses.emplace_back().mutable_item() = ToItem(item);
    responses.back().set_resume_token(token);
  }
  return responses;
}

absl::StatusOr<v1::GetTimelineResponse> NotificationService::GetTimeline(
    rpc::Call& call, const v1::GetTimelineRequest& request) {
  ASSIGN_OR_RETURN(const auto items,
                   ReadTimeline(call.db(), call.caller().entity, request.bucp(), kLongestTimeline));
  // The latest ones.
  const size_t fits = CountThatFit(items.rbegin(), items.rend());
  v1::GetTimelineResponse response;
  for (size_t i = items.size() - fits; i < items.size(); ++i) *response.add_items() = ToItem(items[i]);
  return response;
}

}  // namespace idea::notification
