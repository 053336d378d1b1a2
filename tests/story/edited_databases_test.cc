// `ideactl log verify` names the record of every edit that an intruder makes in the databases of the
// services.
#include <fstream>
#include <functional>
#include <iterator>

#include "idea/inventory/v1/evidence.pb.h"
#include "services/cli/context/state_file.h"
#include "tests/services/inventory/log/second_verifier.h"
#include "tests/story/recorded_agreement.h"

namespace idea::story {
namespace {

using ::testing::HasSubstr;

// An edit of one table.
struct DatabaseEdit {
  std::string what;
  std::string service, table, where;
  // The column that changes. Empty if rows are deleted or inserted.
  std::string column;
  std::function<absl::Status(storage::Transaction&)> change;
  // What `log verify` names.
  std::string record;
};

class EditedDatabases : public RecordedAgreement {
 protected:
  void SetUp() override {
    RecordedAgreement::SetUp();
    if (IsSkipped()) return;
    ASSERT_EQ(Run({"log", "checkpoint", "-o", "jsonpath=.verifier"}), cli::kDone) << err_;
    std::ofstream(folder_ / "log.pub") << out_ << "\n";
    Await("an entry for each record", [&] { return Verify() == cli::kDone; });
  }
  cli::ExitCode Verify() {
    return Run({"log", "verify", "--key", folder_ / "log.pub", "--earlier", folder_ / "checkpoint"});
  }

  static storage::Body Statement(const std::string& sql, const storage::Args& args = {}) {
    return [sql, args](storage::Transaction& db) { return db.Execute(sql, args).status(); };
  }
  // Sets a column to an SQL expression.
  static DatabaseEdit Set(const std::string& what, const std::string& service, const std::string& table,
                          const std::string& where, const std::string& column, const std::string& value,
                          const std::string& record) {
    return {what,   service,
            table,  where,
            column, Statement("UPDATE " + table + " SET " + column + " = " + value + " WHERE " + where),
            record};
  }
  static DatabaseEdit Delete(const std::string& what, const std::string& service, const std::string& table,
                             const std::string& where, const std::string& record) {
    return {what, service, table, where, "", Statement("DELETE FROM " + table + " WHERE " + where), record};
  }
  // Changes the message in a column.
  template <class Message, class Change>
  static DatabaseEdit Rewrite(const std::string& what, const std::string& service, const std::string& table,
                              const std::string& where, const Change& change, const std::string& record,
                              const std::string& column = "body") {
    const auto rewrite = [=](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const auto row,
                       db.QueryOne("SELECT " + column + " FROM " + table + " WHERE " + where, {}));
      if (!row) return absl::NotFoundError(where);
      Message message;
      if (!message.ParseFromString(row->Bytes(0))) return absl::DataLossError(where);
      change(message);
      return db
          .Execute("UPDATE " + table + " SET " + column + " = $1 WHERE " + where,
                   {storage::Blob{message.SerializeAsString()}})
          .status();
    };
    return {what, service, table, where, column, rewrite, record};
  }
  // Adds a row with another message under another id.
  template <class Message, class Change>
  static DatabaseEdit Forge(const std::string& what, const std::string& service, const std::string& table,
                            const std::string& columns, const std::string& values, const std::string& where,
                            const std::string& original, const Change& change, const std::string& record) {
    const auto insert = [=](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT body FROM " + table + " WHERE " + original, {}));
      if (!row) return absl::NotFoundError(original);
      Message message;
      message.ParseFromString(row->Bytes(0));
      change(message);
      return db
          .Execute("INSERT INTO " + table + " (" + columns + ", body) SELECT " + values + ", $1 FROM " +
                       table + " WHERE " + original,
                   {storage::Blob{message.SerializeAsString()}})
          .status();
    };
    return {what, service, table, where, "", insert, record};
  }

