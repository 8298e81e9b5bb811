//! On a terminal `boll run` asks. The terminal is made by `script`.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::example;
use crate::interrupt::running;
use crate::support::environment::{BOLL, TestEnvironment};
use crate::support::repository::Repository;
use crate::support::{eventually, marker, processes_with};

/// A terminal with `boll` in it.
pub(crate) struct Terminal {
    child: Child,
    keys: ChildStdin,
    screen: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Terminal {
    pub(crate) fn start(env: &TestEnvironment, args: &[&str]) -> Self {
        Self::running(env, &line(args))
    }

    /// A terminal with a line of the shell in it.
    pub(crate) fn running(env: &TestEnvironment, line: &str) -> Self {
        let mut child = env
            .command("script")
            .args([
                "--quiet",
                "--flush",
                "--return",
                "--command",
                line,
                "/dev/null",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`script` of util-linux: install it with the package bsdutils");
        let screen: Arc<Mutex<Vec<u8>>> = Arc::default();
        let keys = child.stdin.take().expect("a pipe");
        let mut output = child.stdout.take().expect("a pipe");
        let written = Arc::clone(&screen);
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = output.read(&mut buffer) {
                written
                    .lock()
                    .expect("not poisoned")
                    .extend(&buffer[..read]);
            }
        });
        Self {
            child,
            keys,
            screen,
            reader,
        }
    }

    pub(crate) fn screen(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().expect("not poisoned")).into_owned()
    }

    /// Waits until the text was shown, and then presses keys.
    pub(crate) fn answer(&mut self, text: &str, keys: &[u8]) {
        eventually(text, || self.screen().contains(text));
        self.keys.write_all(keys).expect("the terminal is open");
        self.keys.flush().expect("the terminal is open");
    }

    /// The code that `boll` ended with, and all that was shown.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().expect("script ends");
        self.reader.join().expect("read to the end");
        let screen = self.screen.lock().expect("not poisoned");
        (status.code(), String::from_utf8_lossy(&screen).into_owned())
    }
}

/// `boll` with arguments, as the shell takes it.
pub(crate) fn line(args: &[&str]) -> String {
    let words = [BOLL].iter().chain(args).copied();
    shlex::try_join(words).expect("no NUL")
}

pub(crate) const DOWN: &str = "\u{1b}[B";

/// Answers the question with so many steps down from the first answer.
pub(crate) fn asked(env: &TestEnvironment, args: &[&str], down: usize) -> (Option<i32>, String) {
    let mut terminal = Terminal::start(env, args);
    let keys = format!("{}\r", DOWN.repeat(down));
    // The last answer is on the screen: now keys are read.
    terminal.answer("always, for this build of it", keys.as_bytes());
    terminal.end()
}

#[test]
fn no_is_the_first_answer_and_refuses() {
    let repository = Repository::with_commits();
    let env = TestEnvironment::new().at(repository.path());
    let (code, screen) = asked(&env, &["run", &example("rust")], 0);
    assert_eq!(code, Some(3), "{screen}");
    assert!(screen.contains("asks for:"), "{screen}");
    assert!(
        screen.contains("needs permissions that have not been granted"),
        "{screen}"
    );
    assert!(!env.operator().exists());
}

#[test]
fn whoever_is_asked_is_told_what_it_means() {
    let env = TestEnvironment::new();
    let guests = env.guests(
        "[[process]]\nprogram = \"bash\"\nargs = [\"-c\", \"true\"]\nnetwork = \"host\"\n\
         [[process]]\nprogram = \"ls\"\nworkspace = \"read-write\"\n",
    );
    env.write("work/kept", "");
    let args = ["run", &guests, "nothing", "--workspace", "work"];
    let (code, screen) = asked(&env, &args, 0);
    assert_eq!(code, Some(3), "{screen}");
    let screen = screen.replace('\r', "");
    for told in [
        "asked because nothing is granted to it yet\n",
        "  missing  process:bash -c true\n           runs arbitrary code inside the sandbox: bash is a shell\n",
        "network:host\n           reaches everything that the host reaches, its loopback services too\n",
        "process:ls\n  missing  workspace:write\n           writes to the workspace\n",
        "n  no",
        "o  once, for this run",
        "boll.toml",
        "arrow keys and Enter, or the letter; Esc is no",
    ] {
        assert!(screen.contains(told), "{told}: {screen}");
    }
}

#[test]
fn an_interrupted_question_leaves_the_terminal_as_it_was() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[process]]\nprogram = \"true\"\n");
    let mut terminal = Terminal::start(&env, &["run", &guests, "nothing"]);
    terminal.answer("always, for this build of it", b"\x03");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(130), "{screen:?}");
    let (hidden, shown) = (screen.rfind("\u{1b}[?25l"), screen.rfind("\u{1b}[?25h"));
    assert!(shown > hidden, "{screen:?}");
}

#[test]
fn so_does_one_that_a_signal_from_outside_ends() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[process]]\nprogram = \"true\"\n");
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let marker = marker();
        let boll = line(&["run", &guests, "nothing", "--payload", &marker]);
        let line = format!("{boll}; code=$?; stty --all; exit $code");
        let mut terminal = Terminal::running(&env, &line);
        // The question reads single keys by now.
        terminal.answer("always, for this build of it", b"");
        kill(program(&marker), signal).expect("a signal");
        let (code, screen) = terminal.end();
        assert_eq!(code, Some(130), "{signal}: {screen:?}");
        let (hidden, shown) = (screen.rfind("\u{1b}[?25l"), screen.rfind("\u{1b}[?25h"));
        assert!(shown > hidden, "{signal}: {screen:?}");
        for mode in ["icanon", "echo", "isig"] {
            let mut words = screen.split_whitespace();
            assert!(words.any(|word| word == mode), "{signal}: {screen:?}");
        }
    }
}

