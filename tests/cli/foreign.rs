//! Bytes that nobody vouches for: whatever a component, a manifest or their path
//! are made of, the program says what is wrong with them, and soon.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::stat::Mode;
use nix::unistd::{Pid, mkfifo};

use crate::support::components::{
    lists_of_lists, nested_components, nested_loops, nested_types, pairs_of_pairs, section, slow,
};
use crate::support::environment::{Piped, Run, TestEnvironment};
use crate::support::{eventually, marker, processes_with};

/// Far more than it takes on a machine that does much else.
const SOON: Duration = Duration::from_secs(20);

fn soon<T>(what: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let done = what();
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    done
}

/// Everything that reads a component.
fn readers(env: &TestEnvironment, bytes: &[u8]) -> Vec<Run> {
    let capsule = env.capsule("sample", bytes, "");
    let file = "sample/component.wasm";
    [
        vec!["run", capsule.as_str(), "echo"],
        vec!["check", &capsule],
        vec!["inspect", &capsule],
        vec!["inspect", file],
        vec!["check", "--world", file],
    ]
    .iter()
    .map(|args| soon(|| env.boll(args)))
    .collect()
}

#[test]
fn what_nests_without_end_is_refused_by_everything_that_reads_it() {
    let env = TestEnvironment::new();
    for (bytes, said) in [
        (nested_types(1_000), "types inside one another"),
        (nested_types(200_000), "types inside one another"),
        (nested_components(300), "components inside one another"),
        (
            nested_loops(20_000),
            "loops inside one another in a function",
        ),
    ] {
        for run in readers(&env, &bytes) {
            run.fails(2).says(&[said, "which is over the limit of"]);
        }
    }
}

#[test]
fn what_grows_when_it_is_read_ends_with_a_message() {
    let env = TestEnvironment::new();
    for bytes in [
        lists_of_lists(50_000),
        pairs_of_pairs(18, 200),
        pairs_of_pairs(40, 1),
    ] {
        for run in readers(&env, &bytes) {
            assert!(matches!(run.code, 2 | 5), "{run:?}");
            assert!(run.stderr.contains("error: "), "{run:?}");
        }
    }
}

/// A core module with the types of a world, as toolchains leave them for componentizing.
fn module_with_types(types: &[u8]) -> Vec<u8> {
    let name = b"component-type:x";
    let content = [&[name.len() as u8], &name[..], types].concat();
    [b"\0asm\x01\0\0\0", section(0, &content).as_slice()].concat()
}

#[test]
fn what_toolchains_read_may_nest_and_grow_without_end_too() {
    let env = TestEnvironment::new();
    for types in [
        nested_types(30_000),
        lists_of_lists(50_000),
        pairs_of_pairs(40, 1),
    ] {
        env.write("core.wasm", module_with_types(&types));
        let run = soon(|| env.boll(&["componentize", "core.wasm", "--to", "out.wasm"]));
        assert!(matches!(run.code, 2 | 5), "{run:?}");
        run.says(&["cannot become a component"]);
        assert!(!env.current().join("out.wasm").exists());
    }
    let chain = |count: usize, one: &dyn Fn(usize) -> String| {
        let types: String = (1..count).map(one).collect();
        let last = count - 1;
        format!(
            "package a:b;\ninterface i {{ type t0 = u8;\n{types} f: func(x: t{last}); }}\n\
             world w {{ import i; }}\n"
        )
    };
    for wit in [
        chain(20_000, &|n| format!("type t{n} = list<t{}>;\n", n - 1)),
        chain(40, &|n| format!("type t{n} = tuple<t{0}, t{0}>;\n", n - 1)),
    ] {
        env.write("wit/w.wit", wit);
        for language in ["c", "go"] {
            let args = [
                "bindings", "--lang", language, "--wit", "wit", "--world", "w",
            ];
            let run = soon(|| env.boll(&[&args[..], &["--to", "gen"]].concat()));
            assert!(matches!(run.code, 2 | 5), "{run:?}");
            assert!(run.stderr.contains("error: "), "{run:?}");
        }
    }
}

