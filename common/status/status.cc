#include "common/status/status.h"

#include <atomic>
#include <utility>

#include "common/status/trailer_limit.h"
#include "google/protobuf/any.pb.h"
#include "google/rpc/error_details.pb.h"

namespace idea::status {
namespace {

constexpr char kPayload[] = "type.googleapis.com/google.rpc.Status";
// The default pause of RetryInfo.
constexpr std::chrono::seconds kDefaultRetryPause{1};
constexpr std::string_view kPrefix = "ERROR_REASON_";

const common::v1::ReasonRule& RuleOf(Reason reason) {
  const auto* value = common::v1::ErrorReason_descriptor()->FindValueByNumber(reason);
  return value->options().GetExtension(common::v1::reason);
}

// The detail of type T in a status; null if it has none.
template <class T>
google::protobuf::Any* FindDetail(google::rpc::Status& rpc) {
  for (auto& detail : *rpc.mutable_details()) {
    if (detail.Is<T>()) return &detail;
  }
  return nullptr;
}

// Changes the detail of type T in place. Adds it first if necessary.
template <class T, class Change>
void ChangeDetail(google::rpc::Status& rpc, Change change) {
  auto* any = FindDetail<T>(rpc);
  T detail;
  if (any == nullptr) {
    any = rpc.add_details();
  } else {
    any->UnpackTo(&detail);
  }
  change(detail);
  any->PackFrom(detail);
}

// Adds the elements of `more` to the detail of its type. Concatenated messages are merged in the wire format,
// so the existing detail is not copied.
template <class T>
void AddToDetail(google::rpc::Status& rpc, const T& more) {
  if (auto* any = FindDetail<T>(rpc)) {
    more.AppendToString(any->mutable_value());
  } else {
    rpc.add_details()->PackFrom(more);
  }
}

// Null: the defaults. Never deleted, because any thread may read the earlier settings.
std::atomic<const WireSettings*> wire_settings = nullptr;

const WireSettings& Wire() {
  static const auto* const defaults = new WireSettings;
  const WireSettings* const settings = wire_settings;
  return settings == nullptr ? *defaults : *settings;
}

google::rpc::Status RpcOf(const absl::Status& status) {
  google::rpc::Status rpc;
  if (auto payload = status.GetPayload(kPayload)) rpc.ParseFromString(std::string(*payload));
  return rpc;
}

google::rpc::ErrorInfo InfoOf(const absl::Status& status) {
  google::rpc::Status rpc = RpcOf(status);
  google::rpc::ErrorInfo info;
  if (auto* any = FindDetail<google::rpc::ErrorInfo>(rpc)) any->UnpackTo(&info);
  return info;
}

}  // namespace

void SetWireSettings(WireSettings settings) { wire_settings = new WireSettings(std::move(settings)); }

Error::Error(Reason reason, std::string_view message) {
  rpc_.set_code(RuleOf(reason).code());
  rpc_.set_message(ToUtf8(message));
  google::rpc::ErrorInfo info;
  info.set_domain(Wire().domain);
  info.set_reason(ReasonName(reason));
  rpc_.add_details()->PackFrom(info);
}

Error& Error::With(std::string_view key, std::string_view value) {
  ChangeDetail<google::rpc::ErrorInfo>(
      rpc_, [&](auto& info) { (*info.mutable_metadata())[ToUtf8(key)] = ToUtf8(value); });
  return *this;
}

Error& Error::Field(std::string_view path, std::string_view wanted) {
  google::rpc::BadRequest bad;
  auto* violation = bad.add_field_violations();
  violation->set_field(ToUtf8(path));
  violation->set_description(ToUtf8(wanted));
  AddToDetail(rpc_, bad);
  return *this;
}

Error& Error::Precondition(std::string_view type, std::string_view subject, std::string_view description) {
  google::rpc::PreconditionFailure failure;
  auto* violation = failure.add_violations();
  violation->set_type(ToUtf8(type));
  violation->set_subject(ToUtf8(subject));
  violation->set_description(ToUtf8(description));
  AddToDetail(rpc_, failure);
  return *this;
}

Error& Error::RetryAfter(std::chrono::milliseconds pause) {
  ChangeDetail<google::rpc::RetryInfo>(rpc_, [&](auto& retry) {
    retry.mutable_retry_delay()->set_seconds(pause.count() / 1000);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(pause.count() % 1000) * 1000000);
  });
  return *this;
}

absl::Status Error::ToStatus() const { return FromWire(rpc_); }

Error NotFoundOrHidden(std::string_view name) {
  return {Reason::ERROR_REASON_NOT_FOUND,
          std::string(name) + " does not exist, or you are not a party to it"};
}

