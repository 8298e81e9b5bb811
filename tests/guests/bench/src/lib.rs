//! A capsule that does one thing many times and answers with the time it took.
//!
//! Payloads of the timed actions are numbers, of repetitions unless said
//! otherwise; replies are nanoseconds. Both are eight bytes, little-endian.

mod imports;

use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use boll_sdk::process::Command;
use boll_sdk::{Event, Failure, Reply};

/// The capsule.
pub struct Bench;

#[boll_sdk::capsule]
impl Bench {
    /// Does nothing.
    pub fn nothing() -> Result<(), Failure> {
        Ok(())
    }

    /// Answers with the payload.
    pub fn echo(event: Event) -> Result<Reply, Failure> {
        Ok(Reply::bytes(event.payload))
    }

    /// Reads the wall clock.
    pub fn wall_clock(event: Event) -> Result<Reply, Failure> {
        timed(&event, || {
            black_box(SystemTime::now());
        })
    }

    /// Reads the monotonic clock.
    pub fn monotonic_clock(event: Event) -> Result<Reply, Failure> {
        timed(&event, || {
            black_box(Instant::now());
        })
    }

    /// Emits a line of 64 bytes at the level `info`.
    pub fn log_info(event: Event) -> Result<Reply, Failure> {
        timed(&event, imports::log_info)
    }

    /// Emits a line of 64 bytes at the level `debug`.
    pub fn log_debug(event: Event) -> Result<Reply, Failure> {
        timed(&event, imports::log_debug)
    }

    /// Looks up the configuration key `name`.
    pub fn config(event: Event) -> Result<Reply, Failure> {
        timed(&event, imports::config)
    }

    /// Runs `/bin/true`.
    pub fn process(event: Event) -> Result<Reply, Failure> {
        let mut result = Ok(());
        let reply = timed(&event, || {
            match Command::new("/bin/true").output() {
                Ok(output) if output.status.success() => {}
                Ok(output) => result = Err(Failure::new(format!("{:?}", output.status))),
                Err(error) => result = Err(error.into()),
            };
        });
        result.and(reply)
    }
}

fn timed(event: &Event, mut work: impl FnMut()) -> Result<Reply, Failure> {
    let repetitions = number(event)?;
    let start = Instant::now();
    for _ in 0..repetitions {
        work();
    }
    Ok(nanoseconds(start.elapsed()))
}

fn number(event: &Event) -> Result<u64, Failure> {
    <[u8; 8]>::try_from(event.payload.as_slice())
        .map(u64::from_le_bytes)
        .map_err(|_| Failure::InvalidPayload("eight bytes, a number".to_owned()))
}

fn nanoseconds(time: Duration) -> Reply {
    let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    Reply::bytes(time.to_le_bytes())
}
