#include "services/inventory/filing/filing_service.h"

#include <algorithm>
#include <array>
#include <latch>
#include <set>
#include <thread>

#include "common/digest/digest.h"
#include "common/transparency/merkle.h"
#include "services/inventory/inventory_events.h"
#include "tests/services/inventory/inventory_fixture.h"

namespace idea::inventory {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;

TEST_P(Inventory, ShowsUnfiledAgreements) {
  const auto recorded = Record();
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->state(), v1::FILING_STATE_UNFILED);
  EXPECT_EQ(recorded->digest(), DigestOf('a'));
  EXPECT_EQ(Get(recorded->name())->ShortDebugString(), recorded->ShortDebugString());
  EXPECT_EQ(List(At(testing::kCdoEntity), "state = FILING_STATE_UNFILED"), 1);
  EXPECT_THAT(LastEvent().audience(), Contains(testing::kCdoEntity));
}

TEST_P(Inventory, FilesWithAReceiptThatAnyoneCanCompute) {
  const auto recorded = Record();
  ASSERT_THAT(recorded, IsOk());
  auto filed = File();
  ASSERT_THAT(filed, IsOk());
  EXPECT_EQ(filed->name(), recorded->name());
  EXPECT_EQ(filed->state(), v1::FILING_STATE_FILED);
  EXPECT_EQ(LastEvent().type(), event::kBucpFiled);
  const std::string digest = filed->receipt().digest();
  filed->clear_receipt();
  filed->clear_etag();
  EXPECT_EQ(digest, digest::Digest(*filed));
}

TEST_P(Inventory, FilesBeforeTheExecutionIsRecorded) {
  const auto filed = File();
  ASSERT_THAT(filed, IsOk());
  const auto recorded = Record();
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->ShortDebugString(), filed->ShortDebugString());
  EXPECT_EQ(List(At(kRecipient)), 1);
}

// A drafting that was restored, or taken over by another replica, sends what it has sent before as a new
// command.
TEST_P(Inventory, KeepsWhatItHasOfAnExecutionThatComesAgain) {
  const auto record_again = [&](const std::string& bucp, const std::string& amends, const v1::Filing& kept) {
    const int64_t size = Checkpoint().size();
    const auto again = Record(bucp, amends);
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(again->ShortDebugString(), kept.ShortDebugString());
    EXPECT_EQ(Get(kept.name())->ShortDebugString(), kept.ShortDebugString());
    EXPECT_EQ(Checkpoint().size(), size) << "nothing is entered into the log";
  };
  const auto recorded = Record();
  ASSERT_THAT(recorded, IsOk());
  env_.clock.Advance(clock::kDay);
  record_again(kBucp, "", *recorded);

  const auto filed = File();
  ASSERT_THAT(filed, IsOk());
  record_again(kBucp, "", *filed);

  Execute("bucps/2").set_amends(kBucp);
  const auto amendment = Record("bucps/2", kBucp);
  ASSERT_THAT(amendment, IsOk());
  const auto superseded = Get(filed->name());
  EXPECT_EQ(superseded->state(), v1::FILING_STATE_ENDED);
  record_again(kBucp, "", *superseded);
  record_again("bucps/2", kBucp, *amendment);

  ASSERT_THAT(Terminate(amendment->name()), IsOk());
  record_again("bucps/2", kBucp, *Get(amendment->name()));
  EXPECT_THAT(LastEvent().summary(), HasSubstr("it has ended since"));
  EXPECT_EQ(List(At(kRecipient)), 2);
}

