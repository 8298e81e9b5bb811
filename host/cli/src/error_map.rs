//! Maps each error that is passed on with `?` to the exit code and the hints that the
//! program ends with. Callers that end with another code say so themselves.

use boll_host::document::DocumentError;
use boll_host::engine::EngineError;
use boll_host::sandbox::WorkerError;
use boll_host::services::hook::PublishError;
use boll_host::{CallError, InvokeError, LimitKind, LoadCause, LoadError, RecordError, Trap};

use crate::failure::{Code, Failure};
use crate::interrupt;
use crate::mend::mend;
use crate::toolchain::bindings::BindingsError;
use crate::toolchain::componentize::ComponentizeError;
use crate::toolchain::error::BuildError;
use crate::toolchain::install::InstallError;
use crate::world::WorldError;

impl From<DocumentError> for Failure {
    fn from(error: DocumentError) -> Self {
        Self::in_document(error)
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        let failure = Self::from_error(of_load(&error.cause), &error);
        with_cause(failure, &error.cause)
    }
}

impl From<LoadCause> for Failure {
    fn from(cause: LoadCause) -> Self {
        with_cause(Self::from_error(of_load(&cause), &cause), &cause)
    }
}

/// Adds what is known of a cause: a guest's last words, or how to make a record writable again.
fn with_cause(failure: Failure, cause: &LoadCause) -> Failure {
    match cause {
        LoadCause::NotInstalled(InvokeError::Trapped(trap)) => with_trap(failure, trap),
        LoadCause::Record(RecordError::Read(path, _) | RecordError::Write(path, _)) => {
            match mend(path) {
                Some(mend) => failure.hint(mend),
                None => failure,
            }
        }
        _ => failure,
    }
}

fn of_load(cause: &LoadCause) -> Code {
    match cause {
        LoadCause::Component(error) => of_component(error),
        LoadCause::Contract(_)
        | LoadCause::Native(_)
        | LoadCause::Config(_)
        | LoadCause::Requires(_)
        | LoadCause::Folder(_) => Code::Input,
        LoadCause::NotInstalled(_) | LoadCause::Refused(_) => Code::Capsule,
        LoadCause::Residents(_) => Code::Limit,
        LoadCause::NoRecord | LoadCause::Record(_) => Code::Machine,
        // It is shutting down, or the cause has no code of its own.
        _ => Code::Host,
    }
}

/// Returns whether the component or the machine is at fault.
fn of_component(error: &EngineError) -> Code {
    match error {
        EngineError::Costly(_) => Code::Limit,
        EngineError::Compiler(WorkerError::Stopped) => Code::Interrupted,
        // A component that kills its worker kills it each time.
        EngineError::Compiler(WorkerError::Failed { .. }) => Code::Input,
        EngineError::Compiler(_)
        | EngineError::Setup(_)
        | EngineError::Ticker(_)
        | EngineError::AddressSpace { .. } => Code::Machine,
        _ => Code::Input,
    }
}