#[test]
fn a_capsule_beside_one_that_is_refused_is_unharmed() {
    let env = TestEnvironment::new();
    let bad = env.capsule("bad", &nested_types(1_000), "");
    let guests = env.guests("");
    let run = soon(|| env.boll(&["run", &guests, "echo", "--with", &bad]));
    run.fails(2).says(&["the capsule bad cannot be loaded"]);
    env.boll(&["run", &guests, "echo", "--payload", "alive"])
        .ends(0);
}

#[test]
fn a_path_that_is_no_file_or_too_large_is_refused_at_once() {
    let env = TestEnvironment::new();
    let place = env.current();
    mkfifo(&place.join("fifo.wasm"), Mode::S_IRWXU).expect("a pipe");
    fs::create_dir(place.join("folder.wasm")).expect("a folder");
    std::os::unix::fs::symlink("/dev/zero", place.join("zero.wasm")).expect("a link");
    let large = fs::File::create(place.join("large.wasm")).expect("a file");
    large.set_len(20 << 30).expect("a sparse file");
    for (file, said) in [
        ("fifo.wasm", "it is a pipe, not a file"),
        ("zero.wasm", "it is a device, not a file"),
        ("folder.wasm", "directory"),
        ("large.wasm", "more than the limit of 134217728"),
    ] {
        let manifest =
            format!("[capsule]\nid = \"sample\"\nversion = \"1.0.0\"\ncomponent = \"../{file}\"\n");
        env.write("sample/Capsule.toml", manifest);
        for args in [
            &["run", "sample", "echo"][..],
            &["check", "sample"],
            &["inspect", file],
        ] {
            soon(|| env.boll(args)).fails(2).says(&[said]);
        }
    }
}

#[test]
fn texts_that_are_no_files_or_too_large_are_refused_at_once() {
    let env = TestEnvironment::new();
    let capsule = env.capsule("sample", b"", "");
    let manifest = env.current().join("sample/Capsule.toml");
    let policy = env.write("policy.toml", "#".repeat(2 << 20));
    let policy = policy.to_str().expect("UTF-8").to_owned();
    soon(|| env.boll(&["check", &capsule, "--policy", &policy]))
        .fails(2)
        .says(&["more than the limit of 1048576"]);
    let entries = "[[process]]\nprogram = \"git\"\n".repeat(200_000);
    let head = "[capsule]\nid = \"sample\"\nversion = \"1.0.0\"\n";
    fs::write(&manifest, format!("{head}{entries}")).expect("written");
    soon(|| env.boll(&["check", &capsule]))
        .fails(2)
        .says(&["more than the limit of 1048576"]);
    let entries = "[[process]]\nprogram = \"git\"\n".repeat(5_000);
    fs::write(&manifest, format!("{head}{entries}")).expect("written");
    soon(|| env.boll(&["check", &capsule])).fails(2).says(&[
        "`process` has 5000 entries, more than the limit of 4096",
        "Capsule.toml:8196",
    ]);
    fs::remove_file(&manifest).expect("removed");
    mkfifo(&manifest, Mode::S_IRWXU).expect("a pipe");
    soon(|| env.boll(&["check", &capsule]))
        .fails(2)
        .says(&["it is a pipe, not a file"]);
}

/// Starts to run a capsule that takes long to compile, with a cache that lacks it.
fn compiling(env: &TestEnvironment) -> std::process::Child {
    let capsule = env.capsule("slow", &slow(), "");
    env.boll_command(&["run", &capsule, "echo"])
        .env("XDG_CACHE_HOME", env.current().join("cache"))
        .piped()
}

