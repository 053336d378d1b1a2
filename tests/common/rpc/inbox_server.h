#ifndef IDEA_TESTS_COMMON_RPC_INBOX_SERVER_H_
#define IDEA_TESTS_COMMON_RPC_INBOX_SERVER_H_

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/metrics/metrics.h"
#include "common/rpc/listener.h"
#include "idea/notification/v1/notification.pb.h"
#include "tests/common/rpc/other_methods.h"
#include "tests/common/rpc/suite_server.h"
#include "tests/support/backends.h"
#include "tests/support/matchers.h"

namespace idea::testing {

// A real listener with a minimal service of three methods, to test the wire.
class InboxServer {
 public:
  explicit InboxServer(const rpc::ConnectionSettings& connections = {},
                       const std::string& address = "127.0.0.1:0",
                       const rpc::TlsFiles& tls = FilesOf("suite"),
                       const rpc::ServerState::Limits& limits = {.workers = {.queue = 64}})
      : listener_(authenticator_, 2, limits, connections) {
    router_.Bind(this, &InboxServer::ListInbox);
    router_.BindInline(this, &InboxServer::GetTimeline);
    router_.BindWatch(this, &InboxServer::WatchInbox);
    other_methods_.Bind(router_);
    EXPECT_THAT(listener_.Add(router_, pipeline_), IsOk());
    EXPECT_THAT(listener_.Start(address, tls), IsOk());
  }

  rpc::Listener& listener() { return listener_; }
  const std::string& address() const { return listener_.address(); }
  std::string metrics() const { return metrics_.Text(); }
  // Adds an item to the inbox and wakes its watchers.
  void Add() {
    ++items_;
    notifier_.Notify();
  }
  // The work of ListInbox, OK by default. To be set before the first call.
  std::function<absl::Status()> on_list;
  std::atomic<int> lists{0};

 private:
  class NobodyHasARole : public auth::Directory {
   public:
    absl::StatusOr<auth::Person> Find(const std::string&, const std::string&) override {
      return auth::Person();
    }
  };

  absl::StatusOr<notification::v1::ListInboxResponse> ListInbox(rpc::Call&,
                                                                const notification::v1::ListInboxRequest&) {
    ++lists;
    if (on_list != nullptr) RETURN_IF_ERROR(on_list());
    return notification::v1::ListInboxResponse();
  }
  absl::Status GetTimeline(const auth::Caller&, const notification::v1::GetTimelineRequest&,
                           notification::v1::GetTimelineResponse&) {
    return absl::OkStatus();
  }
  // Items are numbered from 1; the token is the number of the last one that was sent.
  absl::StatusOr<std::vector<notification::v1::WatchInboxResponse>> WatchInbox(
      rpc::Call&, const notification::v1::WatchInboxRequest& request, std::string& token) {
    if (token.empty()) token = request.resume_token().empty() ? "0" : request.resume_token();
    std::vector<notification::v1::WatchInboxResponse> next;
    while (std::stoi(token) < items_) {
      token = std::to_string(std::stoi(token) + 1);
      next.emplace_back().mutable_item()->set_resume_token(token);
      next.back().set_resume_token(token);
    }
    return next;
  }

  std::atomic<int> items_{0};
  clock::SystemClock clock_;
  auth::Authenticator authenticator_{{"idea.local", "", "", "", "", ""}, clock_};
  NobodyHasARole directory_;
  std::unique_ptr<storage::Database> database_ = Fresh("memory");
  events::Notifier notifier_;
  metrics::Metrics metrics_;
  OtherMethods other_methods_;
  rpc::Router router_;
  rpc::Pipeline pipeline_{{"inbox", authenticator_, directory_, *database_, notifier_, metrics_, clock_}};
  rpc::Listener listener_;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_COMMON_RPC_INBOX_SERVER_H_
