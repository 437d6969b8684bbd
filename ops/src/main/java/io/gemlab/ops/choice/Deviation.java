package io.gemlab.ops.choice;

/**
 * What ran otherwise than was asked, with permission.
 *
 * @param part the op it happened in, such as {@code attention}
 * @param asked what was asked for
 * @param ran what ran instead
 * @param reason why
 */
public record Deviation(String part, String asked, String ran, String reason) {}
