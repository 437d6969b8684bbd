package io.gemlab.experiments.program;

import io.gemlab.graph.path.Profile;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tells XLA's programs apart by what they read: a session does not say which of the model's ops a
 * program holds, but it names the nodes whose values the program takes, and those carry the model's
 * names. A program that reads only other programs' results is named after what those read.
 */
final class XlaPrograms {
  /** A part of the model, and the names by which it is known; the first that fits names it. */
  private record Part(String label, Pattern names) {}

  private static final List<Part> PARTS =
      List.of(
          new Part("logits and loss", Pattern.compile("(^|/)(loss|lm_head)/|argument\\.labels")),
          new Part("norms and residuals", Pattern.compile("(layernorm|model[./]norm|_norm)\\b")),
          new Part("gate of the MLP", Pattern.compile("/mlp/")),
          new Part(
              "attention and rotary embedding",
              Pattern.compile("/self_attn/|/rotary_emb/|/BatchMatMul")),
          new Part("embedding", Pattern.compile("embed_tokens")));

  private static final Pattern OPTIMIZER = Pattern.compile("state\\.optimizer\\.exp_avg");
  private static final Pattern BACKWARD = Pattern.compile("(^|/)Gradients/");

  private final Map<String, Profile.Node> programs = new HashMap<>();

  XlaPrograms(Profile profile) {
    for (Profile.Node node : profile.nodes()) {
      if (node.op().equals("_XlaRun")) programs.put(programOf(node.name()), node);
    }
  }

  /** What a program computes, in a few words. */
  String label(Profile.Node program) {
    if (!programs.containsValue(program)) return "the whole function";
    Set<String> own = new HashSet<>(program.inputs());
    own.removeIf(name -> programs.containsKey(programOf(name)));
    Set<String> all = readThroughOthers(program);
    if (matches(own, OPTIMIZER)) {
      boolean norm = part(own).filter(PARTS.get(1)::equals).isPresent();
      return norm ? "norms, backward, and AdamW" : "AdamW";
    }
    String pass = matches(all, BACKWARD) ? ", backward" : ", forward";
    return part(own).or(() -> part(all)).map(Part::label).orElse("rest") + pass;
  }

  private static Optional<Part> part(Set<String> names) {
    return PARTS.stream().filter(part -> matches(names, part.names())).findFirst();
  }

  private static boolean matches(Set<String> names, Pattern pattern) {
    return names.stream().anyMatch(name -> pattern.matcher(name).find());
  }

  /** What a program reads, and what the programs read whose results it takes. */
  private Set<String> readThroughOthers(Profile.Node program) {
    Set<String> read = new HashSet<>();
    Deque<Profile.Node> pending = new ArrayDeque<>(List.of(program));
    while (!pending.isEmpty()) {
      for (String name : pending.pop().inputs()) {
        if (!read.add(name)) continue;
        Profile.Node other = programs.get(programOf(name));
        if (other != null) pending.push(other);
      }
    }
    return read;
  }

  /** {@code cluster_3_1} for {@code cluster_3_1/xla_run} and {@code cluster_3_1/merge_oidx_0}. */
  private static String programOf(String node) {
    return node.startsWith("cluster_") ? node.substring(0, Math.max(0, node.indexOf('/'))) : node;
  }
}
