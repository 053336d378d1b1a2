#include "services/cli/call/calls.h"

#include <algorithm>
#include <fstream>

#include "common/rpc/context.h"
#include "common/status/status.h"
#include "services/cli/call/connection_check.h"
#include "services/cli/context/etag_memory.h"

namespace idea::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{100};
constexpr milliseconds kMaxReconnectPause{5'000};
// A stream that ended earlier counts as not connected.
constexpr clock::Micros kMinConnectedTime = clock::kSecond;
constexpr int kFirstAttempts = 5;
constexpr milliseconds kConnectionCheckTimeout{5'000};
// The interval between two requests for a watched list.
constexpr milliseconds kWatchInterval{2'000};

// A text field of the message or, if it is empty, of the message in its first message field. Empty if neither
// has it. Servers of an earlier release set only the resume_token of an inbox's item.
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

// Sets a text field. Returns false if the message does not have it.
bool SetText(Message& message, const std::string& name, const std::string& text) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr) return false;
  message.GetReflection()->SetString(&message, field, text);
  return true;
}

ExitCode Fail(const absl::Status& status, const Target& target, const Message& request, Environment& env) {
  return PrintFailedCall(status, target, env, &request);
}

// After a response with `found` items, sets the page size to the missing ones. Returns false if the page is
// full.
bool RequestRest(Message& request, int found) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("page_size");
  if (field == nullptr) return false;
  constexpr int kDefaultSize = 100;
  const int size = request.GetReflection()->GetInt32(request, field);
  const int missing = (size == 0 ? kDefaultSize : size) - found;
  if (missing > 0) request.GetReflection()->SetInt32(&request, field, missing);
  return missing > 0;
}

// Appends a page to the earlier ones. The parts of a file are joined.
void AddPage(const Message& page, Message& all) {
  const FieldDescriptor* file = FileFieldOf(*page.GetDescriptor());
  const std::string before = file == nullptr ? "" : all.GetReflection()->GetString(all, file);
  SetText(all, "next_page_token", "");
  all.MergeFrom(page);
  if (before.empty()) return;
  all.GetReflection()->SetString(&all, file, before + page.GetReflection()->GetString(page, file));
}

// The time until `deadline`, at least 0.
milliseconds Left(clock::Micros deadline, clock::Micros now) {
  return milliseconds(std::max<clock::Micros>(0, deadline - now) / 1000);
}

bool IsTransient(const absl::Status& status) { return ExitCodeOf(status) == kTryAgain; }

// Writes the response's file to --out and clears it in the response.
bool WriteFile(const CallOptions& options, Message& response, Environment& env) {
  const FieldDescriptor* field = FileFieldOf(*response.GetDescriptor());
  const std::string bytes = response.GetReflection()->GetString(response, field);
  std::ofstream file(options.out, std::ios::binary);
  file << bytes;
  file.close();
  if (file.fail()) {
    Complain("cannot write " + options.out, kUsage, env);
    return false;
  }
  if (!options.quiet) env.err << "wrote " << options.out << " (" << bytes.size() << " bytes)\n";
  response.GetReflection()->ClearField(&response, field);
  return true;
}

// Prints how an edit treats concurrent changes.
void NoteEtagUse(EtagUse use, const CallOptions& options, Environment& env) {
  if (options.quiet || env.json_errors || use == EtagUse::kNone) return;
  env.err << (use == EtagUse::kFilled
                  ? "with the etag of your last read: later changes are not overwritten\n"
                  : "warning: without an etag this overwrites changes that others made after your last read; "
                    "read it first\n");
}

// Passes a response to on_response. Returns false to end a stream.
bool Passes(const CallOptions& options, const Message& response) {
  return options.on_response == nullptr || options.on_response(response);
}

// Whether the request had validate_only: its result was not stored.
bool IsValidateOnly(const Message& request) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("validate_only");
  return field != nullptr && request.GetReflection()->GetBool(request, field);
}

}  // namespace

