/**
 * Seeded fuzzing of a running server: good requests of small models are changed in one to three
 * places and sent over kept connections. A seed and a number go in and give the same request every
 * time; a report of what the server did wrong comes out.
 */
@NullMarked
package dev.millrace.testkit.fuzz;

import org.jspecify.annotations.NullMarked;
