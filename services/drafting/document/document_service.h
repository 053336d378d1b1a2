#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_DOCUMENT_SERVICE_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_DOCUMENT_SERVICE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "services/drafting/bucp/bucp_service.h"
#include "services/drafting/document/directory.h"
#include "services/drafting/document/form.h"
#include "services/drafting/document/messages.h"

namespace idea::drafting {

// What is rendered, and what peers say of it.
struct Rendering {
  v1::Bucp bucp;
  std::string digest;
  document::Facts facts;
  // Only if PDF is asked for.
  std::string pdf;
};

// What a file holds, with the names that the registry knows.
struct Imported {
  // A new draft, or the edit of an existing BUCP where `update` has a name.
  v1::CreateBucpRequest draft;
  v1::UpdateBucpRequest update;
  // What the edit changes.
  std::vector<v1::FieldChange> changes;
  std::string version;
  std::vector<v1::UnreadField> unread;
  Signatories signatories;
  // A side is not known: a rehearsal says what was read, a draft cannot be.
  bool lacks_party = false;
};

struct MessageMatter {
  v1::Bucp bucp;
  document::MessageFacts facts;
};

// The BUCP as a document: RenderDocument, ImportDocument and RenderMessage of DraftingService.
class DocumentService {
 public:
  // Drafts are created by `drafting`, which outlives this.
  DocumentService(rpc::PeerClient peers, DraftingService& drafting)
      : peers_(std::move(peers)), drafting_(drafting) {}

  absl::StatusOr<Rendering> GatherForRender(rpc::Call& call, const v1::RenderDocumentRequest& request);
  absl::StatusOr<v1::RenderDocumentResponse> RenderDocument(rpc::Call& call,
                                                            const v1::RenderDocumentRequest& request,
                                                            const Rendering& rendering);
  absl::StatusOr<Imported> GatherForImport(rpc::Call& call, const v1::ImportDocumentRequest& request);
  absl::StatusOr<v1::ImportDocumentResponse> ImportDocument(rpc::Call& call,
                                                            const v1::ImportDocumentRequest& request,
                                                            const Imported& imported);
  absl::StatusOr<MessageMatter> GatherForMessage(rpc::Call& call, const v1::RenderMessageRequest& request);
  absl::StatusOr<v1::RenderMessageResponse> RenderMessage(rpc::Call& call,
                                                          const v1::RenderMessageRequest& request,
                                                          const MessageMatter& matter);

 private:
  // The form in the file, with the names of the registry.
  absl::StatusOr<document::ReadForm> ReadFile(rpc::Call& call, const v1::ImportDocumentRequest& request,
                                              const TemplateTexts& words,
                                              const std::vector<std::string>& recipients,
                                              const std::vector<std::string>& providers);
  absl::StatusOr<Imported> GatherForInto(rpc::Call& call, const v1::ImportDocumentRequest& request,
                                         const TemplateTexts& words, const v1::Bucp& bucp);

  const rpc::PeerClient peers_;
  DraftingService& drafting_;
};

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_DOCUMENT_SERVICE_H_
