package io.gemlab.experiments.eval.task;

import java.util.Optional;

/**
 * How a document becomes a question and its answer.
 *
 * @param text {@code doc_to_text}
 * @param target {@code doc_to_target}
 * @param choices {@code doc_to_choice}
 * @param prefix {@code gen_prefix}: how the answer begins
 * @param delimiter {@code target_delimiter}: what stands between question and answer
 */
record PromptSpec(
    Field text, Field target, Optional<Field> choices, Optional<Field> prefix, String delimiter) {}
