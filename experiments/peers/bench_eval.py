"""`gemlab eval` beside lm-evaluation-harness 0.4.13 with Hugging Face on the same tasks, in turn: wall time and peak memory.

  python bench_eval.py --gemlab ./gemlab --lm-eval VENV/bin/python --model DIR --tasks-dir GOLDEN/gemma3/lmeval --work DIR
                       [--dtypes float32,bfloat16] [--batches 1,8,16,32,auto] [--search 25] [--rounds 3] [--limit N]

VENV has lm_eval 0.4.13, torch, transformers and accelerate. --tasks-dir holds TASK.yaml and their data. First lm-eval's batch
size: each of --batches on the first --search documents of every task, the fastest is taken. Then rounds on all documents (or
the first --limit), in turn: lm-eval, gemlab with prefixes shared, gemlab with prefixes repeated. Each run is a process of its
own, start, loading and compiling included; "inner_s" is what each says of itself: gemlab from the first request to the last
answer, lm-eval's total_evaluation_time. Peak memory is the process's (ru_maxrss, mapped files among it). A process may not
take more private memory than is free (RLIMIT_DATA): one that needs more fails, which lm-eval's "auto" counts on. Prints
JSON lines, at last how many times as fast gemlab was round by round, and which tasks' acc differs.
"""
import argparse, glob, json, os, re, resource, shutil, statistics, subprocess, sys, time

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("--gemlab", required=True)
ap.add_argument("--lm-eval", required=True)
ap.add_argument("--model", required=True)
ap.add_argument("--tasks-dir", required=True)
ap.add_argument("--tasks", default="arc_easy,arc_challenge,piqa,copa,boolq,winogrande,lambada_openai")
ap.add_argument("--prefix", default="gemma3_", help="of the tasks' names, before those of their files")
ap.add_argument("--work", required=True)
ap.add_argument("--dtypes", default="float32,bfloat16")
ap.add_argument("--batches", default="1,8,16,32,auto")
ap.add_argument("--search", type=int, default=25)
ap.add_argument("--rounds", type=int, default=3)
ap.add_argument("--limit", type=int)
ap.add_argument("--threads", type=int, default=os.cpu_count())
a = ap.parse_args()
for name in ("gemlab", "lm_eval", "model", "tasks_dir", "work"): setattr(a, name, os.path.abspath(getattr(a, name)))
os.makedirs(a.work, exist_ok=True)
tasks = a.tasks.split(",")


def free():
    """Bytes that are free now."""
    return next(int(line.split()[1]) * 1024 for line in open("/proc/meminfo") if line.startswith("MemAvailable"))


def run(who, words, out, folder, **more):
    """Runs words in a folder; prints what it took and returns it, without seconds where it failed."""
    shutil.rmtree(out, ignore_errors=True)
    room, threads, log = int(0.9 * free()), str(a.threads), os.path.join(a.work, "log")
    environment = dict(os.environ, OMP_NUM_THREADS=threads, MKL_NUM_THREADS=threads, TOKENIZERS_PARALLELISM="false", HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1",
                       HF_DATASETS_CACHE=os.path.join(a.work, "datasets"), HF_HOME=os.path.join(a.work, "hf"))
    begun = time.time()
    with open(log, "w") as to:
        process = subprocess.Popen(words, cwd=folder, env=environment, stdout=to, stderr=subprocess.STDOUT, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (room, room)))
    _, status, used = os.wait4(process.pid, 0)
    result = {"who": who, **more, "seconds": round(time.time() - begun, 2), "peak_mib": used.ru_maxrss // 1024, "cpu_s": round(used.ru_utime + used.ru_stime, 1),
              "rc": os.waitstatus_to_exitcode(status), "load": os.getloadavg()[0]}
    if result["rc"]: result["said"] = open(log, errors="replace").read().strip()[-300:]
    return result


def lm_eval(dtype, batch, limit):
    out = os.path.join(a.work, "lm_eval")
    words = [a.lm_eval, "-m", "lm_eval", "run", "--model", "hf", "--model_args", f"pretrained={a.model},dtype={dtype}", "--device", "cpu",
             "--tasks", ",".join(a.prefix + task for task in tasks), "--include_path", a.tasks_dir, "--batch_size", batch, "--output_path", out]
    if limit: words += ["--limit", str(limit)]
    result = run("lm_eval", words, out, a.tasks_dir, dtype=dtype, batch=batch, limit=limit)
    for file in glob.glob(out + "/**/results_*.json", recursive=True):
        told = json.load(open(file))
        result["inner_s"] = round(float(told["total_evaluation_time_seconds"]), 2)
        result["acc"] = {task: round(told["results"][a.prefix + task]["acc,none"], 4) for task in tasks}
    print(json.dumps(result), flush=True)
    return result


def gemlab(dtype, prefixes, limit):
    out = os.path.join(a.work, "gemlab")
    words = [a.gemlab, "eval", "--checkpoint", a.model, "--dtype", dtype, "--tasks", ",".join(f"{a.tasks_dir}/{task}.yaml" for task in tasks), "--data", a.tasks_dir,
             "--prefixes", prefixes, "--out", out]
    if limit: words += ["--limit", str(limit)]
    result = run("gemlab", words, out, a.work, dtype=dtype, prefixes=prefixes, limit=limit)
    if os.path.exists(out + "/results.json"):
        told = json.load(open(out + "/results.json"))
        result["acc"] = {task: round(told["tasks"][a.prefix + task]["metrics"]["acc"]["value"], 4) for task in tasks}
        result["inner_s"] = float(re.search(r"requests in ([0-9.]+) s", open(out + "/report.md").read())[1])
    print(json.dumps(result), flush=True)
    return result


gemlab(a.dtypes.split(",")[0], "shared", 1)  # builds it, where it isn't
for dtype in a.dtypes.split(","):
    tried = [lm_eval(dtype, batch, a.search) for batch in a.batches.split(",")]
    ran = [each for each in tried if each["rc"] == 0]
    if not ran: sys.exit(f"lm-eval ran with no batch size in {dtype}")
    best = min(ran, key=lambda each: each["seconds"])["batch"]
    sides = {"lm_eval": [], "shared": [], "repeated": []}
    for _ in range(a.rounds):
        sides["lm_eval"].append(lm_eval(dtype, best, a.limit))
        for prefixes in ("shared", "repeated"): sides[prefixes].append(gemlab(dtype, prefixes, a.limit))
    if any(each["rc"] for side in sides.values() for each in side): continue
    theirs = sides.pop("lm_eval")
    for prefixes, ours in sides.items():
        times = [t["seconds"] / o["seconds"] for t, o in zip(theirs, ours)]
        inner = [t["inner_s"] / o["inner_s"] for t, o in zip(theirs, ours)]
        print(json.dumps({"dtype": dtype, "batch": best, "prefixes": prefixes, "times_as_fast": [round(t, 2) for t in times], "median": round(statistics.median(times), 2),
                          "inner_median": round(statistics.median(inner), 2), "lm_eval_peak_mib": max(t["peak_mib"] for t in theirs), "gemlab_peak_mib": max(o["peak_mib"] for o in ours),
                          "acc_differs": [task for task in tasks if theirs[0]["acc"][task] != ours[0]["acc"][task]]}), flush=True)
