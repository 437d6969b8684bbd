package io.gemlab.experiments.eval.task;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a task's documents are.
 *
 * @param path {@code dataset_path}: a data set's name on Hugging Face's hub, or {@code json} or
 *     {@code parquet} where files are named
 * @param name {@code dataset_name}: a part of it
 * @param files {@code data_files} by split; empty where none are named
 */
public record DatasetSpec(String path, Optional<String> name, Map<String, List<String>> files) {}
