//! `boll:process/children`.

use std::time::{Duration, UNIX_EPOCH};

use wasmtime::component::Resource;

use super::same::same;
use super::{CallContext, CallView};
use crate::bindings::boll::process::children as wit;
use crate::process::{
    Child, ChildError, ChildStatus, ChildSummary, Chunk, Exit, Output, OutputStream, Phase,
};

impl wit::Host for CallView<'_> {
    async fn spawn(
        &mut self,
        command: wit::Command,
    ) -> wasmtime::Result<Result<Resource<Child>, wit::StartError>> {
        let (processes, command) = match self.call.allow(command) {
            Ok(allowed) => allowed,
            Err(error) => return Ok(Err(error)),
        };
        let spawned = processes.spawn(command, self.call.run_context()).await;
        self.hand_out(spawned)
    }

    fn attach(&mut self, id: String) -> wasmtime::Result<Result<Resource<Child>, wit::Error>> {
        let attached = match &self.call.host.processes {
            Some(processes) => processes.attach(&id, &self.call.scope),
            None => Err(ChildError::Unknown),
        };
        self.hand_out(attached)
    }

    fn list(&mut self) -> Vec<wit::Summary> {
        let processes = self.call.host.processes.as_ref();
        let children = processes.map(|processes| processes.list(&self.call.scope));
        children
            .unwrap_or_default()
            .into_iter()
            .map(Into::into)
            .collect()
    }
}

impl wit::HostChild for CallView<'_> {
    fn id(&mut self, child: Resource<Child>) -> wasmtime::Result<String> {
        Ok(self.table.get(&child)?.id().to_string())
    }

    async fn write(
        &mut self,
        child: Resource<Child>,
        bytes: Vec<u8>,
        timeout_ms: u32,
    ) -> wasmtime::Result<Result<u64, wit::Error>> {
        let child = self.table.get(&child)?;
        let limit = self.call.write_limit();
        if bytes.len() as u64 > limit {
            return Ok(Err(wit::Error::TooLarge(limit)));
        }
        let writing = child.write(&bytes, milliseconds(timeout_ms));
        Ok(self.call.unless_over(writing).await)
    }

    fn close_stdin(&mut self, child: Resource<Child>) -> wasmtime::Result<Result<(), wit::Error>> {
        Ok(self.table.get(&child)?.close_stdin().map_err(Into::into))
    }

    async fn read(
        &mut self,
        child: Resource<Child>,
        channel: wit::Channel,
        cursor: u64,
        max: u32,
        timeout_ms: u32,
    ) -> wasmtime::Result<Result<wit::Chunk, wit::Error>> {
        let child = self.table.get(&child)?;
        let reading = child.read(channel.into(), cursor, max, milliseconds(timeout_ms));
        Ok(self.call.unless_over(reading).await.map(Into::into))
    }

    async fn status(&mut self, child: Resource<Child>) -> wasmtime::Result<wit::Status> {
        Ok(self.table.get(&child)?.status().await.into())
    }

    async fn wait(
        &mut self,
        child: Resource<Child>,
        timeout_ms: Option<u32>,
    ) -> wasmtime::Result<Result<Option<wit::Exit>, wit::Error>> {
        let child = self.table.get(&child)?;
        let waiting = child.wait(timeout_ms.map(milliseconds));
        let exit: Result<Option<Exit>, _> = self.call.unless_over(waiting).await;
        Ok(exit.map(|exit| exit.map(Into::into)))
    }

    async fn signal(
        &mut self,
        child: Resource<Child>,
        signal: wit::Signal,
    ) -> wasmtime::Result<Result<(), wit::Error>> {
        self.table.get(&child)?.signal(number(signal)).await;
        Ok(Ok(()))
    }

    async fn stop(
        &mut self,
        child: Resource<Child>,
        grace_ms: Option<u32>,
    ) -> wasmtime::Result<Result<wit::Exit, wit::Error>> {
        let child = self.table.get(&child)?;
        let stopping = child.stop(grace_ms.map(milliseconds));
        Ok(self.call.unless_over(stopping).await.map(Into::into))
    }

    async fn kill(
        &mut self,
        child: Resource<Child>,
    ) -> wasmtime::Result<Result<wit::Output, wit::Error>> {
        let child = self.table.get(&child)?;
        let output: Result<Output, _> = self.call.unless_over(child.kill()).await;
        Ok(output.map(Into::into))
    }

    async fn detach(
        &mut self,
        child: Resource<Child>,
    ) -> wasmtime::Result<Result<String, wit::Error>> {
        let child = self.table.get(&child)?;
        if let Some(over) = self.call.over() {
            return Ok(Err(over));
        }
        Ok(Ok(child.detach().await.to_string()))
    }

    fn drop(&mut self, child: Resource<Child>) -> wasmtime::Result<()> {
        self.table.delete(child)?;
        Ok(())
    }
}

