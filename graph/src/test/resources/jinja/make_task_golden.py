"""What lm-evaluation-harness renders, and what Python's re finds; writes task_golden.json beside itself.

Packages: lm_eval 0.4.13, Jinja2 3.1.6, Python 3.11.
"""
import json, os, re
from lm_eval.utils import apply_template

DOC = {
    "question": "  Which of these is 'right'?\n", "plain": "a b", "quotes": "it's \"so\"", "empty_text": "", "n": 3, "zero": 0,
    "half": 0.5, "third": 1 / 3, "large": 1e22, "small": 1.5e-7, "whole": 2.0, "yes": True, "no": False, "nothing": None,
    "choices": {"text": ["a dog", "it's", "say \"no\"", "tab\there", "caf\u00e9 \u00a0 \u200b \U0001F600"], "label": ["A", "B", "C", "D", "E"]},
    "answerKey": "C", "words": ["to", "be", "or"], "numbers": [1, 2.5, True, None], "none_left": [], "nested": [["a", 1], {"k": "v"}],
    "text": "In my palm is a clear stone", "letters": "ABCD", "unicode": "stra\u00dfe \u00c9TUDE", "answer": "So it is.\n#### 18",
}
TEMPLATES = [
    "{{question}}", "{{question.strip()}}\nAnswer:", "Question: {{question}}\nAnswer:\n", "{{ plain }} \n{{ n }}", "{{choices.text}}",
    "{{choices.label.index(answerKey)}}", "{{choices['text'][0]}}", "{{choices.text[-1]}}", "{{words}}", "{{numbers}}", "{{nested}}", "{{none_left}}",
    "{{[plain, words[0]]}}", "{{quotes}}|{{[quotes]}}", "{{half}} {{third}} {{large}} {{small}} {{whole}} {{n}} {{zero}}", "{{yes}} {{no}} {{nothing}}",
    "{{[half, third, large, small, whole]}}", "{{text.split(' ')[:-1]|join(' ')}}", "{{' '+text.split(' ')[-1]}}", "{{answer.split('### ')[-1].rstrip()}}",
    "{{words|join(', ')}}", "{{words[1:]}}", "{{words[:2]|join('-')}}", "{{words[0:1]}}", "{{letters[1]}}", "{{letters[n - 1]}}", "{{letters[:2]}}", "{{letters[1:]}}",
    "{{['A','B','C','D'][n]}}", "{{ 'ABCD'[answerKey|int - 1] if answerKey|string in '1234' else answerKey }}", "{{letters.index('C')}}", "{{letters.find('Z')}}",
    "{% if n == 3 %}three{% else %}other{% endif %}", "a\n{% if yes %}\nb\n{% endif %}\nc\n", "  {% if yes %}  x  {% endif %}  ", "a {%- if yes -%} b {%- endif -%} c",
    "{% for w in words %}{{ w }}{% if not loop.last %}, {% endif %}{% endfor %}", "{% for w in words %}\n{{ loop.index }}. {{ w }}\n{% endfor %}",
    "{% set x = plain.split(' ') %}{{ x[1] }}{{ x[0] }}", "{# note #}\nx", "{% raw %}{{ n }}{% endraw %}\n", "{{ words|length }}", "{{ choices.text|length > 3 }}",
    "{{ plain.upper() }} {{ unicode.lower() }} {{ unicode.capitalize() }} {{ plain|capitalize }}", "{{ ', '.join(words) }}", "{{ words|first }} {{ words|last }}",
    "{{ plain.replace('a', 'b') }}", "{{ question|trim }}", "{{ answer|regex_replace('####\\\\s*', '= ') }}", "{{ text|regex_replace('(\\\\w+) (\\\\w+)', '\\\\2 \\\\1') }}",
    "{{ missing }}", "{{ choices.missing }}", "{{ missing|default('x') }}", "{{ missing is defined }} {{ n is defined }}", "{% if missing %}x{% endif %}", "{{ missing == 'a' }}",
    "{{ missing + 'a' }}", "{% for x in missing %}{% endfor %}", "{{ words[9] }}", "{{ nothing is none }}", "{{ n + 1 }} {{ n * 2 }} {{ n % 2 }} {{ n // 2 }}", "{{ 'x' ~ n ~ plain }}",
    "{{ 'yes' if yes else 'no' }}", "{{ n if nothing else zero }}", "{{ answer.count('o') }} {{ words.count('be') }}", "{% for c in letters %}{{ c }}.{% endfor %}",
    "{{ plain.startswith('a') }} {{ plain.endswith('z') }}", "{{ words == ['to', 'be', 'or'] }}", "{{ 'b' in plain }} {{ 'be' in words }} {{ 'k' in nested[1] }}",
]
PATTERNS = [
    (r"#### (\-?[0-9\.\,]+)", "#### 18 and #### -1,234.5"), (r"(-?[$0-9.,]{2,})|(-?[0-9]+)", "18 apples... $1,000 or 7."), (r"\w+", "na\u00efve caf\u00e9 x_1 \u0663"),
    (r"\d+", "12 \u0663\u0664 7"), (r"(?P<a>.)(?P=a)", "aabbcd"), (r"[[\]&]+", "a[]&&b"), (r"^.*$", "one\r\ntwo"), (r"a{,2}b", "b ab aab aaab"), (r"x\Z", "x\nx"),
    (r"(?i)STRASSE|\u00e9", "strasse \u00c9"), (r"\s+", "a\u00a0b \u2003c"), (r"(a)|(b)|c", "abc"), (r"", "ab"), (r"[^]a]", "]ab"),
]
SUBS = [(r",", "", "1,000"), (r"\$", "", "$18"), (r"(?s).*#### ", "", "x\ny #### 5"), (r"\.$", "", "5.\n"), (r"(\w)(\w)", r"\2\1", "abcd"), (r"(?P<x>b)", r"[\g<x>$]", "abc"), (r"a", r"\\", "a")]


def rendered(template):
    try:
        return {"template": template, "text": apply_template(template, DOC)}
    except Exception as e:
        return {"template": template, "error": type(e).__name__}


golden = {
    "doc": DOC,
    "templates": [rendered(t) for t in TEMPLATES],
    "findall": [{"pattern": p, "text": t, "found": [list(m) if isinstance(m, tuple) else [m] for m in re.findall(p, t)]} for p, t in PATTERNS],
    "sub": [{"pattern": p, "by": r, "text": t, "result": re.sub(p, r, t)} for p, r, t in SUBS],
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "task_golden.json"), "w") as f:
    json.dump(golden, f, indent=1)
    f.write("\n")
