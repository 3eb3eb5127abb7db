package dev.millrace.protocol.control;

import java.time.Instant;
import java.util.Map;

/**
 * A model: a name in a project, its versions and the labels on them.
 *
 * @param latestVersion the highest version number; 0 when there is none yet
 * @param aliases version by alias
 */
public record ModelDocument(
    String project,
    String name,
    int latestVersion,
    Map<String, Integer> aliases,
    Instant createdAt) {}
