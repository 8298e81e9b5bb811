"""A capsule that has one Python answer several expressions."""

import json

from boll import Capsule, Failure, action, children, log

# What that Python is told first. Each answer is one line of JSON.
SETUP = """
import json
def answer(text):
    try: told = repr(eval(text, globals()))
    except BaseException as error: told = f"{type(error).__name__}: {error}"
    print(json.dumps(told, ensure_ascii=False))

"""


class Handler(Capsule):
    @action
    def evaluate(self, event):
        """Answers each line, an expression, with its value or its error."""
        lines = [line.strip() for line in event.text().split("\n")]

        answers = []
        with children.spawn(["python3", "-i", "-u", "-q"]) as python:
            python.write(SETUP)
            for expression in filter(None, lines):
                # A text in JSON is one in Python, too.
                python.write(f"answer({json.dumps(expression, ensure_ascii=False)})\n")
                line = python.readline()
                if not line:
                    raise Failure("Python ended before it answered")
                answers.append(json.loads(line))
            python.close_stdin()
            log.info("Python ended", answers=len(answers), status=python.wait())
        return answers
