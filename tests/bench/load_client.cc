#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/ids/ids.h"
#include "common/rpc/wire.h"

// Calls a server over mTLS from its own process, for scripts/bench.sh. Each caller sends its next call when
// the one before is answered.
namespace idea::bench {
namespace {

using std::chrono::steady_clock;

constexpr std::string_view kAnyUuid = "00000000-0000-0000-0000-000000000000";
constexpr size_t kCallersOfAChannel = 16;

std::string ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

[[noreturn]] void Fail(const std::string& why) {
  std::fprintf(stderr, "load_client: %s\n", why.c_str());
  std::exit(2);
}

struct PlannedCall {
  std::string target, path, request, certificate, token;
  // Where the request has a UUID of zeros, which is replaced by a random one in each call.
  std::vector<size_t> places;
};

// Each line: the address of the server, the path of the method, the request in base64, the folder of the
// caller's certificate, the file of its token or "-".
std::vector<PlannedCall> ReadPlan(const std::string& file) {
  std::vector<PlannedCall> plan;
  std::map<std::string, std::string> tokens{{"-", ""}};
  std::ifstream in(file);
  PlannedCall call;
  for (std::string base64, token; in >> call.target >> call.path >> base64 >> call.certificate >> token;) {
    if (!absl::Base64Unescape(base64, &call.request)) Fail("no base64 in " + file);
    std::string& header = tokens[token];
    if (header.empty() && token != "-") {
      header = "Bearer " + ReadText(token);
      header.erase(header.find_last_not_of('\n') + 1);
    }
    call.token = header;
    call.places.clear();
    for (size_t at = call.request.find(kAnyUuid); at != std::string::npos;
         at = call.request.find(kAnyUuid, at + 1)) {
      call.places.push_back(at);
    }
    plan.push_back(call);
  }
  if (plan.empty()) Fail("no calls in " + file);
  return plan;
}

std::unique_ptr<grpc::GenericStub> Connect(const PlannedCall& call) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetSslTargetNameOverride("localhost");
  arguments.SetMaxReceiveMessageSize(-1);
  const grpc::SslCredentialsOptions options{ReadText(call.certificate + "/ca.crt"),
                                            ReadText(call.certificate + "/tls.key"),
                                            ReadText(call.certificate + "/tls.crt")};
  const auto channel = grpc::CreateCustomChannel(call.target, grpc::SslCredentials(options), arguments);
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10)))
    Fail("no connection to " + call.target);
  return std::make_unique<grpc::GenericStub>(channel);
}

class Load {
 public:
  Load(std::vector<PlannedCall> plan, size_t callers) : plan_(std::move(plan)), callers_(callers) {
    for (size_t i = 0; i < callers_.size(); ++i) {
      callers_[i].channels = i / kCallersOfAChannel;
      callers_[i].call = i % plan_.size();
    }
  }

  // For `duration`, caller i makes call i of the plan, modulo its size, again and again. Without a duration,
  // the callers make each call of the plan once. Prints the calls per second and the times of a call in
  // milliseconds as a line of JSON. Returns whether every call succeeded.
  bool Run(std::optional<std::chrono::milliseconds> duration) {
    once_ = !duration.has_value();
    next_ = callers_.size();
    // Connecting is not measured, nor is a third of the duration before the rest.
    for (Caller& caller : callers_) {
      for (const PlannedCall& call : plan_) StubOf(call, caller.channels);
    }
    begin_ = steady_clock::now() + (once_ ? steady_clock::duration::zero() : *duration / 3);
    end_ = once_ ? steady_clock::time_point::max() : begin_ + *duration;
    running_ = once_ ? std::min(callers_.size(), plan_.size()) : callers_.size();
    const size_t started = running_;
    for (size_t i = 0; i < started; ++i) Send(callers_[i]);
    {
      std::unique_lock lock(mutex_);
      ended_.wait(lock, [&] { return running_ == 0; });
    }
    const auto measured = once_ ? steady_clock::now() - begin_ : *duration;
    std::vector<double> times;
    std::map<std::string, int> failures;
    for (const Caller& caller : callers_) {
      times.insert(times.end(), caller.times.begin(), caller.times.end());
      if (!caller.failure.empty()) ++failures[caller.failure];
    }
    for (const auto& [failure, count] : failures)
      std::fprintf(stderr, "load_client: %d callers: %s\n", count, failure.c_str());
    if (times.empty()) Fail("no call was answered");
    std::sort(times.begin(), times.end());
    std::printf("{\"rate\": %.1f, \"median\": %.3f, \"p99\": %.3f, \"longest\": %.3f, \"bytes\": %zu}\n",
                static_cast<double>(times.size()) / std::chrono::duration<double>(measured).count(),
                times[times.size() / 2], times[times.size() * 99 / 100], times.back(), answer_bytes_.load());
    return failures.empty();
  }