  // Makes the edit while the services run, checks what follows, and takes it back.
  void Try(const DatabaseEdit& edit, const std::function<void()>& check) {
    SCOPED_TRACE(edit.what);
    const auto database = storage::Open(AddressOf(edit.service));
    ASSERT_THAT(database, IsOk());
    const std::string rows = " FROM " + edit.table + " WHERE " + edit.where;
    ASSERT_THAT((*database)->Write([&](storage::Transaction& db) -> absl::Status {
      RETURN_IF_ERROR(db.Execute("CREATE TABLE before_the_edit AS SELECT *" + rows, {}).status());
      return edit.change(db);
    }),
                IsOk());
    check();
    ASSERT_THAT((*database)->Write([&](storage::Transaction& db) -> absl::Status {
      if (edit.column.empty()) {
        RETURN_IF_ERROR(db.Execute("DELETE" + rows, {}).status());
        RETURN_IF_ERROR(
            db.Execute("INSERT INTO " + edit.table + " SELECT * FROM before_the_edit", {}).status());
      } else {
        RETURN_IF_ERROR(db.Execute("UPDATE " + edit.table + " SET " + edit.column + " = (SELECT " +
                                       edit.column + " FROM before_the_edit) WHERE " + edit.where,
                                   {})
                            .status());
      }
      return db.Execute("DROP TABLE before_the_edit", {}).status();
    }),
                IsOk());
  }

  static std::string Is(const std::string& column, const std::string& value) {
    return column + " = '" + value + "'";
  }
  static std::string LastOf(const std::string& name) { return name.substr(name.rfind('/') + 1); }

  std::vector<DatabaseEdit> EditsOfReview() {
    using review::v1::Opinion, review::v1::Signature;
    const std::string opinion = Is("id", LastOf(opinion_)), signature = Is("id", LastOf(signature_));
    const auto opinions = [&](const std::string& what, const std::function<void(Opinion&)>& change) {
      return Rewrite<Opinion>(what, "review", "records", opinion, change, opinion_);
    };
    const auto signatures = [&](const std::string& what, const std::function<void(Signature&)>& change) {
      return Rewrite<Signature>(what, "review", "records", signature, change, signature_);
    };
    const std::string version = Is("opinion", LastOf(opinion_)) + " AND number = 1";
    return {
        opinions("an opinion is turned round",
                 [](auto& it) { it.set_position(review::v1::POSITION_OPPOSES); }),
        opinions("the text of an opinion", [](auto& it) { it.set_text("no concern at all"); }),
        opinions("the person of an opinion", [](auto& it) { it.set_person("somebody"); }),
        opinions("the name of the person", [](auto& it) { it.set_person_name("Mx. Other"); }),
        opinions("the office of the person", [](auto& it) { it.set_person_title("Director"); }),
        opinions("the time of an opinion", [](auto& it) { it.mutable_create_time()->set_seconds(1); }),
        opinions("the time of an amendment", [](auto& it) { it.clear_amend_time(); }),
        opinions("the revision that was reviewed", [](auto& it) { it.set_digest(std::string(64, 'b')); }),
        opinions("the department of an opinion", [](auto& it) { it.set_entity(kX); }),
        opinions("a concern is no longer reconciled",
                 [](auto& it) { it.mutable_concerns(0)->set_state(review::v1::CONCERN_STATE_OPEN); }),
        opinions("a concern is removed", [](auto& it) { it.clear_concerns(); }),
        opinions("an opinion given for somebody else",
                 [](auto& it) { it.mutable_on_behalf()->set_principal_name("Mx. Other"); }),
        opinions("an opinion that was refused", [](auto& it) { it.set_refused(true); }),
        Delete("an opinion is deleted", "review", "records", opinion, opinion_),
        Forge<Opinion>(
            "an opinion is added", "review", "records", "routing, kind, number, id, entity, what, person",
            "routing, kind, 77, 'forged', entity, 77, person", "number = 77", opinion,
            [&](Opinion& it) { it.set_name(routing_ + "/opinions/forged"); }, "opinions/forged"),
        Rewrite<Opinion>(
            "an earlier version of an opinion", "review", "opinion_versions", version,
            [](Opinion& it) { it.set_text("nothing"); }, opinion_),
        Delete("an earlier version is deleted", "review", "opinion_versions", version, opinion_),
        signatures("another signer's name", [](auto& it) { it.set_person_name("Mx. Other"); }),
        signatures("another signer", [](auto& it) { it.set_person("somebody"); }),
        signatures("a moved signing time", [](auto& it) { it.mutable_sign_time()->set_seconds(1); }),
        signatures("another capacity",
                   [](auto& it) { it.set_capacity(review::v1::CAPACITY_DATA_COORDINATOR); }),
        signatures("a JWS is removed",
                   [](auto& it) {
                     it.clear_jws();
                     it.clear_public_key();
                   }),
        signatures("a JWS is replaced with the key beside it",
                   [this](auto& it) {
                     issuer_.AddEcKey("other");
                     it.set_public_key(issuer_.PublicKey("other"));
                     it.set_jws("e30..AA");
                   }),
        signatures("another contact", [](auto& it) { it.set_contact(std::string(kX) + "/contacts/p"); }),
        signatures("a signature given for somebody else",
                   [](auto& it) { it.mutable_on_behalf()->set_principal_name("Mx. Other"); }),
        Delete("a signature is deleted", "review", "records", signature, signature_),
        Forge<Signature>(
            "a signature is added", "review", "records", "routing, kind, number, id, entity, what, person",
            "routing, kind, 78, 'forged', entity, 78, person", "number = 78", signature,
            [&](Signature& it) { it.set_name(routing_ + "/signatures/forged"); }, "signatures/forged"),
    };
  }

