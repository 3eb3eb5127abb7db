package dev.millrace.testkit.oip;

/**
 * The whole suite: REST and gRPC. A subclass is one line beside its {@link #target()}; the server
 * must be up, and the endpoint ready, before the first test starts.
 *
 * <p>Every test is independent, changes nothing on the server and takes well under a second, but
 * for the four that send a body over the limit.
 */
public abstract class OipConformance
    implements OipRestContract,
        OipBadInputContract,
        OipGrpcContract,
        OipGrpcBadInputContract,
        OipGrpcStreamContract,
        OipGrpcServicesContract {}
