#include "services/cli/log/evidence_verification.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "common/auth/jws.h"
#include "common/digest/digest.h"
#include "common/transparency/checkpoint.h"
#include "common/transparency/leaf_digests.h"
#include "common/transparency/merkle.h"
#include "common/transparency/seal.h"
#include "google/protobuf/util/json_util.h"
#include "services/cli/log/evidence_history.h"

namespace idea::cli {
namespace {

using inventory::v1::Evidence;
using inventory::v1::LogEntry;
using inventory::v1::LogLeaf;

// The second one has the history of the agreement too.
constexpr char kFirstFormat[] = "idea-evidence/1", kFormat[] = "idea-evidence/2";

std::vector<std::string> Hashes(const google::protobuf::RepeatedPtrField<std::string>& hashes) {
  return {hashes.begin(), hashes.end()};
}

std::string Count(int n, const std::string& one, const std::string& many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

// Collects findings. A subject is reported with its first fault.
class Checker {
 public:
  Checker(std::string_view bundle, std::string_view verifiers, const transparency::Policy* policy)
      : bundle_(bundle), trusted_(verifiers), policy_(policy) {}

  std::vector<Finding> Run() {
    const auto parsed = google::protobuf::util::JsonStringToMessage(std::string(bundle_), &evidence_);
    if (!parsed.ok()) {
      return {{false, "file", "it is not an evidence bundle: " + std::string(parsed.message())}};
    }
    if (evidence_.format() != kFormat && evidence_.format() != kFirstFormat) {
      return {{false, "file",
               "its format is \"" + evidence_.format() + "\", and this program checks " + kFormat}};
    }
    verifiers_ = transparency::VerifiersFor(trusted_, evidence_.checkpoint());
    if (verifiers_.empty()) verifiers_ = trusted_;
    Check("file", [this] { return File(); });
    Check("seal", [this] { return Seal(); });
    Check("document", [this] { return Document(); });
    Check("opinions", [this] { return Opinions(); });
    Check("signatures", [this] { return Signatures(); });
    Check("log", [this] { return Log(); });
    Check("receipt", [this] { return Receipt(); });
    if (!evidence_.notices().empty()) Check("notices", [this] { return Notices(); });
    if (evidence_.format() == kFormat) Check("history", [this] { return History(); });
    if (policy_ != nullptr) Check("witnesses", [this] { return Witnesses(); });
    return std::move(findings_);
  }

 private:
  // Whether a check holds, and the text of its finding.
  using Outcome = std::pair<bool, std::string>;
  static Outcome Fault(std::string text) { return {false, std::move(text)}; }

  void Check(const std::string& subject, const std::function<Outcome()>& check) {
    auto [holds, text] = check();
    findings_.push_back({holds, subject, std::move(text)});
  }

  // The file must be canonical JSON, so that all its data is in its parts.
  Outcome File() const {
    const std::string canonical = digest::CanonicalJson(evidence_);
    if (canonical == bundle_) return {true, Count(static_cast<int>(bundle_.size()), "byte", "bytes")};
    const auto [at, _] = std::mismatch(bundle_.begin(), bundle_.end(), canonical.begin(), canonical.end());
    return Fault("it is not in canonical form from byte " + std::to_string(at - bundle_.begin()) + " on");
  }

  Outcome Seal() const {
    const auto text = transparency::OpenNote(evidence_.seal(), verifiers_);
    if (!text.ok()) return Fault(std::string(text.status().message()));
    const std::string expected = transparency::SealText(transparency::OriginOf(verifiers_),
                                                        "evidence/" + evidence_.filing().name(), evidence_);
    const int parts = static_cast<int>(transparency::PartsOf(evidence_).size());
    if (*text == expected) return {true, Count(parts, "part", "parts") + " as the log's key has sealed them"};
    const auto lines = [](const std::string& all) {
      std::set<std::string> some;
      for (size_t begin = 0, end; (end = all.find('\n', begin)) != std::string::npos; begin = end + 1) {
        some.insert(all.substr(begin, end - begin));
      }
      return some;
    };
    const std::set<std::string> is_sealed = lines(*text);
    for (const transparency::SealedPart& part : transparency::PartsOf(evidence_)) {
      if (!is_sealed.contains(part.digest + " " + part.name))
        return Fault(part.name + " is not what was sealed");
    }
    return Fault("parts that were sealed are missing, or it was sealed for another filing");
  }

  Outcome Document() const {
    const auto& document = evidence_.document();
    const std::string digest = digest::Digest(document.content());
    const auto& filing = evidence_.filing();
    if (document.name() != filing.revision()) return Fault("it is not the revision that the register names");
    if (digest != document.digest() || digest != filing.digest()) {
      return Fault("its digest is " + digest + ", and the register has " + filing.digest());
    }
    const bool listed =
        std::any_of(evidence_.revisions().begin(), evidence_.revisions().end(), [&](const auto& revision) {
          return revision.name() == document.name() && revision.digest() == digest;
        });
    if (!listed) return Fault("it is not among the revisions");
    return {true, document.name() + ", digest " + digest};
  }

  // Filings of earlier releases do not name a freeze.
  template <class Record>
  bool IsOfAnotherFreeze(const Record& record) const {
    return evidence_.filing().freeze_number() != 0 &&
           record.freeze_number() != evidence_.filing().freeze_number();
  }

  Outcome Opinions() const {
    for (const auto& opinion : evidence_.opinions()) {
      if (!opinion.carried_from().empty()) continue;
      if (opinion.digest() != evidence_.document().digest()) {
        return Fault(opinion.name() + " is on another revision");
      }
      if (IsOfAnotherFreeze(opinion)) return Fault(opinion.name() + " is of another freeze");
    }
    return {true, Count(evidence_.opinions_size(), "opinion", "opinions") + " on that revision"};
  }

  // The required signers: every department in two capacities, and an education agency that is not a party.
  std::vector<std::pair<std::string, review::v1::Capacity>> Signers() const {
    std::vector<std::pair<std::string, review::v1::Capacity>> signers;
    std::set<std::string> parties;
    for (const auto* side : {&evidence_.filing().recipients(), &evidence_.filing().providers()}) {
      for (const std::string& entity : *side) {
        parties.insert(entity);
        signers.emplace_back(entity, review::v1::CAPACITY_EXECUTIVE_SPONSOR);
        signers.emplace_back(entity, review::v1::CAPACITY_DATA_COORDINATOR);
      }
    }
    const auto& content = evidence_.document().content();
    const std::string& agency = content.administrative().education_records().source_agency();
    const bool shared =
        content.business_case().data_categories().education_records() != drafting::v1::ANSWER_NO;
    if (shared && !agency.empty() && !parties.contains(agency))
      signers.emplace_back(agency, review::v1::CAPACITY_EDUCATION_AGENCY);
    return signers;
  }

  // Every required signer has signed that digest. A JWS is verified.
  Outcome Signatures() const {
    const auto& filing = evidence_.filing();
    std::set<std::pair<std::string, int>> signed_by;
    for (const auto& signature : evidence_.signatures()) {
      if (signature.digest() != filing.digest()) return Fault(signature.name() + " is on another revision");
      if (IsOfAnotherFreeze(signature)) return Fault(signature.name() + " is of another freeze");
      signed_by.emplace(signature.entity(), signature.capacity());
      if (signature.jws().empty()) continue;
      review::v1::SignatureClaim claim;
      claim.set_revision(filing.revision());
      claim.set_digest(signature.digest());
      claim.set_entity(signature.entity());
      claim.set_capacity(signature.capacity());
      claim.set_freeze_number(signature.freeze_number());
      absl::Status made =
          auth::CheckDetachedJws(signature.jws(), digest::CanonicalJson(claim), signature.public_key());
      if (!made.ok() && !signature.contact().empty()) {
        claim.set_contact(signature.contact());
        claim.set_contact_revision(signature.contact_revision());
        made = auth::CheckDetachedJws(signature.jws(), digest::CanonicalJson(claim), signature.public_key());
      }
      if (!made.ok()) return Fault(signature.name() + ": the JWS was not made by the key beside it");
    }
    for (const auto& [entity, capacity] : Signers()) {
      if (signed_by.contains({entity, capacity})) continue;
      return Fault(entity + " has not signed as " + review::v1::Capacity_Name(capacity));
    }
    const std::set<std::string> with_key = SignaturesWithLoggedKey(evidence_);
    const auto proved =
        std::count_if(evidence_.signatures().begin(), evidence_.signatures().end(),
                      [&](const auto& signature) { return with_key.contains(signature.name()); });
    return {true, Count(evidence_.signatures_size(), "signature", "signatures") + " on that digest, " +
                      std::to_string(proved) + " with a JWS of a key that the log has, " +
                      std::to_string(evidence_.signatures_size() - proved) +
                      " by the word of the department's platform"};
  }

  // The log contains every entry, and the last one has the digest of this filing.
  Outcome Log() const {
    const auto tree = transparency::OpenCheckpoint(evidence_.checkpoint(), verifiers_);
    if (!tree.ok()) return Fault(std::string(tree.status().message()));
    if (evidence_.leaves().empty()) return Fault("it does not have an entry");
    LogEntry entry, last;
    int64_t before = -1;
    for (const LogLeaf& leaf : evidence_.leaves()) {
      const std::string place = "entry " + std::to_string(leaf.leaf_index());
      if (!IsInTree(leaf, *tree)) return Fault(place + " is not in the tree of the checkpoint");
      entry.Clear();
      if (!google::protobuf::util::JsonStringToMessage(leaf.entry(), &entry).ok() ||
          entry.filing() != evidence_.filing().name() ||
          (entry.notice().empty() && entry.digest() != evidence_.filing().digest())) {
        return Fault(place + " is about something else");
      }
      // An entry of a notice does not change the filing.
      if (entry.notice().empty()) last = entry;
      if (leaf.leaf_index() <= before) return Fault("the entries are not in their order");
      before = leaf.leaf_index();
    }
    if (last.filing_digest() != transparency::FilingDigest(evidence_.filing())) {
      return Fault("the filing does not have the digest in its last entry");
    }
    return {true, Count(evidence_.leaves_size(), "entry", "entries") + " in the log of " +
                      std::to_string(tree->size) + ", the last " + LogEntryKind_Name(last.kind())};
  }

  Outcome History() const {
    const auto tree = transparency::OpenCheckpoint(evidence_.checkpoint(), verifiers_);
    if (!tree.ok()) return Fault(std::string(tree.status().message()));
    const auto checked = CheckHistory(evidence_, *tree);
    if (!checked.ok()) return Fault(std::string(checked.status().message()));
    return {true, *checked};
  }

  // The log of the receipt is a prefix of the log of the checkpoint.
  Outcome Receipt() const {
    const auto& receipt = evidence_.filing().receipt();
    const LogLeaf& leaf = receipt.leaf();
    const auto then = transparency::OpenCheckpoint(leaf.checkpoint(), verifiers_);
    if (!then.ok()) return Fault(std::string(then.status().message()));
    const auto now = transparency::OpenCheckpoint(evidence_.checkpoint(), verifiers_);
    if (!now.ok()) return Fault(std::string(now.status().message()));
    if (!IsInTree(leaf, *then)) return Fault("its entry is not in the tree of its checkpoint");
    LogEntry entry;
    if (!google::protobuf::util::JsonStringToMessage(leaf.entry(), &entry).ok() ||
        !IsReceiptOf(evidence_.filing(), entry)) {
      return Fault("its entry is about another filing");
    }
    const bool is_among_leaves =
        std::any_of(evidence_.leaves().begin(), evidence_.leaves().end(), [&leaf](const LogLeaf& each) {
          return each.leaf_index() == leaf.leaf_index() && each.entry() == leaf.entry();
        });
    if (!is_among_leaves) return Fault("its entry is not among those of the filing");
    if (!transparency::ProvesConsistency(then->size, now->size, then->root, now->root,
                                         Hashes(evidence_.consistency_proof()))) {
      return Fault("the log of the receipt is not a prefix of the log of the checkpoint");
    }
    return {true, receipt.receipt_id() + ", entry " + std::to_string(leaf.leaf_index())};
  }

  // Each notice has the digest of an entry.
  Outcome Notices() const {
    std::set<std::pair<std::string, std::string>> logged;
    for (const LogLeaf& leaf : evidence_.leaves()) {
      LogEntry entry;
      if (!google::protobuf::util::JsonStringToMessage(leaf.entry(), &entry).ok()) continue;
      logged.emplace(entry.notice(), entry.notice_digest());
    }
    for (const auto& notice : evidence_.notices()) {
      if (logged.contains({notice.name(), transparency::NoticeDigest(notice)})) continue;
      return Fault(notice.name() + " does not have the digest of an entry");
    }
    return {true, Count(evidence_.notices_size(), "notice", "notices") + ", each as the log has it"};
  }

  Outcome Witnesses() const {
    const auto note = transparency::ParseNote(evidence_.checkpoint());
    if (!note.ok()) return Fault(std::string(note.status().message()));
    const transparency::Policy::Outcome outcome = policy_->Check(*note);
    return {outcome.is_met, outcome.text + (outcome.is_met ? "" : "; the policy demands more")};
  }

  const std::string_view bundle_;
  // The trusted keys, and those of the bundle's log.
  const std::string_view trusted_;
  std::string verifiers_;
  const transparency::Policy* const policy_;
  Evidence evidence_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> VerifyEvidence(std::string_view bundle, std::string_view verifiers,
                                    const transparency::Policy* policy) {
  return Checker(bundle, verifiers, policy).Run();
}

}  // namespace idea::cli