  std::vector<DatabaseEdit> EditsOfDraftingAndDispute() {
    const std::string bucp = Is("id", LastOf(bucp_)), dispute = Is("name", dispute_);
    const std::string of_bucp = Is("bucp", LastOf(bucp_)), of_dispute = Is("dispute", dispute_);
    const auto bucps = [&](const std::string& what, const std::function<void(drafting::v1::Bucp&)>& change) {
      return Rewrite<drafting::v1::Bucp>(what, "drafting", "bucps", bucp, change, bucp_);
    };
    return {
        Set("the author of a revision", "drafting", "revisions", of_bucp, "author",
            "'" + std::string(kY) + "'", bucp_ + "/revisions/1"),
        Set("the person who saved it", "drafting", "revisions", of_bucp, "person", "'somebody'",
            bucp_ + "/revisions/1"),
        Set("the time of a revision", "drafting", "revisions", of_bucp, "created", "created + 1000000",
            bucp_ + "/revisions/1"),
        Set("the digest of a revision", "drafting", "revisions", of_bucp, "digest",
            "'" + std::string(64, 'b') + "'", bucp_ + "/revisions/1"),
        Delete("a revision is deleted", "drafting", "revisions", of_bucp, bucp_ + "/revisions/1"),
        bucps("the time of the execution", [](auto& it) { it.mutable_execute_time()->set_seconds(1); }),
        bucps("the number of the freeze", [](auto& it) { it.set_freeze_number(2); }),
        bucps("the executed digest", [](auto& it) { it.set_frozen_digest(std::string(64, 'b')); }),
        Set("the objection of a dispute", "dispute", "disputes", dispute, "objection", "'none'", dispute_),
        Set("who opened a dispute", "dispute", "disputes", dispute, "opened_by", "'" + std::string(kX) + "'",
            dispute_),
        Set("the outcome of a dispute", "dispute", "disputes", dispute, "outcome", "'settled'", dispute_),
        Set("a step of a dispute", "dispute", "dispute_steps", of_dispute + " AND method = 'WithdrawDispute'",
            "text", "'forced'", dispute_),
        Delete("a step of a dispute is deleted", "dispute", "dispute_steps",
               of_dispute + " AND method = 'WithdrawDispute'", dispute_),
        Set("the intended use of de-identified data", "dispute", "deidentifications", Is("name", review_),
            "intended_use", "'marketing'", review_),
        Set("an answer about de-identified data", "dispute", "deidentification_answers",
            Is("deidentification", review_), "text", "'none'", review_),
        Delete("an answer is deleted", "dispute", "deidentification_answers", Is("deidentification", review_),
               review_),
        Set("who submitted de-identified data", "dispute", "deidentifications", Is("name", review_),
            "submitted_by", "'" + std::string(kY) + "'", review_),
    };
  }