// Both ways in which an agreement enters the register.
TEST_P(Inventory, StoresTheContentOfTheExecutedRevision) {
  Execute("bucps/2");
  const auto recorded = Record();
  const auto filed = File(kRecipient, 'a', "bucps/2");
  for (const auto& filing : {recorded, filed}) {
    ASSERT_THAT(filing, IsOk());
    EXPECT_EQ(filing->data_categories(0), "demographic");
    EXPECT_EQ(filing->start_date().year(), 2026);
    EXPECT_FALSE(filing->has_end_date());
    EXPECT_EQ(filing->recurrence(), drafting::v1::RECURRENCE_ONGOING);
    EXPECT_EQ(filing->frequency(), "monthly");
    v1::GetTermsRequest request;
    request.set_parent(filing->name());
    const auto response = harness_->Ask<v1::GetTermsResponse>(At(kProvider), request);
    ASSERT_THAT(response, IsOk());
    const v1::Terms& terms = response->terms();
    EXPECT_EQ(terms.name(), filing->name() + "/terms");
    EXPECT_THAT(terms.data_elements(), ElementsAre("County", "Month of Service"));
    EXPECT_EQ(terms.data_users().description(), "analysts");
    EXPECT_EQ(terms.destruction().description(), "wiped");
    EXPECT_EQ(terms.redisclosure().allowed(), drafting::v1::ANSWER_NO);
    EXPECT_THAT(harness_->Ask<v1::GetTermsResponse>(At(kStranger), request),
                FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  }
  v1::GetTermsRequest bad;
  for (const char* name : {"", "bucps/1", "filings/", "filings/1/terms"}) {
    bad.set_parent(name);
    EXPECT_THAT(harness_->Ask<v1::GetTermsResponse>(At(kProvider), bad),
                FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  }
}

TEST_P(Inventory, RefusesAnExecutionOfAnotherRevision) {
  v1::RecordExecutionRequest request;
  request.set_bucp(kBucp);
  request.set_revision("bucps/1/revisions/3");
  request.set_digest(DigestOf('b'));
  request.add_recipients(kRecipient);
  request.add_providers(kProvider);
  *request.mutable_execute_time() = clock::ToProto(env_.clock.Now());
  EXPECT_THAT(harness_->Ask<v1::RecordExecutionResponse>(testing::Service("drafting"), request),
              FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  EXPECT_EQ(List(At(kRecipient)), 0);
}

TEST_P(Inventory, FilesOnlyOnce) {
  ASSERT_THAT(File(), IsOk());
  EXPECT_THAT(File(), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

// Both calls check for a replay before either is answered.
TEST_P(Inventory, AnswersConcurrentRetriesAlike) {
  for (const bool same : {true, false}) {
    const std::string bucp = same ? "bucps/2" : "bucps/3";
    Execute(bucp);
    std::latch both(2);
    peers_.asked = [&] { both.arrive_and_wait(); };
    v1::FileBucpRequest requests[2];
    for (v1::FileBucpRequest& request : requests) {
      request.set_bucp(bucp);
      request.set_digest(DigestOf('a'));
      request.set_request_id("8f14e45f-ceea-467f-a0e6-00000000000" + std::string(same ? "1" : "2"));
    }
    if (!same) requests[1].set_feedback("another one");
    absl::StatusOr<v1::FileBucpResponse> answers[2];
    std::thread other(
        [&] { answers[1] = harness_->Ask<v1::FileBucpResponse>(At(kRecipient, "p"), requests[1]); });
    answers[0] = harness_->Ask<v1::FileBucpResponse>(At(kRecipient, "p"), requests[0]);
    other.join();
    peers_.asked = [] {};
    if (same) {
      ASSERT_THAT(answers[0], IsOk());
      ASSERT_THAT(answers[1], IsOk());
      EXPECT_EQ(answers[0]->SerializeAsString(), answers[1]->SerializeAsString());
    } else {
      EXPECT_NE(answers[0].ok(), answers[1].ok());
      EXPECT_THAT(answers[0].ok() ? answers[1] : answers[0],
                  FailsWith(Reason::ERROR_REASON_REQUEST_ID_REUSED));
    }
    const auto recorded = harness_->Events();
    EXPECT_EQ(std::count_if(recorded.begin(), recorded.end(),
                            [&](const auto& event) {
                              return event.bucp() == bucp && event.type() == event::kBucpFiled;
                            }),
              1);
  }
}

// The one party no longer needs the data, the other sees a violation, and both end the agreement at once.
TEST_P(Inventory, EndsOnceWhenBothSidesEndItAtOnce) {
  const auto filed = File();
  ASSERT_THAT(filed, IsOk());
  const int64_t size = Checkpoint().size();
  std::latch both(2);
  peers_.asked = [&] { both.arrive_and_wait(); };
  const auto end = [&](const char* entity, v1::Grounds grounds) {
    v1::TerminateFilingRequest request;
    request.set_name(filed->name());
    request.set_grounds(grounds);
    request.set_reason("it ends");
    return harness_->Ask<v1::TerminateFilingResponse>(At(entity, "p"), request);
  };
  absl::StatusOr<v1::TerminateFilingResponse> closeout, termination;
  std::thread other([&] { closeout = end(kRecipient, v1::GROUNDS_NO_LONGER_NEEDED); });
  termination = end(kProvider, v1::GROUNDS_VIOLATION);
  other.join();
  peers_.asked = [] {};
  ASSERT_NE(closeout.ok(), termination.ok()) << closeout.status() << " " << termination.status();
  EXPECT_THAT(closeout.ok() ? termination : closeout, FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  const auto ended = Get(filed->name());
  EXPECT_EQ(ended->state(), v1::FILING_STATE_ENDED);
  EXPECT_EQ(ended->grounds(), closeout.ok() ? v1::GROUNDS_NO_LONGER_NEEDED : v1::GROUNDS_VIOLATION);
  EXPECT_EQ(Checkpoint().size(), size + 2) << "the end and its notice";
  EXPECT_THAT(end(kProvider, v1::GROUNDS_VIOLATION), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(Inventory, RefusesAProvidersFiling) {
  EXPECT_THAT(File(kProvider), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  const auto hidden = File(kStranger);
  EXPECT_THAT(hidden, FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  peers_.bucps.clear();
  EXPECT_EQ(File(kStranger).status().ToString(), hidden.status().ToString());
}

TEST_P(Inventory, FilesOnlyExecutedAgreements) {
  drafting::v1::Bucp& bucp = peers_.bucps.at(kBucp);
  bucp.clear_execute_time();
  bucp.set_state(drafting::v1::STATE_SIGNING);
  const auto early = File();
  EXPECT_THAT(early, FailsWith(Reason::ERROR_REASON_NOT_EXECUTED));
  EXPECT_EQ(status::MetadataOf(early.status(), "state"), "SIGNING");
}

TEST_P(Inventory, HidesAnUnsentDraftFromItsProvider) {
  drafting::v1::Bucp& bucp = peers_.bucps.at(kBucp);
  bucp.clear_execute_time();
  for (const auto state :
       {drafting::v1::STATE_DRAFT, drafting::v1::STATE_WITHDRAWN, drafting::v1::STATE_NOT_APPROVED}) {
    bucp.set_state(state);
    EXPECT_EQ(File(kProvider).status().ToString(), File(kStranger).status().ToString());
    EXPECT_THAT(File(kProvider), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
    EXPECT_THAT(File(kRecipient), FailsWith(Reason::ERROR_REASON_NOT_EXECUTED));
  }
  bucp.set_first_shown_revision(2);
  EXPECT_THAT(File(kProvider), FailsWith(Reason::ERROR_REASON_NOT_EXECUTED)) << "shared";
  bucp.clear_first_shown_revision();
  *bucp.mutable_send_time() = clock::ToProto(1);
  EXPECT_THAT(File(kProvider), FailsWith(Reason::ERROR_REASON_NOT_EXECUTED)) << "sent";
}

TEST_P(Inventory, FilesOnlyTheDigestOfEverySignature) {
  const auto other = File(kRecipient, 'b');
  EXPECT_THAT(other, FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  EXPECT_EQ(status::MetadataOf(other.status(), "digest"), DigestOf('a'));
  peers_.signatures.back() = DigestOf('b');
  EXPECT_THAT(File(), FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  peers_.signatures.clear();
  EXPECT_THAT(File(), FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  EXPECT_EQ(List(At(kRecipient)), 0);
}

// The first Data Recipient is expected to file (agreement 5.1). Others may file first.
TEST_P(Inventory, IsFiledByAnyDataRecipientOnce) {
  const auto filed = File(kSecondRecipient);
  ASSERT_THAT(filed, IsOk());
  EXPECT_EQ(filed->state(), v1::FILING_STATE_FILED);
  EXPECT_THAT(File(), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(Inventory, FilesNothingWhileAPeerDoesNotAnswer) {
  peers_.down = true;
  EXPECT_THAT(File(), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
  EXPECT_THAT(Record(), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
  peers_.down = false;
  EXPECT_THAT(Record(), IsOk());
  EXPECT_THAT(File(), IsOk());
}

TEST_P(Inventory, EndsTheSupersededAgreement) {
  const auto old = File();
  ASSERT_THAT(old, IsOk());
  Execute("bucps/2").set_amends(kBucp);
  ASSERT_THAT(Record("bucps/2", kBucp), IsOk());
  const auto ended = Get(old->name());
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->state(), v1::FILING_STATE_ENDED);
  EXPECT_EQ(ended->end_reason(), "superseded by bucps/2");
  EXPECT_EQ(Get(ended->superseded_by())->bucp(), "bucps/2");
  EXPECT_EQ(ended->receipt().ShortDebugString(), old->receipt().ShortDebugString());
  EXPECT_EQ(LastEvent().type(), event::kFilingSuperseded);
  EXPECT_EQ(List(At(testing::kCdoEntity), "state = FILING_STATE_UNFILED"), 1);
  EXPECT_THAT(Terminate(old->name()), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(Inventory, EndsOnAProvidersGroundsOnly) {
  const auto filed = File();
  ASSERT_THAT(filed, IsOk());
  EXPECT_THAT(Terminate(filed->name(), kRecipient), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Terminate(filed->name(), kStranger), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  const auto ended = Terminate(filed->name());
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->state(), v1::FILING_STATE_ENDED);
  EXPECT_EQ(ended->grounds(), v1::GROUNDS_VIOLATION);
  EXPECT_EQ(LastEvent().type(), event::kAgreementTerminated);
  EXPECT_EQ(LastEvent().citation(), "agreement 7.4");
  EXPECT_THAT(Terminate(filed->name()), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(File(), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(Inventory, IsHiddenFromStrangers) {
  const auto filed = File();
  ASSERT_THAT(filed, IsOk());
  EXPECT_THAT(Get(filed->name(), At(kStranger)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Get(filed->name(), At(testing::kCdoEntity)), IsOk());
  EXPECT_THAT(Get(filed->name(), testing::Service("dispute")), IsOk());
  EXPECT_EQ(List(At(kStranger)), 0);
  EXPECT_EQ(List(At(kProvider), "text : food"), 1);
}

// The transparency log.

TEST_P(Inventory, ProvesAFilingWithItsReceiptAlone) {
  const auto filing = File();
  ASSERT_THAT(filing, IsOk());
  const auto first = Checkpoint();
  const v1::LogLeaf& leaf = filing->receipt().leaf();
  const auto checkpoint = transparency::OpenCheckpoint(leaf.checkpoint(), first.verifier());
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_EQ(checkpoint->size, leaf.tree_size());
  EXPECT_TRUE(transparency::ProvesInclusion(transparency::LeafHash(leaf.entry()), leaf.leaf_index(),
                                            leaf.tree_size(), Hashes(leaf.inclusion_proof()),
                                            checkpoint->root));
  EXPECT_THAT(leaf.entry(), HasSubstr("\"filingDigest\":\"" + filing->receipt().digest() + "\""));
  EXPECT_THAT(leaf.entry(), HasSubstr("\"kind\":\"LOG_ENTRY_KIND_FILED\""));
}

TEST_P(Inventory, LogsOnlyChanges) {
  ASSERT_THAT(Record(), IsOk());
  EXPECT_EQ(Checkpoint().size(), 0);
  EXPECT_FALSE(File(kStranger).ok());
  EXPECT_FALSE(File(kRecipient, 'b').ok());
  EXPECT_EQ(Checkpoint().size(), 0);
  const auto filing = File();
  ASSERT_THAT(filing, IsOk());
  EXPECT_FALSE(File().ok());
  EXPECT_EQ(Checkpoint().size(), 1);
  ASSERT_THAT(Terminate(filing->name()), IsOk());
  EXPECT_EQ(Checkpoint().size(), 3);
  EXPECT_THAT(Prove(1)->leaf().entry(), HasSubstr("LOG_ENTRY_KIND_TERMINATED"));
  EXPECT_THAT(Prove(2)->leaf().entry(), HasSubstr("LOG_ENTRY_KIND_NOTICE"));
}

TEST_P(Inventory, ProvesThatTheLogOnlyGrew) {
  std::vector<v1::GetCheckpointResponse> states = {Checkpoint()};
  for (int i = 2; i < 9; ++i) {
    const std::string bucp = "bucps/" + std::to_string(i);
    Execute(bucp);
    ASSERT_THAT(File(kRecipient, 'a', bucp), IsOk());
    states.push_back(Checkpoint());
  }
  const std::string verifier = states.back().verifier();
  for (size_t from = 0; from < states.size(); ++from) {
    for (size_t to = std::max<size_t>(from, 1); to < states.size(); ++to) {
      v1::GetConsistencyProofRequest request;
      request.set_from_size(static_cast<int64_t>(from));
      request.set_tree_size(static_cast<int64_t>(to));
      const auto answer = harness_->Ask<v1::GetConsistencyProofResponse>(At(kStranger), request);
      ASSERT_THAT(answer, IsOk());
      const auto later = transparency::OpenCheckpoint(answer->checkpoint(), verifier);
      ASSERT_THAT(later, IsOk());
      EXPECT_EQ(later->root, transparency::OpenCheckpoint(states[to].checkpoint(), verifier)->root);
      EXPECT_TRUE(transparency::ProvesConsistency(
          answer->from_size(), answer->tree_size(),
          transparency::OpenCheckpoint(states[from].checkpoint(), verifier)->root, later->root,
          Hashes(answer->proof())));
    }
  }
  for (int64_t leaf = 0; leaf < 7; ++leaf) {
    for (int64_t size = leaf + 1; size <= 7; ++size) {
      const auto answer = Prove(leaf, size);
      ASSERT_THAT(answer, IsOk());
      EXPECT_TRUE(transparency::ProvesInclusion(
          transparency::LeafHash(answer->leaf().entry()), leaf, size,
          Hashes(answer->leaf().inclusion_proof()),
          transparency::OpenCheckpoint(answer->leaf().checkpoint(), verifier)->root));
    }
  }
}

TEST_P(Inventory, ServesTheLogAsTiles) {
  for (int i = 2; i < 5; ++i) {
    const std::string bucp = "bucps/" + std::to_string(i);
    Execute(bucp);
    ASSERT_THAT(File(kRecipient, 'a', bucp), IsOk());
  }
  const std::string entries = Tile("tile/entries/000.p/3")->data();
  std::string hashes;
  for (size_t at = 0; at < entries.size();) {
    const size_t size =
        static_cast<unsigned char>(entries[at]) * 256u + static_cast<unsigned char>(entries[at + 1]);
    hashes += transparency::LeafHash(entries.substr(at + 2, size));
    at += 2 + size;
  }
  EXPECT_EQ(hashes, Tile("tile/0/000.p/3")->data());
  EXPECT_EQ(hashes.substr(0, 64), Tile("tile/0/000.p/2")->data());
}

TEST_P(Inventory, RefusesProofsOfMissingEntries) {
  ASSERT_THAT(File(), IsOk());
  EXPECT_THAT(Prove(1), FailsWith(Reason::ERROR_REASON_NOT_IN_LOG));
  EXPECT_THAT(Prove(0, 2), FailsWith(Reason::ERROR_REASON_NOT_IN_LOG));
  EXPECT_THAT(Prove(-1), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  v1::GetConsistencyProofRequest backwards;
  backwards.set_from_size(2);
  backwards.set_tree_size(1);
  EXPECT_THAT(harness_->Ask<v1::GetConsistencyProofResponse>(At(kProvider), backwards),
              FailsWith(Reason::ERROR_REASON_NOT_IN_LOG));
  EXPECT_THAT(Tile("tile/0/000"), FailsWith(Reason::ERROR_REASON_NOT_IN_LOG));
  EXPECT_THAT(Tile("tile/0/0"), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

// Concurrent filings: every filing has its leaf, every leaf its filing. The final log proves each receipt.
TEST_P(Inventory, GivesEachConcurrentFilingItsLeaf) {
  constexpr int kFilers = 16;
  constexpr int kEach = 5;
  for (int i = 0; i < kFilers * kEach; ++i) Execute("bucps/many-" + std::to_string(i));
  std::vector<std::thread> filers;
  std::array<std::vector<v1::LogLeaf>, kFilers> receipts;
  for (int filer = 0; filer < kFilers; ++filer) {
    filers.emplace_back([&, filer] {
      for (int i = 0; i < kEach; ++i) {
        const auto filing = File(kRecipient, 'a', "bucps/many-" + std::to_string(filer * kEach + i));
        ASSERT_THAT(filing, IsOk());
        receipts[static_cast<size_t>(filer)].push_back(filing->receipt().leaf());
      }
    });
  }
  for (std::thread& filer : filers) filer.join();
  const auto end = Checkpoint();
  const auto whole = transparency::OpenCheckpoint(end.checkpoint(), end.verifier());
  ASSERT_THAT(whole, IsOk());
  EXPECT_EQ(whole->size, kFilers * kEach);
  std::set<int64_t> places;
  for (const auto& some : receipts) {
    for (const v1::LogLeaf& leaf : some) {
      places.insert(leaf.leaf_index());
      const auto then = transparency::OpenCheckpoint(leaf.checkpoint(), end.verifier());
      ASSERT_THAT(then, IsOk());
      EXPECT_TRUE(transparency::ProvesInclusion(transparency::LeafHash(leaf.entry()), leaf.leaf_index(),
                                                then->size, Hashes(leaf.inclusion_proof()), then->root));
      v1::GetConsistencyProofRequest request;
      request.set_from_size(then->size);
      const auto grown = harness_->Ask<v1::GetConsistencyProofResponse>(At(kStranger), request);
      ASSERT_THAT(grown, IsOk());
      EXPECT_TRUE(transparency::ProvesConsistency(then->size, whole->size, then->root, whole->root,
                                                  Hashes(grown->proof())));
    }
  }
  EXPECT_EQ(places.size(), static_cast<size_t>(kFilers * kEach));
}

INSTANTIATE_TEST_SUITE_P(Every, Inventory, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
