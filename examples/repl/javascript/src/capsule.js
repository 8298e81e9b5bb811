// A capsule that has one Python answer several expressions.

import { capsule, Failure } from "boll-sdk";
import { spawn } from "boll-sdk/children";
import * as log from "boll-sdk/log";

/** What Python is told first. Each answer is one line of JSON. */
const SETUP = `
import json
def answer(text):
    try: told = repr(eval(text, globals()))
    except BaseException as error: told = f"{type(error).__name__}: {error}"
    print(json.dumps(told, ensure_ascii=False))

`;

export const handler = capsule({
  /** Answers each line, an expression, with its value or its error. */
  evaluate(event) {
    const lines = event.text().split("\n").map((line) => line.trim());

    const python = spawn("python3", ["-i", "-u", "-q"]);
    python.write(SETUP);

    const answers = [];
    for (const expression of lines.filter((line) => line !== "")) {
      // A text in JSON is one in Python, too.
      python.write(`answer(${JSON.stringify(expression)})\n`);
      const line = python.readLine();
      if (line === null) throw new Failure("Python ended before it answered");
      answers.push(JSON.parse(line));
    }

    python.closeStdin();
    const status = python.wait();
    log.info("Python ended", { answers: answers.length, status });
    return answers;
  },
});
