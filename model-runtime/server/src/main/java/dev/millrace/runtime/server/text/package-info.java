/**
 * Text for models that take token ids: strings come in, input tensors go to the model, its outputs
 * come back and leave as embeddings, scores or probabilities. Knows neither protocols nor queues.
 */
@NullMarked
package dev.millrace.runtime.server.text;

import org.jspecify.annotations.NullMarked;
