//! Short ways to write commands and what is expected of them.

use crate::process::{Captured, Cause, Command, Exit, ExitStatus, Input, Keep, Limits};

/// A program with arguments, that reads nothing, whose output is kept.
pub fn command(program: &str, args: &[&str]) -> Command {
    Command {
        program: program.to_owned(),
        args: args.iter().map(|arg| (*arg).to_owned()).collect(),
        cwd: None,
        env: Vec::new(),
        stdin: Input::Null,
        stdout: ring(65_536),
        stderr: ring(65_536),
        limits: Limits {
            memory: None,
            cpu_seconds: None,
            pids: None,
            open_files: None,
            file_size: None,
        },
        deadline_ms: None,
        label: None,
    }
}

/// A script.
pub fn sh(script: &str) -> Command {
    command("sh", &["-c", script])
}

/// The newest bytes.
pub fn ring(bytes: u64) -> Keep {
    Keep::Ring(bytes)
}

/// What a stream left behind.
pub fn captured(text: &str, dropped: u64) -> Captured {
    Captured {
        bytes: text.as_bytes().to_vec(),
        dropped,
    }
}

/// The end of a process by itself.
pub fn exit(code: u8) -> Exit {
    Exit {
        status: ExitStatus::Code(code),
        cause: Cause::Own,
    }
}

/// The end of a process by a signal that the capsule asked for.
pub fn signalled(signal: u8) -> Exit {
    Exit {
        status: ExitStatus::Signal(signal),
        cause: Cause::Requested,
    }
}
