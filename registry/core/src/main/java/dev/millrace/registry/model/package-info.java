/**
 * Models: names in a project, and the rules those names obey. Names enter from requests, documents
 * leave; storage is behind {@link dev.millrace.registry.store.ModelStore}.
 */
@NullMarked
package dev.millrace.registry.model;

import org.jspecify.annotations.NullMarked;