/// The workers that a process has.
fn workers(of: u32) -> usize {
    let tasks = fs::read_dir(format!("/proc/{of}/task"))
        .into_iter()
        .flatten()
        .flatten();
    let children = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    let children: Vec<String> = children
        .flat_map(|list| {
            list.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    let is_worker = |pid: &&String| {
        let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.contains("--work-on-component=compile")
    };
    children.iter().filter(is_worker).count()
}

#[test]
fn compiling_ends_with_a_signal_and_leaves_no_worker() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let env = TestEnvironment::new();
        let child = compiling(&env);
        let pid = child.id();
        eventually("it compiles", || workers(pid) == 1);
        let number = i32::try_from(pid).expect("a pid");
        kill(Pid::from_raw(number), signal).expect("a signal");
        let run = soon(|| Run::of(child.wait_with_output().expect("boll ends")));
        run.fails(130);
    }
}

#[test]
fn a_worker_ends_with_a_host_that_is_killed() {
    let env = TestEnvironment::new();
    let mut child = compiling(&env);
    let pid = child.id();
    eventually("it compiles", || workers(pid) == 1);
    let tasks = format!("/proc/{pid}/task/{pid}");
    let worker = fs::read_dir(format!("/proc/{pid}/task"))
        .expect("threads")
        .flatten()
        .find_map(|task| {
            let list = fs::read_to_string(task.path().join("children")).ok()?;
            list.split_whitespace().next().map(str::to_owned)
        });
    let worker = worker.unwrap_or_else(|| panic!("{tasks} has no child"));
    child.kill().expect("killed");
    child.wait().expect("boll ends");
    eventually("the worker is gone", || {
        let line = fs::read_to_string(format!("/proc/{worker}/cmdline"));
        !line.is_ok_and(|line| line.contains("--work-on-component"))
    });
}

#[test]
fn a_second_signal_ends_the_program_whatever_it_does() {
    let env = TestEnvironment::new();
    let marker = marker();
    // Processes that listen to no signal: the first one waits for their end.
    let script = format!("trap '' INT TERM; echo started; while :; do sleep {marker}; done");
    let payload = serde_json::json!({"program": "sh", "args": ["-c", script], "stdout": "log"});
    let args = crate::interrupt::running(&env, &payload);
    env.grant("[process]\ninterrupt-ms = 60000\n");
    let child = env
        .boll_command(&args.each_ref().map(String::as_str))
        .piped();
    eventually("the process runs", || processes_with(&marker) >= 2);
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a pid"));
    kill(pid, Signal::SIGINT).expect("a signal");
    std::thread::sleep(Duration::from_millis(500));
    kill(pid, Signal::SIGTERM).expect("a signal");
    let run = soon(|| Run::of(child.wait_with_output().expect("boll ends")));
    assert_eq!(run.code, 130, "{run:?}");
    eventually("no process is left", || processes_with(&marker) == 0);
}

#[test]
fn a_reply_that_nobody_reads_does_not_keep_the_program() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    env.write("payload", vec![b'x'; 4 << 20]);
    let mut child = env
        .boll_command(&["run", &guests, "echo", "--payload-file", "payload"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("boll starts");
    let pid = child.id();
    // It writes into the pipe, and waits there.
    eventually("it writes", || {
        fs::read_to_string(format!("/proc/{pid}/wchan")).is_ok_and(|at| at.contains("pipe"))
    });
    let number = Pid::from_raw(i32::try_from(pid).expect("a pid"));
    kill(number, Signal::SIGINT).expect("a signal");
    let status = soon(|| child.wait().expect("boll ends"));
    assert_eq!(status.code(), Some(130));
}

#[test]
fn little_address_space_is_told_and_enough_for_a_call() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let limited = |kib: u64, args: &str| {
        let boll = crate::support::environment::BOLL;
        let line = format!("ulimit -v {kib}; exec {boll} {args}");
        let mut shell = env.command("sh");
        shell.args(["-c", &line]);
        Run::of(shell.output().expect("a shell"))
    };
    let run = limited(8_000_000, &format!("run {guests} echo --payload hello")).ends(0);
    assert_eq!(run.stdout, "hello");
    run.says(&["instances are allocated on demand"]);
    let doctor = limited(8_000_000, "doctor");
    assert!(
        doctor
            .stdout
            .contains("address space is limited to 7812 MiB"),
        "{doctor:?}"
    );
    limited(300_000, &format!("run {guests} echo"))
        .fails(4)
        .says(&["a host needs at least"]);
}