absl::Status FetchAll(Sender& sender, const CallOptions& options, Message& request, Message& all,
                      const Environment& env) {
  std::string token;
  const bool counts = env.err_is_terminal && !options.quiet;
  bool counted_any = false;
  do {
    const std::unique_ptr<Message> page(all.New());
    RETURN_IF_ERROR(sender.Send(request, page.get()));
    AddPage(*page, all);
    token = FindText(*page, "next_page_token");
    const FieldDescriptor* items = ItemsFieldOf(*page->GetDescriptor());
    if (items != nullptr && options.one_page &&
        !RequestRest(request, page->GetReflection()->FieldSize(*page, items)))
      break;
    if (!counts || items == nullptr || token.empty()) continue;
    counted_any = true;
    env.err << "\r" << all.GetReflection()->FieldSize(all, items) << " so far" << std::flush;
  } while (!token.empty() && SetText(request, "page_token", token));
  if (counted_any) env.err << "\r\033[K" << std::flush;
  return absl::OkStatus();
}

ExitCode PrintFailedCall(const absl::Status& status, const Target& target, Environment& env,
                         const Message* request) {
  const std::string request_id = request == nullptr ? "" : FindText(*request, "request_id");
  ExitCode code = ExitCodeOf(status);
  Notes notes;
  const auto note_repetition = [&] {
    const bool may_help = code == kTryAgain || code == kDeadline || code == kRefused;
    if (may_help && !request_id.empty()) notes.emplace_back("again", "--request-id " + request_id);
  };
  // An error without RequestInfo is not from the server.
  if (status::ReasonOf(status) == status::Reason::ERROR_REASON_PEER_UNAVAILABLE &&
      status::RequestIdOf(status).empty()) {
    if (const auto trouble = FindConnectionTrouble(target, env.variables, kConnectionCheckTimeout)) {
      code = trouble->code;
      notes.emplace_back("endpoint", target.address);
      note_repetition();
      PrintTrouble("NO_CONNECTION", trouble->text, code, notes, env);
      return code;
    }
    if (status::MetadataOf(status, "code") == "DEADLINE_EXCEEDED") code = kDeadline;
  }
  if (code == kTryAgain || code == kDeadline) notes.emplace_back("endpoint", target.address);
  note_repetition();
  PrintFailure(status, code, notes, env, request == nullptr ? nullptr : request->GetDescriptor());
  return code;
}

ExitCode PrintFailedCallOrMisuse(const absl::Status& status, const Target& target, Environment& env) {
  const bool is_from_server = status::ReasonOf(status) != status::Reason::ERROR_REASON_UNSPECIFIED;
  return is_from_server ? PrintFailedCall(status, target, env) : Misuse(status, env);
}

ExitCode ShowAnswer(const Command& command, Message& response, const CallOptions& options, Environment& env) {
  const ExitCode code = ExitCodeOfAnswer(response);
  if (options.out == "-") {
    env.out << response.GetReflection()->GetString(response, FileFieldOf(*response.GetDescriptor()));
    return code;
  }
  if (!options.out.empty() && !WriteFile(options, response, env)) return kUsage;
  if (!options.quiet) PrintResponse(command, response, options.style, env.out);
  return code;
}

ExitCode CallUnary(const Command& command, const Target& target, Message& request, const CallOptions& options,
                   Environment& env) {
  Sender sender(command.service, target, options, env);
  EtagMemory etags(env.variables, target);
  NoteEtagUse(etags.Fill(request), options, env);
  const std::unique_ptr<Message> response = NewMessage(command.method->output_type());
  const absl::Status status = FetchAll(sender, options, request, *response, env);
  if (!status.ok()) return Fail(status, target, request, env);
  if (!IsValidateOnly(request)) etags.Remember(*response);
  Passes(options, *response);
  const std::string next = options.one_page ? FindText(*response, "next_page_token") : "";
  const ExitCode code = ShowAnswer(command, *response, options, env);
  if (!next.empty() && !options.quiet) env.err << "next page: --page-token " << next << "\n";
  return code;
}

