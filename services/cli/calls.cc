#include "services/cli/calls.h"

#include <algorithm>
#include <cctype>
#include <fstream>

#include "common/rpc/context.h"
#include "common/rpc/peer.h"
#include "common/status/status.h"
#include "grpc/health/v1/health.pb.h"
#include "services/cli/connection_check.h"
#include "services/cli/request_flags.h"

namespace idea::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using std::chrono::milliseconds;

constexpr milliseconds kDefaultTimeout{30'000};
constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{1'000};
constexpr milliseconds kLongestReconnect{5'000};
// A stream that was open for less did not connect.
constexpr clock::Micros kConnected = clock::kSecond;
constexpr int kFirstAttempts = 5;
constexpr milliseconds kConnectionCheckTimeout{5'000};

rpc::Peer PeerOf(const std::string& name, const Target& target) {
  return {name,
          target.address,
          {target.certificate, target.key, target.authority},
          "",
          IsLoopback(target.address) ? rpc::UseProxy::kNo : rpc::UseProxy::kAsTheEnvironmentSays,
          1};
}

// A text field of the message or, if it is empty, of the message in its first message field; empty where
// neither has one. Servers of an earlier release set only the resume_token of an inbox's item.
std::string FindText(const Message& message, const std::string& name) {
  const auto& get = *message.GetReflection();
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  if (field != nullptr && !get.GetString(message, field).empty()) return get.GetString(message, field);
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* part = message.GetDescriptor()->field(i);
    if (part->message_type() == nullptr || part->is_repeated()) continue;
    const FieldDescriptor* inner = part->message_type()->FindFieldByName(name);
    if (inner == nullptr) return "";
    const Message& inside = get.GetMessage(message, part);
    return inside.GetReflection()->GetString(inside, inner);
  }
  return "";
}

bool IsHeartbeat(const Message& message) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName("heartbeat");
  return field != nullptr && message.GetReflection()->GetBool(message, field);
}

// Whether the message has such a text field, and sets it.
bool SetText(Message& message, const std::string& name, const std::string& text) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr) return false;
  message.GetReflection()->SetString(&message, field, text);
  return true;
}

ExitCode Fail(const absl::Status& status, const Target& target, const Message& request,
              Surroundings& around) {
  const ExitCode code = PrintFailedCall(status, target, around);
  if (code == kTryAgain || code == kDeadline || code == kRefused) {
    const std::string id = FindText(request, "request_id");
    if (!id.empty()) around.err << "  again: --request-id " << id << "\n";
  }
  return code;
}

// The field that holds a page's items; null if it is no page of a list.
const FieldDescriptor* ItemsOf(const Message& page) {
  const auto& type = *page.GetDescriptor();
  if (type.FindFieldByName("next_page_token") == nullptr) return nullptr;
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->is_repeated()) return type.field(i);
  }
  return nullptr;
}

// After an answer with `found` items asks for those that the page still misses; false if it is full.
bool AskForRest(Message& request, int found) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("page_size");
  if (field == nullptr) return false;
  constexpr int kDefaultSize = 100;
  const int size = request.GetReflection()->GetInt32(request, field);
  const int missing = (size == 0 ? kDefaultSize : size) - found;
  if (missing > 0) request.GetReflection()->SetInt32(&request, field, missing);
  return missing > 0;
}

// Adds a page to what came before it. The parts of a file are joined.
void AddPage(const Message& page, Message& all) {
  const FieldDescriptor* file = FileFieldOf(*page.GetDescriptor());
  const std::string before = file == nullptr ? "" : all.GetReflection()->GetString(all, file);
  SetText(all, "next_page_token", "");
  all.MergeFrom(page);
  if (before.empty()) return;
  all.GetReflection()->SetString(&all, file, before + page.GetReflection()->GetString(page, file));
}

// One call, or as many as a list or a file has pages; as many as it takes to fill one page.
absl::Status Fetch(rpc::Peer& peer, const Target& target, const CallOptions& options, Message& request,
                   Message& all, std::ostream& err) {
  std::string token;
  do {
    const std::unique_ptr<Message> page(all.New());
    const rpc::Context context = rpc::NewContext(options.timeout.value_or(kDefaultTimeout));
    if (options.verbose) err << "request-id: " << context.request_id << "\n";
    RETURN_IF_ERROR(peer.Send(context, request, page.get(), target.token));
    AddPage(*page, all);
    token = FindText(*page, "next_page_token");
    const FieldDescriptor* items = ItemsOf(*page);
    if (items != nullptr && options.one_page &&
        !AskForRest(request, page->GetReflection()->FieldSize(*page, items)))
      break;
  } while (!token.empty() && SetText(request, "page_token", token));
  return absl::OkStatus();
}

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

