"""Asks a server of OpenAI's routes by several clients at once, and says how many tokens a second came.

usage: load_serve.py URL MODEL --clients 1 16 --seconds 60 [--prompt-tokens 64] [--max-tokens 64] [--pid PID]

Each client asks one question after the other: token ids by a seed of its own, greedy, without an end. Prints a line for
each number of clients, and with --pid the server's resident memory before and after. First, every question is asked
alone, and later answers must be those, up to a token that was as likely as another.
"""
import argparse
import http.client
import json
import random
import threading
import time
import urllib.parse

parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("model")
parser.add_argument("--clients", type=int, nargs="+", default=[1, 16])
parser.add_argument("--seconds", type=float, default=60)
parser.add_argument("--prompt-tokens", type=int, default=64)
parser.add_argument("--max-tokens", type=int, default=64)
parser.add_argument("--questions", type=int, default=16)
parser.add_argument("--largest-id", type=int, default=20000)
parser.add_argument("--pid", type=int)
options = parser.parse_args()
url = urllib.parse.urlsplit(options.url)


def ask(connection, question):
    draw = random.Random(question)
    prompt = [2] + [draw.randrange(4, options.largest_id) for _ in range(options.prompt_tokens - 1)]
    body = {
        "model": options.model,
        "prompt": prompt,
        "max_tokens": options.max_tokens,
        "temperature": 0,
        "ignore_eos": True,
        "logprobs": 1,
    }
    connection.request(
        "POST", url.path + "/completions", json.dumps(body), {"Content-Type": "application/json"}
    )
    response = connection.getresponse()
    answer = json.loads(response.read())
    assert response.status == 200, answer
    return answer["choices"][0]["logprobs"]


def same(alone, now):
    """Whether the tokens are the same up to one whose probability was about the same; and the step where they part."""
    for i, (a, b) in enumerate(zip(alone["tokens"], now["tokens"])):
        if a != b:
            return abs(alone["token_logprobs"][i] - now["token_logprobs"][i]), i
    return 0.0, None


def resident():
    if not options.pid:
        return ""
    with open(f"/proc/{options.pid}/status") as status:
        line = next(line for line in status if line.startswith("VmRSS"))
    return f"{int(line.split()[1]) / 1024:.0f} MiB"


def connect():
    return http.client.HTTPConnection(url.hostname, url.port, timeout=600)


connection = connect()
for _ in range(3):
    ask(connection, 0)  # programs are compiled, and warm
alone = [ask(connection, question) for question in range(options.questions)]
for clients in options.clients:
    parted = []
    times = []
    end = 0.0

    def run(client):
        mine = connect()
        turn = 0
        while time.monotonic() < end:
            question = (client * 5 + turn) % options.questions
            turn += 1
            begun = time.monotonic()
            now = ask(mine, question)
            times.append((begun, time.monotonic()))
            difference, step = same(alone[question], now)
            if step is not None:
                parted.append(difference)

    before = resident()
    for warm in (True, False):
        times.clear()
        parted.clear()
        start = time.monotonic()
        end = start + (10 if warm else options.seconds)
        threads = [threading.Thread(target=run, args=(client,)) for client in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    took = time.monotonic() - start
    seconds = sorted(stop - begun for begun, stop in times)
    print(
        f"{clients} clients: {len(times)} answers in {took:.1f} s, {len(times) * options.max_tokens / took:.1f} tokens/s, "
        f"median answer {seconds[len(seconds) // 2]:.2f} s, slowest {seconds[-1]:.2f} s; "
        f"{len(parted)} parted from the answer alone, at probabilities that differ by at most "
        f"{max(parted, default=0):.1e}; resident {before} -> {resident()}",
        flush=True,
    )
