/**
 * The start-up cache: loaded classes and compiled profiles of the platform (JEP 514, JEP 515) and
 * ONNX Runtime's unpacked libraries, made once by a training run and used by every start after it.
 */
@NullMarked
package dev.millrace.cli.startup;

import org.jspecify.annotations.NullMarked;
