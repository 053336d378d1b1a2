#include "services/drafting/bucp/bucp_store.h"

#include <cstdlib>
#include <map>
#include <set>

#include "common/digest/digest.h"
#include "common/ids/ids.h"
#include "common/listing/source.h"
#include "common/listing/word_index.h"
#include "common/listing/words.h"
#include "common/status/status.h"
#include "services/drafting/bucp/bucp_access.h"
#include "services/drafting/content/content_parties.h"

namespace idea::drafting {
namespace {

using listing::Kind;
using status::Error;
using status::Reason;
using storage::Blob;

constexpr size_t kMaxWords = 300;

#define OF_PARTY "EXISTS (SELECT 1 FROM bucp_list p WHERE p.entity = ? AND p.bucp = bucp_list.bucp"
// Of one entity; `all`: of those who see all, for whom a party's own rows are the list of that party.
listing::Spec ListOf(bool all) {
  const std::string_view whose = all ? "entity = ?" : "";
  return {{{"state", "state", Kind::kEnum, v1::State_descriptor(), "", "", "created", true},
           {"disputed", "disputed", Kind::kFlag, nullptr, "", "", "created", true},
           {"title", "title", Kind::kName},
           {"text", "", Kind::kWords},
           {"role", "(roles & ?) <> 0", Kind::kTest, v1::PartyRole_descriptor()},
           {"party", OF_PARTY " AND p.roles <> 4)", Kind::kTest, nullptr, whose, "roles <> 4"},
           {"recipient", OF_PARTY " AND p.roles IN (1, 3))", Kind::kTest, nullptr, whose, "roles IN (1, 3)"},
           {"provider", OF_PARTY " AND p.roles IN (2, 3))", Kind::kTest, nullptr, whose, "roles IN (2, 3)"},
           {"create_time", "created", Kind::kTime},
           {"update_time", "updated", Kind::kTime}},
          "created",
          false,
          "bucp",
          true,
          {{"create_time", "created"}, {"update_time", "updated"}, {"title", "title", true}},
          all ? "entity = ''" : ""};
}
#undef OF_PARTY

const listing::Spec& BucpList(bool all) {
  static const listing::Spec own = ListOf(false), every = ListOf(true);
  return all ? every : own;
}

const listing::Spec& RevisionList() {
  static const listing::Spec spec = {{}, "number", false, "bucp", true};
  return spec;
}

absl::Status NotFound(const std::string& name) {
  return Error(Reason::ERROR_REASON_NOT_FOUND, "there is no " + name + ", or you are no party to it");
}

int64_t VersionOf(const v1::Bucp& bucp) { return std::strtoll(bucp.etag().c_str(), nullptr, 10); }

// The message as the body column keeps it.
Blob BodyOf(const v1::Bucp& bucp) {
  v1::Bucp body = bucp;
  body.clear_content();
  return {body.SerializeAsString()};
}

// What the text filter looks into.
std::set<std::string> WordsOf(const v1::Bucp& bucp) {
  const v1::BusinessCase& business = bucp.content().business_case();
  std::set<std::string> words;
  listing::AddWords(bucp.title(), kMaxWords, words);
  for (const std::string& category : business.data_categories().categories())
    listing::AddWords(category, kMaxWords, words);
  listing::AddWords(business.use_case_description().purpose(), kMaxWords, words);
  return words;
}

// A draft that was neither sent nor shared is not in the lists of the other side.
bool IsHiddenFrom(int64_t roles, const v1::Bucp& bucp) {
  return roles != 0 && (roles & v1::PARTY_ROLE_RECIPIENT) == 0 && !IsShown(bucp);
}

// The rows that lists are made of: for each party, for the education agency that signs, and for those who see
// all.
absl::Status StoreListRows(storage::Transaction& db, const std::string& id, const v1::Bucp& bucp) {
  std::map<std::string, int64_t> roles = {{"", 0}};
  for (const std::string& entity : bucp.content().recipients()) roles[entity] |= v1::PARTY_ROLE_RECIPIENT;
  for (const std::string& entity : bucp.content().providers()) roles[entity] |= v1::PARTY_ROLE_PROVIDER;
  if (const std::string agency = SigningAgencyOf(bucp.content()); !agency.empty())
    roles[agency] = v1::PARTY_ROLE_SIGNER;
  ASSIGN_OR_RETURN(const storage::Rows stored,
                   db.Query("SELECT entity FROM bucp_list WHERE bucp = $1", {id}));
  for (const storage::Row& row : stored) {
    if (roles.contains(row.Text(0))) continue;
    RETURN_IF_ERROR(
        db.ExecuteDeferred("DELETE FROM bucp_list WHERE entity = $1 AND bucp = $2", {row.Text(0), id}));
  }
  for (const auto& [entity, role] : roles) {
    RETURN_IF_ERROR(db.ExecuteDeferred(
        "INSERT INTO bucp_list (entity, bucp, roles, state, disputed, created, updated, title, hidden) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (entity, bucp) DO UPDATE SET "
        "roles = excluded.roles, state = excluded.state, disputed = excluded.disputed, "
        "updated = excluded.updated, title = excluded.title, hidden = excluded.hidden",
        {entity, id, role, int64_t{bucp.state()}, int64_t{bucp.disputed()},
         clock::FromProto(bucp.create_time()), clock::FromProto(bucp.update_time()), bucp.title(),
         int64_t{IsHiddenFrom(role, bucp)}}));
  }
  return listing::StoreWords(db, "bucp", id, WordsOf(bucp));
}

absl::Status ChangedMeanwhile(const v1::Bucp& bucp) {
  return Error(Reason::ERROR_REASON_CONCURRENT_CHANGE, bucp.name() + " was changed at the same moment");
}

// One amendment of an agreement is open: while it is, its row is there.
absl::Status KeepPlace(storage::Transaction& db, const v1::Bucp& amendment) {
  const storage::Args place = {amendment.amends(), amendment.name()};
  if (!IsOpen(amendment.state()))
    return db.ExecuteDeferred("DELETE FROM open_amendments WHERE amended = $1 AND amendment = $2", place);
  return db.ExecuteDeferred(
      "INSERT INTO open_amendments (amended, amendment) VALUES ($1, $2) ON CONFLICT (amended) DO NOTHING",
      place);
}

}  // namespace

bool IsOpen(v1::State state) {
  return state == v1::STATE_DRAFT || state == v1::STATE_SENT || state == v1::STATE_IN_REVIEW ||
         state == v1::STATE_SIGNING || state == v1::STATE_DISPUTED;
}

absl::Status InsertBucp(storage::Transaction& db, v1::Bucp& bucp) {
  bucp.set_etag("1");
  const std::string id = ids::Segment(bucp.name(), 1);
  RETURN_IF_ERROR(db.ExecuteDeferred(
      "INSERT INTO bucps (id, state, version, title, disputed, created, body, content) "
      "VALUES ($1, $2, 1, $3, $4, $5, $6, $7)",
      {id, int64_t{bucp.state()}, bucp.title(), int64_t{bucp.disputed()},
       clock::FromProto(bucp.create_time()), BodyOf(bucp), Blob{bucp.content().SerializeAsString()}}));
  if (!bucp.amends().empty()) {
    // Another amendment was started just now: this call begins again, and finds it.
    RETURN_IF_ERROR(db.ExecuteDeferred(
        "INSERT INTO open_amendments (amended, amendment) VALUES ($1, $2)", {bucp.amends(), bucp.name()},
        storage::FailIfExists(absl::AbortedError("an amendment was started meanwhile"))));
  }
  return StoreListRows(db, id, bucp);
}

absl::StatusOr<v1::Bucp> FindBucp(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT body, content FROM bucps WHERE id = $1", {ids::Segment(name, 1)}));
  if (!row) return NotFound(name);
  v1::Bucp bucp;
  if (!bucp.ParseFromString(row->Bytes(0)) || !bucp.mutable_content()->ParseFromString(row->Bytes(1))) {
    return absl::DataLossError(name + " does not parse");
  }
  return bucp;
}

absl::Status SaveBucp(storage::Transaction& db, v1::State from, v1::Bucp& bucp) {
  const int64_t version = VersionOf(bucp);
  const std::string id = ids::Segment(bucp.name(), 1);
  bucp.set_etag(std::to_string(version + 1));
  RETURN_IF_ERROR(
      db.ExecuteDeferred("UPDATE bucps SET state = $1, version = $2, title = $3, disputed = $4, body = $5, "
                         "content = $6 WHERE id = $7 AND state = $8 AND version = $9",
                         {int64_t{bucp.state()}, version + 1, bucp.title(), int64_t{bucp.disputed()},
                          BodyOf(bucp), Blob{bucp.content().SerializeAsString()}, id, int64_t{from}, version},
                         storage::FailIfNoRows(ChangedMeanwhile(bucp))));
  if (!bucp.amends().empty()) RETURN_IF_ERROR(KeepPlace(db, bucp));
  return StoreListRows(db, id, bucp);
}

absl::Status HoldUnchanged(storage::Transaction& db, const v1::Bucp& bucp) {
  return db.ExecuteDeferred(
      "UPDATE bucps SET version = version WHERE id = $1 AND state = $2 AND version = $3",
      {ids::Segment(bucp.name(), 1), int64_t{bucp.state()}, VersionOf(bucp)},
      storage::FailIfNoRows(ChangedMeanwhile(bucp)));
}

absl::StatusOr<std::string> FindOpenAmendment(storage::Transaction& db, const std::string& amended) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT amendment FROM open_amendments WHERE amended = $1", {amended}));
  return row ? row->Text(0) : std::string();
}

