package io.gemlab.graph.base.checkpoint;

import io.gemlab.graph.base.input.GitLfs;
import io.gemlab.graph.base.input.InvalidInput;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a folder is, found out from the names, links and first bytes of its files, from {@code
 * config.json} and from the names of its tensors. Loading, refusing and {@code gemlab doctor
 * --checkpoint} all read it here.
 */
public sealed interface CheckpointKind {
  /** Completes "this folder ...", such as {@code holds one safetensors file}. */
  String description();

  /**
   * Finds out what a folder is.
   *
   * @throws InvalidInput if {@code config.json}, the index or the header of a safetensors file is
   *     damaged
   */
  static CheckpointKind of(Path folder) {
    return new FolderInspection(folder).kind();
  }

  /**
   * What a folder is that is to be loaded.
   *
   * @throws InvalidInput if it is of a kind that is not read: what it is and what to do; and as
   *     {@link #of}
   */
  static Readable requireReadable(Path folder) {
    return switch (of(folder)) {
      case Readable readable -> readable;
      case Unreadable unreadable -> throw unreadable.refusal(folder);
    };
  }

  /** Weights that Gemlab reads. */
  sealed interface Readable extends CheckpointKind {
    /** The files that make the model: {@code config.json} and those that hold the weights. */
    List<Path> modelFiles();
  }

  /** All weights in one file; an index beside it, if there is one, names no other. */
  record SingleFile(Path file) implements Readable {
    @Override
    public String description() {
      return "holds one safetensors file, " + file.getFileName();
    }

    @Override
    public List<Path> modelFiles() {
      return List.of(file.resolveSibling(FolderLayout.CONFIG), file);
    }
  }

  /**
   * Weights in the files that an index lists.
   *
   * @param shards relative to the folder
   */
  record Sharded(Path index, List<String> shards) implements Readable {
    public Sharded {
      shards = List.copyOf(shards);
    }

    @Override
    public String description() {
      return "holds %d safetensors shards, listed in %s"
          .formatted(shards.size(), index.getFileName());
    }

    @Override
    public List<Path> modelFiles() {
      return Stream.concat(
              Stream.of(index.resolveSibling(FolderLayout.CONFIG), index),
              shards.stream().map(index::resolveSibling))
          .toList();
    }
  }

  /** What Gemlab doesn't read. */
  sealed interface Unreadable extends CheckpointKind {
    /** What its owner can do. */
    String remedy();

    /** The refusal to load {@code folder}. */
    default InvalidInput refusal(Path folder) {
      return new InvalidInput(folder + " " + description() + ": " + remedy());
    }
  }

  /** Not a folder, but a file or nothing. */
  record NoFolder(boolean exists) implements Unreadable {
    @Override
    public String description() {
      return exists ? "is a file and not a folder" : "is not a folder: it does not exist";
    }

    @Override
    public String remedy() {
      return exists
          ? "name the folder with config.json and model.safetensors in it"
          : "check the path; a folder with config.json and model.safetensors in it is wanted";
    }
  }

  /** A folder of Hugging Face's cache that keeps snapshots, or models, and is none itself. */
  record CacheRoot(List<Path> inside) implements Unreadable {
    public CacheRoot {
      inside = List.copyOf(inside);
    }

    @Override
    public String description() {
      return "is a folder of Hugging Face's cache and no checkpoint itself";
    }

    @Override
    public String remedy() {
      return inside.isEmpty()
          ? "it has no snapshot; download the model again"
          : "name a folder inside it, such as " + inside.getFirst();
    }
  }

  /** A link to what isn't there, as an interrupted download or a copied cache leaves them. */
  record BrokenLink(Path link, String target) implements Unreadable {
    @Override
    public String description() {
      return "has a broken link: %s leads to %s, which does not exist"
          .formatted(link.getFileName(), target);
    }

    @Override
    public String remedy() {
      return "download the model again, or copy the folder with its links followed (cp -rL)";
    }
  }

  /** A clone without Git LFS: text where a large file should be. */
  record LfsPointer(Path file) implements Unreadable {
    @Override
    public String description() {
      return "was cloned without Git LFS: %s is %s"
          .formatted(file.getFileName(), GitLfs.DESCRIPTION);
    }

    @Override
    public String remedy() {
      return GitLfs.REMEDY;
    }
  }

