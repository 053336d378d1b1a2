#include "services/cli/method/step_command.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "common/auth/jws.h"
#include "common/digest/digest.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/review/v1/review.pb.h"
#include "services/cli/arguments/name_completion.h"
#include "services/cli/call/calls.h"
#include "services/cli/command/request_flags.h"
#include "services/cli/command/suggestion.h"
#include "services/cli/context/token_claims.h"

namespace idea::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status UsageError(const std::string& text) { return absl::InvalidArgumentError(text); }

std::vector<std::string> Texts(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

// Builds and sends the request of one step.
class StepRunner {
 public:
  StepRunner(const StepCommand& step, const Arguments& arguments, Environment& env)
      : step_(step),
        command_(*FindCommand(step.noun, step.verb)),
        arguments_(arguments),
        env_(env),
        request_(NewMessage(command_.method->input_type())) {}

  ExitCode Run() {
    const absl::StatusOr<Target> target = TargetOf(arguments_, command_.service, env_);
    if (!target.ok()) return Misuse(target.status(), env_);
    const absl::Status ready = Prepare(*target);
    if (!ready.ok()) return PrintFailedCallOrMisuse(ready, *target, env_);
    if (!arguments_.options.quiet || !arguments_.options.yes) Show();
    if (!IsTry()) {
      if (const ExitCode code = Confirm(); code != kDone) return code;
    }
    return CallUnary(command_, *target, *request_, arguments_.options, env_);
  }

 private:
  absl::Status Prepare(const Target& target) {
    Sender sender(command_.service, target, arguments_.options, env_);
    FlagValues flags = arguments_.flags;
    RETURN_IF_ERROR(FindRouting(sender, flags));
    flags["routing"] = {routing_.name()};
    if (!flags.contains("digest")) flags["digest"] = {routing_.digest()};
    if (!flags.contains(step_.which)) {
      ASSIGN_OR_RETURN(flags[step_.which], FindStep(sender, target));
    }
    RETURN_IF_ERROR(FillRequest(flags, env_.in, *request_));
    RETURN_IF_ERROR(CheckRequired(flags, *request_->GetDescriptor()));
    if (Text("digest") != routing_.digest()) {
      return UsageError("--digest: the revision under review has the digest " + routing_.digest() +
                        ": read it before you sign");
    }
    RETURN_IF_ERROR(CompleteNames(arguments_, *request_, env_));
    return arguments_.signing_key.empty() ? absl::OkStatus() : SignClaim(target);
  }

  // The routing of the BUCP that is under review.
  absl::Status FindRouting(Sender& sender, const FlagValues& flags) {
    const auto named = flags.find("routing");
    if (named == flags.end()) return UsageError("<bucp> is missing; expected bucps/*");
    review::v1::GetRoutingRequest get;
    get.set_name(named->second[0]);
    if (!get.name().starts_with("routings/")) {
      drafting::v1::GetBucpRequest bucp;
      bucp.set_name(named->second[0]);
      RETURN_IF_ERROR(CompleteNames(arguments_, bucp, env_));
      review::v1::ListRoutingsRequest list;
      list.set_filter("bucp = \"" + bucp.name() + "\"");
      review::v1::ListRoutingsResponse found;
      RETURN_IF_ERROR(FetchAll(sender, arguments_.options, list, found, env_));
      for (const auto& routing : found.routings()) {
        const bool is_over = routing.state() == review::v1::ROUTING_STATE_CLOSED ||
                             routing.state() == review::v1::ROUTING_STATE_RETURNED;
        if (!is_over && get.name() == named->second[0]) get.set_name(routing.name());
      }
      if (get.name() == named->second[0]) {
        return UsageError(bucp.name() + " is not under review: `ideactl bucps get " + bucp.name() +
                          "` says where it stands");
      }
    }
    review::v1::GetRoutingResponse got;
    RETURN_IF_ERROR(sender.Send(get, &got));
    routing_ = got.routing();
    return absl::OkStatus();
  }

  // The capacity or discipline, from the person's open tasks on this routing.
  absl::StatusOr<std::vector<std::string>> FindStep(Sender& sender, const Target& target) {
    const std::optional<TokenClaims> claims = ReadClaims(target.token);
    if (!claims)
      return UsageError(std::string(step_.name) +
                        ": this is a step of a person: give --as DEPT/PERSON or --token-file");
    review::v1::ListTasksRequest list;
    list.set_for_person(claims->subject);
    review::v1::ListTasksResponse found;
    RETURN_IF_ERROR(FetchAll(sender, arguments_.options, list, found, env_));
    std::vector<std::string> steps;
    for (const auto& task : found.tasks()) {
      const int64_t n = ids::kTasks.NumberIn(task.name());
      if (task.routing() != routing_.name() || n < 1 || n > routing_.steps_size()) continue;
      const auto& step = routing_.steps(static_cast<int>(n) - 1);
      const FieldDescriptor* which = step.GetDescriptor()->FindFieldByName(step_.which);
      const auto* value = step.GetReflection()->GetEnum(step, which);
      if (value->number() == 0 || step.done()) continue;
      if (std::find(steps.begin(), steps.end(), ShortName(*value)) == steps.end())
        steps.push_back(ShortName(*value));
    }
    if (steps.size() == 1) return steps;
    const std::string flag = std::string("--") + step_.which;
    if (steps.empty()) {
      return UsageError(claims->subject + " has nothing to " + step_.name + " on " + routing_.bucp() +
                        " now; " + flag + " asks for it nevertheless, and `ideactl review explain " +
                        routing_.name() + "` says what it waits for");
    }
    return UsageError(flag + " is missing: " + claims->subject + " can do so for " + Listed(steps));
  }

  absl::Status SignClaim(const Target& target) {
    review::v1::SignatureClaim claim;
    ASSIGN_OR_RETURN(const std::string entity, OwnEntity(target));
    claim.set_revision(routing_.revision());
    claim.set_digest(routing_.digest());
    claim.set_freeze_number(routing_.freeze_number());
    claim.set_entity(entity);
    const FieldDescriptor* capacity = request_->GetDescriptor()->FindFieldByName("capacity");
    claim.set_capacity(
        static_cast<review::v1::Capacity>(request_->GetReflection()->GetEnumValue(*request_, capacity)));
    std::ifstream file(arguments_.signing_key, std::ios::binary);
    const std::string key(std::istreambuf_iterator<char>(file), {});
    const auto jws = auth::SignDetachedJws(digest::CanonicalJson(claim), key);
    if (!jws.ok())
      return UsageError("--signing-key: " + arguments_.signing_key + ": " +
                        std::string(jws.status().message()));
    request_->GetReflection()->SetString(request_.get(), request_->GetDescriptor()->FindFieldByName("jws"),
                                         *jws);
    return absl::OkStatus();
  }

  void Show() {
    const FieldDescriptor* which = request_->GetDescriptor()->FindFieldByName(step_.which);
    std::ostream& err = env_.err;
    err << step_.name << " as " << ShortName(*request_->GetReflection()->GetEnum(*request_, which)) << ":\n"
        << "  title: " << OneLine(routing_.title()) << "\n  bucp: " << routing_.bucp()
        << "\n  revision: " << routing_.revision()
        << "\n  recipients: " << Listed(Texts(routing_.recipients()))
        << "\n  providers: " << Listed(Texts(routing_.providers())) << "\n  digest: " << routing_.digest()
        << "\n";
    err << "  open concerns: "
        << (routing_.open_concerns_size() == 0 ? "none" : std::to_string(routing_.open_concerns_size()))
        << "\n";
    for (const auto& concern : routing_.open_concerns()) {
      err << "    " << concern.entity() << ", "
          << ShortName(*review::v1::Discipline_descriptor()->FindValueByNumber(concern.discipline())) << ": "
          << OneLine(concern.text()) << "\n";
    }
  }

  // kDone if the person agrees.
  ExitCode Confirm() {
    if (arguments_.options.yes) return kDone;
    if (!env_.in_is_terminal) {
      return Complain(
          std::string(step_.name) + ": give --yes to confirm what is shown: this is not a terminal to ask on",
          kUsage, env_);
    }
    env_.err << "Go on? [y/N] " << std::flush;
    std::string answer;
    std::getline(env_.in, answer);
    if (answer == "y" || answer == "Y" || answer == "yes") return kDone;
    return Complain("nothing was sent", kUsage, env_);
  }

  std::string Text(const char* field) const {
    return request_->GetReflection()->GetString(*request_, request_->GetDescriptor()->FindFieldByName(field));
  }
  bool IsTry() const {
    return request_->GetReflection()->GetBool(*request_,
                                              request_->GetDescriptor()->FindFieldByName("validate_only"));
  }

  const StepCommand& step_;
  const Command& command_;
  const Arguments& arguments_;
  Environment& env_;
  std::unique_ptr<Message> request_;
  review::v1::Routing routing_;
};

}  // namespace

const Descriptor* RequestOf(const StepCommand& step) {
  return FindCommand(step.noun, step.verb)->method->input_type();
}

ExitCode RunSign(const Arguments& arguments, Environment& env) {
  return StepRunner(kSign, arguments, env).Run();
}

ExitCode RunOpine(const Arguments& arguments, Environment& env) {
  return StepRunner(kOpine, arguments, env).Run();
}

}  // namespace idea::cli
