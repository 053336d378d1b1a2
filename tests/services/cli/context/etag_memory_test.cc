#include "services/cli/context/etag_memory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "idea/drafting/v1/drafting.pb.h"
#include "idea/registry/v1/registry.pb.h"

namespace idea::cli {
namespace {

class AnEtagMemory : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) / "etag-memory";
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    WriteCertificate("one");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void WriteCertificate(const std::string& text) { std::ofstream(folder_ / "tls.crt") << text; }
  // A new instance, as in each run of ideactl.
  EtagMemory Memory() {
    Target target;
    target.certificate = (folder_ / "tls.crt").string();
    return EtagMemory({{"HOME", folder_.string()}}, target);
  }
  void ReadBucp(const std::string& technical) {
    drafting::v1::GetBucpResponse answer;
    answer.mutable_bucp()->set_name("bucps/1");
    answer.mutable_bucp()->set_etag("7");
    answer.mutable_bucp()->mutable_section_etags()->set_technical(technical);
    answer.mutable_bucp()->mutable_section_etags()->set_parties("1");
    Memory().Remember(answer);
  }
  static drafting::v1::UpdateBucpRequest Update() {
    drafting::v1::UpdateBucpRequest request;
    request.set_name("bucps/1");
    return request;
  }

  std::filesystem::path folder_;
};

TEST_F(AnEtagMemory, KeepsEtagsOfConcurrentRuns) {
  const auto read = [this](const std::string& prefix) {
    for (int i = 0; i < 20; ++i) {
      drafting::v1::GetBucpResponse answer;
      answer.mutable_bucp()->set_name("bucps/" + prefix + std::to_string(i));
      answer.mutable_bucp()->set_etag("1");
      answer.mutable_bucp()->mutable_section_etags()->set_technical("1");
      Memory().Remember(answer);
    }
  };
  std::thread one(read, "a"), other(read, "b");
  one.join();
  other.join();
  for (const char* prefix : {"a", "b"}) {
    for (int i = 0; i < 20; ++i) {
      auto request = Update();
      request.set_name("bucps/" + std::string(prefix) + std::to_string(i));
      EXPECT_EQ(Memory().Fill(request), EtagUse::kFilled) << request.name();
    }
  }
}

TEST_F(AnEtagMemory, PutsTheEtagsOfTheLastReadIntoAnEdit) {
  auto request = Update();
  EXPECT_EQ(Memory().Fill(request), EtagUse::kMissing);
  ReadBucp("3");
  ReadBucp("4");
  EXPECT_EQ(Memory().Fill(request), EtagUse::kFilled);
  EXPECT_EQ(request.section_etags().technical(), "4");
  EXPECT_EQ(request.section_etags().parties(), "1");
  EXPECT_EQ(request.section_etags().administrative(), "");
  drafting::v1::ImportDataElementsRequest import;
  import.set_name("bucps/1");
  EXPECT_EQ(Memory().Fill(import), EtagUse::kFilled);
  EXPECT_EQ(import.section_etag(), "4");
}

TEST_F(AnEtagMemory, DoesNotChangeAGivenEtag) {
  ReadBucp("4");
  auto request = Update();
  request.mutable_section_etags()->set_technical("2");
  EXPECT_EQ(Memory().Fill(request), EtagUse::kNone);
  EXPECT_EQ(request.section_etags().technical(), "2");
}

TEST_F(AnEtagMemory, KnowsResourcesWithinRequests) {
  registry::v1::UpdateContactResponse answer;
  answer.mutable_contact()->set_name("entities/x/contacts/p");
  answer.mutable_contact()->set_etag("5");
  Memory().Remember(answer);
  registry::v1::UpdateContactRequest request;
  request.mutable_contact()->set_name("entities/x/contacts/p");
  EXPECT_EQ(Memory().Fill(request), EtagUse::kFilled);
  EXPECT_EQ(request.contact().etag(), "5");
  request.mutable_contact()->set_name("entities/x/contacts/q");
  request.mutable_contact()->clear_etag();
  EXPECT_EQ(Memory().Fill(request), EtagUse::kMissing);
  // A step takes the state as it finds it.
  drafting::v1::SendBucpRequest send;
  send.set_name("bucps/1");
  EXPECT_EQ(Memory().Fill(send), EtagUse::kNone);
}

TEST_F(AnEtagMemory, IsOfOneCertificate) {
  ReadBucp("4");
  WriteCertificate("another");
  auto request = Update();
  EXPECT_EQ(Memory().Fill(request), EtagUse::kMissing);
}

TEST_F(AnEtagMemory, IgnoresADamagedFile) {
  ReadBucp("4");
  std::ofstream(folder_ / ".local/state/ideactl/etags.json") << "{\"x\": [1";
  auto request = Update();
  EXPECT_EQ(Memory().Fill(request), EtagUse::kMissing);
  ReadBucp("5");
  EXPECT_EQ(Memory().Fill(request), EtagUse::kFilled);
  EXPECT_EQ(request.section_etags().technical(), "5");
}

TEST_F(AnEtagMemory, IsBounded) {
  registry::v1::GetEntityResponse answer;
  answer.mutable_entity()->set_etag("1");
  for (int i = 0; i < 501; ++i) {
    answer.mutable_entity()->set_name("entities/" + std::to_string(i));
    Memory().Remember(answer);
  }
  registry::v1::UpdateEntityRequest request;
  request.mutable_entity()->set_name("entities/0");
  EXPECT_EQ(Memory().Fill(request), EtagUse::kMissing);
  request.mutable_entity()->set_name("entities/500");
  EXPECT_EQ(Memory().Fill(request), EtagUse::kFilled);
}

TEST_F(AnEtagMemory, IsNotKeptWithoutAHome) {
  Target target;
  target.certificate = (folder_ / "tls.crt").string();
  drafting::v1::GetBucpResponse answer;
  answer.mutable_bucp()->set_name("bucps/1");
  answer.mutable_bucp()->set_etag("7");
  EtagMemory({}, target).Remember(answer);
  auto request = Update();
  EXPECT_EQ(EtagMemory({}, target).Fill(request), EtagUse::kMissing);
}

}  // namespace
}  // namespace idea::cli
