package io.gemlab.reports.render;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** Names to link to, made from headings: short, readable, and each only once. */
final class Anchors {
  private final Set<String> taken = new HashSet<>();

  String of(String heading) {
    String slug =
        heading.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    String base = slug.isEmpty() ? "section" : slug;
    String anchor = base;
    for (int number = 2; !taken.add(anchor); number++) anchor = base + "-" + number;
    return anchor;
  }
}
