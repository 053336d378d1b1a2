#include "common/rpc/pipeline.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/events/epochs.h"
#include "common/ids/ids.h"
#include "common/listing/caller_token.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "common/validation/validation.h"

namespace idea::rpc {
namespace {

using google::protobuf::Message;
using status::Error;
using status::Reason;

// Requests to peers end then, even if the caller set no deadline.
constexpr std::chrono::seconds kDefaultTimeout{30};
// The stack space for the messages of a call, in bytes; larger ones also use the heap.
constexpr size_t kUsualMessages = 4096;

// The value of a singular string field; empty if the message has no such field.
std::string TextField(const Message& message, const char* name) {
  const auto* field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->cpp_type() != field->CPPTYPE_STRING || field->is_repeated()) return "";
  return message.GetReflection()->GetString(message, field);
}

// The number of items of a batch that cost as much as one call, most of whose cost is transport.
constexpr double kItemsPerCall = 50;

// The number of calls that a request counts as: for a batch (AIP-231), one and its `requests`.
double CallsIn(const Message& request) {
  const auto* batch = request.GetDescriptor()->FindFieldByName("requests");
  return batch == nullptr ? 1 : 1 + request.GetReflection()->FieldSize(request, batch) / kItemsPerCall;
}

// Whether the resource of the request is the entity or one below it.
bool IsUnder(const std::string& entity, const Message& request) {
  const std::string parent = TextField(request, "parent");
  const std::string name = parent.empty() ? TextField(request, "name") : parent;
  return name == entity || name.starts_with(entity + "/");
}

// AIP-163: the request only validates.
bool ValidateOnly(const Message& message) {
  const auto* field = message.GetDescriptor()->FindFieldByName("validate_only");
  return field != nullptr && message.GetReflection()->GetBool(message, field);
}

// Whether a failed write has certainly stored nothing. Unknown if the database was lost.
bool IsWithoutEffect(const absl::Status& status) {
  const Reason reason = status::ReasonOf(status);
  return !status.ok() && reason != Reason::ERROR_REASON_UNSPECIFIED &&
         reason != Reason::ERROR_REASON_STORAGE_UNAVAILABLE;
}

// Equal requests have equal digests, whatever their encoding.
std::string DigestOf(const Method& method, const Message& request) {
  std::string bytes = method.path;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    request.SerializeToCodedStream(&coded);
  }
  return ids::Sha256Hex(bytes);
}

Context ContextOf(const Incoming& incoming) {
  return {RequestIdOf(incoming.request_id), ChildTrace(incoming.traceparent),
          std::min(incoming.deadline, std::chrono::steady_clock::now() + kDefaultTimeout), incoming.hops};
}

// Sets `resume_token` of the message and of its parts that have one: clients of an earlier release read that
// of an item of an inbox.
void SetResumeToken(Message& message, const std::string& token) {
  const auto& access = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const auto* field = message.GetDescriptor()->field(i);
    if (field->is_repeated()) continue;
    if (field->name() == "resume_token") access.SetString(&message, field, token);
    if (field->message_type() != nullptr && field->message_type()->FindFieldByName("resume_token") != nullptr)
      SetResumeToken(*access.MutableMessage(&message, field), token);
  }
}

// The caller relies on data that this database had before a restore, and will send the lost data again.
// Nothing that it sends may come before that.
absl::Status CheckLogEpoch(storage::Transaction& db, const std::string& expected) {
  ASSIGN_OR_RETURN(const events::Epochs epochs, events::Epochs::Read(db));
  if (epochs.current() == expected) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_CONCURRENT_CHANGE,
               "the database was restored or taken over since the caller asked for the history of its log");
}

absl::Status CheckReplay(const events::Answer& before, const std::string& digest) {
  if (before.request_digest == digest) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_REQUEST_ID_REUSED, "the request_id was used for another request")
      .Field("request_id", "a new random UUID");
}

}  // namespace

Call Pipeline::MakeCall(const Context& context, const auth::Caller& caller,
                        storage::Database& database) const {
  common::v1::Actor actor;
  actor.set_entity(caller.entity);
  actor.set_service(caller.service);
  actor.set_person(caller.person);
  if (caller.on_behalf) *actor.mutable_on_behalf() = *caller.on_behalf;
  return Call(
      context, caller,
      events::EventRecorder(deps_.clock.Now(), std::move(actor), context.request_id, context.traceparent),
      database, deps_.clock.zone());
}

