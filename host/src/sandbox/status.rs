//! The messages of the init.

use std::time::Duration;

use boll_init::wire;

/// What the init tells about a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Message {
    /// The program runs.
    Started,
    /// It does not.
    Failed {
        /// Where.
        step: LaunchStep,
        /// The system's error number.
        errno: i32,
    },
    /// The main process has ended, and nothing is left of the rest.
    Ended {
        /// How.
        end: End,
        /// How long the main process ran.
        elapsed: Duration,
        /// What every process used, together.
        usage: Usage,
        /// What was full.
        full: Full,
    },
}

/// Which of [`wire::PLACES`] were full when a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Full(u32);

impl Full {
    /// The paths, as processes see them.
    pub(crate) fn places(self) -> impl Iterator<Item = &'static str> {
        let places = wire::PLACES.into_iter().zip(0u32..);
        let full = places.filter(move |(_, bit)| self.0 >> bit & 1 == 1);
        full.filter_map(|(place, _)| place.to_str().ok())
    }
}

/// How the main process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Code(u8),
    Signal(u8),
}

/// What a process tree used of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Usage {
    /// Processor time of every process, together.
    pub(crate) cpu: Duration,
    /// The most memory, in bytes: of one process, or, where the memory of the
    /// whole tree is limited, of all together.
    pub(crate) peak_memory: u64,
}

/// A step on the way from a checked command to a running program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LaunchStep {
    /// Building the sandbox.
    Sandbox,
    /// Entering the working directory.
    Cwd,
    /// Setting the limits.
    Limits,
    /// Installing the system call filter.
    Filter,
    /// Executing the program.
    Exec,
}

impl Message {
    /// As an init sends it.
    pub(super) fn encode(&self) -> [u8; wire::MESSAGE_BYTES] {
        let (kind, value, step, elapsed, usage) = match *self {
            Self::Started => (wire::STARTED, 0, 0, Duration::ZERO, Usage::default()),
            Self::Failed { step, errno } => {
                let none = (Duration::ZERO, Usage::default());
                (wire::FAILED, errno as u32, step.encode(), none.0, none.1)
            }
            Self::Ended {
                end: End::Code(code),
                elapsed,
                usage,
                full: Full(full),
            } => (wire::EXITED, code.into(), full, elapsed, usage),
            Self::Ended {
                end: End::Signal(signal),
                elapsed,
                usage,
                full: Full(full),
            } => (wire::KILLED, signal.into(), full, elapsed, usage),
        };
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let numbers = [micros(elapsed), micros(usage.cpu), usage.peak_memory];
        wire::message(kind, value, step, numbers)
    }

    /// `None` when the bytes are no message, as from an init of another build.
    pub(crate) fn decode(bytes: &[u8; wire::MESSAGE_BYTES]) -> Option<Self> {
        let (words, numbers) = bytes.split_at(16);
        let mut words = words
            .chunks_exact(4)
            .map(|word| u32::from_le_bytes(word.try_into().unwrap_or_default()));
        let mut numbers = numbers
            .chunks_exact(8)
            .map(|number| u64::from_le_bytes(number.try_into().unwrap_or_default()));
        let (kind, value, step) = (words.next()?, words.next()?, words.next()?);
        let elapsed = Duration::from_micros(numbers.next()?);
        let usage = Usage {
            cpu: Duration::from_micros(numbers.next()?),
            peak_memory: numbers.next()?,
        };
        match kind {
            wire::STARTED => Some(Self::Started),
            wire::FAILED => Some(Self::Failed {
                step: LaunchStep::decode(step)?,
                errno: value as i32,
            }),
            wire::EXITED => Some(Self::Ended {
                end: End::Code(u8::try_from(value).ok()?),
                elapsed,
                usage,
                full: Full(step),
            }),
            wire::KILLED => Some(Self::Ended {
                end: End::Signal(u8::try_from(value).ok()?),
                elapsed,
                usage,
                full: Full(step),
            }),
            _ => None,
        }
    }
}

impl LaunchStep {
    const NUMBERS: [(Self, u32); 5] = [
        (Self::Sandbox, wire::STEP_SANDBOX),
        (Self::Cwd, wire::STEP_CWD),
        (Self::Limits, wire::STEP_LIMITS),
        (Self::Filter, wire::STEP_FILTER),
        (Self::Exec, wire::STEP_EXEC),
    ];

    fn encode(self) -> u32 {
        let mut numbers = Self::NUMBERS.into_iter();
        numbers
            .find_map(|(step, number)| (step == self).then_some(number))
            .unwrap_or_default()
    }

    fn decode(number: u32) -> Option<Self> {
        let mut numbers = Self::NUMBERS.into_iter();
        numbers.find_map(|(step, of)| (of == number).then_some(step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_as_it_was_sent() {
        let usage = Usage {
            cpu: Duration::from_micros(7),
            peak_memory: 1 << 40,
        };
        let ended = |end| Message::Ended {
            end,
            elapsed: Duration::from_micros(5_000_000_000),
            usage,
            full: Full(0b101),
        };
        let places: Vec<_> = Full(0b101).places().collect();
        assert_eq!(places, ["/home/capsule", "/dev/shm"]);
        for message in [
            Message::Started,
            Message::Failed {
                step: LaunchStep::Exec,
                errno: 2,
            },
            ended(End::Code(255)),
            ended(End::Signal(9)),
        ] {
            assert_eq!(Message::decode(&message.encode()), Some(message));
        }
    }
}