ExitCode CallEach(const Command& command, const std::vector<std::pair<std::string, Target>>& services,
                  Message& request, bool skip_unknown, const CallOptions& options, Environment& env) {
  ExitCode worst = kDone;
  std::vector<std::unique_ptr<Message>> answers;
  for (const auto& [service, target] : services) {
    Sender sender(service, target, options, env);
    SetText(request, "parent", "services/" + service);
    SetText(request, "page_token", "");
    std::unique_ptr<Message> answer = NewMessage(command.method->output_type());
    const absl::Status status = FetchAll(sender, options, request, *answer, env);
    if (status.ok()) {
      answers.push_back(std::move(answer));
    } else if (!skip_unknown || !absl::IsNotFound(status)) {
      env.err << service << ": ";
      worst = Fail(status, target, request, env);
    }
  }
  if (answers.empty()) return worst;
  if (ItemsFieldOf(*command.method->output_type()) != nullptr) {
    for (size_t i = 1; i < answers.size(); ++i) AddPage(*answers[i], *answers[0]);
    answers.resize(1);
  }
  if (options.style.format != Format::kTable || answers.size() == 1) {
    for (const auto& answer : answers) ShowAnswer(command, *answer, options, env);
    return worst;
  }
  std::vector<Row> rows;
  for (const auto& answer : answers) {
    const std::vector<Row> more = RowsOf(*answer, command.columns);
    rows.insert(rows.end(), more.begin(), more.end());
  }
  if (!options.quiet) PrintTable(HeaderOf(command.columns), rows, env.out, options.style.table);
  return worst;
}

ExitCode CallStream(const Command& command, const Target& target, Message& request,
                    const CallOptions& options, Environment& env) {
  Sender sender(command.service, target, options, env);
  StreamPrinter printer(command, options.style, env.out);
  const std::unique_ptr<Message> scratch = NewMessage(command.method->output_type());
  const bool resumes = request.GetDescriptor()->FindFieldByName("resume_token") != nullptr;
  const clock::Micros deadline =
      env.clock.Steady() + options.timeout.value_or(milliseconds(0)).count() * 1000;
  int64_t received = 0;
  bool connected = false;
  milliseconds pause = kFirstPause;
  for (int attempt = 1;; ++attempt) {
    const clock::Micros begun = env.clock.Steady();
    rpc::Context context = rpc::NewContext(options.timeout ? Left(deadline, begun) : milliseconds(0));
    if (!options.timeout) context.deadline = std::chrono::steady_clock::time_point::max();
    const auto take = [&](const Message& message) {
      if (resumes) SetText(request, "resume_token", FindText(message, "resume_token"));
      pause = kFirstPause;
      if (!Passes(options, message)) return false;
      if (IsHeartbeat(message)) return true;
      if (!options.quiet) printer.Print(message);
      return ++received != options.limit;
    };
    sender.TraceBegin(request, context);
    const absl::Status status = sender.peer().Stream(context, request, scratch.get(), take, target.token);
    const clock::Micros now = env.clock.Steady();
    sender.TraceEnd(status, now - begun);
    if (status.ok()) return kDone;
    if (options.timeout && now >= deadline) return options.limit == 0 ? kDone : kTimedOut;
    connected = connected || received > 0 || now - begun >= kMinConnectedTime;
    if (!resumes || !IsTransient(status) || (!connected && attempt >= kFirstAttempts)) {
      return Fail(status, target, request, env);
    }
    env.pause(pause);
    pause = std::min(pause * 2, kMaxReconnectPause);
  }
}

ExitCode WatchList(const Command& command, const Target& target, Message& request, const CallOptions& options,
                   Environment& env) {
  // Each list has the default timeout; --timeout is for all of them.
  CallOptions once = options;
  once.timeout.reset();
  Sender sender(command.service, target, once, env);
  const clock::Micros end = env.clock.Steady() + options.timeout.value_or(milliseconds(0)).count() * 1000;
  std::string last;
  for (int64_t printed = 0;;) {
    const std::unique_ptr<Message> asked(request.New());
    asked->CopyFrom(request);
    const std::unique_ptr<Message> response = NewMessage(command.method->output_type());
    const absl::Status status = FetchAll(sender, once, *asked, *response, env);
    if (!status.ok() && ExitCodeOf(status) != kTryAgain)
      return PrintFailedCall(status, target, env, &request);
    const std::string bytes = response->SerializeAsString();
    if (status.ok()) Passes(options, *response);
    if (status.ok() && (printed == 0 || bytes != last)) {
      last = bytes;
      if (printed > 0 && !IsForPrograms(options.style.format)) env.out << "\n";
      ShowAnswer(command, *response, options, env);
      env.out << std::flush;
      if (++printed == options.limit) return kDone;
    }
    const clock::Micros now = env.clock.Steady();
    if (options.timeout && now >= end) return options.limit == 0 ? kDone : kTimedOut;
    env.pause(options.timeout
                  ? std::min(kWatchInterval, std::max(milliseconds((end - now) / 1000), milliseconds(1)))
                  : kWatchInterval);
  }
}

}  // namespace idea::cli
