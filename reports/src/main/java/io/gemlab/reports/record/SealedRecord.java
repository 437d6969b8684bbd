package io.gemlab.reports.record;

/**
 * A record as a file: its name and its content, the checksum last.
 *
 * @param fileName for the folder of an experiment's records
 * @param content the whole file
 */
public record SealedRecord(String fileName, byte[] content) {}
