//! A runtime with the guests loaded, and short ways to call them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use boll_host::capsule::{CapsuleId, Manifest};
use boll_host::engine::{Compiler, ComponentCache};
use boll_host::policy::GrantSet;
use boll_host::process::ProcessSettings;
use boll_host::sandbox::{Sandbox, SandboxSettings, Script};
use boll_host::services::audit::{AuditEvent, AuditSink};
use boll_host::services::hook::NativeSubscription;
use boll_host::services::log::{FileSink, LogLine, LogSettings, LogSink};
use boll_host::{CallError, CallOptions, Load, LoadError, Outcome, Runtime, RuntimeLimits};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::environment::cache;
use crate::support::guests::{guests_bytes, prepared};

/// A runtime that is being set up.
pub(crate) struct Setup {
    manifest: String,
    grants: Vec<String>,
    config: BTreeMap<String, String>,
    limits: RuntimeLimits,
    log: LogSettings,
    processes: ProcessSettings,
    sandbox: bool,
    files: Option<FileSink>,
    script: Option<Script>,
    subscriptions: Vec<NativeSubscription>,
    compiler: Compiler,
    judged: Judged,
}

/// A runtime with the guests in it.
pub(crate) struct Bench {
    pub(crate) runtime: Runtime,
    pub(crate) id: CapsuleId,
    pub(crate) log: Log,
    pub(crate) judged: Judged,
    workspace: TempDir,
}

/// The lines that were logged.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<LogLine>>>);

impl LogSink for Log {
    fn write(&mut self, lines: &[LogLine]) {
        let mut kept = self.0.lock().expect("not poisoned");
        kept.extend_from_slice(lines);
    }
}

/// The judgements that were told.
#[derive(Clone, Default)]
pub(crate) struct Judged(Arc<Mutex<Vec<AuditEvent>>>);

impl AuditSink for Judged {
    fn judged(&self, event: AuditEvent) {
        self.0.lock().expect("not poisoned").push(event);
    }
}

impl Judged {
    /// Those since the last time.
    pub(crate) fn take(&self) -> Vec<AuditEvent> {
        std::mem::take(&mut *self.0.lock().expect("not poisoned"))
    }
}

/// Keeps the lines, and writes them to files too where there are to be any.
struct BenchSink(Log, Option<FileSink>);

impl LogSink for BenchSink {
    fn write(&mut self, lines: &[LogLine]) {
        let Self(kept, files) = self;
        kept.write(lines);
        if let Some(files) = files {
            files.write(lines);
        }
    }

    fn tick(&mut self) {
        if let Some(files) = &mut self.1 {
            files.tick();
        }
    }
}

impl Log {
    pub(crate) fn lines(&self) -> Vec<LogLine> {
        self.0.lock().expect("not poisoned").clone()
    }

    pub(crate) fn messages(&self) -> Vec<String> {
        self.lines().into_iter().map(|line| line.message).collect()
    }
}

impl Setup {
    /// More lines for the manifest.
    pub(crate) fn manifest(mut self, text: &str) -> Self {
        self.manifest.push_str(text);
        self.manifest.push('\n');
        self
    }

    pub(crate) fn grant(mut self, grant: &str) -> Self {
        self.grants.push(grant.to_owned());
        self
    }

    /// Asks for a program, with any arguments, and grants it.
    pub(crate) fn program(self, name: &str) -> Self {
        self.manifest(&format!("[[process]]\nprogram = \"{name}\""))
            .grant(&format!("process:{name}"))
    }