bool MayPass(const absl::Status& status) { return ExitCodeOf(status) == kTryAgain; }

// Writes the response's file to `path` and takes it out of the response.
bool WriteFile(const std::string& path, Message& response, std::ostream& err) {
  const FieldDescriptor* field = FileFieldOf(*response.GetDescriptor());
  const std::string bytes = response.GetReflection()->GetString(response, field);
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  file.close();
  if (file.fail()) {
    err << "ideactl: cannot write " << path << "\n";
    return false;
  }
  err << "wrote " << path << " (" << bytes.size() << " bytes)\n";
  response.GetReflection()->ClearField(&response, field);
  return true;
}

}  // namespace

ExitCode PrintFailedCall(const absl::Status& status, const Target& target, Surroundings& around) {
  ExitCode code = ExitCodeOf(status);
  // A refusal without RequestInfo did not come over the wire.
  if (status::ReasonOf(status) == status::Reason::ERROR_REASON_PEER_UNAVAILABLE &&
      status::RequestIdOf(status).empty()) {
    if (const auto trouble = FindConnectionTrouble(target, around.env, kConnectionCheckTimeout)) {
      around.err << "NO_CONNECTION: " << OneLine(trouble->text) << "\n  endpoint: " << target.address << "\n";
      return trouble->code;
    }
    if (status::MetadataOf(status, "code") == "DEADLINE_EXCEEDED") code = kDeadline;
  }
  PrintFailure(status, around.err);
  if (code == kTryAgain || code == kDeadline) around.err << "  endpoint: " << target.address << "\n";
  return code;
}

ExitCode CallUnary(const Command& command, const Target& target, Message& request, const CallOptions& options,
                   Surroundings& around) {
  rpc::Peer peer = PeerOf(command.service, target);
  const std::unique_ptr<Message> response = NewMessage(command.method->output_type());
  const absl::Status status = Fetch(peer, target, options, request, *response, around.err);
  if (!status.ok()) return Fail(status, target, request, around);
  if (options.out == "-") {
    around.out << response->GetReflection()->GetString(*response, FileFieldOf(*response->GetDescriptor()));
    return kDone;
  }
  if (!options.out.empty() && !WriteFile(options.out, *response, around.err)) return kUsage;
  PrintResponse(command, *response, options.format, around.out);
  const std::string next = options.one_page ? FindText(*response, "next_page_token") : "";
  if (!next.empty()) around.err << "next page: --page-token " << next << "\n";
  return kDone;
}

ExitCode CallEach(const Command& command, const std::vector<std::pair<std::string, Target>>& services,
                  Message& request, bool skip_unknown, const CallOptions& options, Surroundings& around) {
  ExitCode worst = kDone;
  std::vector<std::unique_ptr<Message>> answers;
  for (const auto& [service, target] : services) {
    rpc::Peer peer = PeerOf(service, target);
    SetText(request, "parent", "services/" + service);
    SetText(request, "page_token", "");
    std::unique_ptr<Message> answer = NewMessage(command.method->output_type());
    const absl::Status status = Fetch(peer, target, options, request, *answer, around.err);
    if (status.ok()) {
      answers.push_back(std::move(answer));
    } else if (!skip_unknown || !absl::IsNotFound(status)) {
      around.err << service << ": ";
      worst = Fail(status, target, request, around);
    }
  }
  if (options.format == Format::kTable) {
    std::vector<Row> rows;
    for (const auto& answer : answers) {
      const std::vector<Row> more = RowsOf(*answer, command.columns);
      rows.insert(rows.end(), more.begin(), more.end());
    }
    PrintTable(HeaderOf(command.columns), rows, around.out);
    return worst;
  }
  if (ItemsOf(*NewMessage(command.method->output_type())) != nullptr) {
    std::vector<std::unique_ptr<Message>> one;
    one.push_back(NewMessage(command.method->output_type()));
    for (const auto& answer : answers) AddPage(*answer, *one[0]);
    answers.swap(one);
  }
  for (const auto& answer : answers) PrintResponse(command, *answer, options.format, around.out);
  return worst;
}