Reason ReasonOf(const absl::Status& status) {
  Reason reason = Reason::ERROR_REASON_UNSPECIFIED;
  common::v1::ErrorReason_Parse(std::string(kPrefix) + InfoOf(status).reason(), &reason);
  return reason;
}

std::string ReasonName(const absl::Status& status) {
  if (status.ok()) return "OK";
  const Reason reason = ReasonOf(status);
  return reason == Reason::ERROR_REASON_UNSPECIFIED ? "INTERNAL" : ReasonName(reason);
}

std::string ReasonName(Reason reason) { return common::v1::ErrorReason_Name(reason).substr(kPrefix.size()); }

std::string MetadataOf(const absl::Status& status, std::string_view key) {
  const google::rpc::ErrorInfo info = InfoOf(status);
  const auto found = info.metadata().find(std::string(key));
  return found == info.metadata().end() ? "" : found->second;
}

absl::Status WithMetadata(const absl::Status& status, Reason reason, std::string_view key,
                          std::string_view value) {
  if (status.ok() || ReasonOf(status) != reason) return status;
  google::rpc::Status rpc = RpcOf(status);
  ChangeDetail<google::rpc::ErrorInfo>(
      rpc, [&](auto& info) { (*info.mutable_metadata())[std::string(key)] = std::string(value); });
  return FromWire(rpc);
}

std::string RequestIdOf(const absl::Status& status) {
  google::rpc::Status rpc = RpcOf(status);
  google::rpc::RequestInfo info;
  if (auto* any = FindDetail<google::rpc::RequestInfo>(rpc)) any->UnpackTo(&info);
  return info.request_id();
}

google::rpc::Status ToWire(const absl::Status& status, const std::string& request_id) {
  google::rpc::Status rpc = RpcOf(status);
  if (status.ok()) return rpc;
  const Reason reason = ReasonOf(status);
  if (reason == Reason::ERROR_REASON_UNSPECIFIED) {
    rpc.Clear();
    rpc.set_code(google::rpc::INTERNAL);
    rpc.set_message("internal error");
  }
  if (RuleOf(reason).retry() == common::v1::RETRY_YES && FindDetail<google::rpc::RetryInfo>(rpc) == nullptr) {
    ChangeDetail<google::rpc::RetryInfo>(
        rpc, [](auto& retry) { retry.mutable_retry_delay()->set_seconds(kDefaultRetryPause.count()); });
  }
  const std::string& reasons_url = Wire().reasons_url;
  // A longer address would leave too little room for the other details.
  if (reason != Reason::ERROR_REASON_UNSPECIFIED && !reasons_url.empty() &&
      reasons_url.size() <= kMaxDetailText) {
    google::rpc::Help help;
    help.add_links()->set_description("what the reason means and what to do");
    help.mutable_links(0)->set_url(reasons_url + "#" + ReasonName(reason));
    ChangeDetail<google::rpc::Help>(rpc, [&](auto& current) { current = help; });
  }
  if (!request_id.empty())
    ChangeDetail<google::rpc::RequestInfo>(rpc, [&](auto& info) { info.set_request_id(request_id); });
  FitIntoTrailers(rpc);
  return rpc;
}

absl::Status FromWire(const google::rpc::Status& wire) {
  if (wire.code() == 0) return absl::OkStatus();
  absl::Status status(static_cast<absl::StatusCode>(wire.code()), wire.message());
  if (wire.details_size() > 0) status.SetPayload(kPayload, absl::Cord(wire.SerializeAsString()));
  return status;
}

bool IsRetryable(const absl::Status& status) {
  const Reason reason = ReasonOf(status);
  if (reason != Reason::ERROR_REASON_UNSPECIFIED) return RuleOf(reason).retry() == common::v1::RETRY_YES;
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsInternal(status) ||
         absl::IsUnknown(status) || absl::IsResourceExhausted(status);
}

bool IsRefusal(const absl::Status& status) {
  const Reason reason = ReasonOf(status);
  if (reason == Reason::ERROR_REASON_UNSPECIFIED || reason == Reason::ERROR_REASON_CANCELLED ||
      reason == Reason::ERROR_REASON_METHOD_UNKNOWN) {
    return false;
  }
  return RuleOf(reason).retry() == common::v1::RETRY_NO;
}

absl::Status Catch(const std::function<absl::Status()>& work) noexcept {
  try {
    return work();
  } catch (const std::exception& exception) {
    return absl::InternalError(std::string("exception: ") + exception.what());
  } catch (...) {
    return absl::InternalError("exception of an unknown type");
  }
}

}  // namespace idea::status
