#!/usr/bin/env python3
"""docs/guide.md is true: plays its blocks in order in an empty folder and compares what the program says.

    tests/guide.py [--show]         --show prints what each command really says

A block ```csv FILE (or ```toml FILE) is the whole of that file; ```csv FILE add appends its rows. In a block
```console a line `$ lotwright ...` is run (`$ cat`, `$ cp` too) and what follows must be what it prints, line by line;
a line `...` stands for any number of lines."""
import os
import re
import shlex
import subprocess
import sys
import tempfile

from end_to_end import PROGRAM, ROOT, Count

BLOCK = re.compile(r"^```(\w+)(?: (\S+))?( add)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def write(folder, name, text, add):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "a" if add else "w", encoding="utf-8") as file:
        file.write(text)


def said(folder, command):
    words = shlex.split(command)
    program = {"lotwright": PROGRAM, "cat": "cat", "cp": "cp"}[words[0]]
    run = subprocess.run([program, *words[1:]], cwd=folder, capture_output=True, text=True, errors="replace")
    return [line.rstrip() for line in (run.stdout + run.stderr).splitlines()]


def follows(told, printed):
    """Whether the told lines are the printed ones, `...` standing for any."""
    if not told:
        return not printed
    if told[0] == "...":
        return any(follows(told[1:], printed[i:]) for i in range(len(printed) + 1))
    return bool(printed) and told[0] == printed[0] and follows(told[1:], printed[1:])


def dialogs(text):
    """(command, lines told) of a console block."""
    found = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line.rstrip())
    return found


def run(show=False):
    count = Count()
    with open(os.path.join(ROOT, "docs", "guide.md"), encoding="utf-8") as file:
        blocks = BLOCK.findall(file.read())
    played = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind, name, add, text in blocks:
            if kind != "console":
                write(folder, name, text, bool(add))
                continue
            for command, told in dialogs(text):
                printed = said(folder, command)
                played += 1
                if show:
                    print(f"$ {command}", *printed, sep="\n")
                while told and not told[-1]:
                    told.pop()
                while printed and not printed[-1]:
                    printed.pop()
                count.that(follows(told, printed), f"the guide: {command}", "it says\n" + "\n".join(printed))
    count.that(played > 0, "the guide has commands")
    print(f"  {count.passed} passed, {count.failed} failed")
    return count.passed, count.failed


if __name__ == "__main__":
    sys.exit(1 if run("--show" in sys.argv)[1] else 0)
