#include "common/transparency/seal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/digest/digest.h"
#include "common/ids/ids.h"
#include "idea/inventory/v1/evidence.pb.h"

namespace idea::transparency {
namespace {

using inventory::v1::Evidence;
using ::testing::ElementsAre;

std::vector<std::string> NamesOf(const Evidence& evidence) {
  std::vector<std::string> names;
  for (const SealedPart& part : PartsOf(evidence)) names.push_back(part.name);
  return names;
}

TEST(Seal, NamesEveryPartAndEveryItem) {
  Evidence evidence;
  EXPECT_THAT(NamesOf(evidence), ElementsAre());
  evidence.set_document_html("<p>");
  evidence.mutable_filing()->set_title("t");
  evidence.add_opinions()->set_text("a");
  evidence.add_opinions()->set_text("b");
  evidence.add_consistency_proof("hash");
  evidence.set_seal("of an earlier day");
  EXPECT_THAT(NamesOf(evidence),
              ElementsAre("filing", "documentHtml", "opinions/0", "opinions/1", "consistencyProof/0"));
}

TEST(Seal, IsALineOfDigestAndNameForEachPart) {
  Evidence evidence;
  evidence.set_format("f");
  evidence.mutable_filing()->set_title("t");
  EXPECT_EQ(SealText("example.org/log", "evidence/filings/1", evidence),
            "example.org/log/evidence/filings/1\n" + ids::Sha256Hex("f") + " format\n" +
                digest::Digest(evidence.filing()) + " filing\n");
}

}  // namespace
}  // namespace idea::transparency
