package dev.millrace.registry.event;

/** The fixed words of {@code EventDocument.type}. */
public final class EventType {
  public static final String VERSION_UPLOADED = "VersionUploaded";
  public static final String VERSION_READY = "VersionReady";
  public static final String VERSION_REJECTED = "VersionRejected";
  public static final String VERSION_ASKED_AGAIN = "VersionAskedAgain";
  public static final String VALIDATION_ASKED = "ValidationAsked";
  public static final String VALIDATION_PASSED = "ValidationPassed";
  public static final String VALIDATION_FAILED = "ValidationFailed";
  public static final String VERSION_DELETED = "VersionDeleted";
  public static final String MODEL_DELETED = "ModelDeleted";
  public static final String ALIAS_MOVED = "AliasMoved";
  public static final String ALIAS_REMOVED = "AliasRemoved";
  public static final String ENDPOINT_CHANGED = "EndpointChanged";
  public static final String ENDPOINT_REVERTED = "EndpointReverted";
  public static final String ENDPOINT_SUSPENDED = "EndpointSuspended";
  public static final String ENDPOINT_RESUMED = "EndpointResumed";
  public static final String ENDPOINT_DELETED = "EndpointDeleted";
  public static final String TRAFFIC_SWITCHED = "TrafficSwitched";

  private EventType() {}
}
