"""Writes chat_golden.json: what transformers 5.23.0 with Jinja2 3.1.6 makes of templates and conversations.

    pip install transformers==5.23.0 jinja2==3.1.6
    python3 make_chat_golden.py

The templates are written in the forms that fine-tuned models carry (Gemma's, ChatML, Llama 2's, Llama 3's, Zephyr's,
Mistral's), and the snippets use one construct each. A case has a text, or an error where Jinja2 or the template refuses.
"""
import json
import pathlib

import jinja2
from transformers.utils.chat_template_utils import render_jinja_template

SPECIAL = {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>"}

TEMPLATES = {
    "gemma": "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}"
    "{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}"
    "{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}",
    "gemma-with-system": """{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- set first_user_prefix = messages[0]['content'] + '\n\n' -%}
    {%- set loop_messages = messages[1:] -%}
{%- else -%}
    {%- set first_user_prefix = "" -%}
    {%- set loop_messages = messages -%}
{%- endif -%}
{%- for message in loop_messages -%}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception("Conversation roles must alternate user/assistant/user/assistant/...") }}
    {%- endif -%}
    {%- if (message['role'] == 'assistant') -%}
        {%- set role = "model" -%}
    {%- else -%}
        {%- set role = message['role'] -%}
    {%- endif -%}
    {{ '<start_of_turn>' + role + '\n' + (first_user_prefix if loop.first else "") }}
    {%- if message['content'] is string -%}
        {{ message['content'] | trim }}
    {%- elif message['content'] is iterable -%}
        {%- for item in message['content'] -%}
            {%- if item['type'] == 'text' -%}
                {{ item['text'] | trim }}
            {%- endif -%}
        {%- endfor -%}
    {%- else -%}
        {{ raise_exception("Invalid content type") }}
    {%- endif -%}
    {{ '<end_of_turn>\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{'<start_of_turn>model\n'}}
{%- endif -%}
""",
    "chatml": "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "chatml-lines": """{% if not add_generation_prompt is defined %}
{% set add_generation_prompt = false %}
{% endif %}
{%- for message in messages %}
    {%- if loop.first and messages[0].role != 'system' %}
        {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}
    {%- endif %}
    {{- '<|im_start|>' ~ message.role ~ '\\n' ~ message.content.strip() ~ '<|im_end|>\\n' }}
{%- endfor %}
{% if add_generation_prompt %}
{{ '<|im_start|>assistant' }}
{% endif %}
""",
    "llama-2": "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}"
    "{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}"
    "{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if loop.index0 == 0 and system_message != false %}"
    "{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}"
    "{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}"
    "{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}"
    "{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}",
    "llama-3": "{% set loop_messages = messages %}{% for message in loop_messages %}"
    "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}"
    "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}",
    "llama-3-tools": """{{- bos_token }}
{%- if custom_tools is defined %}
    {%- set tools = custom_tools %}
{%- endif %}
{%- if not tools_in_user_message is defined %}
    {%- set tools_in_user_message = true %}
{%- endif %}
{%- if not date_string is defined %}
    {%- set date_string = "26 Jul 2024" %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}

{#- The system message, so that it can be written first. #}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}

{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if builtin_tools is defined or tools is not none %}
    {{- "Environment: ipython\\n" }}
{%- endif %}
{{- "Today Date: " + date_string + "\\n\\n" }}
{%- if tools is not none and not tools_in_user_message %}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
{%- endif %}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}
            {{- raise_exception("This model only supports single tool-calls at once!") }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
""",
    "zephyr": """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>
' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>
' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>
'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}""",
    "mistral": """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- set ns = namespace() %}
{%- set ns.index = 0 %}
{%- for message in loop_messages %}
    {%- if message.role == "user" or (message.role == "assistant" and message.tool_calls is not defined) %}
        {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("After the optional system message, conversation roles must alternate user/assistant") }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message["role"] == "assistant" %}
        {%- if message.tool_calls is defined and message.tool_calls is not none %}
            {{- "[TOOL_CALLS]" }}
        {%- else %}
            {{- " " + message["content"]|trim + eos_token}}
        {%- endif %}
    {%- else %}
        {{- raise_exception("Only user and assistant roles are supported!") }}
    {%- endif %}
{%- endfor %}
""",
    "macro-and-generation": """{%- macro turn(role, content, end='<|end|>') -%}
{{ '<|' + role + '|>' }}
{{ content|trim }}{{ end }}
{%- endmacro -%}
{% for message in messages if message.role != 'system' -%}
{% if message.role == 'assistant' %}{% generation %}{{ turn('assistant', message.content, end=eos_token) }}{% endgeneration %}{% else %}
{{ turn(message.role, message.content) }}{% endif %}
{%- endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}""",
}

CONVERSATIONS = {
    "one": [("user", "Why is the sky blue?")],
    "turns": [("user", "Hi"), ("assistant", "Hello!"), ("user", "Bye")],
    "spaces": [("user", " \n\u00a0a  b\t\u2003\n"), ("assistant", "\n c \u0085"), ("user", "d ")],
    "system": [("system", "Be brief."), ("user", "Hi"), ("assistant", "Yes?"), ("user", "Why {{ 7 * 7 }} {% if %} {# no #}?")],
    "words": [("user", "false"), ("assistant", "None"), ("user", "'quoted' \"twice\" \\n 10 <b>& \u4f60\u597d \U0001f600")],
    "two-users": [("user", "a"), ("user", "b")],
    "unfinished": [("user", "a"), ("assistant", "b")],
}

# One construct each, with x = 'a', n = 3, words = ['b', 'c'], person = {'name': 'Ann', 'age': 7}, false_text = 'false'.
SNIPPETS = [
    "{{ x }}", "{{x}}", "  {{- x -}}  b", "a {% if true %} b {% endif %} c", "  {% if true %}\nb\n  {% endif %}\nc\n",
    "a\n  {%+ if true %}b{% endif +%}\nc", "a\n  {# note #}\nb", "a\n  {#- note -#}\nb", "{% raw %}{{ x }}{% endraw %}",
    "\n\n{% if true %}\n\n{% endif %}\n\n", "a\n\n", "{{ '%}' }}{{ '}}' }}", "{{ {'a': {'b': 1}}['a']['b'] }}", "{{ \"it's\" }}",
    "{{ 'a\\nb\\t\\'' }}", "{{ not x == 'b' }}", "{{ not x is defined }}", "{{ x is not defined or true }}", "{{ not false and false }}",
    "{{ x and 'b' }}", "{{ '' or 'b' }}", "{{ '' and 'b' }}", "{% if false_text %}yes{% endif %}", "{{ 'y' if false_text else 'n' }}",
    "{{ 'y' if nothing }}", "{{ nothing }}", "{{ nothing + 'a' }}", "{{ 'a' ~ nothing }}", "{{ nothing.name }}", "{{ person.nothing }}",
    "{{ person.nothing + 'a' }}", "{{ none }}", "{{ none is none }}", "{{ nothing is none }}", "{{ none is defined }}", "{{ 'a' ~ none }}",
    "{{ true }}", "{{ x == 'a' }}", "{{ 1 == '1' }}", "{{ true == 'true' }}", "{{ 1 == 1.0 }}", "{{ 'a' + 1 }}", "{{ 'a' ~ 1 }}",
    "{{ n + 1 }}", "{{ 7 // 2 }}", "{{ -7 % 3 }}", "{{ -7 }}", "{{ 1 < 2 < 3 }}", "{{ n * 2 - 1 }}", "{{ 1 < 2 }}", "{{ 'a' < 'b' }}", "{{ 'a' < 1 }}",
    "{{ 'a' in 'abc' }}", "{{ 'b' in words }}", "{{ 'b' not in words }}", "{{ 'name' in person }}", "{{ 'a' in nothing }}",
    "{{ words[0] }}{{ words[-1] }}", "{{ words[5] }}", "{{ x[0] }}", "{{ words[1:] | length }}", "{{ words[:-1][0] }}", "{{ 'abcd'[1:3] }}",
    "{{ words | join(', ') }}", "{{ words | length }}", "{{ x | upper }}", "{{ 'AbC' | lower }}", "{{ 'abC' | capitalize }}",
    "{{ ' a ' | trim | length }}", "{{ nothing | default('d') }}", "{{ '' | default('d', true) }}", "{{ '' | default('d') }}",
    "{{ person | tojson }}", "{{ person | tojson(indent=2) }}", "{{ [1, 'a\"<', none, true, []] | tojson }}", "{{ words | first }}{{ words | last }}",
    "{{ 'a-b-c'.split('-')[-1] }}", "{{ ' a  b '.split()[1] }}", "{{ 'abc'.startswith('a') }}", "{{ 'abc'.endswith('a') }}",
    "{{ 'aXbX'.replace('X', 'y') }}", "{{ 'xxaxx'.strip('x') }}", "{{ '\\n a'.lstrip('\\n') }}", "{{ 'a ' .rstrip() + 'b' }}",
    "{{ person.get('name') }}{{ person.get('z', 'q') }}{{ person.get('z') }}", "{% for k, v in person.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for k in person %}{{ k }}{% endfor %}", "{% for k, v in person | items %}{{ k }}{% endfor %}",
    "{% for w in words %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{% endfor %}",
    "{% for w in words if w == 'c' %}{{ loop.index }}{{ w }}{% endfor %}", "{% for w in [] %}a{% else %}none{% endfor %}",
    "{% for w in words %}{% if w == 'b' %}{% set y = 'set' %}{% endif %}{{ y }};{% endfor %}{{ y }}",
    "{% set y = 1 %}{% for w in words %}{% set y = 2 %}{% endfor %}{{ y }}", "{% if true %}{% set y = 1 %}{% endif %}{{ y }}",
    "{% set ns = namespace(found=false) %}{% for w in words %}{% set ns.found = true %}{% endfor %}{{ ns.found }}",
    "{% set y %}a{{ x }}{% endset %}{{ y }}", "{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}",
    "{% macro m(a, b='c') %}{{ a }}{{ b }}{% endmacro %}{{ m('x') }}{{ m('x', 'y') }}{{ m(a='z') }}",
    "{% macro m() %}{{ w }}{% endmacro %}{% for w in words %}{{ m() }}{% endfor %}", "{{ words is iterable }}{{ x is string }}{{ person is mapping }}{{ n is number }}",
    "{{ n is odd }}{{ n is even }}", "{{ (words + ['d']) | length }}", "{{ 'a' 'b' }}", "{{ 1.5 }}", "{{ words }}", "{{ x.__class__ }}",
    "{{ x.upper() }}", "{{ x.getClass() }}", "{{ words.append('d') }}", "{{ x | nofilter }}", "{{ x is notest }}", "{{ nofunction() }}",
    "{{ 2 ** 3 }}", "{{ 7 / 2 }}", "{{ 'a' * 3 }}", "{% include 'x' %}", "{% if true %}", "{{ x", "{% endif %}", "{{ }}", "{{ '%d' % 3 }}",
    "{{ words[::-1] }}", "{{ (1, 2)[0] }}", "{{ x | trim | upper }}", "{{ 'a' + 'b' | upper }}", "{{ ('a' + 'b') | upper }}", "{{ -n }}",
    "{{ strftime_now('%%') }}", "{{ raise_exception('no ' + x) }}", "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "{{ n == 3 and x == 'a' or false }}",
    "{{ 'x' if n == 3 else 'y' if n == 4 else 'z' }}", "{{ 1 if true else nothing.fail }}", "{{ person['name'] ~ person.age }}", "{{ x is in(['a']) }}",
    "{% for w in nothing %}a{% endfor %}", "{{ nothing | length }}", "{{ nothing == nothing2 }}", "{{ empty }}", "{{ x is sameas true }}",
    "{{ words | map('upper') | list }}", "{{ [1, 2] == [1, 2] }}", "{{ 'a' == none }}", "{{ null }}", "{{ x ? 'a' : 'b' }}", "{{ x && true }}", "{{ !x }}",
    "{{ x eq 'a' }}", "{{ 7 mod 2 }}", "{{ words is not string and x is string }}", "{{ true is true }}", "{{ 'é'.upper() }}", "{{ 'ß' | upper }}",
    "{{ '\\u00e9' }}", "{{ '\\x41' }}", "{{ 'a\\d' }}", "{{ 010 }}", "{{ 1_000 }}", "{{ 0x10 }}", "{{ True }}{{ False }}{{ None }}", "{{ 'abc'[-2:] }}",
    "{{ 'abc'[5:] }}", "{{ 'abc'[-5:] }}", "{{ words[-5:] | length }}", "{{ words[:n] | length }}", "{{ loop }}", "{{ {'a': 1,} | length }}", "{{ [1, 2,] | length }}",
    "{{ person is defined and person.name == 'Ann' }}", "{{ person.name.lower().startswith('a') }}", "{{ x in ['a', 'b'] and n > 2 }}", "{{ not x in ['b'] }}",
    "{%- for w in words -%} {{ w }} {%- endfor -%}", "{{ x\n  + 'b' }}", "a{# c #}b{# d #}\nc", "{%if x%}y{%endif%}", "{{ 'a' if not nothing }}", "{{ x|length == 1 }}",
    "{{ x is string == true }}", "{{ 1 + 2 ~ 'a' }}", "{{ 'a' ~ 1 + 2 }}", "{{ n is divisibleby 3 }}", "{{ words | reverse | list }}", "{{ person | dictsort }}", "{{ x | string }}",
]
VARIABLES = {"x": "a", "n": 3, "words": ["b", "c"], "person": {"name": "Ann", "age": 7}, "false_text": "false"}


def outcome(template, messages, **variables):
    try:
        rendered, _ = render_jinja_template([messages], chat_template=template, **variables)
        return {"text": rendered[0]}
    except (jinja2.exceptions.TemplateError, TypeError, ValueError, OverflowError) as error:
        return {"error": str(error)}


def main():
    cases = []
    for name, template in TEMPLATES.items():
        for conversation, turns in CONVERSATIONS.items():
            messages = [{"role": role, "content": content} for role, content in turns]
            case = outcome(template, messages, add_generation_prompt=True, **SPECIAL)
            cases.append({"template": name, "messages": messages, **case})
    snippets = [{"template": snippet, **outcome(snippet, [], **VARIABLES)} for snippet in SNIPPETS]
    golden = {"templates": TEMPLATES, "cases": cases, "variables": VARIABLES, "snippets": snippets}
    path = pathlib.Path(__file__).with_name("chat_golden.json")
    path.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