absl::StatusOr<v1::ListBucpsResponse> ListBucps(storage::Transaction& db, const v1::ListBucpsRequest& request,
                                                const std::string& entity) {
  const bool all = entity.empty();
  ASSIGN_OR_RETURN(listing::Page page,
                   all ? listing::Plan(BucpList(all), request, "", {})
                       : listing::Plan(BucpList(all), request, "entity = $1 AND hidden = 0", {entity}));
  ASSIGN_OR_RETURN(const std::string from, listing::Source(db, "bucp", &page));
  // The page first, from one index; then its bodies.
  const std::string& order = page.order_column;
  ASSIGN_OR_RETURN(
      storage::Rows rows,
      db.Query("SELECT k." + order + ", k.bucp, b.body FROM (SELECT " + order + ", bucp FROM " + from +
                   " WHERE " + page.where + page.tail + ") k JOIN bucps b ON b.id = k.bucp ORDER BY k." +
                   order + page.direction + ", k.bucp" + page.direction,
               page.args));
  v1::ListBucpsResponse response;
  response.set_next_page_token(page.Finish(rows, 0, 1));
  for (const storage::Row& row : rows) {
    if (!response.add_bucps()->ParseFromString(row.Bytes(2))) {
      return absl::DataLossError("bucps/" + row.Text(1) + " does not parse");
    }
  }
  return response;
}

