/**
 * Charts as SVG text: {@link io.gemlab.reports.chart.LineChart} for curves and sweeps, {@link
 * io.gemlab.reports.chart.BarChart} for speeds and sizes, {@link
 * io.gemlab.reports.chart.IntervalChart} for effects with their confidence intervals. A chart is a
 * record of its data, checked when it is made, so that any renderer can also write it as a table or
 * as numbers; {@code svg} draws it, equal data always to equal bytes. Each {@link
 * io.gemlab.reports.chart.Layout} is drawn at its own size, so that letters stay legible on a
 * phone. Colours come from {@link io.gemlab.reports.chart.ChartStyle}, which follows light and dark
 * mode.
 */
package io.gemlab.reports.chart;
