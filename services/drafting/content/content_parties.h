#ifndef IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_PARTIES_H_
#define IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_PARTIES_H_

#include <string>

#include "idea/drafting/v1/content.pb.h"

// The departments and people that a content names.
namespace idea::drafting {

// Whether the entity is a Data Recipient or a Data Provider.
bool IsParty(const v1::Content& content, const std::string& entity);

// Whether education records are shared (agreement Addendum B, 1.1): the answer of the content or, without an
// answer, whether the categories name them or the content describes them.
bool SharesEducationRecords(const v1::Content& content);

// The education agency that signs without being a party (agreement Addendum B, 1.4): "entities/{entity}".
// Empty if no education records are shared, if their source is not a signatory, or if the source is a party,
// which signs anyway.
std::string SigningAgencyOf(const v1::Content& content);

// The person at a department whom the BUCP names as text, with a name and an e-mail address: the program
// contact, else the Data Coordinator, else the Executive Sponsor. Null if the BUCP names none.
const v1::ContactText* ProgramContactOf(const v1::Content& content, const std::string& entity);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_PARTIES_H_
