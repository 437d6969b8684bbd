package io.gemlab.ops.choice;

/**
 * What ran otherwise than was asked, with permission.
 *
 * @param part the op it happened in, such as {@code attention}
 * @param asked what was asked for
 * @param ran what ran instead
 * @param reason why, as a clause without a full stop
 * @param remedy what to do for it to run as asked, likewise
 */
public record Deviation(String part, String asked, String ran, String reason, String remedy) {}