absl::Status Pipeline::Serve(const Incoming& incoming, std::string& answer, const Charge& charge) {
  Context context;
  auth::Caller caller;
  std::array<char, kUsualMessages> room;
  google::protobuf::Arena arena(room.data(), room.size());
  Message* request = nullptr;
  const absl::Status status = status::Catch([&]() -> absl::Status {
    RETURN_IF_ERROR(Admit(incoming, context, caller, &arena, request));
    if (incoming.method->inline_work) {
      if (charge) RETURN_IF_ERROR(charge(CallsIn(*request)));
      return incoming.method->inline_work(caller, *request, &arena, answer);
    }
    Place place{&deps_.database, &deps_.notifier};
    if (incoming.method->place) {
      ASSIGN_OR_RETURN(place, incoming.method->place(*request));
    }
    Call call = MakeCall(context, caller, *place.database);
    const bool write = incoming.method->policy.effect() == common::v1::EFFECT_WRITE;
    if (!write) return Read(call, *incoming.method, *request, answer);
    const absl::Status written =
        Write(call, *place.notifier, *incoming.method, *request, incoming.log_epoch, answer);
    if (ValidateOnly(*request) || IsWithoutEffect(written)) {
      for (const auto& take_back : call.on_refusal_) take_back();
    }
    return written;
  });
  Account(incoming, context, caller, status);
  return status;
}

absl::Status Pipeline::CheckCertificate(const Incoming& incoming, auth::Caller& caller) const {
  ASSIGN_OR_RETURN(caller, deps_.authenticator.FromSpiffeId(incoming.spiffe_id));
  return auth::CheckCaller(incoming.method->policy, caller);
}

absl::Status Pipeline::Identify(Incoming& incoming) const {
  const absl::Status status = CheckCertificate(incoming, incoming.caller);
  // Only services are trusted to report hops.
  incoming.hops = incoming.caller.service.empty() ? 0 : std::clamp(incoming.hops, 1, kMaxHops);
  if (incoming.caller.service.empty()) incoming.log_epoch.clear();
  return status.ok() ? status : Refuse(incoming, status);
}

absl::Status Pipeline::Refuse(const Incoming& incoming, absl::Status status) const {
  Account(incoming, ContextOf(incoming), incoming.caller, status);
  return status;
}

absl::Status Pipeline::CheckReader(const common::v1::MethodPolicy& policy, const auth::Caller& caller,
                                   const Message& request) const {
  const bool open = policy.effect() != common::v1::EFFECT_READ ||
                    policy.outsiders() == common::v1::OUTSIDERS_ALL ||
                    (policy.outsiders() == common::v1::OUTSIDERS_OWN && IsUnder(caller.entity, request));
  if (open || caller.kind != common::v1::CALLER_KIND_ENTITY) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool outsider, deps_.directory.IsOutsider(caller.entity));
  if (!outsider) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_ENTITY_NOT_ADMITTED,
               caller.entity + " is not known to the registry or has withdrawn from IDEA")
      .With("entity", caller.entity);
}

