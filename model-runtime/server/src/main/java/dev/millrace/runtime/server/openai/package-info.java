/**
 * The text routes in the forms that clients of OpenAI, Cohere, Jina, TEI and vLLM send: a JSON body
 * comes in, rows of tokens go to the model, its numbers come back and leave as a JSON body. Knows
 * neither transports nor queues.
 */
@NullMarked
package dev.millrace.runtime.server.openai;

import org.jspecify.annotations.NullMarked;
