//! A host in a process of its own, as the runner sees it: requests, answers,
//! log lines, and its end.

mod hearing;

use std::collections::{HashMap, VecDeque};
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use serde_json::{Map, Value};

use self::hearing::{Heard, hear, keep_last, shortened};
use super::mutants::tamper::{Answerer, Tamper};
use super::protocol::{Event, Hello, HostReply, Message, Operation, Request, Response, VERSION};
use crate::interrupt::told;

/// The lines of its standard error that are shown when it dies.
const LAST_WORDS: usize = 20;

/// How long a host may take to end after its input has ended.
const PARTING: Duration = Duration::from_secs(10);

/// How often signals are checked while a host says nothing.
const TICK: Duration = Duration::from_millis(50);

/// Why a host's process cannot be used any more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HostError {
    /// It cannot be started.
    #[error("the host `{command}` cannot be started")]
    Start {
        /// The command.
        command: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It ended.
    #[error("the host ended{0}")]
    Ended(String),
    /// It did not answer.
    #[error("the host did not answer `{what}` within {} s", .time.as_secs())]
    Silent {
        /// The request.
        what: String,
        /// How long it was waited for.
        time: Duration,
    },
    /// It sent something else.
    #[error("the host sent an invalid protocol message: {0}")]
    Rubbish(String),
    /// It answered with a fault.
    #[error("the host failed at `{what}`: {text}")]
    Fault {
        /// The request.
        what: String,
        /// The text of the fault.
        text: String,
    },
    /// A signal ends this program.
    #[error("interrupted")]
    Interrupted,
    /// It speaks another version.
    #[error("the host speaks version {0} of the protocol; this runner speaks {VERSION}")]
    Version(u32),
}

/// A host's process.
pub(crate) struct Host {
    child: Child,
    is_reaped: bool,
    /// `None` once it is told to go.
    requests: Option<Sender<String>>,
    messages: Receiver<Heard>,
    last_words: Arc<Mutex<VecDeque<u8>>>,
    next: u64,
    names: HashMap<u64, String>,
    answers: HashMap<u64, HostReply>,
    /// The lines of its log since the case began, and their bytes.
    log: Vec<Map<String, Value>>,
    log_bytes: usize,
    /// The bytes that it has said and that are kept.
    kept: Arc<AtomicUsize>,
    patience: Duration,
    /// The fault that it is given, if it is a mutant.
    tamper: Option<Tamper>,
    pub(crate) hello: Hello,
}

impl Host {
    /// Starts a host and asks it who it is. `patience` is how long it may take
    /// for an answer.
    pub(crate) fn start(command: &[String], patience: Duration) -> Result<Self, HostError> {
        let failed = |source| HostError::Start {
            command: command.join(" "),
            source,
        };
        let empty = || std::io::Error::new(std::io::ErrorKind::InvalidInput, "no program is named");
        let (program, args) = command.split_first().ok_or_else(|| failed(empty()))?;
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        let (requests, waiting) = channel::<String>();
        if let Some(mut stdin) = child.stdin.take() {
            // A host that does not read keeps only this thread waiting.
            thread::spawn(move || {
                let written = |line: String| stdin.write_all(line.as_bytes());
                waiting.iter().try_for_each(written)
            });
        }
        let (sender, messages) = channel();
        let kept = Arc::<AtomicUsize>::default();
        if let Some(stdout) = child.stdout.take() {
            let kept = Arc::clone(&kept);
            thread::spawn(move || hear(stdout, &sender, &kept));
        }
        let last_words = Arc::<Mutex<VecDeque<u8>>>::default();
        if let Some(stderr) = child.stderr.take() {
            let words = Arc::clone(&last_words);
            thread::spawn(move || keep_last(stderr, &words));
        }
        let mut host = Self {
            requests: Some(requests),
            child,
            is_reaped: false,
            messages,
            last_words,
            next: 1,
            names: HashMap::new(),
            answers: HashMap::new(),
            log: Vec::new(),
            log_bytes: 0,
            kept,
            patience,
            tamper: None,
            hello: Hello {
                protocol: VERSION,
                name: String::new(),
                version: String::new(),
                interfaces: Vec::new(),
            },
        };
        host.hello = host.say_hello()?;
        Ok(host)
    }

    fn say_hello(&mut self) -> Result<Hello, HostError> {
        let id = self.send(Operation::Hello {
            protocol: VERSION,
            runner: concat!("boll ", env!("CARGO_PKG_VERSION")).to_owned(),
        })?;
        let hello = match self.answer(id)? {
            HostReply::Result(hello) => hello,
            HostReply::Unsupported(text) | HostReply::Fault(text) => {
                let what = "hello".to_owned();
                return Err(HostError::Fault { what, text });
            }
        };
        let rubbish = |_| HostError::Rubbish(shortened(&hello.to_string()));
        let hello: Hello = serde_json::from_value(hello.clone()).map_err(rubbish)?;
        if hello.protocol == VERSION {
            Ok(hello)
        } else {
            Err(HostError::Version(hello.protocol))
        }
    }

    /// Returns whether it says that it implements an interface, in any version.
    pub(crate) fn implements(&self, interface: &str) -> bool {
        let mut names = self.hello.interfaces.iter();
        names.any(|name| name.split('@').next() == Some(interface))
    }

    /// Gives it a fault.
    pub(super) fn tamper_with(&mut self, tamper: Tamper) {
        self.tamper = Some(tamper);
    }

