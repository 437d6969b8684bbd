package io.gemlab.experiments.serve.batch;

import io.gemlab.graph.decode.FinishReason;
import java.util.List;

/**
 * One answer to one prompt.
 *
 * @param text the answer, behind the prompt where that is echoed
 * @param tokens of what is told: the echoed prompt's, then the new ones; empty unless asked for
 * @param finish why there are no more
 * @param promptTokens how many the prompt has
 * @param newTokens how many came, one that ended it too
 */
public record CompletionAnswer(
    String text, List<TokenReport> tokens, FinishReason finish, int promptTokens, int newTokens) {}
