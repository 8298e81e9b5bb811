//! Capsules in JavaScript and TypeScript: what they are built of, and what the language's own
//! functions do in a call.

use std::env;
use std::path::Path;

use crate::support::environment::{BOLL, Run, TestEnvironment};
use crate::support::guests::prepared;

/// A new project in this language with its packages, in the folder `mine`.
fn project(language: &str) -> TestEnvironment {
    prepared();
    let env = TestEnvironment::new();
    env.boll(&["new", "mine", "--lang", language]).ends(0);
    in_project(&env, "npm", &["ci", "--no-audit", "--no-fund"]).ends(0);
    env
}

/// Runs a program in the project, with `boll` on its search path.
fn in_project(env: &TestEnvironment, program: &str, args: &[&str]) -> Run {
    let own = Path::new(BOLL).parent().expect("a folder").to_owned();
    let path = env::var_os("PATH").expect("PATH");
    let path = env::join_paths([own].into_iter().chain(env::split_paths(&path)));
    let mut command = env.command(program);
    let command = command.args(args).current_dir(env.current().join("mine"));
    let command = command.env("PATH", path.expect("a search path"));
    Run::of(command.output().expect("it starts"))
}

/// Builds the project of this source, whose actions are these.
fn built(env: &TestEnvironment, source: &str, text: &str, actions: &[&str]) {
    env.write(&format!("mine/{source}"), text);
    env.lists_actions("mine", actions);
    env.boll(&["build", "mine"]).ends(0);
}

fn run(env: &TestEnvironment, action: &str) -> Run {
    env.boll(&["run", "mine", action])
}

/// What the build of this source says, which it refuses.
fn refused(env: &TestEnvironment, text: &str) -> Run {
    env.write("mine/src/capsule.js", text);
    let args = ["sdk/build/main.js", "src/capsule.js"];
    let run = in_project(
        env,
        "node",
        &[&args[..], &["--world", "capsule-js"]].concat(),
    );
    run.fails(1)
}

const GLOBALS: &str = r#"
import { capsule, deny } from "boll-sdk";
import { decode, encode } from "boll-sdk/utf8";

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const loaded = sleepless().then((value) => value + 1);

async function sleepless() {
  return await 1;
}

async function* numbers() {
  yield 1;
  await sleep(1);
  yield 2;
}

export const handler = capsule({
  async waits() {
    const begun = Date.now();
    await sleep(300);
    const found = [];
    for await (const number of numbers()) found.push(number);
    return [await loaded, found, Date.now() - begun >= 300];
  },
  async late() {
    setTimeout(() => console.log("too late"), 50);
    return deny(await Promise.resolve("later"));
  },
  interval: () =>
    new Promise((resolve) => {
      let left = 3;
      const id = setInterval(() => {
        left -= 1;
        if (left > 0) return;
        clearInterval(id);
        resolve("done");
      }, 5);
    }),
  never: () => new Promise(() => {}),
  forgotten() {
    Promise.reject(new Error("nobody looked"));
    return "fine";
  },
  text: () => new TextDecoder().decode(new TextEncoder().encode("ä€")),
  encoded: () => atob(btoa("plain")),
  console() {
    console.log("a line", { n: 1 });
    console.error("an error");
  },
  clone() {
    const from = new Map([["a", { when: new Date(0), all: new Set([1n]) }]]);
    const to = structuredClone(from);
    return [to !== from, to.get("a").when instanceof Date, to.get("a").all.has(1n)];
  },
  url() {
    const url = new globalThis.URL("../b?x=1#y", "https://exämple.org/a/c/");
    url.searchParams.append("q", "ü");
    return [url.href, new URLSearchParams("a=1&b=2").get("b")];
  },
  random: () => [Math.random(), crypto.randomUUID(), [...crypto.getRandomValues(new Uint32Array(4))]],
  clock: () => [performance.now() > 0, Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 60_000],
  lossy: (event) => encode(decode(event.payload)),
  strict: (event) => encode(event.text()),
  queued: () => new Promise((resolve) => queueMicrotask(() => resolve("queued"))),
});
"#;

