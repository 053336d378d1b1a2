#include "services/drafting/bucp/bucp_store.h"

#include <cstdlib>
#include <map>
#include <set>

#include "common/digest/digest.h"
#include "common/ids/resource_names.h"
#include "common/listing/source.h"
#include "common/listing/word_index.h"
#include "common/listing/words.h"
#include "common/status/status.h"
#include "services/drafting/content/content_parties.h"

namespace idea::drafting {
namespace {

using listing::Kind;
using status::Error;
using status::Reason;
using storage::Blob;

constexpr size_t kMaxWords = 300;

#define OF_PARTY "EXISTS (SELECT 1 FROM bucp_list p WHERE p.entity = ? AND p.bucp = bucp_list.bucp"
// The list of one entity or, with `all`, of callers that see everything. For these, the rows of a party are
// the list of that party.
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
           {"signer", OF_PARTY " AND p.roles = 4)", Kind::kTest, nullptr, whose, "roles = 4"},
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

int64_t VersionOf(const v1::Bucp& bucp) { return std::strtoll(bucp.etag().c_str(), nullptr, 10); }

// The message as the column `body` stores it: without the content, which is returned to the message.
Blob BodyOf(v1::Bucp& bucp) {
  v1::Content* const content = bucp.release_content();
  Blob body = {bucp.SerializeAsString()};
  bucp.set_allocated_content(content);
  return body;
}

// The words that the filter `text` searches.
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

// Stores the rows of the lists: one for each party, one for the education agency that signs, and one for
// callers that see everything.
absl::Status StoreListRows(storage::Transaction& db, const std::string& id, const v1::Bucp& bucp) {
  std::map<std::string, int64_t> roles = {{"", 0}};
  for (const std::string& entity : bucp.content().recipients()) roles[entity] |= v1::PARTY_ROLE_RECIPIENT;
  for (const std::string& entity : bucp.content().providers()) roles[entity] |= v1::PARTY_ROLE_PROVIDER;
  if (const std::string agency = SigningAgencyOf(bucp.content()); !agency.empty())
    roles[agency] = v1::PARTY_ROLE_SIGNER;
  ASSIGN_OR_RETURN(
      const storage::Rows stored,
      db.Query("SELECT entity, roles, state, disputed, title, hidden FROM bucp_list WHERE bucp = $1", {id}));
  const clock::Micros updated = clock::FromProto(bucp.update_time());
  for (const storage::Row& row : stored) {
    const std::string& entity = row.Text(0);
    const auto role = roles.find(entity);
    if (role == roles.end()) {
      RETURN_IF_ERROR(
          db.ExecuteDeferred("DELETE FROM bucp_list WHERE entity = $1 AND bucp = $2", {entity, id}));
    } else if (row.Int(1) == role->second && row.Int(2) == bucp.state() && row.Int(3) == bucp.disputed() &&
               row.Text(4) == bucp.title() && row.Int(5) == IsHiddenFrom(role->second, bucp)) {
      // Most indexes do not have this column, so that they are not written.
      RETURN_IF_ERROR(db.ExecuteDeferred("UPDATE bucp_list SET updated = $1 WHERE entity = $2 AND bucp = $3",
                                         {updated, entity, id}));
      roles.erase(role);
    }
  }
  for (const auto& [entity, role] : roles) {
    RETURN_IF_ERROR(db.ExecuteDeferred(
        "INSERT INTO bucp_list (entity, bucp, roles, state, disputed, created, updated, title, hidden) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (entity, bucp) DO UPDATE SET "
        "roles = excluded.roles, state = excluded.state, disputed = excluded.disputed, "
        "updated = excluded.updated, title = excluded.title, hidden = excluded.hidden",
        {entity, id, role, int64_t{bucp.state()}, int64_t{bucp.disputed()},
         clock::FromProto(bucp.create_time()), updated, bucp.title(), int64_t{IsHiddenFrom(role, bucp)}}));
  }
  return listing::StoreWords(db, "bucp", id, WordsOf(bucp));
}

absl::Status ConcurrentChange(const v1::Bucp& bucp) {
  return Error(Reason::ERROR_REASON_CONCURRENT_CHANGE, bucp.name() + " was changed at the same moment");
}

// Keeps a row while the amendment is open, so that an agreement has at most one open amendment.
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

bool IsShown(const v1::Bucp& bucp) {
  // A release that did not store the first shown revision showed every revision that it sent.
  if (bucp.first_shown_revision() != 0 || bucp.has_send_time()) return true;
  return bucp.state() != v1::STATE_DRAFT && bucp.state() != v1::STATE_WITHDRAWN &&
         bucp.state() != v1::STATE_NOT_APPROVED;
}

absl::Status InsertBucp(storage::Transaction& db, v1::Bucp& bucp) {
  bucp.set_etag("1");
  const std::string id = ids::kBucps.IdIn(bucp.name());
  RETURN_IF_ERROR(db.ExecuteDeferred(
      "INSERT INTO bucps (id, state, version, title, disputed, created, body, content) "
      "VALUES ($1, $2, 1, $3, $4, $5, $6, $7)",
      {id, int64_t{bucp.state()}, bucp.title(), int64_t{bucp.disputed()},
       clock::FromProto(bucp.create_time()), BodyOf(bucp), Blob{bucp.content().SerializeAsString()}}));
  if (!bucp.amends().empty()) {
    // Another amendment was started at the same moment. The call is retried and then finds it.
    RETURN_IF_ERROR(db.ExecuteDeferred(
        "INSERT INTO open_amendments (amended, amendment) VALUES ($1, $2)", {bucp.amends(), bucp.name()},
        storage::FailIfExists(absl::AbortedError("another amendment was started at the same moment"))));
  }
  return StoreListRows(db, id, bucp);
}

absl::StatusOr<v1::Bucp> FindBucp(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT body, content FROM bucps WHERE id = $1", {ids::kBucps.IdIn(name)}));
  if (!row) return status::NotFoundOrHidden(name);
  v1::Bucp bucp;
  if (!bucp.ParseFromString(row->Bytes(0)) || !bucp.mutable_content()->ParseFromString(row->Bytes(1))) {
    return absl::DataLossError(name + " does not parse");
  }
  return bucp;
}

absl::Status SaveBucp(storage::Transaction& db, v1::State from, v1::Bucp& bucp) {
  const int64_t version = VersionOf(bucp);
  const std::string id = ids::kBucps.IdIn(bucp.name());
  bucp.set_etag(std::to_string(version + 1));
  RETURN_IF_ERROR(
      db.ExecuteDeferred("UPDATE bucps SET state = $1, version = $2, title = $3, disputed = $4, body = $5, "
                         "content = $6 WHERE id = $7 AND state = $8 AND version = $9",
                         {int64_t{bucp.state()}, version + 1, bucp.title(), int64_t{bucp.disputed()},
                          BodyOf(bucp), Blob{bucp.content().SerializeAsString()}, id, int64_t{from}, version},
                         storage::FailIfNoRows(ConcurrentChange(bucp))));
  if (!bucp.amends().empty()) RETURN_IF_ERROR(KeepPlace(db, bucp));
  return StoreListRows(db, id, bucp);
}

absl::StatusOr<std::vector<StateCount>> CountByState(storage::Transaction& db) {
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query("SELECT state, COUNT(*), MIN(updated) FROM bucp_list WHERE entity = '' GROUP BY state", {}));
  std::vector<StateCount> counts;
  for (const storage::Row& row : rows)
    counts.push_back({static_cast<v1::State>(row.Int(0)), row.Int(1), row.Int(2)});
  return counts;
}

absl::Status HoldUnchanged(storage::Transaction& db, const v1::Bucp& bucp) {
  return db.ExecuteDeferred(
      "UPDATE bucps SET version = version WHERE id = $1 AND state = $2 AND version = $3",
      {ids::kBucps.IdIn(bucp.name()), int64_t{bucp.state()}, VersionOf(bucp)},
      storage::FailIfNoRows(ConcurrentChange(bucp)));
}

absl::StatusOr<std::string> FindOpenAmendment(storage::Transaction& db, const std::string& amended) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT amendment FROM open_amendments WHERE amended = $1", {amended}));
  return row ? row->Text(0) : std::string();
}

absl::StatusOr<v1::ListBucpsResponse> ListBucps(storage::Transaction& db, const v1::ListBucpsRequest& request,
                                                auth::Visibility visibility) {
  const bool all = visibility.all();
  ASSIGN_OR_RETURN(
      listing::Page page,
      all ? listing::Plan(BucpList(all), request, "", {})
          : listing::Plan(BucpList(all), request, "entity = $1 AND hidden = 0", {visibility.entity()}));
  ASSIGN_OR_RETURN(const std::string from, listing::Source(db, "bucp", &page));
  // Selects the page from one index first, then reads the bodies.
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
      return absl::DataLossError(ids::kBucps.Name(row.Text(1)) + " does not parse");
    }
  }
  return response;
}

}  // namespace idea::drafting
