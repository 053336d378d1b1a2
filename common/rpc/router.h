#ifndef IDEA_COMMON_RPC_ROUTER_H_
#define IDEA_COMMON_RPC_ROUTER_H_

#include <any>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/listing/caller_token.h"
#include "common/metrics/metrics.h"
#include "common/rpc/call.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "idea/common/v1/options.pb.h"

namespace idea::rpc {

// The database of a call, and the notifier of its writes.
struct Place {
  storage::Database* database = nullptr;
  events::Notifier* notifier = nullptr;
};

// One method: its descriptor, its policy and the type-erased functions of its handler.
struct Method {
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  common::v1::MethodPolicy policy;
  // "/idea.registry.v1.RegistryService/GetEntity"
  std::string path;
  // Created in the arena of the call.
  std::function<google::protobuf::Message*(google::protobuf::Arena*)> new_request;

  // The gather step: asks peers before the transaction. Null if the method has none.
  std::function<absl::StatusOr<std::any>(Call&, const google::protobuf::Message&)> gather;
  // Unary: the work. On OK `answer` is the serialized response.
  std::function<absl::Status(Call&, const google::protobuf::Message&, const std::any&, std::string& answer)>
      work;
  // WRITE: its lane, if any.
  std::string lane;
  // Unary without a database: the work of a handler that only reads memory. Runs on a thread of gRPC. The
  // response is created in the arena of the call.
  std::function<absl::Status(const auth::Caller&, const google::protobuf::Message&, google::protobuf::Arena*,
                             std::string& answer)>
      inline_work;
  // Selects the database of a call by its request. Null: that of the pipeline. Not for streams.
  std::function<absl::StatusOr<Place>(const google::protobuf::Message&)> place;
  // Server streaming: returns the next messages after `token` and advances the token. If empty, it is called
  // again later.
  std::function<absl::StatusOr<std::vector<std::unique_ptr<google::protobuf::Message>>>(
      Call&, const google::protobuf::Message&, std::string& token)>
      next;
  // Server streaming: sets what a heartbeat carries besides its resume_token. Null: nothing.
  std::function<absl::Status(Call&, google::protobuf::Message& heartbeat)> fill_heartbeat;

  // The counters of its calls, set by the first one.
  mutable std::atomic<metrics::Calls*> calls{nullptr};
};

// The methods of one service, each bound to a member function and identified by its request type.
class Router {
 public:
  // Binds absl::StatusOr<Response> Service::Work(Call&, const Request&). For an rpc that streams both ways,
  // each message is a separate call; for one that only its caller streams, all messages together are one
  // call. A write may name its lane.
  template <class Service, class Request, class Response>
  void Bind(Service* service, absl::StatusOr<Response> (Service::*work)(Call&, const Request&),
            storage::Lane lane = {}) {
    BindWork(service, work, lane);
  }

  // A method that first asks peers whether it may continue: `check` runs before the transaction.
  template <class Service, class Request, class Response>
  void Bind(Service* service, absl::Status (Service::*check)(Call&, const Request&),
            absl::StatusOr<Response> (Service::*work)(Call&, const Request&), storage::Lane lane = {}) {
    BindWork(service, work, lane).gather =
        [service, check](Call& call, const google::protobuf::Message& request) -> absl::StatusOr<std::any> {
      if (absl::Status refused = (service->*check)(call, static_cast<const Request&>(request)); !refused.ok())
        return refused;
      return std::any();
    };
  }

  // A method that asks peers first: `work` receives the result of `gather`.
  template <class Service, class Request, class Response, class Facts>
  void Bind(Service* service, absl::StatusOr<Facts> (Service::*gather)(Call&, const Request&),
            absl::StatusOr<Response> (Service::*work)(Call&, const Request&, const Facts&),
            storage::Lane lane = {}) {
    Method& method = Add(Request::descriptor(), Response::descriptor());
    method.new_request = New<Request>;
    method.gather = [service, gather](Call& call,
                                      const google::protobuf::Message& request) -> absl::StatusOr<std::any> {
      absl::StatusOr<Facts> facts = (service->*gather)(call, static_cast<const Request&>(request));
      if (!facts.ok()) return facts.status();
      return std::any(*std::move(facts));
    };
    method.lane = lane;
    method.work = [service, work](Call& call, const google::protobuf::Message& request, const std::any& facts,
                                  std::string& answer) {
      return Serialize(
          call,
          (service->*work)(call, static_cast<const Request&>(request), std::any_cast<const Facts&>(facts)),
          answer);
    };
  }

