/**
 * What a run leaves behind and how it is told: records, statistics, charts and reports. The rooms
 * build on each other in the order {@code statistics}, {@code record}, {@code chart}, {@code
 * render}; none knows TensorFlow. This package holds only what several rooms need: how a number is
 * written ({@link io.gemlab.reports.Numbers}) and how markup is escaped ({@link
 * io.gemlab.reports.Markup}). Reports and records come out as bytes; whoever runs writes them.
 */
package io.gemlab.reports;
