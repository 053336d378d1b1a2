#include "common/listing/listing.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "common/digest/digest.h"
#include "common/ids/ids.h"
#include "common/listing/filter.h"
#include "common/status/status.h"

namespace idea::listing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kDefaultSize = 100;
constexpr int kMaxSize = 1000;
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
  return size <= 0 ? kDefaultSize : std::min(size, kMaxSize);
}

// The part of a request that is the same for all pages.
std::string DigestOf(const Message& request) {
  const std::unique_ptr<Message> same(request.New());
  same->CopyFrom(request);
  for (const char* name : {"page_size", "page_token"}) {
    const auto* field = request.GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) same->GetReflection()->ClearField(same.get(), field);
  }
  return ids::Sha256Hex(request.GetDescriptor()->full_name() + digest::CanonicalJson(*same));
}

// A token consists of a checksum of request and cursor, the length of the id, the id and the order value. The
// checksum detects errors and tokens of other requests. Forging a token gains nothing: it only selects where
// in the caller's own list a page begins.
std::string SealOf(const std::string& request_digest, std::string_view cursor) {
  return ids::Sha256Hex(request_digest + std::string(cursor)).substr(0, kSealSize);
}

std::string TokenOf(const std::string& request_digest, const PageCursor& cursor) {
  const std::string body = std::to_string(cursor.id.size()) + ':' + cursor.id + cursor.order;
  return ids::Base64Url(SealOf(request_digest, body) + body);
}

std::optional<PageCursor> CursorOf(const std::string& request_digest, const std::string& token) {
  const auto bytes = ids::FromBase64Url(token);
  if (!bytes || bytes->size() < kSealSize) return std::nullopt;
  std::string_view body = std::string_view(*bytes).substr(kSealSize);
  if (SealOf(request_digest, body) != bytes->substr(0, kSealSize)) return std::nullopt;
  size_t id_size = 0;
  const auto [stop, failure] = std::from_chars(body.data(), body.data() + body.size(), id_size);
  const size_t begin = static_cast<size_t>(stop - body.data()) + 1;
  if (failure != std::errc() || begin > body.size() || id_size > body.size() - begin) return std::nullopt;
  return PageCursor{std::string(body.substr(begin + id_size)), std::string(body.substr(begin, id_size))};
}

absl::Status AddToken(const std::string& token, Page* page) {
  const auto cursor = CursorOf(page->request_digest, token);
  int64_t number = 0;
  bool fits = cursor.has_value();
  if (fits && !page->order_is_text) {
    const char* end = cursor->order.data() + cursor->order.size();
    fits = std::from_chars(cursor->order.data(), end, number).ptr == end;
  }
  if (!fits) {
    return status::Error(status::Reason::ERROR_REASON_PAGE_TOKEN_INVALID,
                         "page_token must be a next_page_token of the same request")
        .Field("page_token", "a next_page_token of the same request");
  }
  page->AddBeside(*cursor, /*after=*/true);
  return absl::OkStatus();
}

// Adds the conditions that `filter` accepts.
template <class Filter>
void AddConditions(const std::vector<Condition>& conditions, Filter filter, Page* page) {
  for (const Condition& condition : conditions) {
    if (filter(condition)) AddCondition(condition, page);
  }
}

absl::Status WrongOrder(const Spec& spec) {
  std::string wanted = "one of";
  for (const Order& order : spec.orders) wanted += " " + std::string(order.name) + ",";
  wanted += " optionally followed by desc";
  return status::Error(status::Reason::ERROR_REASON_FILTER_INVALID, "order_by must be " + wanted)
      .Field("order_by", wanted);
}

