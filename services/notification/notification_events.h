#ifndef IDEA_SERVICES_NOTIFICATION_NOTIFICATION_EVENTS_H_
#define IDEA_SERVICES_NOTIFICATION_NOTIFICATION_EVENTS_H_

// The types of the events of this service.
namespace idea::notification {

inline constexpr char kSubscriptionCreated[] = "SubscriptionCreated";
inline constexpr char kSubscriptionUpdated[] = "SubscriptionUpdated";
inline constexpr char kSubscriptionPaused[] = "SubscriptionPaused";
inline constexpr char kSubscriptionResumed[] = "SubscriptionResumed";
inline constexpr char kSubscriptionDeleted[] = "SubscriptionDeleted";
inline constexpr char kSubscriptionSecretRotated[] = "SubscriptionSecretRotated";
inline constexpr char kSubscriptionTested[] = "SubscriptionTested";
inline constexpr char kEventsReplayed[] = "EventsReplayed";
inline constexpr char kEventRedelivered[] = "EventRedelivered";

}  // namespace idea::notification

#endif  // IDEA_SERVICES_NOTIFICATION_NOTIFICATION_EVENTS_H_