impl From<WorldError> for Failure {
    fn from(error: WorldError) -> Self {
        let code = match &error {
            WorldError::Reader(WorkerError::Memory(_) | WorkerError::Time(_)) => Code::Limit,
            WorldError::Reader(WorkerError::Run(_)) => Code::Machine,
            WorldError::Reader(WorkerError::Stopped) => Code::Interrupted,
            _ => Code::Input,
        };
        let failure = Self::from_error(code, &error);
        match error {
            WorldError::NotAComponent { module: true } => failure.hint(
                "if a toolchain left the types of its world in it, `boll componentize` turns it into \
                 a component",
            ),
            _ => failure,
        }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        let code = match &error {
            CallError::NotReady { .. } => Code::Capsule,
            CallError::Busy(_) | CallError::Crowded(_) | CallError::Circle(_) => Code::Limit,
            CallError::Invoke { error, .. } => match error {
                InvokeError::TimedOut(_) | InvokeError::Limit { .. } | InvokeError::Full => {
                    Code::Limit
                }
                InvokeError::Folder(_) => Code::Input,
                InvokeError::Cancelled => Code::Interrupted,
                InvokeError::Trapped(_) => Code::Capsule,
                // No instance could be made, or the error has no code of its own.
                _ => Code::Host,
            },
            // It is not loaded or shutting down, or the error has no code of its own.
            _ => Code::Host,
        };
        let failure = Self::from_error(code, &error);
        let CallError::Invoke { error, .. } = &error else {
            return failure;
        };
        match error {
            InvokeError::Trapped(trap) => with_trap(failure, trap),
            InvokeError::TimedOut(_) => failure.hint(
                "to give a call more time: `time-ms` below [instance] in Capsule.toml, or \
                 --time-ms where the call is made",
            ),
            InvokeError::Limit {
                kind: LimitKind::Memory,
                ..
            } => failure.hint("to give it more: `memory-mib` below [instance] in Capsule.toml"),
            _ => failure,
        }
    }
}

/// Adds where a capsule trapped, and the last lines that it wrote.
fn with_trap(failure: Failure, trap: &Trap) -> Failure {
    // One line is in the error itself.
    let failure = match trap.stderr.as_slice() {
        [] | [_] => failure,
        lines => failure.hint(format!("it wrote last: {}", lines.join("\n  "))),
    };
    match trap.backtrace.as_slice() {
        [] => failure,
        frames => failure.hint(format!("where: {}", frames.join("\n  "))),
    }
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Self {
        let code = match &error {
            PublishError::InvalidTopic(_) => Code::Input,
            PublishError::TooLarge(_) | PublishError::TooDeep => Code::Limit,
            PublishError::Cancelled => Code::Interrupted,
            // It is shutting down, or the error has no code of its own.
            _ => Code::Host,
        };
        Self::from_error(code, &error)
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        if let Some(words) = interrupt::told() {
            return Self::new(Code::Interrupted, words);
        }
        let code = if error.is_missing_tool() {
            Code::Machine
        } else {
            Code::Input
        };
        match error {
            BuildError::Project(error) => (*error).into(),
            error => Self::from_error(code, &error),
        }
    }
}

impl From<BindingsError> for Failure {
    fn from(error: BindingsError) -> Self {
        Self::from_error(Code::Input, &error)
    }
}

impl From<ComponentizeError> for Failure {
    fn from(error: ComponentizeError) -> Self {
        Self::from_error(Code::Input, &error)
    }
}

impl From<InstallError> for Failure {
    fn from(error: InstallError) -> Self {
        Self::from_error(Code::Machine, &error)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn what_the_machine_refuses_a_worker_is_the_machines() {
        let refused = || WorkerError::Run(io::Error::from_raw_os_error(libc::EAGAIN));
        let died = || WorkerError::Failed {
            status: std::process::ExitStatus::default(),
            said: String::new(),
        };
        for (error, code) in [
            (refused(), Code::Machine),
            (WorkerError::Memory(1), Code::Limit),
            (died(), Code::Input),
        ] {
            let failure = Failure::from(WorldError::Reader(error));
            assert_eq!(failure.code, code, "{failure:?}");
        }
        for (error, code) in [
            (EngineError::Compiler(refused()), Code::Machine),
            (EngineError::Compiler(died()), Code::Input),
            (
                EngineError::Compiler(WorkerError::Stopped),
                Code::Interrupted,
            ),
            (EngineError::Costly(WorkerError::Memory(1)), Code::Limit),
        ] {
            let failure = Failure::from(LoadCause::Component(error));
            assert_eq!(failure.code, code, "{failure:?}");
        }
        let limited = WorkerError::Run(io::Error::from_raw_os_error(libc::EMFILE));
        let failure = Failure::from(WorldError::Reader(limited));
        assert!(failure.hints()[0].contains("`ulimit -n`"), "{failure:?}");
    }
}
