package io.gemlab.experiments.run;

import io.gemlab.experiments.run.RunStore.Run;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.render.Block.Notice;
import io.gemlab.reports.render.Block.Notice.Kind;
import io.gemlab.reports.render.Block.Paragraph;
import io.gemlab.reports.render.Span;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a reader has to know of a study's records before what they say, and the command that mends
 * it.
 *
 * @param inventory the records
 * @param mend the command that makes a run which is not there
 */
public record InventoryNotices(Inventory inventory, Function<Run, String> mend) {
  private static final int NAMED = 6;
  private static final int COMMIT_DIGITS = 10;

  /** A notice as a line without its emphasis. */
  public static String line(Notice notice) {
    return notice.text().spans().stream().map(Span::text).collect(Collectors.joining());
  }

  /** All of them, the gravest first; none where all is there. */
  public List<Notice> notices() {
    List<Notice> notices = new ArrayList<>();
    add(notices, inventory.missing(), "is missing", "are missing", "makes");
    add(notices, inventory.failed(), "failed", "failed", "tries again to make");
    add(
        notices,
        inventory.interrupted(),
        "has not come to its end",
        "have not come to their end",
        "goes on with");
    aside(notices, inventory.damaged(), "damaged", "its run is made again by --resume");
    aside(
        notices,
        inventory.misplaced(),
        "the record of another run than the name says",
        "--resume sets it aside");
    aside(
        notices,
        inventory.foreign(),
        "of runs that the recipe doesn't ask for",
        "ask for it in recipe.yaml, or take the file away");
    aside(
        notices, inventory.twice(), "there twice", "take the file away if it is not the right one");
    code(notices);
    machines(notices);
    withoutIdentity(notices);
    return notices;
  }

  private void add(List<Notice> notices, List<Run> runs, String one, String many, String does) {
    Map<String, List<Run>> byCommand = new LinkedHashMap<>();
    for (Run run : runs) {
      byCommand.computeIfAbsent(mend.apply(run), _ -> new ArrayList<>()).add(run);
    }
    byCommand.forEach(
        (command, group) ->
            notices.add(
                new Notice(
                    Kind.WARNING,
                    Paragraph.of(
                        new Span.Strong(
                            "%d of %d runs %s"
                                .formatted(
                                    group.size(),
                                    inventory.asked().size(),
                                    group.size() == 1 ? one : many)),
                        new Span.Plain(
                            ": " + named(group.stream().map(Run::described).toList()) + "; "),
                        new Span.Code(command),
                        new Span.Plain(
                            " " + does + " " + (group.size() == 1 ? "it" : "them") + ".")))));
  }

  private static void aside(List<Notice> notices, List<Path> files, String what, String remedy) {
    if (files.isEmpty()) return;
    notices.add(
        new Notice(
            Kind.WARNING,
            Paragraph.of(
                new Span.Strong(
                    files.size() == 1
                        ? "1 file is left out"
                        : files.size() + " files are left out"),
                new Span.Plain(
                    " (%s): %s; %s."
                        .formatted(
                            what, named(files.stream().map(Path::toString).toList()), remedy)))));
  }

  private void code(List<Notice> notices) {
    Map<String, Integer> versions = counted(InventoryNotices::code);
    if (versions.size() < 2) return;
    notices.add(
        warning(
            "The records were made by %d states of the code".formatted(versions.size()),
            ": %s; what differs between their runs may be the code's doing."
                .formatted(counts(versions))));
  }

  private static String code(Provenance made) {
    String commit = made.getGitCommit();
    return "%s at commit %s%s"
        .formatted(
            made.getGemlabVersion(),
            commit.substring(0, Math.min(COMMIT_DIGITS, commit.length())),
            made.getGitDirty() ? " with changes that are not committed" : "");
  }

  private void machines(List<Notice> notices) {
    Map<String, Integer> machines =
        counted(made -> "%s, %d cores".formatted(made.getCpuModel(), made.getCores()));
    if (machines.size() < 2) return;
    notices.add(
        warning(
            "The records were made on %d kinds of machines".formatted(machines.size()),
            ": %s; times of different machines don't compare, and losses may differ in their last digits."
                .formatted(counts(machines))));
  }

  private void withoutIdentity(List<Notice> notices) {
    List<RunRecord> without = inventory.withoutIdentity();
    if (without.isEmpty()) return;
    notices.add(
        new Notice(
            Kind.INFO,
            Paragraph.of(
                "%d of %d records were written by an earlier version and hold no hash of their settings: nothing shows that they belong to this recipe."
                    .formatted(without.size(), inventory.records().size()))));
  }

  private Map<String, Integer> counted(Function<Provenance, String> by) {
    Map<String, Integer> counted = new LinkedHashMap<>();
    for (RunRecord record : inventory.records()) {
      counted.merge(by.apply(record.getProvenance()), 1, Integer::sum);
    }
    return counted;
  }

  private static String counts(Map<String, Integer> counted) {
    return counted.entrySet().stream()
        .map(one -> "%s (%d)".formatted(one.getKey(), one.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static Notice warning(String subject, String text) {
    return new Notice(Kind.WARNING, Paragraph.of(new Span.Strong(subject), new Span.Plain(text)));
  }

  private static String named(List<String> all) {
    int more = all.size() - NAMED;
    String named = all.stream().limit(NAMED).collect(Collectors.joining("; "));
    return more > 0 ? named + " and " + more + " more" : named;
  }
}