/// The `boll` that has the text in its command line.
fn program(text: &str) -> Pid {
    let is_it = |process: &Path| {
        let program = fs::read_link(process.join("exe")).ok();
        let line = fs::read(process.join("cmdline")).unwrap_or_default();
        program.is_some_and(|program| program.ends_with("boll"))
            && String::from_utf8_lossy(&line).contains(text)
    };
    let processes = fs::read_dir("/proc").expect("/proc");
    let mut paths = processes.filter_map(|entry| Some(entry.ok()?.path()));
    let path = paths.find(|path| is_it(path)).expect("boll runs");
    let id = path.file_name().and_then(|name| name.to_str());
    let id = id.and_then(|name| name.parse().ok());
    Pid::from_raw(id.expect("a number"))
}

#[test]
fn variables_are_part_of_the_question() {
    let env = TestEnvironment::new();
    let guests = env.guests(
        "[[process]]\nprogram = \"true\"\nenv = [\"GREETING\", \"BASH_ENV\", \"GIT_SSH\"]\n",
    );
    let (code, screen) = asked(&env, &["run", &guests, "nothing"], 0);
    assert_eq!(code, Some(3), "{screen}");
    for told in [
        "sets GREETING\r\n",
        "sets BASH_ENV, which can run arbitrary code",
        "sets GIT_SSH",
    ] {
        assert!(screen.contains(told), "{told}: {screen}");
    }
}

#[test]
fn a_folder_that_exposes_much_is_asked_for() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[process]]\nprogram = \"true\"\n");
    let copy = env.current().join("copy/.ssh");
    fs::create_dir_all(copy).expect("a folder");
    let args = [
        "run",
        &*guests,
        "nothing",
        "--allow",
        "process:true",
        "--workspace",
        "copy",
    ];
    for (keys, code) in [("\r".to_owned(), 2), (format!("{DOWN}\r"), 0)] {
        let mut terminal = Terminal::start(&env, &args);
        terminal.answer("once, for this run", keys.as_bytes());
        let (ended, screen) = terminal.end();
        assert_eq!(ended, Some(code), "{screen}");
        assert!(screen.contains("it holds .ssh"), "{screen}");
    }
}

#[test]
fn a_folder_that_was_not_built_is_asked_for_once() {
    let env = TestEnvironment::new();
    env.write(
        "other/Capsule.toml",
        "[capsule]\nid = \"other\"\nversion = \"1.0.0\"\n",
    );
    env.write("other/component", crate::support::guests::guests_bytes());
    env.write(
        "other/Makefile",
        "dist/capsule.wasm: component\n\tmkdir -p dist\n\tcp component $@\n",
    );
    let args = ["run", "other", "nothing"];
    for (keys, code) in [("\r".to_owned(), 3), (format!("{DOWN}\r"), 0)] {
        let mut terminal = Terminal::start(&env, &args);
        terminal.answer("yes, and whenever its sources change", keys.as_bytes());
        let (ended, screen) = terminal.end();
        assert_eq!(ended, Some(code), "{screen}");
        assert!(
            screen.contains("runs its own build scripts as you"),
            "{screen}"
        );
        let built = env.current().join("other/dist/capsule.wasm").exists();
        assert_eq!(built, code == 0);
    }
    env.boll(&args).ends(0);
}

#[test]
fn escape_is_no() {
    let env = TestEnvironment::new();
    let rust = example("rust");
    let mut terminal = Terminal::start(&env, &["run", &rust]);
    terminal.answer("always, for this build of it", b"q");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(3), "{screen}");
}

#[test]
fn once_allows_this_run_only() {
    let repository = Repository::with_commits();
    let env = TestEnvironment::new().at(repository.path());
    let rust = example("rust");
    let (code, screen) = asked(&env, &["run", &rust], 1);
    assert_eq!(code, Some(0), "{screen}");
    assert!(screen.contains(r#""commits":8"#), "{screen}");
    assert!(!env.operator().exists());
    env.boll(&["run", &rust]).fails(3);
}

#[test]
fn nothing_is_asked_when_all_is_granted() {
    let repository = Repository::with_commits();
    let env = TestEnvironment::new().at(repository.path());
    let rust = example("rust");
    let terminal = Terminal::start(&env, &["run", &rust, "--allow", crate::GIT_LOG]);
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    assert!(!screen.contains("asks for"), "{screen}");
    // On a terminal the log is for people.
    assert!(screen.contains("git-report: running git"), "{screen}");
}

#[test]
fn control_c_ends_the_call_and_its_processes() {
    let env = TestEnvironment::new();
    let marker = marker();
    let payload = serde_json::json!({"program": "sleep", "args": [marker]});
    let args = running(&env, &payload);
    let mut terminal = Terminal::start(&env, &args.each_ref().map(String::as_str));
    eventually("the process runs", || processes_with(&marker) > 0);
    terminal.answer("", b"\x03");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(130), "{screen}");
    assert_eq!(processes_with(&marker), 0);
}

#[test]
fn whoever_wants_no_colours_gets_none() {
    let env = TestEnvironment::new();
    for (wish, coloured) in [("", true), ("NO_COLOR=1 ", false), ("TERM=dumb ", false)] {
        for args in [&["check", "/nowhere"][..], &["chek"]] {
            let line = format!("TERM=xterm; export TERM; {wish}{}", line(args));
            let (code, screen) = Terminal::running(&env, &line).end();
            assert_eq!(code, Some(2), "{screen}");
            assert_eq!(
                screen.contains("\u{1b}["),
                coloured,
                "{wish}{args:?}: {screen:?}"
            );
        }
    }
}