    /// Sends a request. [`Host::answer`] waits for the answer.
    pub(crate) fn send(&mut self, mut operation: Operation) -> Result<u64, HostError> {
        let id = self.next;
        self.next += 1;
        let answerer = match &mut self.tamper {
            Some(tamper) => tamper
                .ask(&mut operation)
                .map_err(|error| HostError::Rubbish(error.to_string()))?,
            None => Answerer::Host,
        };
        match answerer {
            Answerer::Host => {}
            Answerer::Fault(answer) => {
                self.answers.insert(id, answer);
                return Ok(id);
            }
            Answerer::FaultFirst(answer) => {
                self.answers.insert(id, answer);
            }
        }
        let request = Request { id, operation };
        let mut line = serde_json::to_string(&request)
            .map_err(|error| HostError::Rubbish(error.to_string()))?;
        line.push('\n');
        self.names.insert(id, name_of(&request.operation));
        let requests = self.requests.as_ref();
        match requests.is_some_and(|requests| requests.send(line).is_ok()) {
            true => Ok(id),
            false => Err(self.ended()),
        }
    }

    /// Waits for the answer to a request.
    pub(crate) fn answer(&mut self, id: u64) -> Result<HostReply, HostError> {
        self.until(id, |host| host.answers.remove(&id))
    }

    /// Asks, and waits.
    pub(crate) fn ask(&mut self, operation: Operation) -> Result<HostReply, HostError> {
        let id = self.send(operation)?;
        self.answer(id)
    }

    /// Returns the lines of its log since the case began.
    pub(crate) fn log(&self) -> &[Map<String, Value>] {
        &self.log
    }

    /// Forgets the log of the case before.
    pub(crate) fn forget_log(&mut self) {
        self.log.clear();
        let bytes = std::mem::take(&mut self.log_bytes);
        self.kept.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Waits for a matching line of the log.
    pub(crate) fn await_log(
        &mut self,
        what: String,
        is_it: impl Fn(&Map<String, Value>) -> bool,
    ) -> Result<(), HostError> {
        self.names.insert(0, what);
        self.until(0, |host| host.log.iter().any(&is_it).then_some(()))
    }

    /// Reads messages until `found` returns something.
    fn until<T>(
        &mut self,
        id: u64,
        mut found: impl FnMut(&mut Self) -> Option<T>,
    ) -> Result<T, HostError> {
        let end = Instant::now() + self.patience;
        loop {
            if let Some(found) = found(self) {
                return Ok(found);
            }
            if told().is_some() {
                return Err(HostError::Interrupted);
            }
            let heard = self.messages.recv_timeout(TICK);
            match &heard {
                Ok((bytes, Ok(Message::Event(_)))) => self.log_bytes += bytes,
                Ok((bytes, _)) => {
                    self.kept.fetch_sub(*bytes, Ordering::Relaxed);
                }
                Err(_) => {}
            }
            match heard.map(|(_, message)| message) {
                Ok(Ok(Message::Response(Response { id, mut answer }))) => {
                    if let Some(name) = self.names.get(&id) {
                        if let Some(tamper) = &self.tamper {
                            tamper.answer(name, &mut answer);
                        }
                        self.answers.insert(id, answer);
                    } else {
                        let text = format!("an answer to {id}, which was not asked");
                        return Err(HostError::Rubbish(text));
                    }
                }
                Ok(Ok(Message::Event(Event::Log { mut line }))) => {
                    let tamper = self.tamper.as_ref();
                    if tamper.is_none_or(|tamper| tamper.line(&mut line)) {
                        self.log.push(line);
                    }
                }
                Ok(Err(rubbish)) => return Err(HostError::Rubbish(rubbish)),
                Err(RecvTimeoutError::Timeout) if Instant::now() < end => {}
                Err(RecvTimeoutError::Timeout) => {
                    return Err(HostError::Silent {
                        what: self.names.get(&id).cloned().unwrap_or_default(),
                        time: self.patience,
                    });
                }
                Err(RecvTimeoutError::Disconnected) => return Err(self.ended()),
            }
        }
    }

    /// Returns everything that is known about its end.
    fn ended(&mut self) -> HostError {
        let mut text = String::new();
        if has_exited_within(&self.child, Duration::from_secs(1))
            && let Ok(status) = self.end()
        {
            text = format!(" ({status})");
        }
        let words = self.last_words.lock();
        let mut words = words.unwrap_or_else(PoisonError::into_inner);
        let words = String::from_utf8_lossy(words.make_contiguous());
        let lines: Vec<&str> = words.lines().collect();
        for line in &lines[lines.len().saturating_sub(LAST_WORDS)..] {
            text.push_str("\n  ");
            text.push_str(line);
        }
        HostError::Ended(text)
    }

    /// Ends it with all that it has started, and returns how it ended.
    fn end(&mut self) -> std::io::Result<ExitStatus> {
        // Only before it is reaped: after that, its number may be another's.
        if !std::mem::replace(&mut self.is_reaped, true) {
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
        self.child.wait()
    }
}

impl Drop for Host {
    /// Lets it go in peace: at the end of its input it ends. One that stays, and
    /// what another has left behind, is killed.
    fn drop(&mut self) {
        drop(self.requests.take());
        has_exited_within(&self.child, PARTING.min(self.patience));
        let _ = self.end();
    }
}

/// Waits until a process has ended, at most for this time and until a signal ends this
/// program. It does not reap the process.
fn has_exited_within(child: &Child, time: Duration) -> bool {
    let end = Instant::now() + time;
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    let pid = WaitId::Pid(Pid::from_child(child));
    while matches!(waitid(pid.clone(), options), Ok(None)) {
        if Instant::now() >= end || told().is_some() {
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
    true
}

fn name_of(operation: &Operation) -> String {
    let value = serde_json::to_value(operation).unwrap_or_default();
    value["do"].as_str().unwrap_or_default().to_owned()
}
