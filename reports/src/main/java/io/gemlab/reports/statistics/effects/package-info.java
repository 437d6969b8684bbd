/** Main effects of factors over a grid of runs, and whether the grid can tell them apart. */
package io.gemlab.reports.statistics.effects;
