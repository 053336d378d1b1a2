#ifndef IDEA_COMMON_RPC_ROUTER_H_
#define IDEA_COMMON_RPC_ROUTER_H_

#include <any>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "idea/common/v1/options.pb.h"

namespace idea::rpc {

// One method: its descriptor, its policy and the handler's functions, their types erased.
struct Method {
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  common::v1::MethodPolicy policy;
  // "/idea.registry.v1.RegistryService/GetEntity"
  std::string path;
  std::function<std::unique_ptr<google::protobuf::Message>()> new_request;

  // Asks peers what the handler needs to know, before the transaction. Null where nothing is asked.
  std::function<absl::StatusOr<std::any>(Call&, const google::protobuf::Message&)> gather;
  // Unary: the work.
  std::function<absl::StatusOr<std::unique_ptr<google::protobuf::Message>>(
      Call&, const google::protobuf::Message&, const std::any&)>
      work;
  // Unary without a database: the work of a handler that only looks at memory. It runs on gRPC's own thread.
  std::function<absl::StatusOr<std::unique_ptr<google::protobuf::Message>>(const auth::Caller&,
                                                                           const google::protobuf::Message&)>
      inline_work;
  // Server streaming: the next messages behind `token`, which it moves on. None: wait and ask again.
  std::function<absl::StatusOr<std::vector<std::unique_ptr<google::protobuf::Message>>>(
      Call&, const google::protobuf::Message&, std::string& token)>
      next;
};

// The methods of one service: each bound to a member function, known by its request type.
class Router {
 public:
  // absl::StatusOr<Response> Service::Work(Call&, const Request&). Of an rpc that streams both ways each
  // message is such a call of its own.
  template <class Service, class Request, class Response>
  void Bind(Service* service, absl::StatusOr<Response> (Service::*work)(Call&, const Request&)) {
    Method& method = Add(Request::descriptor(), Response::descriptor());
    method.new_request = [] { return std::make_unique<Request>(); };
    method.work = [service, work](Call& call, const google::protobuf::Message& request, const std::any&) {
      return Box((service->*work)(call, static_cast<const Request&>(request)));
    };
  }

  // A method that asks peers first: what `gather` returns is handed to `work`.
  template <class Service, class Request, class Response, class Facts>
  void Bind(Service* service, absl::StatusOr<Facts> (Service::*gather)(Call&, const Request&),
            absl::StatusOr<Response> (Service::*work)(Call&, const Request&, const Facts&)) {
    Method& method = Add(Request::descriptor(), Response::descriptor());
    method.new_request = [] { return std::make_unique<Request>(); };
    method.gather = [service, gather](Call& call,
                                      const google::protobuf::Message& request) -> absl::StatusOr<std::any> {
      absl::StatusOr<Facts> facts = (service->*gather)(call, static_cast<const Request&>(request));
      if (!facts.ok()) return facts.status();
      return std::any(*std::move(facts));
    };
    method.work = [service, work](Call& call, const google::protobuf::Message& request,
                                  const std::any& facts) {
      return Box(
          (service->*work)(call, static_cast<const Request&>(request), std::any_cast<const Facts&>(facts)));
    };
  }

  // A method that only looks at memory and never waits: absl::StatusOr<Response> Service::Work(const
  // auth::Caller&, const Request&). It runs without a transaction and, for small requests, without a worker.
  // It reads, and no step of it is a person's.
  template <class Service, class Request, class Response>
  void BindInline(Service* service,
                  absl::StatusOr<Response> (Service::*work)(const auth::Caller&, const Request&)) {
    Method& method = Add(Request::descriptor(), Response::descriptor());
    method.new_request = [] { return std::make_unique<Request>(); };
    method.inline_work = [service, work](const auth::Caller& caller,
                                         const google::protobuf::Message& request) {
      return Box((service->*work)(caller, static_cast<const Request&>(request)));
    };
  }

  // A stream: `next` returns what comes behind `token` and moves the token; an empty answer waits for news,
  // and Call::EndStream() ends it.
  template <class Service, class Request, class Response>
  void BindWatch(Service* service,
                 absl::StatusOr<std::vector<Response>> (Service::*next)(Call&, const Request&,
                                                                        std::string& token)) {
    Method& method = Add(Request::descriptor(), Response::descriptor());
    method.new_request = [] { return std::make_unique<Request>(); };
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

  // Whether every method of every bound service is bound and has a policy; says which is not. A server does
  // not start otherwise.
  absl::Status Check() const;
  const std::map<std::string, Method>& methods() const { return methods_; }

 private:
  template <class Response>
  static absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Box(absl::StatusOr<Response> response) {
    if (!response.ok()) return std::move(response).status();
    return std::make_unique<Response>(*std::move(response));
  }
  Method& Add(const google::protobuf::Descriptor* request, const google::protobuf::Descriptor* response);

  std::map<std::string, Method> methods_;
};

// The method whose request is of this type; null if there is none. Every rpc has its own request message.
const google::protobuf::MethodDescriptor* FindMethod(const google::protobuf::Descriptor* request);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_ROUTER_H_
