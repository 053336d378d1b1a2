#include "services/cli/consent.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "common/auth/jws.h"
#include "common/digest/digest.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/review/v1/review.pb.h"
#include "services/cli/calls.h"
#include "services/cli/names.h"
#include "services/cli/request_flags.h"
#include "services/cli/suggestion.h"
#include "services/cli/token.h"

namespace idea::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr StepCommand kSteps[] = {{"sign", "signatures", "sign", "capacity"},
                                  {"opine", "opinions", "register", "discipline"}};

absl::Status Wanted(const std::string& text) { return absl::InvalidArgumentError(text); }

std::vector<std::string> Texts(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

// One step of one person, from the BUCP to the request.
class StepTaker {
 public:
  StepTaker(const StepCommand& step, const Arguments& arguments, Surroundings& around)
      : step_(step),
        command_(*FindCommand(step.noun, step.verb)),
        arguments_(arguments),
        around_(around),
        request_(NewMessage(command_.method->input_type())) {}

  ExitCode Take() {
    const absl::StatusOr<Target> target = TargetOf(arguments_, command_.service, around_);
    if (!target.ok()) return Complain(std::string(target.status().message()), kUsage, around_);
    const absl::Status ready = Prepare(*target);
    if (!ready.ok()) return Fail(ready, *target);
    if (!arguments_.options.quiet || !arguments_.options.yes) Show();
    if (!IsTry()) {
      if (const ExitCode code = Ask(); code != kDone) return code;
    }
    return CallUnary(command_, *target, *request_, arguments_.options, around_);
  }

 private:
  absl::Status Prepare(const Target& target) {
    Sender sender(command_.service, target, arguments_.options, around_);
    Given given = arguments_.given;
    RETURN_IF_ERROR(FindRouting(sender, given));
    given["routing"] = {routing_.name()};
    if (!given.contains("digest")) given["digest"] = {routing_.digest()};
    if (!given.contains(step_.which)) {
      ASSIGN_OR_RETURN(given[step_.which], FindStep(sender, target));
    }
    RETURN_IF_ERROR(FillRequest(given, around_.in, *request_));
    RETURN_IF_ERROR(CheckRequired(given, *request_->GetDescriptor()));
    if (Text("digest") != routing_.digest()) {
      return Wanted("--digest: the revision under review has " + routing_.digest() +
                    ": it is not what you read");
    }
    RETURN_IF_ERROR(CompleteNames(arguments_, *request_, around_));
    return arguments_.signing_key.empty() ? absl::OkStatus() : SignClaim(target);
  }

  // The routing of the BUCP that is under review.
  absl::Status FindRouting(Sender& sender, const Given& given) {
    const auto named = given.find("routing");
    if (named == given.end()) return Wanted("<bucp> is missing, wanted bucps/*");
    review::v1::GetRoutingRequest get;
    get.set_name(named->second[0]);
    if (!get.name().starts_with("routings/")) {
      drafting::v1::GetBucpRequest bucp;
      bucp.set_name(named->second[0]);
      RETURN_IF_ERROR(CompleteNames(arguments_, bucp, around_));
      review::v1::ListRoutingsRequest list;
      list.set_filter("bucp = \"" + bucp.name() + "\"");
      review::v1::ListRoutingsResponse found;
      RETURN_IF_ERROR(FetchAll(sender, arguments_.options, list, found, around_));
      for (const auto& routing : found.routings()) {
        const bool is_over = routing.state() == review::v1::ROUTING_STATE_CLOSED ||
                             routing.state() == review::v1::ROUTING_STATE_RETURNED;
        if (!is_over && get.name() == named->second[0]) get.set_name(routing.name());
      }
      if (get.name() == named->second[0]) {
        return Wanted(bucp.name() + " is not under review: `ideactl bucps get " + bucp.name() +
                      "` says where it stands");
      }
    }
    review::v1::GetRoutingResponse got;
    RETURN_IF_ERROR(sender.Send(get, &got));
    routing_ = got.routing();
    return absl::OkStatus();
  }

  // In which capacity or discipline, from what the person is to do on this routing.
  absl::StatusOr<std::vector<std::string>> FindStep(Sender& sender, const Target& target) {
    const std::optional<TokenClaims> claims = ReadClaims(target.token);
    if (!claims)
      return Wanted(std::string(step_.name) + ": a person does this; give --as DEPT/PERSON or --token-file");
    review::v1::ListTasksRequest list;
    list.set_for_person(claims->subject);
    review::v1::ListTasksResponse found;
    RETURN_IF_ERROR(FetchAll(sender, arguments_.options, list, found, around_));
    std::vector<std::string> steps;
    for (const auto& task : found.tasks()) {
      const std::string at = ids::Segment(task.name(), 3);
      int n = 0;
      std::from_chars(at.data(), at.data() + at.size(), n);
      if (task.routing() != routing_.name() || n < 1 || n > routing_.steps_size()) continue;
      const auto& step = routing_.steps(n - 1);
      const FieldDescriptor* which = step.GetDescriptor()->FindFieldByName(step_.which);
      const auto* value = step.GetReflection()->GetEnum(step, which);
      if (value->number() == 0 || step.done()) continue;
      if (std::find(steps.begin(), steps.end(), ShortName(*value)) == steps.end())
        steps.push_back(ShortName(*value));
    }
    if (steps.size() == 1) return steps;
    const std::string flag = std::string("--") + step_.which;
    if (steps.empty()) {
      return Wanted(claims->subject + " has nothing to " + step_.name + " on " + routing_.bucp() + " now; " +
                    flag + " asks for it nevertheless, and `ideactl review explain " + routing_.name() +
                    "` says what it waits for");
    }
    return Wanted(flag + " is missing: " + claims->subject + " can do so for " + Listed(steps));
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
      return Wanted("--signing-key: " + arguments_.signing_key + ": " + std::string(jws.status().message()));
    request_->GetReflection()->SetString(request_.get(), request_->GetDescriptor()->FindFieldByName("jws"),
                                         *jws);
    return absl::OkStatus();
  }

  void Show() {
    const FieldDescriptor* which = request_->GetDescriptor()->FindFieldByName(step_.which);
    std::ostream& err = around_.err;
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
  ExitCode Ask() {
    if (arguments_.options.yes) return kDone;
    if (!around_.in_is_terminal) {
      return Complain(
          std::string(step_.name) + ": give --yes to confirm what is shown: nobody can be asked here", kUsage,
          around_);
    }
    around_.err << "Go on? [y/N] " << std::flush;
    std::string answer;
    std::getline(around_.in, answer);
    if (answer == "y" || answer == "Y" || answer == "yes") return kDone;
    return Complain("nothing was sent", kUsage, around_);
  }

  std::string Text(const char* field) const {
    return request_->GetReflection()->GetString(*request_, request_->GetDescriptor()->FindFieldByName(field));
  }
  bool IsTry() const {
    return request_->GetReflection()->GetBool(*request_,
                                              request_->GetDescriptor()->FindFieldByName("validate_only"));
  }

  ExitCode Fail(const absl::Status& status, const Target& target) {
    const bool is_from_server = status::ReasonOf(status) != status::Reason::ERROR_REASON_UNSPECIFIED;
    if (is_from_server) return PrintFailedCall(status, target, around_);
    return Complain(std::string(status.message()), kUsage, around_);
  }

  const StepCommand& step_;
  const Command& command_;
  const Arguments& arguments_;
  Surroundings& around_;
  std::unique_ptr<Message> request_;
  review::v1::Routing routing_;
};

}  // namespace

const StepCommand* FindStepCommand(const std::string& name) {
  const auto* found = std::find_if(std::begin(kSteps), std::end(kSteps),
                                   [&](const StepCommand& each) { return name == each.name; });
  return found == std::end(kSteps) ? nullptr : found;
}

ExitCode TakeStep(const StepCommand& step, const Arguments& arguments, Surroundings& around) {
  return StepTaker(step, arguments, around).Take();
}

}  // namespace idea::cli
