#include "services/cli/register/filing_transfer.h"

#include <map>
#include <set>
#include <string_view>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/csv/csv.h"
#include "common/digest/digest.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/time_util.h"
#include "google/type/date.pb.h"
#include "services/cli/command/commands.h"

namespace idea::cli {
namespace {

using inventory::v1::EarlierFiling;
using inventory::v1::ExportFilingsResponse;
using inventory::v1::Filing;
using inventory::v1::ImportFilingsRequest;
using inventory::v1::ImportFilingsResponse;

constexpr int kMaxBatchRows = 500;
// A batch of this size plus one row is smaller than the maximum message.
constexpr size_t kMaxBatchBytes = 2 << 20;

std::string DayOf(const google::type::Date& date) {
  if (date.year() == 0) return "";
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

std::string TimeOf(const google::protobuf::Timestamp& time) {
  return time.seconds() == 0 ? "" : google::protobuf::util::TimeUtil::ToString(time);
}

std::string StateOf(inventory::v1::FilingState state) {
  return ShortName(*inventory::v1::FilingState_descriptor()->FindValueByNumber(state));
}

std::string CsvOf(const Filing& f) {
  const bool logged = f.has_receipt();
  return csv::CsvLine({f.name(),
                       f.bucp(),
                       f.title(),
                       StateOf(f.state()),
                       absl::StrJoin(f.recipients(), " "),
                       absl::StrJoin(f.providers(), " "),
                       absl::StrJoin(f.data_categories(), "; "),
                       DayOf(f.start_date()),
                       DayOf(f.end_date()),
                       f.frequency(),
                       f.disputed() ? "true" : "false",
                       f.amends(),
                       TimeOf(f.draft_time()),
                       TimeOf(f.execute_time()),
                       TimeOf(f.file_time()),
                       TimeOf(f.end_time()),
                       f.end_reason(),
                       f.digest(),
                       f.receipt().receipt_id(),
                       logged ? std::to_string(f.receipt().leaf().leaf_index()) : "",
                       f.source(),
                       f.source_reference()});
}

void SetDay(google::type::Date* date, const google::protobuf::Timestamp& time) {
  const absl::CivilDay day = absl::ToCivilDay(absl::FromUnixSeconds(time.seconds()), absl::UTCTimeZone());
  date->set_year(static_cast<int32_t>(day.year()));
  date->set_month(day.month());
  date->set_day(day.day());
}

// The reference by which another filing amends it.
const std::string& ReferenceOf(const Filing& f) { return f.bucp().empty() ? f.name() : f.bucp(); }

// The row from which another register can import the filing. `amends` is set only if that filing is an
// earlier row.
EarlierFiling RowOf(const Filing& f, const inventory::v1::Terms& terms, const std::set<std::string>& before) {
  EarlierFiling row;
  row.set_reference(ReferenceOf(f));
  row.set_title(f.title());
  *row.mutable_recipients() = f.recipients();
  *row.mutable_providers() = f.providers();
  if (before.contains(f.amends())) row.set_amends(f.amends());
  row.set_disputed(f.disputed());
  *row.mutable_data_categories() = f.data_categories();
  if (f.has_start_date()) *row.mutable_start_date() = f.start_date();
  if (f.has_end_date()) *row.mutable_end_date() = f.end_date();
  row.set_recurrence(f.recurrence());
  row.set_frequency(f.frequency());
  if (f.has_draft_time()) SetDay(row.mutable_draft_date(), f.draft_time());
  SetDay(row.mutable_execute_date(), f.execute_time());
  if (f.has_file_time()) SetDay(row.mutable_file_date(), f.file_time());
  if (f.has_end_time()) {
    SetDay(row.mutable_ended_date(), f.end_time());
    row.set_end_reason(f.end_reason());
    row.set_grounds(f.grounds());
    row.set_deletion_terms(f.deletion_terms());
  }
  row.set_digest(f.digest());
  row.set_feedback(f.feedback());
  row.set_purpose(terms.purpose());
  *row.mutable_data_elements() = terms.data_elements();
  if (terms.has_data_users()) *row.mutable_data_users() = terms.data_users();
  if (terms.has_destruction()) *row.mutable_destruction() = terms.destruction();
  if (terms.has_redisclosure()) *row.mutable_redisclosure() = terms.redisclosure();
  if (terms.has_contacts()) *row.mutable_contacts() = terms.contacts();
  return row;
}

std::string JsonOf(const google::protobuf::Message& message) {
  std::string json;
  // It cannot fail for a parsed message.
  static_cast<void>(google::protobuf::util::MessageToJsonString(message, &json));
  return json;
}

// Decides whether to resume a broken stream. Counts attempts without a message.
class RetryBudget {
 public:
  explicit RetryBudget(const Pause& pause) : pause_(pause) {}
  void Progressed() { fruitless_ = 0; }
  bool GoesOn(const absl::Status& status) {
    if (!status::IsRetryable(status) || ++fruitless_ == kFruitlessAttempts) return false;
    pause_();
    return true;
  }

 private:
  const Pause& pause_;
  int fruitless_ = 0;
};

// Reads batches from the lines of a file, and sums up their results.
class BatchReader {
 public:
  BatchReader(std::istream& in, const std::string& source, bool validate_only) : in_(in) {
    batch_.set_source(source);
    batch_.set_validate_only(validate_only);
  }

  // The batch without an answer, or the next one; null at the end.
  const ImportFilingsRequest* Next() {
    if (batch_.rows().empty()) Read();
    return batch_.rows().empty() ? nullptr : &batch_;
  }

  void AddAnswer(const ImportFilingsResponse& answer) {
    done_.added += answer.added();
    done_.known += answer.known();
    done_.refusals.insert(done_.refusals.end(), answer.refusals().begin(), answer.refusals().end());
    for (const auto& refused : answer.refusals()) seen_.erase(refused.reference());
    batch_.clear_rows();
  }

  int line() const { return line_; }
  ImportedFile Done() { return std::move(done_); }

 private:
  void Read() {
    batch_.set_request_id(ids::NewUuid());
    batch_.clear_assumed_references();
    size_t bytes = 0;
    for (std::string text;
         batch_.rows_size() < kMaxBatchRows && bytes < kMaxBatchBytes && std::getline(in_, text);) {
      ++line_;
      if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
      EarlierFiling row;
      const auto read = google::protobuf::util::JsonStringToMessage(text, &row);
      row.set_line(line_);
      if (!read.ok()) {
        Refuse("", "", "not an EarlierFiling as JSON: " + std::string(read.message()));
      } else if (!batch_.validate_only() || CheckReference(row)) {
        bytes += row.ByteSizeLong();
        *batch_.add_rows() = std::move(row);
      }
    }
  }

  // With validate_only the server does not store rows, so references of earlier batches are checked here.
  // Returns false if the row has its result.
  bool CheckReference(const EarlierFiling& row) {
    if (row.reference().empty()) return true;
    EarlierFiling content = row;
    content.clear_line();
    const auto [known, is_new] = seen_.try_emplace(row.reference(), Seen{line_, digest::Digest(content)});
    if (is_new) {
      if (seen_.contains(row.amends())) batch_.add_assumed_references(row.amends());
      return true;
    }
    if (known->second.content == digest::Digest(content)) {
      ++done_.known;
    } else {
      Refuse(row.reference(), "reference",
             "line " + std::to_string(known->second.line) + " has the same reference and other content");
    }
    return false;
  }

  void Refuse(const std::string& reference, const std::string& field, std::string reason) {
    inventory::v1::RefusedRow& refused = done_.refusals.emplace_back();
    refused.set_line(line_);
    refused.set_reference(reference);
    refused.set_field(field);
    refused.set_reason(std::move(reason));
  }

  struct Seen {
    int line = 0;
    std::string content;
  };

  std::istream& in_;
  ImportFilingsRequest batch_;
  int line_ = 0;
  // By reference; only with validate_only.
  std::map<std::string, Seen> seen_;
  ImportedFile done_;
};

}  // namespace

absl::StatusOr<int64_t> ExportFilings(const ExportStream& stream, ExportForm form, std::ostream& out,
                                      const Progress& progress, const Pause& pause) {
  if (form == ExportForm::kCsv) {
    out << csv::CsvLine({"name",
                         "bucp",
                         "title",
                         "state",
                         "recipients",
                         "providers",
                         "data_categories",
                         "start_date",
                         "end_date",
                         "frequency",
                         "disputed",
                         "amends",
                         "draft_time",
                         "execute_time",
                         "file_time",
                         "end_time",
                         "end_reason",
                         "digest",
                         "receipt",
                         "leaf_index",
                         "source",
                         "source_reference"});
  }
  int64_t count = 0;
  RetryBudget retries(pause);
  inventory::v1::ExportFilingsRequest request;
  request.set_include_terms(form == ExportForm::kJsonLines);
  std::set<std::string> written;
  bool has_terms = true;
  absl::Status status;
  do {
    bool ended = false;
    status = stream(request, [&](const ExportFilingsResponse& message) {
      has_terms = !request.include_terms() || message.terms_size() == message.filings_size();
      if (!has_terms) return;
      for (int i = 0; i < message.filings_size(); ++i) {
        const Filing& filing = message.filings(i);
        // Only filed agreements can be imported.
        if (form == ExportForm::kCsv) {
          out << CsvOf(filing);
        } else if (filing.has_file_time()) {
          out << JsonOf(RowOf(filing, message.terms(i), written)) << "\n";
          written.insert(ReferenceOf(filing));
        }
      }
      count += message.filings_size();
      request.set_resume_token(message.resume_token());
      ended = message.resume_token().empty();
      retries.Progressed();
      progress(count, message.total());
    });
    if (!has_terms)
      return absl::FailedPreconditionError(
          "the server does not send terms, because it is of an earlier release: update it");
    if (ended) return count;
  } while (retries.GoesOn(status));
  return status.ok() ? absl::UnavailableError("the stream ended before the list did") : status;
}

absl::StatusOr<ImportedFile> ImportFilings(const ImportStream& stream, std::istream& in,
                                           const std::string& source, bool validate_only,
                                           const Progress& progress, const Pause& pause) {
  BatchReader batches(in, source, validate_only);
  RetryBudget retries(pause);
  absl::Status status;
  do {
    status = stream([&] { return batches.Next(); },
                    [&](const ImportFilingsResponse& answer) {
                      batches.AddAnswer(answer);
                      retries.Progressed();
                      progress(batches.line(), 0);
                    });
    if (status.ok() && batches.Next() == nullptr) return batches.Done();
  } while (retries.GoesOn(status));
  return status.ok() ? absl::UnavailableError("the stream ended before the file did") : status;
}

}  // namespace idea::cli
