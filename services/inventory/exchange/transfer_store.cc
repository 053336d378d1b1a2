#include "services/inventory/exchange/transfer_store.h"

#include "common/ids/resource_names.h"
#include "common/listing/listing.h"
#include "common/status/status.h"

namespace idea::inventory {
namespace {

using listing::Kind;
using storage::Blob;

const listing::Spec& TransferList() {
  static const listing::Spec spec = {{{"provider", "provider", Kind::kText},
                                      {"recipient", "recipient", Kind::kText},
                                      {"transfer_time", "time", Kind::kTime}},
                                     "time",
                                     false,
                                     "id",
                                     true};
  return spec;
}

absl::StatusOr<std::optional<clock::Micros>> ReadTime(storage::Transaction& db, std::string_view sql,
                                                      const storage::Args& args) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne(sql, args));
  return row ? std::optional(row->Int(0)) : std::nullopt;
}

}  // namespace

absl::Status InsertTransfer(storage::Transaction& db, const v1::Transfer& transfer) {
  v1::Transfer body = transfer;
  body.clear_findings();
  return db.ExecuteDeferred(
      "INSERT INTO transfers (id, filing, provider, recipient, time, body, digest, reporter) VALUES ($1, $2, "
      "$3, $4, $5, $6, $7, $8)",
      {ids::kTransfers.IdIn(transfer.name()), ids::kFilings.IdIn(transfer.name()), transfer.provider(),
       transfer.recipient(), clock::FromProto(transfer.transfer_time()), Blob{body.SerializeAsString()},
       transfer.digest(), transfer.reporter()});
}

absl::StatusOr<v1::Transfer> FindTransfer(storage::Transaction& db, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT body FROM transfers WHERE id = $1", {ids::kTransfers.IdIn(name)}));
  if (!row) return status::NotFoundOrHidden(name);
  v1::Transfer transfer;
  if (!transfer.ParseFromString(row->Bytes(0))) return absl::DataLossError("a transfer does not parse");
  return transfer;
}

absl::StatusOr<v1::ListTransfersResponse> ListTransfers(storage::Transaction& db,
                                                        const v1::ListTransfersRequest& request) {
  ASSIGN_OR_RETURN(const listing::Page page, listing::Plan(TransferList(), request, "filing = $1",
                                                           {ids::kFilings.IdIn(request.parent())}));
  ASSIGN_OR_RETURN(
      storage::Rows rows,
      db.Query("SELECT time, id, body FROM transfers WHERE " + page.where + page.tail, page.args));
  v1::ListTransfersResponse response;
  response.set_next_page_token(page.Finish(rows, 0, 1));
  for (const storage::Row& row : rows) {
    if (!response.add_transfers()->ParseFromString(row.Bytes(2)))
      return absl::DataLossError("a transfer does not parse");
  }
  return response;
}

absl::StatusOr<std::optional<clock::Micros>> TimeBefore(storage::Transaction& db,
                                                        const v1::Transfer& transfer) {
  return ReadTime(
      db,
      "SELECT time FROM transfers WHERE filing = $1 AND provider = $2 AND recipient = $3 AND time <= $4 "
      "AND id <> $5 AND (digest <> $6 OR reporter = $7) ORDER BY time DESC LIMIT 1",
      {ids::kFilings.IdIn(transfer.name()), transfer.provider(), transfer.recipient(),
       clock::FromProto(transfer.transfer_time()), ids::kTransfers.IdIn(transfer.name()), transfer.digest(),
       transfer.reporter()});
}

absl::StatusOr<std::vector<std::string>> ReportersOfSame(storage::Transaction& db,
                                                         const v1::Transfer& transfer) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT DISTINCT reporter FROM transfers WHERE filing = $1 AND digest = $2 AND "
                            "provider = $3 AND recipient = $4 AND id <> $5",
                            {ids::kFilings.IdIn(transfer.name()), transfer.digest(), transfer.provider(),
                             transfer.recipient(), ids::kTransfers.IdIn(transfer.name())}));
  std::vector<std::string> reporters;
  for (const storage::Row& row : rows) reporters.push_back(row.Text(0));
  return reporters;
}

absl::StatusOr<std::optional<clock::Micros>> LastTime(storage::Transaction& db, const std::string& filing) {
  return ReadTime(db, "SELECT time FROM transfers WHERE filing = $1 ORDER BY time DESC LIMIT 1",
                  {ids::kFilings.IdIn(filing)});
}

}  // namespace idea::inventory