impl CallContext {
    /// What an operation on a child gives, or that the call is over: nobody is
    /// left waiting for a child beyond the end of its own call.
    async fn unless_over<T>(
        &self,
        operation: impl Future<Output = Result<T, ChildError>>,
    ) -> Result<T, wit::Error> {
        tokio::select! {
            biased;
            result = operation => result.map_err(Into::into),
            () = self.scope.cancel.cancelled() => Err(self.over().unwrap_or(wit::Error::Cancelled)),
            () = self.scope.unloaded.cancelled() => Err(wit::Error::ShuttingDown),
        }
    }

    fn over(&self) -> Option<wit::Error> {
        if self.scope.unloaded.is_cancelled() {
            return Some(wit::Error::ShuttingDown);
        }
        let cancelled = self.scope.cancel.is_cancelled();
        cancelled.then_some(wit::Error::Cancelled)
    }

    fn write_limit(&self) -> u64 {
        let processes = self.host.processes.as_ref();
        processes.map_or(0, |processes| processes.settings().sizes.stdin)
    }
}

fn milliseconds(ms: u32) -> Duration {
    Duration::from_millis(ms.into())
}

fn number(signal: wit::Signal) -> i32 {
    match signal {
        wit::Signal::Hangup => libc::SIGHUP,
        wit::Signal::Interrupt => libc::SIGINT,
        wit::Signal::Quit => libc::SIGQUIT,
        wit::Signal::Kill => libc::SIGKILL,
        wit::Signal::User1 => libc::SIGUSR1,
        wit::Signal::User2 => libc::SIGUSR2,
        wit::Signal::Terminate => libc::SIGTERM,
        wit::Signal::Continue => libc::SIGCONT,
        wit::Signal::Stop => libc::SIGSTOP,
        wit::Signal::WindowChange => libc::SIGWINCH,
    }
}

impl From<ChildError> for wit::Error {
    fn from(error: ChildError) -> Self {
        match error {
            ChildError::Unknown => Self::UnknownChild,
            ChildError::WrongStream => Self::WrongStream,
            ChildError::Closed => Self::Closed,
            ChildError::Host(error) => Self::Host(error.to_string()),
        }
    }
}

same! {
    enum Phase => wit::Phase { Starting, Running, Exited }
    enum wit::Channel => OutputStream { Stdout, Stderr }
}

same! {
    struct Chunk => wit::Chunk { bytes, next, dropped, eof }
}

impl From<ChildStatus> for wit::Status {
    fn from(status: ChildStatus) -> Self {
        Self {
            phase: status.phase.into(),
            exit: status.exit.map(Into::into),
            cpu_ms: u64::try_from(status.usage.cpu.as_millis()).unwrap_or(u64::MAX),
            peak_memory: status.usage.peak_memory,
        }
    }
}

impl From<ChildSummary> for wit::Summary {
    fn from(summary: ChildSummary) -> Self {
        let started = summary.started_at.duration_since(UNIX_EPOCH);
        let started_at = started.unwrap_or_default().as_millis();
        Self {
            id: summary.id.to_string(),
            label: summary.label,
            program: summary.program,
            phase: summary.phase.into(),
            detached: summary.detached,
            started_at_ms: u64::try_from(started_at).unwrap_or(u64::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_refused_keeps_its_words() {
        let refused = ChildError::Host(std::io::Error::from_raw_os_error(libc::EINVAL));
        let wit::Error::Host(text) = refused.into() else {
            panic!("another error");
        };
        assert!(text.contains("Invalid argument"), "{text}");
    }
}
