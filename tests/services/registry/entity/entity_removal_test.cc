#include "idea/drafting/v1/bucp.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "tests/services/registry/registry_fixture.h"

// DeleteEntity: an entity that was added by mistake.
namespace idea::registry {
namespace {

using status::Reason;
using testing::FailsWith;
using testing::IsOk;

class EntityRemoval : public RegistryTest {
 protected:
  absl::StatusOr<v1::DeleteEntityResponse> Delete(const std::string& name, const std::string& etag = "",
                                                  bool validate_only = false) {
    v1::DeleteEntityRequest request;
    request.set_name(name);
    request.set_etag(etag);
    request.set_validate_only(validate_only);
    return harness().Ask<v1::DeleteEntityResponse>(Cdo(), request);
  }
  absl::Status Get(const std::string& name) {
    v1::GetEntityRequest request;
    request.set_name(name);
    return harness().Ask<v1::GetEntityResponse>(X(), request).status();
  }
};
INSTANTIATE_TEST_SUITE_P(Every, EntityRemoval, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

TEST_P(EntityRemoval, RemovesTheEntityWithItsAccessions) {
  const auto removed = Delete("entities/department-x");
  ASSERT_THAT(removed, IsOk());
  EXPECT_EQ(removed->entity().display_name(), "Department X");
  EXPECT_THAT(Get("entities/department-x"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::ConfirmSignatoriesRequest confirm;
  confirm.add_entities("entities/department-x");
  const auto answer = harness().Ask<v1::ConfirmSignatoriesResponse>(Cdo(), confirm);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->confirmations(0).standing(), v1::SIGNATORY_STANDING_UNKNOWN);
  // The name can be used again.
  EXPECT_THAT(registry_->Import("Department X,DX,Agency A,department,idea-list-of-signatories\n"), IsOk());
  EXPECT_THAT(Get("entities/department-x"), IsOk());
}

TEST_P(EntityRemoval, KeepsAnEntityThatTheRegistryRefersTo) {
  EXPECT_THAT(Delete(testing::kCdoEntity), FailsWith(Reason::ERROR_REASON_ENTITY_REFERENCED));
  EXPECT_THAT(Delete("entities/agency-a"), FailsWith(Reason::ERROR_REASON_ENTITY_REFERENCED));
  EXPECT_THAT(Get("entities/agency-a"), IsOk());
}

TEST_P(EntityRemoval, KeepsAnEntityThatOtherServicesReferTo) {
  for (const std::string by : {"party", "signer", "filing"}) {
    registry_->ask_peer = [by](const auto& request, auto* response) {
      if (request.GetDescriptor() == drafting::v1::ListBucpsRequest::descriptor()) {
        if (static_cast<const drafting::v1::ListBucpsRequest&>(request).filter() ==
            by + " = \"entities/department-x\"")
          static_cast<drafting::v1::ListBucpsResponse*>(response)->add_bucps()->set_name("bucps/1");
      } else if (by == "filing" &&
                 request.GetDescriptor() == inventory::v1::ListFilingsRequest::descriptor()) {
        static_cast<inventory::v1::ListFilingsResponse*>(response)->add_filings()->set_name("filings/1");
      }
      return absl::OkStatus();
    };
    EXPECT_THAT(Delete("entities/department-x"), FailsWith(Reason::ERROR_REASON_ENTITY_REFERENCED));
  }
  registry_->ask_peer = [](const auto&, auto*) {
    return status::Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, "does not answer");
  };
  EXPECT_THAT(Delete("entities/department-x"), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
  EXPECT_THAT(Get("entities/department-x"), IsOk());
}

TEST_P(EntityRemoval, ChecksTheEtagAndCanBeValidatedOnly) {
  EXPECT_THAT(Delete("entities/department-y", "7"), FailsWith(Reason::ERROR_REASON_STALE_ETAG));
  EXPECT_THAT(Delete("entities/department-y", "1", true), IsOk());
  EXPECT_THAT(Get("entities/department-y"), IsOk());
  EXPECT_THAT(Delete("entities/nobody"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Delete("entities/department-y", "1"), IsOk());
}

}  // namespace
}  // namespace idea::registry