  // A method that only reads memory and never waits: absl::Status Service::Work(const auth::Caller&, const
  // Request&, Response&). It runs without a transaction and, for small requests, without a worker. It must be
  // a READ that needs no person.
  template <class Service, class Request, class Response>
  void BindInline(Service* service,
                  absl::Status (Service::*work)(const auth::Caller&, const Request&, Response&)) {
    Method& method = Add(Request::descriptor(), Response::descriptor());
    method.new_request = New<Request>;
    method.inline_work = [service, work](const auth::Caller& caller, const google::protobuf::Message& request,
                                         google::protobuf::Arena* arena, std::string& answer) {
      auto& response = *google::protobuf::Arena::CreateMessage<Response>(arena);
      const absl::Status status = (service->*work)(caller, static_cast<const Request&>(request), response);
      if (status.ok()) response.SerializeToString(&answer);
      return status;
    };
  }

  // A stream: `next` returns the messages after `token` and advances the token. If empty, the stream waits
  // for new events. Call::EndStream() ends it.
  template <class Service, class Request, class Response>
  Method& BindWatch(Service* service,
                    absl::StatusOr<std::vector<Response>> (Service::*next)(Call&, const Request&,
                                                                           std::string& token)) {
    Method& method = Add(Request::descriptor(), Response::descriptor());
    method.new_request = New<Request>;
    method.next = [service, next](Call& call, const google::protobuf::Message& request, std::string& token)
        -> absl::StatusOr<std::vector<std::unique_ptr<google::protobuf::Message>>> {
      absl::StatusOr<std::vector<Response>> got =
          (service->*next)(call, static_cast<const Request&>(request), token);
      if (!got.ok()) return got.status();
      std::vector<std::unique_ptr<google::protobuf::Message>> out;
      for (Response& response : *got) out.push_back(std::make_unique<Response>(std::move(response)));
      return out;
    };
    return method;
  }

  // The same with a function that adds to each heartbeat. A heartbeat is sent unchanged if it fails.
  template <class Service, class Request, class Response>
  void BindWatch(Service* service,
                 absl::StatusOr<std::vector<Response>> (Service::*next)(Call&, const Request&,
                                                                        std::string& token),
                 absl::Status (Service::*fill)(Call&, Response& heartbeat)) {
    BindWatch(service, next).fill_heartbeat = [service, fill](Call& call,
                                                              google::protobuf::Message& heartbeat) {
      return (service->*fill)(call, static_cast<Response&>(heartbeat));
    };
  }

  // For a service over all databases of a process: selects the database of a call. To be called after all
  // methods are bound.
  void PlaceBy(const std::function<absl::StatusOr<Place>(const google::protobuf::Message&)>& place) {
    for (auto& [path, method] : methods_) method.place = place;
  }

  // Checks that every method of every bound service is bound and has a policy. The failure names the missing
  // one and prevents the start.
  absl::Status Check() const;
  const std::map<std::string, Method>& methods() const { return methods_; }

 private:
  template <class Service, class Request, class Response>
  Method& BindWork(Service* service, absl::StatusOr<Response> (Service::*work)(Call&, const Request&),
                   storage::Lane lane) {
    Method& method = Add(Request::descriptor(), Response::descriptor());
    method.new_request = New<Request>;
    method.lane = lane;
    method.work = [service, work](Call& call, const google::protobuf::Message& request, const std::any&,
                                  std::string& answer) {
      return Serialize(call, (service->*work)(call, static_cast<const Request&>(request)), answer);
    };
    return method;
  }
  template <class Request>
  static google::protobuf::Message* New(google::protobuf::Arena* arena) {
    return google::protobuf::Arena::CreateMessage<Request>(arena);
  }
  // The next page is for the same caller.
  template <class Response>
  static absl::Status Serialize(const Call& call, absl::StatusOr<Response> response, std::string& answer) {
    if (!response.ok()) return response.status();
    if constexpr (requires { response->set_next_page_token(""); }) {
      response->set_next_page_token(listing::BindToCaller(call.caller().Name(), response->next_page_token()));
    }
    response->SerializeToString(&answer);
    return absl::OkStatus();
  }
  Method& Add(const google::protobuf::Descriptor* request, const google::protobuf::Descriptor* response);

  std::map<std::string, Method> methods_;
};

// The method with this request type; null if there is none. Every rpc has its own request message.
const google::protobuf::MethodDescriptor* FindMethod(const google::protobuf::Descriptor* request);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_ROUTER_H_
