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

// The database that a call works on, and what is notified of its writes.
struct Place {
  storage::Database* database = nullptr;
  events::Notifier* notifier = nullptr;
};

// One method: its descriptor, its policy and the handler's functions, their types erased.
struct Method {
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  common::v1::MethodPolicy policy;
  // "/idea.registry.v1.RegistryService/GetEntity"
  std::string path;
  // Made in the call's arena.
  std::function<google::protobuf::Message*(google::protobuf::Arena*)> new_request;

  // Asks peers what the handler needs to know, before the transaction. Null where nothing is asked.
  std::function<absl::StatusOr<std::any>(Call&, const google::protobuf::Message&)> gather;
  // Unary: the work. On OK `answer` holds the bytes of the response.
  std::function<absl::Status(Call&, const google::protobuf::Message&, const std::any&, std::string& answer)>
      work;
  // WRITE: the lane that it is written in, if any.
  std::string lane;
  // Unary without a database: the work of a handler that only looks at memory. It runs on gRPC's own thread.
  // The response is made in the call's arena.
  std::function<absl::Status(const auth::Caller&, const google::protobuf::Message&, google::protobuf::Arena*,
                             std::string& answer)>
      inline_work;
  // Chooses by the request which database a call works on. Null: the pipeline's. Not for streams.
  std::function<absl::StatusOr<Place>(const google::protobuf::Message&)> place;
  // Server streaming: the next messages behind `token`, which it moves on. None: wait and ask again.
  std::function<absl::StatusOr<std::vector<std::unique_ptr<google::protobuf::Message>>>(
      Call&, const google::protobuf::Message&, std::string& token)>
      next;

  // Where its calls are counted; found by the first one.
  mutable std::atomic<metrics::Calls*> calls{nullptr};
};

// The methods of one service: each bound to a member function, known by its request type.
class Router {
 public:
  // absl::StatusOr<Response> Service::Work(Call&, const Request&). Of an rpc that streams both ways each
  // message is such a call of its own; of one that only its caller streams, all messages together are one.
  // One that writes may name its lane.
  template <class Service, class Request, class Response>
  void Bind(Service* service, absl::StatusOr<Response> (Service::*work)(Call&, const Request&),
            storage::Lane lane = {}) {
    BindWork(service, work, lane);
  }

  // A method that asks peers first whether it may go on: `check` runs before the transaction.
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

  // A method that asks peers first: what `gather` returns is handed to `work`.
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

  // A method that only looks at memory and never waits: absl::Status Service::Work(const auth::Caller&, const
  // Request&, Response&). It runs without a transaction and, for small requests, without a worker. It reads,
  // and no step of it is a person's.
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

  // A stream: `next` returns what comes behind `token` and moves the token; an empty answer waits for news,
  // and Call::EndStream() ends it.
  template <class Service, class Request, class Response>
  void BindWatch(Service* service,
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
  }

  // For a service that each database of a process has: chooses where a call to one of its methods works.
  // After all are bound.
  void PlaceBy(const std::function<absl::StatusOr<Place>(const google::protobuf::Message&)>& place) {
    for (auto& [path, method] : methods_) method.place = place;
  }

  // Whether every method of every bound service is bound and has a policy; says which is not. A server does
  // not start otherwise.
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

// The method whose request is of this type; null if there is none. Every rpc has its own request message.
const google::protobuf::MethodDescriptor* FindMethod(const google::protobuf::Descriptor* request);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_ROUTER_H_
