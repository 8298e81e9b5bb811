//! A workspace with a sandbox, and short ways to run commands in it.

use std::fs;
use std::io::{Read, Write as _};
use std::ops::{Deref, DerefMut};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use uuid::Uuid;

use crate::call::{CallScope, Origin};
use crate::capsule::CapsuleUuid;
use crate::policy::command::{CommandSizes, CommandSpec, Input, Keep};
use crate::policy::{
    Access, AuthorizedCommand, GrantSet, Permissions, ProcessRequest, Requests, WorkspaceAccess,
};
use crate::process::output::LaunchFailure;
use crate::process::{
    Child, Exit, ExitStatus, Grace, Line, LineSink, Output, ProcessError, ProcessService,
    ProcessSettings, RunContext, Unconfined,
};
use crate::sandbox::{
    Child as Builder, End, Ends, Full, LaunchStep, MESSAGE_BYTES, Message, Order, Sandbox,
    SandboxBackend, SandboxSettings, Stdio, TreeLimit,
};
use crate::without::Need;

/// A grace that keeps the tests short.
pub(super) const GRACE: Grace = Grace {
    interrupt: Duration::from_millis(150),
    terminate: Duration::from_millis(150),
};

/// What a run of a capsule belongs to when nothing ends it. Here, every loading of a
/// capsule is the same one.
pub(super) fn scope(capsule: &str) -> Arc<CallScope> {
    let origin = Origin::of_capsule(&capsule.parse().unwrap());
    let uuid = CapsuleUuid::parse(&Uuid::nil().to_string()).unwrap();
    Arc::new(CallScope::new(origin, uuid))
}

/// A test looks at what a run belongs to, and changes it.
impl Deref for RunContext {
    type Target = CallScope;

    fn deref(&self) -> &CallScope {
        &self.scope
    }
}

impl DerefMut for RunContext {
    fn deref_mut(&mut self) -> &mut CallScope {
        Arc::make_mut(&mut self.scope)
    }
}

impl RunContext {
    /// The same in a call with an id.
    pub(super) fn in_call(mut self, id: &str) -> Self {
        Arc::make_mut(&mut self.origin).call_id = Some(id.into());
        self
    }
}

