"""`gemlab merge` beside mergekit 0.1.5 on the same disk, in turn: wall time with the result synced, and peak memory.

  python bench_merge.py --gemlab ./gemlab --mergekit VENV/bin/mergekit-yaml --models BASE A B --work DIR
                        [--methods linear,slerp,ties,dare_ties] [--rounds 1]

Three checkpoints of one shape, such as of `gemlab random-checkpoint --preset gemma2-2b --seed 1`. linear and slerp merge
A and B; the others merge A and B over BASE. Before each run the page cache is dropped, where that is allowed. "disk" reads
A and B and writes one of them, by cat: what no linear merge can beat. Memory is that of the process and its children, asked
for every 50 ms: private (RssAnon), and all that is resident, mapped files among it. Prints JSON lines.
"""
import argparse, json, os, shutil, subprocess, sys, time

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("--gemlab", required=True)
ap.add_argument("--mergekit", required=True)
ap.add_argument("--models", nargs=3, required=True)
ap.add_argument("--work", required=True)
ap.add_argument("--methods", default="linear,slerp,ties,dare_ties")
ap.add_argument("--rounds", type=int, default=1)
a = ap.parse_args()
base, left, right = map(os.path.abspath, a.models)
os.makedirs(a.work, exist_ok=True)


def recipe(method):
    both = "\n".join(f"  - {{model: {m}, parameters: {{weight: 0.5, density: 0.5}}}}" for m in (left, right))
    plain = "\n".join(f"  - {{model: {m}, parameters: {{weight: 0.5}}}}" for m in (left, right))
    text = {
        "linear": f"merge_method: linear\nmodels:\n{plain}\n",
        "slerp": f"merge_method: slerp\nbase_model: {left}\nmodels:\n  - model: {left}\n  - model: {right}\nparameters: {{t: 0.5}}\n",
    }.get(method, f"merge_method: {method}\nbase_model: {base}\nmodels:\n{both}\n")
    file = os.path.join(a.work, method + ".yml")
    with open(file, "w") as out: out.write(text + "dtype: bfloat16\n")
    return file


def tree(pid):
    found, left = [], [pid]
    while left:
        p = left.pop(); found.append(p)
        try:
            for task in os.listdir(f"/proc/{p}/task"):
                left += map(int, open(f"/proc/{p}/task/{task}/children").read().split())
        except OSError: pass
    return found


def memory(pid):
    private = resident = 0
    for p in tree(pid):
        try:
            for line in open(f"/proc/{p}/status"):
                if line.startswith("RssAnon"): private += int(line.split()[1])
                if line.startswith("VmRSS"): resident += int(line.split()[1])
        except OSError: pass
    return private, resident


def cold():
    os.sync()
    try: open("/proc/sys/vm/drop_caches", "w").write("3"); return True
    except OSError: return False


def run(name, method, words, out):
    shutil.rmtree(out, ignore_errors=True)
    dropped = cold()
    begin, private, resident = time.time(), 0, 0
    with open(os.path.join(a.work, "log"), "w") as log:
        p = subprocess.Popen(words, stdout=log, stderr=subprocess.STDOUT)
        while p.poll() is None:
            m = memory(p.pid); private, resident = max(private, m[0]), max(resident, m[1])
            time.sleep(0.05)
    os.sync()
    print(json.dumps({"who": name, "method": method, "seconds": round(time.time() - begin, 2), "private_mib": private // 1024,
                      "resident_mib": resident // 1024, "cold": dropped, "rc": p.returncode, "load": os.getloadavg()[0]}), flush=True)
    if p.returncode: sys.exit(open(os.path.join(a.work, "log")).read()[-2000:])
    shutil.rmtree(out, ignore_errors=True)


out = os.path.join(a.work, "out")
copy = f"mkdir -p {out} && cat {left}/*.safetensors {right}/*.safetensors > /dev/null && cat {left}/*.safetensors > {out}/copy"
for number in range(a.rounds):
    run("disk", "", ["sh", "-c", copy], out)
    for method in a.methods.split(","):
        file = recipe(method)
        run("gemlab", method, [a.gemlab, "merge", file, out], out)
        run("mergekit", method, [a.mergekit, file, out, "--lazy-unpickle"], out)