  std::vector<DatabaseEdit> EditsOfInventory() {
    const std::string notice = Is("id", LastOf(notice_)), duty = Is("name", duty_);
    const std::string transfer = Is("id", LastOf(transfer_)), filing = Is("filing", LastOf(filing_));
    const auto acknowledged = [](inv::Notice& it) -> inv::NoticeRecipient& {
      for (auto& each : *it.mutable_recipients()) {
        if (each.has_acknowledge_time()) return each;
      }
      throw std::runtime_error("not acknowledged");
    };
    const auto notices = [&](const std::string& what, const std::function<void(inv::Notice&)>& change) {
      return Rewrite<inv::Notice>(what, "inventory", "notices", notice, change, notice_);
    };
    const auto duties = [&](const std::string& what, const std::function<void(inv::Duty&)>& change) {
      return Rewrite<inv::Duty>(what, "inventory", "duties", duty, change, duty_);
    };
    const auto filings = [&](const std::string& what, const std::function<void(inv::Filing&)>& change) {
      return Rewrite<inv::Filing>(what, "inventory", "filings", Is("id", LastOf(filing_)), change, filing_);
    };
    const std::string open = Is("notice", open_notice_);
    return {
        notices("an acknowledgement is removed",
                [=](auto& it) {
                  auto& recipient = acknowledged(it);
                  recipient.clear_acknowledge_time();
                  recipient.clear_person();
                  recipient.clear_person_name();
                }),
        notices("the time of an acknowledgement",
                [=](auto& it) { acknowledged(it).mutable_acknowledge_time()->set_seconds(1); }),
        notices("who acknowledged", [=](auto& it) { acknowledged(it).set_person_name("Mx. Other"); }),
        Rewrite<inv::Notice>(
            "an acknowledgement is added", "inventory", "notices", Is("id", LastOf(open_notice_)),
            [](inv::Notice& it) { it.mutable_recipients(0)->mutable_acknowledge_time()->set_seconds(1); },
            open_notice_),
        notices("the text of a notice", [](auto& it) { it.set_text("nothing happened"); }),
        duties("the note of a duty", [](auto& it) { it.set_note("nothing"); }),
        duties("who did a duty", [](auto& it) { it.set_person_name("Mx. Other"); }),
        Rewrite<inv::Duty>(
            "a duty that is done by hand", "inventory", "duties", open,
            [](inv::Duty& it) {
              it.set_state(inv::DUTY_STATE_DONE);
              it.mutable_complete_time()->set_seconds(1);
            },
            open_notice_ + "/duties/"),
        Delete("a duty is deleted", "inventory", "duties", open, open_notice_ + "/duties/"),
        Rewrite<inv::Transfer>(
            "the size of a transfer", "inventory", "transfers", transfer,
            [](inv::Transfer& it) { it.set_record_count(11); }, transfer_),
        Delete("a transfer is deleted", "inventory", "transfers", transfer, transfer_),
        Rewrite<inv::ReviewDate>(
            "the outcome of a review", "inventory", "review_dates", filing,
            [](inv::ReviewDate& it) { it.mutable_reviews(0)->set_outcome(inv::REVIEW_OUTCOME_END); },
            filing_),
        Rewrite<inv::ReviewDate>(
            "the date of the next review", "inventory", "review_dates", filing,
            [](inv::ReviewDate& it) { it.mutable_review_date()->set_day(3); }, filing_),
        Delete("a review date is deleted", "inventory", "review_dates", filing, filing_),
        filings("the title of a filing", [](auto& it) { it.set_title("Other"); }),
        Rewrite<inv::Terms>(
            "the terms of a filing", "inventory", "filing_terms", filing,
            [](inv::Terms& it) { it.add_data_elements("Name"); }, filing_),
        filings("the id of a receipt", [](auto& it) { it.mutable_receipt()->set_receipt_id("x"); }),
        filings("the time of a receipt",
                [](auto& it) { it.mutable_receipt()->mutable_issue_time()->set_seconds(1); }),
        filings("the digest of a receipt",
                [](auto& it) { it.mutable_receipt()->set_digest(std::string(64, 'b')); }),
        filings("the entry of a receipt",
                [](auto& it) { it.mutable_receipt()->mutable_leaf()->set_leaf_index(0); }),
        filings("a receipt is removed", [](auto& it) { it.clear_receipt(); }),
    };
  }

