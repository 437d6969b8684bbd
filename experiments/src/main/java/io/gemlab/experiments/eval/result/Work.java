package io.gemlab.experiments.eval.result;

import java.time.Duration;
import java.util.List;

/**
 * What an evaluation took.
 *
 * @param requests how many were asked, those asked twice counted once
 * @param known how many of them had been answered before
 * @param tokens of the texts of those that were not
 * @param computed positions that went through the model for them: fewer where texts begin alike,
 *     more for rows that aren't full
 * @param programs what was compiled to score them, by name
 * @param time from the first request to the last answer
 */
public record Work(
    int requests, int known, long tokens, long computed, List<String> programs, Duration time) {}
