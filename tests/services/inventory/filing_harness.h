#ifndef IDEA_TESTS_SERVICES_INVENTORY_FILING_HARNESS_H_
#define IDEA_TESTS_SERVICES_INVENTORY_FILING_HARNESS_H_

#include <string>

#include "common/ids/ids.h"
#include "common/transparency/checkpoint.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/review/v1/review.pb.h"
#include "services/inventory/filing/filing_service.h"
#include "services/inventory/log/log_store.h"
#include "tests/support/service_harness/service_harness.h"

extern const idea::config::EmbeddedFile k_inventory_schema[];

namespace idea::inventory {

// The filing methods of a replica with the real pipeline. Drafting and review report every BUCP as executed
// and signed, and the same person of the same department files.
class FilingHarness {
 public:
  static constexpr char kRecipient[] = "entities/department-x";
  static constexpr char kProvider[] = "entities/department-y";
  static constexpr char kElement[] = "County";

  // Migrates the database.
  FilingHarness(const testing::TestEnv& env, const transparency::LogKey& key, storage::Database& database)
      : log_(key),
        filings_(Answer, log_, testing::kCdoEntity),
        token_(env.TokenOf("p")),
        pipeline_({"inventory", env.authenticator, directory_, database, notifier_, metrics_, env.clock}) {
    EXPECT_THAT(storage::Migrate(database, "events", k_events_schema), testing::IsOk());
    EXPECT_THAT(storage::Migrate(database, "inventory", k_inventory_schema), testing::IsOk());
    filings_.Bind(router_);
  }

  // Records an execution, as drafting does after a BUCP is executed.
  absl::Status Record(const std::string& bucp) {
    v1::RecordExecutionRequest request;
    request.set_request_id(ids::NewUuid());
    request.set_bucp(bucp);
    request.set_title(kTitle);
    request.set_revision(bucp + "/revisions/3");
    request.set_digest(Digest());
    request.add_recipients(kRecipient);
    request.add_providers(kProvider);
    *request.mutable_execute_time() = clock::ToProto(clock::kSecond);
    return Serve("service/drafting", "", request).status();
  }

  absl::StatusOr<v1::Filing> File(const std::string& bucp, const std::string& request_id) {
    v1::FileBucpRequest request;
    request.set_request_id(request_id);
    request.set_bucp(bucp);
    request.set_digest(Digest());
    request.set_feedback("went well");
    ASSIGN_OR_RETURN(const std::string answer, Serve("entity/department-x", token_, request));
    v1::FileBucpResponse response;
    response.ParseFromString(answer);
    return response.filing();
  }

 private:
  static constexpr char kTitle[] = "Match of enrolment";

  class EverybodyCoordinates : public auth::Directory {
   public:
    absl::StatusOr<auth::Person> Find(const std::string&, const std::string&) override {
      auth::Person person;
      person.roles = {common::v1::CONTACT_ROLE_DATA_COORDINATOR};
      return person;
    }
  };

  static std::string Digest() { return std::string(64, 'a'); }

  static drafting::v1::Content Agreed() {
    drafting::v1::Content content;
    content.add_recipients(kRecipient);
    content.add_providers(kProvider);
    content.mutable_business_case()->mutable_data_categories()->add_categories("demographic");
    auto& technical = *content.mutable_technical();
    technical.mutable_data_elements()->add_elements()->set_field_name(kElement);
    technical.mutable_data_users()->set_description(std::string(1000, 'x'));
    auto& dates = *content.mutable_administrative()->mutable_critical_dates();
    dates.set_recurrence(drafting::v1::RECURRENCE_ONGOING);
    dates.set_frequency("monthly");
    return content;
  }

  // The responses of drafting and review.
  static absl::Status Answer(std::string_view, const rpc::Context&, const google::protobuf::Message& request,
                             google::protobuf::Message* response) {
    if (const auto* get = dynamic_cast<const drafting::v1::GetBucpRequest*>(&request)) {
      drafting::v1::Bucp& bucp = *static_cast<drafting::v1::GetBucpResponse*>(response)->mutable_bucp();
      bucp.set_name(get->name());
      bucp.set_title(kTitle);
      bucp.set_state(drafting::v1::STATE_EXECUTED);
      bucp.set_frozen_revision(get->name() + "/revisions/3");
      bucp.set_frozen_digest(Digest());
      *bucp.mutable_execute_time() = clock::ToProto(clock::kSecond);
      *bucp.mutable_content() = Agreed();
    } else if (const auto* read = dynamic_cast<const drafting::v1::GetRevisionRequest*>(&request)) {
      auto& revision = *static_cast<drafting::v1::GetRevisionResponse*>(response)->mutable_revision();
      revision.set_name(read->name());
      revision.set_digest(Digest());
      *revision.mutable_content() = Agreed();
    } else if (auto* routings = dynamic_cast<review::v1::ListRoutingsResponse*>(response)) {
      routings->add_routings()->set_name("routings/1");
    } else if (auto* signatures = dynamic_cast<review::v1::ListSignaturesResponse*>(response)) {
      for (int i = 0; i < 4; ++i) signatures->add_signatures()->set_digest(Digest());
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Serve(const std::string& certificate, const std::string& token,
                                    const google::protobuf::Message& request) {
    const auto* method = rpc::FindMethod(request.GetDescriptor());
    rpc::Incoming incoming;
    incoming.method = &router_.methods().at("/" + method->service()->full_name() + "/" + method->name());
    incoming.spiffe_id = "spiffe://idea.test/" + certificate;
    incoming.authorization = token;
    incoming.body = request.SerializeAsString();
    std::string answer;
    if (absl::Status status = pipeline_.Serve(incoming, answer); !status.ok()) return status;
    return answer;
  }

  EverybodyCoordinates directory_;
  LogService log_;
  FilingService filings_;
  const std::string token_;
  events::Notifier notifier_;
  metrics::Metrics metrics_;
  rpc::Router router_;
  rpc::Pipeline pipeline_;
};

}  // namespace idea::inventory

#endif  // IDEA_TESTS_SERVICES_INVENTORY_FILING_HARNESS_H_
