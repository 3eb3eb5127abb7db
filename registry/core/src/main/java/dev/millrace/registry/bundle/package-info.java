/**
 * One upload taken apart: a bare ONNX file or a tar of plain files. A request body enters; staged
 * artifacts, the signature and the manifest leave, or nothing at all.
 */
@NullMarked
package dev.millrace.registry.bundle;

import org.jspecify.annotations.NullMarked;
