/**
 * Packs a model and the files that belong to it into the tar bundle that the upload API takes.
 * Files enter as paths, a temporary tar leaves.
 */
@NullMarked
package dev.millrace.cli.bundle;

import org.jspecify.annotations.NullMarked;
