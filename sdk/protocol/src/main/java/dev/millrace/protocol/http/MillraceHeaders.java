package dev.millrace.protocol.http;

/**
 * Header and gRPC-metadata names. The ones starting with {@link #INTERNAL_PREFIX} travel between
 * the platform's own processes; the gateway strips them from what clients send.
 */
public final class MillraceHeaders {
  private MillraceHeaders() {}

  /** Length of the JSON part of a body with binary tensor data. */
  public static final String INFERENCE_HEADER_CONTENT_LENGTH = "inference-header-content-length";

  /** The caller's time budget for the whole call, in milliseconds. */
  public static final String TIMEOUT = "millrace-timeout";

  /** The caller's priority: 0 the default level, 1 the highest. */
  public static final String PRIORITY = "millrace-priority";

  /** Keeps a caller on one version while traffic moves. */
  public static final String STICKY_KEY = "millrace-sticky-key";

  /** Names the project when a credential may use several. */
  public static final String PROJECT = "millrace-project";

  /** The id under which this call is logged; echoed, or made when absent or malformed. */
  public static final String REQUEST_ID = "millrace-request-id";

  /** The version that answered. */
  public static final String MODEL_VERSION = "millrace-model-version";

  /** The replica that answered. */
  public static final String REPLICA = "millrace-replica";

  /**
   * How many milliseconds the call waited for its version to be loaded; absent when it was there.
   */
  public static final String COLD_START = "millrace-cold-start";

  /** Whether the answer was kept from an earlier call: {@code hit}, {@code miss}, … */
  public static final String CACHE = "millrace-cache";

  /** Where the time went: queue, batch, compute. */
  public static final String SERVER_TIMING = "server-timing";

  /** W3C trace context: the span around a call, and whether it is traced. */
  public static final String TRACEPARENT = "traceparent";

  /** Prefix of headers that only the platform's own processes may send. */
  public static final String INTERNAL_PREFIX = "millrace-internal-";

  /** {@code project/model/version} that the gateway chose. */
  public static final String INTERNAL_TARGET = INTERNAL_PREFIX + "target";

  /** The endpoint that the caller addressed. */
  public static final String INTERNAL_ENDPOINT = INTERNAL_PREFIX + "endpoint";

  /** Proves that a call comes from a process of the cluster. */
  public static final String INTERNAL_TOKEN = INTERNAL_PREFIX + "token";

  /** Project of the authenticated caller, on forwarded control calls. */
  public static final String INTERNAL_PROJECT = INTERNAL_PREFIX + "project";

  /** Id of the authenticated caller's key, on forwarded control calls; for the audit record. */
  public static final String INTERNAL_ACTOR = INTERNAL_PREFIX + "actor";

  /** Roles of the authenticated caller, comma-separated. */
  public static final String INTERNAL_ROLES = INTERNAL_PREFIX + "roles";

  /**
   * The platform's address as the caller reached it, {@code http://host:port}, checked by the
   * gateway; on forwarded control calls.
   */
  public static final String INTERNAL_BASE_URL = INTERNAL_PREFIX + "base-url";
}
