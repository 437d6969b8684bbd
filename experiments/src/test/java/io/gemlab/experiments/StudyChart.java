package io.gemlab.experiments;

import io.gemlab.reports.Markup;
import io.gemlab.reports.chart.Chart;
import io.gemlab.reports.chart.ChartStyle;
import io.gemlab.reports.chart.Layout;
import java.util.ArrayList;
import java.util.List;

/** Charts of studies as files. */
public final class StudyChart {
  private StudyChart() {}

  /** A picture of its own, on white. */
  public static String alone(Chart chart, String id) {
    Markup.Element svg = chart.svg(id, Layout.WIDE);
    Markup.Element style =
        Markup.element("style")
            .add(
                ChartStyle.css(), new Markup.Verbatim("svg { background: #fff; color: #1c1f23; }"));
    List<Markup> inside = new ArrayList<>(List.of(style));
    inside.addAll(svg.children());
    return new Markup.Element(svg.name(), svg.attributes(), inside)
            .with("xmlns", "http://www.w3.org/2000/svg")
            .render()
        + "\n";
  }
}