    pub(crate) fn config(mut self, key: &str, value: &str) -> Self {
        self.config.insert(key.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn limits(mut self, change: impl FnOnce(&mut RuntimeLimits)) -> Self {
        change(&mut self.limits);
        self
    }

    pub(crate) fn log(mut self, change: impl FnOnce(&mut LogSettings)) -> Self {
        change(&mut self.log);
        self
    }

    pub(crate) fn processes(mut self, change: impl FnOnce(&mut ProcessSettings)) -> Self {
        change(&mut self.processes);
        self
    }

    /// Lines go to files, too.
    pub(crate) fn files(mut self, files: FileSink) -> Self {
        self.files = Some(files);
        self
    }

    /// Processes are played by a script.
    pub(crate) fn script(mut self, script: &Script) -> Self {
        self.script = Some(script.clone());
        self
    }

    /// A subscription of the embedder's.
    pub(crate) fn subscription(mut self, subscription: NativeSubscription) -> Self {
        self.subscriptions.push(subscription);
        self
    }

    /// Who compiles components; a thread when this is not called.
    #[allow(dead_code, reason = "not used by each test program")]
    pub(crate) fn compiler(mut self, compiler: Compiler) -> Self {
        self.compiler = compiler;
        self
    }

    pub(crate) fn without_sandbox(mut self) -> Self {
        self.sandbox = false;
        self
    }

    /// The manifest as it is.
    pub(crate) fn manifest_of(&self, id: &str) -> Manifest {
        let text = format!(
            "[capsule]\nid = \"{id}\"\nversion = \"1.0.0\"\n{}",
            self.manifest
        );
        Manifest::parse("Capsule.toml", &text).expect("a manifest")
    }

    /// A load of the guests under any id.
    pub(crate) fn load(&self, id: &str) -> Load {
        self.load_of(id, guests_bytes())
    }

    /// A load of any component under any id.
    pub(crate) fn load_of(&self, id: &str, component: Vec<u8>) -> Load {
        Load::new(self.manifest_of(id), component)
            .grants(grants(&self.grants))
            .config(self.config.clone())
    }

    /// The runtime with the guests loaded.
    pub(crate) async fn start(mut self) -> Bench {
        let log = Log::default();
        let sink = BenchSink(log.clone(), self.files.take());
        let workspace = tempfile::tempdir().expect("a folder");
        let mut builder = Runtime::builder()
            .workspace(workspace.path())
            .limits(self.limits)
            .log(self.log)
            .processes(self.processes)
            .log_sink(sink)
            .audit(self.judged.clone())
            .compiler(self.compiler.clone())
            .cache(ComponentCache::open(cache().join("boll/components")).expect("a cache"));
        for subscription in std::mem::take(&mut self.subscriptions) {
            builder = builder.subscription(subscription);
        }
        if let Some(script) = self.script.take() {
            let sandbox = Sandbox::scripted(workspace.path(), script).expect("a workspace");
            builder = builder.sandbox(sandbox);
        } else if self.sandbox {
            prepared();
            let settings = SandboxSettings::new(workspace.path());
            let sandbox = Sandbox::open(settings).expect("a workspace");
            assert!(sandbox.probe().works(), "{}", sandbox.probe());
            builder = builder.sandbox(sandbox);
        }
        let runtime = builder.build().expect("a runtime");
        let id = runtime.load(self.load("guests")).await.expect("loaded");
        Bench {
            runtime,
            id,
            log,
            judged: self.judged,
            workspace,
        }
    }
}

impl Bench {
    pub(crate) fn setup() -> Setup {
        Setup {
            manifest: String::new(),
            grants: Vec::new(),
            config: BTreeMap::new(),
            limits: RuntimeLimits {
                instances: 32,
                ..RuntimeLimits::default()
            },
            log: LogSettings::default(),
            processes: ProcessSettings::default(),
            sandbox: true,
            files: None,
            script: None,
            subscriptions: Vec::new(),
            compiler: Compiler::default(),
            judged: Judged::default(),
        }
    }

    /// A runtime whose guests may start this program.
    pub(crate) async fn with_program(name: &str) -> Self {
        Self::setup().program(name).start().await
    }

    /// A runtime whose guests ask for nothing.
    pub(crate) async fn plain() -> Self {
        Self::setup().without_sandbox().start().await
    }

    pub(crate) fn workspace(&self) -> &Path {
        self.workspace.path()
    }

    /// Writes a file into the workspace.
    pub(crate) fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.workspace().join(name);
        std::fs::write(&path, content).expect("written");
        path
    }

    pub(crate) async fn call(
        &self,
        action: &str,
        payload: &str,
        options: CallOptions,
    ) -> Result<Outcome, CallError> {
        let payload = payload.as_bytes().to_vec();
        self.runtime
            .invoke(&self.id, action, payload, options)
            .await
    }

    /// A call with no options.
    pub(crate) async fn plainly(&self, action: &str, payload: &str) -> Result<Outcome, CallError> {
        self.call(action, payload, CallOptions::default()).await
    }

    /// The JSON that an action replies.
    pub(crate) async fn json(&self, action: &str, payload: &str) -> Value {
        reply(self.plainly(action, payload).await)
    }

    /// Runs a command through the guests.
    pub(crate) async fn run(&self, command: Value) -> Value {
        self.json("run", &command.to_string()).await
    }

    /// Does steps with children through the guests; gives what each results in.
    pub(crate) async fn steps(&self, steps: Value) -> Vec<Value> {
        results(self.json("children", &steps.to_string()).await)
    }

    /// What a script writes to standard output.
    pub(crate) async fn sh(&self, script: &str) -> String {
        let reply = self.run(sh(script)).await;
        let text = reply["ok"]["stdout"]["text"].as_str();
        text.unwrap_or_else(|| panic!("{reply}")).to_owned()
    }

    /// Starts a call in the background.
    pub(crate) fn begin(
        &self,
        action: &'static str,
        payload: String,
        options: CallOptions,
    ) -> tokio::task::JoinHandle<Result<Outcome, CallError>> {
        let (runtime, id) = (self.runtime.clone(), self.id.clone());
        tokio::spawn(async move {
            let payload = payload.into_bytes();
            runtime.invoke(&id, action, payload, options).await
        })
    }

    /// Loads the guests under another id.
    pub(crate) async fn also(&self, setup: &Setup, id: &str) -> Result<CapsuleId, LoadError> {
        self.runtime.load(setup.load(id)).await
    }

    /// The lines that were logged up to now. Ends the runtime, which writes them.
    pub(crate) async fn logged(&self) -> Vec<LogLine> {
        self.runtime.shut_down().await;
        self.log.lines()
    }
}

/// A script as a command.
pub(crate) fn sh(script: &str) -> Value {
    serde_json::json!({"program": "sh", "args": ["-c", script]})
}

/// What each step resulted in.
pub(crate) fn results(reply: Value) -> Vec<Value> {
    serde_json::from_value(reply).expect("a list")
}

/// The JSON of a reply.
#[track_caller]
pub(crate) fn reply(outcome: Result<Outcome, CallError>) -> Value {
    match outcome {
        Ok(Outcome::Continue(Some(payload))) => serde_json::from_slice(&payload).expect("JSON"),
        other => panic!("no reply but {other:?}"),
    }
}

/// Grants by their texts.
pub(crate) fn grants(texts: &[impl AsRef<str>]) -> GrantSet {
    texts
        .iter()
        .map(|text| text.as_ref().parse().expect("a grant"))
        .collect()
}

/// A call with an id.
pub(crate) fn named(call_id: &str) -> CallOptions {
    CallOptions {
        call_id: Some(call_id.into()),
        ..CallOptions::default()
    }
}

/// Waits for something without holding up the other tasks.
pub(crate) async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waited = tokio::time::timeout(Duration::from_secs(20), async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("never: {what}"));
}
