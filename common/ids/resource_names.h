#ifndef IDEA_COMMON_IDS_RESOURCE_NAMES_H_
#define IDEA_COMMON_IDS_RESOURCE_NAMES_H_

#include <cstdint>
#include <string>
#include <string_view>

// The names of all resources of the contract. Other files neither compose nor parse them.
namespace idea::ids {

// A collection of resources: "{collection}/{id}", or "{parent name}/{collection}/{id}" if it has a parent.
struct Collection {
  std::string_view segment;
  const Collection* parent = nullptr;

  // kBucps.Name("1") is "bucps/1". For collections without a parent.
  std::string Name(std::string_view id) const;
  // kComments.Name("bucps/1", "2") is "bucps/1/comments/2". For collections with a parent.
  std::string Name(std::string_view parent_name, std::string_view id) const;
  // The id in this collection of the resource called `name`, or of the resource that it belongs to:
  // kBucps.IdIn("bucps/1/comments/2") is "1". Empty if `name` does not lie in this collection.
  std::string IdIn(std::string_view name) const;
  // IdIn() as a number: kRevisions.NumberIn("bucps/1/revisions/2") is 2. 0 if it is not the decimal form of a
  // positive number.
  int64_t NumberIn(std::string_view name) const;
};

inline constexpr Collection kEntities{"entities"};
inline constexpr Collection kContacts{"contacts", &kEntities};
inline constexpr Collection kAccessions{"accessions", &kEntities};
inline constexpr Collection kDelegations{"delegations", &kEntities};
inline constexpr Collection kCertifications{"certifications", &kEntities};

inline constexpr Collection kTemplates{"templates"};
inline constexpr Collection kBucps{"bucps"};
inline constexpr Collection kRevisions{"revisions", &kBucps};
inline constexpr Collection kComments{"comments", &kBucps};

inline constexpr Collection kRoutings{"routings"};
inline constexpr Collection kOpinions{"opinions", &kRoutings};
inline constexpr Collection kSignatures{"signatures", &kRoutings};
inline constexpr Collection kTasks{"tasks", &kRoutings};

inline constexpr Collection kDisputes{"disputes"};
inline constexpr Collection kDeidentifications{"deidentifications"};

inline constexpr Collection kFilings{"filings"};
inline constexpr Collection kTransfers{"transfers", &kFilings};
inline constexpr Collection kNotices{"notices"};
inline constexpr Collection kDuties{"duties", &kNotices};

inline constexpr Collection kSubscriptions{"subscriptions"};
inline constexpr Collection kDeliveries{"deliveries"};

inline constexpr Collection kServices{"services"};
inline constexpr Collection kDeadLetters{"deadLetters", &kServices};

// "filings/{id}/terms": every filing has one.
std::string TermsName(std::string_view filing);

}  // namespace idea::ids

#endif  // IDEA_COMMON_IDS_RESOURCE_NAMES_H_