 private:
  struct Caller {
    size_t channels = 0, call = 0;
    std::string bytes;
    std::optional<grpc::ClientContext> context;
    grpc::ByteBuffer request, response;
    steady_clock::time_point sent;
    std::vector<double> times;
    std::string failure;
  };

  // A connection for each certificate, server and group of callers.
  grpc::GenericStub& StubOf(const PlannedCall& call, size_t channels) {
    auto& stub = stubs_[{call.certificate, call.target, channels}];
    if (stub == nullptr) stub = Connect(call);
    return *stub;
  }

  void Send(Caller& caller) {
    const PlannedCall& call = plan_[caller.call];
    caller.bytes = call.request;
    for (const size_t place : call.places) caller.bytes.replace(place, kAnyUuid.size(), ids::NewUuid());
    caller.request = rpc::FromBytes(caller.bytes);
    caller.response.Clear();
    grpc::ClientContext& context = caller.context.emplace();
    if (!call.token.empty()) context.AddMetadata("authorization", call.token);
    grpc::GenericStub& stub = StubOf(call, caller.channels);
    caller.sent = steady_clock::now();
    stub.UnaryCall(&context, call.path, grpc::StubOptions(), &caller.request, &caller.response,
                   [this, &caller](const grpc::Status& status) { Answered(caller, status); });
  }

  void Answered(Caller& caller, const grpc::Status& status) {
    const auto now = steady_clock::now();
    if (!status.ok()) caller.failure = status.error_message();
    if (status.ok() && now >= begin_ && now < end_) {
      caller.times.push_back(std::chrono::duration<double, std::milli>(now - caller.sent).count());
      answer_bytes_ = caller.response.Length();
    }
    if (status.ok() && now < end_) {
      if (!once_) return Send(caller);
      caller.call = next_++;
      if (caller.call < plan_.size()) return Send(caller);
    }
    const std::lock_guard lock(mutex_);
    if (--running_ == 0) ended_.notify_one();
  }

  const std::vector<PlannedCall> plan_;
  std::vector<Caller> callers_;
  // Complete before the first call.
  std::map<std::tuple<std::string, std::string, size_t>, std::unique_ptr<grpc::GenericStub>> stubs_;
  bool once_ = false;
  std::atomic<size_t> next_{0};
  steady_clock::time_point begin_, end_;
  std::atomic<size_t> answer_bytes_{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  size_t running_ = 0;
};

}  // namespace
}  // namespace idea::bench

// usage: load_client <file of calls> <callers> <seconds | once>
int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto callers = std::strtoul(argv[2], nullptr, 10);
  std::optional<std::chrono::milliseconds> duration;
  if (std::string_view(argv[3]) != "once")
    duration = std::chrono::milliseconds(static_cast<int64_t>(1000 * std::strtod(argv[3], nullptr)));
  if (callers == 0 || (duration && duration->count() <= 0)) return 2;
  return idea::bench::Load(idea::bench::ReadPlan(argv[1]), callers).Run(duration) ? 0 : 1;
}
