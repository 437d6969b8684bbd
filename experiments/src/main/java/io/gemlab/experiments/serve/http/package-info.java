/**
 * OpenAI's HTTP routes over {@code serve.batch}: {@code ApiServer} listens, {@code Api} knows which
 * route a request is for, {@code CompletionBody} and {@code ChatBody} read what is {@code Asked}
 * key by key, {@code AnswerJson} and {@code EventStream} write what comes of it. All that a client
 * sends is bounded, and what can't be done is refused by name.
 *
 * <p>Not here: the model, its slots and its queue.
 */
package io.gemlab.experiments.serve.http;