absl::Status ReadOrder(const Spec& spec, const std::string& text, Page* page) {
  page->order_column = spec.order_column;
  page->order_is_text = spec.order_is_text;
  page->direction = spec.descending ? " DESC" : "";
  const std::vector<std::string> words = absl::StrSplit(text, absl::ByAnyChar(" \t\n"), absl::SkipEmpty());
  if (words.empty()) return absl::OkStatus();
  const std::string direction = words.size() == 2 ? absl::AsciiStrToLower(words[1]) : "asc";
  const auto order = std::find_if(spec.orders.begin(), spec.orders.end(),
                                  [&](const Order& each) { return each.name == words[0]; });
  if (order == spec.orders.end() || words.size() > 2 || (direction != "desc" && direction != "asc")) {
    return WrongOrder(spec);
  }
  page->order_column = order->column;
  page->order_is_text = order->is_text;
  page->direction = direction == "desc" ? " DESC" : "";
  return absl::OkStatus();
}

// The end of a page of at most `size` rows.
storage::Rows::iterator EndOfPage(storage::Rows& rows, size_t size) {
  size_t bytes = 0;
  auto row = rows.begin();
  for (size_t n = 0; row != rows.end() && n < size; ++row, ++n) {
    bytes += row->Size();
    if (bytes > kMaxPageBytes && n > 0) break;
  }
  return row;
}

}  // namespace

PageCursor Page::CursorOf(const storage::Row& row, int order, int id) const {
  return {order_is_text ? row.Text(order) : std::to_string(row.Int(order)), row.Text(id)};
}

// Both engines use an index for this condition.
void Page::AddBeside(const PageCursor& cursor, bool after) {
  if (order_is_text) {
    args.emplace_back(cursor.order);
  } else {
    args.emplace_back(int64_t{std::strtoll(cursor.order.c_str(), nullptr, 10)});
  }
  args.emplace_back(cursor.id);
  const char* sign = direction.empty() == after ? (after ? " > ($" : " >= ($") : (after ? " < ($" : " <= ($");
  where += " AND (" + order_column + ", " + id_column + ")" + sign + std::to_string(args.size() - 1) + ", $" +
           std::to_string(args.size()) + ")";
}

std::string Page::Finish(storage::Rows& rows, int order, int id) const {
  const auto end = EndOfPage(rows, static_cast<size_t>(size));
  if (end == rows.end()) return fence ? TokenOf(request_digest, *fence) : "";
  rows.erase(end, rows.end());
  return TokenOf(request_digest, CursorOf(rows.back(), order, id));
}

absl::StatusOr<Page> Plan(const Spec& spec, const Message& request, std::string base_where,
                          storage::Args base_args) {
  Page page;
  page.where = "(" + (base_where.empty() ? "1 = 1" : std::move(base_where)) + ")";
  page.args = std::move(base_args);
  page.size = SizeOf(request);
  page.window = spec.window;
  page.id_column = spec.id_column;
  page.request_digest = DigestOf(request);
  RETURN_IF_ERROR(ReadOrder(spec, TextOf(request, "order_by"), &page));
  ASSIGN_OR_RETURN(const std::vector<Condition> conditions,
                   ReadFilter(spec, TextOf(request, "filter"), &page));
  const auto narrows = [](const Condition& c) { return c.narrows; };
  const auto leads = [](const Condition& c) { return c.leads && !c.narrows; };
  const auto others = [](const Condition& c) { return !c.leads && !c.narrows; };

  AddConditions(conditions, narrows, &page);
  const bool narrowed = std::any_of(conditions.begin(), conditions.end(), narrows);
  if (!narrowed && !spec.otherwise.empty()) page.where += " AND " + std::string(spec.otherwise);
  page.list = page.where;
  page.list_args = page.args.size();
  AddConditions(conditions, leads, &page);
  if (const std::string token = TextOf(request, "page_token"); !token.empty()) {
    RETURN_IF_ERROR(AddToken(token, &page));
  }
  page.span = page.where;
  page.span_args = page.args.size();
  AddConditions(conditions, others, &page);
  page.filtered = page.span.size() < page.where.size() || !page.words.empty();
  for (const Condition& condition : conditions) {
    page.looks_up |= condition.looks_up;
    if (condition.rare && !condition.leads) page.rare.emplace_back(condition.sql, condition.values);
  }
  page.tail = " ORDER BY " + page.order_column + page.direction + ", " + page.id_column + page.direction +
              " LIMIT " + std::to_string(page.size + 1);
  return page;
}

}  // namespace idea::listing
