#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_DOCUMENT_SERVICE_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_DOCUMENT_SERVICE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "common/rpc/router.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "services/drafting/bucp/bucp_service.h"
#include "services/drafting/document/directory.h"
#include "services/drafting/document/form.h"
#include "services/drafting/document/messages.h"

namespace idea::drafting {

// The BUCP to render, and information from other services.
struct Rendering {
  v1::Bucp bucp;
  std::string digest;
  document::Facts facts;
  // Set only for PDF.
  std::string pdf;
};

// The content of a file, with names of the registry.
struct Imported {
  // A new draft, or the edit of an existing BUCP if `update` has a name.
  v1::CreateBucpRequest draft;
  v1::UpdateBucpRequest update;
  // The changes that the edit makes.
  std::vector<v1::FieldChange> changes;
  std::string version;
  std::vector<v1::UnreadField> unread;
  Signatories signatories;
  // A side is unknown. A validation reports what was read; a draft cannot be created.
  bool lacks_party = false;
};

struct MessageMatter {
  v1::Bucp bucp;
  document::MessageFacts facts;
};

// The BUCP as a document: RenderDocument, ImportDocument and RenderMessage of DraftingService.
class DocumentService {
 public:
  // `bucps` creates and updates BUCPs, and must outlive this object.
  DocumentService(rpc::PeerClient peers, BucpService& bucps) : peers_(std::move(peers)), bucps_(bucps) {}
  void Bind(rpc::Router& router);

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
  // The form in the file, with names of the registry.
  absl::StatusOr<document::ReadForm> ReadFile(rpc::Call& call, const v1::ImportDocumentRequest& request,
                                              const TemplateTexts& words,
                                              const std::vector<std::string>& recipients,
                                              const std::vector<std::string>& providers);
  absl::StatusOr<Imported> GatherForInto(rpc::Call& call, const v1::ImportDocumentRequest& request,
                                         const TemplateTexts& words, const v1::Bucp& bucp);

  const rpc::PeerClient peers_;
  BucpService& bucps_;
};

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_DOCUMENT_SERVICE_H_
