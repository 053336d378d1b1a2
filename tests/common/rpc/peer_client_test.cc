#include "common/rpc/peer_client.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "idea/registry/v1/registry.pb.h"
#include "tests/support/matchers.h"

namespace idea::rpc {
namespace {

using registry::v1::ListContactsRequest;
using registry::v1::ListContactsResponse;
using testing::IsOk;

TEST(PeerClientTest, TheTypeOfARequestNamesTheService) {
  EXPECT_EQ(ServiceOf(ListContactsRequest()), "registry");
  std::string asked;
  const PeerClient peers = [&](std::string_view service, const Context&, const google::protobuf::Message&,
                               google::protobuf::Message*) {
    asked = service;
    return absl::OkStatus();
  };
  EXPECT_THAT(peers.Send<ListContactsResponse>(Context(), ListContactsRequest()), IsOk());
  EXPECT_EQ(asked, "registry");
}

// Three pages of one contact each, then `failure`.
class ThreePages : public ::testing::Test {
 protected:
  absl::Status Answer(const google::protobuf::Message& request, google::protobuf::Message* response) {
    const auto& list = static_cast<const ListContactsRequest&>(request);
    tokens_.push_back(list.page_token());
    const size_t page = tokens_.size();
    if (page == failing_page_) return absl::UnavailableError("away");
    auto& contacts = static_cast<ListContactsResponse&>(*response);
    contacts.add_contacts()->set_name(list.parent() + "/contacts/" + std::to_string(page));
    if (page < 3) contacts.set_next_page_token("token " + std::to_string(page));
    return absl::OkStatus();
  }

  absl::StatusOr<ListContactsResponse> ListAll() {
    ListContactsRequest request;
    request.set_parent("entities/dmv");
    return peers_.ListAll<ListContactsResponse>(Context(), request);
  }

  size_t failing_page_ = 0;
  std::vector<std::string> tokens_;
  const PeerClient peers_ = [this](std::string_view, const Context&, const google::protobuf::Message& request,
                                   google::protobuf::Message* response) { return Answer(request, response); };
};

TEST_F(ThreePages, AreOneResponse) {
  const auto all = ListAll();
  ASSERT_THAT(all, IsOk());
  ASSERT_EQ(all->contacts_size(), 3);
  EXPECT_EQ(all->contacts(2).name(), "entities/dmv/contacts/3");
  EXPECT_EQ(all->next_page_token(), "");
  EXPECT_EQ(tokens_, (std::vector<std::string>{"", "token 1", "token 2"}));
}

TEST_F(ThreePages, FailWithTheirFirstFailure) {
  failing_page_ = 2;
  EXPECT_EQ(ListAll().status(), absl::UnavailableError("away"));
}

}  // namespace
}  // namespace idea::rpc