#[test]
fn what_scripts_expect_works_in_a_call() {
    let env = project("js");
    let actions = [
        "waits",
        "late",
        "interval",
        "never",
        "forgotten",
        "text",
        "encoded",
        "console",
        "clone",
        "url",
        "random",
        "clock",
        "queued",
        "lossy",
        "strict",
    ];
    built(&env, "src/capsule.js", GLOBALS, &actions);
    for (action, answer) in [
        ("waits", "[2,[1,2],true]"),
        ("interval", "\"done\""),
        ("text", "\"ä€\""),
        ("encoded", "\"plain\""),
        ("clone", "[true,true,true]"),
        (
            "url",
            "[\"https://xn--exmple-cua.org/a/b?x=1&q=%C3%BC#y\",\"2\"]",
        ),
        ("clock", "[true,true]"),
        ("queued", "\"queued\""),
    ] {
        assert_eq!(run(&env, action).ends(0).stdout, answer, "{action}");
    }
    let lines = run(&env, "console").ends(0).messages();
    assert_eq!(lines, ["a line {\"n\":1}", "an error"]);
    let [one, other] = [(), ()].map(|()| run(&env, "random").ends(0).stdout);
    assert_ne!(one, other);

    let late = run(&env, "late").fails(1).says(&["denied: later"]);
    assert!(late.messages().is_empty(), "{late:#?}");
    run(&env, "never")
        .fails(1)
        .says(&["the action `never` waits for a promise that nothing settles"]);
    run(&env, "forgotten").fails(1).says(&["nobody looked"]);
    is_the_text_of_other_libraries(&env);
}

/// Text in UTF-8 of more than one piece stays the same, and what is none is replaced as by
/// Rust's library.
fn is_the_text_of_other_libraries(env: &TestEnvironment) {
    let payload = |action, bytes: &[u8]| {
        env.write("payload", bytes);
        env.boll(&["run", "mine", action, "--payload-file", "payload"])
    };
    let all: String = (0..=0x10_ffff)
        .step_by(7)
        .filter_map(char::from_u32)
        .collect();
    assert!(payload("strict", all.as_bytes()).ends(0).stdout == all);
    let odd: [&[u8]; 8] = [
        b"a\xff",
        b"\xe2\x82x",
        b"\xf0\x80\x80\x80",
        b"\xed\xa0\x80",
        b"\xc0\xaf",
        b"\xf4\x90\x80\x80",
        b"\x80\x80\x80\x80\x80",
        "é€😀".as_bytes(),
    ];
    // The last one on its own is text.
    for bytes in &odd[..7] {
        payload("strict", bytes).fails(2).says(&["not UTF-8"]);
    }
    let bytes = [
        &odd.concat()[..],
        &[b'a'; 65_530],
        "é€😀é".as_bytes(),
        &[0xe2],
    ]
    .concat();
    let expected = String::from_utf8_lossy(&bytes);
    assert!(payload("lossy", &bytes).ends(0).stdout == expected);
}