  std::vector<DatabaseEdit> EditsOfRegistry() {
    const std::string accession = Is("entity", kX);
    const std::string contact = std::string(kX) + "/contacts/cdss-sponsor";
    const auto forge = [](registry::v1::Contact& it) { it.set_public_key("-----BEGIN PUBLIC KEY-----"); };
    return {
        Set("the day of an accession", "registry", "accessions", accession, "sign_date", "'2021-07-01'",
            std::string(kX) + "/accessions/"),
        Set("the evidence of an accession", "registry", "accessions", accession, "evidence", "'none'",
            std::string(kX) + "/accessions/"),
        Set("an entity that withdrew", "registry", "accessions", accession, "withdraw_date", "'2025-07-01'",
            std::string(kX) + "/accessions/"),
        Delete("an accession is deleted", "registry", "accessions", accession,
               std::string(kX) + "/accessions/"),
        Set("the key of a contact", "registry", "contacts", Is("name", contact), "public_key", "'none'",
            contact),
        Rewrite<registry::v1::Contact>("the key in the history of a contact", "registry", "contact_revisions",
                                       Is("contact", contact) + " AND version = 2", forge, contact,
                                       "content"),
        Delete("a revision of a contact is deleted", "registry", "contact_revisions",
               Is("contact", contact) + " AND version = 2", kX),
        Set("who certified", "registry", "certifications", Is("name", certification_), "certified_by",
            "'nobody'", certification_),
        Set("the evidence of a certification", "registry", "certifications", Is("name", certification_),
            "evidence", "'none'", certification_),
        Delete("a certification is deleted", "registry", "certifications", Is("name", certification_),
               certification_),
        Set("the delegate of a delegation", "registry", "delegations", Is("name", delegation_), "delegate",
            "'" + contact + "'", delegation_),
        Set("the end of a delegation", "registry", "delegations", Is("name", delegation_), "end_time",
            "end_time + 1000000", delegation_),
        Delete("a delegation is deleted", "registry", "delegations", Is("name", delegation_), delegation_),
    };
  }
};

TEST_P(EditedDatabases, AreFoundOut) {
  size_t edits = 0;
  for (const auto& of_service :
       {EditsOfReview(), EditsOfDraftingAndDispute(), EditsOfInventory(), EditsOfRegistry()}) {
    for (const DatabaseEdit& edit : of_service) {
      Try(edit, [&] {
        EXPECT_EQ(Verify(), cli::kNotProved) << out_;
        EXPECT_THAT(out_, HasSubstr(edit.record));
      });
    }
    edits += of_service.size();
  }
  EXPECT_GE(edits, 75U);
  EXPECT_EQ(Verify(), cli::kDone) << out_;
}

// A fresh bundle proves the whole history. Of an edited database, it names the record.
TEST_P(EditedDatabases, ShowInAFreshBundle) {
  const std::string bundle = folder_ / "bundle.json";
  const std::string keys = *cli::ReadWhole(folder_ / "log.pub");
  testing::SecondVerifier second;
  const auto verify = [&] {
    EXPECT_EQ(Run({"--as", "x", "filings", "evidence", filing_, "--out", bundle}), cli::kDone) << err_;
    const cli::ExitCode code = Run({"verify", bundle, "--key", folder_ / "log.pub"});
    second.Add(*cli::ReadWhole(bundle), keys, code == cli::kDone);
    return code;
  };
  EXPECT_EQ(verify(), cli::kDone) << out_;
  std::ifstream file(bundle);
  const std::string json(std::istreambuf_iterator<char>(file), {});
  inv::Evidence evidence;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &evidence).ok());
  EXPECT_EQ(evidence.format(), "idea-evidence/2");
  // An earlier version of an opinion, two duties, a review date and a dispute.
  EXPECT_EQ(evidence.records_size(), 5);
  EXPECT_GE(evidence.history_size(), 17);

  for (const DatabaseEdit& edit : EditsOfReview()) {
    Try(edit, [&] { EXPECT_EQ(verify(), cli::kNotProved) << out_; });
  }
  EXPECT_EQ(verify(), cli::kDone) << out_;
  second.ExpectAgreement();
}

// The intruder also lets the services rebuild the log. Only a checkpoint that somebody kept shows it.
TEST_P(EditedDatabases, WithARebuiltLogAreFoundOutByAnEarlierCheckpoint) {
  ASSERT_EQ(Verify(), cli::kDone) << out_;
  Edit("inventory", {"DELETE FROM log_entries", "DELETE FROM log_nodes", "DELETE FROM log_edge",
                     "DELETE FROM log_subjects", "DELETE FROM log_records",
                     "UPDATE events SET caller = NULL, request_id = NULL WHERE type = 'LogEntriesAdded'"});
  for (const char* service : {"registry", "drafting", "review", "dispute", "inventory"})
    Edit(service, {"DELETE FROM cursors WHERE name = 'log'"});
  Await("a rebuilt log", [&] { return LogSize() > 5; });
  EXPECT_EQ(Verify(), cli::kNotProved);
  EXPECT_THAT(out_, ::testing::AnyOf(HasSubstr("rolled back"), HasSubstr("forked")));
}

INSTANTIATE_TEST_SUITE_P(Every, EditedDatabases, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::story