  /**
   * Low-rank changes to another model's weights, and not a model.
   *
   * @param base the model that they change, where the folder says it
   * @param besideWeights whether a whole model's weights lie in the same folder
   */
  record Adapter(Optional<String> base, boolean besideWeights) implements Unreadable {
    @Override
    public String description() {
      String of = base.map(name -> " of " + InvalidInput.shown(name)).orElse("");
      return besideWeights
          ? "holds an adapter" + of + " (adapter_config.json) beside a whole model's weights"
          : "is an adapter" + of + " and no whole model";
    }

    @Override
    public String remedy() {
      return besideWeights
          ? "keep one of the two: delete or move the adapter's files if the weights are what you want"
          : "merge it into its base model (gemlab merge-adapter) and name the folder that comes out";
    }
  }

  /**
   * A model with a head of its own that scores whole texts.
   *
   * @param head the head's tensor
   */
  record RewardModel(String head) implements Unreadable {
    @Override
    public String description() {
      return "is a reward model or classifier: it has the head " + InvalidInput.shown(head);
    }

    @Override
    public String remedy() {
      return "Gemlab runs language models; name the one that it was trained from";
    }
  }

  /**
   * Weights in a quantizer's form, or a configuration that says so.
   *
   * @param method the quantizer and its bits, such as {@code gptq, 4 bits}
   * @param plainWeights whether the tensors' names are an unquantized model's all the same
   */
  record Quantized(String method, boolean plainWeights) implements Unreadable {
    @Override
    public String description() {
      return plainWeights
          ? "says in config.json that it is quantized (%s), but its tensors have the names of an unquantized model's"
              .formatted(method)
          : "is quantized (%s), which Gemlab does not read".formatted(method);
    }

    @Override
    public String remedy() {
      return plainWeights
          ? "if the weights are plain, remove quantization_config from config.json"
          : "name the model that it was quantized from; Gemlab quantizes to int8 or int4 as it"
              + " loads";
    }
  }

  /**
   * All names begin with a wrapper's.
   *
   * @param prefix such as {@code _orig_mod.}
   */
  record Wrapped(String prefix) implements Unreadable {
    @Override
    public String description() {
      return "was saved from inside %s: all its tensors' names begin with %s"
          .formatted(wrapper(), InvalidInput.shown(prefix));
    }

    @Override
    public String remedy() {
      return prefix.equals("base_model.model.")
          ? "merge the adapter (PEFT: merge_and_unload) and save again with save_pretrained"
          : "save the model inside it with save_pretrained, or rename the tensors without this"
              + " prefix";
    }

    private String wrapper() {
      return switch (prefix) {
        case "base_model.model." -> "a PEFT model";
        case "_orig_mod." -> "torch.compile's wrapper";
        case "module." -> "a data-parallel wrapper";
        case "language_model.", "model.language_model." -> "a multimodal model";
        default -> "another module";
      };
    }
  }

  /**
   * Weights in another format than safetensors.
   *
   * @param format as people call it
   */
  record OtherFormat(Path file, String format) implements Unreadable {
    @Override
    public String description() {
      return "holds its weights as %s (%s) and not as safetensors"
          .formatted(format, file.getFileName());
    }

    @Override
    public String remedy() {
      return "fetch the model's safetensors, or convert it (transformers: from_pretrained, then"
          + " save_pretrained)";
    }
  }

  /** Shards whose index is lost. */
  record NoIndex(Path shard) implements Unreadable {
    @Override
    public String description() {
      return "has %s and neither %s nor %s"
          .formatted(shard.getFileName(), FolderLayout.SINGLE, FolderLayout.INDEX);
    }

    @Override
    public String remedy() {
      return "fetch the index, or rename the file if it is the only one";
    }
  }

  /** A whole model and an index of other files, both there: nobody knows which is meant. */
  record TwoModels(String shard) implements Unreadable {
    @Override
    public String description() {
      return "has both %s and, listed in %s, %s"
          .formatted(FolderLayout.SINGLE, FolderLayout.INDEX, InvalidInput.shown(shard));
    }

    @Override
    public String remedy() {
      return "delete the one that is not meant";
    }
  }

  /**
   * What {@code gemlab train} writes, with checkpoints inside.
   *
   * @param last the newest
   */
  record TrainingRun(Path last) implements Unreadable {
    @Override
    public String description() {
      return "is the folder of a training run";
    }

    @Override
    public String remedy() {
      return "name a checkpoint in it, such as %s, or the running mean in that, ema"
          .formatted(last);
    }
  }

  /** No weights at all. */
  record NoWeights() implements Unreadable {
    @Override
    public String description() {
      return "has neither %s nor %s".formatted(FolderLayout.SINGLE, FolderLayout.INDEX);
    }

    @Override
    public String remedy() {
      return "name a checkpoint's folder";
    }
  }
}