absl::Status Pipeline::Admit(const Incoming& incoming, Context& context, auth::Caller& caller,
                             google::protobuf::Arena* arena, Message*& request) const {
  context = ContextOf(incoming);
  const auto& policy = incoming.method->policy;

  // Authentication and authority.
  if (incoming.caller.kind == common::v1::CALLER_KIND_UNSPECIFIED) {
    RETURN_IF_ERROR(CheckCertificate(incoming, caller));
  } else {
    caller = incoming.caller;
  }
  if (caller.service.empty() && !incoming.authorization.empty()) {
    ASSIGN_OR_RETURN(caller.person, deps_.authenticator.PersonOf(incoming.authorization));
  }
  if (caller.service.empty() && !policy.person().empty()) {
    if (caller.person.empty()) {
      return Error(Reason::ERROR_REASON_TOKEN_REQUIRED, "this step requires a person: send a token");
    }
    ASSIGN_OR_RETURN(auth::Person person, deps_.directory.Find(caller.entity, caller.person));
    caller.contact = std::move(person.contact);
    caller.person_name = std::move(person.display_name);
    caller.person_title = std::move(person.title);
    caller.roles = std::move(person.roles);
    caller.delegated = std::move(person.delegated);
    RETURN_IF_ERROR(auth::CheckPerson(policy, caller));
    std::vector<common::v1::ContactRole> wanted;
    for (const int role : policy.person()) wanted.push_back(static_cast<common::v1::ContactRole>(role));
    caller.on_behalf = caller.OnBehalfIn(wanted);
  }

  // Validation.
  RETURN_IF_ERROR(validation::CheckSize(*incoming.method->descriptor->input_type(), incoming.body));
  request = incoming.method->new_request(arena);
  if (!request->ParseFromString(incoming.body)) {
    return Error(Reason::ERROR_REASON_MALFORMED_MESSAGE,
                 "the bytes are not a " + incoming.method->descriptor->input_type()->name() +
                     "; is every text UTF-8?");
  }
  validation::Normalize(request);
  RETURN_IF_ERROR(validation::Validate(*request));
  if (const auto* field = request->GetDescriptor()->FindFieldByName("page_token")) {
    const auto& access = *request->GetReflection();
    ASSIGN_OR_RETURN(const std::string token,
                     listing::TokenOfCaller(caller.Name(), access.GetString(*request, field)));
    access.SetString(request, field, token);
  }

  RETURN_IF_ERROR(CheckReader(policy, caller, *request));

  // Deadline.
  const auto margin = incoming.method->inline_work ? kInlineMargin : kDeadlineMargin;
  if (incoming.deadline - std::chrono::steady_clock::now() <= margin) {
    return Error(Reason::ERROR_REASON_DEADLINE_SPENT, "the remaining time until the deadline is too short");
  }
  return absl::OkStatus();
}

absl::Status Pipeline::Read(Call& call, const Method& method, const Message& request, std::string& answer) {
  std::any facts;
  if (method.gather) {
    ASSIGN_OR_RETURN(facts, method.gather(call, request));
  }
  return call.database_.Read([&](storage::Transaction& db) -> absl::Status {
    call.transaction_ = &db;
    return method.work(call, request, facts, answer);
  });
}

