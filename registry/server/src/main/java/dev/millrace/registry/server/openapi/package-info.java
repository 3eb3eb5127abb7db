/**
 * What the platform tells of its own API: the OpenAPI documents of the whole and of one endpoint,
 * snippets, and the gRPC description. Written descriptions and signatures enter, documents leave.
 */
@NullMarked
package dev.millrace.registry.server.openapi;

import org.jspecify.annotations.NullMarked;
