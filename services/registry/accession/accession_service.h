#ifndef IDEA_SERVICES_REGISTRY_ACCESSION_ACCESSION_SERVICE_H_
#define IDEA_SERVICES_REGISTRY_ACCESSION_ACCESSION_SERVICE_H_

#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/registry/v1/accession.pb.h"

namespace idea::registry {

// The methods of RegistryService on accessions and signatories, as registry.proto describes them.
class AccessionService {
 public:
  void Bind(rpc::Router& router);

  absl::StatusOr<v1::CreateAccessionResponse> CreateAccession(rpc::Call& call,
                                                              const v1::CreateAccessionRequest& request);
  absl::StatusOr<v1::ListAccessionsResponse> ListAccessions(rpc::Call& call,
                                                            const v1::ListAccessionsRequest& request);
  absl::StatusOr<v1::WithdrawEntityResponse> WithdrawEntity(rpc::Call& call,
                                                            const v1::WithdrawEntityRequest& request);
  absl::StatusOr<v1::ConfirmSignatoriesResponse> ConfirmSignatories(
      rpc::Call& call, const v1::ConfirmSignatoriesRequest& request);
  absl::StatusOr<v1::GetLapsesResponse> GetLapses(rpc::Call& call, const v1::GetLapsesRequest& request);

 private:
  // The last response of GetLapses, and the version of the standings from which it was computed. The
  // inventory calls GetLapses every few seconds, and the response rarely changes.
  std::mutex mutex_;
  std::string lapses_version_;
  v1::GetLapsesResponse lapses_;
};

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ACCESSION_ACCESSION_SERVICE_H_
