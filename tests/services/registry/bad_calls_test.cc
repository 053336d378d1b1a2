#include "tests/services/registry/registry_fixture.h"
#include "tests/support/refusals.h"

// Calls that must be refused. Tables in tests/common/rpc/bad_fields_test.cc cover faults of single fields.
namespace idea::registry {
namespace {

using status::Reason;
using testing::FailsWith;
using testing::IsOk;

class BadRegistryCalls : public RegistryTest {
 protected:
  template <class Response, class Request>
  absl::Status Ask(const Request& request, const testing::TestCaller& who = X()) {
    return harness().Ask<Response>(who, request).status();
  }
  // A page token is valid only for the request that returned it.
  template <class Response, class Request>
  void WantsItsOwnTokens(Request request) {
    v1::ListEntitiesRequest other;
    other.set_page_size(1);
    const auto page = harness().Ask<v1::ListEntitiesResponse>(X(), other);
    ASSERT_THAT(page, IsOk());
    for (const std::string& token :
         {std::string("bm8"), std::string("!"), std::string("\u03c7"), page->next_page_token(),
          page->next_page_token() + "x", std::string(900, 'A')}) {
      request.set_page_token(token);
      EXPECT_THAT(Ask<Response>(request), FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID))
          << request.GetTypeName() << " " << token;
    }
  }
  template <class Response, class Request>
  void WantsFieldsOfItsOwn(Request request) {
    for (const char* filter : {"nothing = x", "name", "name =", "(name = x)", "1 = 1", "name = x OR name = y",
                               "name = x; DROP TABLE entities", "n\u0430me = x"}) {
      request.set_filter(filter);
      EXPECT_THAT(Ask<Response>(request), FailsWith(Reason::ERROR_REASON_FILTER_INVALID)) << filter;
    }
  }
};

template <class Request>
Request Below(const std::string& parent) {
  Request request;
  request.set_parent(parent);
  return request;
}

TEST_P(BadRegistryCalls, CannotUsePageTokensOfOtherRequests) {
  const std::string x = "entities/department-x";
  ASSERT_THAT(registry_->AddContact(x, "p", {common::v1::CONTACT_ROLE_LEGAL}), IsOk());
  v1::ListEntitiesRequest departments;
  departments.set_filter("kind = DEPARTMENT");
  WantsItsOwnTokens<v1::ListEntitiesResponse>(departments);
  WantsItsOwnTokens<v1::ListAccessionsResponse>(Below<v1::ListAccessionsRequest>(x));
  WantsItsOwnTokens<v1::ListContactsResponse>(Below<v1::ListContactsRequest>(x));
  WantsItsOwnTokens<v1::ListContactRevisionsResponse>(
      Below<v1::ListContactRevisionsRequest>(x + "/contacts/p"));
  WantsItsOwnTokens<v1::ListDelegationsResponse>(Below<v1::ListDelegationsRequest>(x));
  WantsItsOwnTokens<v1::ListCertificationsResponse>(Below<v1::ListCertificationsRequest>(x));
}

TEST_P(BadRegistryCalls, CannotFilterByUnknownFields) {
  const std::string x = "entities/department-x";
  WantsFieldsOfItsOwn<v1::ListEntitiesResponse>(v1::ListEntitiesRequest());
  WantsFieldsOfItsOwn<v1::ListContactsResponse>(Below<v1::ListContactsRequest>(x));
  WantsFieldsOfItsOwn<v1::ListDelegationsResponse>(Below<v1::ListDelegationsRequest>(x));
}

TEST_P(BadRegistryCalls, ConfirmNoEntityByALookalikeName) {
  v1::ConfirmSignatoriesRequest request;
  request.add_entities("entities/department-x");
  for (const char* name : {"entities/d\u0435partment-x", "entities/department-x ", "Entities/department-x",
                           "department-x", ""}) {
    request.clear_entities();
    request.add_entities("entities/department-x");
    request.add_entities(name);
    const absl::Status refused = Ask<v1::ConfirmSignatoriesResponse>(request);
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD)) << name;
    EXPECT_THAT(testing::FieldsOf(refused), ::testing::Contains("entities[1]")) << name;
  }
  request.set_entities(1, "entities/Department-X");
  const auto answer = harness().Ask<v1::ConfirmSignatoriesResponse>(X(), request);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->confirmations(1).standing(), v1::SIGNATORY_STANDING_UNKNOWN);
}

TEST_P(BadRegistryCalls, StoreNothing) {
  const size_t events_before = harness().Events().size();
  v1::ImportSignatoriesRequest import;
  for (const std::string& csv :
       {std::string(10'000'000, 'x'), std::string("\xff\xfen\0a\0m\0e\0", 10),
        std::string("name;acronym\nx;y\n"), std::string("name,acronym,parent_agency,kind\nx,,,board\n"),
        std::string("\n\n\n")}) {
    import.clear_csv();
    import.add_csv(csv);
    EXPECT_THAT(Ask<v1::ImportSignatoriesResponse>(import, Cdo()),
                FailsWith(Reason::ERROR_REASON_INVALID_FIELD))
        << csv.substr(0, 40);
  }
  v1::CreateEntityRequest create;
  create.set_entity_id("board-of-tests");
  for (const char* name :
       {"B\u043eard Z", "BOARD Z", "Board\u200b Z", "Bo\u00adard Z", "Board\x01Z", "B\u0585ard of Tests"}) {
    create.mutable_entity()->set_display_name(name);
    create.mutable_entity()->set_kind(v1::ENTITY_KIND_BOARD);
    EXPECT_FALSE(Ask<v1::CreateEntityResponse>(create, Cdo()).ok()) << name;
  }
  EXPECT_EQ(harness().Events().size(), events_before);
}

INSTANTIATE_TEST_SUITE_P(Every, BadRegistryCalls, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::registry