#[test]
fn what_is_not_there_is_refused_at_the_build_with_its_place() {
    let env = project("js");
    let capsule = "import { capsule } from \"boll-sdk\";\nexport const handler = capsule({\n";
    for (code, said) in [
        ("fetch(\"https://example.org\")", "`fetch` is not there: "),
        ("process.env.HOME", "`process` is not there: "),
        ("Buffer.from(\"x\")", "`Buffer` is not there: "),
        ("globalThis.window", "`window` is not there: "),
        ("new Intl.NumberFormat()", "`Intl` is not there: "),
        ("new Worker(\"x\")", "`Worker` is not there: "),
        ("new AbortController()", "`AbortController` is not there: "),
    ] {
        let text = format!("{capsule}  greet: () => {code},\n}});\n");
        refused(&env, &text).says(&["[ERROR] ", said, "src/capsule.js:3:1"]);
    }
    for (line, said) in [
        (
            "import fs from \"node:fs\";",
            "\"node:fs\" is a part of Node.js",
        ),
        (
            "const path = require(\"path\");",
            "\"path\" is a part of Node.js",
        ),
        (
            "import nothing from \"no-such-package\";",
            "Could not resolve \"no-such-package\"",
        ),
        (
            "import text from \"./missing.js\";",
            "Could not resolve \"./missing.js\"",
        ),
        ("const wrong = ;", "Unexpected \";\""),
        ("await 1;", "a top-level `await` is not supported"),
    ] {
        let text = format!("{line}\n{capsule}  greet: () => 1,\n}});\n");
        refused(&env, &text).says(&["[ERROR] ", said, "src/capsule.js:1:"]);
    }
    for (line, said) in [
        (
            "const { missing } = undefined ?? {};\nmissing.x;",
            "src/capsule.js:2:",
        ),
        (
            "import other from \"boll:other/other@1.0.0\";\nother.x();",
            "the world `capsule-js` does not import `boll:other/other@1.0.0`",
        ),
        (
            "Promise.reject(new Error(\"while loading\"));",
            "Error: while loading",
        ),
        (
            "setTimeout(() => {}, 1);",
            "a timer was set while the modules are loaded",
        ),
    ] {
        let text = format!("{line}\n{capsule}  greet: () => 1,\n}});\n");
        refused(&env, &text).says(&[said]);
    }
    // Where it is asked for first, there is another way.
    let text =
        format!("{capsule}  greet: () => typeof fetch === \"function\" && fetch(\"x\"),\n}});\n");
    env.write("mine/src/capsule.js", text);
    env.boll(&["build", "mine"]).ends(0);
}

const LIFE: &str = r#"
import { capsule, onInstall, onUpgrade, service } from "boll-sdk";
import * as config from "boll-sdk/config";
import { ready } from "boll-sdk/lifecycle";

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const run = service(async () => {
  console.log("running");
  await sleep(1);
  if (config.get("greeting") === "break") throw new Error("the loop broke");
  if (config.get("greeting") === "end") return;
  ready();
  await sleep(1e9);
});
export const install = onInstall(async () => {
  await sleep(1);
  if (config.get("greeting") === "refuse") throw new Error("not here");
  console.log("installed");
});
export const upgrade = onUpgrade(async (previous) => console.log("upgraded from", previous));
export const handler = capsule({ greet: () => "hello" });
"#;

#[test]
fn the_steps_of_a_capsules_life_are_exported_in_javascript() {
    let env = project("js");
    let replaced = |file: &str, from: &str, to: &str| {
        let text = std::fs::read_to_string(env.current().join(file)).expect("a file");
        assert!(text.contains(from), "{file}");
        env.write(file, text.replace(from, to));
    };
    let world = "mine/wit/javascript.wit";
    let exports =
        ["run", "install", "upgrade"].map(|name| format!("export boll:lifecycle/{name}@0.2.0;"));
    replaced(
        world,
        "include capsule;",
        &format!("include capsule;\n{}", exports.concat()),
    );
    env.write("mine/src/capsule.js", LIFE);
    let call = |more: &[&str]| env.boll(&[&["run", "mine", "--build"], more].concat());

    let refused = call(&["--config", "greeting=refuse"]);
    assert_ne!(refused.code, 0);
    refused.says(&["Error: not here", "src/capsule.js:"]);
    let first = call(&[]).ends(0);
    assert_eq!(first.stdout, "\"hello\"");
    assert_eq!(first.messages()[..2], ["installed", "running"]);
    assert_eq!(call(&[]).ends(0).messages()[0], "running");
    replaced(
        "mine/Capsule.toml",
        "version = \"0.1.0\"",
        "version = \"0.2.0\"",
    );
    let upgraded = call(&[]).ends(0).messages();
    assert_eq!(upgraded[..2], ["upgraded from 0.1.0", "running"]);

    call(&["--config", "greeting=end"])
        .fails(1)
        .says(&["its run loop has ended"]);
    let broken = call(&["--config", "greeting=break"]).fails(1);
    broken.says(&[
        "the run loop failed: Error: the loop broke",
        "src/capsule.js:11:",
    ]);
}

