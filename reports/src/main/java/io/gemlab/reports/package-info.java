/**
 * What a run leaves behind and how it is told: records, statistics, charts and reports. The rooms
 * build on each other in the order {@code statistics}, {@code record}, {@code chart}, {@code
 * render}; none knows TensorFlow. This package holds only what several rooms need: how a number is
 * written ({@link io.gemlab.reports.Numbers}), how markup is escaped ({@link
 * io.gemlab.reports.Markup}), and how a file appears whole or not at all ({@link
 * io.gemlab.reports.WholeFile}).
 */
package io.gemlab.reports;
