// `ideactl log verify` names every record that an intruder edits, deletes or adds in the databases of the
// services.
#include <fstream>

#include "common/ids/resource_names.h"
#include "tests/story/recorded_agreement.h"

namespace idea::story {
namespace {

using storage::Transaction;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Replaces the message in a column.
template <class Message, class Change>
absl::Status Rewrite(Transaction& db, const std::string& table, const std::string& where,
                     const Change& change, const std::string& column = "body") {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT " + column + " FROM " + table + " WHERE " + where, {}));
  if (!row) return absl::NotFoundError(table + " WHERE " + where);
  Message message;
  if (!message.ParseFromString(row->Bytes(0))) return absl::InternalError(table);
  change(message);
  return db
      .Execute("UPDATE " + table + " SET " + column + " = $1 WHERE " + where,
               {storage::Blob{message.SerializeAsString()}})
      .status();
}

class EditedRecords : public RecordedAgreement {
 protected:
  void SetUp() override {
    RecordedAgreement::SetUp();
    if (IsSkipped()) return;
    ASSERT_EQ(Run({"log", "checkpoint", "-o", "jsonpath=.verifier"}), cli::kDone) << err_;
    std::ofstream(folder_ / "log.pub") << out_;
    Await("entries of all records", [&] { return Verify() == cli::kDone; });
  }
  cli::ExitCode Verify() { return Run({"log", "verify", "--key", folder_ / "log.pub"}); }

