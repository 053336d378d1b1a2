#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "services/registry/accession/accession_store.h"
#include "services/registry/contact/contact_store.h"
#include "services/registry/entity/entity_store.h"
#include "tests/bench/bench.h"
#include "tests/services/registry/bulk_entities.h"

extern const idea::config::EmbeddedFile k_registry_schema[];

// Measures the requests to the registry on SQLite with 10,000 entities and 100,000 contacts.
namespace idea::registry {
namespace {

constexpr int kRounds = 200;
constexpr char kDay[] = "2026-11-22";

std::string EntityNumber(int n) { return "entities/e" + std::to_string(1 + n * 37 % 10'000); }

absl::Status QueryEntities(storage::Transaction& db, const std::string& filter, const std::string& token) {
  v1::ListEntitiesRequest request;
  request.set_filter(filter);
  request.set_page_token(token);
  ASSIGN_OR_RETURN(const auto page, ListEntities(db, request, kDay));
  return page.entities().empty() ? absl::NotFoundError("nothing is listed") : absl::OkStatus();
}

absl::Status QueryContacts(storage::Transaction& db, const std::string& parent, const std::string& filter) {
  v1::ListContactsRequest request;
  request.set_parent(parent);
  request.set_filter(filter);
  return ListContacts(db, request, 1).status();
}

absl::Status QuerySignatories(storage::Transaction& db, int i, int count) {
  std::vector<std::string> names;
  for (int n = 0; n < count; ++n) names.push_back(EntityNumber(i * 500 + n));
  ASSIGN_OR_RETURN(const auto lineages, Lineages(db, names, kDay));
  for (const std::string& name : names) Confirm(name, lineages.at(name), kDay);
  return absl::OkStatus();
}

using Question = std::function<absl::Status(storage::Transaction&, int i)>;

int Run() {
  bench::Scratch scratch("registry", k_registry_schema);
  bench::Must(scratch.database().Write(&FillWithBulkEntities));
  const std::pair<const char*, Question> cases[] = {
      {"entities, first page", [](auto& db, int) { return QueryEntities(db, "", ""); }},
      {"entities of an agency", [](auto& db, int) { return QueryEntities(db, "parent = entities/e1", ""); }},
      {"entities by part of a name",
       [](auto& db, int i) { return QueryEntities(db, "display_name : " + std::to_string(1000 + i), ""); }},
      {"contacts of an entity", [](auto& db, int i) { return QueryContacts(db, EntityNumber(i), ""); }},
      {"contacts, one of 10,000",
       [](auto& db, int) { return QueryContacts(db, "entities/e1", "person = p77770"); }},
      {"contacts by role", [](auto& db, int) { return QueryContacts(db, "entities/e1", "role = LEGAL"); }},
      {"contacts by part of an address",
       [](auto& db, int) { return QueryContacts(db, "entities/e1", "email : nobody"); }},
      {"confirm 1", [](auto& db, int i) { return QuerySignatories(db, i, 1); }},
      {"confirm 500", [](auto& db, int i) { return QuerySignatories(db, i, 500); }},
  };
  std::printf("The registry with 10,000 entities and 100,000 contacts, milliseconds\n%-30s %10s %10s\n",
              "question", "median", "p99");
  for (const auto& [name, question] : cases) {
    // A structured binding cannot be captured by every compiler.
    const auto& ask = question;
    const bench::Spent spent = bench::Measure(kRounds, [&](int i) {
      bench::Must(scratch.database().Read([&](storage::Transaction& db) { return ask(db, i); }));
    });
    std::printf("%-30s %10.2f %10.2f\n", name, spent.median, spent.p99);
  }
  return 0;
}

}  // namespace
}  // namespace idea::registry

int main() { return idea::registry::Run(); }
