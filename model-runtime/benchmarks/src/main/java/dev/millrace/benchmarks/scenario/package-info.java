/**
 * What is measured, and how a measurement goes: the list of scenarios, and the rounds in which the
 * server under test and its baseline take turns. Options enter, results for the report leave.
 */
@NullMarked
package dev.millrace.benchmarks.scenario;

import org.jspecify.annotations.NullMarked;
