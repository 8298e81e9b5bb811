//! What is connected to a program's standard input and outputs.

use super::Error;

/// What is connected to one of a program's standard streams, in the manner of
/// [`std::process::Stdio`]. Nothing is ever inherited: a capsule has no
/// streams of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stdio(Choice);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Null,
    Log,
    Ring(u64),
    Piped,
}

impl Stdio {
    /// An input that is at its end; an output that is discarded.
    pub fn null() -> Self {
        Self(Choice::Null)
    }

    /// For outputs: each line becomes a line of the capsule's log.
    pub fn log() -> Self {
        Self(Choice::Log)
    }

    /// For outputs: the host keeps this many of the newest bytes, at most 64
    /// MiB unless it sets another limit, and counts the older ones that it
    /// drops. The program never waits for a reader.
    ///
    /// A spawned child's ring is read with
    /// [`Child::stdout_ring`](super::Child::stdout_ring), as often as one
    /// likes; [`Output`](super::Output) has what is in it at the end.
    pub fn ring(bytes: u64) -> Self {
        Self(Choice::Ring(bytes))
    }

    /// A pipe to or from a spawned [`Child`](super::Child), which never loses
    /// a byte: whoever writes waits for whoever reads.
    ///
    /// For [`output`](super::Command::output) and
    /// [`status`](super::Command::status), which run while the capsule waits,
    /// an output is kept in a [ring](Self::ring) of
    /// [`capture_limit`](super::Command::capture_limit) bytes, and an input is
    /// at its end.
    pub fn piped() -> Self {
        Self(Choice::Piped)
    }
}

/// How the host is asked to keep an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    Null,
    Log,
    Ring(u64),
    Stream,
}

/// What the host is asked to let a program read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input<'a> {
    Null,
    Bytes(&'a [u8]),
    Pipe,
}

/// What the host is asked to connect to a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ends<'a> {
    pub(crate) stdin: Input<'a>,
    pub(crate) stdout: Keep,
    pub(crate) stderr: Keep,
}

/// What was set for a program's standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Bytes(Vec<u8>),
    Stdio(Stdio),
}

impl Source {
    /// What a child that runs beside the capsule reads.
    pub(super) fn for_child(&self) -> Result<Input<'_>, Error> {
        match self {
            Self::Bytes(bytes) => Ok(Input::Bytes(bytes)),
            Self::Stdio(Stdio(Choice::Null)) => Ok(Input::Null),
            Self::Stdio(Stdio(Choice::Piped)) => Ok(Input::Pipe),
            Self::Stdio(Stdio(Choice::Log)) => Err(not_an_input("a log")),
            Self::Stdio(Stdio(Choice::Ring(_))) => Err(not_an_input("a ring")),
        }
    }

    /// What a program reads while the capsule waits for it. Nobody could write
    /// to a pipe, so that is at its end, as in `std`.
    pub(super) fn for_run(&self) -> Result<Input<'_>, Error> {
        self.for_child().map(|input| match input {
            Input::Pipe => Input::Null,
            other => other,
        })
    }
}

fn not_an_input(what: &str) -> Error {
    Error::Invalid(format!("stdin cannot be {what}"))
}

impl Stdio {
    /// How an output is kept when `piped` is what a pipe means.
    pub(super) fn keep(self, piped: Keep) -> Keep {
        match self.0 {
            Choice::Null => Keep::Null,
            Choice::Log => Keep::Log,
            Choice::Ring(bytes) => Keep::Ring(bytes),
            Choice::Piped => piped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_pipe_and_nothing_can_be_an_input() {
        let source = Source::Stdio(Stdio::piped());
        assert_eq!(source.for_child(), Ok(Input::Pipe));
        assert_eq!(source.for_run(), Ok(Input::Null));
        for stdio in [Stdio::log(), Stdio::ring(9)] {
            assert!(matches!(
                Source::Stdio(stdio).for_run(),
                Err(Error::Invalid(_))
            ));
        }
    }
}
