#include "common/listing/listing.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "common/digest/digest.h"
#include "common/ids/ids.h"
#include "common/listing/filter.h"
#include "common/status/status.h"

namespace idea::listing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kDefaultSize = 100;
constexpr int kLargestSize = 1000;
constexpr size_t kSealSize = 32;

std::string TextOf(const Message& request, const char* name) {
  const auto* field = request.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->is_repeated() || field->type() != FieldDescriptor::TYPE_STRING) return "";
  return request.GetReflection()->GetString(request, field);
}

int SizeOf(const Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("page_size");
  if (field == nullptr || field->cpp_type() != FieldDescriptor::CPPTYPE_INT32) return kDefaultSize;
  const int size = request.GetReflection()->GetInt32(request, field);
  return size <= 0 ? kDefaultSize : std::min(size, kLargestSize);
}

// What stays the same from page to page.
std::string DigestOf(const Message& request) {
  const std::unique_ptr<Message> same(request.New());
  same->CopyFrom(request);
  for (const char* name : {"page_size", "page_token"}) {
    const auto* field = request.GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) same->GetReflection()->ClearField(same.get(), field);
  }
  return ids::Sha256Hex(request.GetDescriptor()->full_name() + digest::CanonicalJson(*same));
}

// The last row of a page.
struct Mark {
  std::string order, id;
};

// A token is a seal over request and mark, the length of the id, the id and the order value. The seal finds
// accidents and tokens of other requests; there is nothing to gain by forging one, for it only says where in
// the caller's own list to begin.
std::string SealOf(const std::string& request_digest, std::string_view mark) {
  return ids::Sha256Hex(request_digest + std::string(mark)).substr(0, kSealSize);
}

std::string TokenOf(const std::string& request_digest, const Mark& mark) {
  const std::string body = std::to_string(mark.id.size()) + ':' + mark.id + mark.order;
  return ids::Base64Url(SealOf(request_digest, body) + body);
}

std::optional<Mark> MarkOf(const std::string& request_digest, const std::string& token) {
  const auto bytes = ids::FromBase64Url(token);
  if (!bytes || bytes->size() < kSealSize) return std::nullopt;
  std::string_view body = std::string_view(*bytes).substr(kSealSize);
  if (SealOf(request_digest, body) != bytes->substr(0, kSealSize)) return std::nullopt;
  size_t id_size = 0;
  const auto [stop, failure] = std::from_chars(body.data(), body.data() + body.size(), id_size);
  const size_t begin = static_cast<size_t>(stop - body.data()) + 1;
  if (failure != std::errc() || begin > body.size() || id_size > body.size() - begin) return std::nullopt;
  return Mark{std::string(body.substr(begin + id_size)), std::string(body.substr(begin, id_size))};
}

// The rows behind the mark: later in order, or equal and later by id. Both engines find them by an index.
std::string Behind(const Spec& spec, const Page& page, storage::Args* args, storage::Value order,
                   std::string id) {
  args->push_back(std::move(order));
  const std::string order_parameter = "$" + std::to_string(args->size());
  args->emplace_back(std::move(id));
  const std::string id_parameter = "$" + std::to_string(args->size());
  return "(" + page.order_column + ", " + std::string(spec.id_column) + ")" +
         (page.direction.empty() ? " > (" : " < (") + order_parameter + ", " + id_parameter + ")";
}

absl::Status AddToken(const Spec& spec, const std::string& token, Page* page) {
  const auto mark = MarkOf(page->request_digest, token);
  int64_t number = 0;
  bool fits = mark.has_value();
  if (fits && !page->order_is_text) {
    const char* end = mark->order.data() + mark->order.size();
    fits = std::from_chars(mark->order.data(), end, number).ptr == end;
  }
  if (!fits) {
    return status::Error(status::Reason::ERROR_REASON_PAGE_TOKEN_INVALID,
                         "page_token has to be a next_page_token of the same request")
        .Field("page_token", "a next_page_token of the same request");
  }
  const storage::Value order = page->order_is_text ? storage::Value(mark->order) : storage::Value(number);
  page->where += " AND " + Behind(spec, *page, &page->args, order, mark->id);
  return absl::OkStatus();
}

absl::Status WrongOrder(const Spec& spec) {
  std::string wanted = "one of";
  for (const Order& order : spec.orders) wanted += " " + std::string(order.name) + ",";
  wanted += " with desc behind it to turn the order";
  return status::Error(status::Reason::ERROR_REASON_FILTER_INVALID, "order_by has to be " + wanted)
      .Field("order_by", wanted);
}

absl::Status ReadOrder(const Spec& spec, const std::string& text, Page* page) {
  page->order_column = spec.order_column;
  page->order_is_text = spec.order_is_text;
  page->direction = spec.descending ? " DESC" : "";
  if (text.empty()) return absl::OkStatus();
  const std::string name = text.substr(0, text.find(' '));
  const std::string direction = text.substr(name.size());
  const auto order = std::find_if(spec.orders.begin(), spec.orders.end(),
                                  [&](const Order& each) { return each.name == name; });
  if (order == spec.orders.end() || (!direction.empty() && direction != " desc" && direction != " asc")) {
    return WrongOrder(spec);
  }
  page->order_column = order->column;
  page->order_is_text = order->is_text;
  page->direction = direction == " desc" ? " DESC" : "";
  return absl::OkStatus();
}

}  // namespace

std::string Page::Finish(storage::Rows& rows, int order, int id) const {
  if (rows.size() <= static_cast<size_t>(size)) return "";
  rows.erase(rows.begin() + size, rows.end());
  const storage::Row& last = rows.back();
  return TokenOf(request_digest,
                 {order_is_text ? last.Text(order) : std::to_string(last.Int(order)), last.Text(id)});
}

absl::StatusOr<Page> Plan(const Spec& spec, const Message& request, std::string base_where,
                          storage::Args base_args) {
  Page page;
  page.where = "(" + (base_where.empty() ? "1 = 1" : std::move(base_where)) + ")";
  page.args = std::move(base_args);
  page.size = SizeOf(request);
  page.request_digest = DigestOf(request);
  RETURN_IF_ERROR(ReadOrder(spec, TextOf(request, "order_by"), &page));
  const std::string filter = TextOf(request, "filter");
  if (filter.find_first_not_of(" \t\n") != std::string::npos) {
    ASSIGN_OR_RETURN(const std::string condition, FilterSql(spec, filter, &page));
    page.where += " AND (" + condition + ")";
  }
  if (const std::string token = TextOf(request, "page_token"); !token.empty()) {
    RETURN_IF_ERROR(AddToken(spec, token, &page));
  }
  page.tail = " ORDER BY " + page.order_column + page.direction + ", " + std::string(spec.id_column) +
              page.direction + " LIMIT " + std::to_string(page.size + 1);
  return page;
}

}  // namespace idea::listing