absl::Status Pipeline::Write(Call& call, events::Notifier& notifier, const Method& method,
                             const Message& request, const std::string& log_epoch, std::string& answer) {
  const std::string caller = call.caller().Key();
  const std::string request_id = TextField(request, "request_id");
  const std::string digest = DigestOf(method, request);
  const bool validate_only = ValidateOnly(request);
  bool answered = false;
  const auto find_replay = [&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(const auto before, events::FindAnswer(db, caller, request_id));
    answered = before.has_value();
    if (answered) answer = before->answer;
    return answered ? CheckReplay(*before, digest) : absl::OkStatus();
  };
  std::any facts;
  if (method.gather) {
    // A request that was already answered must not fail because a peer is down now.
    RETURN_IF_ERROR(call.database_.Read(find_replay));
    if (answered) return absl::OkStatus();
    ASSIGN_OR_RETURN(facts, method.gather(call, request));
  }

  // A gather step has already checked for a replay. If the request was answered since, the work refuses its
  // own earlier effect, or the key of the event is taken: then it is run again with a check.
  bool looked_back = method.gather != nullptr;
  bool wrote = false;
  bool validated_only = false;
  const auto body = [&](storage::Transaction& db) -> absl::Status {
    wrote = false;
    call.recorder().Clear();
    call.transaction_ = &db;
    const bool just_looked = std::exchange(looked_back, false);
    if (!just_looked) RETURN_IF_ERROR(find_replay(db));
    if (answered) return absl::OkStatus();
    if (!log_epoch.empty()) RETURN_IF_ERROR(CheckLogEpoch(db, log_epoch));
    // Later than everything that the transaction sees, however long the call has waited: the times of the
    // events of one BUCP are in the order of their commits.
    call.recorder().SetNow(deps_.clock.Now());
    if (const absl::Status refused = method.work(call, request, facts, answer); !refused.ok()) {
      if (just_looked) find_replay(db).IgnoreError();
      return answered ? absl::AbortedError("the request was answered in the meantime") : refused;
    }
    if (validate_only) {
      validated_only = true;
      return absl::CancelledError("rolled back: the request only validates");
    }
    if (call.recorder().events().empty())
      return absl::InternalError(method.path + " wrote without recording an event");
    const events::Answer remembered{caller, request_id, digest, answer};
    wrote = true;
    return events::Append(db, call.recorder().events(), &remembered);
  };
  const absl::Status status = call.database_.Write(body, method.lane);
  call.transaction_ = nullptr;
  if (validated_only && absl::IsCancelled(status)) return absl::OkStatus();
  RETURN_IF_ERROR(status);
  if (wrote) notifier.Notify();
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Pipeline::Stream>> Pipeline::Open(const Incoming& incoming) {
  auto stream = std::make_unique<Stream>();
  stream->pipeline_ = this;
  stream->incoming_ = incoming;
  const absl::Status status =
      Admit(incoming, stream->context_, stream->caller_, &stream->arena_, stream->request_);
  if (!status.ok()) {
    Account(incoming, stream->context_, stream->caller_, status);
    return status;
  }
  return stream;
}

absl::StatusOr<std::vector<std::string>> Pipeline::Stream::Next() {
  std::vector<std::string> out;
  RETURN_IF_ERROR(pipeline_->deps_.database.Read([&](storage::Transaction& db) -> absl::Status {
    out.clear();
    Call call = pipeline_->MakeCall(context_, caller_, pipeline_->deps_.database);
    call.transaction_ = &db;
    std::string token = token_;
    ASSIGN_OR_RETURN(const auto messages, incoming_.method->next(call, *request_, token));
    for (const auto& message : messages) out.push_back(message->SerializeAsString());
    token_ = std::move(token);
    ended_ = call.ended_;
    return absl::OkStatus();
  }));
  sent_ += static_cast<int64_t>(out.size());
  return out;
}

std::vector<std::string> Pipeline::Stream::Heartbeat() const {
  const auto* type = incoming_.method->descriptor->output_type();
  const auto* heartbeat = type->FindFieldByName("heartbeat");
  if (heartbeat == nullptr) return {};
  const std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  message->GetReflection()->SetBool(message.get(), heartbeat, true);
  SetResumeToken(*message, token_);
  if (const auto& fill = incoming_.method->fill_heartbeat; fill != nullptr) {
    const std::unique_ptr<Message> plain(message->New());
    plain->CopyFrom(*message);
    const absl::Status filled = pipeline_->deps_.database.Read([&](storage::Transaction& db) {
      Call call = pipeline_->MakeCall(context_, caller_, pipeline_->deps_.database);
      call.transaction_ = &db;
      message->CopyFrom(*plain);
      return fill(call, *message);
    });
    if (!filled.ok()) return {plain->SerializeAsString()};
  }
  return {message->SerializeAsString()};
}

void Pipeline::Stream::End(const absl::Status& status) {
  pipeline_->Account(incoming_, context_, caller_, status);
}

void Pipeline::Account(const Incoming& incoming, const Context& context, const auth::Caller& caller,
                       const absl::Status& status) const {
  const auto spent = std::chrono::steady_clock::now() - incoming.received;
  const Method& method = *incoming.method;
  metrics::Calls* calls = method.calls;
  if (calls == nullptr) method.calls = calls = &deps_.metrics.CallsOf(deps_.service, method.path.substr(1));
  calls->Count(status, spent);
  const bool internal = !status.ok() && status::ReasonOf(status) == Reason::ERROR_REASON_UNSPECIFIED;
  log::Line(internal ? log::Level::kError : log::Level::kInfo, "call")
      .With("service", deps_.service)
      .With("method", method.descriptor->name())
      .With("peer", incoming.peer)
      .With("caller", caller.kind == common::v1::CALLER_KIND_UNSPECIFIED ? "" : caller.Key())
      .With("person", caller.person)
      .With("reason", status::ReasonName(status))
      .With("text", std::string_view(status.message().data(), status.message().size()))
      .With("cause", storage::CauseOf(status))
      .With("ms", std::chrono::duration<double, std::milli>(spent).count())
      .With("request_id", context.request_id)
      .With("traceparent", context.traceparent);
}

}  // namespace idea::rpc