absl::Status InsertRevision(storage::Transaction& db, const v1::Bucp& bucp, const auth::Caller& author,
                            clock::Micros now) {
  storage::Value on_behalf;
  if (author.on_behalf) on_behalf = Blob{author.on_behalf->SerializeAsString()};
  const absl::Status added =
      db.Execute(
            "INSERT INTO revisions (bucp, number, digest, author, person, created, content, on_behalf) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            {ids::Segment(bucp.name(), 1), int64_t{bucp.revision()}, digest::Digest(bucp.content()),
             author.entity, author.person, now, Blob{bucp.content().SerializeAsString()}, on_behalf})
          .status();
  // Another edit took the number just now: this one begins again, behind it.
  if (absl::IsAlreadyExists(added)) return absl::AbortedError("the revision was saved meanwhile");
  return added;
}

absl::StatusOr<v1::Revision> FindRevision(storage::Transaction& db, const std::string& name) {
  const int64_t number = std::strtoll(ids::Segment(name, 3).c_str(), nullptr, 10);
  // "01" is no name of revision 1.
  if (std::to_string(number) != ids::Segment(name, 3)) return NotFound(name);
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT digest, author, person, created, content, on_behalf FROM revisions "
                               "WHERE bucp = $1 AND number = $2",
                               {ids::Segment(name, 1), number}));
  if (!row) return NotFound(name);
  v1::Revision revision;
  revision.set_name(name);
  revision.set_digest(row->Text(0));
  revision.set_author(row->Text(1));
  revision.set_person(row->Text(2));
  *revision.mutable_create_time() = clock::ToProto(row->Int(3));
  if (!revision.mutable_content()->ParseFromString(row->Bytes(4)))
    return absl::DataLossError(name + " does not parse");
  if (!row->IsNull(5)) revision.mutable_on_behalf()->ParseFromString(row->Bytes(5));
  return revision;
}

absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(storage::Transaction& db,
                                                        const v1::ListRevisionsRequest& request,
                                                        int64_t first) {
  ASSIGN_OR_RETURN(const listing::Page page,
                   listing::Plan(RevisionList(), request, "bucp = $1 AND number >= $2",
                                 {ids::Segment(request.parent(), 1), first}));
  ASSIGN_OR_RETURN(
      storage::Rows rows,
      db.Query("SELECT number, bucp, digest, author, person, created, on_behalf FROM revisions WHERE " +
                   page.where + page.tail,
               page.args));
  v1::ListRevisionsResponse response;
  response.set_next_page_token(page.Finish(rows, 0, 1));
  for (const storage::Row& row : rows) {
    v1::Revision& revision = *response.add_revisions();
    revision.set_name(request.parent() + "/revisions/" + std::to_string(row.Int(0)));
    revision.set_digest(row.Text(2));
    revision.set_author(row.Text(3));
    revision.set_person(row.Text(4));
    *revision.mutable_create_time() = clock::ToProto(row.Int(5));
    if (!row.IsNull(6)) revision.mutable_on_behalf()->ParseFromString(row.Bytes(6));
  }
  return response;
}

}  // namespace idea::drafting