  using Changes = std::vector<std::function<absl::Status(Transaction&)>>;
  // Changes the database of a service while nobody serves.
  void Change(const std::string& service, const Changes& changes) {
    server_.reset();
    {
      const auto database = storage::Open(AddressOf(service));
      ASSERT_THAT(database, IsOk());
      EXPECT_THAT((*database)->Write([&](Transaction& db) -> absl::Status {
        for (const auto& change : changes) RETURN_IF_ERROR(change(db));
        return absl::OkStatus();
      }),
                  IsOk());
    }
    Open();
    WriteContext();
  }
  static std::function<absl::Status(Transaction&)> Sql(const std::string& statement) {
    return [statement](Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const int64_t rows, db.Execute(statement, {}));
      return rows == 1 ? absl::OkStatus() : absl::NotFoundError(statement);
    };
  }
  // "kind = 'opinions' AND number = 2" of the routing.
  std::string RecordNumber(const std::string& kind, int number) const {
    return "kind = '" + kind + "' AND number = " + std::to_string(number);
  }
  std::string NameOf(const std::string& kind, int number) {
    if (kind == "opinions") {
      review::v1::ListOpinionsRequest list;
      list.set_parent(routing_);
      return Must<review::v1::ListOpinionsResponse>(kCdo, "", list).opinions(number - 1).name();
    }
    review::v1::ListSignaturesRequest list;
    list.set_parent(routing_);
    return Must<review::v1::ListSignaturesResponse>(kCdo, "", list).signatures(number - 1).name();
  }
};

TEST_P(EditedRecords, OfReviewAreNamed) {
  using review::v1::Opinion;
  using review::v1::Signature;
  const std::string turned = NameOf("opinions", 1), deleted = NameOf("opinions", 2),
                    moved = NameOf("opinions", 3), renamed = NameOf("signatures", 3),
                    retimed = NameOf("signatures", 2), removed = NameOf("signatures", 4);
  Change("review",
         {[&](Transaction& db) {
            return Rewrite<Opinion>(db, "records", RecordNumber("opinions", 1), [](Opinion& opinion) {
              opinion.set_position(review::v1::POSITION_SUPPORTS);
            });
          },
          Sql("DELETE FROM records WHERE " + RecordNumber("opinions", 2)),
          [&](Transaction& db) {
            return Rewrite<Opinion>(db, "records", RecordNumber("opinions", 3),
                                    [](Opinion& opinion) { opinion.set_freeze_number(7); });
          },
          [&](Transaction& db) {
            return Rewrite<Opinion>(db, "opinion_versions", "number = 1",
                                    [](Opinion& opinion) { opinion.set_text("it was fine"); });
          },
          [&](Transaction& db) {
            return Rewrite<Signature>(db, "records", RecordNumber("signatures", 1), [](Signature& signature) {
              signature.clear_jws();
              signature.clear_public_key();
            });
          },
          [&](Transaction& db) {
            return Rewrite<Signature>(db, "records", RecordNumber("signatures", 2), [](Signature& signature) {
              signature.mutable_sign_time()->set_seconds(1);
            });
          },
          [&](Transaction& db) {
            return Rewrite<Signature>(db, "records", RecordNumber("signatures", 3), [](Signature& signature) {
              signature.set_person_name("Somebody Else");
              signature.set_entity(kY);
            });
          },
          Sql("DELETE FROM records WHERE " + RecordNumber("signatures", 4))});
  EXPECT_EQ(Verify(), cli::kNotProved);
  EXPECT_THAT(
      out_, AllOf(HasSubstr("edited: " + turned + " recordDigest differs"), HasSubstr("deleted: " + deleted),
                  HasSubstr("edited: " + moved + " freezeNumber, recordDigest differs"),
                  HasSubstr("edited: " + opinion_ + " recordDigest differs"),
                  HasSubstr("edited: " + signature_ + " publicKey, recordDigest differs"),
                  HasSubstr("edited: " + retimed + " recordDigest differs"),
                  HasSubstr("edited: " + renamed + " entity, recordDigest differs"),
                  HasSubstr("deleted: " + removed)));
}

TEST_P(EditedRecords, OfOtherServicesAreNamed) {
  const std::string revision = BucpAs(kX).frozen_revision();
  const std::string notice = ids::kNotices.IdIn(notice_);
  Change("drafting",
         {[&](Transaction& db) {
            return Rewrite<drafting::v1::Content>(
                db, "revisions", "number = " + ids::kRevisions.IdIn(revision),
                [](drafting::v1::Content& content) { content.add_recipients("entities/somebody-else"); },
                "content");
          },
          [&](Transaction& db) {
            return Rewrite<drafting::v1::Bucp>(
                db, "bucps", "id = '" + ids::kBucps.IdIn(bucp_) + "'",
                [](drafting::v1::Bucp& bucp) { bucp.mutable_execute_time()->set_seconds(1); });
          }});
  Change("dispute", {Sql("UPDATE disputes SET objection = 'none' WHERE name = '" + dispute_ + "'")});
  Change("inventory",
         {[&](Transaction& db) {
            return Rewrite<inv::Notice>(db, "notices", "id = '" + notice + "'", [](inv::Notice& given) {
              for (auto& recipient : *given.mutable_recipients()) recipient.clear_acknowledge_time();
            });
          },
          [&](Transaction& db) {
            return Rewrite<inv::Duty>(db, "duties", "name = '" + duty_ + "'",
                                      [](inv::Duty& duty) { duty.set_note("nothing was sent"); });
          },
          [&](Transaction& db) {
            return Rewrite<inv::Transfer>(db, "transfers", "id = '" + ids::kTransfers.IdIn(transfer_) + "'",
                                          [](inv::Transfer& transfer) { transfer.set_record_count(13); });
          },
          [&](Transaction& db) {
            return Rewrite<inv::ReviewDate>(
                db, "review_dates", "filing = '" + ids::kFilings.IdIn(filing_) + "'",
                [](inv::ReviewDate& review) { review.mutable_review_date()->set_year(2100); });
          }});
  Change("registry",
         {Sql("UPDATE accessions SET signed_by = 'somebody else' WHERE entity = '" + std::string(kX) + "'"),
          Sql("DELETE FROM accessions WHERE entity = '" + std::string(kY) + "'"),
          Sql("UPDATE contacts SET public_key = '' WHERE name = '" + std::string(kX) +
              "/contacts/cdss-sponsor'"),
          Sql("UPDATE contacts SET public_key = 'another' WHERE name = '" + std::string(kY) +
              "/contacts/dhcs-sponsor'")});
  EXPECT_EQ(Verify(), cli::kNotProved);
  EXPECT_THAT(out_, AllOf(HasSubstr("edited: " + revision + ": its content does not have its digest"),
                          HasSubstr("edited: " + bucp_ + " recordDigest differs"),
                          HasSubstr("edited: " + dispute_ + " recordDigest differs"),
                          HasSubstr("edited: " + notice_ + " recordDigest differs"),
                          HasSubstr("edited: " + duty_ + " recordDigest differs"),
                          HasSubstr("edited: " + transfer_ + " recordDigest differs"),
                          HasSubstr("edited: " + filing_ + " recordDigest differs"),
                          HasSubstr("deleted: " + std::string(kY) + "/accessions/"),
                          HasSubstr("edited: " + std::string(kX) + "/accessions/"),
                          HasSubstr("edited: " + std::string(kY) + "/contacts/dhcs-sponsor publicKey")));
  EXPECT_THAT(out_, Not(HasSubstr("opinions     FAILED")));
}

// A department compares the records of its own agreements.
TEST_P(EditedRecords, AreNamedToAParty) {
  const auto verify = [this](const std::string& as) {
    return Run({"--as", as, "log", "verify", "--own", "--key", folder_ / "log.pub"});
  };
  EXPECT_EQ(verify("x"), cli::kDone) << out_ << err_;
  Change("review", {Sql("DELETE FROM records WHERE " + RecordNumber("signatures", 2))});
  EXPECT_EQ(verify("x"), cli::kNotProved);
  EXPECT_THAT(out_, HasSubstr("deleted: " + routing_ + "/signatures/"));
}

INSTANTIATE_TEST_SUITE_P(Every, EditedRecords, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::story