const TYPESCRIPT: &str = r#"
import { capsule, Failure, HostError, type Event } from "boll-sdk";
import { held } from "boll-sdk/capability";
import { trigger, type Answer } from "boll-sdk/hook";
import { caller, type Caller } from "boll-sdk/lifecycle";
// @ts-expect-error: it brings no types.
import oldStyle from "old-style";

interface Note {
  text: string;
}

function refuse(note: Note): never {
  throw new TypeError(`no: ${note.text}`);
}

export const handler = capsule({
  package: (event: Event) => oldStyle.shout(event.text()),
  bug: async () => refuse({ text: await Promise.resolve("a note") }),
  denied() {
    try {
      const answers: Answer[] = trigger("notes.saved", { text: "x" });
      throw new Failure(`${answers.length} answers`);
    } catch (cause) {
      if (!(cause instanceof HostError)) throw cause;
      throw new Error(`${cause.kind} ${cause.capability}`, { cause });
    }
  },
  whole() {
    const call: Caller | null = caller();
    return { held: held().length, chain: call?.chain };
  },
});
"#;

#[test]
fn a_project_in_typescript_is_checked_bundled_and_names_its_own_lines() {
    let env = project("ts");
    in_project(&env, "npm", &["test"]).ends(0);

    let package = "mine/node_modules/old-style";
    env.write(&format!("{package}/package.json"), "{\"main\":\"main.js\"}");
    env.write(
        &format!("{package}/main.js"),
        "const { upper } = require(\"./upper\");\nexports.shout = (text) => upper(text) + \"!\";\n",
    );
    env.write(
        &format!("{package}/upper.js"),
        "module.exports = { upper: (text) => text.toUpperCase() };\n",
    );
    built(
        &env,
        "src/capsule.ts",
        TYPESCRIPT,
        &["package", "bug", "denied", "whole"],
    );
    let tsc = in_project(&env, "npx", &["--no-install", "tsc"]);
    assert_eq!(tsc.ends(0).stdout, "");
    let shout = env.boll(&["run", "mine", "package", "--payload", "hé"]);
    assert_eq!(shout.ends(0).stdout, "\"HÉ!\"");
    run(&env, "bug")
        .fails(1)
        .says(&["TypeError: no: a note", "at refuse (src/capsule.ts:14:"]);
    run(&env, "denied").fails(1).says(&[
        "Error: denied publish:notes.saved",
        "caused by: HostError: the capability `publish:notes.saved` is missing",
    ]);
    let whole = run(&env, "whole").ends(0).json();
    assert_eq!(whole["chain"], serde_json::json!([]));

    // What the build does not check, `npm test` does.
    env.write(
        "mine/src/capsule.ts",
        TYPESCRIPT.replace("held().length", "held().size"),
    );
    let test = in_project(&env, "npm", &["test"]);
    assert_ne!(test.code, 0);
    assert!(test.stdout.contains("src/capsule.ts(31,27)"), "{test:#?}");
    let stale = env.boll(&["build", "mine", "--output", "json"]).ends(0);
    assert_eq!(stale.json()["fresh"], false);
}

#[test]
fn a_project_in_javascript_passes_its_tools_and_the_compiler_of_typescript() {
    let env = project("js");
    in_project(&env, "npm", &["test"]).ends(0);
    // The compiler is a package of projects in TypeScript.
    env.boll(&["new", "other", "--lang", "ts"]).ends(0);
    let mut npm = env.command("npm");
    let npm = npm.args(["ci", "--no-audit", "--no-fund"]);
    let npm = npm.current_dir(env.current().join("other")).output();
    assert!(npm.expect("npm starts").status.success());
    let tsc = "../other/node_modules/.bin/tsc";
    let checked = in_project(&env, tsc, &["--project", "jsconfig.json"]).ends(0);
    assert_eq!(checked.stdout, "");
    env.write(
        "mine/src/capsule.js",
        "import { capsule } from \"boll-sdk\";\n\
         export const handler = capsule({ greet: (event) => event.nothing });\n",
    );
    let checked = in_project(&env, tsc, &["--project", "jsconfig.json"]);
    assert!(
        checked.stdout.contains("'nothing' does not exist"),
        "{checked:#?}"
    );
}
