package io.gemlab.graph.score;

import java.util.List;

/**
 * Requests laid out in rows of one length.
 *
 * @param length T
 * @param rows filled as far as they could be, one or more
 */
record RowPlan(int length, List<BranchRow> rows) {}
