package dev.millrace.protocol.control;

/**
 * A share of an endpoint's traffic.
 *
 * @param version a version of the endpoint's model
 * @param weight 0–100; 0 keeps the version loaded and reachable by its number only
 */
public record TrafficTarget(int version, int weight) {}