/// A workspace of its own and what runs in it.
pub(super) struct Bench {
    pub(super) workspace: TempDir,
    pub(super) service: ProcessService,
    pub(super) lines: Arc<Lines>,
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::prepared(|_| {})
    }

    /// With something in the workspace before it is opened.
    pub(super) fn prepared(prepare: impl FnOnce(&Path)) -> Self {
        let workspace = tempfile::tempdir().unwrap();
        prepare(workspace.path());
        let sandbox = Sandbox::open(SandboxSettings::new(workspace.path())).unwrap();
        Self::of(workspace, sandbox)
    }

    /// With other settings of its sandbox.
    pub(super) fn with_settings(set: impl FnOnce(&mut SandboxSettings)) -> Self {
        let workspace = tempfile::tempdir().unwrap();
        let mut settings = SandboxSettings::new(workspace.path());
        set(&mut settings);
        Self::of(workspace, Sandbox::open(settings).unwrap())
    }

    /// With a sandbox that is already open.
    pub(super) fn of(workspace: TempDir, sandbox: Sandbox) -> Self {
        assert!(sandbox.probe().works(), "no sandbox: {}", sandbox.probe());
        let settings = ProcessSettings {
            grace: GRACE,
            runs: 2,
            children: 3,
            unreleased: 4,
            ..ProcessSettings::default()
        };
        Self {
            workspace,
            service: ProcessService::new(sandbox, settings),
            lines: Arc::default(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        self.workspace.path()
    }

    /// Puts an executable file into the workspace.
    pub(super) fn executable(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.path().join(name);
        // By another process: what other tests start has no descriptor of it then, with
        // which it could not be executed.
        let mut writer = std::process::Command::new("sh")
            .args(["-c", "cat > \"$0\""])
            .arg(&path)
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = writer.stdin.take().unwrap();
        stdin.write_all(bytes).unwrap();
        drop(stdin);
        assert!(writer.wait().unwrap().success());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        match self.service.sandbox().settings().backend {
            SandboxBackend::Bubblewrap => format!("/workspace/{name}"),
            SandboxBackend::Landlock | SandboxBackend::None => path.display().to_string(),
        }
    }

    /// Streams that lead nowhere.
    pub(super) fn null_stdio(&self) -> Stdio {
        let null = || self.service.sandbox().null().unwrap();
        Stdio {
            stdin: null(),
            stdout: null(),
            stderr: null(),
        }
    }

    /// Starts a program by its path, without anybody who follows it.
    pub(super) async fn launch(&self, access: Access, args: &[&str]) -> (Builder, Ends) {
        let order = Order {
            directory: self.service.sandbox().working_directory(None).unwrap(),
            program: args[0].into(),
            args: args.iter().map(|arg| (*arg).into()).collect(),
            env: vec![("PATH".into(), "/usr/bin:/bin".into())],
            ..Order::default()
        };
        let sandbox = self.service.sandbox();
        let prepared = sandbox.prepare(access, &order, self.null_stdio()).unwrap();
        sandbox.launch(prepared, Box::new(())).await.unwrap()
    }

    /// What a run of the same capsule belongs to when nothing ends it.
    pub(super) fn context(&self) -> RunContext {
        RunContext {
            scope: scope("tester"),
            lines: Arc::clone(&self.lines) as Arc<dyn LineSink>,
        }
    }

    /// Allows whatever is asked for, by the way that everything takes.
    pub(super) fn allow(&self, spec: CommandSpec, workspace: WorkspaceAccess) -> AuthorizedCommand {
        let sandbox = self.service.sandbox();
        let command = spec.check(&CommandSizes::default()).unwrap();
        let program = sandbox.resolve(&command.program).unwrap();
        let request = ProcessRequest {
            env: command
                .env
                .iter()
                .map(|(name, _)| name.clone().try_into().unwrap())
                .collect(),
            workspace,
            ..ProcessRequest::new(command.program.clone().try_into().unwrap())
        };
        let further = request.further_grants(sandbox.confinement());
        let grants: GrantSet = further.chain([request.as_grant()]).collect();
        Permissions::new(&Requests::from_iter([request]), &grants)
            .decide(command, program, sandbox.confinement(), |name| {
                sandbox.resolve(name).ok()
            })
            .into_result()
            .unwrap()
    }

    pub(super) async fn try_run(&self, spec: CommandSpec) -> Result<Output, ProcessError> {
        loop {
            let command = self.allow(spec.clone(), WorkspaceAccess::ReadWrite);
            let output = self.service.run(command, self.context()).await?;
            if !is_busy(&output.exit) {
                return Ok(output);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(super) async fn try_spawn(
        &self,
        spec: CommandSpec,
        context: RunContext,
    ) -> Result<Child, ProcessError> {
        let command = self.allow(spec, WorkspaceAccess::ReadWrite);
        self.service.spawn(command, context).await
    }

    pub(super) async fn spawn(&self, spec: CommandSpec) -> Child {
        self.try_spawn(spec, self.context()).await.unwrap()
    }

    pub(super) async fn run(&self, spec: CommandSpec) -> Output {
        self.try_run(spec).await.unwrap()
    }

    /// Whether what needs a control group for this limit is to be tried.
    pub(super) fn has_cgroup(&self, limit: TreeLimit) -> bool {
        let refusal = self.service.sandbox().refusal(limit);
        Need::Cgroup.is_met(refusal.as_deref())
    }

    /// The output of a command that asks for a limit; `None` where the run goes
    /// without it, and the command was refused.
    pub(super) async fn run_limited(&self, limit: TreeLimit, spec: CommandSpec) -> Option<Output> {
        let refusal = self.service.sandbox().refusal(limit);
        let is_met = Need::Cgroup.is_met(refusal.as_deref());
        let Some(reason) = refusal else {
            return if is_met {
                Some(self.run(spec).await)
            } else {
                None
            };
        };
        assert!(reason.contains("Delegate"), "{reason}");
        let error = self.try_run(spec).await.unwrap_err();
        let ProcessError::UnsupportedLimit(told) = error else {
            panic!("{error}");
        };
        assert!(told.contains(&reason), "{told}");
        None
    }

    /// Runs a script and gives what it wrote to stdout.
    pub(super) async fn sh(&self, script: &str) -> String {
        let output = self.run(sh(script)).await;
        String::from_utf8(output.stdout.bytes).unwrap()
    }
}

/// A shell script whose output is kept.
pub(super) fn sh(script: &str) -> CommandSpec {
    command("sh", &["-c", script])
}

/// The same with a pipe as its standard input.
pub(super) fn piped(script: &str) -> CommandSpec {
    CommandSpec {
        stdin: Input::Pipe,
        ..sh(script)
    }
}

/// A command whose output is kept.
pub(super) fn command(program: &str, args: &[&str]) -> CommandSpec {
    CommandSpec {
        program: program.into(),
        args: args.iter().map(|arg| (*arg).into()).collect(),
        stdout: Keep::Ring(1 << 20),
        stderr: Keep::Ring(1 << 20),
        ..CommandSpec::default()
    }
}

/// The lines that processes logged.
#[derive(Default)]
pub(super) struct Lines(pub(super) Mutex<Vec<String>>);

impl LineSink for Lines {
    fn line(&self, line: Line<'_>) {
        let text = format!("{} {:?} {}", line.program, line.stream, line.text);
        self.0.lock().unwrap().push(text);
    }

    fn unconfined(&self, start: Unconfined<'_>) {
        let text = format!(
            "unconfined {} {} {}",
            start.program, start.arguments, start.rule
        );
        self.0.lock().unwrap().push(text);
    }
}

/// Whether the program's file was open for writing. One that a test has just
/// written is, while another test's thread is starting a process.
fn is_busy(exit: &Exit) -> bool {
    matches!(&exit.status, ExitStatus::LaunchFailed(failure) if failure.errno == libc::ETXTBSY)
}

pub(super) fn code(exit: &Exit) -> u8 {
    match exit.status {
        ExitStatus::Code(code) => code,
        ref other => panic!("no exit code but {other:?}"),
    }
}

pub(super) fn failure(exit: Exit) -> LaunchFailure {
    match exit.status {
        ExitStatus::LaunchFailed(failure) => failure,
        other => panic!("no launch failure but {other:?}"),
    }
}

/// How a program that nobody follows ended.
pub(super) fn end(ends: Ends) -> End {
    ended(ends).0
}

/// What was full when a program that nobody follows ended.
pub(super) fn full_at_end(ends: Ends) -> Vec<&'static str> {
    ended(ends).1.places().collect()
}

fn ended(ends: Ends) -> (End, Full) {
    let mut status = fs::File::from(ends.status);
    loop {
        let mut message = [0; MESSAGE_BYTES];
        status.read_exact(&mut message).unwrap();
        match Message::decode(&message) {
            Some(Message::Started) => {}
            Some(Message::Ended { end, full, .. }) => return (end, full),
            other => panic!("{other:?}"),
        }
    }
}

/// Why a program that nobody follows did not start.
pub(super) fn not_started(ends: Ends) -> (LaunchStep, i32) {
    let mut message = [0; MESSAGE_BYTES];
    fs::File::from(ends.status)
        .read_exact(&mut message)
        .unwrap();
    match Message::decode(&message) {
        Some(Message::Failed { step, errno }) => (step, errno),
        other => panic!("{other:?}"),
    }
}

/// The host's processes that have this text in their command line.
pub(super) fn processes_with(text: &str) -> usize {
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok())
        .filter(|line| String::from_utf8_lossy(line).contains(text))
        .count()
}

/// Waits until something is so while tasks go on; far longer than it should take.
pub(super) async fn until(what: &str, is_so: impl Fn() -> bool) {
    let latest = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < latest, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The same where there are no tasks.
pub(super) fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(10);
    while !is_so() {
        assert!(Instant::now() < until, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A process of the host's own, which sleeps beside the sandboxes.
pub(super) struct Bystander(std::process::Child);

impl Bystander {
    pub(super) fn with_variable(name: &str, value: &str) -> Self {
        let mut sleep = std::process::Command::new("sleep");
        Self(sleep.arg("77400").env(name, value).spawn().unwrap())
    }

    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(super) fn is_alive(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Bystander {
    fn drop(&mut self) {
        // It may have been killed, which is what the tests find out.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