#[test]
fn thousands_of_entries_and_grants_take_little_time() {
    let env = TestEnvironment::new();
    let many = |one: &dyn Fn(usize) -> String| (0..4_000).map(one).collect::<String>();
    let kinds: [(String, String); 5] = [
        (
            many(&|n| format!("[[process]]\nprogram = \"p{n}\"\nargs = [\"a{n}\"]\n")),
            many(&|n| format!("\"process:p{n} a{n}\",")),
        ),
        (
            many(&|n| format!("[[process]]\nprogram = \"git\"\nargs = [\"a{n}\"]\n")),
            many(&|n| format!("\"process:git a{n}\",")),
        ),
        (
            many(&|n| format!("[[publish]]\ntopic = \"t.a{n}\"\n")),
            many(&|n| format!("\"publish:t.a{n}\",")),
        ),
        (
            many(&|n| format!("[[hook]]\ntopic = \"t.a{n}\"\naction = \"echo\"\n")),
            many(&|n| format!("\"subscribe:t.a{n}\",")),
        ),
        (
            many(&|n| format!("[[network]]\nhost = \"h{n}.example.com\"\nport = 443\n")),
            many(&|n| format!("\"network:h{n}.example.com:443\",")),
        ),
    ];
    for (entries, grants) in kinds {
        let guests = env.guests(&entries);
        for (allow, code) in [("", 3), (grants.as_str(), 0)] {
            env.grant(&format!(
                "[capsule.guests]\ndigest = \"any\"\nallow = [{allow}]\n"
            ));
            let run = soon(|| env.boll(&["run", &guests, "echo", "--payload", "x"]));
            // Also where only one has what was quadratic: in a list of 4,000.
            assert!(
                run.stderr
                    .lines()
                    .next()
                    .is_none_or(|line| line.len() < 2_000)
            );
            run.ends(code);
            soon(|| env.boll(&["check", &guests])).ends(0);
        }
    }
}

#[test]
fn what_a_file_says_is_not_repeated_whole() {
    let env = TestEnvironment::new();
    let long = "k".repeat(1 << 19);
    let guests = env.guests("");
    for text in [
        format!("{long} = 1\n"),
        format!("[[process]]\nprogram = \"{long}\"\n"),
        format!("[[process]]\nprogram = \"/{long}/*\"\n"),
        format!("[[publish]]\ntopic = \"{long}\"\n"),
        format!("[[network]]\nhost = \"{long}\"\nport = 1\n"),
        format!("[[files]]\npath = \"{long}\"\n"),
        format!("[instance]\nmode = \"{long}\"\n"),
        format!("[instance]\nmemory-mib = \"{long}\"\n"),
        format!("[requires]\n{long} = \"1\"\n"),
        format!("[requires]\nother = \"{long}\"\n"),
        format!("[[action]]\nname = \"{long}\"\n[[action]]\nname = \"{long}\"\n"),
        format!("[config.a]\ntype = \"{long}\"\n"),
        format!("[config.a]\ntype = \"integer\"\ndefault = \"{long}\"\n"),
        format!("{long}\n"),
    ] {
        env.guests(&text);
        for more in [&[][..], &["--output", "json"]] {
            let run = env.boll(&[&["check", &guests], more].concat());
            assert!(
                run.stderr.len() < 30_000,
                "{}: {}",
                &text[..40],
                run.stderr.len()
            );
        }
    }
    env.guests("");
    for text in [
        format!("{long} = 1\n"),
        format!("[capsule.guests]\nallow = [\"{long}\"]\ndigest = \"any\"\n"),
        format!("[capsule.guests]\ndigest = \"{long}\"\n"),
        format!("[sandbox]\nread-only = [\"/{long}\"]\n"),
    ] {
        env.grant(&text);
        let run = env.boll(&["check", &guests]).fails(2);
        assert!(
            run.stderr.len() < 30_000,
            "{}: {}",
            &text[..40],
            run.stderr.len()
        );
    }
}
