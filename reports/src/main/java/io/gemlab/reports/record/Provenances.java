package io.gemlab.reports.record;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds out where a run's numbers come from: Java, the machine, Gemlab's commit, the options that
 * change numbers or speed. What can't be found out is "unknown"; a run never fails for it.
 */
public final class Provenances {
  private static final String UNKNOWN = "unknown";
  private static final String DIRTY = "-dirty";

  /** How the names of environment variables begin that libraries below us read. */
  private static final List<String> SETTING_PREFIXES =
      List.of(
          "TF_CPP_",
          "TF_ENABLE_",
          "TF_XLA_",
          "TF_NUM_",
          "TF_GPU_",
          "TF_CUDNN_",
          "TF_MKL_",
          "TF_ONEDNN_",
          "TF_DETERMINISTIC_",
          "XLA_",
          "ONEDNN_",
          "DNNL_",
          "OMP_",
          "KMP_",
          "MKL_",
          "OPENBLAS_",
          "CUDA_",
          "NVIDIA_",
          "TPU_",
          "LIBTPU_",
          "PJRT_",
          "MALLOC_",
          "GLIBC_TUNABLES",
          "LD_PRELOAD");

  private Provenances() {}

  /** The provenance of a run that this process makes now. */
  public static Provenance collect(RunContext context) {
    CpuInfo cpu = CpuInfo.here();
    String commit = commit(context.checkout()).orElse(UNKNOWN);
    return Provenance.newBuilder()
        .setGemlabVersion(context.gemlabVersion())
        .setGitCommit(commit.replace(DIRTY, ""))
        .setGitDirty(commit.endsWith(DIRTY))
        .setCommand(ShellCommand.quoted(context.commandLine()))
        .setJava(Runtime.version() + ", " + System.getProperty("java.vendor", UNKNOWN))
        .addAllLibraries(context.libraries())
        .setOperatingSystem(
            System.getProperty("os.name")
                + " "
                + System.getProperty("os.version")
                + ", "
                + System.getProperty("os.arch"))
        .setCpuModel(cpu.model())
        .addAllCpuFeatures(cpu.features())
        .setCores(Runtime.getRuntime().availableProcessors())
        .setMemoryBytes(memoryBytes())
        .addAllSettings(settings(System.getenv()))
        .build();
  }

  /**
   * The commit of a checkout, with {@value #DIRTY} behind it where tracked files differ; empty
   * where the folder is not the top of a checkout, since a commit of what lies around it would
   * mislead.
   */
  private static Optional<String> commit(Path checkout) {
    return git(checkout, "rev-parse", "--show-toplevel")
        .filter(top -> same(checkout, Path.of(top)))
        .flatMap(
            top ->
                git(
                    checkout,
                    "describe",
                    "--always",
                    "--abbrev=40",
                    "--exclude=*",
                    "--dirty=" + DIRTY));
  }

  private static Optional<String> git(Path folder, String... arguments) {
    return ShellCommand.output(
        folder, Stream.concat(Stream.of("git"), Stream.of(arguments)).toList());
  }

  private static boolean same(Path folder, Path other) {
    try {
      return folder.toRealPath().equals(other.toRealPath());
    } catch (IOException e) {
      return false;
    }
  }

  private static long memoryBytes() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  /** The JVM's options, then the environment variables that matter, by name. */
  static List<Setting> settings(Map<String, String> environment) {
    List<Setting> settings = new ArrayList<>();
    settings.add(
        setting(
            "JVM options",
            ShellCommand.quoted(ManagementFactory.getRuntimeMXBean().getInputArguments())));
    environment.entrySet().stream()
        .filter(variable -> SETTING_PREFIXES.stream().anyMatch(variable.getKey()::startsWith))
        .sorted(Map.Entry.comparingByKey())
        .forEach(variable -> settings.add(setting(variable.getKey(), variable.getValue())));
    return settings;
  }

  private static Setting setting(String name, String value) {
    return Setting.newBuilder().setName(name).setValue(value).build();
  }
}
