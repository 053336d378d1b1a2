#include "services/cli/waiting.h"

#include <algorithm>
#include <cctype>

#include "common/rpc/context.h"
#include "common/status/status.h"
#include "grpc/health/v1/health.pb.h"
#include "services/cli/calls.h"
#include "services/cli/request_flags.h"

namespace idea::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{100};
constexpr milliseconds kMaxPause{1'000};
// How often a list is asked for again.
constexpr milliseconds kWatchInterval{2'000};

// How long until `deadline`; never less than nothing.
milliseconds Left(clock::Micros deadline, clock::Micros now) {
  return milliseconds(std::max<clock::Micros>(0, deadline - now) / 1000);
}

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool Holds(const Condition& condition, const std::string& cell) {
  return std::any_of(condition.values.begin(), condition.values.end(), [&](const std::string& value) {
    // The full name of an enum value ends with _ and the short one.
    return Lower(value) == Lower(cell) || Lower(value).ends_with("_" + Lower(cell));
  });
}

}  // namespace

ExitCode Wait(const Command& get, const Target& target, const std::string& name, const Condition& condition,
              const CallOptions& options, Surroundings& around) {
  Sender sender(get.service, target, options, around);
  const std::unique_ptr<Message> request = NewMessage(get.method->input_type());
  const FieldDescriptor* field = PositionalOf(*request->GetDescriptor());
  request->GetReflection()->SetString(request.get(), field, name);
  const clock::Micros deadline =
      around.clock.Steady() + options.timeout.value_or(kDefaultTimeout).count() * 1000;
  std::string last = "nothing";
  for (milliseconds pause = kFirstPause;; pause = std::min(pause * 2, kMaxPause)) {
    const std::unique_ptr<Message> response = NewMessage(get.method->output_type());
    const milliseconds left = std::max(Left(deadline, around.clock.Steady()), kFirstPause);
    const absl::Status status =
        sender.peer().Send(rpc::NewContext(left), *request, response.get(), target.token);
    if (!status.ok() && ExitCodeOf(status) != kTryAgain)
      return PrintFailedCall(status, target, around, request.get());
    if (status.ok()) {
      last = RowsOf(*response, {condition.path})[0][0];
      if (Holds(condition, last)) {
        if (!options.quiet) PrintResponse(get, *response, options.style, around.out);
        return kDone;
      }
    } else {
      last = status::ReasonName(status);
    }
    const milliseconds rest = Left(deadline, around.clock.Steady());
    if (rest <= milliseconds(0)) break;
    around.pause(std::min(pause, rest));
  }
  PrintTrouble("TIMED_OUT", condition.path + " of " + name + " is " + last, kTimedOut, {}, around);
  return kTimedOut;
}

ExitCode WatchList(const Command& command, const Target& target, Message& request, const CallOptions& options,
                   Surroundings& around) {
  // Each list has the usual time; --timeout is for all of them.
  CallOptions once = options;
  once.timeout.reset();
  Sender sender(command.service, target, once, around);
  const clock::Micros end = around.clock.Steady() + options.timeout.value_or(milliseconds(0)).count() * 1000;
  std::string last;
  for (int64_t printed = 0;;) {
    const std::unique_ptr<Message> asked(request.New());
    asked->CopyFrom(request);
    const std::unique_ptr<Message> response = NewMessage(command.method->output_type());
    const absl::Status status = FetchAll(sender, once, *asked, *response, around);
    if (!status.ok() && ExitCodeOf(status) != kTryAgain)
      return PrintFailedCall(status, target, around, &request);
    const std::string bytes = response->SerializeAsString();
    if (status.ok() && (printed == 0 || bytes != last)) {
      last = bytes;
      if (printed > 0 && !IsForPrograms(options.style.format)) around.out << "\n";
      ShowAnswer(command, *response, options, around);
      around.out << std::flush;
      if (++printed == options.limit) return kDone;
    }
    const clock::Micros now = around.clock.Steady();
    if (options.timeout && now >= end) return options.limit == 0 ? kDone : kTimedOut;
    around.pause(options.timeout
                     ? std::min(kWatchInterval, std::max(milliseconds((end - now) / 1000), milliseconds(1)))
                     : kWatchInterval);
  }
}

ExitCode CheckHealth(const std::string& label, const std::string& service, const Target& target,
                     const CallOptions& options, Surroundings& around) {
  // A probe says what is now.
  CallOptions once = options;
  once.retries = false;
  Sender sender("health", target, once, around);
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  grpc::health::v1::HealthCheckResponse response;
  const absl::Status status = sender.Send(request, &response);
  if (!status.ok()) return PrintFailedCall(status, target, around);
  if (!options.quiet)
    around.out << label << grpc::health::v1::HealthCheckResponse::ServingStatus_Name(response.status())
               << "\n";
  return response.status() == grpc::health::v1::HealthCheckResponse::SERVING ? kDone : kTryAgain;
}

}  // namespace idea::cli