ExitCode CallStream(const Command& command, const Target& target, Message& request,
                    const CallOptions& options, Surroundings& around) {
  rpc::Peer peer = PeerOf(command.service, target);
  StreamPrinter printer(command, options.format, around.out);
  const std::unique_ptr<Message> scratch = NewMessage(command.method->output_type());
  const bool resumes = request.GetDescriptor()->FindFieldByName("resume_token") != nullptr;
  const clock::Micros deadline =
      around.clock.Now() + options.timeout.value_or(milliseconds(0)).count() * 1000;
  int64_t received = 0;
  bool connected = false;
  milliseconds pause = kFirstPause;
  for (int attempt = 1;; ++attempt) {
    const clock::Micros begun = around.clock.Now();
    rpc::Context context = rpc::NewContext(options.timeout ? Left(deadline, begun) : milliseconds(0));
    if (!options.timeout) context.deadline = std::chrono::steady_clock::time_point::max();
    const auto take = [&](const Message& message) {
      if (resumes) SetText(request, "resume_token", FindText(message, "resume_token"));
      pause = kFirstPause;
      if (IsHeartbeat(message)) return true;
      printer.Print(message);
      return ++received != options.limit;
    };
    if (options.verbose) around.err << "request-id: " << context.request_id << "\n";
    const absl::Status status = peer.Stream(context, request, scratch.get(), take, target.token);
    if (status.ok()) return kDone;
    const clock::Micros now = around.clock.Now();
    if (options.timeout && now >= deadline) return options.limit == 0 ? kDone : kTimedOut;
    connected = connected || received > 0 || now - begun >= kConnected;
    if (!resumes || !MayPass(status) || (!connected && attempt >= kFirstAttempts)) {
      return Fail(status, target, request, around);
    }
    around.pause(pause);
    pause = std::min(pause * 2, kLongestReconnect);
  }
}

ExitCode Wait(const Command& get, const Target& target, const std::string& name, const Condition& condition,
              const CallOptions& options, Surroundings& around) {
  rpc::Peer peer = PeerOf(get.service, target);
  const std::unique_ptr<Message> request = NewMessage(get.method->input_type());
  const FieldDescriptor* field = PositionalOf(*request->GetDescriptor());
  request->GetReflection()->SetString(request.get(), field, name);
  const clock::Micros deadline =
      around.clock.Now() + options.timeout.value_or(kDefaultTimeout).count() * 1000;
  std::string last = "nothing";
  for (milliseconds pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
    const std::unique_ptr<Message> response = NewMessage(get.method->output_type());
    const milliseconds left = std::max(Left(deadline, around.clock.Now()), kFirstPause);
    const absl::Status status = peer.Send(rpc::NewContext(left), *request, response.get(), target.token);
    if (!status.ok() && !MayPass(status)) return Fail(status, target, *request, around);
    if (status.ok()) {
      last = RowsOf(*response, {condition.path})[0][0];
      if (Holds(condition, last)) {
        PrintResponse(get, *response, options.format, around.out);
        return kDone;
      }
    } else {
      last = status::ReasonName(status);
    }
    const milliseconds rest = Left(deadline, around.clock.Now());
    if (rest <= milliseconds(0)) break;
    around.pause(std::min(pause, rest));
  }
  around.err << "timed out: " << condition.path << " of " << name << " is " << last << "\n";
  return kTimedOut;
}

ExitCode CheckHealth(const std::string& label, const std::string& service, const Target& target,
                     const CallOptions& options, Surroundings& around) {
  rpc::Peer peer = PeerOf("health", target);
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  grpc::health::v1::HealthCheckResponse response;
  const rpc::Context context = rpc::NewContext(options.timeout.value_or(kDefaultTimeout));
  const absl::Status status = peer.Send(context, request, &response, target.token);
  if (!status.ok()) return Fail(status, target, request, around);
  around.out << label << grpc::health::v1::HealthCheckResponse::ServingStatus_Name(response.status()) << "\n";
  return response.status() == grpc::health::v1::HealthCheckResponse::SERVING ? kDone : kTryAgain;
}

}  // namespace idea::cli
