/**
 * What a run leaves in its {@code runs/} folder. The messages are protobuf's, generated from {@code
 * gemlab/record/run.proto}, which documents every field; {@link io.gemlab.reports.record.RunRecord}
 * is one run, {@link io.gemlab.reports.record.AnalysisRecord} what was concluded from several.
 * {@link io.gemlab.reports.record.RunRecords} and {@link io.gemlab.reports.record.AnalysisRecords}
 * write them and refuse damaged ones, {@link io.gemlab.reports.record.Provenances} finds out what a
 * run can know about the machine without TensorFlow. How a record looks to a reader is the business
 * of {@code render}.
 */
package io.gemlab.reports.record;
