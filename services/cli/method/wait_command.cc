#include "services/cli/method/wait_command.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "common/rpc/context.h"
#include "common/status/status.h"
#include "services/cli/arguments/name_completion.h"
#include "services/cli/call/calls.h"
#include "services/cli/command/request_flags.h"

namespace idea::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using std::chrono::milliseconds;

// The field at `path` (a column path) has one of `values`. Enum values are without their prefix, in any case.
struct Condition {
  std::string path;
  std::vector<std::string> values;
};

constexpr milliseconds kFirstPause{100};
constexpr milliseconds kMaxPause{1'000};

// The time until `deadline`, at least 0.
milliseconds Left(clock::Micros deadline, clock::Micros now) {
  return milliseconds(std::max<clock::Micros>(0, deadline - now) / 1000);
}

bool Holds(const Condition& condition, const std::string& cell) {
  return std::any_of(condition.values.begin(), condition.values.end(), [&](const std::string& value) {
    // The full name of an enum value ends with _ and its short name.
    return absl::AsciiStrToLower(value) == absl::AsciiStrToLower(cell) ||
           absl::AsciiStrToLower(value).ends_with("_" + absl::AsciiStrToLower(cell));
  });
}

ExitCode WaitFor(const Command& get, const Target& target, const std::string& name,
                 const Condition& condition, const CallOptions& options, Environment& env) {
  Sender sender(get.service, target, options, env);
  const std::unique_ptr<Message> request = NewMessage(get.method->input_type());
  const FieldDescriptor* field = PositionalOf(*request->GetDescriptor());
  request->GetReflection()->SetString(request.get(), field, name);
  const clock::Micros deadline =
      env.clock.Steady() + options.timeout.value_or(kDefaultTimeout).count() * 1000;
  std::string last = "nothing";
  for (milliseconds pause = kFirstPause;; pause = std::min(pause * 2, kMaxPause)) {
    const std::unique_ptr<Message> response = NewMessage(get.method->output_type());
    const milliseconds left = std::max(Left(deadline, env.clock.Steady()), kFirstPause);
    const absl::Status status =
        sender.peer().Send(rpc::NewContext(left), *request, response.get(), target.token);
    if (!status.ok() && ExitCodeOf(status) != kTryAgain)
      return PrintFailedCall(status, target, env, request.get());
    if (status.ok()) {
      last = RowsOf(*response, {condition.path})[0][0];
      if (Holds(condition, last)) {
        if (!options.quiet) PrintResponse(get, *response, options.style, env.out);
        return kDone;
      }
    } else {
      last = status::ReasonName(status);
    }
    const milliseconds rest = Left(deadline, env.clock.Steady());
    if (rest <= milliseconds(0)) break;
    env.pause(std::min(pause, rest));
  }
  PrintTrouble("TIMED_OUT", condition.path + " of " + name + " is " + last, kTimedOut, {}, env);
  return kTimedOut;
}

// "state=EXECUTED,FILED"
absl::StatusOr<Condition> ParseCondition(const Command& get, const std::string& text) {
  const size_t equals = text.find('=');
  Condition condition{text.substr(0, equals), {}};
  for (size_t begin = equals; begin < text.size();) {
    const size_t end = std::min(text.find(',', begin + 1), text.size());
    if (end > begin + 1) condition.values.push_back(text.substr(begin + 1, end - begin - 1));
    begin = end;
  }
  if (condition.values.empty()) return absl::InvalidArgumentError("--for: expected field=VALUE");
  if (!HasColumn(*get.method->output_type(), condition.path)) {
    return absl::InvalidArgumentError("--for: \"" + condition.path + "\" is not a field of " + get.noun);
  }
  return condition;
}

}  // namespace

ExitCode RunWait(const Arguments& arguments, Environment& env) {
  const Command* get = FindCommand(arguments.wait_noun, "get");
  if (get == nullptr || PositionalOf(*get->method->input_type()) == nullptr) {
    return Misuse(
        absl::InvalidArgumentError("wait: \"" + arguments.wait_noun + "\" is not a noun with the verb get"),
        env);
  }
  const absl::StatusOr<Condition> condition = ParseCondition(*get, arguments.wait_for);
  if (!condition.ok()) return Misuse(condition.status(), env);
  const absl::StatusOr<Target> target = TargetOf(arguments, get->service, env);
  if (!target.ok()) return Misuse(target.status(), env);
  const std::unique_ptr<Message> request = NewMessage(get->method->input_type());
  const auto* field = PositionalOf(*request->GetDescriptor());
  request->GetReflection()->SetString(request.get(), field, arguments.wait_name);
  const absl::Status status = CompleteNames(arguments, *request, env);
  if (!status.ok()) return PrintFailedCallOrMisuse(status, *target, env);
  const std::string name = request->GetReflection()->GetString(*request, field);
  return WaitFor(*get, *target, name, *condition, arguments.options, env);
}

}  // namespace idea::cli
